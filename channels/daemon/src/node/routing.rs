// SPDX-License-Identifier: Apache-2.0

//! What a node knows and remembers for payments over several channels, and the work that it leads
//! to.
//!
//! Work concerns two channels: what happens in one leads to something in another. So it is not done
//! while a channel handles an event, but queued, and done at the end of the same input.

use super::{Chainsight, Node};
use crate::{
    config::Config,
    frame::{Frame, TransferName},
    input::Millis,
    live::{Fate, Live, Slot, asleep},
    operation::OperationId,
    output::Output,
    peer::Peer,
    routed::{Handed, Issued, Origin, Part, Payment, Received},
    terms::Terms as ChannelTerms,
    write::{Loaded, Write},
};
use millrace_channels_protocol::{Change, Effect, MAX_WAITING};
use millrace_channels_routing::{
    Gossiper, GraphLimits, Knowledge, NodeId, Terms,
    gossip::{ChannelUpdate, GossipLimits, Lookup},
    onion::{
        Assembly, OnionKey, OnionPublic, Opened, ReplayLog, SharedSecret,
        assembling::AssemblyLimits,
    },
    paths::KnowledgeLimits,
    probing::ProbeGuard,
};
use millrace_primitives_channels::{Balance, ChannelId, Hash, Transfer, transfer::Preimage};
use polkadot_sdk::sp_io::hashing::blake2_256;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use super::{gossiping::Publicity, spending::Attempt};

/// Packets that wait for their transfers, of all channels; and of one, as many as it lets changes wait.
/// Where there is no room, a packet is asked for when its transfer is agreed.
pub(crate) const MAX_PACKETS: usize = 10_000;
pub(crate) const MAX_CHANNEL_PACKETS: usize = MAX_WAITING;

/// For how long a packet waits for its transfer, in milliseconds.
const PACKET_WAIT: Millis = 60_000;

/// How often the packet of a transfer is asked for, in milliseconds.
const ASK_EVERY: Millis = 5_000;

/// Something that one channel's event leads to in another one.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// A transfer is offered to this party.
    Offered(ChannelId, Transfer),
    /// The preimage of a transfer with a packet was shown.
    Fulfilled(Part),
    /// A transfer with a packet came back, or was not made.
    Returned(Part),
}

/// A packet that came.
#[derive(Debug)]
pub(crate) enum Came {
    /// As it came.
    Bytes(Vec<u8>),
    /// With what it has for this hop.
    Opened(Box<Opened>),
}

/// A channel of two, as routing sees it.
pub(crate) struct Place {
    /// This party's position.
    pub(crate) position: u8,
    /// The other one's node.
    pub(crate) peer: Peer,
    /// All that is in it.
    pub(crate) deposit: Balance,
    /// Whether payments go on.
    pub(crate) is_usable: bool,
}

/// What is known of a neighbour.
#[derive(Clone, Debug)]
pub(crate) struct Neighbourhood {
    pub(crate) onion: OnionPublic,
    /// Its terms for channels with this party.
    pub(crate) updates: BTreeMap<ChannelId, ChannelUpdate>,
}

/// Everything for payments over several channels.
pub(crate) struct Routing {
    /// Transfers that this party offers with a packet.
    pub(crate) handed: BTreeMap<Part, Handed>,
    /// Those that forward another one, by that other one.
    pub(crate) by_incoming: BTreeMap<Part, Part>,
    /// Errors that came before their transfers were back.
    pub(crate) errors: BTreeMap<Part, Vec<u8>>,
    /// Channels whose memory has to be compared with `handed` after a restart.
    pub(crate) unsure: BTreeSet<ChannelId>,
    pub(crate) replays: ReplayLog,
    pub(crate) guard: ProbeGuard,
    /// Parts that wait for each other, and what wraps an error for their payer.
    pub(crate) assembly: Assembly<Part>,
    pub(crate) gathered: BTreeMap<Part, SharedSecret>,
    /// Packets that came, and when.
    pub(crate) packets: BTreeMap<Part, (Millis, Came)>,
    /// Transfers to this party without a packet, and when it was asked for.
    pub(crate) unread: BTreeMap<Part, (Millis, Transfer)>,
    pub(crate) issued: BTreeMap<Hash, Issued>,
    pub(crate) next_issued: u64,
    /// What this party pays. See [`crate::routed::PAYMENTS`].
    pub(crate) payments: BTreeMap<Hash, Payment>,
    /// What those with names are kept under.
    pub(crate) names: BTreeMap<OperationId, Hash>,
    pub(crate) next_payment: u64,
    /// What came without an invoice.
    pub(crate) received: BTreeMap<Hash, Received>,
    pub(crate) next_received: u64,
    pub(crate) attempts: BTreeMap<Hash, Attempt>,
    pub(crate) knowledge: Knowledge,
    pub(crate) gossiper: Gossiper,
    pub(crate) publicity: Publicity,
    pub(crate) neighbours: BTreeMap<Peer, Neighbourhood>,
    pub(crate) fees: BTreeMap<Option<ChannelId>, Terms>,
    pub(crate) work: VecDeque<Work>,
}

