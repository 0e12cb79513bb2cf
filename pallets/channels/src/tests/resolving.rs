// SPDX-License-Identifier: Apache-2.0

use crate::{Error, Event, Phase, Resolutions, mock::*};
use millrace_primitives_channels::{
    BlockNumber, ChannelId, ChannelState, MerkleProof, Transfer, transfer as trees,
};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok},
    sp_core::H256,
    sp_runtime::BoundedVec,
};

/// The last block before transfers expire.
const EXPIRY: BlockNumber = 40;

/// Three transfers of 10, 20 and 30, the last one in the other direction.
fn transfers() -> Vec<Transfer> {
    let back = Transfer { payer: 1, payee: 0, ..transfer(3, 30, EXPIRY + 5) };
    vec![transfer(1, 10, EXPIRY), transfer(2, 20, EXPIRY), back]
}

/// A channel of two with 100 each, of which 60 are in [`transfers`], concluded in block 11.
fn resolving() -> (Vec<Party>, ChannelId) {
    let parties = parties(2);
    let id = open_channel(&parties, &[100, 100]);
    let pending = with_transfers(state(id, 1, &[70, 70]), &transfers());
    assert_ok!(dispute(&parties, pending));
    run_to(dispute_of(id).deadline);
    assert_eq!(channel(id).phase, Phase::Resolving);
    check_invariants();
    (parties, id)
}

/// What two parties have beyond what they began with.
fn gains(parties: &[Party]) -> [i128; 2] {
    let gain = |party| free(party) as i128 - ENDOWMENT as i128;
    [gain(&parties[0]), gain(&parties[1])]
}

#[test]
fn balances_are_paid_at_once_and_transfers_wait() {
    new_test_ext().execute_with(|| {
        let (parties, id) = resolving();
        assert_eq!(gains(&parties), [-30, -30]);
        let until = EXPIRY + 5 + WINDOW;
        assert_eq!(Resolutions::<Test>::get(id).expect("it resolves").until, until);
        System::assert_last_event(
            Event::<Test>::ChannelConcluded {
                channel: id,
                version: 1,
                payouts: amounts(&[70, 70]),
                until: Some(until),
            }
            .into(),
        );
    });
}

#[test]
fn revealed_transfers_pay_the_payee_and_others_the_payer() {
    new_test_ext().execute_with(|| {
        // given
        let (parties, id) = resolving();
        let all = transfers();
        assert_ok!(reveal(1));

        // when one is claimed, and the others expire
        assert_ok!(claim(id, &all, 0));
        assert_eq!(gains(&parties), [-30, -20]);
        check_invariants();
        jump_to(EXPIRY);
        assert_ok!(refund(id, &all, 1));
        assert_eq!(gains(&parties), [-10, -20]);
        check_invariants();
        assert_noop!(refund(id, &all, 2), Error::<Test>::NotExpired);
        jump_to(EXPIRY + 5);
        assert_ok!(refund(id, &all, 2));

        // then the last one ends the channel before its time
        assert!(is_over(id));
        assert_eq!(gains(&parties), [-10, 10]);
        System::assert_last_event(
            Event::<Test>::ChannelResolved { channel: id, payouts: amounts(&[0, 30]) }.into(),
        );
        check_invariants();
    });
}

#[test]
fn what_nobody_claims_goes_back_by_itself() {
    new_test_ext().execute_with(|| {
        let (parties, id) = resolving();
        let until = Resolutions::<Test>::get(id).expect("it resolves").until;
        run_to(until - 1);
        assert!(!is_over(id));
        run_to(until);
        assert!(is_over(id));
        assert_eq!(gains(&parties), [0, 0]);
        check_invariants();
    });
}

#[test]
fn transfer_is_claimed_or_refunded_only_once() {
    new_test_ext().execute_with(|| {
        let (_, id) = resolving();
        let all = transfers();
        assert_ok!(reveal(1));
        assert_ok!(claim(id, &all, 0));
        assert_noop!(claim(id, &all, 0), Error::<Test>::AlreadyDecided);
        jump_to(EXPIRY);
        assert_noop!(refund(id, &all, 0), Error::<Test>::AlreadyDecided);
        assert_ok!(refund(id, &all, 1));
        assert_noop!(refund(id, &all, 1), Error::<Test>::AlreadyDecided);
        assert_noop!(claim(id, &all, 1), Error::<Test>::AlreadyDecided);
    });
}

#[test]
fn last_of_an_odd_number_cannot_be_shown_at_another_place() {
    new_test_ext().execute_with(|| {
        // given a transfer whose path to the root is shorter than that of others
        let (_, id) = resolving();
        let all = transfers();
        assert_ok!(reveal(3));
        let short = trees::proof(&all, 2).expect("it is there");
        assert_eq!(short.siblings.len(), 1);

        // when it is shown at any other place with the same path, then it is refused
        for index in [0, 1, 3, u32::MAX] {
            let forged = MerkleProof { index, ..short.clone() };
            assert_noop!(
                Channels::claim(anybody(), id, all[2], forged),
                Error::<Test>::InvalidProof
            );
        }
        assert_ok!(claim(id, &all, 2));
    });
}

