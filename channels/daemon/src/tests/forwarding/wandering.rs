// SPDX-License-Identifier: Apache-2.0

//! Payments at random over a line of nodes, while the power fails, disks are full, parties come and go,
//! and nodes of the chain say of channels that they are gone. Once all is calm, every payment is decided, nothing is stuck, and what everybody has is what was
//! said of its payments: who forwards has earned its fees and nothing else (DA-8, DA-9, DA-10).
//!
//! Each run follows from its seed: `MILLRACE_SEED=17` runs that one alone.

use super::{DEPOSIT, invoice, line, verify_clean, wealth};
use crate::{
    Command, OperationKey,
    operation::{Deed, Progress},
    routed::PaymentProgress,
    tests::{World, mishaps::Mishap, world::peer_of},
};
use codec::Encode;
use millrace_channels_routing::Invoice;
use millrace_primitives_channels::{Balance, ChannelId, transfer::hashlock};
use polkadot_sdk::sp_io::hashing::blake2_256;

/// Parties in a row.
const PARTIES: usize = 5;

/// What happens in one run.
const ROUNDS: usize = 60;

/// Runs, unless one is named.
const SEEDS: u64 = 8;

/// Names the seed of the only run.
const VARIABLE: &str = "MILLRACE_SEED";

/// Numbers that follow from a seed.
struct Chance {
    seed: u64,
    drawn: u64,
}

impl Chance {
    /// A number below a limit.
    fn below(&mut self, limit: usize) -> usize {
        self.drawn += 1;
        let hash = blake2_256(&(self.seed, self.drawn).encode());
        let number = u16::from_le_bytes([hash[0], hash[1]]);
        usize::from(number) % limit
    }

    fn amount(&mut self) -> Balance {
        Balance::try_from(1 + self.below(20_000)).expect("small")
    }

    fn party(&mut self) -> usize {
        self.below(PARTIES)
    }

    /// A party that is not this one.
    fn other(&mut self, party: usize) -> usize {
        (party + 1 + self.below(PARTIES - 1)) % PARTIES
    }
}

