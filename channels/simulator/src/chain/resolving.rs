// SPDX-License-Identifier: Apache-2.0

//! What happens after a dispute's deadline.

use super::*;
use crate::settings::CHALLENGE_BLOCKS;
use millrace_primitives_channels::{
    stream::{proven_units, salt},
    transfer,
};

impl Resolution {
    fn new(state: &ChannelState, until: BlockNumber) -> Self {
        Self {
            until,
            pending: state.pending.clone(),
            decided: BTreeSet::new(),
            streams: state.streams.iter().map(|stream| (*stream, 0)).collect(),
        }
    }

    /// What of each participant's funds nobody has claimed.
    pub(super) fn leftovers(&self, size: usize) -> Vec<Balance> {
        let mut left = match &self.pending {
            Some(pending) => pending.totals.to_vec(),
            None => vec![0; size],
        };
        for (stream, paid) in &self.streams {
            let units = stream.capacity().saturating_sub(*paid);
            left[usize::from(stream.payer)] += stream.unit * Balance::from(units);
        }
        left
    }

    fn is_done(&self) -> bool {
        let decided = self.decided.len();
        self.pending.as_ref().is_none_or(|pending| decided >= pending.count as usize)
            && self.streams.iter().all(|(stream, paid)| *paid >= stream.capacity())
    }
}

impl Chain {
    /// Concludes what is due in a channel.
    pub(super) fn conclude_if_due(&mut self, channel: usize) -> Result<(), Refusal> {
        let height = self.height;
        match self.channels[channel].phase.clone() {
            Phase::Disputed(dispute) if height >= dispute.deadline => {
                self.decide_bond(channel, &dispute);
                self.conclude(channel, dispute.state)
            }
            Phase::Resolving(resolution) if height >= resolution.until => {
                let left = resolution.leftovers(self.terms[channel].size());
                self.end(channel, &left)
            }
            _ => Err(Refusal::TooEarly),
        }
    }

    /// Pays the balances of the newest state shown, and keeps what is conditional.
    fn conclude(&mut self, channel: usize, state: ChannelState) -> Result<(), Refusal> {
        if state.pending.is_none() && state.streams.is_empty() {
            let balances = state.balances.clone();
            self.tell(News::Concluded { channel, state: Box::new(state), until: None });
            return self.end(channel, &balances);
        }
        let last_expiry = state.pending.as_ref().map_or(0, |pending| pending.last_expiry);
        let until = self.height.max(last_expiry) + CHALLENGE_BLOCKS;
        let resolution = Box::new(Resolution::new(&state, until));
        self.change(channel).phase = Phase::Resolving(resolution);
        for (position, amount) in state.balances.iter().enumerate() {
            self.pay(channel, position, *amount)?;
        }
        self.tell(News::Concluded { channel, state: Box::new(state), until: Some(until) });
        Ok(())
    }

    /// Pays a participant out of what the channel holds.
    fn pay(&mut self, channel: usize, position: usize, amount: Balance) -> Result<(), Refusal> {
        let party = self.account_at(channel, position)?;
        let on_chain = self.change(channel);
        // A judge that pays more than there is makes money: the check of conservation sees that.
        on_chain.held = on_chain.held.saturating_sub(amount);
        on_chain.paid[position] += amount;
        self.money(party).free += amount;
        Ok(())
    }

    /// Pays what is left, and forgets the channel.
    pub(super) fn end(&mut self, channel: usize, payouts: &[Balance]) -> Result<(), Refusal> {
        for (position, amount) in payouts.iter().enumerate() {
            self.pay(channel, position, *amount)?;
        }
        self.change(channel).phase = Phase::Over;
        self.closing.remove(&channel);
        self.tell(News::Over { channel });
        Ok(())
    }

