// SPDX-License-Identifier: Apache-2.0

//! Order, sizes, both directions.

use super::cast::{hasty, node, pair};
use crate::{Handle, MAX_FRAME_BYTES, Options, PeerEvent, PeerId, SendError, Transport};
use std::ops::Range;

/// A frame that tells its number and has many lengths.
fn numbered(number: u32) -> Vec<u8> {
    let mut frame = number.to_be_bytes().to_vec();
    frame.resize(4 + (number as usize * 37) % 3000, number as u8);
    frame
}

/// Sends frames with these numbers, waiting for room.
async fn send_all(from: Handle, to: PeerId, numbers: Range<u32>) {
    for number in numbers {
        let mut frame = numbered(number);
        while let Err(error) = from.send(to, frame) {
            assert!(matches!(error, SendError::Full { .. }), "{error}");
            frame = error.into_frame().expect("it is short");
            assert!(from.ready(to).await, "the peer is connected");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_arrive_in_order_in_both_directions_at_once() {
    let (mut a, mut b) = pair(hasty()).await;
    const COUNT: u32 = 5_000;
    let (a_id, b_id) = (a.id, b.id);
    let sending = tokio::spawn(send_all(a.handle.clone(), b_id, 0..COUNT));
    let answering = tokio::spawn(send_all(b.handle.clone(), a_id, COUNT..2 * COUNT));
    let at_b = tokio::spawn(async move {
        for number in 0..COUNT {
            assert_eq!(b.frame_of(a_id).await, numbered(number));
        }
        // It stays until the other side has read everything.
        b
    });
    for number in 0..COUNT {
        assert_eq!(a.frame_of(b_id).await, numbered(COUNT + number));
    }
    let _b = at_b.await.expect("everything arrives in order at b");
    sending.await.expect("everything is sent");
    answering.await.expect("everything is answered");
}

#[tokio::test]
async fn the_longest_and_the_shortest_frame_arrive() {
    let (a, mut b) = pair(hasty()).await;
    let longest: Vec<u8> = (0..MAX_FRAME_BYTES).map(|i| (i * 31) as u8).collect();
    for frame in [longest.clone(), Vec::new(), vec![7], longest] {
        a.send(b.id, frame.clone()).await;
        assert_eq!(b.frame_of(a.id).await, frame);
    }
}

#[tokio::test]
async fn a_frame_over_the_limit_is_refused_where_it_is_sent() {
    let options = Options { max_frame_bytes: 1000, ..hasty() };
    let (a, mut b) = pair(options).await;
    let error = a.handle.send(b.id, vec![0; 1001]).expect_err("it is too long");
    assert_eq!(error, SendError::TooLong { length: 1001, limit: 1000 });
    assert!(error.to_string().contains("1001 bytes and 1000 are allowed"), "{error}");
    // Nothing has happened to the connection.
    a.send(b.id, vec![1; 1000]).await;
    assert_eq!(b.frame_of(a.id).await, vec![1; 1000]);
}

#[tokio::test]
async fn nothing_is_sent_before_connected_was_taken() {
    let (mut a, b) = (node(hasty()).await, node(hasty()).await);
    a.handle.connect(b.id, vec![b.address().await]).await.expect("the wish is in order");
    a.until(b.id, |info| info.is_connected).await;
    let error = a.handle.send(b.id, vec![1]).expect_err("`Connected` waits to be taken");
    assert_eq!(error, SendError::NotConnected { frame: vec![1] });
    assert!(!a.handle.ready(b.id).await);
    assert!(a.connected_with(b.id).await);
    a.handle.send(b.id, vec![1]).expect("now it goes");
    assert!(a.handle.ready(b.id).await);
}

#[tokio::test]
async fn frames_go_over_websocket_too() {
    let listen = vec!["/ip4/127.0.0.1/tcp/0/ws".parse().expect("it is well formed")];
    let (mut a, mut b) = (node(hasty()).await, node(Options { listen, ..hasty() }).await);
    super::cast::meet(&mut a, &mut b).await;
    a.send(b.id, vec![3; MAX_FRAME_BYTES]).await;
    assert_eq!(b.frame_of(a.id).await, vec![3; MAX_FRAME_BYTES]);
}

#[tokio::test]
async fn a_node_that_listens_nowhere_can_dial_and_names_can_be_used() {
    let mut a = node(Options { listen: Vec::new(), ..hasty() }).await;
    let mut b = node(hasty()).await;
    assert!(a.handle.addresses().await.expect("it runs").listening.is_empty());
    let name = b.address().await.to_string().replace("/ip4/127.0.0.1", "/dns4/localhost");
    a.handle.connect(b.id, vec![name.parse().expect("it is well formed")]).await.expect("in order");
    assert!(a.connected_with(b.id).await);
    assert!(!b.connected_with(a.id).await);
    // The peer tells the node how it is seen.
    let seen = async {
        loop {
            let addresses = a.handle.addresses().await.expect("it runs");
            if let Some((address, count)) = addresses.observed.first() {
                return (address.to_string(), *count);
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let (address, count) = tokio::time::timeout(super::cast::PATIENCE, seen).await.expect("soon");
    assert!(address.starts_with("/ip4/127.0.0.1/tcp/"), "{address}");
    assert_eq!(count, 1);
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_at_the_start() {
    let a = node(hasty()).await;
    let options = Options { listen: vec![a.address().await], ..hasty() };
    let key = crate::NodeKey::generate().expect("the system has randomness");
    let Err(error) = Transport::start(options, &key).await else { panic!("the port is taken") };
    assert!(error.to_string().contains("cannot listen on /ip4/127.0.0.1/tcp/"), "{error}");
}

#[tokio::test]
async fn options_that_cannot_work_are_told_at_the_start() {
    let key = crate::NodeKey::generate().expect("the system has randomness");
    for (options, name) in [
        (Options { max_frame_bytes: MAX_FRAME_BYTES + 1, ..hasty() }, "max_frame_bytes"),
        (Options { outgoing_bytes: 1000, ..hasty() }, "outgoing_bytes"),
        (Options { incoming_bytes: MAX_FRAME_BYTES, ..hasty() }, "incoming_bytes"),
        (Options { max_pending: 0, ..hasty() }, "max_pending"),
        (Options { ping_interval: std::time::Duration::ZERO, ..hasty() }, "ping_interval"),
    ] {
        let Err(error) = Transport::start(options, &key).await else { panic!("{name} is wrong") };
        assert!(error.to_string().starts_with(name), "{error}");
    }
}

#[tokio::test]
async fn events_can_be_taken_without_waiting() {
    let (a, mut b) = pair(hasty()).await;
    assert_eq!(b.incoming.try_next(), None);
    a.send(b.id, vec![5]).await;
    let taken = async {
        loop {
            if let Some(event) = b.incoming.try_next() {
                return event;
            }
            tokio::task::yield_now().await;
        }
    };
    let event = tokio::time::timeout(super::cast::PATIENCE, taken).await.expect("it comes");
    assert_eq!(event, PeerEvent::Frame { peer: a.id, bytes: vec![5] });
    assert_eq!(event.peer(), a.id);
}
