// SPDX-License-Identifier: Apache-2.0

//! Dials that cross, cuts, wrong peers, limits, bans.

use super::cast::{Wire, hasty, meet, node, node_with, ordered_keys, pair};
use crate::{ConnectError, DialProblem, EndReason, Multiaddr, NodeKey, Options, PeerEvent};
use std::time::{Duration, Instant};
use tokio::{net::TcpListener, time::sleep};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dials_that_cross_end_in_one_connection_that_both_use() {
    for round in 0..20_u8 {
        let (mut a, mut b) = (node(hasty()).await, node(hasty()).await);
        let (to_a, to_b) = (vec![a.address().await], vec![b.address().await]);
        let (one, two) = tokio::join!(a.handle.connect(b.id, to_b), b.handle.connect(a.id, to_a));
        one.expect("the wish is in order");
        two.expect("the wish is in order");
        let (by_a, by_b) = (a.connected_with(b.id).await, b.connected_with(a.id).await);
        assert_ne!(by_a, by_b, "one of both has dialled the connection that both use");
        a.until(b.id, |info| info.is_connected && info.connections == 1).await;
        b.until(a.id, |info| info.is_connected && info.connections == 1).await;
        // No second `Connected`, and no `Disconnected`, comes between.
        a.send(b.id, vec![round]).await;
        b.send(a.id, vec![round, round]).await;
        assert_eq!(b.frame_of(a.id).await, vec![round]);
        assert_eq!(a.frame_of(b.id).await, vec![round, round]);
    }
}

#[tokio::test]
async fn a_cut_is_noticed_and_mended_as_often_as_it_happens() {
    let (mut a, mut b) = (node(hasty()).await, node(hasty()).await);
    let wire = Wire::to(&b.address().await).await;
    a.handle.connect(b.id, vec![wire.address.clone()]).await.expect("the wish is in order");
    for round in 0..5_u8 {
        assert!(a.connected_with(b.id).await);
        assert!(!b.connected_with(a.id).await);
        a.send(b.id, vec![round]).await;
        assert_eq!(b.frame_of(a.id).await, vec![round]);
        wire.cut();
        let (a_id, b_id) = (a.id, b.id);
        for (node, peer) in [(&mut a, b_id), (&mut b, a_id)] {
            let reason = node.parted_from(peer).await;
            // On a slow machine one side may hear of the next connection first.
            let is_cut = matches!(reason, EndReason::Lost { .. } | EndReason::Replaced);
            assert!(is_cut, "{reason:?}");
        }
    }
}

#[tokio::test]
async fn a_peer_that_vanishes_without_a_word_is_missed_by_its_pings() {
    let options = Options {
        ping_interval: Duration::from_millis(200),
        ping_timeout: Duration::from_millis(500),
        connect_timeout: Duration::from_millis(500),
        ..hasty()
    };
    let (mut a, mut b) = (node(options.clone()).await, node(options).await);
    let wire = Wire::to(&b.address().await).await;
    a.handle.connect(b.id, vec![wire.address.clone()]).await.expect("the wish is in order");
    assert!(a.connected_with(b.id).await);
    assert!(!b.connected_with(a.id).await);
    wire.die();
    assert_eq!(a.parted_from(b.id).await, EndReason::Silent);
    assert_eq!(b.parted_from(a.id).await, EndReason::Silent);
    assert!(a.info(b.id).await.expect("it is wanted").problem.is_some());
}

