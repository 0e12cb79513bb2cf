// SPDX-License-Identifier: Apache-2.0

//! A chain that knows nothing but channels: one block whenever a test says so. It judges by the
//! protocol's own verification, so that nothing badly signed passes.

use crate::{
    input::{News, Outcome, Payout, Phase, Seen, Sight, Standing, SubmissionId},
    output::Call,
};
use millrace_channels_protocol::{Agreement, CoSignedState, message::SignedResize};
use millrace_channels_routing::gossip::ChannelFacts;
use millrace_primitives_channels::{
    Balance, ChannelId, ChannelState, Hash, MerkleProof, Transfer, open_payload, resize_payload,
    state_payload,
    transfer::{self, Preimage, hashlock},
    verify_account, verify_signer,
};
use std::collections::BTreeMap;

/// A channel in court.
#[derive(Clone, Debug)]
pub struct Case {
    pub agreement: Agreement,
    /// The first state under the newest deposits, unless that is the opening.
    pub base: Option<ChannelState>,
    pub phase: Phase,
    /// The newest state shown in a dispute.
    pub shown: Option<CoSignedState>,
    /// How many states were shown.
    pub answers: usize,
    /// What is being paid since the dispute has ended, by position, and how many transfers are left.
    pub paying: Option<(Vec<Balance>, u32)>,
}

/// The chain.
#[derive(Debug, Default)]
pub struct Court {
    pub genesis: Hash,
    pub height: u32,
    pub cases: BTreeMap<ChannelId, Case>,
    /// What channels that are over have paid, by position.
    pub paid: BTreeMap<ChannelId, Vec<Balance>>,
    /// What this block has paid, in its order.
    pub payouts: Vec<(ChannelId, Payout)>,
    /// By whom, which submission, what.
    pub pool: Vec<(usize, SubmissionId, ChannelId, Call)>,
    /// Calls that were taken, by name.
    pub taken: Vec<&'static str>,
    /// Preimages by their locks, and the block of the first reveal.
    pub revealed: BTreeMap<Hash, (Preimage, u32)>,
    /// Refuses everything while it is set.
    pub is_closed: bool,
}

/// What a block tells: to everybody, and to who submitted.
pub type Told = (Vec<News>, Vec<(usize, SubmissionId, Outcome)>);

impl Case {
    /// Changes the deposits, if everybody has signed it with the right key.
    fn resize(
        &mut self,
        genesis: &Hash,
        signed: &SignedResize,
        height: u32,
    ) -> Result<Sight, &'static str> {
        let SignedResize { resize, signatures, .. } = signed;
        let payload = resize_payload(genesis, resize);
        let participants = self.agreement.params().participants.iter();
        for ((participant, delta), signature) in participants.zip(&resize.deltas).zip(signatures) {
            let is_signed = match *delta > 0 {
                true => verify_account(signature, &participant.account, &payload),
                false => verify_signer(signature, &participant.signer, &payload),
            };
            if !is_signed {
                return Err("somebody has not signed");
            }
        }
        if self.phase != Phase::Open || resize.valid_until < height {
            return Err("too late");
        }
        let version = resize.state.version;
        if self.base.as_ref().is_some_and(|base| base.version >= version) {
            return Err("the version is stale");
        }
        let before = self.agreement.total();
        // With the new base in place of the opening, the terms are those that later states keep.
        let (params, balances) = (self.agreement.params().clone(), resize.state.balances.clone());
        let agreement =
            Agreement::verify(*genesis, params, balances).map_err(|_| "bad balances")?;
        if resize.deposit_after(before) != Some(agreement.total()) {
            return Err("the balances are not what the deposits become");
        }
        (self.agreement, self.base) = (agreement, Some(resize.state.clone()));
        Ok(Sight::Resized { version, deposit: self.agreement.total() })
    }
}

impl Court {
    /// How a channel stands.
    pub fn standing(&self, id: ChannelId) -> Option<Standing> {
        let case = self.cases.get(&id)?;
        let base_version = case.base.as_ref().map_or(0, |base| base.version);
        Some(Standing { base_version, deposit: case.agreement.total(), phase: case.phase })
    }

    /// What the chain keeps of a channel's base.
    pub fn base(&self, id: ChannelId) -> Option<(u64, Hash)> {
        let case = self.cases.get(&id)?;
        let opening = CoSignedState::opening(&case.agreement);
        let base = case.base.as_ref().unwrap_or(opening.state());
        Some((base.version, state_payload(&self.genesis, base)))
    }