#[test]
fn claim_fails_with_a_forged_proof() {
    new_test_ext().execute_with(|| {
        let (_, id) = resolving();
        let all = transfers();
        assert_ok!(reveal(1));
        let good = trees::proof(&all, 0).expect("it is there");
        let refuses = |transfer: Transfer, proof: MerkleProof| {
            assert_noop!(
                Channels::claim(anybody(), id, transfer, proof),
                Error::<Test>::InvalidProof
            );
        };

        // another amount, payee, expiry or lock, with the path of a real transfer
        refuses(Transfer { amount: 30, ..all[0] }, good.clone());
        refuses(Transfer { payee: 0, payer: 1, ..all[0] }, good.clone());
        refuses(Transfer { expiry: EXPIRY + 1, ..all[0] }, good.clone());
        refuses(Transfer { hashlock: H256::zero(), ..all[0] }, good.clone());
        // another place, a place out of range, a path that is cut, long or changed
        refuses(all[0], MerkleProof { index: 1, ..good.clone() });
        refuses(all[0], MerkleProof { index: 3, ..good.clone() });
        refuses(all[0], MerkleProof { siblings: BoundedVec::new(), ..good.clone() });
        let mut long = good.clone();
        long.siblings.try_push(H256::zero()).expect("there is room");
        refuses(all[0], long);
        let mut changed = good.clone();
        changed.siblings[0] = H256::zero();
        refuses(all[0], changed);
        assert_ok!(Channels::claim(anybody(), id, all[0], good));
    });
}

#[test]
fn claim_fails_with_a_transfer_of_another_channel() {
    new_test_ext().execute_with(|| {
        // given two resolving channels with different transfers
        let (parties, id) = resolving();
        let other = open_nth(&parties, &[100, 100], 1);
        let others = [transfer(4, 20, EXPIRY), transfer(5, 20, EXPIRY), transfer(6, 20, EXPIRY)];
        assert_ok!(dispute(&parties, with_transfers(state(other, 1, &[40, 100]), &others)));
        run_to(dispute_of(other).deadline);
        assert_ok!(reveal(4));

        // when, then
        assert_noop!(claim(id, &others, 0), Error::<Test>::InvalidProof);
        assert_ok!(claim(other, &others, 0));
        check_invariants();
    });
}

#[test]
fn claim_fails_when_nothing_is_pending_or_known() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        let all = transfers();
        assert_noop!(claim(id, &all, 0), Error::<Test>::NotResolving);
        let pulses = Pulses::new(id, 0, 1, 2, 10);
        assert_ok!(dispute(&parties, with_streams(state(id, 1, &[80, 100]), &[pulses.stream])));
        run_to(dispute_of(id).deadline);
        assert_noop!(claim(id, &all, 0), Error::<Test>::InvalidProof);
        assert_noop!(claim(H256::zero(), &all, 0), Error::<Test>::ChannelNotFound);
    });
}

#[test]
fn reveal_in_the_block_of_the_expiry_is_too_late() {
    new_test_ext().execute_with(|| {
        // given one reveal in the last block that counts, and one in the next
        let (parties, id) = resolving();
        let all = transfers();
        jump_to(EXPIRY - 1);
        assert_ok!(reveal(1));
        assert_noop!(refund(id, &all, 0), Error::<Test>::NotExpired);
        jump_to(EXPIRY);
        assert_ok!(reveal(2));

        // when, then each can only go one way
        assert_noop!(refund(id, &all, 0), Error::<Test>::RevealedInTime);
        assert_noop!(claim(id, &all, 1), Error::<Test>::NotRevealedInTime);
        assert_ok!(claim(id, &all, 0));
        assert_ok!(refund(id, &all, 1));
        assert_eq!(gains(&parties), [-10, -20]);
        check_invariants();
    });
}

#[test]
fn revealing_late_again_does_not_turn_back_time() {
    new_test_ext().execute_with(|| {
        let (_, id) = resolving();
        let all = transfers();
        jump_to(EXPIRY - 1);
        assert_ok!(reveal(1));
        jump_to(EXPIRY + 1);
        assert_ok!(reveal(1));
        assert_ok!(claim(id, &all, 0));
    });
}

#[test]
fn claim_fails_without_a_reveal() {
    new_test_ext().execute_with(|| {
        let (_, id) = resolving();
        assert_noop!(claim(id, &transfers(), 0), Error::<Test>::NotRevealedInTime);
        assert_noop!(refund(id, &transfers(), 0), Error::<Test>::NotExpired);
    });
}

#[test]
fn expiry_inside_the_challenge_window_takes_nothing_from_the_payee() {
    new_test_ext().execute_with(|| {
        // given a transfer that expires while its channel is disputed
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        let all = [transfer(1, 30, 6)];
        assert_ok!(dispute(&parties, with_transfers(state(id, 1, &[70, 100]), &all)));
        run_to(5);
        assert_ok!(reveal(1));

        // when balances are paid after that
        run_to(dispute_of(id).deadline);
        assert!(now() > 6);

        // then the payee has a whole window to claim
        assert_eq!(Resolutions::<Test>::get(id).expect("it resolves").until, now() + WINDOW);
        run_to(now() + WINDOW - 1);
        assert_ok!(claim(id, &all, 0));
        assert_eq!(gains(&parties), [-30, 30]);
        assert!(is_over(id));
        check_invariants();
    });
}

