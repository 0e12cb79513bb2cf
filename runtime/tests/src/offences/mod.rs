// SPDX-License-Identifier: Apache-2.0

//! An equivocation, forged with real keys, ends with its author shut out, jailed and slashed: in block
//! production (BABE), in finality votes (GRANDPA) and in votes on the Merkle mountain range (BEEFY).
//!
//! | file | what it holds |
//! |---|---|
//! | `forging` | contradictions and reports of them |

mod forging;

use super::chain::Chain;
use codec::Encode;
use forging::{REPORTERS, babe_report, is_taken, running_chain};
use millrace_runtime::{constants::money::MILL, *};
use pallet_dpos::{Call, CurrentEra, Mode, UnappliedSlashes};
use polkadot_sdk::{pallet_offences, pallet_session, sp_keyring::Sr25519Keyring};

/// Blocks until this era has begun, and one more, in which slashes are applied that are due.
fn reach(chain: &mut Chain, era: u32) {
    while chain.read(CurrentEra::<Runtime>::get) < era {
        chain.empty_blocks(1);
    }
    chain.empty_blocks(1);
}

#[test]
fn equivocation_is_recorded_and_disables_its_author() {
    for (offence, report) in REPORTERS {
        // given
        let mut chain = running_chain();

        // when
        let report = report(&mut chain, [1, 2]);
        assert!(is_taken(&mut chain, report), "{offence}");

        // then the offence is on record and Bob is out for the session
        let bob = Sr25519Keyring::Bob.to_account_id();
        chain.read(|| {
            assert_eq!(pallet_offences::Reports::<Runtime>::iter().count(), 1, "{offence}");
            let index = Session::validators().iter().position(|who| *who == bob);
            let index = index.expect("Bob stays elected") as u32;
            assert_eq!(Session::disabled_validators(), vec![index], "{offence}");
        });
    }
}

/// All stake with Bob.
fn stake_with_bob(chain: &mut Chain) -> Balance {
    let bob = Sr25519Keyring::Bob.to_account_id();
    chain.read(|| Dpos::view_candidate(&bob)).map(|view| view.total).expect("Bob is a candidate")
}

#[test]
fn equivocation_ends_in_a_slash_two_eras_later_and_costs_the_office() {
    for (offence, report) in REPORTERS {
        // given an equivocation in the first era
        let mut chain = running_chain();
        let before = stake_with_bob(&mut chain);
        let report = report(&mut chain, [1, 2]);
        assert!(is_taken(&mut chain, report), "{offence}");
        let bob = Sr25519Keyring::Bob.to_account_id();
        let slash = chain.read(|| UnappliedSlashes::<Runtime>::get(2, (bob.clone(), 0)));
        // One of four: (3 × 1 / 4)², in parts of a thousand million.
        let fraction = slash.map(|it| it.fraction.deconstruct());
        assert_eq!(fraction, Some(562_500_000), "{offence}");

        // when the era is over, then he is not elected again, and still has his stake
        while chain.read(CurrentEra::<Runtime>::get) < 1 {
            chain.empty_blocks(1);
        }
        assert!(!chain.read(Session::validators).contains(&bob), "{offence}");
        assert!(stake_with_bob(&mut chain) >= before, "{offence}");

        // and when the next one is over, the slash is taken
        reach(&mut chain, 2);
        let after = stake_with_bob(&mut chain);
        assert!(after < before / 2 && after > before / 5 * 2, "{offence}: {after} of {before}");
        chain.read(Dpos::do_try_state).expect("the rules hold");
    }
}

#[test]
fn governance_cancels_a_slash_of_an_equivocation() {
    let mut chain = running_chain();
    let before = stake_with_bob(&mut chain);
    let report = babe_report(&mut chain, [1, 2]);
    assert!(is_taken(&mut chain, report));
    let bob = Sr25519Keyring::Bob.to_account_id();
    chain.read(|| Dpos::cancel_slash(RuntimeOrigin::root(), 0, bob)).expect("root may cancel");
    while chain.read(CurrentEra::<Runtime>::get) < 3 {
        chain.empty_blocks(1);
    }
    assert!(stake_with_bob(&mut chain) >= before);
}

#[test]
fn second_report_of_one_equivocation_is_refused() {
    for (offence, report) in REPORTERS {
        let mut chain = running_chain();
        let report = report(&mut chain, [1, 2]);
        assert!(is_taken(&mut chain, report.clone()), "{offence}");
        assert!(!is_taken(&mut chain, report), "{offence}");
    }
}

#[test]
fn report_without_a_contradiction_is_refused() {
    for (offence, report) in REPORTERS {
        let mut chain = running_chain();
        let report = report(&mut chain, [1, 1]);
        assert!(!is_taken(&mut chain, report), "{offence}");
        assert!(chain.read(Session::disabled_validators).is_empty(), "{offence}");
    }
}

