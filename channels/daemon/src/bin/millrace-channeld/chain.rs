// SPDX-License-Identifier: Apache-2.0

//! Follower and submitter as the node's side of the chain.

use crate::checkpoint::Checkpoint;
use millrace_channels_chain::{
    AccountKey, Call as ChainCall, ChannelNews, Item, News as ChainNews, Outcome as ChainOutcome,
    Seen as ChainSeen, Watch,
    follower::{self, NewsStream},
    news::{Stall, Withdrawn},
    submitter::{self, Request, Submitter},
};
use millrace_channels_daemon::{
    AccountSigner,
    input::{News, Outcome, Payout, Phase, Seen, Sight, Standing, SubmissionId},
    output::{Call, Output},
    shell::{Ledger, LedgerEvent},
};
use millrace_channels_routing::{Lookup, gossip::ChannelFacts};
use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelId, Hash,
    api::{ChannelView, PhaseView},
};
use polkadot_sdk::sp_runtime::MultiSignature;
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// The node's side of the chain.
pub struct Chained {
    account: AccountId,
    tip_limit: Balance,
    news: NewsStream,
    submitter: Submitter,
    /// Told and not taken.
    told: VecDeque<News>,
    wishes: mpsc::UnboundedSender<Wish>,
    outcomes: mpsc::UnboundedReceiver<(SubmissionId, Outcome)>,
    outcome: mpsc::UnboundedSender<(SubmissionId, Outcome)>,
    follower: follower::Handle,
    checkpoint: Checkpoint,
    /// What the chain has of channels that the node asks about, a few at a time.
    found: mpsc::UnboundedReceiver<LedgerEvent>,
    finding: mpsc::UnboundedSender<LedgerEvent>,
}

/// The account's key, which locks deposits.
pub struct Account(pub AccountKey);

impl AccountSigner for Account {
    fn account(&self) -> AccountId {
        self.0.account()
    }

    fn sign_consent(&self, payload: &Hash) -> MultiSignature {
        self.0.sign(payload)
    }
}

/// What is to be watched, and whether.
type Wish = (Item, bool);

/// Follows the chain and submits for one account.
///
/// `options`: how to follow; what `outputs`, the first outputs of a restored node, want watched is
/// added, because its state has to be told before the chain counts as known. `tip_limit`: the most
/// that a call with a deadline may offer, in the smallest unit of the native token. `checkpoint`: a node
/// that contradicts it is not believed; it is kept up to date.
///
/// Returns the node's side, the follower's handle, and the outputs that are left.
pub fn connect(
    mut options: follower::Options,
    key: AccountKey,
    tip_limit: Balance,
    checkpoint: Checkpoint,
    outputs: Vec<Output>,
) -> (Chained, follower::Handle, Vec<Output>) {
    let mut rest = Vec::new();
    let mut watch = Watch::default();
    for output in outputs {
        match output {
            Output::Watch(channel) => {
                watch.insert(Item::Channel(channel));
            }
            Output::WatchLock(lock) => {
                watch.insert(Item::Hashlock(lock));
            }
            output => rest.push(output),
        }
    }
    options.watch = watch;
    options.known = checkpoint.head();
    let (follower, news) = follower::start(options);
    let account = key.account();
    let submitter = submitter::start(key, follower.connection());
    let (wishes, receiver) = mpsc::unbounded_channel();
    let (outcome, outcomes) = mpsc::unbounded_channel();
    tokio::spawn(pass_on(follower.clone(), receiver));
    let told = VecDeque::new();
    let (finding, found) = mpsc::unbounded_channel();
    let chained = Chained {
        account,
        tip_limit,
        news,
        submitter,
        told,
        wishes,
        outcomes,
        outcome,
        follower: follower.clone(),
        checkpoint,
        found,
        finding,
    };
    (chained, follower, rest)
}

/// Hands wishes to the follower, which may be busy for a while. There are no more of them than
/// channels and transfers.
async fn pass_on(follower: follower::Handle, mut wishes: mpsc::UnboundedReceiver<Wish>) {
    while let Some((item, is_wanted)) = wishes.recv().await {
        let result = match is_wanted {
            true => follower.watch(item).await,
            false => follower.unwatch(item).await,
        };
        if result.is_err() {
            return;
        }
    }
}

impl Chained {
    /// Keeps what the next start has to know, and tells the log which node is followed, or why not.
    fn note(&mut self, news: &ChainNews) {
        match news {
            ChainNews::Block { head, seen: ChainSeen::Final } | ChainNews::CaughtUp { head } => {
                self.checkpoint.note(*head);
            }
            ChainNews::Refused { url, reason } => {
                tracing::warn!(url, %reason, "a node of the chain is not believed");
            }
            ChainNews::Back { url, head } => {
                tracing::info!(url, %head, "a node of the chain is followed");
            }
            ChainNews::Lost { url, reason } => {
                tracing::warn!(url, %reason, "a node of the chain is lost");
            }
            ChainNews::Doubtful { url, reason } => {
                tracing::warn!(url, %reason, "a node of the chain is followed in doubt");
            }
            _ => {}
        }
    }

