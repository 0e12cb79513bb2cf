// SPDX-License-Identifier: Apache-2.0

//! What a state may hold, and that it distributes exactly the deposit.

use super::cast::*;
use crate::{
    resize::Deltas,
    state::{MAX_PENDING, MAX_STREAM_CHAINS, MAX_STREAM_LINKS},
    *,
};
use proptest::prelude::*;

#[test]
fn conservation_counts_balances_pending_transfers_and_streams() {
    for state in states() {
        assert_eq!(state.verify_conservation(3, DEPOSIT), Ok(()));
        assert_eq!(state.verify_conservation(3, DEPOSIT + 1), Err(StateError::SumMismatch));
        assert_eq!(state.verify_conservation(3, DEPOSIT - 1), Err(StateError::SumMismatch));
        assert_eq!(state.verify_conservation(2, DEPOSIT), Err(StateError::WrongBalanceCount));
    }
}

#[test]
fn conservation_refuses_sums_that_overflow() {
    let [_, full] = states();
    let overflows = |change: &dyn Fn(&mut ChannelState)| {
        let mut state = full.clone();
        change(&mut state);
        assert_eq!(state.verify_conservation(3, DEPOSIT), Err(StateError::Overflow));
    };
    overflows(&|state| state.streams[0].unit = Balance::MAX);
    overflows(&|state| state.balances[1] = Balance::MAX);
    overflows(&|state| {
        state.pending.as_mut().expect("it has some").totals = amounts(&[Balance::MAX, 1, 0]);
    });
    // Wrapping around would lead back to the deposit.
    overflows(&|state| {
        state.balances[0] = Balance::MAX;
        state.balances[1] = DEPOSIT;
    });
}

#[test]
fn shape_fails_when_pending_transfers_are_none_or_too_many_or_without_their_totals() {
    let [_, full] = states();
    assert_eq!(full.verify_shape(3), Ok(()));
    assert_eq!(full.verify_shape(2), Err(StateError::WrongBalanceCount));
    let shape = |count: u32, totals: &[Balance]| {
        let mut state = full.clone();
        let pending = state.pending.as_mut().expect("it has some");
        (pending.count, pending.totals) = (count, amounts(totals));
        state.verify_shape(3)
    };
    assert_eq!(shape(1, &[0, 0, 1]), Ok(()));
    assert_eq!(shape(MAX_PENDING, &[0, 0, 1]), Ok(()));
    assert_eq!(shape(0, &[0, 0, 1]), Err(StateError::BadPending));
    assert_eq!(shape(MAX_PENDING + 1, &[0, 0, 1]), Err(StateError::BadPending));
    assert_eq!(shape(1, &[0, 1]), Err(StateError::BadPending));
    assert_eq!(shape(1, &[0, 0, 0, 1]), Err(StateError::BadPending));
}

#[test]
fn shape_fails_when_a_stream_is_out_of_range() {
    let [_, full] = states();
    let shape = |change: &dyn Fn(&mut Stream)| {
        let mut state = full.clone();
        change(&mut state.streams[1]);
        state.verify_shape(3)
    };
    assert_eq!(shape(&|stream| stream.chains = MAX_STREAM_CHAINS), Ok(()));
    assert_eq!(shape(&|stream| stream.links = MAX_STREAM_LINKS), Ok(()));
    for bad in [
        (|stream| stream.payee = stream.payer) as fn(&mut Stream),
        |stream| stream.payer = 3,
        |stream| stream.payee = u8::MAX,
        |stream| stream.chains = 0,
        |stream| stream.chains = MAX_STREAM_CHAINS + 1,
        |stream| stream.links = 0,
        |stream| stream.links = MAX_STREAM_LINKS + 1,
        |stream| stream.unit = 0,
    ] {
        assert_eq!(shape(&bad), Err(StateError::BadStream));
    }
}

#[test]
fn only_a_state_without_conditions_is_plain() {
    let [plain, full] = states();
    assert!(plain.is_plain());
    for keep in 0..3 {
        let mut state = plain.clone();
        match keep {
            0 => state.pending = full.pending.clone(),
            1 => state.streams = full.streams.clone(),
            _ => state.app = full.app.clone(),
        }
        assert!(!state.is_plain());
    }
}

#[test]
fn deposit_after_a_resize_never_leaves_its_range() {
    let resize = resize();
    assert_eq!(resize.deposit_after(DEPOSIT), Some(DEPOSIT + 510));
    assert_eq!(resize.state.verify_conservation(3, DEPOSIT + 510), Ok(()));
    let after = |before: Balance, deltas: &[i128]| {
        let deltas = Deltas::truncate_from(deltas.to_vec());
        Resize { deltas, ..resize.clone() }.deposit_after(before)
    };
    assert_eq!(after(5, &[-6, 1]), Some(0));
    assert_eq!(after(5, &[-6]), None);
    assert_eq!(after(Balance::MAX, &[0, 1]), None);
    assert_eq!(after(Balance::MAX, &[i128::MIN]), Some(Balance::MAX - (1 << 127)));
    assert_eq!(after(0, &[i128::MIN]), None);
}

proptest! {
    #[test]
    fn total_is_the_sum_of_all_parts(
        balances in prop::collection::vec(0..1u128 << 100, 0..=8),
        totals in prop::option::of(prop::collection::vec(0..1u128 << 100, 0..=8)),
        streams in prop::collection::vec(
            (0..1u128 << 90, 0..=MAX_STREAM_CHAINS, 0..=MAX_STREAM_LINKS), 0..=4
        ),
    ) {
        let mut expected: Balance = balances.iter().sum();
        let [_, full] = states();
        let mut state = ChannelState { balances: amounts(&balances), ..full };
        state.pending = match (totals, state.pending) {
            (Some(totals), Some(pending)) => {
                expected += totals.iter().sum::<Balance>();
                Some(PendingTransfers { totals: amounts(&totals), ..pending })
            }
            _ => None,
        };
        state.streams.clear();
        for (unit, chains, links) in streams {
            expected += unit * Balance::from(chains) * Balance::from(links);
            let stream = Stream { unit, chains, links, ..stream() };
            state.streams.try_push(stream).expect("four at the most");
        }
        prop_assert_eq!(state.total(), Some(expected));
    }
}
