// SPDX-License-Identifier: Apache-2.0

use crate::{Due, Event, Reveals, mock::*};
use millrace_primitives_channels::transfer::hashlock;
use polkadot_sdk::frame_support::assert_ok;

#[test]
fn reveal_is_remembered_with_its_block_and_then_forgotten() {
    new_test_ext().execute_with(|| {
        // given
        let lock = hashlock(&secret(1));
        jump_to(5);

        // when
        assert_ok!(reveal(1));

        // then
        let reveal = Reveals::<Test>::get(lock).expect("it was revealed");
        assert_eq!((reveal.at, reveal.until), (5, 5 + REVEAL_BLOCKS));
        assert_eq!(free_of(&stranger()), ENDOWMENT - REVEAL_TICKET);
        System::assert_last_event(
            Event::<Test>::PreimageRevealed {
                hashlock: lock,
                preimage: secret(1),
                by: stranger(),
                at: 5,
                until: 5 + REVEAL_BLOCKS,
            }
            .into(),
        );
        check_invariants();

        run_to(5 + REVEAL_BLOCKS - 1);
        assert!(Reveals::<Test>::contains_key(lock));
        run_to(5 + REVEAL_BLOCKS);
        assert!(is_forgotten());
        assert_eq!(free_of(&stranger()), ENDOWMENT);
        check_invariants();
    });
}

#[test]
fn revealing_again_keeps_the_first_block_and_starts_the_time_anew() {
    new_test_ext().execute_with(|| {
        // given
        let lock = hashlock(&secret(1));
        assert_ok!(reveal(1));

        // when somebody else reveals it later
        jump_to(30);
        assert_ok!(Channels::reveal(RuntimeOrigin::signed(tower()), secret(1)));

        // then the first block counts, and the second one pays for the storage
        let again = Reveals::<Test>::get(lock).expect("it is known");
        assert_eq!((again.at, again.until, again.by), (1, 30 + REVEAL_BLOCKS, tower()));
        assert_eq!(free_of(&stranger()), ENDOWMENT);
        assert_eq!(free_of(&tower()), ENDOWMENT - REVEAL_TICKET);
        assert_eq!(
            crate::Agenda::<Test>::iter_keys().collect::<Vec<_>>(),
            vec![(30 + REVEAL_BLOCKS, Due::Reveal(lock))]
        );
        check_invariants();
    });
}

#[test]
fn revealing_twice_in_one_block_changes_nothing() {
    new_test_ext().execute_with(|| {
        assert_ok!(reveal(1));
        let first = Reveals::<Test>::get(hashlock(&secret(1)));
        assert_ok!(reveal(1));
        assert_eq!(Reveals::<Test>::get(hashlock(&secret(1))), first);
        check_invariants();
    });
}

#[test]
fn reveal_fails_without_funds_for_the_storage() {
    new_test_ext().execute_with(|| {
        assert!(Channels::reveal(Party::new(99).origin(), secret(1)).is_err());
        assert!(is_forgotten());
    });
}
