// SPDX-License-Identifier: Apache-2.0

//! The chain's side against a real node: follower and submitter while it is killed and comes back, what
//! subxt reads of stakes and validators, and signatures over the metadata's hash.
//!
//! Ignored unless asked for, because they need a built node and three minutes:
//!
//! ```text
//! MILLRACE_NODE=/path/to/millrace cargo test -p millrace-channels-chain --test live -- --ignored
//! ```
//!
//! Without the variable, `millrace` is looked for beside the test's own build, then in `PATH`.

mod metadata_hash;
mod node;
mod staking;

use millrace_channels_chain::{
    AccountKey, Call, Chain, ChannelNews, Head, Item, News, Outcome, Overtaken, Seen, Submitter,
    Watch,
    follower::{self, NewsStream, Options},
    news::Why,
    submitter::{self, Request},
    trust::Distrust,
};
use millrace_channels_protocol::{Agreement, CoSignedState};
use millrace_primitives_channels::{
    AccountId, BlockNumber, ChannelAsset, ChannelId, ChannelParams, ChannelState, Participant,
    api::PhaseView, params::Amounts, state::Signatures, state_payload,
};
use node::Node;
use polkadot_sdk::{sp_core::sr25519, sp_runtime::BoundedVec};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::timeout;

/// One token, in its smallest unit.
const TOKEN: u128 = 1_000_000_000_000;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(180);

/// Two parties who sign states with the keys of their accounts.
struct Parties {
    keys: [AccountKey; 2],
    agreement: Agreement,
}

impl Parties {
    async fn agree(chain: &Chain, nonce: u64) -> Self {
        let mut keys = ["Alice", "Bob"].map(|name| AccountKey::development(name).expect("known"));
        keys.sort_by_key(AccountKey::account);
        let best = chain.best_head().await.expect("a best block");
        let least: Option<BlockNumber> =
            chain.constant("Channels", "MinChallengeBlocks", &best).await.expect("readable");
        let participants = keys.iter().map(|key| Participant {
            account: key.account(),
            signer: sr25519::Public::from_raw(*key.account().as_ref()).into(),
        });
        let params = ChannelParams {
            participants: BoundedVec::truncate_from(participants.collect()),
            asset: ChannelAsset::Native,
            challenge_blocks: least.unwrap_or(0).max(60),
            open_by: best.number + 100,
            nonce,
        };
        let deposits = Amounts::truncate_from(vec![10 * TOKEN, 10 * TOKEN]);
        let agreement = Agreement::verify(chain.genesis(), params, deposits).expect("valid terms");
        Self { keys, agreement }
    }

    fn id(&self) -> ChannelId {
        self.agreement.id()
    }

    fn open(&self) -> Call {
        let payload = self.agreement.open_payload();
        let signatures = self.keys.iter().map(|key| key.sign(&payload)).collect();
        let (params, deposits) = (self.agreement.params(), self.agreement.deposits());
        Call::open(params, deposits, &Signatures::truncate_from(signatures), None)
    }

    /// A state in which the first has paid the second `version` tokens.
    fn state(&self, version: u64) -> CoSignedState {
        let paid = u128::from(version) * TOKEN;
        let state = ChannelState {
            version,
            balances: Amounts::truncate_from(vec![10 * TOKEN - paid, 10 * TOKEN + paid]),
            ..ChannelState::opening(self.id(), self.agreement.deposits().clone())
        };
        let payload = self.agreement.state_payload(&state);
        let signatures = self.keys.iter().map(|key| key.sign(&payload)).collect();
        CoSignedState::verify(&self.agreement, state, Signatures::truncate_from(signatures))
            .expect("everybody signed it")
    }
}

/// Everything that a follower has told, with checks of what always holds.
#[derive(Default)]
struct Diary {
    all: Vec<News>,
    last_final: Option<Head>,
}