    /// A channel that is resolving, and what is left to be decided.
    fn resolving(&self, channel: usize) -> Result<Resolution, Refusal> {
        match &self.channels.get(channel).ok_or(Refusal::Gone)?.phase {
            Phase::Over => Err(Refusal::Gone),
            Phase::Resolving(resolution) if self.height >= resolution.until => {
                Err(Refusal::TooLate)
            }
            Phase::Resolving(resolution) => Ok((**resolution).clone()),
            _ => Err(Refusal::WrongPhase),
        }
    }

    pub(super) fn claim(
        &mut self,
        channel: usize,
        transfer: &Transfer,
        proof: &MerkleProof,
    ) -> Result<(), Refusal> {
        let mut resolution = self.resolving(channel)?;
        self.decide(channel, &mut resolution, transfer, proof)?;
        if !self.is_unlocked(transfer) {
            return Err(Refusal::NotRevealed);
        }
        if self.mutant == Some(Mutant::JudgePaysTwice) {
            self.pay(channel, transfer.payee.into(), transfer.amount)?;
        }
        self.tell(News::Claimed { channel, id: transfer.id });
        self.pay_and_go_on(channel, resolution, transfer.payee, transfer.amount)
    }

    pub(super) fn refund(
        &mut self,
        channel: usize,
        transfer: &Transfer,
        proof: &MerkleProof,
    ) -> Result<(), Refusal> {
        let mut resolution = self.resolving(channel)?;
        self.decide(channel, &mut resolution, transfer, proof)?;
        if self.height < transfer.expiry {
            return Err(Refusal::TooEarly);
        }
        if self.is_unlocked(transfer) {
            return Err(Refusal::WasRevealed);
        }
        self.tell(News::Refunded { channel, id: transfer.id });
        self.pay_and_go_on(channel, resolution, transfer.payer, transfer.amount)
    }

    /// Takes a transfer out of what is to be decided.
    fn decide(
        &self,
        channel: usize,
        resolution: &mut Resolution,
        transfer: &Transfer,
        proof: &MerkleProof,
    ) -> Result<(), Refusal> {
        let pending = resolution.pending.as_mut().ok_or(Refusal::BadProof)?;
        if !transfer::verify(&pending.root, pending.count, transfer, proof) {
            return Err(Refusal::BadProof);
        }
        if !resolution.decided.insert(proof.index) {
            return Err(Refusal::Decided);
        }
        let size = self.terms[channel].size();
        let is_sound = transfer.payer != transfer.payee
            && usize::from(transfer.payee) < size
            && transfer.expiry <= pending.last_expiry;
        let left = pending.totals.get_mut(usize::from(transfer.payer)).filter(|_| is_sound);
        let left = left.ok_or(Refusal::BadProof)?;
        *left = left.checked_sub(transfer.amount).ok_or(Refusal::BadProof)?;
        Ok(())
    }

    pub(super) fn claim_stream(
        &mut self,
        channel: usize,
        position: u8,
        link: Link,
        depth: u32,
        proof: &MerkleProof,
    ) -> Result<(), Refusal> {
        let mut resolution = self.resolving(channel)?;
        let id = self.terms[channel].id();
        let entry = resolution.streams.get_mut(usize::from(position)).ok_or(Refusal::BadProof)?;
        let stream = entry.0;
        let salt = salt(&self.genesis, &id, stream.payer, stream.payee, stream.epoch);
        let units = proven_units(&stream, &salt, link, depth, proof).ok_or(Refusal::BadProof)?;
        let new = units.checked_sub(entry.1).filter(|new| *new > 0).ok_or(Refusal::Decided)?;
        entry.1 = units;
        let amount = stream.unit * Balance::from(new);
        self.pay_and_go_on(channel, resolution, stream.payee, amount)
    }

    fn pay_and_go_on(
        &mut self,
        channel: usize,
        resolution: Resolution,
        position: u8,
        amount: Balance,
    ) -> Result<(), Refusal> {
        self.pay(channel, position.into(), amount)?;
        let is_done = resolution.is_done();
        let left = resolution.leftovers(self.terms[channel].size());
        self.change(channel).phase = Phase::Resolving(Box::new(resolution));
        if is_done { self.end(channel, &left) } else { Ok(()) }
    }
}
