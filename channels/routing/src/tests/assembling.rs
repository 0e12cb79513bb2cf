// SPDX-License-Identifier: Apache-2.0

//! Parts wait for each other.

use crate::onion::{Arrival, Assembly, Deliver, Failure, Incoming, assembling::AssemblyLimits};
use millrace_primitives_channels::Hash;

const LIMITS: AssemblyLimits =
    AssemblyLimits { payments: 2, parts: 3, patience: 1_000, margin: 100 };

fn arrive(assembly: &mut Assembly<u8>, lock: u8, part: u8, amount: u128) -> Arrival<u8> {
    let deliver = Deliver { amount, total: 100, expiry: 500, secret: [0; 32], preimage: None };
    let incoming = Incoming { amount, expiry: 500 };
    assembly.arrive(Hash::repeat_byte(lock), part, &incoming, &deliver, 0)
}

#[test]
fn nothing_is_taken_before_all_has_come() {
    let mut assembly = Assembly::new(LIMITS);
    assert_eq!(arrive(&mut assembly, 1, 1, 40), Arrival::Waits);
    assert_eq!(arrive(&mut assembly, 1, 1, 40), Arrival::Waits, "it came already");
    assert_eq!(arrive(&mut assembly, 1, 2, 59), Arrival::Waits);
    assert_eq!(arrive(&mut assembly, 1, 3, 1), Arrival::Complete(vec![1, 2, 3]));
    assert!(assembly.is_empty());
    assert_eq!(arrive(&mut assembly, 1, 4, 100), Arrival::Complete(vec![4]));
}

#[test]
fn parts_that_do_not_fit_are_refused_and_the_others_wait() {
    let mut assembly = Assembly::new(LIMITS);
    assert_eq!(arrive(&mut assembly, 1, 1, 40), Arrival::Waits);
    let deliver = Deliver { amount: 60, total: 60, expiry: 500, secret: [0; 32], preimage: None };
    let incoming = Incoming { amount: 60, expiry: 500 };
    let lock = Hash::repeat_byte(1);
    let refused = assembly.arrive(lock, 2, &incoming, &deliver, 0);
    assert_eq!(refused, Arrival::Refused(Failure::UnknownPayment));
    // Crumbs do not fill the list for ever.
    assert_eq!(arrive(&mut assembly, 1, 3, 1), Arrival::Waits);
    assert_eq!(arrive(&mut assembly, 1, 4, 1), Arrival::Waits);
    let refused = arrive(&mut assembly, 1, 5, 1);
    assert_eq!(refused, Arrival::Refused(Failure::UnknownPayment));
    // Nor do payments.
    assert_eq!(arrive(&mut assembly, 2, 1, 1), Arrival::Waits);
    assert_eq!(arrive(&mut assembly, 3, 1, 1), Arrival::Refused(Failure::NodeBusy));
}

#[test]
fn parts_that_waited_too_long_go_back() {
    let mut assembly = Assembly::new(LIMITS);
    arrive(&mut assembly, 1, 1, 40);
    arrive(&mut assembly, 1, 2, 40);
    assert_eq!(assembly.expire(999, 399), Vec::<u8>::new());
    assert_eq!(assembly.expire(1_000, 399), [1, 2]);
    arrive(&mut assembly, 1, 1, 40);
    assert_eq!(assembly.expire(999, 400), [1], "its time on the chain runs out");
    assert_eq!(assembly.len(), 0);
}