impl Diary {
    /// Reads on until something fits.
    async fn until(&mut self, news: &mut NewsStream, what: &str, fits: impl Fn(&News) -> bool) {
        let reading = async {
            loop {
                let next = news.next().await.expect("the follower goes on");
                self.write(&next);
                if fits(&next) {
                    return;
                }
            }
        };
        if timeout(PATIENCE, reading).await.is_err() {
            panic!("not told in time: {what}; last news: {:#?}", self.all.last());
        }
    }

    /// CF-1: final blocks come one after the other.
    fn write(&mut self, news: &News) {
        if let News::Block { head, seen: Seen::Final } = news {
            if let Some(last) = self.last_final {
                assert_eq!(head.number, last.number + 1, "a gap or a repetition");
            }
            self.last_final = Some(*head);
        }
        if let News::Skipped { .. } = news {
            self.last_final = None;
        }
        self.all.push(news.clone());
    }

    fn count(&self, fits: impl Fn(&News) -> bool) -> usize {
        self.all.iter().filter(|news| fits(news)).count()
    }
}

fn is_dispute(news: &News, of: ChannelId, how: Seen) -> bool {
    matches!(
        news,
        News::Channel { id, what: ChannelNews::Disputed { .. }, seen, .. }
            if *id == of && *seen == how
    )
}

async fn outcome(submitter: &Submitter, request: impl Into<Request>) -> Outcome {
    let ticket = submitter.submit(request).await.expect("there is room");
    timeout(PATIENCE, ticket.outcome()).await.expect("in time").expect("an outcome")
}

