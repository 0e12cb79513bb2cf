// SPDX-License-Identifier: Apache-2.0

//! Random worlds: parties, a lossy network, crashes, and a small chain that judges.

mod checks;
mod judge;

use super::*;
use crate::{Change, CoSignedState};
use millrace_primitives_channels::{
    Transfer,
    transfer::{Preimage, hashlock},
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One thing that happens. Numbers are reduced to what exists.
#[derive(Clone, Debug)]
pub enum Step {
    Pay { payer: usize, payee: u8, amount: Balance },
    Offer { payer: usize, payee: u8, amount: Balance, blocks: u32 },
    Fulfil { index: usize },
    Fail { index: usize },
    Mine { blocks: u32 },
    Deliver { index: usize },
    Repeat { index: usize },
    Lose { index: usize },
    Reconnect { party: usize },
    Restart { party: usize },
    Compact { party: usize },
    Close { party: usize },
}

/// Any step; `crashes`: how often parties restart.
pub fn step(crashes: u32) -> impl Strategy<Value = Step> {
    let index = any::<usize>();
    let pay = (any::<usize>(), any::<u8>(), 0u128..40);
    let offer = (any::<usize>(), any::<u8>(), 0u128..20, 0u32..60);
    prop_oneof![
        6 => pay.prop_map(|(payer, payee, amount)| Step::Pay { payer, payee, amount }),
        5 => offer.prop_map(|(payer, payee, amount, blocks)| {
            Step::Offer { payer, payee, amount, blocks }
        }),
        4 => index.prop_map(|index| Step::Fulfil { index }),
        1 => index.prop_map(|index| Step::Fail { index }),
        3 => (1u32..5).prop_map(|blocks| Step::Mine { blocks }),
        18 => index.prop_map(|index| Step::Deliver { index }),
        2 => index.prop_map(|index| Step::Repeat { index }),
        2 => index.prop_map(|index| Step::Lose { index }),
        2 => index.prop_map(|party| Step::Reconnect { party }),
        1 + crashes => index.prop_map(move |party| {
            if crashes > 0 { Step::Restart { party } } else { Step::Reconnect { party } }
        }),
        1 => index.prop_map(|party| Step::Compact { party }),
        1 => index.prop_map(|party| Step::Close { party }),
    ]
}

/// What the chain knows about the channel.
#[derive(Default)]
struct Judge {
    height: u32,
    reveals: Vec<(Preimage, u32)>,
    /// The newest state shown in a dispute.
    shown: Option<CoSignedState>,
    deadline: u32,
    is_concluded: bool,
    /// Transfers that were claimed and refunded.
    claimed: BTreeSet<u64>,
    refunded: BTreeSet<u64>,
}

/// A world and its chain.
pub struct Simulation {
    pub world: World,
    judge: Judge,
    /// Effects of each party that were looked at.
    seen: Vec<usize>,
    secrets: u32,
    /// Preimages by their locks, which payees get to know.
    known: BTreeMap<Hash, Preimage>,
    /// Transfers whose preimage their payee has shown: from there on it must be paid.
    shown: BTreeSet<u64>,
    /// Payments and offers that the machines took.
    taken: Vec<Vec<Change>>,
    has_crashed: bool,
    total: Balance,
}

/// Margins that fit the small worlds.
fn policy() -> Policy {
    Policy { reveal_margin: 8, fold_patience: 12, ..Policy::default() }
}

impl Simulation {
    pub fn new(deposits: &[Balance]) -> Self {
        let mut simulation = Self {
            world: World::with_policy(deposits, policy()),
            judge: Judge { height: 100, ..Judge::default() },
            seen: vec![0; deposits.len()],
            secrets: 0,
            known: BTreeMap::new(),
            shown: BTreeSet::new(),
            taken: vec![Vec::new(); deposits.len()],
            has_crashed: false,
            total: deposits.iter().sum(),
        };
        simulation.world.block(100);
        simulation
    }

    pub fn take(&mut self, step: Step) {
        let size = self.world.parties.len();
        let pick = |index: usize, wire: &[_]| (!wire.is_empty()).then(|| index % wire.len());
        match step {
            Step::Pay { payer, payee, amount } => {
                let (payer, payee) = (payer % size, (usize::from(payee) % size) as u8);
                if self.world.pay(payer, payee, amount).is_ok() {
                    let payer_position = payer as u8;
                    let payment = crate::Payment { payer: payer_position, payee, amount };
                    self.taken[payer].push(Change::Pay(payment));
                }
            }
            Step::Offer { payer, payee, amount, blocks } => {
                let (payer, payee) = (payer % size, (usize::from(payee) % size) as u8);
                self.offer(payer, payee, amount, self.judge.height + blocks);
            }
            Step::Fulfil { index } => self.at_transfer(index, |simulation, transfer| {
                let preimage = simulation.known[&transfer.hashlock];
                let payee = usize::from(transfer.payee);
                if simulation.world.act(payee, |it| it.fulfil(transfer.id, preimage)).is_ok() {
                    simulation.shown.insert(transfer.id);
                }
            }),
            Step::Fail { index } => self.at_transfer(index, |simulation, transfer| {
                let payee = usize::from(transfer.payee);
                let _ = simulation.world.act(payee, |it| it.fail(transfer.id));
            }),
            Step::Mine { blocks } => self.mine(blocks),
            Step::Deliver { index } => {
                if let Some(index) = pick(index, &self.world.wire) {
                    self.deliver(index);
                }
            }
            Step::Repeat { index } => {
                if let Some(index) = pick(index, &self.world.wire) {
                    let message = self.world.wire[index].clone();
                    self.world.wire.push(message);
                }
            }
            Step::Lose { index } => {
                if let Some(index) = pick(index, &self.world.wire) {
                    self.world.wire.remove(index);
                }
            }
            Step::Reconnect { party } => {
                let _ = self.world.act(party % size, |it| Ok(it.reconnected()));
            }
            Step::Restart { party } => self.restart(party % size),
            Step::Compact { party } => {
                let party = party % size;
                let snapshot = Effect::Persist(self.world.parties[party].snapshot());
                self.world.carry_out(party, vec![snapshot]);
            }
            Step::Close { party } => {
                let _ = self.world.act(party % size, Party::close);
            }
        }
        self.judge();
        self.verify();
    }

    fn offer(&mut self, payer: usize, payee: u8, amount: Balance, expiry: u32) {
        self.secrets += 1;
        let mut secret = [0; 32];
        secret[..4].copy_from_slice(&self.secrets.to_le_bytes());
        let lock = hashlock(&secret);
        self.known.insert(lock, secret);
        if let Ok((id, effects)) = self.world.parties[payer].offer(payee, amount, lock, expiry) {
            self.world.carry_out(payer, effects);
            let payer_position = payer as u8;
            let transfer =
                Transfer { id, payer: payer_position, payee, amount, hashlock: lock, expiry };
            self.taken[payer].push(Change::Offer(transfer));
        }
    }

    fn at_transfer(&mut self, index: usize, act: impl Fn(&mut Self, Transfer)) {
        let party = index % self.world.parties.len();
        let transfers = self.world.parties[party].transfers();
        if !transfers.is_empty() {
            act(self, transfers[index / 7 % transfers.len()]);
        }
    }

    /// Honest messages are accepted, or come at the wrong time.
    fn deliver(&mut self, index: usize) {
        let Err(error) = self.world.deliver(index) else { return };
        let is_timing = matches!(
            error,
            ChannelError::TooEarly { .. }
                | ChannelError::Final { .. }
                | ChannelError::Disputed
                | ChannelError::ClosingAlone
                | ChannelError::Over
                | ChannelError::Change(crate::ChangeError::Transfer(
                    crate::TransferError::TooLate { .. }
                ))
        );
        assert!(is_timing, "an honest message was refused: {error}");
    }

    fn restart(&mut self, party: usize) {
        self.has_crashed = true;
        self.world.restart(party, Memory::Complete);
        self.tell(party, true);
    }
}
