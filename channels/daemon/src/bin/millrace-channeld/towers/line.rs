// SPDX-License-Identifier: Apache-2.0

//! The connection with one tower: one question at a time.

use core::time::Duration;
use millrace_channels_transport::{
    Handle, Incoming, Multiaddr, NodeKey, Options, PeerEvent, PeerId, StartError, Transport,
};
use millrace_channels_watchtower::message::{Frame, Request, Response};
use tokio::time::timeout;

/// How long a tower may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Silence {
    /// It is not connected.
    #[error("the tower is not connected: it is tried again and again")]
    Away,
    /// It takes too long.
    #[error("the tower did not answer within {} s", PATIENCE.as_secs())]
    Late,
    /// What it says cannot be read.
    #[error("the tower's answer cannot be read ({0}): use releases that go together")]
    Unreadable(String),
    /// This program ends.
    #[error("the daemon ends")]
    Ending,
}

/// A connection that is kept up, and tried again with growing waits while it is down.
pub struct Line {
    handle: Handle,
    incoming: Incoming,
    tower: PeerId,
    is_connected: bool,
    number: u32,
}

impl Line {
    /// Wants to be connected with a tower from now on.
    pub async fn start(
        key: &NodeKey,
        tower: PeerId,
        address: Multiaddr,
    ) -> Result<Self, StartError> {
        let options = Options { listen: Vec::new(), max_strangers: 0, ..Options::default() };
        let (handle, incoming) = Transport::start(options, key).await?;
        // A wish for one peer at one address is always taken; without it the tower stays away, which
        // shows.
        if let Err(error) = handle.connect(tower, vec![address]).await {
            tracing::error!(%error, "a watchtower cannot be called");
        }
        Ok(Self { handle, incoming, tower, is_connected: false, number: 0 })
    }

    /// Whether it is connected, as far as was heard.
    pub fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// Waits until the connection comes or goes.
    pub async fn changed(&mut self) -> Result<(), Silence> {
        let before = self.is_connected;
        while self.is_connected == before {
            self.hear().await?;
        }
        Ok(())
    }

    /// What came from the tower, if it is a frame.
    async fn hear(&mut self) -> Result<Option<Vec<u8>>, Silence> {
        match self.incoming.next().await.ok_or(Silence::Ending)? {
            PeerEvent::Connected { .. } => self.is_connected = true,
            PeerEvent::Disconnected { .. } => self.is_connected = false,
            PeerEvent::Frame { bytes, .. } => return Ok(Some(bytes)),
        }
        Ok(None)
    }

    /// Asks, and waits for the answer.
    pub async fn ask(&mut self, body: Request) -> Result<Response, Silence> {
        if !self.is_connected {
            return Err(Silence::Away);
        }
        self.number = self.number.wrapping_add(1);
        let number = self.number;
        let frame = Frame { number, body }.to_bytes();
        // It is the only frame on its way: it finds room unless the connection has just gone.
        self.handle.send(self.tower, frame).map_err(|_| Silence::Away)?;
        let answered = async {
            loop {
                let heard = self.hear().await?;
                if !self.is_connected {
                    return Err(Silence::Away);
                }
                let Some(bytes) = heard else { continue };
                let unreadable = |error: millrace_channels_watchtower::message::FrameError| {
                    Silence::Unreadable(error.to_string())
                };
                let frame = Frame::<Response>::from_bytes(&bytes).map_err(unreadable)?;
                // Others answer what nobody waits for any more.
                if frame.number == number {
                    return Ok(frame.body);
                }
            }
        };
        timeout(PATIENCE, answered).await.unwrap_or(Err(Silence::Late))
    }
}