/// A connection to a node that has made its first final blocks.
async fn connected(node: &Node) -> Chain {
    let connecting = async {
        loop {
            if let Ok(chain) = Chain::connect(&node.url()).await
                && chain.finalised_head().await.is_ok_and(|head| head.number >= 2)
            {
                return chain;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    timeout(PATIENCE, connecting).await.expect("the node starts and makes blocks final")
}

fn follow(node: &Node, watch: Watch) -> (follower::Handle, NewsStream) {
    follower::start(Options {
        watch,
        stall_after: Duration::from_secs(20),
        ..Options::new(vec!["ws://127.0.0.1:1".to_owned(), node.url()])
    })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a built node; see the top of the file"]
async fn dispute_survives_a_node_that_is_killed() {
    let mut node = Node::start();
    let (handle, mut news) = follow(&node, Watch::default());
    let mut diary = Diary::default();
    diary.until(&mut news, "a node", |news| matches!(news, News::CaughtUp { .. })).await;
    assert!(diary.count(|news| matches!(news, News::Lost { .. })) > 0, "the first address is dead");
    let chain = handle.chain().expect("it is connected");
    let parties = Parties::agree(&chain, 1).await;
    let id = parties.id();
    let [one, two] = parties.keys.clone().map(|key| submitter::start(key, handle.connection()));

    // Opened, and told of both ways.
    handle.watch(Item::Channel(id)).await.expect("it runs");
    let opened = outcome(&one, parties.open()).await;
    assert!(matches!(&opened, Outcome::Done(_)), "{opened:?}");
    let is_opened = |news: &News, how| matches!(news, News::Channel { what: ChannelNews::Opened { .. }, seen, .. } if *seen == how);
    diary.until(&mut news, "opened", |news| is_opened(news, Seen::Final)).await;
    assert_eq!(diary.count(|news| is_opened(news, Seen::Best)), 1);
    assert_eq!(
        diary.count(|news| matches!(news, News::State { state: None, why: Why::Watched, .. })),
        1
    );

    // What the chain keeps of the state that needs no signatures.
    let head = chain.finalised_head().await.expect("it answers");
    let opening = CoSignedState::opening(&parties.agreement);
    let digest = state_payload(&chain.genesis(), opening.state());
    assert_eq!(chain.base(id, &head).await.expect("it can be read"), Some((0, digest)));
    let other = ChannelId::repeat_byte(1);
    assert_eq!(chain.base(other, &head).await.expect("it can be read"), None);

    // Many at once, and the node dies before it can have finalised them.
    let dispute = one.submit(Call::dispute(&parties.state(1))).await.expect("there is room");
    let mut transfers = Vec::new();
    for number in 0..5u8 {
        let call = Call::transfer(&AccountId::new([100 + number; 32]), TOKEN);
        transfers.push(one.submit(call).await.expect("there is room"));
    }
    diary.until(&mut news, "disputed", |news| is_dispute(news, id, Seen::Best)).await;
    noticed_in_time(&chain, &diary).await;
    node.kill();
    diary.until(&mut news, "the loss", |news| matches!(news, News::Lost { .. })).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    node.restart();
    diary.until(&mut news, "disputed for good", |news| is_dispute(news, id, Seen::Final)).await;
    assert_eq!(diary.count(|news| is_dispute(news, id, Seen::Final)), 1);

    let disputed = timeout(PATIENCE, dispute.outcome()).await.expect("in time");
    assert!(matches!(&disputed, Ok(Outcome::Done(_))), "{disputed:?}");
    let mut places = Vec::new();
    for ticket in transfers {
        match timeout(PATIENCE, ticket.outcome()).await.expect("in time") {
            Ok(Outcome::Done(inclusion)) => places.push((inclusion.block.number, inclusion.index)),
            other => panic!("a transfer was lost: {other:?}"),
        }
    }
    assert!(places.is_sorted(), "nonces keep the order: {places:?}");

    overtaken_and_refused(&parties, &one, &two).await;
    // Nobody pays from an account without money.
    let poor = submitter::start(AccountKey::generate(), handle.connection());
    let refused = outcome(&poor, Call::reveal(&[1; 32])).await;
    assert!(
        matches!(&refused, Outcome::Refused(reason) if reason.contains("Inability to pay")),
        "{refused:?}"
    );
    catching_up(&node, &parties).await;
}

/// A dispute is told of before the next block but one: here, within two slots of its block's own.
async fn noticed_in_time(chain: &Chain, diary: &Diary) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    let Some(News::Channel { at, .. }) = diary.all.last() else { panic!("the dispute") };
    let made = chain.millis_at(at.hash).await.expect("readable").expect("every block has a time");
    let after = now.saturating_sub(u128::from(made));
    println!("told of {after} ms after the beginning of its block's slot");
    assert!(after < 4_000, "noticed after {after} ms");
}

/// Who comes second is told so, and a refusal has the runtime's name for it.
async fn overtaken_and_refused(parties: &Parties, one: &Submitter, two: &Submitter) {
    let again = outcome(two, Call::dispute(&parties.state(2))).await;
    assert!(
        matches!(&again, Outcome::AlreadyDone { how: Overtaken::Done, refusal: None }),
        "{again:?}"
    );
    let reward_to = two.account().clone();
    let (first, second) = tokio::join!(
        outcome(two, Call::answer(&parties.state(3), &reward_to)),
        outcome(one, Call::answer(&parties.state(3), &reward_to)),
    );
    let done = [&first, &second].map(|it| usize::from(matches!(it, Outcome::Done(_))));
    let overtaken = [&first, &second]
        .map(|it| usize::from(matches!(it, Outcome::AlreadyDone { how: Overtaken::Done, .. })));
    assert_eq!(
        (done.iter().sum::<usize>(), overtaken.iter().sum::<usize>()),
        (1, 1),
        "{first:?} {second:?}"
    );
    let early = outcome(one, Call::conclude(parties.id())).await;
    match early {
        Outcome::Failed(failure) => assert_eq!(failure.path(), "Channels.DeadlineNotReached"),
        other => panic!("{other:?}"),
    }
}

/// A follower that starts at an old block tells what came since, or the state it has led to.
async fn catching_up(node: &Node, parties: &Parties) {
    let chain = Chain::connect(&node.url()).await.expect("the node runs");
    let first = chain.hash_at(1).await.expect("readable").expect("block 1");
    let since = Some(Head { number: 1, hash: first });
    let id = parties.id();
    let watch = Watch { channels: [id].into(), ..Watch::default() };
    let options = Options { since, watch, ..Options::new(vec![node.url()]) };

    let (_handle, mut news) = follower::start(options.clone());
    let mut diary = Diary::default();
    diary.until(&mut news, "the end", |news| matches!(news, News::CaughtUp { .. })).await;
    assert_eq!(diary.count(|news| is_dispute(news, id, Seen::Final)), 1);
    assert!(diary.all.iter().any(|news| {
        matches!(news, News::Block { head: Head { number: 2, .. }, seen: Seen::Final })
    }));

    let (_handle, mut news) = follower::start(Options { max_replay: 2, ..options.clone() });
    let mut diary = Diary::default();
    diary.until(&mut news, "the end", |news| matches!(news, News::CaughtUp { .. })).await;
    assert_eq!(diary.count(|news| matches!(news, News::Skipped { from: 2, .. })), 1);
    let shows_version = |news: &News, version| match news {
        News::State { state: Some(state), why: Why::Missed, .. } => {
            matches!(&state.phase, PhaseView::Disputed(dispute) if dispute.version == version)
        }
        _ => false,
    };
    assert_eq!(diary.count(|news| shows_version(news, 3)), 1, "{:#?}", diary.all);

    // A node of another chain is not believed, nor one that shows another block where one was final.
    let refused = |options: Options| async move {
        let (_handle, mut news) = follower::start(options);
        let mut diary = Diary::default();
        diary.until(&mut news, "a refusal", |news| matches!(news, News::Refused { .. })).await;
        assert_eq!(diary.count(|news| matches!(news, News::Back { .. })), 0);
        match diary.all.pop() {
            Some(News::Refused { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    };
    let other_genesis = Options { genesis: Some(parties.id()), ..options.clone() };
    let reason = refused(other_genesis).await;
    assert!(matches!(&reason, Distrust::OtherChain { .. }), "{reason}");
    let rewritten = Some(Head { number: 1, hash: parties.id() });
    let reason = refused(Options { since: rewritten, ..options.clone() }).await;
    assert!(matches!(&reason, Distrust::FinalityRewritten { .. }), "{reason}");
    let ahead = Some(Head { number: 1_000_000, hash: parties.id() });
    let reason = refused(Options { since: ahead, ..options }).await;
    assert!(matches!(&reason, Distrust::FinalityBehind { .. }), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a built node; see the top of the file"]
async fn node_that_hangs_is_left_and_found_again() {
    let node = Node::start();
    let (handle, mut news) = follow(&node, Watch::default());
    let mut diary = Diary::default();
    diary.until(&mut news, "a node", |news| matches!(news, News::CaughtUp { .. })).await;
    node.set_hanging(true);
    let submitter =
        submitter::start(AccountKey::development("Alice").expect("known"), handle.connection());
    let call = Call::transfer(&AccountId::new([77; 32]), TOKEN);
    let ticket = submitter.submit(call).await.expect("there is room");
    // Whether it is missed by its blocks or by an answer depends on the moment.
    let is_loss = |news: &News| match news {
        News::Lost { reason, .. } => {
            reason.contains("no new block for") || reason.contains("no answer of the node for")
        }
        _ => false,
    };
    diary.until(&mut news, "the loss", is_loss).await;
    assert!(handle.chain().is_none(), "nobody uses a node that hangs");
    node.set_hanging(false);
    diary.until(&mut news, "its return", |news| matches!(news, News::CaughtUp { .. })).await;
    let outcome = timeout(PATIENCE, ticket.outcome()).await.expect("in time");
    assert!(matches!(&outcome, Ok(Outcome::Done(_))), "{outcome:?}");
}
