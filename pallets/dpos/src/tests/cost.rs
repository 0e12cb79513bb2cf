// SPDX-License-Identifier: Apache-2.0

//! What a call reads does not depend on how many delegators there are.

use crate::mock::*;
use codec::Encode;
use polkadot_sdk::{frame_support::assert_ok, pallet_balances, sp_io::TestExternalities};

/// A chain on which as many accounts delegate to one candidate.
fn crowded(delegators: u32) -> TestExternalities {
    let mut chain = chain();
    chain.execute_with(|| {
        for number in 100..100 + delegators {
            let who = account(number);
            pallet_balances::Pallet::<Test>::force_set_balance(
                RuntimeOrigin::root(),
                who.clone(),
                10 * MIN,
            )
            .unwrap();
            assert_ok!(delegate(who, alice(), MIN));
        }
        assert_ok!(delegate(dave(), alice(), 1_000));
        earn(alice(), 1_000_000);
        pass(5);
        // Whoever adds an event reads those of the block.
        System::reset_events();
    });
    chain.commit_all().unwrap();
    chain
}

/// How many bytes of the state an action reads, paths in the trie included.
fn read(chain: &mut TestExternalities, action: impl FnOnce()) -> usize {
    let ((), proof) = chain.execute_and_prove(action);
    proof.encoded_size()
}

/// What delegating, claiming, unbonding and slashing read, each for itself.
fn costs(delegators: u32) -> [usize; 4] {
    let mut chain = crowded(delegators);
    [
        read(&mut chain, || delegate(erin(), alice(), 1_000).unwrap()),
        read(&mut chain, || claim(dave(), alice()).unwrap()),
        read(&mut chain, || unbond(dave(), alice(), 500).unwrap()),
        read(&mut chain, || slash(alice(), 0, 10)),
    ]
}

#[test]
fn cost_does_not_grow_with_the_number_of_delegators() {
    let few = costs(1);
    let many = costs(4_000);
    for (few, many) in few.into_iter().zip(many) {
        // A trie of thousands of leaves is three levels of sixteen deeper, in three maps at most:
        // some kilobytes. Four thousand delegations would be more than three hundred.
        assert!(many < few + 16_000, "{few} bytes with one delegator, {many} with many");
    }
}
