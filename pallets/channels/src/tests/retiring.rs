// SPDX-License-Identifier: Apache-2.0

use crate::{Error, NextToForget, Retired, mock::*, retiring::MAX_FORGOTTEN};
use millrace_primitives_channels::channel_id;
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok, traits::Hooks, weights::Weight},
    sp_core::H256,
};

#[test]
fn id_is_remembered_until_nobody_can_use_it() {
    new_test_ext().execute_with(|| {
        // given a channel that ends early
        let parties = parties(2);
        let params = params(&parties);
        let id = channel_id(&genesis(), &params);
        assert_ok!(open_with(&parties, params.clone(), &[5, 5]));
        assert_ok!(settle(&parties, final_state(id, 1, &[5, 5])));

        // when its last opening block comes, then it still cannot be opened again
        run_to(params.open_by);
        assert!(Retired::<Test>::contains_key(params.open_by, id));
        assert_noop!(open_with(&parties, params.clone(), &[5, 5]), Error::<Test>::ChannelExists);

        // and when that block is over, it is forgotten
        run_to(params.open_by + 1);
        assert!(is_forgotten());
        check_invariants();
    });
}

#[test]
fn channel_that_ends_late_leaves_nothing() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let params = params(&parties);
        let id = channel_id(&genesis(), &params);
        assert_ok!(open_with(&parties, params.clone(), &[5, 5]));
        run_to(params.open_by + 1);
        assert_ok!(settle(&parties, final_state(id, 1, &[5, 5])));
        assert!(is_forgotten());
    });
}

#[test]
fn forgetting_takes_a_bounded_number_of_ids_a_block() {
    new_test_ext().execute_with(|| {
        // given many ids with one last opening block
        let many = MAX_FORGOTTEN * 2 + 1;
        for nth in 0..many {
            Retired::<Test>::insert(1, H256::from_low_u64_be(nth.into()), ());
        }

        // when blocks pass, then each forgets so many and no more, and none is lost
        System::set_block_number(2);
        for left in [MAX_FORGOTTEN + 1, 1, 0] {
            Channels::on_idle(2, Weight::MAX);
            assert_eq!(Retired::<Test>::iter().count(), left as usize);
            check_invariants();
        }
        assert_eq!(NextToForget::<Test>::get(), 2);
    });
}

#[test]
fn forgetting_waits_when_there_is_no_idle_time() {
    new_test_ext().execute_with(|| {
        Retired::<Test>::insert(1, H256::repeat_byte(1), ());
        System::set_block_number(5);
        let used = Channels::on_idle(5, Weight::zero());
        // The mock's weights are zero, so even no time is enough here; what counts is that the
        // weight used never exceeds what there was.
        assert!(used.all_lte(Weight::zero()));
    });
}
