// SPDX-License-Identifier: Apache-2.0

//! Nodes, a wire that can be cut, and a stranger who keeps no rule.

use crate::{
    EndReason, Handle, Incoming, Multiaddr, NodeKey, Options, PeerEvent, PeerId, PeerInfo,
    Transport,
    gate::{Behaviour, BehaviourEvent, GateEvent},
    handle,
    handler::Report,
};
use futures::StreamExt;
use libp2p::{
    Stream, Swarm,
    swarm::{ConnectionId, SwarmEvent, dial_opts::DialOpts},
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::Notify,
    time::{sleep, timeout},
};

/// Longer than anything takes that works, on a busy machine, too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Options under which everything happens soon.
pub(crate) fn hasty() -> Options {
    Options {
        connect_timeout: Duration::from_secs(3),
        flush_timeout: Duration::from_secs(3),
        retry_first: Duration::from_millis(100),
        retry_max: Duration::from_millis(400),
        max_per_origin: 64,
        max_pending_per_origin: 32,
        ..Options::default()
    }
}

/// A node with its events.
pub(crate) struct Node {
    pub(crate) handle: Handle,
    pub(crate) incoming: Incoming,
    pub(crate) id: PeerId,
}

/// A node that listens at a free port.
pub(crate) async fn node(options: Options) -> Node {
    node_with(options, &NodeKey::generate().expect("the system has randomness")).await
}

/// A node with this key.
pub(crate) async fn node_with(options: Options, key: &NodeKey) -> Node {
    let (handle, incoming) =
        Transport::start(options, key).await.expect("the loopback interface has a free port");
    Node { id: handle.local_peer(), handle, incoming }
}

/// Two keys; the first has the lower id, so that it chooses and opens.
pub(crate) fn ordered_keys() -> (NodeKey, NodeKey) {
    let [a, b] = [(); 2].map(|()| NodeKey::generate().expect("the system has randomness"));
    if crate::opens(&a.peer_id(), &b.peer_id()) { (a, b) } else { (b, a) }
}

impl Node {
    /// Where it listens.
    pub(crate) async fn address(&self) -> Multiaddr {
        let addresses = self.handle.addresses().await.expect("it runs");
        addresses.listening.first().expect("it listens").clone()
    }

    /// The next event, which has to come.
    pub(crate) async fn event(&mut self) -> PeerEvent {
        timeout(PATIENCE, self.incoming.next())
            .await
            .expect("an event comes in time")
            .expect("the transport runs")
    }

    /// Waits for `Connected` with `peer`; whether this side dialled.
    pub(crate) async fn connected_with(&mut self, peer: PeerId) -> bool {
        match self.event().await {
            PeerEvent::Connected { peer: found, outgoing } if found == peer => outgoing,
            other => panic!("expected a connection with {peer}, got {other:?}"),
        }
    }

    /// Waits for the end of the connection with `peer`.
    pub(crate) async fn parted_from(&mut self, peer: PeerId) -> EndReason {
        match self.event().await {
            PeerEvent::Disconnected { peer: found, reason } if found == peer => reason,
            other => panic!("expected the end of the connection with {peer}, got {other:?}"),
        }
    }

    /// Waits for a frame of `peer`.
    pub(crate) async fn frame_of(&mut self, peer: PeerId) -> Vec<u8> {
        match self.event().await {
            PeerEvent::Frame { peer: found, bytes } if found == peer => bytes,
            other => panic!("expected a frame of {peer}, got {other:?}"),
        }
    }

    /// What it knows of a peer.
    pub(crate) async fn info(&self, peer: PeerId) -> Option<PeerInfo> {
        let peers = self.handle.peers().await.expect("it runs");
        peers.into_iter().find(|info| info.peer == peer)
    }