#[tokio::test]
async fn a_peer_that_was_restarted_replaces_its_lost_connection() {
    // The lower one chooses. Its connection is old, as it seems to it, when the other comes back.
    let (low, high) = ordered_keys();
    let options = Options { connect_timeout: Duration::from_millis(400), ..hasty() };
    let mut chooser = node_with(options.clone(), &low).await;
    let mut first = node_with(options.clone(), &high).await;
    let wire = Wire::to(&chooser.address().await).await;
    first.handle.connect(low.peer_id(), vec![wire.address.clone()]).await.expect("in order");
    assert!(first.connected_with(low.peer_id()).await);
    assert!(!chooser.connected_with(high.peer_id()).await);
    sleep(Duration::from_secs(1)).await;

    // The machine loses power, so that nobody closes anything, and starts again.
    wire.die();
    drop(first);
    let mut second = node_with(options, &high).await;
    let wish = second.handle.connect(low.peer_id(), vec![chooser.address().await]);
    wish.await.expect("the wish is in order");
    assert_eq!(chooser.parted_from(high.peer_id()).await, EndReason::Replaced);
    assert!(!chooser.connected_with(high.peer_id()).await);
    assert!(second.connected_with(low.peer_id()).await);
    chooser.send(high.peer_id(), vec![4]).await;
    assert_eq!(second.frame_of(low.peer_id()).await, vec![4]);
}

#[tokio::test]
async fn somebody_else_at_the_address_is_refused_and_named() {
    let (a, mut other) = (node(hasty()).await, node(hasty()).await);
    let expected = NodeKey::generate().expect("the system has randomness").peer_id();
    a.handle.connect(expected, vec![other.address().await]).await.expect("the wish is in order");
    let info = a.until(expected, |info| info.problem.is_some()).await;
    assert_eq!(info.problem, Some(DialProblem::WrongPeer { found: other.id }));
    assert!(!info.is_connected && info.next_dial.is_some(), "it is tried again: {info:?}");
    assert_eq!(a.info(other.id).await, None);
    assert_eq!(other.incoming.try_next(), None);
}

#[tokio::test]
async fn wishes_that_cannot_come_true_are_refused() {
    let a = node(Options { max_wanted: 2, ..hasty() }).await;
    let [b, c, d] = [(); 3].map(|()| NodeKey::generate().expect("it can").peer_id());
    let with = |peer: crate::PeerId| -> Multiaddr {
        format!("/ip4/127.0.0.1/tcp/1/p2p/{peer}").parse().expect("it is well formed")
    };
    assert_eq!(a.handle.connect(a.id, vec![]).await, Err(ConnectError::Ourselves { peer: a.id }));
    let other = crate::PeerId::from_bytes(&[0, 4, 1, 2, 3, 4]).expect("it is an id");
    let refused = a.handle.connect(other, vec![]).await;
    assert_eq!(refused, Err(ConnectError::OtherKey { peer: other }));
    assert_eq!(
        a.handle.connect(b, vec![with(c)]).await,
        Err(ConnectError::OtherPeer { address: with(c), peer: b })
    );
    assert_eq!(
        a.handle.connect(b, vec![with(b); 9]).await,
        Err(ConnectError::TooManyAddresses { count: 9, limit: 8 })
    );
    a.handle.connect(b, vec![with(b)]).await.expect("the first wish");
    a.handle.connect(c, vec![]).await.expect("the second wish");
    a.handle.connect(c, vec![]).await.expect("the second wish again");
    assert_eq!(a.handle.connect(d, vec![]).await, Err(ConnectError::TooManyWanted { limit: 2 }));
    a.handle.disconnect(c).await.expect("it runs");
    a.handle.connect(d, vec![]).await.expect("there is room again");
    let info = a.until(b, |info| info.problem.is_some()).await;
    assert!(matches!(info.problem, Some(DialProblem::Unreachable { .. })), "{info:?}");
}

#[tokio::test]
async fn a_wanted_peer_is_dialled_again_after_waits_that_grow() {
    // Somebody who takes connections and closes them, and counts.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let address: Multiaddr = format!("/ip4/127.0.0.1/tcp/{port}").parse().expect("well formed");
    let a = node(Options { retry_max: Duration::from_secs(60), ..hasty() }).await;
    let peer = NodeKey::generate().expect("the system has randomness").peer_id();
    a.handle.connect(peer, vec![address]).await.expect("the wish is in order");
    let mut times = Vec::new();
    for _ in 0..5 {
        let (socket, _) = listener.accept().await.expect("it dials");
        times.push(Instant::now());
        drop(socket);
    }
    let waits: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (failures, wait) in waits.iter().enumerate() {
        let most = Duration::from_millis(100 << failures);
        assert!(*wait >= most / 2, "after {failures} more: {wait:?}, at least {:?}", most / 2);
    }
    assert!(waits[3] > waits[0], "{waits:?}");
}

