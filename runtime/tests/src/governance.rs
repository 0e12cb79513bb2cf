// SPDX-License-Identifier: Apache-2.0

//! A referendum upgrades the chain's code; the committee's whitelist makes it fast.

use super::chain::Chain;
use codec::Encode;
use millrace_runtime::{constants::money::MILL, *};
use polkadot_sdk::{
    frame_support,
    frame_support::traits::{Bounded, schedule::DispatchTime},
    frame_system,
    frame_system::RawOrigin,
    pallet_beefy, pallet_collective, pallet_conviction_voting as voting, pallet_grandpa,
    pallet_preimage, pallet_referenda, pallet_utility, pallet_whitelist,
    sp_core::storage::well_known_keys,
    sp_keyring::Sr25519Keyring,
    sp_runtime::traits::{BlakeTwo256, Hash as _},
    sp_version::RuntimeVersion,
};

/// Votes with `balance` and no lock.
fn aye(poll_index: u32, balance: Balance) -> RuntimeCall {
    voting::Call::vote {
        poll_index,
        vote: voting::AccountVote::Standard {
            vote: voting::Vote { aye: true, conviction: voting::Conviction::None },
            balance,
        },
    }
    .into()
}

/// A new blob and the version it claims to have.
fn upgrade() -> (Vec<u8>, RuntimeVersion) {
    let mut version = VERSION;
    version.spec_version += 1;
    (b"the next runtime".to_vec(), version)
}

/// Notes `call` as a preimage and submits it as a referendum with this origin.
fn propose(chain: &mut Chain, origin: OriginCaller, call: RuntimeCall) {
    let bytes = call.encode();
    let (hash, len) = (BlakeTwo256::hash(&bytes), bytes.len() as u32);
    chain
        .submit(Sr25519Keyring::Alice, pallet_preimage::Call::note_preimage { bytes })
        .expect("Alice can pay for the preimage");
    let submit = pallet_referenda::Call::submit {
        proposal_origin: Box::new(origin),
        proposal: Bounded::Lookup { hash, len },
        enactment_moment: DispatchTime::After(1),
    };
    chain.submit(Sr25519Keyring::Alice, submit).expect("anybody may submit a referendum");
    chain
        .submit(Sr25519Keyring::Bob, pallet_referenda::Call::place_decision_deposit { index: 0 })
        .expect("Bob can pay the deposit");
}

/// Has two of the committee's three members whitelist `call`.
fn whitelist(chain: &mut Chain, call: &RuntimeCall) {
    let whitelist: RuntimeCall =
        pallet_whitelist::Call::whitelist_call { call_hash: BlakeTwo256::hash_of(call) }.into();
    let motion: RuntimeCall =
        pallet_collective::Call::<Runtime, pallet_collective::Instance1>::propose {
            threshold: 2,
            proposal: Box::new(whitelist.clone()),
            length_bound: 1_000,
        }
        .into();
    chain.submit(Sr25519Keyring::Alice, motion).expect("Alice is on the committee");
    let hash = BlakeTwo256::hash_of(&whitelist);
    for member in [Sr25519Keyring::Alice, Sr25519Keyring::Bob] {
        let vote: RuntimeCall =
            pallet_collective::Call::<Runtime, pallet_collective::Instance1>::vote {
                proposal: hash,
                index: 0,
                approve: true,
            }
            .into();
        chain.submit(member, vote).expect("members vote");
    }
    let close: RuntimeCall =
        pallet_collective::Call::<Runtime, pallet_collective::Instance1>::close {
            proposal_hash: hash,
            index: 0,
            proposal_weight_bound: frame_support::weights::Weight::from_parts(
                1_000_000_000,
                100_000,
            ),
            length_bound: 1_000,
        }
        .into();
    chain.submit(Sr25519Keyring::Alice, close).expect("two of three is two thirds");
}

#[test]
fn referendum_authorises_an_upgrade_that_anybody_applies() {
    // given a referendum with root rights that authorises a new blob
    let (code, version) = upgrade();
    let mut chain = Chain::development();
    chain.pretend_blobs_have_version(version);
    let authorise = frame_system::Call::authorize_upgrade { code_hash: BlakeTwo256::hash(&code) };
    propose(&mut chain, RawOrigin::Root.into(), authorise.into());

    // when a tenth of all tokens say aye and its time passes
    for voter in [Sr25519Keyring::Alice, Sr25519Keyring::Dave] {
        chain.submit(voter, aye(0, 6_000_000 * MILL)).expect("votes count while it is ongoing");
    }
    assert!(chain.read(System::authorized_upgrade).is_none());
    chain.empty_blocks(40);

    // then the upgrade is authorised, and Eve, who holds no office, applies it
    assert!(chain.read(System::authorized_upgrade).is_some());
    let apply = frame_system::Call::apply_authorized_upgrade { code: code.clone() };
    chain.submit(Sr25519Keyring::Eve, apply).expect("the blob is the one authorised");
    let stored = chain
        .read(|| polkadot_sdk::frame_support::storage::unhashed::get_raw(well_known_keys::CODE));
    assert_eq!(stored, Some(code));
}