/// A line of parties, and what happens to them.
struct Walk {
    world: World,
    chance: Chance,
    channels: Vec<ChannelId>,
    /// Invoices that nobody has tried to pay, and who wrote them.
    invoices: Vec<(usize, Box<Invoice>)>,
    /// Who has lost its connections.
    away: Option<usize>,
    /// Who was told that a channel of its own is gone, and which.
    misled: Vec<(usize, ChannelId)>,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut chance = Chance { seed, drawn: 0 };
        let (mut world, channels) = line(PARTIES);
        let mut invoices = Vec::new();
        for _ in 0..ROUNDS / 3 {
            let (payee, amount) = (chance.party(), chance.amount());
            invoices.push((payee, invoice(&mut world, payee, amount)));
        }
        Self { world, chance, channels, invoices, away: None, misled: Vec::new() }
    }

    /// Something happens.
    fn round(&mut self, number: usize) {
        let mut id = [9; 32];
        id[0] = u8::try_from(number).expect("few rounds");
        let operation = Some(OperationKey { id, fingerprint: id });
        match self.chance.below(11) {
            0..=2 => {
                let Some((payee, invoice)) = self.invoices.pop() else { return };
                let payer = self.chance.other(payee);
                let (amount, max_fee) = (None, 10_000);
                let command = Command::PayInvoice { invoice, amount, max_fee, operation };
                self.world.command(payer, command);
            }
            3 => {
                let payer = self.chance.party();
                let payee = peer_of(self.chance.other(payer));
                let (amount, max_fee) = (self.chance.amount(), 10_000);
                self.world.command(payer, Command::PayNode { payee, amount, max_fee, operation });
            }
            4 | 5 => {
                let at = self.chance.below(self.channels.len());
                let (channel, payer) = (self.channels[at], at + self.chance.below(2));
                let (amount, payee) = (self.chance.amount(), None);
                self.world.command(payer, Command::Pay { channel, payee, amount, operation });
            }
            6 => {
                let (party, step) = (self.chance.party(), self.chance.below(30));
                let mishap = match self.chance.below(3) {
                    0 => Mishap::FullDisk,
                    _ => Mishap::PowerCut,
                };
                self.world.arrange(mishap, party, step);
            }
            7 => match self.away.take() {
                Some(party) => {
                    for other in (0..PARTIES).filter(|other| *other != party) {
                        self.world.connect(party, other);
                    }
                }
                None => {
                    let party = self.chance.party();
                    self.world.disconnect(party);
                    self.away = Some(party);
                }
            },
            8 => {
                // What is said for long enough is believed.
                self.tell_the_truth();
                self.world.block();
            }
            9 => {
                let at = self.chance.below(self.channels.len());
                let (channel, party) = (self.channels[at], at + self.chance.below(2));
                self.world.mislead(party, channel);
                self.misled.push((party, channel));
            }
            _ => {
                let seconds = u64::try_from(self.chance.below(20)).expect("few");
                self.world.wait(seconds * 1_000);
            }
        }
    }

    /// Whoever was misled about a channel is shown it. Whose power has failed since knows already.
    fn tell_the_truth(&mut self) {
        for (party, channel) in std::mem::take(&mut self.misled) {
            self.world.tell_state(party, channel);
        }
    }

    /// Some of what is under way goes on.
    fn go_on(&mut self) {
        for _ in 0..self.chance.below(40) {
            match self.chance.below(3) {
                0 => {
                    let party = self.chance.party();
                    self.world.sync(party);
                }
                _ => {
                    self.world.deliver();
                }
            }
        }
    }

    /// Everybody is well again, asks for what was lost, and waits in vain for nothing any more.
    fn calm_down(&mut self) {
        self.world.end_plan();
        self.tell_the_truth();
        for party in 0..PARTIES {
            if self.world.parties[party].is_disk_full {
                self.world.crash(party);
            }
        }
        self.world.connect_all();
        self.world.settle();
        for _ in 0..15 {
            self.world.wait(10_000);
        }
        self.world.block();
        self.world.wait(10_000);
    }

    /// What each party must have at least, by what is said of all payments, and the fees that were
    /// paid.
    fn said(&self, place: &str) -> (Vec<i128>, i128) {
        let mut said = vec![0_i128; PARTIES];
        let mut fees = 0;
        let signed = |amount: Balance| i128::try_from(amount).expect("small");
        for at in 0..self.channels.len() {
            said[at] += signed(DEPOSIT);
            said[at + 1] += signed(DEPOSIT);
        }
        for (number, party) in self.world.parties.iter().enumerate() {
            for (lock, payment) in party.node.payments() {
                match &payment.progress {
                    PaymentProgress::Done { preimage, fee } => {
                        assert_eq!(hashlock(preimage), *lock, "{place}: the proof");
                        said[number] -= signed(payment.amount + fee);
                        fees += signed(*fee);
                    }
                    PaymentProgress::Failed { .. } => {}
                    PaymentProgress::UnderWay => panic!("{place}: {payment:?} of {number}"),
                }
            }
            let invoices = party.node.issued().filter_map(|it| Some(it.paid.as_ref()?.amount));
            let received = invoices.chain(party.node.received().map(|(_, it)| it.amount));
            said[number] += received.map(signed).sum::<i128>();
            for (_, known) in party.node.operations() {
                let Deed::Payment(paid) = known.deed else { continue };
                match known.progress {
                    Progress::Done { .. } => {
                        let at = self.channels.iter().position(|it| *it == known.channel);
                        let at = at.expect("a channel of the line");
                        let payee = if number == at { at + 1 } else { at };
                        said[number] -= signed(paid.amount);
                        said[payee] += signed(paid.amount);
                    }
                    Progress::Failed => {}
                    other => panic!("{place}: {other:?} of {number}"),
                }
            }
        }
        (said, fees)
    }

    fn verify(&self, place: &str) {
        verify_clean(&self.world, place);
        for (at, channel) in self.channels.iter().enumerate() {
            let [one, other] = [at, at + 1].map(|it| self.world.parties[it].balances(*channel));
            assert_eq!(one, other, "{place}: both sides of channel {at}");
            assert_eq!(one.iter().sum::<Balance>(), 2 * DEPOSIT, "{place}: channel {at}");
        }
        let (said, fees) = self.said(place);
        let earned: Vec<_> = (0..PARTIES)
            .map(|party| i128::try_from(wealth(&self.world, party)).expect("small") - said[party])
            .collect();
        assert!(earned.iter().all(|it| *it >= 0), "{place}: DA-9, {earned:?}");
        assert_eq!(earned.iter().sum::<i128>(), fees, "{place}: {earned:?}");
    }

    /// How many payments have arrived.
    fn arrived(&self) -> usize {
        let nodes = || self.world.parties.iter().map(|party| &party.node);
        let is_done = |it: &PaymentProgress| matches!(it, PaymentProgress::Done { .. });
        let routed = nodes().flat_map(|it| it.payments()).filter(|it| is_done(&it.1.progress));
        let direct = nodes().flat_map(|it| it.operations());
        let direct = direct.filter(|it| matches!(it.1.progress, Progress::Done { .. }));
        routed.count() + direct.count()
    }
}

#[test]
fn nothing_is_lost_or_stuck_whatever_is_paid_and_whatever_goes_wrong() {
    let named = std::env::var(VARIABLE).ok().map(|text| text.parse::<u64>().expect("a seed"));
    let seeds = named.map_or(0..SEEDS, |seed| seed..seed + 1);
    let (mut arrived, mut runs) = (0, 0);
    for seed in seeds {
        let place = format!("{VARIABLE}={seed}");
        let mut walk = Walk::new(seed);
        for number in 0..ROUNDS {
            walk.round(number);
            walk.go_on();
        }
        walk.calm_down();
        walk.verify(&place);
        arrived += walk.arrived();
        runs += 1;
    }
    assert!(arrived > 8 * runs, "{arrived} payments of {runs} runs prove little");
}
