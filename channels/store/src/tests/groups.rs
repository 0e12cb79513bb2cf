// SPDX-License-Identifier: Apache-2.0

//! Many writers share a sync; tickets answer threads and tasks; a full queue holds back.

use super::{
    machine::{LOG, Machine, Plan},
    name,
};
use crate::{Batch, Record, StoreError};
use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Duration,
};

fn slow() -> Plan {
    Plan { sync_takes: Duration::from_millis(20), ..Plan::default() }
}

#[test]
fn many_threads_share_a_sync() {
    let machine = Machine::with_store();
    let store = machine.open();
    machine.plan(slow());
    let syncs_before = machine.syncs_of(LOG);
    thread::scope(|scope| {
        for writer in 0..32_u8 {
            let store = &store;
            scope.spawn(move || {
                for version in 1..=10 {
                    let record = Record::signed(version, [writer]);
                    store.append([writer; 32], record).expect("accepted").wait().expect("durable");
                    let record = Record::agreed(version, [writer]);
                    store.append([writer; 32], record).expect("accepted").wait().expect("durable");
                }
            });
        }
    });
    let stats = store.stats().expect("readable");
    assert_eq!(stats.batches, 640);
    assert_eq!(stats.channels, 32);
    // One by one there would be 640. Each thread waits for its own records, so 20 is the least.
    assert!(stats.syncs < 100, "{} syncs", stats.syncs);
    assert_eq!(machine.syncs_of(LOG) - syncs_before, stats.syncs, "one for each group");
}

#[test]
fn nothing_is_acknowledged_before_the_sync() {
    let machine = Machine::with_store();
    let store = machine.open();
    machine.plan(Plan { sync_takes: Duration::from_millis(300), ..Plan::default() });
    let syncs = machine.syncs();
    let ticket = store.append([1; 32], Record::signed(1, "one")).expect("accepted");
    thread::sleep(Duration::from_millis(100));
    assert_eq!(machine.syncs(), syncs, "the disk is still busy");
    assert!(!ticket.is_answered());
    assert_eq!(store.load([1; 32]).expect("readable"), None, "what is not durable is not shown");
    ticket.wait().expect("durable");
    assert_eq!(machine.syncs(), syncs + 1);
    assert!(store.load([1; 32]).expect("readable").is_some());
}

/// Wakes a thread, as a runtime wakes a task.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[test]
fn a_task_can_await_a_ticket() {
    let machine = Machine::with_store();
    let store = machine.open();
    machine.plan(slow());
    let mut ticket = pin!(store.append([1; 32], Record::signed(1, "one")).expect("accepted"));
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut polls = 0;
    let result = loop {
        polls += 1;
        match ticket.as_mut().poll(&mut context) {
            Poll::Ready(result) => break result,
            Poll::Pending => thread::park_timeout(Duration::from_secs(60)),
        }
    };
    result.expect("durable");
    assert!(polls >= 2, "the ticket was pending first");
}

#[test]
fn a_full_queue_holds_back() {
    let machine = Machine::with_store();
    let store = machine.open();
    machine.plan(Plan { sync_takes: Duration::from_secs(1), ..Plan::default() });
    // The queue holds 1,024 batches, and one group is with the disk.
    let mut tickets = vec![store.append([0; 32], Record::signed(1, "first")).expect("accepted")];
    thread::sleep(Duration::from_millis(200));
    let (error, batch) = loop {
        match store.try_submit(Batch::new().forget([9; 32])) {
            Ok(ticket) => tickets.push(ticket),
            Err(refused) => break refused,
        }
        assert!(tickets.len() < 2_000, "the queue has a bound");
    };
    assert_eq!(name(&error), "Busy");
    assert!(!batch.is_empty(), "the batch comes back");
    machine.plan(Plan::default());
    // Blocks until there is room, and then goes in.
    tickets.push(store.submit(batch).expect("accepted"));
    for ticket in tickets {
        ticket.wait().expect("durable");
    }
}

#[test]
fn closing_finishes_what_was_accepted() {
    let machine = Machine::with_store();
    let store = machine.open();
    machine.plan(slow());
    let tickets: Vec<_> = (0..50)
        .map(|n| store.append([n; 32], Record::signed(1, "one")).expect("accepted"))
        .collect();
    store.close().expect("closed");
    for ticket in tickets {
        ticket.wait().expect("durable");
    }
    assert_eq!(machine.open().stats().expect("readable").channels, 50);
}

#[test]
fn a_ticket_without_an_answer_says_that_nothing_was_written() {
    let (ticket, answer) = crate::ticket::ticket();
    drop(answer);
    assert!(matches!(ticket.wait(), Err(StoreError::Closed)));
}
