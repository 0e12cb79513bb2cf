// SPDX-License-Identifier: Apache-2.0

//! Leaving without losing a frame.

use super::cast::{PATIENCE, hasty, meet, node, pair};
use crate::{ConnectError, EndReason, Options, PeerEvent, Shutdown, Stopped};
use std::{
    net::TcpListener,
    time::{Duration, Instant},
};
use tokio::time::timeout;

#[tokio::test]
async fn what_was_sent_before_a_shutdown_arrives() {
    let (mut a, mut b) = pair(hasty()).await;
    let mut c = node(hasty()).await;
    meet(&mut c, &mut a).await;
    for number in 0..80_u8 {
        a.send(b.id, vec![number; 10_000]).await;
        a.send(c.id, vec![number; 10]).await;
        b.send(a.id, vec![number; 1_000]).await;
    }
    let a_id = a.id;
    let reader = tokio::spawn(async move {
        for number in 0..80 {
            assert_eq!(b.frame_of(a_id).await, vec![number; 10_000]);
        }
        (b.parted_from(a_id).await, b)
    });
    let shutdown = a.handle.shutdown().await.expect("it runs");
    assert_eq!(shutdown, Shutdown { flushed: 2, cut: 0 });
    let (reason, _b) = reader.await.expect("everything arrives");
    assert_eq!(reason, EndReason::ClosedByPeer);
    for number in 0..80 {
        assert_eq!(c.frame_of(a.id).await, vec![number; 10]);
    }
    // What the others had sent before can still be taken, then comes the end of everything.
    let mut frames = 0;
    let mut ends = 0;
    while let Some(event) = timeout(PATIENCE, a.incoming.next()).await.expect("it ends") {
        match event {
            PeerEvent::Frame { .. } => frames += 1,
            PeerEvent::Disconnected { reason, .. } => {
                assert_eq!(reason, EndReason::ClosedByUs { flushed: true });
                ends += 1;
            }
            PeerEvent::Connected { .. } => panic!("nobody connects any more"),
        }
    }
    assert_eq!((frames, ends), (80, 2));
    assert_eq!(a.handle.connect(c.id, vec![]).await, Err(ConnectError::Stopped(Stopped)));
}

#[tokio::test]
async fn a_peer_that_reads_nothing_does_not_hold_a_shutdown_up() {
    let options = Options { flush_timeout: Duration::from_millis(500), ..hasty() };
    let (a, b) = pair(options).await;
    while a.handle.send(b.id, vec![0; 60_000]).is_ok() {}
    let start = Instant::now();
    let shutdown = a.handle.shutdown().await.expect("it runs");
    assert_eq!(shutdown, Shutdown { flushed: 0, cut: 1 });
    assert!(start.elapsed() < Duration::from_secs(3), "it took {:?}", start.elapsed());
    drop(b);
}

#[tokio::test]
async fn two_that_leave_at_once_lose_nothing() {
    for _ in 0..10 {
        let (mut a, mut b) = pair(hasty()).await;
        a.send(b.id, vec![1; 50_000]).await;
        b.send(a.id, vec![2; 50_000]).await;
        let (one, two) = tokio::join!(a.handle.shutdown(), b.handle.shutdown());
        let cut = one.expect("it runs").cut + two.expect("it runs").cut;
        assert!(cut <= 1, "at most one of both saw the other begin: {cut}");
        assert_eq!(b.frame_of(a.id).await, vec![1; 50_000]);
        assert_eq!(a.frame_of(b.id).await, vec![2; 50_000]);
    }
}

#[tokio::test]
async fn a_process_that_ends_without_a_word_is_a_loss() {
    let (a, mut b) = pair(hasty()).await;
    let id = a.id;
    a.send(b.id, vec![1]).await;
    assert_eq!(b.frame_of(id).await, vec![1]);
    // Nobody takes events any more: the transport stops at once.
    drop(a);
    let reason = b.parted_from(id).await;
    assert!(matches!(reason, EndReason::Lost { .. }), "{reason:?}");
}

#[tokio::test]
async fn without_handles_frames_are_still_read() {
    let (a, mut b) = pair(hasty()).await;
    let super::cast::Node { handle, mut incoming, id } = a;
    drop(handle);
    b.send(id, vec![6]).await;
    let event = timeout(PATIENCE, incoming.next()).await.expect("it comes");
    assert_eq!(event, Some(PeerEvent::Frame { peer: b.id, bytes: vec![6] }));
    drop(incoming);
    assert!(matches!(b.event().await, PeerEvent::Disconnected { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn place_is_free_as_soon_as_a_shutdown_is_over() {
    for _ in 0..20 {
        let a = node(hasty()).await;
        let addresses = a.handle.addresses().await.expect("it runs");
        let place = addresses.listening[0].to_string();
        let port: u16 = place.rsplit('/').next().and_then(|it| it.parse().ok()).expect("a port");
        a.handle.shutdown().await.expect("it runs");
        TcpListener::bind(("127.0.0.1", port)).expect("nobody listens there any more");
    }
}
