// SPDX-License-Identifier: Apache-2.0

//! Starting from what the store holds.

use super::{Chainsight, Node, Stats, opening::Opening, routing::Routing, submitting::Submissions};
use crate::{
    config::Config,
    ended::Ends,
    history::History,
    journal::Journal,
    keys::Keys,
    live::{Live, Slot, sleeping},
    operation::Operations,
    order::Orders,
    output::Output,
    peer::Peer,
    records,
    terms::{Stage, Terms},
    write::Loaded,
};
use millrace_channels_store::ChannelRecords;
use millrace_primitives_channels::{ChannelId, Hash};
use std::collections::{BTreeMap, BTreeSet};

/// A node as the store leaves it, and what has to be done first.
pub struct Restored {
    /// The node.
    pub node: Node,
    /// What to do first: watch all channels.
    pub outputs: Vec<Output>,
    /// Channels whose records cannot be used, and why. They are kept in the store and signed in by
    /// nobody; all others go on.
    pub damaged: Vec<(ChannelId, String)>,
}

impl core::fmt::Debug for Restored {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let channels = self.node.channels.len();
        formatter
            .debug_struct("Restored")
            .field("channels", &channels)
            .field("damaged", &self.damaged)
            .finish_non_exhaustive()
    }
}

/// Who a node is, and where.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Genesis hash of the chain that judges its channels.
    pub genesis: Hash,
    /// Its keys.
    pub keys: Keys,
    /// Its node key, as peers know it.
    pub me: Peer,
    /// 32 secret random bytes, new for every start.
    pub seed: [u8; 32],
}

impl Node {
    /// A node whose store is empty. See [`Node::restore`].
    pub fn new(config: Config, identity: Identity) -> Self {
        Self::with(config, identity, &mut Loaded::default())
    }

    fn with(config: Config, identity: Identity, loaded: &mut Loaded) -> Self {
        let received = core::mem::take(&mut loaded.received_rows);
        let history = History::new(config.limits.history_rows, loaded.next_row, received);
        let Identity { genesis, keys, me, seed } = identity;
        let routing = Routing::new(&config, genesis, me);
        Self {
            config,
            genesis,
            keys,
            me,
            seed,
            drawn: 0,
            now: 0,
            best: 0,
            height: 0,
            sight: Chainsight::Catching,
            journal: Journal::default(),
            failing: None,
            channels: BTreeMap::new(),
            awake: BTreeSet::new(),
            by_peer: BTreeMap::new(),
            moved: BTreeSet::new(),
            fading: BTreeMap::new(),
            ends: Ends::restored(core::mem::take(&mut loaded.ended)),
            settled: core::mem::take(&mut loaded.settled).into_iter().collect(),
            openings: BTreeMap::new(),
            contacts: BTreeMap::new(),
            invoices: BTreeMap::new(),
            operations: Operations::default(),
            orders: Orders::after(loaded.newest),
            history,
            submissions: Submissions::default(),
            locks: BTreeMap::new(),
            routing,
            stats: Stats::default(),
            out: Vec::new(),
        }
    }

    /// A node as its store leaves it.
    ///
    /// `loaded`: what [`crate::write::load`] has read.
    ///
    /// Nothing is signed before [`crate::input::News::CaughtUp`].
    pub fn restore(config: Config, identity: Identity, mut loaded: Loaded) -> Restored {
        let mut node = Self::with(config, identity, &mut loaded);
        node.routing.load(&mut loaded);
        let locks: Vec<_> = node.routing.handed.values().map(|it| it.hashlock).collect();
        for lock in locks {
            node.follow_lock(lock);
        }
        let invoices = loaded.invoices.into_iter();
        node.invoices = invoices.map(|it| (it.hashlock(), it)).collect();
        node.operations = Operations::restored(loaded.operations);
        let mut damaged = Vec::new();
        for records in loaded.channels {
            let id = ChannelId::from(records.channel);
            if let Err(reason) = node.restore_channel(id, &records) {
                node.channels.insert(id, Slot::Damaged(reason.clone().into()));
                damaged.push((id, reason));
            }
        }
        node.end_lost_operations();
        let watched = node.channels.keys().chain(node.openings.keys()).copied();
        let mut outputs: Vec<_> = watched.map(Output::Watch).collect();
        outputs.extend(core::mem::take(&mut node.out));
        Restored { node, outputs, damaged }
    }

    fn restore_channel(&mut self, id: ChannelId, records: &ChannelRecords) -> Result<(), String> {
        let mut read = records::read(records)?;
        if read.terms.id(&self.genesis) != id {
            return Err("its terms are of another channel, or of another chain".to_owned());
        }
        if read.terms.stage != Stage::Open {
            self.openings.insert(id, Opening::restored(read.terms));
            return Ok(());
        }
        self.note_place(id, &read.terms);
        if let Some(bytes) = sleeping(&read) {
            self.channels.insert(id, Slot::Asleep(bytes));
            return Ok(());
        }
        let snapshot = read.snapshot.take().ok_or("its newest state is missing")?;
        let question = self.draw();
        let (genesis, policy) = (self.genesis, self.config.policy);
        let mut live = Live::restore(read, snapshot, &genesis, &self.keys, policy, question)
            .map_err(|error| error.to_string())?;
        self.follow_locks(&mut live);
        let snapshot = records::snapshot(&live.channel);
        self.resume_operations(&mut live, &snapshot);
        self.add_channel(Box::new(live));
        Ok(())
    }

    /// Notes where a channel's participants are reached, and whether this party is still where they
    /// know it.
    fn note_place(&mut self, id: ChannelId, terms: &Terms) {
        for peer in terms.others() {
            self.by_peer.entry(peer).or_default().insert(id);
        }
        if terms.peers.get(usize::from(terms.position)) != Some(&self.me) {
            self.moved.insert(id);
        }
    }
}
