// SPDX-License-Identifier: Apache-2.0

//! The two queues of a peer, by themselves.

use crate::{
    EndReason, NodeKey, PeerId, SendError,
    frame::cost,
    inbox::{Abandoned, Inbox, Item, TooManyPeers},
    outbox::{Outbox, Turn},
};
use futures::{FutureExt, executor::block_on};
use std::sync::Arc;

fn peer() -> PeerId {
    NodeKey::generate().expect("the system has randomness").peer_id()
}

fn bytes_of(item: Option<(PeerId, Item)>) -> Option<(PeerId, Vec<u8>)> {
    match item {
        Some((peer, Item::Frame(bytes))) => Some((peer, bytes)),
        Some(_) => panic!("a frame is expected"),
        None => None,
    }
}

#[test]
fn an_outbox_takes_what_fits_and_gives_the_rest_back() {
    let outbox = Outbox::new(3 * cost(100), 100);
    for _ in 0..3 {
        outbox.push(vec![1; 100]).expect("it fits");
    }
    let error = outbox.push(vec![]).expect_err("even an empty frame costs something");
    assert_eq!(error, SendError::Full { frame: vec![], waiting: 492, limit: 492 });
    assert_eq!(outbox.ready().now_or_never(), None);
    let mut batch = Vec::new();
    assert_eq!(block_on(outbox.next_batch(&mut batch)), Turn::Write);
    assert_eq!(batch.len(), 3 * 104);
    assert_eq!(outbox.bytes(), 0);
    assert_eq!(outbox.ready().now_or_never(), Some(true));
}

#[test]
fn an_outbox_gives_small_frames_together_and_never_much_more_than_one_batch() {
    let outbox = Outbox::new(1 << 20, 65_536);
    for _ in 0..10 {
        outbox.push(vec![1; 60_000]).expect("it fits");
    }
    let mut batch = Vec::new();
    for _ in 0..10 {
        batch.clear();
        assert_eq!(block_on(outbox.next_batch(&mut batch)), Turn::Write);
        assert_eq!(batch.len(), 60_004, "one long frame is a batch");
    }
    batch.clear();
    assert_eq!(outbox.next_batch(&mut batch).now_or_never(), None);
}

#[test]
fn an_outbox_that_finishes_gives_everything_and_then_the_farewell() {
    let outbox = Outbox::new(1 << 20, 65_536);
    outbox.push(vec![1; 20_000]).expect("it fits");
    outbox.push(vec![2]).expect("it fits");
    assert!(!outbox.finish());
    assert!(outbox.finish(), "it was so already");
    let error = outbox.push(vec![3]).expect_err("it takes nothing more");
    assert_eq!(error, SendError::NotConnected { frame: vec![3] });
    let mut batch = Vec::new();
    assert_eq!(block_on(outbox.next_batch(&mut batch)), Turn::Write);
    batch.clear();
    assert_eq!(block_on(outbox.next_batch(&mut batch)), Turn::WriteLast);
    assert_eq!(batch, b"\0\0\0\x01\x02\xff\xff\xff\xff");
    assert_eq!(outbox.ready().now_or_never(), Some(false));
}

#[test]
fn an_outbox_that_is_closed_gives_nothing_more() {
    let outbox = Outbox::new(1 << 20, 65_536);
    outbox.push(vec![1]).expect("it fits");
    outbox.close(EndReason::Silent);
    outbox.close(EndReason::Banned);
    let mut batch = Vec::new();
    let turn = block_on(outbox.next_batch(&mut batch));
    assert_eq!((turn, batch), (Turn::Stop(EndReason::Silent), vec![]), "the first reason counts");
    assert_eq!(outbox.bytes(), 0);
}

