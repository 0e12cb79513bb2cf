// SPDX-License-Identifier: Apache-2.0

//! Disputes, stakes and elections outlive an upgrade of the runtime.

use super::{
    chain::Chain,
    parties::{Pair, account_view, channel_view, check},
};
use millrace_primitives_channels::{
    PendingTransfers, Transfer,
    api::{DisputeView, PhaseView},
    transfer::{self, hashlock},
};
use millrace_runtime::{constants::money::MILL, *};
use pallet_channels::{NextDue, NextToForget};
use pallet_dpos::{
    CurrentElection, CurrentEra, NextEraSession, SettleCursor, offices::ElectionPhase,
};
use polkadot_sdk::{
    frame_support::{migrations::MultiStepMigrator, storage::unhashed},
    frame_system::{self, LastRuntimeUpgrade, LastRuntimeUpgradeInfo},
    pallet_migrations::{Cursor, MigrationCursor},
    sp_core::storage::well_known_keys,
    sp_io::{hashing::twox_128, storage::next_key},
    sp_keyring::Sr25519Keyring,
    sp_runtime::{
        BoundedVec,
        traits::{BlakeTwo256, Hash as _},
    },
};
use std::collections::BTreeMap;

/// Opens the only transfer.
const PREIMAGE: [u8; 32] = [5; 32];

/// Upgrades the chain as far as one binary can: governance authorises a blob, somebody applies it,
/// and the next block finds that an older runtime made the one before, and runs what a new runtime
/// runs first.
fn upgrade(chain: &mut Chain) {
    let before = chain.read(stored);
    let code = b"the next runtime".to_vec();
    let mut version = VERSION;
    version.spec_version += 1;
    chain.pretend_blobs_have_version(version);
    chain.build(|| {
        System::authorize_upgrade(RuntimeOrigin::root(), BlakeTwo256::hash(&code))
            .expect("root may authorise an upgrade");
    });
    let apply = frame_system::Call::apply_authorized_upgrade { code: code.clone() };
    chain.submit(Sr25519Keyring::Ferdie, apply).expect("the blob is the one authorised");
    assert_eq!(chain.read(|| unhashed::get_raw(well_known_keys::CODE)), Some(code));

    let older = LastRuntimeUpgradeInfo {
        spec_version: (VERSION.spec_version - 1).into(),
        spec_name: VERSION.spec_name,
    };
    chain.read(|| LastRuntimeUpgrade::<Runtime>::put(older));
    chain.empty_blocks(1);
    chain.read(|| {
        let last = LastRuntimeUpgrade::<Runtime>::get();
        assert_eq!(last, Some(VERSION.into()), "what a new runtime runs first has run");
        assert!(!MultiBlockMigrations::ongoing(), "no migration is under way");
    });
    assert!(!before.is_empty());
    assert_eq!(chain.read(stored), before, "whatever the two pallets have stored is as it was");
    check(chain);
}

/// Everything that both pallets have stored, but for how far the agenda has come.
fn stored() -> BTreeMap<Vec<u8>, Vec<u8>> {
    let cursors = [NextDue::<Runtime>::hashed_key(), NextToForget::<Runtime>::hashed_key()];
    let mut found = BTreeMap::new();
    for pallet in ["Channels", "ChannelBalances"] {
        let prefix = twox_128(pallet.as_bytes());
        let mut last = prefix.to_vec();
        while let Some(key) = next_key(&last).filter(|key| key.starts_with(&prefix)) {
            if cursors.iter().all(|cursor| key[..] != cursor[..]) {
                found.insert(key.clone(), unhashed::get_raw(&key).expect("the key is there"));
            }
            last = key;
        }
    }
    found
}

/// The channel's dispute.
fn dispute(chain: &mut Chain, id: millrace_primitives_channels::ChannelId) -> DisputeView {
    match channel_view(chain, id).map(|view| view.phase) {
        Some(PhaseView::Disputed(dispute)) => dispute,
        other => panic!("it should be disputed, not {other:?}"),
    }
}

#[test]
fn dispute_keeps_its_window_state_and_bond_through_an_upgrade() {
    // given a dispute with a stale state
    let (mut chain, pair) = (Chain::development(), Pair::new());
    let start = pair.owned(&mut chain).map(|it| it.free);
    let id = pair.open(&mut chain, [100 * MILL, 100 * MILL]);
    let stale = pair.state(id, 1, [150 * MILL, 50 * MILL]);
    pair.dispute(&mut chain, 0, stale);
    let before = dispute(&mut chain, id);
    let bond = account_view(&mut chain, pair.accounts[0]).bonds;
    let locked = pair.owned(&mut chain).map(|it| it.in_channels);

    // when the runtime is upgraded, then nothing of it has changed
    upgrade(&mut chain);
    assert_eq!(dispute(&mut chain, id), before);
    assert_eq!(account_view(&mut chain, pair.accounts[0]).bonds, bond);
    assert_eq!(pair.owned(&mut chain).map(|it| it.in_channels), locked);

    // and the dispute can be answered with a state that was signed before
    assert!(chain.number() < before.deadline - 1, "there is time for an answer");
    let newest = pair.state(id, 9, [20 * MILL, 180 * MILL]);
    pair.answer(&mut chain, 1, newest);
    assert_eq!(dispute(&mut chain, id).deadline, before.deadline);
    check(&mut chain);

    // when the deadline comes, then the chain concludes by itself, in that block and not before
    while chain.number() < before.deadline - 1 {
        chain.empty_blocks(1);
    }
    assert!(channel_view(&mut chain, id).is_some());
    chain.empty_blocks(1);
    assert!(channel_view(&mut chain, id).is_none());
    let end = pair.owned(&mut chain).map(|it| it.free);
    assert_eq!(end[1], start[1] + 80 * MILL + bond / 2);
    assert!(end[0] < start[0] - 80 * MILL - bond, "and a fee");
    assert!(end[0] > start[0] - 81 * MILL - bond, "a fee is less than a token");
    check(&mut chain);
}

