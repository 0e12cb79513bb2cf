// SPDX-License-Identifier: Apache-2.0

//! The chain elects its validators, knows who makes its blocks, and counts each unit once.

use super::{chain::Chain, parties::account_view};
use millrace_primitives_dpos::{AccountId, api::ElectionView};
use millrace_runtime::{constants::money::MILL, genesis, governance::origins::Origin, *};
use pallet_dpos::{CurrentEra, Event, Liveness, Mode, Params, WeightInfo, offices::PostponeReason};
use polkadot_sdk::{
    frame_support::{
        dispatch::{DispatchClass, GetDispatchInfo},
        storage::{TransactionOutcome, with_transaction},
        weights::Weight,
    },
    frame_system,
    sp_keyring::Sr25519Keyring,
    sp_runtime::{DispatchError, traits::Dispatchable},
};

/// Four validators: the fewest of which one may be jailed.
const VALIDATORS: [Sr25519Keyring; 4] =
    [Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie, Sr25519Keyring::Dave];

/// Blocks until this era has begun.
fn reach(chain: &mut Chain, era: u32) {
    while chain.read(CurrentEra::<Runtime>::get) < era {
        chain.empty_blocks(1);
    }
}

/// Why elections were postponed in the last block.
fn postponed(chain: &mut Chain) -> Vec<PostponeReason> {
    let reason = |event| match event {
        RuntimeEvent::Dpos(Event::ElectionPostponed { reason, .. }) => Some(reason),
        _ => None,
    };
    chain.read(|| System::events().into_iter().filter_map(|record| reason(record.event)).collect())
}

#[test]
fn development_chain_elects_its_own_validator_each_era() {
    // given Alice as only candidate
    let mut chain = Chain::development();
    chain.empty_blocks(1);
    let alice = Sr25519Keyring::Alice.to_account_id();
    let first = chain.read(Dpos::view_set).expect("there is a set");
    assert_eq!(first.validators.len(), 1);

    // when eras end
    for era in 1..4 {
        while chain.read(CurrentEra::<Runtime>::get) < era {
            chain.empty_blocks(1);
            assert_eq!(postponed(&mut chain), []);
        }
        // then she was elected anew for each, with the stake of her delegators
        let set = chain.read(Dpos::view_set).expect("there is a set");
        assert_eq!((set.era, set.version), (era, era));
        let [seat] = &set.validators[..] else { panic!("not one validator: {set:?}") };
        assert_eq!(seat.account, alice);
        assert!(seat.total >= 175_000 * MILL);
        assert_eq!(chain.read(Session::validators), std::slice::from_ref(&alice));
        chain.read(Dpos::do_try_state).expect("the rules hold");
    }
}

#[test]
fn schedule_names_the_authors_of_the_coming_blocks() {
    // given a chain of four validators, somewhere in an epoch with randomness of its own
    let mut chain = Chain::with_validators(&VALIDATORS);
    chain.empty_blocks(70);
    let schedule = chain.read(|| Dpos::view_schedule(1_000));

    // then it covers this epoch and the next
    assert!(schedule.len() > 30 && schedule.len() <= 60, "{} slots", schedule.len());

    // and each block is made by the validator it names
    for expected in &schedule {
        let who = &expected.validator;
        let made = |chain: &mut Chain| chain.read(|| Liveness::<Runtime>::get(who).made);
        let (era, before) = (chain.read(CurrentEra::<Runtime>::get), made(&mut chain));
        chain.empty_blocks(1);
        assert_eq!(chain.slot(), expected.slot);
        let is_same_era = chain.read(CurrentEra::<Runtime>::get) == era;
        assert_eq!(made(&mut chain), if is_same_era { before + 1 } else { 1 });
    }
}

#[test]
fn skipped_slots_are_missed_by_whom_the_schedule_names() {
    let mut chain = Chain::with_validators(&VALIDATORS);
    chain.empty_blocks(5);
    let skipped = chain.read(|| Dpos::view_schedule(6));
    chain.skip_slots(6);
    chain.empty_blocks(1);
    for validator in VALIDATORS.map(|it| it.to_account_id()) {
        let own = skipped.iter().filter(|it| it.validator == validator).count();
        let missed = chain.read(|| Liveness::<Runtime>::get(&validator).missed);
        assert_eq!(missed as usize, own);
    }
}