impl Routing {
    pub(crate) fn new(config: &Config, genesis: Hash, me: Peer) -> Self {
        let limits = AssemblyLimits {
            patience: config.routing.parts_wait,
            margin: config.policy.reveal_margin.saturating_add(1),
            ..AssemblyLimits::default()
        };
        let gossip = GossipLimits::default();
        Self {
            handed: BTreeMap::new(),
            by_incoming: BTreeMap::new(),
            errors: BTreeMap::new(),
            unsure: BTreeSet::new(),
            replays: ReplayLog::new(config.routing.tags),
            guard: ProbeGuard::new(config.routing.probing),
            assembly: Assembly::new(limits),
            gathered: BTreeMap::new(),
            packets: BTreeMap::new(),
            unread: BTreeMap::new(),
            issued: BTreeMap::new(),
            next_issued: 0,
            payments: BTreeMap::new(),
            names: BTreeMap::new(),
            next_payment: 0,
            received: BTreeMap::new(),
            next_received: 0,
            attempts: BTreeMap::new(),
            knowledge: Knowledge::new(KnowledgeLimits::default()),
            gossiper: Gossiper::new(NodeId(me.0), genesis, GraphLimits::default(), gossip),
            publicity: Publicity::default(),
            neighbours: BTreeMap::new(),
            fees: BTreeMap::new(),
            work: VecDeque::new(),
        }
    }

    /// Takes what was written down. Returns what is left of it for the node.
    pub(crate) fn load(&mut self, loaded: &mut Loaded) {
        for (part, handed) in core::mem::take(&mut loaded.handed) {
            self.unsure.insert(part.0);
            self.insert(part, handed);
        }
        for (tag, expiry) in core::mem::take(&mut loaded.tags) {
            // What has expired is forgotten with the next final block.
            self.replays.note(tag, expiry, 0);
        }
        for issued in core::mem::take(&mut loaded.issued) {
            self.next_issued = self.next_issued.max(issued.number.saturating_add(1));
            self.issued.insert(issued.terms.hashlock, issued);
        }
        for (hashlock, payment) in core::mem::take(&mut loaded.payments) {
            self.next_payment = self.next_payment.max(payment.number.saturating_add(1));
            self.keep_payment(hashlock, payment);
        }
        for (hashlock, received) in core::mem::take(&mut loaded.received) {
            self.next_received = self.next_received.max(received.number.saturating_add(1));
            self.received.insert(hashlock, received);
        }
        self.fees = core::mem::take(&mut loaded.fees).into_iter().collect();
        self.publicity.wanted = core::mem::take(&mut loaded.announced).into_iter().collect();
    }

    /// Keeps a payment, and its name.
    pub(crate) fn keep_payment(&mut self, key: Hash, payment: Payment) {
        if let Some(name) = payment.operation {
            self.names.insert(name.id, key);
        }
        self.payments.insert(key, payment);
    }

    /// Forgets a payment, and its name.
    pub(crate) fn forget_payment(&mut self, key: &Hash) -> Option<Payment> {
        let payment = self.payments.remove(key)?;
        if let Some(name) = payment.operation {
            self.names.remove(&name.id);
        }
        Some(payment)
    }

