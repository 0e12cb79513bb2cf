// SPDX-License-Identifier: Apache-2.0

//! What a node says about its streams.

use super::Node;
use crate::live::{Live, Slot};
use millrace_channels_protocol::StreamName;
use millrace_primitives_channels::{ChannelId, Stream};

/// A stream of an agreed state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamView {
    /// Its channel.
    pub channel: ChannelId,
    /// What was agreed.
    pub stream: Stream,
    /// Whether this party pays by it.
    pub is_outgoing: bool,
    /// Units that this party has released, or that are proven to it. Nothing after a restart of the
    /// payer, until the payee has said what it holds.
    pub units: Option<u64>,
    /// Whether the payee, or the payer, is connected.
    pub is_connected: bool,
}

impl StreamView {
    /// Its name in its channel.
    pub fn name(&self) -> StreamName {
        StreamName::of(&self.stream)
    }
}

impl Node {
    /// The streams that this party pays or is paid by. Channels with streams are awake.
    pub fn streams(&self) -> Vec<StreamView> {
        let awake = self.awake.iter().filter_map(|id| match self.channels.get(id) {
            Some(Slot::Awake(live)) => Some(live),
            _ => None,
        });
        awake.flat_map(|live| self.streams_of(live)).collect()
    }

    /// A stream; nothing if no agreed state has it.
    pub fn stream(&self, channel: ChannelId, name: StreamName) -> Option<StreamView> {
        let Some(Slot::Awake(live)) = self.channels.get(&channel) else { return None };
        self.streams_of(live).find(|it| it.name() == name)
    }

    fn streams_of<'a>(&'a self, live: &'a Live) -> impl Iterator<Item = StreamView> + 'a {
        let me = live.terms.position;
        let own = live.channel.streams().iter().filter(move |it| it.payer == me || it.payee == me);
        own.map(move |stream| {
            let (name, is_outgoing) = (StreamName::of(stream), stream.payer == me);
            let other = if is_outgoing { stream.payee } else { stream.payer };
            let units = match is_outgoing {
                true => live.channel.released(name),
                false => Some(live.channel.received(name)),
            };
            let peer = live.terms.peers.get(usize::from(other));
            let is_connected = peer.is_some_and(|peer| self.is_connected(peer));
            StreamView { channel: live.id, stream: *stream, is_outgoing, units, is_connected }
        })
    }
}