#[test]
fn newcomer_with_keys_and_stake_takes_office() {
    // given that Bob has keys, and more stake than Alice
    let mut chain = Chain::development();
    let bob = Sr25519Keyring::Bob;
    let (keys, proof) = chain.read(|| {
        use codec::Encode;
        let generated = SessionKeys::generate(&bob.to_account_id().encode(), None);
        (generated.keys, generated.proof.encode())
    });
    let register = pallet_dpos::Call::<Runtime>::register {
        self_bond: 200_000 * MILL,
        commission: Default::default(),
        mode: Mode::Compound,
    };
    let early = chain.submit(bob, register.clone());
    assert_eq!(early, Err(pallet_dpos::Error::<Runtime>::NoSessionKeys.into()));
    let set_keys = polkadot_sdk::pallet_session::Call::set_keys { keys, proof };
    chain.submit(bob, set_keys).expect("keys with their proof are accepted");
    chain.submit(bob, register).expect("Bob has keys and money");

    // when the era of the next election begins, then both are in office
    reach(&mut chain, 2);
    let mut both: Vec<AccountId> = vec![Sr25519Keyring::Alice.to_account_id(), bob.to_account_id()];
    both.sort();
    assert_eq!(chain.read(Session::validators), both);
    assert_eq!(chain.read(|| Babe::authorities().len()), 2);
}

#[test]
fn rewards_accrue_to_delegators_through_the_next_era() {
    let mut chain = Chain::development();
    let eve = Sr25519Keyring::Eve.to_account_id();
    let staked = |chain: &mut Chain| account_view(chain, Sr25519Keyring::Eve).staked;
    chain.empty_blocks(1);
    assert_eq!(staked(&mut chain), 50_000 * MILL);
    reach(&mut chain, 1);
    chain.empty_blocks(5);
    let early = staked(&mut chain);
    chain.empty_blocks(30);
    let later = staked(&mut chain);
    assert!(50_000 * MILL < early && early < later);
    let view = chain.read(|| Dpos::view_delegator(&eve));
    assert_eq!(view.delegations.len(), 1);
    assert!(view.delegations.iter().all(|it| it.rewards > 0));
}

#[test]
fn network_view_says_where_the_chain_stands() {
    let mut chain = Chain::development();
    chain.empty_blocks(35);
    let view = chain.read(Dpos::view_network);
    assert_eq!((view.session, view.era, view.next_era_session), (1, 0, 3));
    assert_eq!(view.election, ElectionView::Decided);
    assert_eq!((view.candidates, view.staked), (1, 175_000 * MILL));
    assert!(view.yearly_return > Some(view.inflation));
    let quorum = chain.read(Dpos::view_quorum);
    assert_eq!((quorum.validators, quorum.threshold, quorum.online), (1, 1, 1));
    assert_eq!(quorum.online_stake, 175_000 * MILL);
}

#[test]
fn chain_without_candidates_keeps_the_validators_of_its_genesis() {
    let mut patch = genesis::development(&VALIDATORS);
    patch["dpos"]["candidates"] = serde_json::json!([]);
    patch["dpos"]["delegations"] = serde_json::json!([]);
    let mut chain = Chain::from_patch(patch);
    let before = chain.read(Session::validators);
    assert_eq!(before.len(), 4);
    chain.empty_blocks(200);
    assert_eq!(chain.read(Session::validators), before);
    assert!(chain.read(|| Historical::historical_root(Session::current_index())).is_some());
}

#[test]
fn call_gives_back_what_departures_that_are_not_there_would_take() {
    type Weights = pallet_dpos::weights::SubstrateWeight<Runtime>;

    let mut chain = Chain::development();
    chain.empty_blocks(1);
    let (alice, eve) = (Sr25519Keyring::Alice.to_account_id(), Sr25519Keyring::Eve.to_account_id());
    let claim = pallet_dpos::Call::<Runtime>::claim { candidate: alice.clone() };
    let unbond = pallet_dpos::Call::<Runtime>::unbond { candidate: alice, amount: MILL };
    chain.read(|| {
        // given a delegation that answers for nobody else, and two calls that are charged for the most
        let weigh = |call: pallet_dpos::Call<Runtime>| {
            let call = RuntimeCall::from(call);
            let charged = call.get_dispatch_info().call_weight;
            (charged, call.dispatch(RuntimeOrigin::signed(eve.clone())))
        };

        // when one goes through, then it takes what there was to do
        let (charged, outcome) = weigh(unbond);
        assert_eq!(charged, Weights::unbond(32));
        let taken = outcome.expect("she has as much").actual_weight;
        assert_eq!(taken, Some(Weights::unbond(0)));
        assert!(taken.is_some_and(|taken| charged.all_gte(taken.saturating_mul(2))));

        // and so does one that fails
        let (charged, outcome) = weigh(claim);
        assert_eq!(charged, Weights::claim(32));
        let failed = outcome.expect_err("nothing was earned yet");
        assert_eq!(failed.error, pallet_dpos::Error::<Runtime>::NothingToClaim.into());
        assert_eq!(failed.post_info.actual_weight, Some(Weights::claim(0)));
    });
}

