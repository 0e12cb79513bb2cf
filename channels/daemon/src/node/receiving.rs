// SPDX-License-Identifier: Apache-2.0

//! Frames: whatever bytes a peer sends.

use super::{Node, routing::Came};
use crate::{
    frame::{Frame, FrameError, Hello, TransferName},
    input::Millis,
    live::{Fate, Live, Slot},
    output::{Notice, Output},
    peer::Peer,
    verifying::{Aside, Read, Unverified, Verified, packets_to_open},
};
use millrace_channels_protocol::{ChannelError, Claim, Message, ProposalError, StreamName};

/// A peer that came too early is asked what this party lacks, but not more often than this, in
/// milliseconds.
const ASK_EVERY: Millis = 1_000;

impl Node {
    /// Reads frames, whatever is in them, and finds out what can be worked out about them before the
    /// node takes them: which signatures their messages stand on, and what packets have for this hop.
    /// The node has to get them by [`Input::Verified`](crate::Input::Verified) in the order in which it
    /// has read them; what happens to it meanwhile does no harm.
    pub fn read(&mut self, frames: &[(Peer, Vec<u8>)]) -> Unverified {
        let mut read: Vec<Read> = Vec::with_capacity(frames.len());
        for (peer, bytes) in frames {
            self.stats.frames_received = self.stats.frames_received.saturating_add(1);
            if self.may_send_more(*peer) {
                let frame = Frame::from_bytes(bytes);
                let aside = match &frame {
                    Ok(Frame::Channel(message)) => {
                        self.signed(*peer, message).map_or(Aside::Nothing, Aside::Claim)
                    }
                    Ok(Frame::Packet(it)) if !is_among(&read, it.transfer) => {
                        let key = self.opens(*peer, it.transfer, packets_to_open(&read));
                        key.map_or(Aside::Nothing, Aside::Packet)
                    }
                    _ => Aside::Nothing,
                };
                read.push(Read { peer: *peer, frame, aside });
            }
        }
        Unverified::new(read, || self.draw_bytes())
    }

    /// Takes frames that were read.
    pub(crate) fn verified(&mut self, frames: Verified) {
        for Read { peer, frame, aside } in frames.into_frames() {
            // One of its earlier frames may have ended the connection.
            if self.contacts.contains_key(&peer) {
                self.frame(peer, frame, aside);
            }
        }
    }

    /// The signature that a message of a channel stands on, as far as that can be said without waking
    /// anything up.
    fn signed(&self, peer: Peer, message: &Message) -> Option<Claim> {
        match self.channels.get(&message.channel()) {
            Some(Slot::Awake(live)) => live.channel.claim(live.terms.position_of(&peer)?, message),
            _ => None,
        }
    }

    fn frame(&mut self, peer: Peer, frame: Result<Frame, FrameError>, aside: Aside) {
        match frame {
            Ok(Frame::Channel(message)) => {
                let verified = match &aside {
                    Aside::Claim(claim) => Some(claim),
                    _ => None,
                };
                self.message(peer, *message, verified);
            }
            Ok(Frame::Opening(message)) => self.opening_message(peer, *message),
            Ok(Frame::Hello(hello)) => self.hello(peer, hello),
            Ok(Frame::Binding(binding)) => {
                if self.failing.is_none() {
                    self.rebind(peer, binding);
                }
            }
            Ok(Frame::Ping(number)) => self.send_frame(peer, &Frame::Pong(number)),
            Ok(Frame::Pong(_)) => {}
            Ok(Frame::Packet(it)) => {
                let packet = match aside {
                    Aside::Opened(opened) => Came::Opened(opened),
                    _ => Came::Bytes(it.packet.into_inner()),
                };
                self.packet_came(peer, it.transfer, packet);
            }
            Ok(Frame::WantPacket(name)) => self.packet_wanted(peer, name),
            Ok(Frame::Failure(it)) => self.failure_came(peer, it.transfer, it.error.into_inner()),
            Ok(Frame::Neighbour(neighbour)) => self.neighbour_came(peer, *neighbour),
            Ok(Frame::Announce(consent)) => self.consent_came(peer, *consent),
            Ok(Frame::Gossip(message)) => self.gossip_came(peer, &message),
            Err(error) => {
                self.stats.malformed = self.stats.malformed.saturating_add(1);
                self.strike(peer, None, error.to_string());
            }
        }
    }

    /// Counts a frame against its sender's share. Whoever exceeds it is let go and may come again.
    fn may_send_more(&mut self, peer: Peer) -> bool {
        let second = self.now.checked_div(1_000).unwrap_or(0);
        let limit = self.config.limits.frames_per_second;
        let is_congested = self.is_congested();
        let Some(contact) = self.contacts.get_mut(&peer) else { return false };
        if contact.second != second {
            (contact.second, contact.frames) = (second, 0);
        }
        contact.frames = contact.frames.saturating_add(1);
        if contact.frames > limit {
            self.contacts.remove(&peer);
            self.stats.floods = self.stats.floods.saturating_add(1);
            let reason = "it sends more than anybody may";
            self.out.push(Output::Disconnect { peer, reason });
            return false;
        }
        // Dropped, as the network might: the sender will ask.
        !is_congested
    }

