// SPDX-License-Identifier: Apache-2.0

//! Quotas, order, expiry, and what clients hear.

use super::{blob, key, ledger, terms};
use crate::{
    ledger::{Change, Client, Ledger, Mark, Name},
    message::{Refusal, Report, Request, Response},
    receipt::Receipt,
    sealing::{Locator, commitment},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const ANN: Client = [1; 32];
const BOB: Client = [2; 32];

fn at(byte: u8) -> Locator {
    Locator::repeat_byte(byte)
}

fn hand_in(locator: Locator, sequence: u64, byte: u8, until: u32) -> Request {
    Request::HandIn { locator, sequence, blob: blob(byte), until }
}

fn accepted(response: (Response, Option<Change>)) -> Receipt {
    match response.0 {
        Response::Accepted(receipt) => receipt,
        other => panic!("refused: {other:?}"),
    }
}

fn refused(response: (Response, Option<Change>)) -> Refusal {
    assert_eq!(response.1, None, "what is refused changes nothing");
    match response.0 {
        Response::Refused(refusal) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn receipt_commits_to_what_was_handed_in() {
    let mut ledger = ledger();
    let receipt = accepted(ledger.handle(ANN, hand_in(at(1), 1, 5, 100), Some(10)));
    assert!(receipt.is_genuine());
    let promise = receipt.promise;
    assert_eq!(promise.commitment, commitment(&blob(5)));
    assert_eq!((promise.locator, promise.tower), (at(1), key().id()));
    assert_eq!((promise.sequence, promise.from, promise.until), (1, 10, 100));
}

#[test]
fn older_and_other_of_the_same_sequence_are_refused() {
    let mut ledger = ledger();
    accepted(ledger.handle(ANN, hand_in(at(1), 5, 5, 100), Some(10)));
    let older = ledger.handle(ANN, hand_in(at(1), 4, 4, 100), Some(10));
    assert_eq!(refused(older), Refusal::NotNewer { newest: 5 });
    let other = ledger.handle(ANN, hand_in(at(1), 5, 6, 100), Some(10));
    assert_eq!(refused(other), Refusal::NotNewer { newest: 5 });
    // The very same again gets its receipt again.
    accepted(ledger.handle(ANN, hand_in(at(1), 5, 5, 100), Some(10)));
    assert_eq!(ledger.len(), 1);
}

#[test]
fn participants_of_one_channel_do_not_disturb_each_other() {
    let mut ledger = ledger();
    accepted(ledger.handle(ANN, hand_in(at(1), 5, 5, 100), Some(10)));
    accepted(ledger.handle(BOB, hand_in(at(1), 1, 6, 100), Some(10)));
    let names = [ANN, BOB].map(|client| Name { locator: at(1), client });
    assert_eq!(ledger.at(at(1)), names);
    ledger.handle(ANN, Request::Withdraw { locator: at(1) }, Some(10));
    assert_eq!(ledger.at(at(1)), names[1..]);
}

#[test]
fn quotas_hold_and_come_free_again() {
    let mut ledger = ledger();
    for byte in 1..=3 {
        accepted(ledger.handle(ANN, hand_in(at(byte), 1, 1, 100), Some(10)));
    }
    let more = ledger.handle(ANN, hand_in(at(4), 1, 1, 100), Some(10));
    assert_eq!(refused(more), Refusal::QuotaUsed(3));
    // What is there may still be replaced.
    accepted(ledger.handle(ANN, hand_in(at(3), 2, 2, 100), Some(10)));
    for byte in 1..=2 {
        accepted(ledger.handle(BOB, hand_in(at(byte), 1, 1, 50), Some(10)));
    }
    let more = ledger.handle(BOB, hand_in(at(3), 1, 1, 100), Some(10));
    assert_eq!(refused(more), Refusal::Full);
    assert_eq!(ledger.expire(51, 10).len(), 2);
    accepted(ledger.handle(BOB, hand_in(at(3), 1, 1, 100), Some(10)));
}

#[test]
fn time_must_be_ahead_and_not_too_far() {
    let mut ledger = ledger();
    let bad = Refusal::BadTime { after: 10, latest: 1_010 };
    for until in [0, 10, 1_011, u32::MAX] {
        assert_eq!(refused(ledger.handle(ANN, hand_in(at(1), 1, 1, until), Some(10))), bad);
    }
    accepted(ledger.handle(ANN, hand_in(at(1), 1, 1, 1_010), Some(10)));
    assert_eq!(refused(ledger.handle(ANN, hand_in(at(1), 2, 1, 100), None)), Refusal::Blind);
}

#[test]
fn renewing_never_shortens() {
    let mut ledger = ledger();
    accepted(ledger.handle(ANN, hand_in(at(1), 1, 1, 500), Some(10)));
    let renew = |until| Request::Renew { locator: at(1), until };
    assert_eq!(accepted(ledger.handle(ANN, renew(300), Some(10))).promise.until, 500);
    assert_eq!(accepted(ledger.handle(ANN, renew(700), Some(10))).promise.until, 700);
    assert_eq!(refused(ledger.handle(BOB, renew(700), Some(10))), Refusal::Unknown);
    assert!(ledger.expire(700, 10).is_empty(), "WT-5: block 700 is still guarded");
    assert_eq!(ledger.expire(701, 10).len(), 1);
}

#[test]
fn reports_outlive_what_comes_after_them() {
    let mut ledger = ledger();
    accepted(ledger.handle(ANN, hand_in(at(1), 1, 1, 500), Some(10)));
    let name = Name { locator: at(1), client: ANN };
    let report = Report::NotNeeded { version: 4 };
    assert!(ledger.report(name, report.clone()).is_some());
    accepted(ledger.handle(ANN, hand_in(at(1), 2, 2, 500), Some(10)));
    let (response, change) = ledger.handle(ANN, Request::Status { locator: at(1) }, Some(10));
    let Response::Status(Some(status)) = response else { panic!("{response:?}") };
    assert_eq!((status.sequence, status.report, change), (2, Some(report), None));
    let (response, _) = ledger.handle(BOB, Request::Status { locator: at(1) }, Some(10));
    assert_eq!(response, Response::Status(None), "others' appointments are none of Bob's business");
}

/// The disk, as a ledger's changes leave it.
#[derive(Default)]
struct Disk(BTreeMap<Name, Mark>);

impl Disk {
    fn write(&mut self, change: Option<Change>) {
        match change {
            Some(Change::Put { name, mark, blob }) => {
                assert_eq!(mark.commitment, commitment(&blob));
                self.0.insert(name, mark);
            }
            Some(Change::Amend { name, mark }) => {
                assert!(self.0.insert(name, mark).is_some(), "nothing to amend");
            }
            Some(Change::Remove { name }) => assert!(self.0.remove(&name).is_some()),
            None => {}
        }
    }
}

proptest! {
    /// Whatever is asked: bounds hold, and a restart from disk knows the same.
    #[test]
    fn disk_and_memory_agree(
        steps in proptest::collection::vec((0u8..5, 0u8..3, 0u8..4, 0u64..4, 0u32..40), 1..200),
    ) {
        let mut ledger = ledger();
        let mut disk = Disk::default();
        let mut now = 0;
        for (kind, client, place, sequence, time) in steps {
            let (client, locator) = ([client; 32], at(place));
            let until = now + time;
            let request = match kind {
                0 | 1 => hand_in(locator, sequence, u8::try_from(sequence).expect("small"), until),
                2 => Request::Renew { locator, until },
                3 => Request::Withdraw { locator },
                _ => {
                    now += time / 4;
                    for change in ledger.expire(now, 2) {
                        disk.write(Some(change));
                    }
                    continue;
                }
            };
            let (_, change) = ledger.handle(client, request, Some(now));
            disk.write(change);

            prop_assert!(ledger.len() <= terms().in_total as usize);
            let mut counts = BTreeMap::<Client, u32>::new();
            for name in disk.0.keys() {
                *counts.entry(name.client).or_default() += 1;
            }
            prop_assert!(counts.values().all(|count| *count <= terms().per_client));
            prop_assert_eq!(ledger.len(), disk.0.len());
        }
        let mut restarted = Ledger::new(terms(), key(), disk.0.clone());
        for client in 0..3 {
            for place in 0..4 {
                let ask = || Request::Status { locator: at(place) };
                let client = [client; 32];
                prop_assert_eq!(
                    ledger.handle(client, ask(), None),
                    restarted.handle(client, ask(), None)
                );
            }
        }
        prop_assert_eq!(ledger.expire(u32::MAX, 100).len(), disk.0.len());
        prop_assert!(ledger.is_empty());
        prop_assert_eq!(ledger.clients(), 0);
    }
}
