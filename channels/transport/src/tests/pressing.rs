// SPDX-License-Identifier: Apache-2.0

//! Readers that stall and peers that flood.

use super::cast::{PATIENCE, hasty, meet, node, pair};
use crate::{
    EndReason, Options, SendError,
    frame::{MAX_FRAME_BYTES, cost},
    muxing::WINDOW_BYTES,
};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// Sends until the queue has been full for a while; how many frames were taken.
async fn fill(a: &super::cast::Node, b: crate::PeerId, length: usize) -> usize {
    let mut taken = 0;
    let mut full_since: Option<Instant> = None;
    loop {
        match a.handle.send(b, numbered(taken, length)) {
            Ok(()) => {
                taken += 1;
                full_since = None;
            }
            Err(SendError::Full { .. }) => {
                if full_since.get_or_insert_with(Instant::now).elapsed() > Duration::from_secs(1) {
                    return taken;
                }
                sleep(Duration::from_millis(5)).await;
            }
            Err(other) => panic!("only a full queue is in order: {other}"),
        }
    }
}

fn numbered(number: usize, length: usize) -> Vec<u8> {
    let mut frame = vec![number as u8; length.max(8)];
    frame[..8].copy_from_slice(&(number as u64).to_be_bytes());
    frame
}

#[tokio::test]
async fn a_reader_that_stalls_holds_its_sender_up_at_a_known_number_of_bytes() {
    for length in [100, 10_000, MAX_FRAME_BYTES] {
        let (a, mut b) = pair(hasty()).await;
        let options = hasty();
        let taken = fill(&a, b.id, length).await;

        // Both queues, the window of the stream, and what is in hand on either side: a batch and a
        // frame where it is written, a buffer and a frame where it is read.
        let queues = (options.outgoing_bytes + options.incoming_bytes) / cost(length) * length;
        let bound = queues + WINDOW_BYTES + 2 * MAX_FRAME_BYTES + 16 * 1024 + 8 * 1024;
        let bytes = taken * length;
        assert!(bytes <= bound, "{bytes} bytes of {length} each were taken, {bound} are allowed");
        assert!(bytes >= queues / 2, "the queues are used: {bytes} of {queues}");

        // Nobody was asked to leave, and as soon as the reader reads on, all of it comes in order.
        assert!(a.info(b.id).await.expect("it is connected").is_connected);
        for number in 0..taken {
            assert_eq!(b.frame_of(a.id).await, numbered(number, length));
        }
        timeout(PATIENCE, a.handle.ready(b.id)).await.expect("there is room again");
        a.send(b.id, vec![9]).await;
        assert_eq!(b.frame_of(a.id).await, vec![9]);
    }
}

#[tokio::test]
async fn two_that_both_send_without_reading_are_not_stuck() {
    let (mut a, mut b) = pair(hasty()).await;
    let (from_a, from_b) = (fill(&a, b.id, 5_000).await, fill(&b, a.id, 5_000).await);
    for number in 0..from_a.max(from_b) {
        if number < from_a {
            assert_eq!(b.frame_of(a.id).await, numbered(number, 5_000));
        }
        if number < from_b {
            assert_eq!(a.frame_of(b.id).await, numbered(number, 5_000));
        }
    }
}

#[tokio::test]
async fn one_that_floods_does_not_keep_others_waiting() {
    let (flood, mut target) = pair(hasty()).await;
    let mut other = node(hasty()).await;
    meet(&mut other, &mut target).await;

    // The target does not take anything while the flood fills every queue.
    let flooded = fill(&flood, target.id, 100).await;
    assert!(flooded > 5_000, "{flooded} frames are a flood");
    other.send(target.id, b"hello".to_vec()).await;
    sleep(Duration::from_millis(300)).await;

    // Its turn comes after at most one more frame of the flood.
    let mut before = 0;
    loop {
        let event = target.event().await;
        if event.peer() == other.id {
            break;
        }
        before += 1;
    }
    assert!(before <= 1, "{before} frames of the flood came first");
}

#[tokio::test]
async fn a_peer_that_takes_nothing_for_too_long_is_given_up() {
    let options = Options { stall_timeout: Duration::from_millis(500), ..hasty() };
    let (mut a, b) = (node(options).await, node(hasty()).await);
    // Wanted by b, so that a does not dial again and the reason stays to be seen.
    let mut b = b;
    meet(&mut b, &mut a).await;
    let mut frame = vec![0; MAX_FRAME_BYTES];
    let reason = loop {
        match a.handle.send(b.id, frame) {
            Err(SendError::NotConnected { .. }) => break a.parted_from(b.id).await,
            Err(error) => {
                frame = error.into_frame().expect("it is not too long");
                sleep(Duration::from_millis(10)).await;
            }
            Ok(()) => frame = vec![0; MAX_FRAME_BYTES],
        }
    };
    assert_eq!(reason, EndReason::Stalled { after: Duration::from_millis(500) });
}

#[tokio::test]
async fn whoever_waits_for_room_hears_when_the_connection_ends() {
    let (a, b) = pair(hasty()).await;
    fill(&a, b.id, 10_000).await;
    let waiting = {
        let (handle, b) = (a.handle.clone(), b.id);
        tokio::spawn(async move { handle.ready(b).await })
    };
    sleep(Duration::from_millis(50)).await;
    assert!(!waiting.is_finished());
    a.handle.ban(b.id, Duration::from_secs(1)).await.expect("it runs");
    let is_ready = timeout(PATIENCE, waiting).await.expect("soon").expect("it does not fail");
    assert!(!is_ready);
}