#[test]
fn referendum_without_support_changes_nothing() {
    // given the same referendum
    let (code, version) = upgrade();
    let mut chain = Chain::development();
    chain.pretend_blobs_have_version(version);
    let authorise = frame_system::Call::authorize_upgrade { code_hash: BlakeTwo256::hash(&code) };
    propose(&mut chain, RawOrigin::Root.into(), authorise.into());

    // when nobody votes
    chain.empty_blocks(60);

    // then nothing is authorised
    assert!(chain.read(System::authorized_upgrade).is_none());
    assert!(chain.read(|| matches!(
        pallet_referenda::ReferendumInfoFor::<Runtime>::get(0),
        Some(pallet_referenda::ReferendumInfo::Rejected(..))
    )));
}

#[test]
fn whitelisted_call_needs_far_less_support() {
    // given a call that the technical committee has whitelisted
    let (code, version) = upgrade();
    let mut chain = Chain::development();
    chain.pretend_blobs_have_version(version);
    let authorise: RuntimeCall =
        frame_system::Call::authorize_upgrade { code_hash: BlakeTwo256::hash(&code) }.into();
    whitelist(&mut chain, &authorise);

    // when a referendum on its track gets a little support
    let dispatch = pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage {
        call: Box::new(authorise),
    };
    propose(
        &mut chain,
        OriginCaller::Origins(millrace_runtime::governance::origins::Origin::WhitelistedCaller),
        dispatch.into(),
    );
    chain.submit(Sr25519Keyring::Dave, aye(0, 9_000_000 * MILL)).expect("Dave votes");
    chain.empty_blocks(25);

    // then it is enacted with root rights well before the ordinary track would
    assert!(chain.read(System::authorized_upgrade).is_some());
}

#[test]
fn whitelisted_call_tells_voters_of_a_forced_set_that_they_count_as_the_chain_does() {
    // given a chain that counted sets of voters while the voters, without finality, stayed at one
    let mut chain = Chain::development();
    while chain.read(Grandpa::current_set_id) < 2 {
        chain.empty_blocks(1);
    }
    let (voters_count, last_final, delay) = (0u64, 7, 3);
    let start = chain.number();

    // when what the guide for stalls says is whitelisted and dispatched by a referendum
    let key = pallet_grandpa::CurrentSetId::<Runtime>::hashed_key().to_vec();
    let set_storage = frame_system::Call::set_storage { items: vec![(key, voters_count.encode())] };
    let note_stalled =
        pallet_grandpa::Call::note_stalled { delay, best_finalized_block_number: last_final };
    let set_new_genesis = pallet_beefy::Call::set_new_genesis { delay_in_blocks: delay };
    let calls: Vec<RuntimeCall> =
        vec![set_storage.into(), note_stalled.into(), set_new_genesis.into()];
    let recover: RuntimeCall = pallet_utility::Call::<Runtime>::batch_all { calls }.into();
    whitelist(&mut chain, &recover);
    let dispatch =
        pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage { call: Box::new(recover) };
    propose(
        &mut chain,
        OriginCaller::Origins(millrace_runtime::governance::origins::Origin::WhitelistedCaller),
        dispatch.into(),
    );
    chain.submit(Sr25519Keyring::Dave, aye(0, 9_000_000 * MILL)).expect("Dave votes");
    for _ in 0..25 {
        if chain.read(Grandpa::stalled).is_none() {
            chain.empty_blocks(1);
        }
    }

    // then the next session announces its set as a forced change upon the last final block
    assert_eq!(chain.read(Grandpa::stalled), Some((delay, last_final)));
    let session = chain.read(Session::current_index);
    while chain.read(Session::current_index) == session {
        chain.empty_blocks(1);
    }
    let pending = |chain: &mut Chain| {
        chain.read(|| Grandpa::pending_change().map(|it| (it.delay, it.forced)))
    };
    assert_eq!(pending(&mut chain), Some((delay, Some(last_final))));
    assert_eq!(chain.read(Grandpa::current_set_id), voters_count + 1);

    // and it is in place after the delay, and BEEFY begins anew
    chain.empty_blocks(delay);
    assert_eq!(pending(&mut chain), None);
    let genesis = chain.read(pallet_beefy::GenesisBlock::<Runtime>::get);
    assert!(genesis.is_some_and(|block| block > start));
}

#[test]
fn there_is_no_sudo() {
    // given any account
    let mut chain = Chain::development();

    // when it calls what only root may, then it is refused
    let call = frame_system::Call::set_storage { items: Vec::new() };
    assert_eq!(
        chain.submit(Sr25519Keyring::Alice, call),
        Err(polkadot_sdk::sp_runtime::DispatchError::BadOrigin)
    );
}