    /// Notes a transfer with a packet.
    pub(crate) fn insert(&mut self, part: Part, handed: Handed) {
        if let Origin::Forwarded { part: incoming, .. } = &handed.origin {
            self.by_incoming.insert(*incoming, part);
        }
        self.handed.insert(part, handed);
    }

    /// Forgets a transfer with a packet; returns what forgets it on the disk.
    pub(crate) fn remove(&mut self, part: Part) -> Option<(Handed, Write)> {
        let handed = self.handed.remove(&part)?;
        self.errors.remove(&part);
        if let Origin::Forwarded { part: incoming, .. } = &handed.origin {
            self.by_incoming.remove(incoming);
        }
        Some((handed, Write::RemoveHanded { part }))
    }
}

impl Node {
    /// Does what the input led to in other channels.
    pub(crate) fn work_off(&mut self) {
        while let Some(work) = self.routing.work.pop_front() {
            match work {
                Work::Offered(channel, transfer) => self.read_offer(channel, transfer),
                Work::Fulfilled(part) => self.handed_fulfilled(part),
                Work::Returned(part) => self.handed_returned(part),
            }
        }
    }

    /// What has to be in the batch that takes these effects: preimages of transfers that this party
    /// forwarded, and the end of what was forwarded (DA-9).
    pub(crate) fn routing_writes(&mut self, live: &Live, effects: &[Effect]) -> Vec<Write> {
        let mut writes = Vec::new();
        for effect in effects {
            match effect {
                Effect::Fulfilled { transfer, preimage } => {
                    writes.extend(self.note_preimage((live.id, transfer.id), *preimage));
                }
                Effect::Agreed { changes: Some(changes), .. } => {
                    for change in changes {
                        writes.extend(self.note_end(live, change));
                    }
                }
                _ => {}
            }
        }
        writes
    }

    fn note_preimage(&mut self, part: Part, preimage: Preimage) -> Option<Write> {
        let handed = self.routing.handed.get_mut(&part)?;
        handed.preimage = Some(preimage);
        handed.packet.clear();
        Some(Write::PutHanded { part, handed: Box::new(handed.clone()) })
    }

    /// A transfer is decided: what depended on it can be forgotten.
    fn note_end(&mut self, live: &Live, change: &Change) -> Option<Write> {
        let (id, is_paid) = match change {
            Change::Fold { id } => (*id, true),
            Change::Fail { id } => (*id, false),
            _ => return None,
        };
        let part = (live.id, id);
        self.routing.packets.remove(&part);
        self.routing.unread.remove(&part);
        self.routing.gathered.remove(&part);
        if let Some(outgoing) = self.routing.by_incoming.get(&part).copied() {
            let (handed, write) = self.forget_handed(outgoing)?;
            if is_paid {
                self.note_forwarded(live, &handed);
            }
            return Some(write);
        }
        // What came back is looked at before it is forgotten.
        let is_own =
            self.routing.handed.get(&part).is_some_and(|handed| handed.origin == Origin::Own);
        if is_own && is_paid { self.forget_handed(part).map(|(_, write)| write) } else { None }
    }

    /// Counts what was forwarded.
    fn note_forwarded(&mut self, live: &Live, handed: &Handed) {
        let Origin::Forwarded { amount, .. } = &handed.origin else { return };
        self.stats.forwarded = self.stats.forwarded.saturating_add(1);
        self.stats.amount_forwarded = self.stats.amount_forwarded.saturating_add(handed.amount);
        let fee = amount.saturating_sub(handed.amount);
        self.stats.fees_earned = self.stats.fees_earned.saturating_add(fee);
        if let Some(peer) = live.terms.others().next() {
            self.routing.guard.succeeded(&NodeId(peer.0), self.now);
        }
    }