    fn hello(&mut self, peer: Peer, hello: Hello) {
        if hello.genesis != self.genesis {
            self.contacts.remove(&peer);
            self.out.push(Output::Disconnect { peer, reason: "its channels are on another chain" });
            return;
        }
        if let Some(contact) = self.contacts.get_mut(&peer) {
            contact.hello = Some(hello);
        }
    }

    /// A message of a channel, from whoever is at this node.
    fn message(&mut self, peer: Peer, message: Message, verified: Option<&Claim>) {
        if !self.may_handle_messages() {
            return;
        }
        let channel = message.channel();
        // A stranger wakes nothing up.
        if !self.by_peer.get(&peer).is_some_and(|known| known.contains(&channel)) {
            self.stats.unknown = self.stats.unknown.saturating_add(1);
            return;
        }
        let _ = self.with_channel(channel, |node, live| {
            let Some(from) = live.terms.position_of(&peer) else { return };
            // Nothing is agreed in a channel that is said to be gone: if it lives, its peers are
            // asked. What a payee shows is owed all the same.
            let is_gone = live.fate == Fate::Over;
            if is_gone && !matches!(message, Message::Fulfil(_) | Message::Status(_)) {
                return;
            }
            // A status says what its sender has. Whoever sends it without being asked waits for
            // something, and hears from nobody what it lacks but by a status of this side.
            let Some(message) = node.without_refused(live, message) else {
                (live.touched, live.heard) = (node.now, node.now);
                return;
            };
            let is_asking = matches!(&message, Message::Status(status) if status.answer.is_none());
            let stream = match &message {
                Message::Pulse(pulses) => Some(pulses.stream),
                _ => None,
            };
            let before = stream.map_or(0, |stream| live.channel.received(stream));
            match node.act(live, |it| it.receive_verified(from, message, verified)) {
                Ok(()) => {
                    (live.touched, live.heard) = (node.now, node.now);
                    if let Some(stream) = stream {
                        node.count_pulses(live, stream, before);
                    }
                    // Half of the patience, so that two who ask come to an end.
                    if is_asking && node.may_ask(live, node.config.patience.overdue / 2) {
                        node.ask_who_lacks_what(live);
                    }
                }
                Err(error) => node.message_refused(live, peer, error),
            }
        });
    }

    /// Counts what links of a stream to this party have proven above the `before` units.
    fn count_pulses(&mut self, live: &Live, name: StreamName, before: u64) {
        let gained = live.channel.received(name).saturating_sub(before);
        let stream = live.channel.streams().iter().find(|it| StreamName::of(it) == name);
        let unit = stream.map_or(0, |stream| stream.unit);
        let worth = unit.saturating_mul(gained.into());
        let stats = &mut self.stats;
        stats.pulses_received = stats.pulses_received.saturating_add(gained);
        stats.pulses_received_amount = stats.pulses_received_amount.saturating_add(worth);
    }

    /// Whether peers were not asked just now.
    fn may_ask(&self, live: &Live, every: Millis) -> bool {
        live.asked == 0 || self.now.saturating_sub(live.asked) >= every
    }

    /// Judges a message that the channel refused. Honest peers are refused, too: when something was
    /// lost before, or when both sides see different heights.
    fn message_refused(&mut self, live: &mut Live, peer: Peer, error: ChannelError) {
        let channel = Some(live.id);
        match &error {
            ChannelError::TooEarly { .. } => {
                if self.may_ask(live, ASK_EVERY) {
                    self.ask_who_lacks_what(live);
                }
            }
            // What it sent crossed with something that it does not know yet.
            ChannelError::Closing
            | ChannelError::Final { .. }
            | ChannelError::Disputed
            | ChannelError::ClosingAlone
            | ChannelError::Over
            | ChannelError::Resizing { .. }
            | ChannelError::Lagging
            | ChannelError::Resize(_)
            | ChannelError::Change(_)
            | ChannelError::NotOurTurn { .. } => {}
            ChannelError::Proposal(ProposalError::Equivocation { .. }) => {
                // The only proof that it keeps is what it signed twice; the channel stands still
                // until its owner decides.
                let (channel, what) = (live.id, error.to_string());
                self.notify(live, Notice::Trouble { channel, what: what.clone() });
                self.strike(peer, Some(channel), what);
            }
            _ => self.strike(peer, channel, error.to_string()),
        }
    }
}

/// Whether there is a packet for a transfer among these frames.
fn is_among(frames: &[Read], transfer: TransferName) -> bool {
    let mut frames = frames.iter();
    frames.any(|it| matches!(&it.frame, Ok(Frame::Packet(it)) if it.transfer == transfer))
}
