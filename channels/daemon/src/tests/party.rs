// SPDX-License-Identifier: Apache-2.0

//! One party of a world: its keys, its node, its disk, and everything that it said.

use crate::{
    CommandError, Config, Identity, Keys, Node, Notice, Output, Peer, Reply, Ticket, Write,
    frame::Frame, input::CommandId, write::load,
};
use millrace_channels_protocol::Message;
use millrace_channels_routing::OnionKey;
use millrace_channels_store::{GuessCost, Options, Passphrase, Store};
use millrace_primitives_channels::{Balance, ChannelId, Hash};
use polkadot_sdk::{
    sp_core::{Pair, ed25519},
    sp_runtime::MultiSignature,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A node, its disk, and everything that it said.
pub struct Party {
    pub node: Node,
    pub store: Store,
    _folder: tempfile::TempDir,
    number: u8,
    config: Config,
    starts: u8,
    pub replies: BTreeMap<CommandId, Result<Reply, CommandError>>,
    pub notices: Vec<Notice>,
    /// What it is writing and has not synced.
    pub writing: VecDeque<(Ticket, Vec<Write>)>,
    /// Every signature of its own under a state that left, by channel and version.
    pub signed: BTreeMap<(ChannelId, u64), MultiSignature>,
    pub(super) watched: BTreeSet<ChannelId>,
    pub(super) next_command: CommandId,
    /// Whether its disk refuses everything.
    pub is_disk_full: bool,
    /// By how many milliseconds its clock is ahead.
    pub clock_error: i64,
}

pub fn genesis() -> Hash {
    Hash::repeat_byte(7)
}

fn node_key(number: usize) -> ed25519::Pair {
    ed25519::Pair::from_seed(&[u8::try_from(number).expect("few") + 100; 32])
}

pub(super) fn peer(number: usize) -> Peer {
    Peer(node_key(number).public().0)
}

pub fn signer(number: u8) -> ed25519::Pair {
    ed25519::Pair::from_seed(&[number + 1; 32])
}

fn keys(number: u8) -> Keys {
    // Ed25519 signs without chance, so that a world can be replayed.
    let account = ed25519::Pair::from_seed(&[number + 50; 32]);
    let onion = OnionKey::from_seed(&[number + 150; 32]);
    Keys::new(account, signer(number), [number; 32]).with_routing(node_key(number.into()), onion)
}

pub fn identity(number: u8, seed: u8) -> Identity {
    let me = peer(number.into());
    Identity { genesis: genesis(), keys: keys(number), me, seed: [seed; 32] }
}

pub fn options() -> Options {
    Options { guess_cost: GuessCost::LEAST, ..Options::default() }
}

impl Party {
    pub(super) fn new(number: usize, config: Config) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::create(folder.path(), &Passphrase::new("test"), &options());
        let number = u8::try_from(number).expect("few");
        Self {
            node: Node::new(config.clone(), identity(number, number)),
            store: store.expect("a store"),
            _folder: folder,
            number,
            config,
            starts: 0,
            replies: BTreeMap::new(),
            notices: Vec::new(),
            writing: VecDeque::new(),
            signed: BTreeMap::new(),
            watched: BTreeSet::new(),
            next_command: 0,
            is_disk_full: false,
            clock_error: 0,
        }
    }

    /// Starts again from the disk. What was not durable is lost.
    pub(super) fn restart(&mut self) -> Vec<Output> {
        self.writing.clear();
        self.watched.clear();
        self.starts = self.starts.wrapping_add(1);
        self.is_disk_full = false;
        let loaded = load(&self.store).expect("readable");
        assert!(loaded.damaged.is_empty());
        let identity =
            identity(self.number, self.number.wrapping_add(self.starts.wrapping_mul(10)));
        let restored = Node::restore(self.config.clone(), identity, loaded);
        assert_eq!(restored.damaged, []);
        self.node = restored.node;
        restored.outputs
    }

    /// Notes what left under this party's key; one version is signed once.
    pub(super) fn note_signature(&mut self, bytes: &[u8]) {
        let Ok(Frame::Channel(message)) = Frame::from_bytes(bytes) else { return };
        let (channel, version, signature) = match *message {
            Message::Proposal(it) => (it.state.channel, it.state.version, it.signature),
            Message::Acceptance(it) => (it.channel, it.version, it.signature),
            _ => return,
        };
        let known = self.signed.entry((channel, version)).or_insert_with(|| signature.clone());
        assert_eq!(*known, signature, "CP-1: party {} signed {version} twice", self.number);
    }

    /// The channels that are open here.
    pub fn channels(&self) -> Vec<ChannelId> {
        self.node.channels().collect()
    }

    /// What the newest state here pays to each.
    pub fn balances(&self, channel: ChannelId) -> Vec<Balance> {
        let view = self.node.channel(channel).expect("a channel");
        view.state.expect("it is open").balances.to_vec()
    }

    pub fn was_told(&self, is: impl Fn(&Notice) -> bool) -> bool {
        self.notices.iter().any(is)
    }
}