    /// The effects of a channel's event that concern other channels.
    pub(crate) fn queue_work(&mut self, live: &Live, effect: &Effect) {
        let is_handed = |id| self.routing.handed.contains_key(&(live.id, id));
        match effect {
            Effect::Fulfilled { transfer, .. } if is_handed(transfer.id) => {
                self.routing.work.push_back(Work::Fulfilled((live.id, transfer.id)));
            }
            Effect::Returned(transfer) if is_handed(transfer.id) => {
                self.routing.work.push_back(Work::Returned((live.id, transfer.id)));
            }
            Effect::Unpaid(changes) => {
                let offers = changes.iter().filter_map(|change| match change {
                    Change::Offer(transfer) if is_handed(transfer.id) => Some(transfer.id),
                    _ => None,
                });
                let parts: Vec<_> = offers.map(|id| Work::Returned((live.id, id))).collect();
                self.routing.work.extend(parts);
            }
            // A state was handed over: nobody says what became of what was offered.
            Effect::Agreed { changes: None, .. } => {
                self.routing.unsure.insert(live.id);
            }
            _ => {}
        }
    }

    /// The key that opens a packet before its transfer is there, if anybody waits for the packet. It
    /// costs as much as verifying a few signatures, so nobody gets it for a second packet in place of
    /// one that waits. `ahead`: packets that are opened and not taken yet; whosever they are, they may
    /// need the same room.
    pub(crate) fn opens(
        &self,
        peer: Peer,
        name: TransferName,
        ahead: usize,
    ) -> Option<Arc<OnionKey>> {
        let is_first = !self.routing.packets.contains_key(&(name.channel, name.id));
        let is_wanted = is_first && self.may_come(peer, name, ahead);
        is_wanted.then(|| Some(self.keys.routing()?.onion.clone())).flatten()
    }

    /// Whether a packet may come: if its transfer is there, or if there is room for it to wait.
    fn may_come(&self, peer: Peer, name: TransferName, ahead: usize) -> bool {
        let part = (name.channel, name.id);
        let is_neighbour = self.by_peer.get(&peer).is_some_and(|it| it.contains(&name.channel));
        let is_known = self.routing.by_incoming.contains_key(&part)
            || self.routing.gathered.contains_key(&part);
        is_neighbour
            && !is_known
            && (self.routing.unread.contains_key(&part) || self.has_room(part, ahead))
    }

    /// Whether a packet of a channel can wait, behind so many that have no place yet. A neighbour that
    /// fills its share leaves others theirs.
    fn has_room(&self, (channel, id): Part, ahead: usize) -> bool {
        let packets = &self.routing.packets;
        let is_below = |count: usize, limit: usize| count.saturating_add(ahead) < limit;
        let of_channel = || packets.range((channel, 0)..=(channel, u64::MAX)).count();
        packets.contains_key(&(channel, id))
            || (is_below(packets.len(), MAX_PACKETS) && is_below(of_channel(), MAX_CHANNEL_PACKETS))
    }

    /// A packet came. It waits for its transfer if that is not agreed yet.
    pub(crate) fn packet_came(&mut self, peer: Peer, name: TransferName, packet: Came) {
        if !self.may_come(peer, name, 0) {
            return;
        }
        let part = (name.channel, name.id);
        self.routing.packets.insert(part, (self.now, packet));
        if let Some((_, transfer)) = self.routing.unread.get(&part) {
            self.routing.work.push_back(Work::Offered(name.channel, *transfer));
        }
    }

    /// A peer has lost the packet of a transfer that this party offers.
    pub(crate) fn packet_wanted(&mut self, peer: Peer, name: TransferName) {
        let part = (name.channel, name.id);
        if self.by_peer.get(&peer).is_some_and(|it| it.contains(&name.channel))
            && let Some(handed) = self.routing.handed.get(&part)
            && !handed.packet.is_empty()
        {
            let packet = super::handing::packet_frame(part, &handed.packet);
            let _ = self.with_channel(name.channel, |node, live| {
                node.send_later(live, peer, &packet);
            });
        }
    }

    /// An error came for a transfer that is about to be given back.
    pub(crate) fn failure_came(&mut self, peer: Peer, name: TransferName, error: Vec<u8>) {
        let part = (name.channel, name.id);
        let is_neighbour = self.by_peer.get(&peer).is_some_and(|it| it.contains(&name.channel));
        // There is one for each transfer at the most.
        if is_neighbour && self.routing.handed.contains_key(&part) {
            self.routing.errors.insert(part, error);
        }
    }

