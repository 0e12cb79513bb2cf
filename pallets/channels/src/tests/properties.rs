// SPDX-License-Identifier: Apache-2.0

//! Random calls, good and bad, against a judge so simple that it is obviously right. After every
//! call both pallets' rules hold, no unit is made or lost, and a call that failed changed nothing.

use crate::mock::*;
use millrace_primitives_channels::{Balance, ChannelId, channel_id};
use polkadot_sdk::frame_support::assert_ok;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One thing that somebody tries.
#[derive(Clone, Debug)]
enum Act {
    Open { size: u8, nonce: u64, deposits: [Balance; 3] },
    Settle { nth: usize, version: u64, split: [u8; 3] },
    Dispute { nth: usize, version: u64, split: [u8; 3] },
    Answer { nth: usize, version: u64, split: [u8; 3] },
    Conclude { nth: usize },
    Wait { blocks: u32 },
}

fn act() -> impl Strategy<Value = Act> {
    let deposit = prop_oneof![Just(0), 1..2_000u128, Just(ENDOWMENT)];
    let split = prop::array::uniform3(0..=4u8);
    let nth = 0..6usize;
    prop_oneof![
        3 => (2..=3u8, 0..4u64, prop::array::uniform3(deposit))
            .prop_map(|(size, nonce, deposits)| Act::Open { size, nonce, deposits }),
        2 => (nth.clone(), 0..6u64, split.clone())
            .prop_map(|(nth, version, split)| Act::Settle { nth, version, split }),
        3 => (nth.clone(), 0..6u64, split.clone())
            .prop_map(|(nth, version, split)| Act::Dispute { nth, version, split }),
        3 => (nth.clone(), 0..6u64, split)
            .prop_map(|(nth, version, split)| Act::Answer { nth, version, split }),
        2 => nth.prop_map(|nth| Act::Conclude { nth }),
        2 => (1..9u32).prop_map(|blocks| Act::Wait { blocks }),
    ]
}

/// A channel as the simple judge sees it.
struct Simple {
    size: u8,
    deposits: Vec<Balance>,
    dispute: Option<(u64, Vec<Balance>, u32)>,
}

/// The simple judge: plain maps, no signatures, every rule in one line.
#[derive(Default)]
struct Model {
    money: BTreeMap<u8, Balance>,
    channels: BTreeMap<ChannelId, Simple>,
    used: BTreeSet<ChannelId>,
    opened: Vec<ChannelId>,
}

/// Divides `total` in proportion to `split`; the first gets what is left over.
fn divide(total: Balance, split: &[u8]) -> Vec<Balance> {
    let parts: Balance = split.iter().map(|it| Balance::from(*it)).sum();
    if parts == 0 {
        return (0..split.len()).map(|at| if at == 0 { total } else { 0 }).collect();
    }
    let mut shares: Vec<Balance> =
        split.iter().map(|it| total * Balance::from(*it) / parts).collect();
    shares[0] += total - shares.iter().sum::<Balance>();
    shares
}

impl Model {
    fn pay(&mut self, id: ChannelId, balances: &[Balance]) {
        let channel = self.channels.remove(&id).expect("it is open");
        for (party, amount) in order(channel.size).into_iter().zip(balances) {
            *self.money.entry(party).or_default() += amount;
        }
    }

    fn nth(&self, nth: usize) -> Option<ChannelId> {
        self.opened.get(nth % self.opened.len().max(1)).copied()
    }
}

/// Numbers of the first `size` parties in ascending order of their accounts.
fn order(size: u8) -> Vec<u8> {
    let mut numbers: Vec<u8> = (0..size).collect();
    numbers.sort_by_key(|it| Party::new(*it).account());
    numbers
}

