// SPDX-License-Identifier: Apache-2.0

//! Parties with keys, channels between them, and a chain that confirms what it is told.

use crate::{
    fees::Terms,
    gossip::{
        ChainLookup, ChannelAnnouncement, ChannelFacts, ChannelUpdate, Lookup, NodeAnnouncement,
        ValidatedChannel,
        announcing::Claim,
        introducing::{Address, Introduction},
        updating::Offer,
    },
    graph::{Graph, GraphLimits},
    names::{Direction, Moment, NodeId, NodeSigner},
    onion::OnionKey,
};
use millrace_primitives_channels::{
    Balance, ChannelAsset, ChannelId, ChannelParams, Hash, Participant, channel_id,
};
use polkadot_sdk::{
    sp_core::{Pair, ed25519},
    sp_runtime::AccountId32,
};
use std::collections::BTreeMap;

/// The chain of all tests.
pub const GENESIS: Hash = Hash::repeat_byte(7);

/// The time at which tests begin.
pub const NOW: Moment = Moment { millis: 1_800_000_000_000, block: 1_000 };

/// `NOW`, some milliseconds later.
pub fn later(millis: u64) -> Moment {
    Moment { millis: NOW.millis + millis, ..NOW }
}

/// A party with all its keys, made from a number.
pub struct Party {
    pub node: ed25519::Pair,
    pub signer: ed25519::Pair,
    pub onion: OnionKey,
    pub account: AccountId32,
}

pub fn party(number: u32) -> Party {
    let seed = |purpose: u8| {
        let mut seed = [purpose; 32];
        seed[..4].copy_from_slice(&number.to_le_bytes());
        seed
    };
    // Accounts ascend with numbers, so that the party with the lower number comes first.
    let mut account = [0; 32];
    account[..4].copy_from_slice(&number.to_be_bytes());
    Party {
        node: ed25519::Pair::from_seed(&seed(1)),
        signer: ed25519::Pair::from_seed(&seed(2)),
        onion: OnionKey::from_seed(&seed(3)),
        account: account.into(),
    }
}

impl Party {
    pub fn id(&self) -> NodeId {
        self.node.node()
    }

    fn participant(&self) -> Participant {
        Participant { account: self.account.clone(), signer: self.signer.public().into() }
    }

    pub fn introduction(&self, sequence: u64) -> NodeAnnouncement {
        let address = Address::truncate_from(vec![4, 127, 0, 0, 1]);
        Introduction {
            node: self.id(),
            sequence,
            onion_key: self.onion.public(),
            addresses: vec![address].try_into().unwrap(),
            alias: b"mill".to_vec().try_into().unwrap(),
        }
        .sign(&GENESIS, &self.node)
    }
}

/// The parameters of a channel between two parties, the lower number first.
pub fn params(parties: [&Party; 2], asset: ChannelAsset, nonce: u64) -> ChannelParams {
    let participants = parties.map(Party::participant).to_vec().try_into().unwrap();
    ChannelParams { participants, asset, challenge_blocks: 100, open_by: 10_000, nonce }
}

/// Signs an announcement with all four keys.
pub fn announce_params(parties: [&Party; 2], params: ChannelParams) -> ChannelAnnouncement {
    let claim = Claim { params, nodes: parties.map(Party::id) };
    let payload = claim.payload(&GENESIS);
    ChannelAnnouncement {
        channel_signatures: parties.map(|party| party.signer.sign(payload.as_bytes()).into()),
        node_signatures: parties.map(|party| claim.sign(&GENESIS, &party.node)),
        claim,
    }
}

pub fn announce(parties: [&Party; 2], nonce: u64) -> ChannelAnnouncement {
    announce_params(parties, params(parties, ChannelAsset::Native, nonce))
}

pub fn id_of(announcement: &ChannelAnnouncement) -> ChannelId {
    channel_id(&GENESIS, &announcement.claim.params)
}

pub fn facts(channel: ChannelId, deposit: Balance) -> ChannelFacts {
    ChannelFacts { channel, deposit, opened_at: 10, at: NOW.block, is_open: true }
}

/// An announcement that went the whole way.
pub fn validated(announcement: ChannelAnnouncement, deposit: Balance) -> ValidatedChannel {
    let facts = facts(id_of(&announcement), deposit);
    announcement.verify(&GENESIS).unwrap().proven(&facts).unwrap()
}

/// Terms that take nothing and allow anything.
pub fn free() -> Terms {
    Terms {
        base_fee: 0,
        fee_ppm: 0,
        expiry_delta: 10,
        min_amount: 0,
        max_amount: Balance::MAX,
        max_in_flight: 100,
        is_disabled: false,
    }
}

pub fn terms(base_fee: Balance, fee_ppm: u32) -> Terms {
    Terms { base_fee, fee_ppm, ..free() }
}

pub fn update(
    party: &Party,
    channel: ChannelId,
    direction: Direction,
    sequence: u64,
    terms: Terms,
) -> ChannelUpdate {
    Offer { channel, direction, sequence, terms }.sign(&GENESIS, &party.node)
}

/// A chain that knows what it was told.
#[derive(Default)]
pub struct Chain(pub BTreeMap<ChannelId, Lookup>);

impl Chain {
    pub fn with(mut self, channel: ChannelId, deposit: Balance) -> Self {
        self.0.insert(channel, Lookup::Found(facts(channel, deposit)));
        self
    }
}

impl ChainLookup for Chain {
    fn channel(&self, channel: &ChannelId) -> Lookup {
        self.0.get(channel).copied().unwrap_or(Lookup::Unknown)
    }
}

/// A graph that is being drawn: channels are added by the numbers of their ends.
pub struct Network {
    pub parties: Vec<Party>,
    pub graph: Graph,
    nonce: u64,
}

impl Network {
    /// So many nodes; the graph is the first one's.
    pub fn of(nodes: u32) -> Self {
        let parties: Vec<Party> = (0..nodes).map(party).collect();
        let graph = Graph::new(parties[0].id(), GraphLimits::default());
        Self { parties, graph, nonce: 0 }
    }

    pub fn id(&self, number: usize) -> NodeId {
        self.parties[number].id()
    }

    /// Opens a channel, with the terms of each end, that of the lower number first.
    pub fn channel(
        &mut self,
        one: usize,
        other: usize,
        deposit: Balance,
        terms: [Option<Terms>; 2],
    ) -> ChannelId {
        assert!(one < other, "the lower number comes first");
        self.nonce += 1;
        let ends = [&self.parties[one], &self.parties[other]];
        let announcement = announce(ends, self.nonce);
        let id = id_of(&announcement);
        self.graph.add_channel(validated(announcement, deposit), NOW.millis).unwrap();
        for (direction, terms) in Direction::BOTH.into_iter().zip(terms) {
            if let Some(terms) = terms {
                let (end, _) = direction.ends(ends);
                let update = update(end, id, direction, NOW.millis, terms);
                let validated = update.verify(&GENESIS, &end.id(), None, &NOW).unwrap();
                self.graph.add_update(validated).unwrap();
            }
        }
        id
    }
}