    fn wish(&self, item: Item, is_wanted: bool) {
        // An error says that the follower has stopped, which its news say too.
        let _ = self.wishes.send((item, is_wanted));
    }
}

impl Ledger for Chained {
    fn watch(&mut self, channel: ChannelId) {
        self.wish(Item::Channel(channel), true);
    }

    fn unwatch(&mut self, channel: ChannelId) {
        self.wish(Item::Channel(channel), false);
    }

    fn watch_lock(&mut self, lock: Hash) {
        self.wish(Item::Hashlock(lock), true);
    }

    fn unwatch_lock(&mut self, lock: Hash) {
        self.wish(Item::Hashlock(lock), false);
    }

    fn look_up(&mut self, channel: ChannelId) {
        let (follower, finding) = (self.follower.clone(), self.finding.clone());
        tokio::spawn(async move {
            // Without an answer it is asked again.
            let Some(chain) = follower.chain() else { return };
            let Ok(head) = chain.finalised_head().await else { return };
            let Ok(view) = chain.channel(channel, &head).await else { return };
            let found = view
                .as_ref()
                .map_or(Lookup::Absent, |view| Lookup::Found(ChannelFacts::from(view)));
            // The node may have stopped.
            let _ = finding.send(LedgerEvent::LookedUp(channel, found));
        });
    }

    fn look_up_base(&mut self, channel: ChannelId) {
        let (follower, finding) = (self.follower.clone(), self.finding.clone());
        tokio::spawn(async move {
            // Without an answer it is asked again.
            let Some(chain) = follower.chain() else { return };
            let Ok(head) = chain.finalised_head().await else { return };
            match chain.base(channel, &head).await {
                // The node may have stopped.
                Ok(Some((version, digest))) => {
                    let news = News::Base { id: channel, version, digest };
                    let _ = finding.send(LedgerEvent::News(news));
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%channel, %error, "the base of a channel is not known")
                }
            }
        });
    }

    fn submit(
        &mut self,
        id: SubmissionId,
        channel: ChannelId,
        call: Call,
        deadline: Option<BlockNumber>,
    ) {
        let call = chain_call(channel, &call, &self.account);
        let request = Request { call, deadline, tip_limit: self.tip_limit };
        let (submitter, outcome) = (self.submitter.clone(), self.outcome.clone());
        tokio::spawn(async move {
            let result = match submitter.submit(request).await {
                Ok(ticket) => ticket.outcome().await,
                Err(error) => Err(error),
            };
            let became = match result {
                Ok(became) => self::became(&became),
                Err(error) => Outcome::Failed { reason: error.to_string() },
            };
            // The node may have stopped.
            let _ = outcome.send((id, became));
        });
    }

    async fn next(&mut self) -> Option<LedgerEvent> {
        loop {
            if let Some(news) = self.told.pop_front() {
                return Some(LedgerEvent::News(news));
            }
            tokio::select! {
                news = self.news.next() => {
                    let news = news?;
                    self.note(&news);
                    self.told.extend(translate(news));
                }
                found = self.found.recv() => return found,
                outcome = self.outcomes.recv() => {
                    let (id, outcome) = outcome?;
                    return Some(LedgerEvent::Submitted(id, outcome));
                }
            }
        }
    }
}

/// A call in the chain's own form.
fn chain_call(channel: ChannelId, call: &Call, account: &AccountId) -> ChainCall {
    match call {
        Call::Open { params, deposits, signatures, sender } => {
            ChainCall::open(params, deposits, signatures, Some(*sender))
        }
        Call::Settle(newest) => ChainCall::settle(newest, None),
        Call::Dispute(newest) => ChainCall::dispute(newest),
        Call::Answer(newest) => ChainCall::answer(newest, account),
        Call::Resize(signed) => ChainCall::resize(&signed.resize, &signed.signatures, None),
        Call::Reveal(preimage) => ChainCall::reveal(preimage),
        Call::Claim(transfer, proof) => ChainCall::claim(channel, transfer, proof),
        Call::Refund(transfer, proof) => ChainCall::refund(channel, transfer, proof),
        Call::ClaimStream { position, link, depth, proof } => {
            ChainCall::claim_stream(channel, *position, link, *depth, proof)
        }
    }
}

