// SPDX-License-Identifier: Apache-2.0

//! Garbage, lies and intrusions.

use super::cast::{PATIENCE, Stranger, hasty, meet, node, node_with, ordered_keys, socket};
use crate::{EndReason, Options, PeerEvent};
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::swarm::{SwarmEvent, dial_opts::DialOpts};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

/// The socket is closed by the other side within the time limit.
async fn is_closed(socket: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    // A reset closes it as well as an end.
    timeout(PATIENCE, socket.read_to_end(&mut rest)).await.is_ok()
}

#[tokio::test]
async fn garbage_from_raw_sockets_is_survived() {
    let options = Options { connect_timeout: Duration::from_millis(500), ..hasty() };
    let mut target = node(options).await;
    let address = socket(&target.address().await);
    let noise = |i: u32| i.wrapping_mul(2_654_435_761).to_be_bytes();
    let long: Vec<u8> = (0..200_000).flat_map(noise).collect();
    let negotiated = [b"\x13/multistream/1.0.0\n".as_slice(), b"\x07/noise\n"].concat();
    let messages: [&[u8]; 7] = [
        b"",
        b"\0",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        &[0xff; 1000],
        &long,
        &negotiated,
        &[negotiated.as_slice(), &[0xff; 70_000]].concat(),
    ];
    for message in messages {
        let mut stranger = TcpStream::connect(address).await.expect("the target listens");
        // The target may close while this is still being written.
        let _ = timeout(PATIENCE, stranger.write_all(message)).await.expect("it reads or closes");
        assert!(is_closed(&mut stranger).await, "after {} bytes", message.len());
    }
    // It was of no use to them and did no harm to others.
    let mut friend = node(hasty()).await;
    meet(&mut friend, &mut target).await;
    friend.send(target.id, vec![1]).await;
    assert_eq!(target.frame_of(friend.id).await, vec![1]);
}

/// What a node that is spoken to like this says of the end.
async fn end_after(words: &[u8], stranger_is_lower: bool) -> EndReason {
    let (low, high) = ordered_keys();
    let (stranger, target) = if stranger_is_lower { (low, high) } else { (high, low) };
    let mut target = node_with(Options { max_frame_bytes: 1000, ..hasty() }, &target).await;
    let mut stranger_swarm = Stranger::new(&stranger);
    let mut stream = stranger_swarm.meet(&target).await;
    let running = stranger_swarm.run();
    assert!(!target.connected_with(stranger.peer_id()).await);
    stream.write_all(words).await.expect("the target reads");
    stream.flush().await.expect("the target reads");
    let reason = loop {
        match target.event().await {
            PeerEvent::Frame { bytes, .. } => assert_eq!(bytes, b"hi", "what was in order came"),
            PeerEvent::Disconnected { peer, reason } if peer == stranger.peer_id() => break reason,
            other => panic!("{other:?}"),
        }
    };
    // Nothing but the end follows.
    let mut rest = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("the target closes");
    running.abort();
    reason
}