    /// Time has passed: what waits for too long is given up, what is missing is asked for.
    pub(crate) fn tick_routing(&mut self) {
        let now = self.now;
        self.routing.packets.retain(|_, (since, _)| now.saturating_sub(*since) < PACKET_WAIT);
        if self.verify_may_sign().is_err() {
            return;
        }
        let late = self.routing.assembly.expire(now, self.height);
        for part in late {
            self.give_up_part(part);
        }
        let waiting: Vec<_> = self.routing.unread.iter().map(|(part, it)| (*part, *it)).collect();
        for (part, (asked, transfer)) in waiting {
            if self.routing.packets.contains_key(&part) {
                self.routing.work.push_back(Work::Offered(part.0, transfer));
            } else if now.saturating_sub(asked) >= ASK_EVERY || asked > now {
                self.ask_for_packet(part, transfer);
            }
        }
        self.compare_memories();
        self.tick_gossip();
    }

    /// Asks the payer of a transfer for its packet.
    pub(crate) fn ask_for_packet(&mut self, part: Part, transfer: Transfer) {
        self.routing.unread.insert(part, (self.now, transfer));
        if let Some(peer) = self.peer_of(part.0) {
            let name = TransferName { channel: part.0, id: part.1 };
            self.send_frame(peer, &Frame::WantPacket(name));
        }
    }

    /// A final block: what has expired can be claimed by nobody any more.
    pub(crate) fn routing_block(&mut self) {
        let height = self.height;
        let expired = self.routing.replays.expire(height);
        if !expired.is_empty() && self.failing.is_none() {
            self.journal.write(expired.into_iter().map(|tag| Write::RemoveTag { tag }).collect());
        }
        if self.verify_may_sign().is_err() {
            return;
        }
        let over = self.routing.handed.iter().filter(|(_, handed)| {
            handed.preimage.is_none() && !handed.is_back && handed.expiry <= height
        });
        let over: Vec<_> = over.map(|(part, _)| Work::Returned(*part)).collect();
        self.routing.work.extend(over);
        self.close_stuck();
    }

    /// A channel of two as routing sees it, without waking it. Nothing while it handles an event.
    pub(crate) fn place_of(&self, channel: ChannelId) -> Option<Place> {
        let place = |terms: &ChannelTerms, deposit, is_usable| {
            let counterpart = terms.counterpart()?;
            let peer = *terms.peers.get(usize::from(counterpart))?;
            Some(Place { position: terms.position, peer, deposit, is_usable })
        };
        match self.channels.get(&channel)? {
            Slot::Awake(live) => {
                let is_usable = live.fate == Fate::Open && !live.channel.newest().state().is_final;
                place(&live.terms, live.channel.agreement().total(), is_usable)
            }
            Slot::Asleep(bytes) => {
                let (terms, snapshot) = asleep(bytes).ok()?;
                place(&terms, snapshot.deposit, true)
            }
            Slot::Damaged(_) | Slot::Taken => None,
        }
    }

    /// The only other participant of a channel; nothing if it has several.
    pub(crate) fn peer_of(&self, channel: ChannelId) -> Option<Peer> {
        self.place_of(channel).map(|place| place.peer)
    }

    /// 32 secret bytes that were not drawn before.
    pub(crate) fn draw_secret(&mut self) -> [u8; 32] {
        let number = self.draw();
        blake2_256(&[&self.seed[..], b"secret", &number.to_le_bytes()].concat())
    }

    /// Sends a frame once everything that the channel has written is durable.
    pub(crate) fn send_later(&mut self, live: &Live, peer: Peer, frame: &Frame) {
        if self.contacts.contains_key(&peer) {
            self.stats.frames_sent = self.stats.frames_sent.saturating_add(1);
            self.release(live, Output::Send { peer, bytes: frame.to_bytes() });
        }
    }

    /// Whether the chain is in sight: what it has not shown did not happen.
    pub(crate) fn sees_now(&self) -> bool {
        self.sight == Chainsight::Seeing
    }

    /// What the chain says about a channel of others.
    pub(crate) fn looked_up(&mut self, channel: ChannelId, found: Lookup) {
        self.chain_said(channel, found);
    }
}
