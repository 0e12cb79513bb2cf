// SPDX-License-Identifier: Apache-2.0

//! Ten thousand channels live random lives side by side. However they go, all of them end, nothing
//! is left in storage, nothing on hold, and no unit is made or lost.

use crate::{Channels as Stored, Phase, Recorded, mock::*};
use millrace_primitives_channels::{Balance, ChannelId, ChannelState, Resize, Transfer};
use polkadot_sdk::sp_runtime::BoundedVec;
use std::collections::BTreeMap;

/// Chains, each a world of its own.
const WORLDS: u64 = 40;
/// Channels that live on each of them.
const LIVES: u64 = 250;

/// Numbers that look random and are the same every time (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }
}

/// How often something worked.
type Deeds = BTreeMap<&'static str, u64>;

/// One channel, and what its parties know of it.
struct Life {
    id: ChannelId,
    parties: Vec<Party>,
    version: u64,
    base: ChannelState,
    /// What the newest state has that the chain took.
    extras: Extras,
}

/// What a state has beside balances.
#[derive(Default)]
struct Extras {
    transfers: Vec<Transfer>,
    pulses: Option<Pulses>,
}

impl Life {
    fn open(dice: &mut Dice, crowd: &[Party], nonce: u64, deeds: &mut Deeds) -> Self {
        let first = dice.roll(crowd.len() as u64 - 1) as usize;
        let count = if dice.roll(4) == 0 { 3 } else { 2 };
        let parties: Vec<Party> = crowd.iter().skip(first).take(count).cloned().collect();
        let deposits: Vec<Balance> =
            parties.iter().map(|_| 40 + Balance::from(dice.roll(60))).collect();
        let id = open_nth(&parties, &deposits, nonce);
        *deeds.entry("open").or_default() += 1;
        let base = state(id, 0, &deposits);
        Self { id, parties, version: 0, base, extras: Extras::default() }
    }

    /// The next state that all agree to, with anything in it.
    fn next(&mut self, dice: &mut Dice, total: Balance) -> (ChannelState, Extras) {
        self.version += 1 + dice.roll(3);
        let mut rest = total;
        let mut made = state(self.id, self.version, &vec![0; self.parties.len()]);
        let mut extras = Extras::default();
        if dice.roll(2) == 0 {
            let leaf = |nth: u8, dice: &mut Dice| {
                let number = dice.roll(6) as u8;
                let wait = 2 + dice.roll(25) as u32;
                let parties = if nth.is_multiple_of(2) { (0, 1) } else { (1, 0) };
                let one = transfer(number, 1 + Balance::from(nth), now() + wait);
                Transfer { id: nth.into(), payer: parties.0, payee: parties.1, ..one }
            };
            let count = 1 + dice.roll(4) as u8;
            extras.transfers = (0..count).map(|nth| leaf(nth, dice)).collect();
            rest -= extras.transfers.iter().map(|it| it.amount).sum::<Balance>();
            made = with_transfers(made, &extras.transfers);
        }
        if dice.roll(3) == 0 {
            let pulses = Pulses::new(self.id, self.version as u32, 1, 2, 3);
            rest -= 6;
            made = with_streams(made, &[pulses.stream]);
            extras.pulses = Some(pulses);
        }
        if dice.roll(3) == 0 {
            made = with_app(made, Tally::data(dice.roll(2) as u8, 3));
        }
        let share = rest * Balance::from(dice.roll(101)) / 100;
        made.balances[0] = share;
        made.balances[1] = rest - share;
        (made, extras)
    }

    /// Remembers what the chain took.
    fn keep(&mut self, extras: Extras, worked: bool) -> bool {
        if worked {
            self.extras = extras;
        }
        worked
    }

    /// Tries something. Most of it fails when it is not its time, and then changes nothing.
    fn act(&mut self, dice: &mut Dice, deeds: &mut Deeds) {
        let Some(channel) = Stored::<Test>::get(self.id) else { return };
        let (deed, worked) = match channel.phase {
            Phase::Open => self.live(dice, channel.deposit),
            Phase::Disputed(dispute) => match dice.roll(4) {
                0 => {
                    let (state, extras) = self.next(dice, channel.deposit);
                    let worked = answer(&self.parties, state).is_ok();
                    ("answer", self.keep(extras, worked))
                }
                1 => {
                    let last = self.last(dice, channel.deposit);
                    ("settle a dispute", settle(&self.parties, last).is_ok())
                }
                2 => ("conclude", conclude(self.id).is_ok()),
                _ => ("progress", self.progress(dispute.mover)),
            },
            Phase::Resolving => self.resolve(dice),
        };
        *deeds.entry(deed).or_default() += u64::from(worked);
    }

    fn live(&mut self, dice: &mut Dice, deposit: Balance) -> (&'static str, bool) {
        match dice.roll(5) {
            0 => {
                let last = self.last(dice, deposit);
                ("settle", settle(&self.parties, last).is_ok())
            }
            1 => {
                let mut deltas: Vec<i128> =
                    self.parties.iter().map(|_| dice.roll(40) as i128 - 10).collect();
                if deposit < 80 {
                    deltas.iter_mut().for_each(|it| *it = it.abs());
                }
                let after = deposit as i128 + deltas.iter().sum::<i128>();
                let (base, extras) = self.next(dice, after as Balance);
                let wanted = Resize {
                    state: base.clone(),
                    deltas: BoundedVec::truncate_from(deltas),
                    valid_until: now(),
                };
                let worked = resize(&self.parties, wanted).is_ok();
                if worked {
                    self.base = base;
                }
                ("resize", self.keep(extras, worked))
            }
            2 => {
                let (state, extras) = self.next(dice, deposit);
                let worked = dispute(&self.parties, state).is_ok();
                ("dispute", self.keep(extras, worked))
            }
            3 => ("dispute with the base", self.dispute_with_base()),
            _ => ("wait", true),
        }
    }

