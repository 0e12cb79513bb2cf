// SPDX-License-Identifier: Apache-2.0

use crate::{
    BlockNumber, ChannelId, Config, Error, NextDue, NextToForget, Retired, RetiredChannel,
    WeightInfo, mock::*, retiring::MAX_FORGOTTEN,
};
use millrace_primitives_channels::channel_id;
use polkadot_sdk::{
    frame_support::{
        assert_noop, assert_ok,
        traits::{Consideration, Footprint, Hooks},
        weights::Weight,
    },
    sp_core::H256,
};

/// Makes the chain remember this id, at a stranger's expense.
fn retire(open_by: BlockNumber, id: ChannelId) {
    let opener = stranger();
    let ticket = <Test as Config>::ChannelTicket::new(&opener, Footprint::default())
        .expect("a stranger can afford it");
    Retired::<Test>::insert(open_by, id, RetiredChannel { opener, ticket });
}

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
        NextDue::<Test>::put(3);
        for nth in 0..many {
            retire(1, H256::from_low_u64_be(nth.into()));
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
        // given ids that could be forgotten
        for nth in 0..10 {
            retire(1, H256::from_low_u64_be(nth));
        }
        System::set_block_number(5);

        NextDue::<Test>::put(6);

        // when there is no time, then nothing is forgotten
        assert_eq!(Channels::on_idle(5, Weight::zero()), Weight::zero());
        assert_eq!(Retired::<Test>::iter().count(), 10);

        // and when there is some, then as much is forgotten as fits into it
        type Cost = <Test as crate::Config>::WeightInfo;
        let fixed = Cost::serve_nothing() + Cost::forget_nothing() + Cost::forget_bucket() * 2;
        let room = fixed + Cost::forget_id() * 3;
        let used = Channels::on_idle(5, room);
        assert!(used.all_lte(room));
        assert!((6..=9).contains(&Retired::<Test>::iter().count()));
        check_invariants();
    });
}
