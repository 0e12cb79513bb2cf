// SPDX-License-Identifier: Apache-2.0

//! How a transport behaves, and what its peers may cost.

use crate::{
    error::OptionsError,
    frame::{FRAME_OVERHEAD, MAX_FRAME_BYTES, cost},
    lane::Habits,
    muxing::{MAX_STREAMS, WINDOW_BYTES},
};
use libp2p::Multiaddr;
use std::time::Duration;

/// What encryption, reading and writing of one connection take at most besides queues and windows,
/// in bytes: pieces of 64 KiB each way, plain and encrypted, and one frame each way.
const BUFFER_BYTES: usize = 6 * MAX_FRAME_BYTES;

/// How a transport behaves, and what its peers may cost. All limits are there from the start;
/// [`Options::default`] suits a node with some hundred peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where to listen. By default at a free port of this machine's own interface, so that nobody
    /// is reachable from elsewhere without having said so: `/ip4/0.0.0.0/tcp/9740` opens it to the
    /// network. Without any address the node only dials, which works behind every NAT.
    pub listen: Vec<Multiaddr>,
    /// The longest frame that is sent and taken, in bytes; at most
    /// [`MAX_FRAME_BYTES`]. All parties of a network use one number.
    pub max_frame_bytes: usize,
    /// What may wait to be sent to one peer, in bytes, each frame with 64 more.
    pub outgoing_bytes: usize,
    /// What may have come from one peer and not be taken, in bytes, each frame with 64 more.
    pub incoming_bytes: usize,
    /// How many peers [`crate::Handle::connect`] may name. They always find room.
    pub max_wanted: usize,
    /// How many peers that nobody asked for may be connected at once.
    pub max_strangers: usize,
    /// How many connections may come from one IPv4 address, or one /64 network of IPv6, at once.
    pub max_per_origin: usize,
    /// How many connections that came may be without a proven identity at once.
    pub max_pending: usize,
    /// How many of these may come from one IPv4 address, or one /64 network of IPv6.
    pub max_pending_per_origin: usize,
    /// How many peers are dialled at once.
    pub max_dialling: usize,
    /// How long a connection may take until both identities are proven, and again until both sides
    /// agree on the stream of frames.
    pub connect_timeout: Duration,
    /// How often an idle connection is tried.
    pub ping_interval: Duration,
    /// How long the answer may take. A connection whose peer has vanished without a word is given up
    /// after this time, two intervals and ten seconds.
    pub ping_timeout: Duration,
    /// How long a peer may take nothing while something waits for it.
    pub stall_timeout: Duration,
    /// How long the last frames may take when a connection is closed on purpose.
    pub flush_timeout: Duration,
    /// How long to wait before a wanted peer is dialled again: this after the first failure, twice
    /// as long after each further one, each time between half of it and all of it by chance.
    pub retry_first: Duration,
    /// The longest such wait.
    pub retry_max: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: vec!["/ip4/127.0.0.1/tcp/0".parse().expect("the address is well formed")],
            max_frame_bytes: MAX_FRAME_BYTES,
            outgoing_bytes: 1024 * 1024,
            incoming_bytes: 256 * 1024,
            max_wanted: 256,
            max_strangers: 64,
            max_per_origin: 8,
            max_pending: 32,
            max_pending_per_origin: 4,
            max_dialling: 16,
            connect_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(10),
            ping_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(60),
            flush_timeout: Duration::from_secs(5),
            retry_first: Duration::from_secs(1),
            retry_max: Duration::from_secs(300),
        }
    }
}

impl Options {
    /// Whether the options fit together.
    ///
    /// Errors: see [`OptionsError`]; each says which number to change.
    pub fn verify(&self) -> Result<(), OptionsError> {
        if self.max_frame_bytes == 0 || self.max_frame_bytes > MAX_FRAME_BYTES {
            return Err(OptionsError::FrameBytes {
                asked: self.max_frame_bytes,
                limit: MAX_FRAME_BYTES,
            });
        }
        // A frame and both ends of a connection.
        let least = cost(self.max_frame_bytes) + 2 * FRAME_OVERHEAD;
        for (name, asked) in
            [("outgoing_bytes", self.outgoing_bytes), ("incoming_bytes", self.incoming_bytes)]
        {
            if asked < least {
                return Err(OptionsError::QueueBytes { name, asked, least });
            }
        }
        for (name, limit) in [
            ("max_pending", self.max_pending),
            ("max_pending_per_origin", self.max_pending_per_origin),
            ("max_per_origin", self.max_per_origin),
            ("max_dialling", self.max_dialling),
        ] {
            if limit == 0 {
                return Err(OptionsError::Zero { name });
            }
        }
        for (name, time) in [
            ("connect_timeout", self.connect_timeout),
            ("ping_interval", self.ping_interval),
            ("ping_timeout", self.ping_timeout),
            ("stall_timeout", self.stall_timeout),
            ("retry_first", self.retry_first),
        ] {
            if time.is_zero() {
                return Err(OptionsError::Zero { name });
            }
        }
        Ok(())
    }

    /// What one peer costs at most while it is connected, in bytes: both queues, the windows of all
    /// streams that it may open, and buffers. A peer that keeps to the protocol uses one window.
    pub fn bytes_per_peer(&self) -> usize {
        self.outgoing_bytes + self.incoming_bytes + MAX_STREAMS * WINDOW_BYTES + BUFFER_BYTES
    }

    /// How many peers may be connected at once.
    pub fn max_peers(&self) -> usize {
        self.max_wanted.saturating_add(self.max_strangers)
    }

    pub(crate) fn habits(&self) -> Habits {
        Habits {
            max_frame: self.max_frame_bytes,
            stall: self.stall_timeout,
            flush: self.flush_timeout,
        }
    }
}