/// What Bob might try between his offence and its report.
fn escapes(chain: &mut Chain) -> [(&'static str, RuntimeCall); 3] {
    let (keys, proof) = chain.read(|| {
        let generated = SessionKeys::generate(&Sr25519Keyring::Bob.to_account_id().encode(), None);
        (generated.keys, generated.proof.encode())
    });
    [
        ("new keys", pallet_session::Call::set_keys { keys, proof }.into()),
        ("no keys", pallet_session::Call::purge_keys {}.into()),
        ("giving up", pallet_dpos::Call::leave {}.into()),
    ]
}

#[test]
fn rotating_or_purging_keys_or_leaving_right_after_equivocating_is_no_escape() {
    for at in 0..3 {
        // given an equivocation
        let mut chain = running_chain();
        let bob = Sr25519Keyring::Bob.to_account_id();
        let staked = |chain: &mut Chain| {
            chain.read(|| Dpos::staked_by(&Sr25519Keyring::Bob.to_account_id()))
        };
        let before = staked(&mut chain);
        let report = babe_report(&mut chain, [1, 2]);

        // when Bob acts before anybody reports it, and what he did takes effect
        let (escape, call) = escapes(&mut chain)[at].clone();
        let old_keys = chain.read(|| Babe::authorities().to_vec());
        chain.submit(Sr25519Keyring::Bob, call).expect("he may do that");
        let epoch = chain.read(network::EpochSlots::<Runtime>::get);
        chain.empty_blocks(2 * epoch);
        let new_keys = chain.read(|| Babe::authorities().to_vec());
        assert_eq!(old_keys == new_keys, escape == "giving up", "{escape}");

        // then the report finds him by the keys that he had
        let outcome = chain.block(vec![UncheckedExtrinsic::new_bare(report)]).pop();
        assert!(matches!(outcome, Some(Ok(Ok(())))), "{escape}: {outcome:?}");
        let slash = chain.read(|| UnappliedSlashes::<Runtime>::get(2, (bob.clone(), 0)));
        assert!(slash.is_some(), "{escape}");

        // and he loses as much as if he had done nothing
        reach(&mut chain, 2);
        let after = staked(&mut chain);
        assert!(after < before / 2 && after > before / 5 * 2, "{escape}: {after} of {before}");
        chain.read(Dpos::do_try_state).expect("the rules hold");
    }
}

/// What Eve and Ferdie each delegate to Bob.
const STAKE: Balance = 900 * MILL;

/// Checks that 56.25 percent of an amount was taken: (3 × 1 / 4)², for one of four validators. A slash is
/// rounded up, a few units at most.
fn assert_slashed(before: Balance, after: Balance, whose: &str) {
    let left = before * 4_375 / 10_000;
    assert!((left - 10..=left).contains(&after), "{whose}: {after} of {before}, and not {left}");
}

#[test]
fn slash_of_an_equivocation_reaches_delegators_and_what_left_or_moved_on_in_proportion() {
    // given two who delegate to Bob
    let mut chain = running_chain();
    let (eve, ferdie) = (Sr25519Keyring::Eve, Sr25519Keyring::Ferdie);
    let [alice, bob] = [Sr25519Keyring::Alice, Sr25519Keyring::Bob].map(|it| it.to_account_id());
    for who in [eve, ferdie] {
        let (candidate, mode) = (bob.clone(), Mode::Payout);
        let call = Call::<Runtime>::delegate { candidate, amount: STAKE, mode };
        chain.submit(who, call).expect("both are rich");
    }
    let staked = |chain: &mut Chain, who: Sr25519Keyring, with: &AccountId| {
        let view = chain.read(|| Dpos::view_delegator(&who.to_account_id()));
        let found = view.delegations.into_iter().find(|it| it.candidate == *with);
        found.expect("there is a delegation").stake
    };
    reach(&mut chain, 1);

    // when Bob contradicts himself, and one of them takes a third back and moves a third on before
    // anybody reports it
    let report = babe_report(&mut chain, [1, 2]);
    let with_alice = staked(&mut chain, eve, &alice);
    let third = STAKE / 3;
    let unbond = Call::<Runtime>::unbond { candidate: bob.clone(), amount: third };
    chain.submit(eve, unbond).expect("she has as much");
    let (from, to) = (bob.clone(), alice.clone());
    let redelegate = Call::<Runtime>::redelegate { from, to, amount: third };
    chain.submit(eve, redelegate).expect("she has as much");
    assert!(is_taken(&mut chain, report));
    assert_eq!(staked(&mut chain, ferdie, &bob), STAKE);

    // then, two eras later, every part of it has lost the same share
    reach(&mut chain, 3);
    assert_slashed(STAKE, staked(&mut chain, ferdie, &bob), "who stayed");
    assert_slashed(third, staked(&mut chain, eve, &bob), "what stayed");
    let unbonding = chain.read(|| Dpos::view_delegator(&eve.to_account_id())).unbonding;
    assert_slashed(third, unbonding.iter().map(|it| it.amount).sum(), "what left");
    let moved = |chain: &mut Chain| staked(chain, eve, &alice) - with_alice;
    assert_slashed(third, moved(&mut chain), "what moved on");

    // and it is taken as it was shown
    let shown = moved(&mut chain);
    let sync = Call::<Runtime>::sync { delegator: eve.to_account_id(), candidate: alice.clone() };
    chain.submit(ferdie, sync).expect("anybody may do that");
    assert_eq!(moved(&mut chain), shown);
    chain.read(Dpos::do_try_state).expect("the rules hold");
}
