// SPDX-License-Identifier: Apache-2.0

//! Starting a transport, and telling it what to do.

use crate::{
    command::{Addresses, Command, PeerInfo},
    driver::{Driver, Shutdown},
    error::{ConnectError, SendError, StartError, Stopped},
    event::Incoming,
    gate::{Behaviour, Gate},
    inbox::Inbox,
    key::NodeKey,
    options::Options,
    outbox::Outboxes,
    sockets,
};
use futures::StreamExt;
use libp2p::{
    Multiaddr, PeerId, Swarm, identify,
    multiaddr::Protocol,
    ping,
    swarm::{self, SwarmEvent},
};
use std::{
    collections::HashMap,
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// Commands that may wait. They are carried out as fast as they come.
const MAX_COMMANDS: usize = 64;

/// How long a listener may take to say where it listens.
const LISTEN_TIME: Duration = Duration::from_secs(5);

/// Streams of one connection that may be negotiated at once.
const MAX_NEGOTIATING: usize = 4;

/// Starts transports.
pub struct Transport;

impl Transport {
    /// Listens, and serves from a task of its own until [`Handle::shutdown`] is called or
    /// [`Incoming`] is dropped. It has to be called within a Tokio runtime.
    ///
    /// Returns as soon as each address is listened on, so that a port that is taken shows at once.
    ///
    /// Errors: [`StartError`], which says what to change.
    pub async fn start(options: Options, key: &NodeKey) -> Result<(Handle, Incoming), StartError> {
        options.verify()?;
        let mut swarm = swarm(&options, key)?;
        listen(&mut swarm, &options.listen).await?;
        let inbox = Arc::new(Inbox::new(options.incoming_bytes, options.max_peers()));
        let outboxes = Arc::<Outboxes>::default();
        let (sender, commands) = mpsc::channel(MAX_COMMANDS);
        let handle = Handle {
            local: key.peer_id(),
            max_frame: options.max_frame_bytes,
            outboxes: outboxes.clone(),
            commands: sender,
        };
        tokio::spawn(Driver::new(swarm, options, inbox.clone(), commands).run());
        Ok((handle, Incoming::new(inbox, outboxes)))
    }
}

/// A swarm that listens nowhere yet.
pub(crate) fn swarm(options: &Options, key: &NodeKey) -> Result<Swarm<Behaviour>, StartError> {
    let pings =
        ping::Config::new().with_interval(options.ping_interval).with_timeout(options.ping_timeout);
    let identity = identify::Config::new(crate::PROTOCOL.into(), key.keypair().public())
        .with_agent_version(concat!("millrace/", env!("CARGO_PKG_VERSION")).into())
        .with_cache_size(0);
    let behaviour = Behaviour {
        gate: Gate::new(key.peer_id(), options.clone()),
        ping: ping::Behaviour::new(pings),
        identify: identify::Behaviour::new(identity),
    };
    let config =
        swarm::Config::with_tokio_executor().with_max_negotiating_inbound_streams(MAX_NEGOTIATING);
    let stack = sockets::stack(key, options.connect_timeout)?;
    Ok(Swarm::new(stack, behaviour, key.peer_id(), config))
}

/// Listens on all addresses, and waits until each is known to work.
async fn listen(swarm: &mut Swarm<Behaviour>, addresses: &[Multiaddr]) -> Result<(), StartError> {
    let failed =
        |address: &Multiaddr, cause: String| StartError::Listen { address: address.clone(), cause };
    let mut silent = HashMap::new();
    for address in addresses {
        try_port(address).map_err(|error| failed(address, error.to_string()))?;
        let id =
            swarm.listen_on(address.clone()).map_err(|error| failed(address, error.to_string()))?;
        silent.insert(id, address.clone());
    }
    let answers = async {
        while !silent.is_empty() {
            match swarm.select_next_some().await {
                SwarmEvent::NewListenAddr { listener_id, .. } => {
                    silent.remove(&listener_id);
                }
                SwarmEvent::ListenerClosed { listener_id, reason, .. } => {
                    if let Some(address) = silent.get(&listener_id) {
                        return Err(failed(address, format!("it closed: {reason:?}")));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    };
    let heard = timeout(LISTEN_TIME, answers).await;
    match heard {
        Ok(result) => result,
        Err(_) => match silent.values().next() {
            Some(address) => Err(failed(address, "no interface has this address".into())),
            None => Ok(()),
        },
    }
}

/// Fails if somebody else listens at a chosen port. The library shares a port with whoever else shares
/// it, so that two nodes started by mistake with one configuration would each get half of the
/// connections.
fn try_port(address: &Multiaddr) -> io::Result<()> {
    match socket_of(address) {
        Some(socket) if socket.port() != 0 => TcpListener::bind(socket).map(drop),
        _ => Ok(()),
    }
}

/// The IP address and port that an address begins with.
pub(crate) fn socket_of(address: &Multiaddr) -> Option<SocketAddr> {
    let mut parts = address.iter();
    match (parts.next()?, parts.next()?) {
        (Protocol::Ip4(ip), Protocol::Tcp(port)) => Some((ip, port).into()),
        (Protocol::Ip6(ip), Protocol::Tcp(port)) => Some((ip, port).into()),
        _ => None,
    }
}

/// Tells a transport what to do. Clones do the same.
#[derive(Clone)]
pub struct Handle {
    local: PeerId,
    max_frame: usize,
    outboxes: Arc<Outboxes>,
    commands: mpsc::Sender<Command>,
}

impl Handle {
    /// How peers know this node.
    pub fn local_peer(&self) -> PeerId {
        self.local
    }

    /// Sends a frame to a connected peer. Never waits: it goes to the peer's queue, which a task of
    /// its own empties in order.
    ///
    /// A frame that was taken arrives after those before it, or not at all if the connection ends
    /// first; then `Disconnected` says so. What is sent before `Connected` was taken from
    /// [`Incoming`], or after `Disconnected` was, is refused, so that nothing goes into another
    /// connection than the caller has in mind.
    ///
    /// Errors: [`SendError::Full`]: wait for [`Handle::ready`]; [`SendError::NotConnected`]: wait for
    /// `Connected`; [`SendError::TooLong`]: send it in parts.
    pub fn send(&self, peer: PeerId, frame: Vec<u8>) -> Result<(), SendError> {
        if frame.len() > self.max_frame {
            return Err(SendError::TooLong { length: frame.len(), limit: self.max_frame });
        }
        match self.outboxes.get(&peer) {
            Some(outbox) => outbox.push(frame),
            None => Err(SendError::NotConnected { frame }),
        }
    }

    /// Waits until a frame of any allowed length has room. False if the peer is not connected, or is
    /// not any more.
    pub async fn ready(&self, peer: PeerId) -> bool {
        match self.outboxes.get(&peer) {
            Some(outbox) => outbox.ready().await,
            None => false,
        }
    }

    /// Wants to be connected with a peer from now on: dials it, keeps room for it when it dials, and
    /// dials it again whenever the connection ends, after waits that grow with each failure.
    ///
    /// `addresses`: at most 8, tried at once; an ending `/p2p/…` may name the peer. They replace
    /// those of an earlier call, and the peer is dialled without further wait. With none the peer is
    /// only waited for.
    ///
    /// Errors: [`ConnectError`]. Failures to connect are no errors: [`Handle::peers`] tells them.
    pub async fn connect(
        &self,
        peer: PeerId,
        addresses: Vec<Multiaddr>,
    ) -> Result<(), ConnectError> {
        self.ask(|reply| Command::Connect(peer, addresses, reply)).await?
    }

    /// Wants no connection with a peer any more. What was sent is flushed, then the connection is
    /// closed; `Disconnected` follows. The peer may come back as a stranger.
    pub async fn disconnect(&self, peer: PeerId) -> Result<(), Stopped> {
        self.ask(|reply| Command::Disconnect(peer, reply)).await
    }

    /// Ends the connection with a peer at once, drops its frames that were not taken, and refuses it
    /// for `duration` from now, which replaces an earlier ban. A wish to be connected stays, and is
    /// taken up again afterwards. Nothing of it outlives the process.
    pub async fn ban(&self, peer: PeerId, duration: Duration) -> Result<(), Stopped> {
        self.ask(|reply| Command::Ban(peer, duration, reply)).await
    }

    /// All peers that are wanted or connected, by their id.
    pub async fn peers(&self) -> Result<Vec<PeerInfo>, Stopped> {
        self.ask(Command::Peers).await
    }

    /// Where this node listens, and how its peers see it.
    pub async fn addresses(&self) -> Result<Addresses, Stopped> {
        self.ask(Command::Addresses).await
    }

    /// Takes no more connections, flushes what was sent, takes leave of all peers and stops; at
    /// latest one second after [`Options::flush_timeout`]. Events that came before are still to be
    /// taken from [`Incoming`], and have to be for a peer's last frames to count as flushed there.
    pub async fn shutdown(&self) -> Result<Shutdown, Stopped> {
        self.ask(Command::Shutdown).await
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> Result<T, Stopped> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(command(reply)).await.map_err(|_| Stopped)?;
        answer.await.map_err(|_| Stopped)
    }
}