#[test]
fn pending_transfer_can_be_claimed_after_an_upgrade_with_what_was_revealed_before() {
    // given a channel that resolves, with a transfer whose preimage is revealed
    let (mut chain, pair) = (Chain::development(), Pair::new());
    let start = pair.owned(&mut chain).map(|it| it.free);
    let id = pair.open(&mut chain, [100 * MILL, 0]);
    let all = [Transfer {
        id: 1,
        payer: 0,
        payee: 1,
        amount: 30 * MILL,
        hashlock: hashlock(&PREIMAGE),
        expiry: chain.number() + 30,
    }];
    let mut state = pair.state(id, 2, [70 * MILL, 0]);
    state.pending = Some(PendingTransfers {
        root: transfer::root(&all),
        totals: BoundedVec::truncate_from(vec![30 * MILL, 0]),
        count: 1,
        last_expiry: all[0].expiry,
    });
    pair.dispute(&mut chain, 0, state);
    chain.empty_blocks(10);
    let reveal = pallet_channels::Call::reveal { preimage: PREIMAGE };
    chain.submit(Sr25519Keyring::Ferdie, reveal).expect("anybody may reveal");
    let before = channel_view(&mut chain, id).expect("it resolves").phase;
    assert!(matches!(before, PhaseView::Resolving(_)), "{before:?}");

    // when the runtime is upgraded
    upgrade(&mut chain);

    // then what waits still waits, and can be claimed
    assert_eq!(channel_view(&mut chain, id).map(|it| it.phase), Some(before));
    let proof = transfer::proof(&all, 0).expect("there is one");
    let claim = pallet_channels::Call::claim { channel: id, transfer: all[0], proof };
    chain.submit(Sr25519Keyring::Ferdie, claim).expect("it was revealed in time");
    assert!(channel_view(&mut chain, id).is_none());
    assert_eq!(pair.owned(&mut chain)[1].free, start[1] + 30 * MILL);
    check(&mut chain);
}

/// How far the election is.
fn phase(chain: &mut Chain) -> Option<ElectionPhase> {
    chain.read(CurrentElection::<Runtime>::get).map(|it| it.phase)
}

/// The current era.
fn era(chain: &mut Chain) -> u32 {
    chain.read(CurrentEra::<Runtime>::get)
}

/// What everybody has staked.
fn stakes(chain: &mut Chain) -> Vec<Balance> {
    let keys = [Sr25519Keyring::Alice, Sr25519Keyring::Eve, Sr25519Keyring::Ferdie];
    keys.map(|key| account_view(chain, key).staked).into()
}

#[test]
fn upgrade_in_the_middle_of_an_era_and_of_a_count_changes_nothing_of_stakes_and_offices() {
    // given an election whose candidates are being counted
    let mut chain = Chain::development();
    Pair::new().open(&mut chain, [MILL, MILL]);
    while !matches!(phase(&mut chain), Some(ElectionPhase::Scanning(_))) {
        chain.empty_blocks(1);
    }
    let (before, end) = (stakes(&mut chain), chain.read(NextEraSession::<Runtime>::get));
    let set = chain.read(Dpos::view_set);

    // when the runtime is upgraded
    upgrade(&mut chain);

    // then everybody has what it had, and those in office stay there
    assert_eq!(era(&mut chain), 0);
    assert_eq!(stakes(&mut chain), before);
    assert_eq!(chain.read(Dpos::view_set), set);

    // and the count goes on: the elected set takes office when it should
    while era(&mut chain) == 0 {
        chain.empty_blocks(1);
    }
    assert_eq!(chain.read(Session::current_index), end);
    assert_eq!(chain.read(Dpos::view_set).map(|it| it.version), Some(1));
    chain.read(Dpos::do_try_state).expect("the rules of staking hold");
}

#[test]
fn migration_that_takes_more_than_an_era_postpones_the_election_and_payday_and_loses_nothing() {
    // given an election that is announced
    let mut chain = Chain::development();
    chain.empty_blocks(5);
    let before = stakes(&mut chain);
    assert_eq!(phase(&mut chain), Some(ElectionPhase::Announced));

    // when a migration leaves no room for anything but the chain's own for more than an era
    chain.read(|| Cursor::<Runtime>::set(Some(MigrationCursor::Stuck)));
    while era(&mut chain) < 2 {
        chain.empty_blocks(1);
    }
    chain.empty_blocks(20);

    // then nobody was counted and nobody paid, and those in office stay
    assert_eq!(phase(&mut chain), Some(ElectionPhase::Announced));
    assert_eq!(chain.read(SettleCursor::<Runtime>::get), 0);
    assert_eq!(chain.read(Dpos::view_set).map(|it| (it.era, it.version)), Some((2, 0)));
    assert_eq!(stakes(&mut chain), before);
    chain.read(Dpos::do_try_state).expect("the rules of staking hold");

    // when it is over, then both eras are paid, and the election comes to its end
    chain.read(Cursor::<Runtime>::kill);
    chain.empty_blocks(10);
    assert_eq!(chain.read(SettleCursor::<Runtime>::get), 2);
    while era(&mut chain) < 4 {
        chain.empty_blocks(1);
    }
    assert!(chain.read(Dpos::view_set).is_some_and(|it| it.version >= 1));
    let after = stakes(&mut chain);
    assert!(before.iter().zip(&after).all(|(before, after)| before < after));
    chain.read(Dpos::do_try_state).expect("the rules of staking hold");
}
