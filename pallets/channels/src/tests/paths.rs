// SPDX-License-Identifier: Apache-2.0

//! A payment across three channels: from the first of four parties to the last. All channels carry
//! one hash lock, so they decide alike, whatever happens to any of them.

use crate::mock::*;
use millrace_primitives_channels::{BlockNumber, ChannelId, Transfer};
use polkadot_sdk::frame_support::assert_ok;

/// What the payment is about.
const AMOUNT: u128 = 30;

/// One channel on the path, between the parties at these positions.
struct Hop {
    id: ChannelId,
    parties: Vec<Party>,
    payer: usize,
    payee: usize,
    transfers: Vec<Transfer>,
}

/// Four parties with a channel of 100 each between neighbours, all with a transfer under the lock of
/// [`secret`] 1. Each expires earlier than the one before it.
fn path(expiries: [BlockNumber; 3]) -> (Vec<Party>, Vec<Hop>) {
    let people: Vec<Party> = (0..4).map(Party::new).collect();
    let hops = (0..3)
        .map(|at| {
            let mut pair = vec![people[at].clone(), people[at + 1].clone()];
            pair.sort_by_key(Party::account);
            let payer = pair.iter().position(|it| it.account() == people[at].account());
            let payer = payer.expect("it is one of the two") as u8;
            let id = open_nth(&pair, &[100, 100], at as u64);
            let transfer =
                Transfer { payer, payee: 1 - payer, ..transfer(1, AMOUNT, expiries[at]) };
            let (payer, payee) = (at, at + 1);
            Hop { id, parties: pair, payer, payee, transfers: vec![transfer] }
        })
        .collect();
    (people, hops)
}

/// Disputes the channel of this hop with the state that carries the transfer.
fn close(hop: &Hop) {
    let mut balances = [100, 100];
    balances[usize::from(hop.transfers[0].payer)] -= AMOUNT;
    let pending = with_transfers(state(hop.id, 1, &balances), &hop.transfers);
    assert_ok!(dispute(&hop.parties, pending));
}

/// Claims or refunds the transfer of this hop, whichever works.
fn decide(hop: &Hop) {
    let claimed = claim(hop.id, &hop.transfers, 0).is_ok();
    let refunded = refund(hop.id, &hop.transfers, 0).is_ok();
    assert!(claimed != refunded, "a transfer goes one way");
}

/// What each person has gained.
fn gains(people: &[Party]) -> Vec<i128> {
    people.iter().map(|it| free(it) as i128 - ENDOWMENT as i128).collect()
}

/// All orders of three.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

#[test]
fn payment_resolves_alike_in_whatever_order_claims_land() {
    for order in ORDERS {
        new_test_ext().execute_with(|| {
            // given a payment whose preimage is revealed before the first expiry
            let (people, hops) = path([40, 34, 28]);
            hops.iter().for_each(close);
            assert_ok!(reveal(1));
            run_to(dispute_of(hops[0].id).deadline);

            // when
            for at in order {
                decide(&hops[at]);
                check_invariants();
            }

            // then
            assert_eq!(gains(&people), [-30, 0, 0, 30], "{order:?}");
            assert!(hops.iter().all(|hop| is_over(hop.id)));
        });
    }
}

#[test]
fn payment_that_nobody_unlocks_goes_back_in_whatever_order() {
    for order in ORDERS {
        new_test_ext().execute_with(|| {
            let (people, hops) = path([40, 38, 36]);
            hops.iter().for_each(close);
            run_to(40);
            // Too late for all of them.
            assert_ok!(reveal(1));
            order.iter().for_each(|at| decide(&hops[*at]));
            assert_eq!(gains(&people), [0, 0, 0, 0], "{order:?}");
            check_invariants();
        });
    }
}

#[test]
fn hop_in_dispute_as_its_expiry_passes_resolves_like_the_others() {
    for late in 0..3 {
        new_test_ext().execute_with(|| {
            // given a payment that is unlocked in time
            let expiries = [26, 25, 24];
            let (people, hops) = path(expiries);
            for hop in hops.iter().filter(|hop| hop.payer != late) {
                close(hop);
            }
            run_to(expiries[late] - 3);
            assert_ok!(reveal(1));

            // when one hop's channel is disputed so late that the window covers the expiry
            close(&hops[late]);
            assert!(dispute_of(hops[late].id).deadline > expiries[late]);
            run_to(dispute_of(hops[late].id).deadline);

            // then it pays as the others do
            for hop in &hops {
                decide(hop);
            }
            assert_eq!(gains(&people), [-30, 0, 0, 30], "hop {late} was late");
            check_invariants();
        });
    }
}

#[test]
fn path_in_which_nobody_claims_loses_only_what_its_owners_leave() {
    new_test_ext().execute_with(|| {
        // given an unlocked payment whose last payee claims, and a payee before it who sleeps
        let (people, hops) = path([40, 34, 28]);
        hops.iter().for_each(close);
        assert_ok!(reveal(1));
        run_to(dispute_of(hops[0].id).deadline);
        decide(&hops[2]);
        decide(&hops[0]);

        // when the time is up, then nothing stays behind
        run_to(100);
        assert_eq!(gains(&people), [-30, 30, -30, 30]);
        assert_eq!((hops[1].payer, hops[1].payee), (1, 2));
        assert!(is_forgotten());
        check_invariants();
    });
}
