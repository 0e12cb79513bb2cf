// SPDX-License-Identifier: Apache-2.0

//! What can go wrong, and what to do then.

use libp2p::{Multiaddr, PeerId};

/// Why a node key could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {cause}; try again, never use a fixed key")]
    Randomness {
        /// What the system said.
        cause: String,
    },
}

/// Which options do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// The longest frame is none, or longer than the protocol allows.
    #[error("max_frame_bytes is {asked}, and has to be from 1 to {limit}")]
    FrameBytes {
        /// What was asked for.
        asked: usize,
        /// The most that is allowed.
        limit: usize,
    },
    /// A queue does not hold even one frame.
    #[error("{name} is {asked}, and one frame of max_frame_bytes needs {least}: raise it")]
    QueueBytes {
        /// Which option.
        name: &'static str,
        /// What was asked for.
        asked: usize,
        /// The least that works.
        least: usize,
    },
    /// A limit or a time is zero, so that nothing would ever work.
    #[error("{name} is zero, and nothing would ever connect: raise it")]
    Zero {
        /// Which option.
        name: &'static str,
    },
}

/// Why a transport could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The options do not fit together.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The encryption could not be set up with the node key.
    #[error("cannot set up encryption with the node key: {cause}")]
    Encryption {
        /// What the library said.
        cause: String,
    },
    /// An address cannot be listened on.
    #[error(
        "cannot listen on {address}: {cause}; choose another address or port, or none to only dial"
    )]
    Listen {
        /// The address, as it was asked for.
        address: Multiaddr,
        /// What the system said.
        cause: String,
    },
}

/// Why a frame is not sent. All but [`SendError::TooLong`] give the frame back:
/// [`SendError::into_frame`].
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The peer takes frames more slowly than they are sent.
    #[error(
        "the queue to the peer is full: {waiting} of {limit} bytes wait; send it again after \
         `ready`, or give up on the peer"
    )]
    Full {
        /// What was to be sent.
        frame: Vec<u8>,
        /// What waits already, each frame with its overhead.
        waiting: usize,
        /// How much may wait.
        limit: usize,
    },
    /// There is no connection, or it is just ending.
    #[error("the peer is not connected: wait for `Connected`, then send what it has to know")]
    NotConnected {
        /// What was to be sent.
        frame: Vec<u8>,
    },
    /// The frame is longer than what peers take.
    #[error("the frame has {length} bytes and {limit} are allowed: send it in parts")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The longest that is allowed.
        limit: usize,
    },
}

impl SendError {
    /// What was to be sent, unless it can never be.
    pub fn into_frame(self) -> Option<Vec<u8>> {
        match self {
            Self::Full { frame, .. } | Self::NotConnected { frame } => Some(frame),
            Self::TooLong { .. } => None,
        }
    }
}

/// Frames may be long and hold what is nobody's business, so they are not shown.
impl std::fmt::Debug for SendError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SendError({self})")
    }
}

/// Why a peer is not dialled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// As many peers are wanted as may be.
    #[error("{limit} peers are wanted already: `disconnect` some, or raise max_wanted")]
    TooManyWanted {
        /// How many may be.
        limit: usize,
    },
    /// Too many addresses of one peer.
    #[error("{count} addresses are too many, {limit} are allowed: keep the best")]
    TooManyAddresses {
        /// How many were given.
        count: usize,
        /// How many may be.
        limit: usize,
    },
    /// An address names another peer.
    #[error("{address} ends with the id of another peer than {peer}: correct one of them")]
    OtherPeer {
        /// The address.
        address: Multiaddr,
        /// Who was to be dialled.
        peer: PeerId,
    },
    /// The id is not that of a node key.
    #[error("{peer} is not the id of an Ed25519 key, and nodes have no other keys: correct it")]
    OtherKey {
        /// What was given.
        peer: PeerId,
    },
    /// The peer is this node itself.
    #[error("{peer} is this node itself")]
    Ourselves {
        /// This node's id.
        peer: PeerId,
    },
    /// The transport has stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// The transport has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the transport has stopped: start another one")]
pub struct Stopped;

/// Why the last attempt to reach a wanted peer failed. It is tried again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialProblem {
    /// Somebody else answers at the peer's address.
    #[error("{found} answers there, not the peer: correct the address")]
    WrongPeer {
        /// Who answers.
        found: PeerId,
    },
    /// This node answers at the peer's address.
    #[error("this node itself answers there: correct the address")]
    Ourselves,
    /// Nobody answers, or not as a node does.
    #[error("nobody could be reached: {cause}")]
    Unreachable {
        /// What happened at each address.
        cause: String,
    },
    /// The peer does not speak the protocol of channels, or not this version.
    #[error("the peer does not speak {}: {cause}", crate::PROTOCOL)]
    OtherProtocol {
        /// What the library said.
        cause: String,
    },
    /// The connection ended soon after it was made.
    #[error("the connection did not last: {cause}")]
    Ended {
        /// Why it ended.
        cause: String,
    },
}
