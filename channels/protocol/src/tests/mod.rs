// SPDX-License-Identifier: Apache-2.0

//! Tests by chapter, with parties that talk through a queue.

mod agreeing;
mod byzantine;
mod closing;
mod conditions;
mod invariants_broken;
mod messages;
mod properties;
mod reconnecting;
mod resizing;
mod resolving;
mod restarting;
mod simulation;
mod streaming;
mod trees;
mod updating;
mod verifying;

use crate::{
    Agreement, Channel, ChannelError, Effect, Memory, Message, Policy, Record, invariants,
    signing::Signer,
};
use codec::{Decode, Encode};
use millrace_primitives_channels::{
    AccountId, Balance, ChannelAsset, ChannelParams, Hash, Participant, params::Amounts,
};
use polkadot_sdk::{
    sp_core::{Pair, ed25519},
    sp_runtime::BoundedVec,
};

/// A party under test.
pub type Party = Channel<ed25519::Pair>;

/// Genesis hash of the chain in these tests.
pub fn genesis() -> Hash {
    Hash::repeat_byte(7)
}

/// The signer of the participant at `position`.
pub fn key(position: u8) -> ed25519::Pair {
    ed25519::Pair::from_seed(&[position.wrapping_add(1); 32])
}

/// Parameters of a channel between `size` parties.
pub fn params(size: u8) -> ChannelParams {
    let participants = (0..size)
        .map(|position| Participant {
            account: AccountId::new([position; 32]),
            signer: key(position).public_key(),
        })
        .collect();
    ChannelParams {
        participants: BoundedVec::truncate_from(participants),
        asset: ChannelAsset::Native,
        challenge_blocks: 10,
        open_by: 100,
        nonce: 0,
    }
}

/// One amount per participant.
pub fn amounts(amounts: &[Balance]) -> Amounts {
    Amounts::truncate_from(amounts.to_vec())
}

/// Terms with these deposits.
pub fn agreement(deposits: &[Balance]) -> Agreement {
    let size = u8::try_from(deposits.len()).expect("tests have few parties");
    Agreement::verify(genesis(), params(size), amounts(deposits)).expect("valid terms")
}

/// The parties of a channel and the messages between them.
pub struct World {
    /// By position.
    pub parties: Vec<Party>,
    /// From, to, what; oldest first.
    pub wire: Vec<(usize, usize, Message)>,
    /// Everything each party was told to do, except sending.
    pub done: Vec<Vec<Effect>>,
    /// What each party wrote down, as bytes.
    pub disks: Vec<Vec<Vec<u8>>>,
    terms: Agreement,
}

impl World {
    /// An open channel with these deposits.
    pub fn new(deposits: &[Balance]) -> Self {
        Self::with_policy(deposits, Policy::default())
    }

    /// An open channel whose parties have this policy.
    pub fn with_policy(deposits: &[Balance], policy: Policy) -> Self {
        Self::of(agreement(deposits), policy)
    }

    /// An open channel with these terms.
    pub fn of(agreement: Agreement, policy: Policy) -> Self {
        let parties: Vec<_> = (0..agreement.size())
            .map(|position| {
                let position = u8::try_from(position).expect("tests have few parties");
                Party::with_policy(agreement.clone(), key(position), policy)
                    .expect("a participant's key")
            })
            .collect();
        let size = parties.len();
        Self {
            wire: Vec::new(),
            done: vec![Vec::new(); size],
            disks: vec![Vec::new(); size],
            parties,
            terms: agreement,
        }
    }

    /// Carries out what `party` was told to do.
    pub fn carry_out(&mut self, party: usize, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                // Through bytes, so that every test exercises the codec.
                Effect::Send { to, message } => {
                    let bytes = message.to_bytes();
                    let message = Message::from_bytes(&bytes).expect("we wrote these bytes");
                    self.wire.push((party, to, message));
                }
                other => {
                    if let Effect::Persist(record) = &other {
                        if matches!(record, Record::Snapshot(_)) {
                            self.disks[party].clear();
                        }
                        self.disks[party].push(record.encode());
                    }
                    self.done[party].push(other);
                }
            }
        }
        self.verify();
    }

    /// Checks every party's rules.
    pub fn verify(&self) {
        for party in &self.parties {
            assert_eq!(invariants::verify(party), Ok(()), "party {}", party.position());
        }
    }

    /// The party's process ends and starts again; its connections are new ones.
    pub fn restart(&mut self, party: usize, memory: Memory) {
        let records = self.disks[party].clone();
        self.restart_from(party, records, memory);
    }

    /// As [`World::restart`], from these records.
    pub fn restart_from(&mut self, party: usize, records: Vec<Vec<u8>>, memory: Memory) {
        self.wire.retain(|(from, to, _)| *from != party && *to != party);
        let read = records.iter().map(|bytes| Record::decode(&mut &bytes[..]).expect("a record"));
        let seed = u8::try_from(party).expect("tests have few parties");
        let policy = *self.parties[party].policy();
        self.parties[party] = Party::restore(self.terms.clone(), key(seed), policy, read, memory)
            .expect("what was written down fits together");
        self.disks[party] = records;
        self.verify();
    }

    /// `party` does something and its effects are carried out.
    pub fn act(
        &mut self,
        party: usize,
        act: impl FnOnce(&mut Party) -> Result<Vec<Effect>, ChannelError>,
    ) -> Result<(), ChannelError> {
        let effects = act(&mut self.parties[party])?;
        self.carry_out(party, effects);
        Ok(())
    }

    /// Everybody learns that this block is final.
    pub fn block(&mut self, number: u32) {
        for party in 0..self.parties.len() {
            let effects = self.parties[party].block(number);
            self.carry_out(party, effects);
        }
    }

    /// Everybody connects again.
    pub fn reconnect(&mut self) {
        for party in 0..self.parties.len() {
            let effects = self.parties[party].reconnected();
            self.carry_out(party, effects);
        }
        self.deliver_all();
    }

    /// Whether `party` was told to do something.
    pub fn was_told(&self, party: usize, is: impl Fn(&Effect) -> bool) -> bool {
        self.done[party].iter().any(is)
    }

    /// `payer` pays and its effects are carried out.
    pub fn pay(&mut self, payer: usize, payee: u8, amount: Balance) -> Result<(), ChannelError> {
        let effects = self.parties[payer].pay(payee, amount)?;
        self.carry_out(payer, effects);
        Ok(())
    }

    /// Delivers the message at `index`.
    pub fn deliver(&mut self, index: usize) -> Result<(), ChannelError> {
        let (from, to, message) = self.wire.remove(index);
        let effects = self.parties[to].receive(from, message)?;
        self.carry_out(to, effects);
        Ok(())
    }

    /// Delivers everything in order until silence; honest parties in order never complain.
    pub fn deliver_all(&mut self) {
        while !self.wire.is_empty() {
            self.deliver(0).expect("honest messages in order");
        }
    }

    /// What the newest agreed state of `party` pays to each.
    pub fn balances(&self, party: usize) -> Vec<Balance> {
        self.parties[party].newest().state().balances.to_vec()
    }

    /// Versions that `party` signed, in order.
    pub fn signed(&self, party: usize) -> Vec<u64> {
        self.done[party]
            .iter()
            .filter_map(|effect| match effect {
                Effect::Persist(Record::Signed(proposal)) => Some(proposal.state.version),
                _ => None,
            })
            .collect()
    }
}
