// SPDX-License-Identifier: Apache-2.0

//! The order in which rows of several tables came to be, so that one list can show all of them.
//!
//! Clocks tell too little for that: what happens within one tick has one time, and a clock may be set
//! back. So each row of these tables is given a number that rises over all of them, and keeps it.

use codec::{Compact, Decode, Encode, Error, Input, Output};

/// A place in the order; later rows have greater ones.
///
/// It is the last field of its row. A row that was written before there was such an order ends ahead of
/// it, and has none: it comes before all that have one, and is told apart by its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order(u64);

impl Order {
    /// Before everything that has a place.
    pub const NONE: Self = Self(0);

    /// After everything.
    pub const LAST: Self = Self(u64::MAX);

    /// The place with a number; 0 for none.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number; 0 for none.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl Encode for Order {
    fn encode_to<T: Output + ?Sized>(&self, to: &mut T) {
        if *self != Self::NONE {
            Compact(self.0).encode_to(to);
        }
    }
}

impl Decode for Order {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        match input.remaining_len()? {
            Some(0) => Ok(Self::NONE),
            _ => Ok(Self(Compact::<u64>::decode(input)?.0)),
        }
    }
}

/// Gives places out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Orders {
    newest: Order,
}

impl Orders {
    /// Goes on after the newest place that a row has.
    pub(crate) fn after(newest: Order) -> Self {
        Self { newest }
    }

    /// The next place.
    pub(crate) fn next(&mut self) -> Order {
        self.newest = Order(self.newest.0.saturating_add(1));
        self.newest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::DecodeAll;

    #[test]
    fn row_that_is_older_than_the_order_is_read_and_stays_as_it_is() {
        let old = (7_u32, Some(3_u8)).encode();
        let read = <(u32, Option<u8>, Order)>::decode_all(&mut &old[..]).unwrap();
        assert_eq!(read, (7, Some(3), Order::NONE));
        assert_eq!(read.encode(), old);
        for number in [1, 63, 64, u64::MAX] {
            let row = (7_u32, Order::new(number));
            assert_eq!(<(u32, Order)>::decode_all(&mut &row.encode()[..]), Ok(row));
        }
        let damaged = [&old[..], &[3]].concat();
        assert!(<(u32, Option<u8>, Order)>::decode_all(&mut &damaged[..]).is_err());
    }

    #[test]
    fn places_rise_from_the_newest_that_is_known() {
        let mut orders = Orders::default();
        let first = orders.next();
        assert!(Order::NONE < first && first < orders.next());
        assert_eq!(Orders::after(Order::new(9)).next().number(), 10);
    }
}
