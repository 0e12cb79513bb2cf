// SPDX-License-Identifier: Apache-2.0

//! What a node says about itself.

use super::{Chainsight, Node};
use crate::{
    history::Invoice,
    live::{Fate, Live, Slot, asleep},
    operation::{Deed, Operation, OperationId},
    peer::Peer,
    routed::{Issued, Payment, Received},
    settled::Settled,
    terms::{Stage, Terms as ChannelTerms},
};
use millrace_channels_routing::Terms;
use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelId, ChannelState, Hash, Transfer,
};

/// Numbers for whoever watches a node. They count from its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Commands taken.
    pub commands: u64,
    /// Frames that came in.
    pub frames_received: u64,
    /// Frames sent.
    pub frames_sent: u64,
    /// Frames that did not decode.
    pub malformed: u64,
    /// Messages about channels that their sender is not in.
    pub unknown: u64,
    /// Wrong frames.
    pub strikes: u64,
    /// Peers that were let go because they sent too much.
    pub floods: u64,
    /// Versions agreed.
    pub versions: u64,
    /// Payments made outright.
    pub payments_sent: u64,
    /// Payments received outright.
    pub payments_received: u64,
    /// What was paid outright, in the smallest unit.
    pub amount_sent: Balance,
    /// What was received outright, in the smallest unit.
    pub amount_received: Balance,
    /// Payments that were wanted and could not be made.
    pub payments_failed: u64,
    /// Links of streams released.
    pub pulses_sent: u64,
    /// What these paid, in the smallest unit.
    pub pulses_sent_amount: Balance,
    /// Links of streams to this party that were proven.
    pub pulses_received: u64,
    /// What these paid, in the smallest unit.
    pub pulses_received_amount: Balance,
    /// Transfers forwarded.
    pub forwarded: u64,
    /// What they brought to the next node, in the smallest unit.
    pub amount_forwarded: Balance,
    /// What was kept of them, in the smallest unit.
    pub fees_earned: Balance,
    /// Channels opened.
    pub opened: u64,
    /// Disputes seen.
    pub disputes: u64,
    /// Calls handed to the submitter.
    pub submissions: u64,
    /// How often a channel was woken.
    pub woken: u64,
}

/// Where a channel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is being opened.
    Opening,
    /// Payments go on.
    Open,
    /// The parties settle: the final state is agreed.
    Settling,
    /// This party closes alone.
    ClosingAlone,
    /// The chain shows a dispute.
    Disputed,
    /// Balances are paid; transfers and streams are being decided.
    Resolving,
    /// It is gone from the chain.
    Over,
    /// Its records cannot be used.
    Damaged,
}

/// A channel as its node sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelView {
    /// Its id.
    pub id: ChannelId,
    /// Where it stands.
    pub standing: Standing,
    /// This party's position.
    pub position: u8,
    /// The nodes of the participants, by position.
    pub peers: Vec<Peer>,
    /// The newest agreed state; nothing while it is being opened.
    pub state: Option<ChannelState>,
    /// The transfers of that state.
    pub transfers: Vec<Transfer>,
    /// What this party can still pay.
    pub spendable: Balance,
    /// Commands that wait for it.
    pub waiting: usize,
    /// Whether it is asleep.
    pub is_asleep: bool,
    /// How long a dispute can be answered, in blocks.
    pub challenge_blocks: BlockNumber,
    /// The accounts of the participants, by position.
    pub accounts: Vec<AccountId>,
    /// What each deposited at the opening, by position.
    pub deposits: Vec<Balance>,
    /// While it is disputed: answers count in blocks below this one.
    pub deadline: Option<BlockNumber>,
    /// Once it is over: what the chain has paid, if all of it was seen here.
    pub settled: Option<Settled>,
}

impl Node {
    /// The ids of all channels, those that are being opened included, in ascending order.
    pub fn channels(&self) -> impl Iterator<Item = ChannelId> + use<> {
        let mut ids: Vec<_> = self.channels.keys().chain(self.openings.keys()).copied().collect();
        ids.sort_unstable();
        ids.into_iter()
    }

    /// Whether a named opening would be known after a restart.
    pub fn survives(&self, id: &OperationId) -> bool {
        let Some(known) = self.operations.get(id) else { return false };
        let is_written = self.openings.get(&known.channel).is_none_or(|opening| {
            opening.terms.stage != Stage::Proposed && self.journal.is_durable(opening.ticket)
        });
        is_written && known.deed == Deed::Opening
    }