#[tokio::test]
async fn a_frame_that_is_announced_too_long_ends_the_connection() {
    for stranger_is_lower in [true, false] {
        let words = [b"\0\0\0\x02hi".as_slice(), &1001_u32.to_be_bytes(), &[7; 1001]].concat();
        let reason = end_after(&words, stranger_is_lower).await;
        assert_eq!(reason, EndReason::TooLong { length: 1001, limit: 1000 });
        assert!(reason.to_string().contains("1001 bytes and 1000 are allowed"), "{reason}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_frames_end_the_connection() {
    let reason = end_after(b"GET / HTTP/1.1\r\n\r\n", true).await;
    assert_eq!(
        reason,
        EndReason::TooLong { length: u32::from_be_bytes(*b"GET ").into(), limit: 1000 }
    );
    // A confirmation of a farewell that was never said.
    let reason = end_after(&(u32::MAX - 1).to_be_bytes(), false).await;
    assert_eq!(reason, EndReason::OutOfTurn);
}

#[tokio::test]
async fn a_farewell_in_order_is_answered() {
    let words = [b"\0\0\0\x02hi".as_slice(), &[0xff; 4], &[0xff, 0xff, 0xff, 0xfe]].concat();
    assert_eq!(end_after(&words, true).await, EndReason::ClosedByPeer);
}

#[tokio::test]
async fn a_stream_that_is_cut_within_a_frame_is_a_loss() {
    let (low, high) = ordered_keys();
    let mut target = node_with(hasty(), &high).await;
    let mut stranger = Stranger::new(&low);
    let mut stream = stranger.meet(&target).await;
    let running = stranger.run();
    assert!(!target.connected_with(low.peer_id()).await);
    stream.write_all(b"\0\0\0\x02hi\0\0\0\x09half").await.expect("the target reads");
    stream.close().await.expect("the target reads");
    assert_eq!(target.frame_of(low.peer_id()).await, b"hi");
    let reason = target.parted_from(low.peer_id()).await;
    assert!(matches!(reason, EndReason::Lost { .. }), "{reason:?}");
    running.abort();
}

#[tokio::test]
async fn who_proves_its_identity_and_opens_no_stream_is_closed_in_time() {
    let (low, high) = ordered_keys();
    let options = Options { connect_timeout: Duration::from_millis(500), ..hasty() };
    let target = node_with(options, &high).await;
    let mut silent = Stranger::new(&low);
    let dial = DialOpts::peer_id(target.id).addresses(vec![target.address().await]).build();
    silent.swarm.dial(dial).expect("the address is in order");
    let closed = async {
        loop {
            if let SwarmEvent::ConnectionClosed { .. } = silent.swarm.select_next_some().await {
                return;
            }
        }
    };
    timeout(PATIENCE, closed).await.expect("the target gives up");
    assert_eq!(target.info(low.peer_id()).await, None);
}

#[tokio::test]
async fn a_second_stream_ends_the_connection() {
    let (low, high) = ordered_keys();
    let mut target = node_with(hasty(), &high).await;
    let mut stranger = Stranger::new(&low);
    let _stream = stranger.meet(&target).await;
    assert!(!target.connected_with(low.peer_id()).await);
    let connection = stranger.connection.expect("it is connected");
    stranger.swarm.behaviour_mut().gate.open(target.id, connection);
    let running = stranger.run();
    assert_eq!(target.parted_from(low.peer_id()).await, EndReason::SecondStream);
    running.abort();
}

#[tokio::test]
async fn connections_that_prove_nothing_are_few_and_short() {
    let options = Options {
        max_pending: 3,
        max_pending_per_origin: 3,
        connect_timeout: Duration::from_millis(800),
        ..hasty()
    };
    let mut target = node(options).await;
    let address = socket(&target.address().await);
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(TcpStream::connect(address).await.expect("the target listens"));
    }
    sleep(Duration::from_millis(200)).await;
    // The fourth is closed at once, long before the time limit.
    let mut fourth = TcpStream::connect(address).await.expect("the target listens");
    let mut buffer = [0; 64];
    let read = timeout(Duration::from_millis(400), fourth.read(&mut buffer)).await;
    assert!(matches!(read, Ok(Ok(0) | Err(_))), "{read:?}");
    assert_eq!(target.handle.addresses().await.expect("it runs").refused, 1);
    // The others are closed when their time is over, and then there is room again.
    for mut socket in silent {
        assert!(is_closed(&mut socket).await);
    }
    let mut friend = node(hasty()).await;
    meet(&mut friend, &mut target).await;
}

#[tokio::test]
async fn a_peer_of_another_protocol_is_told_apart() {
    use libp2p::{noise, ping, swarm, tcp};
    // A node of another network: everything is the same but the protocol of channels.
    let (low, high) = ordered_keys();
    let foreign = high.keypair();
    let stack = {
        use libp2p::Transport as _;
        tcp::tokio::Transport::new(tcp::Config::new())
            .upgrade(libp2p::core::upgrade::Version::V1Lazy)
            .authenticate(noise::Config::new(&foreign).expect("the key is one"))
            .multiplex(crate::muxing::Multiplexing)
            .boxed()
    };
    let mut swarm = libp2p::Swarm::new(
        stack,
        ping::Behaviour::default(),
        high.peer_id(),
        swarm::Config::with_tokio_executor().with_idle_connection_timeout(Duration::from_secs(60)),
    );
    swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse().expect("well formed")).expect("it can");
    let address = loop {
        if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
            break address;
        }
    };
    let running = tokio::spawn(async move {
        loop {
            swarm.select_next_some().await;
        }
    });
    let ours = node_with(hasty(), &low).await;
    ours.handle.connect(high.peer_id(), vec![address]).await.expect("the wish is in order");
    let info = ours.until(high.peer_id(), |info| info.problem.is_some()).await;
    let problem = info.problem.expect("there is one").to_string();
    assert!(problem.starts_with("the peer does not speak /millrace/channels/1"), "{problem}");
    running.abort();
}