/// An outcome in the node's words.
fn became(outcome: &ChainOutcome) -> Outcome {
    if outcome.is_achieved() {
        return Outcome::Final;
    }
    match outcome {
        // The channel is over, which is told by itself; there is nothing to try again.
        ChainOutcome::AlreadyDone { .. } | ChainOutcome::Unreadable { .. } => Outcome::Final,
        ChainOutcome::Failed(failure) => Outcome::Failed { reason: failure.to_string() },
        ChainOutcome::Refused(reason) => Outcome::Failed { reason: reason.clone() },
        ChainOutcome::Expired { deadline, trouble } => {
            let trouble = trouble.clone().unwrap_or_default();
            Outcome::Failed { reason: format!("not in a block below {deadline}; {trouble}") }
        }
        ChainOutcome::Done(_) => Outcome::Final,
    }
}

/// News in the node's words.
fn translate(news: ChainNews) -> Vec<News> {
    match news {
        ChainNews::Block { head, seen } => {
            vec![News::Block { number: head.number, seen: certainty(seen) }]
        }
        ChainNews::Channel { id, what, seen, .. } => {
            let seen = certainty(seen);
            let paid = payout(&what).filter(|_| seen == Seen::Final);
            let paid = paid.map(|payout| News::Paid { id, payout });
            let sight = sight(&what).map(|what| News::Channel { id, what, seen });
            paid.into_iter().chain(sight).collect()
        }
        ChainNews::Revealed { what, seen: ChainSeen::Final, .. } => {
            vec![News::Revealed { preimage: what.preimage, at: what.first }]
        }
        ChainNews::Withdrawn(Withdrawn::Channel { id, what, .. }) => {
            sight(&what).map(|what| News::Withdrawn { id, what }).into_iter().collect()
        }
        ChainNews::State { id, state, at, .. } => {
            let standing = state.as_deref().map(standing);
            vec![News::State { id, standing, at: at.number }]
        }
        // Everything up to this block is told, so it counts as told itself.
        ChainNews::CaughtUp { head } => {
            vec![News::Block { number: head.number, seen: Seen::Final }, News::CaughtUp]
        }
        ChainNews::Stalled { what: Stall::Best, since } => {
            vec![News::Lost { reason: format!("no new block for {} s", since.as_secs()) }]
        }
        ChainNews::Lost { reason, .. } => vec![News::Lost { reason }],
        ChainNews::Refused { reason, .. } => vec![News::Lost { reason: reason.to_string() }],
        _ => Vec::new(),
    }
}

fn certainty(seen: ChainSeen) -> Seen {
    match seen {
        ChainSeen::Best => Seen::Best,
        ChainSeen::Final => Seen::Final,
    }
}

/// What happened to a channel, if it is of use to a node.
fn sight(what: &ChannelNews) -> Option<Sight> {
    Some(match what {
        ChannelNews::Opened { .. } => Sight::Opened,
        ChannelNews::Resized { version, deposit, .. } => {
            Sight::Resized { version: *version, deposit: *deposit }
        }
        ChannelNews::Disputed { version, deadline, .. } => {
            Sight::Disputed { version: *version, deadline: *deadline }
        }
        ChannelNews::Answered { version, .. } | ChannelNews::MoveForced { version, .. } => {
            Sight::Answered { version: *version }
        }
        ChannelNews::Concluded { version, until, .. } => {
            Sight::Concluded { version: *version, until: *until }
        }
        ChannelNews::Resolved { .. } | ChannelNews::Settled { .. } => Sight::Over,
        _ => return None,
    })
}

/// What an event of a channel has paid, if anything.
fn payout(what: &ChannelNews) -> Option<Payout> {
    Some(match what {
        ChannelNews::Settled { version, payouts }
        | ChannelNews::Concluded { version, payouts, .. } => {
            Payout::Balances { version: *version, amounts: payouts.to_vec() }
        }
        ChannelNews::Claimed { transfer, amount, .. } => {
            Payout::Transfer { id: *transfer, is_claimed: true, amount: *amount }
        }
        ChannelNews::Refunded { transfer, amount, .. } => {
            Payout::Transfer { id: *transfer, is_claimed: false, amount: *amount }
        }
        ChannelNews::StreamClaimed { stream, amount, .. } => {
            Payout::Stream { place: *stream, amount: *amount }
        }
        ChannelNews::Resolved { payouts } => Payout::Rest { amounts: payouts.to_vec() },
        _ => return None,
    })
}

fn standing(view: &ChannelView) -> Standing {
    let phase = match &view.phase {
        PhaseView::Open => Phase::Open,
        PhaseView::Disputed(dispute) => {
            Phase::Disputed { version: dispute.version, deadline: dispute.deadline }
        }
        PhaseView::Resolving(resolution) => {
            Phase::Resolving { version: resolution.version, until: resolution.until }
        }
    };
    Standing { base_version: view.base_version, deposit: view.deposit, phase }
}