/// Tries `act` on the chain and on the model, and compares what they say.
fn step(model: &mut Model, act: Act) {
    match act {
        Act::Open { size, nonce, deposits } => {
            let parties = parties(size);
            let mut wanted = params(&parties);
            // Few different ids, so that some come twice.
            wanted.open_by = System::block_number().div_ceil(20) * 20 + 10;
            wanted.nonce = nonce;
            let id = channel_id(&genesis(), &wanted);
            let deposits = &deposits[..usize::from(size)];
            let affordable = order(size)
                .iter()
                .zip(deposits)
                .all(|(party, deposit)| model.money[party] >= deposit + ED);
            let expected =
                !model.used.contains(&id) && affordable && deposits.iter().sum::<Balance>() > 0;
            let outcome = open_with(&parties, wanted, deposits);
            assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
            if expected {
                for (party, deposit) in order(size).into_iter().zip(deposits) {
                    *model.money.entry(party).or_default() -= deposit;
                }
                model.used.insert(id);
                model.opened.push(id);
                let deposits = deposits.to_vec();
                model.channels.insert(id, Simple { size, deposits, dispute: None });
            }
        }
        Act::Settle { nth, version, split } => {
            let Some(id) = model.nth(nth) else { return };
            let size = model.channels.get(&id).map_or(2, |it| it.size);
            let total = model.channels.get(&id).map_or(0, |it| it.deposits.iter().sum());
            let balances = divide(total, &split[..usize::from(size)]);
            let expected = model.channels.get(&id).is_some_and(|it| {
                version > 0 && it.dispute.as_ref().is_none_or(|(shown, ..)| version >= *shown)
            });
            let outcome = settle(&parties(size), final_state(id, version, &balances));
            assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
            if expected {
                model.pay(id, &balances);
            }
        }
        Act::Dispute { nth, version, split } => {
            let Some(id) = model.nth(nth) else { return };
            let (size, deposits) = model
                .channels
                .get(&id)
                .map_or((2, vec![0, 0]), |it| (it.size, it.deposits.clone()));
            let balances = divide(deposits.iter().sum(), &split[..usize::from(size)]);
            let expected = model
                .channels
                .get(&id)
                .is_some_and(|it| it.dispute.is_none() && (version > 0 || balances == deposits));
            let outcome = dispute(&parties(size), state(id, version, &balances));
            assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
            if expected {
                let deadline = System::block_number() + 10;
                let channel = model.channels.get_mut(&id).expect("it is open");
                channel.dispute = Some((version, balances, deadline));
            }
        }
        Act::Answer { nth, version, split } => {
            let Some(id) = model.nth(nth) else { return };
            let size = model.channels.get(&id).map_or(2, |it| it.size);
            let total = model.channels.get(&id).map_or(0, |it| it.deposits.iter().sum());
            let balances = divide(total, &split[..usize::from(size)]);
            let now = System::block_number();
            let dispute = model.channels.get(&id).and_then(|it| it.dispute.clone());
            let expected =
                dispute.as_ref().is_some_and(|(shown, _, end)| version > *shown && now < *end);
            let outcome = answer(&parties(size), state(id, version, &balances));
            assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
            if let (true, Some((.., deadline))) = (expected, dispute) {
                let channel = model.channels.get_mut(&id).expect("it is open");
                channel.dispute = Some((version, balances, deadline));
            }
        }
        Act::Conclude { nth } => {
            let Some(id) = model.nth(nth) else { return };
            let now = System::block_number();
            let due = model
                .channels
                .get(&id)
                .and_then(|it| it.dispute.clone())
                .filter(|(.., deadline)| now >= *deadline);
            let outcome = conclude(id);
            assert_eq!(outcome.is_ok(), due.is_some(), "{outcome:?}");
            if let Some((_, balances, _)) = due {
                model.pay(id, &balances);
            }
        }
        Act::Wait { blocks } => run_to(System::block_number() + blocks),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn chain_and_simple_judge_agree(acts in prop::collection::vec(act(), 1..60)) {
        new_test_ext().execute_with(|| {
            let issuance = Balances::total_issuance();
            let mut model = Model::default();
            model.money.extend((0..3).map(|party| (party, ENDOWMENT)));
            for act in acts {
                step(&mut model, act);
                check_invariants();
                assert_eq!(Balances::total_issuance(), issuance);
                for (party, money) in &model.money {
                    assert_eq!(free(&Party::new(*party)), *money, "party {party}");
                }
            }

            // However it went, everybody can get out, and nothing stays behind.
            for (id, channel) in std::mem::take(&mut model.channels) {
                let parties = parties(channel.size);
                if channel.dispute.is_none() {
                    assert_ok!(dispute(&parties, state(id, 0, &channel.deposits)));
                }
                run_to(System::block_number() + 10);
                assert_ok!(conclude(id));
            }
            run_to(System::block_number() + 100);
            check_invariants();
            assert!(is_forgotten());
            let left: Balance = (0..3).map(|it| free(&Party::new(it))).sum();
            assert_eq!(left, 3 * ENDOWMENT);
        });
    }
}