    /// Waits until what it knows of a peer fits.
    pub(crate) async fn until(&self, peer: PeerId, fits: impl Fn(&PeerInfo) -> bool) -> PeerInfo {
        let look = async {
            loop {
                if let Some(info) = self.info(peer).await
                    && fits(&info)
                {
                    return info;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, look).await.expect("it comes to know that in time")
    }

    /// Sends, waiting for room.
    pub(crate) async fn send(&self, peer: PeerId, mut frame: Vec<u8>) {
        while let Err(error) = self.handle.send(peer, frame) {
            assert!(
                matches!(error, crate::SendError::Full { .. }),
                "only a full queue is in order: {error}"
            );
            frame = error.into_frame().expect("it was not too long");
            assert!(self.handle.ready(peer).await, "the peer is connected");
        }
    }
}

/// Two nodes that are connected; the first has dialled.
pub(crate) async fn pair(options: Options) -> (Node, Node) {
    let (mut a, mut b) = (node(options.clone()).await, node(options).await);
    meet(&mut a, &mut b).await;
    (a, b)
}

/// Has `a` dial `b`, and waits until both know.
pub(crate) async fn meet(a: &mut Node, b: &mut Node) {
    a.handle.connect(b.id, vec![b.address().await]).await.expect("the wish is in order");
    assert!(a.connected_with(b.id).await);
    assert!(!b.connected_with(a.id).await);
}

/// The socket's address in a TCP address.
pub(crate) fn socket(address: &Multiaddr) -> SocketAddr {
    handle::socket_of(address).expect("it is a TCP address")
}

/// Forwards connections to a node until it is told otherwise.
pub(crate) struct Wire {
    pub(crate) address: Multiaddr,
    cut: Arc<Notify>,
    is_dead: Arc<AtomicBool>,
}

impl Wire {
    /// A wire to `target`.
    pub(crate) async fn to(target: &Multiaddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let address = format!("/ip4/127.0.0.1/tcp/{port}").parse().expect("it is well formed");
        let (cut, is_dead) = (Arc::<Notify>::default(), Arc::<AtomicBool>::default());
        tokio::spawn(serve(listener, socket(target), cut.clone(), is_dead.clone()));
        Self { address, cut, is_dead }
    }

    /// Cuts all connections; new ones can be made.
    pub(crate) fn cut(&self) {
        self.cut.notify_waiters();
    }

    /// Loses everything from now on, without closing any connection.
    pub(crate) fn die(&self) {
        self.is_dead.store(true, Ordering::SeqCst);
        self.cut.notify_waiters();
    }
}

async fn serve(
    listener: TcpListener,
    target: SocketAddr,
    cut: Arc<Notify>,
    is_dead: Arc<AtomicBool>,
) {
    while let Ok((mut near, _)) = listener.accept().await {
        let (cut, is_dead) = (cut.clone(), is_dead.clone());
        tokio::spawn(async move {
            let mut far = TcpStream::connect(target).await.expect("the node listens");
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => {}
                () = cut.notified() => {}
            }
            if is_dead.load(Ordering::SeqCst) {
                // Both sides believe that the other is there.
                std::future::pending::<()>().await;
            }
        });
    }
}

/// A stranger with a key of its own who agrees on the stream, and then does as it likes.
pub(crate) struct Stranger {
    pub(crate) swarm: Swarm<Behaviour>,
    pub(crate) connection: Option<ConnectionId>,
}

impl Stranger {
    /// A stranger with this key.
    pub(crate) fn new(key: &NodeKey) -> Self {
        let swarm = handle::swarm(&hasty(), key).expect("the key is one");
        Self { swarm, connection: None }
    }

    /// Dials a node and agrees on the stream of frames.
    pub(crate) async fn meet(&mut self, node: &Node) -> Stream {
        let dial = DialOpts::peer_id(node.id).addresses(vec![node.address().await]).build();
        self.swarm.dial(dial).expect("the address is in order");
        timeout(PATIENCE, self.agree()).await.expect("the node agrees")
    }

    async fn agree(&mut self) -> Stream {
        loop {
            match self.swarm.select_next_some().await {
                SwarmEvent::ConnectionEstablished { peer_id, connection_id, .. } => {
                    self.connection = Some(connection_id);
                    if crate::opens(self.swarm.local_peer_id(), &peer_id) {
                        self.swarm.behaviour_mut().gate.open(peer_id, connection_id);
                    }
                }
                SwarmEvent::Behaviour(BehaviourEvent::Gate(GateEvent {
                    report: Report::Stream(stream),
                    ..
                })) => return stream,
                _ => {}
            }
        }
    }

    /// Keeps the connection alive in a task of its own.
    pub(crate) fn run(mut self) -> tokio::task::JoinHandle<()> {
        tokio::spawn(async move {
            loop {
                self.swarm.select_next_some().await;
            }
        })
    }
}