    /// What the chain says about a channel to whoever asks.
    pub fn facts(&self, channel: ChannelId) -> Option<ChannelFacts> {
        let case = self.cases.get(&channel)?;
        let (deposit, at) = (case.agreement.total(), self.height);
        let is_open = case.phase == Phase::Open;
        Some(ChannelFacts { channel, deposit, opened_at: 1, at, is_open })
    }

    /// Makes a block of all that was submitted.
    pub fn block(&mut self) -> Told {
        self.height += 1;
        let (mut news, mut outcomes) = (Vec::new(), Vec::new());
        let mut revealed = Vec::new();
        for (who, submission, id, call) in std::mem::take(&mut self.pool) {
            let name = call.name();
            if let Call::Reveal(preimage) = &call {
                revealed.push(*preimage);
            }
            let outcome = match self.judge(id, call) {
                Ok(what) => {
                    self.taken.push(name);
                    news.extend(what.map(|what| (id, what)));
                    Outcome::Final
                }
                Err(reason) => Outcome::Failed { reason: reason.to_owned() },
            };
            outcomes.push((who, submission, outcome));
        }
        let due = self.cases.iter().filter_map(|(id, case)| match case.phase {
            Phase::Disputed { deadline, .. } if self.height >= deadline => Some(*id),
            _ => None,
        });
        let due: Vec<_> = due.collect();
        for id in due {
            let case = self.cases.get_mut(&id).expect("it is due");
            let shown = case.shown.as_ref().expect("a dispute shows a state");
            let (version, balances) = (shown.version(), shown.state().balances.to_vec());
            let amounts = balances.clone();
            self.payouts.push((id, Payout::Balances { version, amounts }));
            let until = match &shown.state().pending {
                Some(pending) => {
                    let until = self.height.max(pending.last_expiry) + 20;
                    case.phase = Phase::Resolving { version, until };
                    case.paying = Some((balances, pending.count));
                    Some(until)
                }
                None => {
                    self.cases.remove(&id);
                    self.paid.insert(id, balances);
                    None
                }
            };
            news.push((id, Sight::Concluded { version, until }));
        }
        let mut told: Vec<News> = revealed
            .into_iter()
            .map(|preimage| News::Revealed { preimage, at: self.height })
            .collect();
        let payouts: Vec<_> = std::mem::take(&mut self.payouts)
            .into_iter()
            .map(|(id, payout)| News::Paid { id, payout })
            .collect();
        for seen in [Seen::Best, Seen::Final] {
            if seen == Seen::Final {
                told.extend(payouts.iter().cloned());
            }
            told.extend(news.iter().map(|(id, what)| News::Channel { id: *id, what: *what, seen }));
            told.push(News::Block { number: self.height, seen });
        }
        (told, outcomes)
    }