#[tokio::test]
async fn strangers_find_no_room_over_the_limit_but_wanted_peers_do() {
    let mut target = node(Options { max_strangers: 2, ..hasty() }).await;
    let mut strangers = Vec::new();
    for _ in 0..2 {
        let mut stranger = node(hasty()).await;
        meet(&mut stranger, &mut target).await;
        strangers.push(stranger);
    }
    let mut third = node(hasty()).await;
    let to_target = vec![target.address().await];
    third.handle.connect(target.id, to_target).await.expect("the wish is in order");
    third.until(target.id, |info| info.problem.is_some()).await;
    assert_eq!(target.info(third.id).await, None);
    assert!(target.handle.addresses().await.expect("it runs").refused > 0);

    // As soon as the target wants it, too, it gets in.
    target.handle.connect(third.id, vec![]).await.expect("the wish is in order");
    // The third saw each refused attempt as a short connection or as none.
    while !matches!(third.event().await, PeerEvent::Connected { .. }) {}
    assert!(!target.connected_with(third.id).await);
}

#[tokio::test]
async fn one_origin_gets_only_so_many_connections() {
    let mut target = node(Options { max_per_origin: 2, ..hasty() }).await;
    let mut friends = Vec::new();
    for _ in 0..2 {
        let mut friend = node(hasty()).await;
        meet(&mut friend, &mut target).await;
        friends.push(friend);
    }
    let third = node(hasty()).await;
    let wish = third.handle.connect(target.id, vec![target.address().await]);
    wish.await.expect("the wish is in order");
    third.until(target.id, |info| info.problem.is_some()).await;
    assert_eq!(target.info(third.id).await, None);
    // One leaves, and there is room.
    friends.pop().expect("there are two").handle.shutdown().await.expect("it runs");
    third.until(target.id, |info| info.is_connected).await;
}

#[tokio::test]
async fn a_banned_peer_is_out_until_its_time_is_over() {
    let (mut a, mut b) = pair(hasty()).await;
    a.send(b.id, vec![1]).await;
    b.until(a.id, |info| info.is_connected).await;
    sleep(Duration::from_millis(100)).await;
    b.handle.ban(a.id, Duration::from_secs(2)).await.expect("it runs");
    let banned = Instant::now();
    // What came before and was not taken is gone, too.
    assert_eq!(b.parted_from(a.id).await, EndReason::Banned);
    assert!(matches!(a.event().await, PeerEvent::Disconnected { .. }));
    let error = b.handle.send(a.id, vec![2]).expect_err("it is banned");
    assert_eq!(error.into_frame(), Some(vec![2]));
    assert!(!b.connected_with(a.id).await);
    assert!(banned.elapsed() >= Duration::from_secs(2), "after {:?}", banned.elapsed());
}

#[tokio::test]
async fn a_banned_peer_is_not_dialled_either() {
    let (mut a, mut b) = pair(hasty()).await;
    a.handle.ban(b.id, Duration::from_secs(2)).await.expect("it runs");
    let banned = Instant::now();
    assert_eq!(a.parted_from(b.id).await, EndReason::Banned);
    assert!(matches!(b.event().await, PeerEvent::Disconnected { .. }));
    // The wish is as it was.
    assert!(a.connected_with(b.id).await);
    assert!(banned.elapsed() >= Duration::from_secs(2), "after {:?}", banned.elapsed());
}

#[tokio::test]
async fn a_peer_that_is_not_wanted_any_more_is_not_dialled() {
    let (mut a, mut b) = pair(hasty()).await;
    a.handle.disconnect(b.id).await.expect("it runs");
    assert_eq!(a.parted_from(b.id).await, EndReason::ClosedByUs { flushed: true });
    assert_eq!(b.parted_from(a.id).await, EndReason::ClosedByPeer);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(a.incoming.try_next(), None);
    assert_eq!(a.info(b.id).await, None);
}
