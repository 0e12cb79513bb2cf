// SPDX-License-Identifier: Apache-2.0

//! Peers: who is connected, what they may send, and what happens when they come and go.

use super::{Chainsight, Node};
use crate::{
    frame::{Binding, Frame, Hello},
    input::Millis,
    live::{Live, Slot},
    output::{Notice, Output},
    peer::{Peer, binding_payload},
};
use millrace_channels_protocol::Signer;
use millrace_primitives_channels::{ChannelId, verify_signer};

/// A peer that is connected.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contact {
    /// How it introduced itself.
    pub(crate) hello: Option<Hello>,
    /// Which second is counted, and how many frames came in it.
    pub(crate) second: Millis,
    pub(crate) frames: u32,
    /// How often it was wrong.
    pub(crate) strikes: u32,
}

impl Node {
    /// A connection is up.
    pub(crate) fn connected(&mut self, peer: Peer) {
        let is_full = self.contacts.len() >= self.config.limits.peers;
        if is_full && !self.contacts.contains_key(&peer) && !self.by_peer.contains_key(&peer) {
            self.out.push(Output::Disconnect { peer, reason: "too many peers are connected" });
            return;
        }
        self.contacts.insert(peer, Contact::default());
        let hello = Hello { genesis: self.genesis, participant: self.keys.participant() };
        self.send_frame(peer, &Frame::Hello(hello));
        for channel in self.channels_of(&peer) {
            if self.moved.contains(&channel) {
                let binding = Frame::Binding(self.binding(channel));
                self.send_frame(peer, &binding);
            }
        }
        self.greet(peer);
        if self.may_handle_messages() {
            self.resume_with(peer);
        }
        self.repeat_opening(peer);
    }

    /// A connection is gone.
    pub(crate) fn disconnected(&mut self, peer: Peer) {
        self.contacts.remove(&peer);
        self.take_leave(&peer);
    }

    /// Whether messages of channels can be handled: they lead to signatures, and to a decision that
    /// has to know what the chain shows (DA-7).
    pub(crate) fn may_handle_messages(&self) -> bool {
        let sees = matches!(self.sight, Chainsight::Seeing | Chainsight::LostAt(_));
        self.failing.is_none() && sees
    }

    /// Asks a peer who lacks what, in every channel where something is under way. A channel that
    /// sleeps lacks nothing; if the peer does, it will ask.
    pub(crate) fn resume_with(&mut self, peer: Peer) {
        for channel in self.channels_of(&peer) {
            if self.awake.contains(&channel) {
                // It is awake, so it can be taken.
                let _ = self.with_channel(channel, |node, live| node.ask_who_lacks_what(live));
            }
        }
    }

    /// Tells the others which version this party has, so that they send what is missing here.
    pub(crate) fn ask_who_lacks_what(&mut self, live: &mut Live) {
        live.asked = self.now;
        // It only repeats what is known: nothing can be refused.
        let _ = self.act(live, |it| Ok(it.reconnected()));
    }

    pub(crate) fn channels_of(&self, peer: &Peer) -> Vec<ChannelId> {
        self.by_peer.get(peer).into_iter().flatten().copied().collect()
    }

    /// Sends a frame that depends on no record.
    pub(crate) fn send_frame(&mut self, peer: Peer, frame: &Frame) {
        if !self.contacts.contains_key(&peer) {
            return;
        }
        self.stats.frames_sent = self.stats.frames_sent.saturating_add(1);
        self.out.push(Output::Send { peer, bytes: frame.to_bytes() });
    }

    /// That this party's signer is behind this node.
    pub(crate) fn binding(&self, channel: ChannelId) -> Binding {
        let payload = binding_payload(&self.genesis, &channel, &self.me);
        Binding { channel, signature: self.keys.signer().sign_state(&payload) }
    }

    /// A participant says that it is reached at another node from now on.
    pub(crate) fn rebind(&mut self, peer: Peer, binding: Binding) {
        let Binding { channel, signature } = binding;
        if self.by_peer.get(&peer).is_some_and(|known| known.contains(&channel)) {
            return;
        }
        let payload = binding_payload(&self.genesis, &channel, &peer);
        let bound = self.with_channel(channel, |node, live| {
            let me = usize::from(live.terms.position);
            let participants = &live.terms.params.participants;
            let place = participants.iter().enumerate().position(|(at, participant)| {
                at != me && verify_signer(&signature, &participant.signer, &payload)
            })?;
            let slot = live.terms.peers.get_mut(place)?;
            let before = core::mem::replace(slot, peer);
            node.write_terms(live);
            Some(before)
        });
        match bound {
            Ok(Some(before)) => {
                if let Some(channels) = self.by_peer.get_mut(&before) {
                    channels.remove(&channel);
                }
                self.by_peer.entry(peer).or_default().insert(channel);
                let _ = self.with_channel(channel, |node, live| node.ask_who_lacks_what(live));
            }
            Ok(None) | Err(_) => {
                let what = "a binding that no participant's signer has signed".to_owned();
                self.strike(peer, Some(channel), what);
            }
        }
    }

    /// Counts something that no honest peer sends, and bans whoever sends too much of it.
    pub(crate) fn strike(&mut self, peer: Peer, channel: Option<ChannelId>, what: String) {
        self.stats.strikes = self.stats.strikes.saturating_add(1);
        let limit = self.config.limits.strikes;
        let Some(contact) = self.contacts.get_mut(&peer) else { return };
        contact.strikes = contact.strikes.saturating_add(1);
        let is_too_much = contact.strikes > limit;
        self.out.push(Output::Notice(Notice::Misbehaved { peer, channel, what }));
        if is_too_much {
            self.contacts.remove(&peer);
            self.out.push(Output::Ban { peer, millis: self.config.patience.ban });
        }
    }

    /// Puts a channel among those that are open.
    pub(crate) fn add_channel(&mut self, live: Box<Live>) {
        let id = live.id;
        for peer in live.terms.others() {
            self.by_peer.entry(peer).or_default().insert(id);
        }
        self.awake.insert(id);
        self.channels.insert(id, Slot::Awake(live));
    }
}