    fn judge(&mut self, id: ChannelId, call: Call) -> Result<Option<Sight>, &'static str> {
        if self.is_closed {
            return Err("the court is closed");
        }
        match call {
            Call::Open { params, deposits, signatures, sender } => {
                let payload = open_payload(&self.genesis, &params, &deposits);
                for (position, participant) in params.participants.iter().enumerate() {
                    let is_agreed = position == sender
                        || verify_account(&signatures[position], &participant.account, &payload);
                    if !is_agreed {
                        return Err("somebody has not signed");
                    }
                }
                if params.open_by < self.height {
                    return Err("too late");
                }
                let agreement = Agreement::verify(self.genesis, *params, deposits)
                    .map_err(|_| "the terms are not valid")?;
                if self.cases.contains_key(&id) || self.paid.contains_key(&id) {
                    return Err("the id was used");
                }
                let case = Case {
                    agreement,
                    base: None,
                    phase: Phase::Open,
                    shown: None,
                    answers: 0,
                    paying: None,
                };
                self.cases.insert(id, case);
                Ok(Some(Sight::Opened))
            }
            Call::Settle(newest) => {
                let newest = self.verified(id, newest)?;
                if !newest.state().is_final {
                    return Err("the state is not final");
                }
                let (version, amounts) = (newest.version(), newest.state().balances.to_vec());
                self.cases.remove(&id);
                self.paid.insert(id, amounts.clone());
                self.payouts.push((id, Payout::Balances { version, amounts }));
                Ok(Some(Sight::Over))
            }
            Call::Dispute(newest) => {
                let newest = self.verified(id, newest)?;
                let height = self.height;
                let case = self.cases.get_mut(&id).ok_or("no such channel")?;
                if case.phase != Phase::Open {
                    return Err("there is a dispute");
                }
                let deadline = height + case.agreement.params().challenge_blocks;
                let version = newest.version();
                case.phase = Phase::Disputed { version, deadline };
                case.shown = Some(newest);
                Ok(Some(Sight::Disputed { version, deadline }))
            }
            Call::Answer(newest) => {
                let newest = self.verified(id, newest)?;
                let case = self.cases.get_mut(&id).ok_or("no such channel")?;
                let Phase::Disputed { version, deadline } = case.phase else {
                    return Err("there is no dispute");
                };
                if newest.version() <= version {
                    return Err("the version is stale");
                }
                let version = newest.version();
                case.phase = Phase::Disputed { version, deadline };
                case.shown = Some(newest);
                case.answers += 1;
                Ok(Some(Sight::Answered { version }))
            }
            Call::Reveal(preimage) => {
                let height = self.height;
                self.revealed.entry(hashlock(&preimage)).or_insert((preimage, height));
                Ok(None)
            }
            Call::Claim(transfer, proof) => {
                let is_open = self.is_revealed(&transfer);
                self.decide(id, &transfer, &proof, is_open.then_some(transfer.payee), true)
            }
            Call::Refund(transfer, proof) => {
                let is_over = self.height >= transfer.expiry && !self.is_revealed(&transfer);
                self.decide(id, &transfer, &proof, is_over.then_some(transfer.payer), false)
            }
            Call::Resize(signed) => {
                let height = self.height;
                let case = self.cases.get_mut(&id).ok_or("no such channel")?;
                case.resize(&self.genesis, &signed, height).map(Some)
            }
            _ => Err("this court does not know that call"),
        }
    }

    fn is_revealed(&self, transfer: &Transfer) -> bool {
        self.revealed.get(&transfer.hashlock).is_some_and(|(_, at)| *at < transfer.expiry)
    }

    /// Pays a transfer of a dispute that has ended.
    fn decide(
        &mut self,
        id: ChannelId,
        transfer: &Transfer,
        proof: &MerkleProof,
        to: Option<u8>,
        is_claimed: bool,
    ) -> Result<Option<Sight>, &'static str> {
        let case = self.cases.get_mut(&id).ok_or("no such channel")?;
        let shown = case.shown.as_ref().ok_or("no state was shown")?;
        let pending = shown.state().pending.as_ref().ok_or("nothing is pending")?;
        let (paid, left) = case.paying.as_mut().ok_or("the dispute goes on")?;
        if !transfer::verify(&pending.root, pending.count, transfer, proof) {
            return Err("the transfer is not behind the root");
        }
        let to = usize::from(to.ok_or("it is not its turn")?);
        paid[to] += transfer.amount;
        *left -= 1;
        let amount = transfer.amount;
        self.payouts.push((id, Payout::Transfer { id: transfer.id, is_claimed, amount }));
        if *left > 0 {
            return Ok(None);
        }
        // As the chain does: the last one is told once more, as the rest.
        let mut amounts = vec![0; paid.len()];
        amounts[to] = amount;
        self.payouts.push((id, Payout::Rest { amounts }));
        let paid = paid.clone();
        self.cases.remove(&id);
        self.paid.insert(id, paid);
        Ok(Some(Sight::Over))
    }

    fn verified(&self, id: ChannelId, shown: CoSignedState) -> Result<CoSignedState, &'static str> {
        let case = self.cases.get(&id).ok_or("no such channel")?;
        if let Some(base) = &case.base {
            if shown.version() < base.version {
                return Err("the version is below the base");
            }
            if shown.state() == base {
                return Ok(shown);
            }
        }
        if shown.version() == 0 {
            let opening = CoSignedState::opening(&case.agreement);
            return if shown == opening { Ok(shown) } else { Err("not the opening state") };
        }
        let (state, signatures) = (shown.state().clone(), shown.signatures().clone());
        CoSignedState::verify(&case.agreement, state, signatures).map_err(|_| "badly signed")
    }
}