#[test]
fn governance_alone_sets_the_numbers_of_staking_and_only_within_their_bounds() {
    let mut chain = Chain::development();
    let before = chain.read(pallet_dpos::Parameters::<Runtime>::get);
    let longer = Params { sessions_per_era: 4, ..before };
    let user = RuntimeOrigin::signed(Sr25519Keyring::Alice.to_account_id());
    let admin = || RuntimeOrigin::from(Origin::ParameterAdmin);
    chain.read(|| {
        assert_eq!(Dpos::set_params(user, longer), Err(DispatchError::BadOrigin));
        let crowded = Params { max_validators: 1_001, ..before };
        let refused = pallet_dpos::Error::<Runtime>::ValidatorsOutOfBounds.into();
        assert_eq!(Dpos::set_params(admin(), crowded), Err(refused));
        assert_eq!(pallet_dpos::Parameters::<Runtime>::get(), before);
        assert_eq!(Dpos::set_params(admin(), longer), Ok(()));
        assert_eq!(pallet_dpos::Parameters::<Runtime>::get(), longer);
    });
}

/// What the chain's own work has taken of the last block, or of the one that is being built.
fn mandatory_weight() -> Weight {
    *System::block_weight().get(DispatchClass::Mandatory)
}

/// What a change of sessions would add to the block that is being built, beside the whole block that
/// the session pallet claims for it as its hook returns.
fn weight_of_a_rotation() -> Weight {
    let before = mandatory_weight();
    let after = with_transaction(|| {
        Session::rotate_session();
        TransactionOutcome::Rollback(Ok::<_, DispatchError>(mandatory_weight()))
    });
    after.expect("it is not nested too deeply").saturating_sub(before)
}

#[test]
fn change_of_sessions_is_charged_for_exactly_what_it_does() {
    type Weights = pallet_dpos::weights::SubstrateWeight<Runtime>;

    // given eras of three sessions: in the second the next set is handed over, with the third ends
    // the era
    let mut chain = Chain::with_validators(&VALIDATORS);
    let extras = [Weight::zero(), Weights::seat_next(4), Weights::rotate_era(4)];
    for (session, extra) in (0..).zip(extras) {
        while chain.read(Session::current_index) < session {
            chain.empty_blocks(1);
        }
        chain.empty_blocks(15);

        // when the next session begins, then its block is charged for that and for nothing else
        let always = Weights::begin_session(0).saturating_add(Weights::plan_session(4));
        assert_eq!(chain.build(weight_of_a_rotation), always.saturating_add(extra), "{session}");
    }
}

#[test]
fn block_that_changes_sessions_is_full_and_says_what_it_took_beyond_that() {
    type Weights = pallet_dpos::weights::SubstrateWeight<Runtime>;

    // given a chain whose blocks are nearly empty
    let mut chain = Chain::development();
    let room = <Runtime as frame_system::Config>::BlockWeights::get().max_block;
    chain.empty_blocks(29);
    let session = chain.read(Session::current_index);
    assert!(room.all_gte(chain.read(mandatory_weight).saturating_mul(2)));

    // when sessions change, then the block is taken, and what this chain does for it comes on top
    while chain.read(Session::current_index) == session {
        chain.empty_blocks(1);
    }
    let taken = chain.read(mandatory_weight);
    let least = Weights::begin_session(0).saturating_add(Weights::plan_session(1));
    assert!(taken.ref_time() >= room.ref_time() + least.ref_time());
    // A block has as much room for proofs as a number can count, so nothing can come on top of that.
    assert_eq!(taken.proof_size(), room.proof_size());
}
