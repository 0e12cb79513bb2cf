// SPDX-License-Identifier: Apache-2.0

use crate::{
    CurrentElection, Mode,
    mock::*,
    offices::{Election, ElectionPhase},
};
use polkadot_sdk::frame_support::assert_ok;

/// An election for which stakes count as they are now.
fn announce(id: u32) -> Election {
    let snapshot_block = System::block_number();
    let election = Election { id, snapshot_block, phase: ElectionPhase::Announced };
    CurrentElection::<Test>::put(&election);
    election
}

#[test]
fn stake_that_moves_during_an_election_counts_where_it_was() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 5_000));
        let election = announce(1);
        assert_ok!(redelegate(dave(), alice(), bob(), 2_000));
        assert_ok!(unbond(dave(), alice(), 1_000));
        assert_ok!(Dpos::bond_extra(signed(alice()), 700));
        slash(bob(), 0, 50);
        assert_eq!(Dpos::stake_in(&alice(), &election), (SELF_BOND + 5_000, SELF_BOND));
        assert_eq!(Dpos::stake_in(&bob(), &election), (SELF_BOND, SELF_BOND));
        // Nobody touched this one.
        assert_eq!(Dpos::stake_in(&carol(), &election), (SELF_BOND, SELF_BOND));
        // A candidate that came later had nothing.
        assert_ok!(Dpos::register(signed(erin()), MIN_SELF, Default::default(), Mode::Payout));
        assert_eq!(Dpos::stake_in(&erin(), &election), (0, 0));
        // The next election sees what there is then.
        let election = announce(2);
        assert_eq!(
            Dpos::stake_in(&alice(), &election),
            (SELF_BOND + 5_000 - 3_000 + 700, SELF_BOND + 700)
        );
        assert_eq!(Dpos::stake_in(&bob(), &election), ((SELF_BOND + 2_000) / 2, SELF_BOND / 2));
        assert_eq!(Dpos::stake_in(&erin(), &election), (MIN_SELF, MIN_SELF));
    });
}

#[test]
fn rewards_that_compound_count_up_to_the_snapshot_whoever_touches_the_pool() {
    on_chain(|| {
        assert_ok!(compound(dave(), alice(), SELF_BOND));
        earn(alice(), 6_000);
        pass(9);
        let election = announce(1);
        let untouched = Dpos::stake_in(&alice(), &election);
        // A third of the reward, of which half compounds.
        assert_eq!(untouched, (2 * SELF_BOND + 1_000, SELF_BOND));
        pass(5);
        assert_ok!(sync(dave(), alice()));
        assert_eq!(Dpos::stake_in(&alice(), &election), untouched);
        assert!(staked(alice()) > untouched.0);
    });
}