#[test]
fn an_inbox_has_room_for_so_many_bytes_of_each_peer() {
    let inbox = Arc::new(Inbox::new(2 * cost(100), 10));
    let (a, b) = (inbox.enter(peer()).expect("it is free"), inbox.enter(peer()).expect("so too"));
    for _ in 0..2 {
        assert_eq!(a.room_for(cost(100)).now_or_never(), Some(Ok(())));
        a.put(Item::Frame(vec![0; 100]));
    }
    assert_eq!(a.room_for(cost(0)).now_or_never(), None, "it is full");
    assert_eq!(b.room_for(cost(100)).now_or_never(), Some(Ok(())), "another peer's is not");
    assert!(inbox.try_take().is_some());
    assert_eq!(a.room_for(cost(100)).now_or_never(), Some(Ok(())));
    inbox.abandon();
    assert_eq!(a.room_for(cost(100)).now_or_never(), Some(Err(Abandoned)));
}

#[test]
fn peers_take_turns() {
    let inbox = Arc::new(Inbox::new(10_000, 10));
    let (p, q) = (peer(), peer());
    let (a, b) = (inbox.enter(p).expect("it is free"), inbox.enter(q).expect("so too"));
    for number in 0..3 {
        a.put(Item::Frame(vec![number]));
    }
    b.put(Item::Frame(vec![10]));
    b.put(Item::Frame(vec![11]));
    let order: Vec<_> = std::iter::from_fn(|| bytes_of(inbox.try_take())).collect();
    let expected = [(p, 0), (q, 10), (p, 1), (q, 11), (p, 2)];
    assert_eq!(order, expected.map(|(peer, byte)| (peer, vec![byte])));
}

#[test]
fn a_door_that_is_dropped_says_that_the_connection_is_over() {
    let inbox = Arc::new(Inbox::new(10_000, 10));
    let door = inbox.enter(peer()).expect("it is free");
    door.put(Item::Frame(vec![1]));
    drop(door);
    assert!(matches!(inbox.try_take(), Some((_, Item::Frame(_)))));
    assert!(matches!(inbox.try_take(), Some((_, Item::Disconnected(EndReason::Stopped)))));
    assert!(inbox.try_take().is_none());
}

#[test]
fn peers_whose_end_was_not_taken_count_until_it_is() {
    let inbox = Arc::new(Inbox::new(10_000, 2));
    let (a, b) = (inbox.enter(peer()).expect("it is free"), peer());
    inbox.enter(b).expect("it is free").shut(EndReason::ClosedByPeer);
    assert_eq!(inbox.enter(peer()).err(), Some(TooManyPeers));
    // The same peer may come back, behind its own end.
    let again = inbox.enter(b).expect("it has its place");
    again.put(Item::Frame(vec![2]));
    assert!(matches!(inbox.try_take(), Some((_, Item::Disconnected(EndReason::ClosedByPeer)))));
    assert!(matches!(inbox.try_take(), Some((_, Item::Frame(_)))));
    drop(again);
    assert!(inbox.enter(peer()).is_err(), "its second end was not taken");
    assert!(matches!(inbox.try_take(), Some((_, Item::Disconnected(_)))));
    inbox.enter(peer()).expect("there is room again");
    drop(a);
}

#[test]
fn frames_of_a_peer_can_be_dropped_but_not_its_end() {
    let inbox = Arc::new(Inbox::new(10_000, 10));
    let (p, q) = (peer(), peer());
    let (a, b) = (inbox.enter(p).expect("it is free"), inbox.enter(q).expect("so too"));
    for number in 0..5 {
        a.put(Item::Frame(vec![number]));
        b.put(Item::Frame(vec![number]));
    }
    a.shut(EndReason::Banned);
    inbox.drop_frames(&p);
    assert_eq!(inbox.bytes(&p), cost(0));
    let mut of_p = Vec::new();
    let mut of_q = 0;
    while let Some((peer, item)) = inbox.try_take() {
        if peer == p { of_p.push(matches!(item, Item::Disconnected(_))) } else { of_q += 1 }
    }
    assert_eq!((of_p, of_q), (vec![true], 5));
    assert_eq!(inbox.bytes(&p), 0);
}

#[test]
fn an_inbox_that_is_closed_gives_what_it_has_and_then_nothing() {
    let inbox = Arc::new(Inbox::new(10_000, 10));
    let door = inbox.enter(peer()).expect("it is free");
    door.put(Item::Frame(vec![1]));
    inbox.close();
    assert!(bytes_of(block_on(inbox.take())).is_some());
    assert!(block_on(inbox.take()).is_none());
}