/// Disputes with a state that commits to `all` but claims something else of them, and goes on until
/// claims can be made.
fn resolving_with(
    all: &[Transfer],
    balances: &[u128],
    change: impl FnOnce(&mut ChannelState),
) -> (Vec<Party>, ChannelId) {
    let parties = parties(2);
    let id = open_channel(&parties, &[100, 100]);
    let mut pending = state(id, 1, balances);
    pending.pending = Some(millrace_primitives_channels::PendingTransfers {
        root: trees::root(all),
        totals: amounts(&[0, 0]),
        count: all.len() as u32,
        last_expiry: EXPIRY,
    });
    change(&mut pending);
    assert_ok!(dispute(&parties, pending));
    run_to(dispute_of(id).deadline);
    (parties, id)
}

#[test]
fn transfers_that_make_no_sense_go_back_to_the_payers() {
    new_test_ext().execute_with(|| {
        // given leaves that pay oneself, strangers, nothing, too much, or too late
        let all = [
            Transfer { payee: 0, ..transfer(1, 10, EXPIRY) },
            Transfer { payee: 2, ..transfer(1, 10, EXPIRY) },
            Transfer { payer: 2, ..transfer(1, 10, EXPIRY) },
            transfer(1, 0, EXPIRY),
            transfer(1, 11, EXPIRY),
            transfer(1, u128::MAX, EXPIRY),
            transfer(1, 10, EXPIRY + 1),
            Transfer { payer: 1, payee: 0, ..transfer(1, 1, EXPIRY) },
        ];
        let (parties, id) = resolving_with(&all, &[90, 100], |state| {
            state.pending.as_mut().expect("it is pending").totals = amounts(&[10, 0]);
        });
        assert_ok!(reveal(1));

        // when, then
        for (index, error) in [
            (0, Error::<Test>::BadTransfer),
            (1, Error::<Test>::BadTransfer),
            (2, Error::<Test>::BadTransfer),
            (3, Error::<Test>::BadTransfer),
            (4, Error::<Test>::TotalExceeded),
            (5, Error::<Test>::TotalExceeded),
            (6, Error::<Test>::BadTransfer),
            (7, Error::<Test>::TotalExceeded),
        ] {
            assert_noop!(claim(id, &all, index), error);
        }
        run_to(Resolutions::<Test>::get(id).expect("it resolves").until);
        assert_eq!(gains(&parties), [0, 0]);
        check_invariants();
    });
}

#[test]
fn totals_bound_what_transfers_pay_and_the_rest_goes_back() {
    new_test_ext().execute_with(|| {
        // given two transfers of 30 for which only 50 are set aside
        let all = [transfer(1, 30, EXPIRY), transfer(2, 30, EXPIRY)];
        let (parties, id) = resolving_with(&all, &[50, 100], |state| {
            state.pending.as_mut().expect("it is pending").totals = amounts(&[50, 0]);
        });
        assert_ok!(reveal(1));
        assert_ok!(reveal(2));

        // when both are claimed, then the first gets what it says, and the rest stays
        assert_ok!(claim(id, &all, 1));
        assert_noop!(claim(id, &all, 0), Error::<Test>::TotalExceeded);
        assert_eq!(gains(&parties), [-50, 30]);
        run_to(Resolutions::<Test>::get(id).expect("it resolves").until);
        assert_eq!(gains(&parties), [-30, 30]);
        check_invariants();
    });
}

#[test]
fn last_decision_gives_back_what_was_set_aside_for_nothing() {
    new_test_ext().execute_with(|| {
        let all = [transfer(1, 30, EXPIRY)];
        let (parties, id) = resolving_with(&all, &[50, 100], |state| {
            state.pending.as_mut().expect("it is pending").totals = amounts(&[50, 0]);
        });
        assert_ok!(reveal(1));
        assert_ok!(claim(id, &all, 0));
        assert!(is_over(id));
        assert_eq!(gains(&parties), [-30, 30]);
        check_invariants();
    });
}

#[test]
fn as_many_transfers_as_there_may_be_are_decided_one_by_one() {
    new_test_ext().execute_with(|| {
        // given
        let parties = parties(2);
        let id = open_channel(&parties, &[2_000, 100]);
        let all: Vec<_> = (0..1_024).map(|id| Transfer { id, ..transfer(1, 1, EXPIRY) }).collect();
        assert_ok!(dispute(&parties, with_transfers(state(id, 1, &[976, 100]), &all)));
        run_to(dispute_of(id).deadline);
        assert_ok!(reveal(1));

        // when
        for index in 0..1_024 {
            assert!(!is_over(id));
            assert_ok!(claim(id, &all, index));
        }

        // then
        assert!(is_over(id));
        assert_eq!(gains(&parties), [-1_024, 1_024]);
        check_invariants();
    });
}