    /// The ids of channels that were over and whose records are forgotten, as far as their ends are
    /// remembered, in ascending order. [`Node::channels`] does not have them.
    pub fn ended(&self) -> impl Iterator<Item = ChannelId> + '_ {
        self.ends.iter().map(|(channel, _)| *channel)
    }

    /// How many of them there are.
    pub fn count_ended(&self) -> usize {
        self.ends.len()
    }

    /// A channel; nothing if it is not known.
    pub fn channel(&self, id: ChannelId) -> Option<ChannelView> {
        let view = self.look_at(id)?;
        let is_over = view.standing == Standing::Over;
        let settled = self.settlement(id).filter(|_| is_over).cloned();
        Some(ChannelView { settled, ..view })
    }

    fn look_at(&self, id: ChannelId) -> Option<ChannelView> {
        if let Some(opening) = self.openings.get(&id) {
            return Some(view(id, &opening.terms, Standing::Opening));
        }
        let Some(slot) = self.channels.get(&id) else {
            let ended = self.ends.get(&id)?;
            let state = Some(ended.state.clone());
            return Some(ChannelView { state, ..view(id, &ended.terms, Standing::Over) });
        };
        match slot {
            Slot::Awake(live) => {
                let newest = live.channel.newest();
                let standing = standing(live);
                Some(ChannelView {
                    state: Some(newest.state().clone()),
                    transfers: live.channel.transfers().to_vec(),
                    spendable: live.channel.spendable(),
                    waiting: live.waiting.len(),
                    deadline: live.deadline,
                    ..view(id, &live.terms, standing)
                })
            }
            Slot::Asleep(bytes) => {
                let (terms, snapshot) = asleep(bytes).ok()?;
                let newest = snapshot.newest;
                Some(ChannelView {
                    spendable: newest.balance(terms.position.into()),
                    state: Some(newest.state().clone()),
                    is_asleep: true,
                    ..view(id, &terms, Standing::Open)
                })
            }
            Slot::Damaged(_) | Slot::Taken => Some(ChannelView {
                id,
                standing: Standing::Damaged,
                position: 0,
                peers: Vec::new(),
                state: None,
                transfers: Vec::new(),
                spendable: 0,
                waiting: 0,
                is_asleep: false,
                challenge_blocks: 0,
                accounts: Vec::new(),
                deposits: Vec::new(),
                deadline: None,
                settled: None,
            }),
        }
    }

    /// Where a channel stands; nothing if it is not known.
    pub fn standing(&self, id: ChannelId) -> Option<Standing> {
        if self.openings.contains_key(&id) {
            return Some(Standing::Opening);
        }
        match self.channels.get(&id) {
            Some(Slot::Awake(live)) => Some(standing(live)),
            Some(Slot::Asleep(_)) => Some(Standing::Open),
            Some(Slot::Damaged(_) | Slot::Taken) => Some(Standing::Damaged),
            None => self.ends.get(&id).map(|_| Standing::Over),
        }
    }

    /// Whether a peer is connected.
    pub fn is_connected(&self, peer: &Peer) -> bool {
        self.contacts.contains_key(peer)
    }

    /// Whether a peer is connected and has said who it is, so that a channel can be proposed to it.
    pub fn is_introduced(&self, peer: &Peer) -> bool {
        self.contacts.get(peer).is_some_and(|contact| contact.hello.is_some())
    }

    /// The peers with which there are channels.
    pub fn known_peers(&self) -> Vec<Peer> {
        self.by_peer.keys().copied().collect()
    }

    /// The channels with a peer.
    pub fn channels_with(&self, peer: &Peer) -> Vec<ChannelId> {
        self.channels_of(peer)
    }

    /// Numbers for whoever watches.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// How many channels are open, and how many of them are awake.
    pub fn count(&self) -> (usize, usize) {
        (self.channels.len(), self.awake.len())
    }

    /// How many calls are on their way to the chain.
    pub fn submissions(&self) -> usize {
        self.submissions.len()
    }

    /// The peers that are connected.
    pub fn peers(&self) -> impl Iterator<Item = Peer> + '_ {
        self.contacts.keys().copied()
    }

    /// The invoices that are kept.
    pub fn invoices(&self) -> impl Iterator<Item = &Invoice> + '_ {
        self.invoices.values()
    }

    /// What became of a named payment; nothing if it is not remembered.
    pub fn operation(&self, id: &OperationId) -> Option<&Operation> {
        self.operations.get(id)
    }

    /// The named payments over one channel, and everything else that has a name.
    pub fn operations(&self) -> impl Iterator<Item = (&OperationId, &Operation)> {
        self.operations.iter()
    }

    /// What this party has paid or pays over several channels, by lock. A payment that failed and
    /// whose invoice was tried again under another name is under its own name instead.
    pub fn payments(&self) -> impl Iterator<Item = (&Hash, &Payment)> {
        self.routing.payments.iter()
    }

    /// One of them.
    pub fn payment(&self, hashlock: &Hash) -> Option<&Payment> {
        self.routing.payments.get(hashlock)
    }

    /// The one with a name, and what it is kept under.
    pub fn payment_named(&self, name: &OperationId) -> Option<(&Hash, &Payment)> {
        let key = self.routing.names.get(name)?;
        self.routing.payments.get_key_value(key)
    }

    /// Payments that came without an invoice, by lock.
    pub fn received(&self) -> impl Iterator<Item = (&Hash, &Received)> {
        self.routing.received.iter()
    }

    /// One of them.
    pub fn received_under(&self, hashlock: &Hash) -> Option<&Received> {
        self.routing.received.get(hashlock)
    }

    /// The invoice of this party's with a lock.
    pub fn issued_under(&self, hashlock: &Hash) -> Option<&Issued> {
        self.routing.issued.get(hashlock)
    }

    /// The rows of the history with something that was paid to this party outright, newest first and
    /// none newer than `newest`: their numbers, and their places in
    /// [`HISTORY`](crate::write::HISTORY). The newest may not be durable yet.
    pub fn rows_received(&self, newest: u64) -> impl Iterator<Item = (u64, u32)> + '_ {
        self.history.received(newest)
    }

    /// The place of a row of the history; nothing if there is no history.
    pub fn row_slot(&self, number: u64) -> Option<u32> {
        self.history.slot(number)
    }

    /// The invoices that this party has written.
    pub fn issued(&self) -> impl Iterator<Item = &Issued> {
        self.routing.issued.values()
    }

    /// What is asked for forwarding: by default, and over channels with terms of their own.
    pub fn fees(&self) -> (Terms, Vec<(ChannelId, Terms)>) {
        let fees = &self.routing.fees;
        let default = fees.get(&None).copied().unwrap_or(self.config.routing.terms);
        let own = fees.iter().filter_map(|(channel, terms)| Some(((*channel)?, *terms)));
        (default, own.collect())
    }

    /// Whether a channel is to be announced.
    pub fn is_announced(&self, channel: &ChannelId) -> bool {
        self.routing.publicity.wanted.contains(channel)
    }

    /// Height of the newest block, and of the newest final one.
    pub fn heights(&self) -> (BlockNumber, BlockNumber) {
        (self.best, self.height)
    }

    /// Whether the node sees the chain, so that it may sign.
    pub fn sees_the_chain(&self) -> bool {
        matches!(self.sight, Chainsight::Seeing | Chainsight::LostAt(_))
    }

    /// The bytes that channels take that are asleep, without the map that holds them.
    pub fn bytes_asleep(&self) -> usize {
        self.channels.values().fold(0, |sum: usize, slot| match slot {
            Slot::Asleep(bytes) => sum.saturating_add(bytes.len()),
            _ => sum,
        })
    }
}

fn standing(live: &Live) -> Standing {
    match live.fate {
        Fate::Open if live.channel.newest().state().is_final => Standing::Settling,
        Fate::Open => Standing::Open,
        Fate::ClosingAlone => Standing::ClosingAlone,
        Fate::Disputed { .. } => Standing::Disputed,
        Fate::Resolving => Standing::Resolving,
        Fate::Over => Standing::Over,
    }
}

fn view(id: ChannelId, terms: &ChannelTerms, standing: Standing) -> ChannelView {
    let is_opening = terms.stage != Stage::Open;
    ChannelView {
        id,
        standing: if is_opening { Standing::Opening } else { standing },
        position: terms.position,
        peers: terms.peers.clone(),
        state: None,
        transfers: Vec::new(),
        spendable: 0,
        waiting: 0,
        is_asleep: false,
        challenge_blocks: terms.params.challenge_blocks,
        accounts: terms.params.participants.iter().map(|it| it.account.clone()).collect(),
        deposits: terms.deposits.to_vec(),
        deadline: None,
        settled: None,
    }
}
