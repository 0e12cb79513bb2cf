// SPDX-License-Identifier: Apache-2.0

//! Tests by chapter, with parties that talk through a queue.

mod agreeing;
mod closing;
mod messages;
mod properties;
mod reconnecting;
mod updating;

use crate::{Agreement, Channel, ChannelError, Effect, Message, Record, signing::Signer};
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
}

impl World {
    /// An open channel with these deposits.
    pub fn new(deposits: &[Balance]) -> Self {
        let agreement = agreement(deposits);
        let parties: Vec<_> = (0..deposits.len())
            .map(|position| {
                let position = u8::try_from(position).expect("tests have few parties");
                Party::new(agreement.clone(), key(position)).expect("a participant's key")
            })
            .collect();
        Self { wire: Vec::new(), done: vec![Vec::new(); parties.len()], parties }
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
                other => self.done[party].push(other),
            }
        }
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
                Effect::Persist(Record::Signed(state)) => Some(state.version),
                _ => None,
            })
            .collect()
    }
}