    fn last(&mut self, dice: &mut Dice, deposit: Balance) -> ChannelState {
        self.version += 1;
        let mut balances = vec![0; self.parties.len()];
        balances[dice.roll(self.parties.len() as u64) as usize] = deposit;
        final_state(self.id, self.version, &balances)
    }

    fn dispute_with_base(&self) -> bool {
        let by = self.parties[0].origin();
        Channels::dispute(by, self.base.clone(), BoundedVec::new()).is_ok()
    }

    fn progress(&mut self, mover: Option<u8>) -> bool {
        let (Some(mover), Some(mut next)) = (mover, Recorded::<Test>::get(self.id)) else {
            return false;
        };
        let (mover, other) = (usize::from(mover), 1 - usize::from(mover));
        let left = next.app.as_ref().expect("it has a mover").data[1];
        next.version += 1;
        if next.balances[other] > 0 {
            next.balances[other] -= 1;
            next.balances[mover] += 1;
        }
        next = with_app(next, Tally::data(other as u8, left - 1));
        self.version = self.version.max(next.version);
        progress(&self.parties[mover], next).is_ok()
    }

    fn resolve(&mut self, dice: &mut Dice) -> (&'static str, bool) {
        let leaf = dice.roll(self.extras.transfers.len().max(1) as u64) as u32;
        match dice.roll(4) {
            0 if !self.extras.transfers.is_empty() => {
                ("claim", claim(self.id, &self.extras.transfers, leaf).is_ok())
            }
            1 if !self.extras.transfers.is_empty() => {
                ("refund", refund(self.id, &self.extras.transfers, leaf).is_ok())
            }
            2 => match &self.extras.pulses {
                Some(pulses) => {
                    let (chain, depth) = (dice.roll(2) as u32, 1 + dice.roll(3) as u32);
                    ("claim a stream", pulses.claim(self.id, chain, depth).is_ok())
                }
                None => ("wait", true),
            },
            3 => ("reveal", dice.roll(3) == 0 && reveal(dice.roll(6) as u8).is_ok()),
            _ => ("wait", true),
        }
    }
}

/// A whole world, from the first channel to the last.
fn world(seed: u64) -> Deeds {
    new_test_ext().execute_with(|| {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (seed + 1));
        let mut deeds = Deeds::new();
        let crowd = parties(PARTIES);
        let money = || {
            crowd.iter().map(free).sum::<Balance>()
                + free_of(&stranger())
                + free_of(&tower())
                + free_of(&treasury())
        };
        let before = money();
        let mut lives = Vec::new();
        for block in 0..60 {
            System::reset_events();
            // Now and then blocks are full, and nothing happens by itself.
            if dice.roll(4) == 0 {
                jump_to(now() + 1)
            } else {
                run_to(now() + 1)
            }
            let newcomers = if block < 25 { LIVES / 25 } else { 0 };
            for _ in 0..newcomers {
                let nonce = lives.len() as u64;
                lives.push(Life::open(&mut dice, &crowd, nonce, &mut deeds));
            }
            for life in &mut lives {
                if dice.roll(6) == 0 {
                    life.act(&mut dice, &mut deeds);
                }
            }
            if block == 30 {
                check_invariants();
            }
        }
        assert_eq!(lives.len() as u64, LIVES);

        // Whoever is still in wants out, and from then on nobody does anything.
        for life in &lives {
            if Stored::<Test>::get(life.id).is_some_and(|it| it.phase == Phase::Open) {
                assert!(life.dispute_with_base());
            }
        }
        run_to(now() + 130);
        check_invariants();
        assert!(is_forgotten());
        assert_eq!(money(), before);
        assert_eq!(Balances::total_issuance(), before);
        deeds
    })
}

#[test]
fn ten_thousand_random_lives_leave_nothing_behind() {
    assert_eq!(WORLDS * LIVES, 10_000);
    let halves: Vec<Deeds> = std::thread::scope(|scope| {
        let half = |nth| {
            scope.spawn(move || {
                (0..WORLDS / 2).map(|world_of_half| world(world_of_half * 2 + nth)).fold(
                    Deeds::new(),
                    |mut sum, deeds| {
                        for (deed, count) in deeds {
                            *sum.entry(deed).or_default() += count;
                        }
                        sum
                    },
                )
            })
        };
        let threads = [half(0), half(1)];
        threads.map(|thread| thread.join().expect("no world ends in a panic")).into()
    });

    // Every kind of thing has happened often.
    assert_eq!(halves.iter().map(|deeds| deeds["open"]).sum::<u64>(), 10_000);
    for deed in [
        "settle",
        "settle a dispute",
        "resize",
        "dispute",
        "dispute with the base",
        "answer",
        "conclude",
        "progress",
        "claim",
        "refund",
        "claim a stream",
        "reveal",
    ] {
        let count: u64 = halves.iter().filter_map(|deeds| deeds.get(deed)).sum();
        assert!(count >= 20, "{deed}: {count}");
    }
}
