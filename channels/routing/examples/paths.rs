// SPDX-License-Identifier: Apache-2.0

//! How long it takes to find a way across a large network, and to wrap a packet for it.
//!
//! `cargo run --release -p millrace-channels-routing --example paths [channels] [nodes]`
//! prints one line per measurement, for 10,000 channels and 1,000 nodes unless told otherwise.

use millrace_channels_routing::{
    Direction, Graph, GraphLimits, Knowledge, NodeId, NodeSigner, OnionKey, Packet, Request, Terms,
    gossip::{
        ChannelAnnouncement, ChannelFacts, ChannelUpdate, announcing::Claim, digests::digests_of,
        updating::Offer,
    },
    names::Moment,
    onion::{Deliver, MAX_HOPS, Payload, wrap},
    paths::{Experience, KnowledgeLimits, Map, OwnChannel, Preferences, View, splitting::plan},
};
use millrace_primitives_channels::{
    Balance, ChannelAsset, ChannelId, ChannelParams, Hash, Participant, channel_id,
};
use polkadot_sdk::{
    sp_core::{Pair, ed25519},
    sp_io::hashing::blake2_256,
};
use std::time::{Duration, Instant};

const GENESIS: Hash = Hash::repeat_byte(7);
const NOW: Moment = Moment { millis: 1_800_000_000_000, block: 1_000 };

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(1);
        let hash = blake2_256(&self.0.to_le_bytes());
        u64::from_le_bytes(hash[..8].try_into().expect("eight bytes")) % limit
    }
}

struct Party {
    keys: ed25519::Pair,
    id: NodeId,
}

fn party(number: u64) -> Party {
    let keys = ed25519::Pair::from_seed(&blake2_256(&number.to_le_bytes()));
    Party { id: keys.node(), keys }
}

/// What travels for one channel: an announcement, and terms for each direction.
fn channel(
    ends: [&Party; 2],
    nonce: u64,
    numbers: &mut Numbers,
) -> (ChannelAnnouncement, [ChannelUpdate; 2]) {
    // Each channel has signers of its own, as it should; here the accounts are the nodes' keys.
    let signer = |end: &Party| {
        ed25519::Pair::from_seed(&blake2_256(&[&end.id.0[..], &nonce.to_le_bytes()].concat()))
    };
    let mut parties = ends;
    parties.sort_by_key(|end| end.id);
    let signers = parties.map(signer);
    let participants = [0, 1].map(|place: usize| Participant {
        account: parties[place].id.0.into(),
        signer: signers[place].public().into(),
    });
    let params = ChannelParams {
        participants: participants.to_vec().try_into().expect("two are few enough"),
        asset: ChannelAsset::Native,
        challenge_blocks: 100,
        open_by: 10_000,
        nonce,
    };
    let claim = Claim { params, nodes: parties.map(|end| end.id) };
    let payload = claim.payload(&GENESIS);
    let id = channel_id(&GENESIS, &claim.params);
    let updates = Direction::BOTH.map(|direction| {
        let (from, _) = direction.ends(parties);
        let terms = Terms {
            base_fee: u128::from(numbers.below(1_000)),
            fee_ppm: numbers.below(2_000) as u32,
            expiry_delta: 20 + numbers.below(100) as u32,
            min_amount: 1,
            max_amount: Balance::MAX,
            max_in_flight: 30,
            is_disabled: false,
        };
        Offer { channel: id, direction, sequence: NOW.millis, terms }.sign(&GENESIS, &from.keys)
    });
    let announcement = ChannelAnnouncement {
        channel_signatures: signers.map(|signer| signer.sign(payload.as_bytes()).into()),
        node_signatures: parties.map(|end| claim.sign(&GENESIS, &end.keys)),
        claim,
    };
    (announcement, updates)
}

/// Reports the median and the slowest of some runs.
fn measure(what: &str, runs: usize, mut run: impl FnMut(usize)) {
    let mut times: Vec<Duration> = (0..runs)
        .map(|index| {
            let begin = Instant::now();
            run(index);
            begin.elapsed()
        })
        .collect();
    times.sort();
    println!("{what}: median {:?}, slowest {:?}", times[runs / 2], times[runs - 1]);
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let mut next = |default| arguments.next().map_or(default, |word| word.expect("a number"));
    let (channels, nodes) = (next(10_000).max(1), next(1_000).max(3));
    let mut numbers = Numbers(0);
    let parties: Vec<Party> = (0..nodes).map(party).collect();

    // As in real networks, a few nodes have most of the channels: the smaller of two dice.
    let travelling: Vec<_> = (0..channels)
        .map(|nonce| {
            let one = numbers.below(nodes).min(numbers.below(nodes)) as usize;
            let step = 1 + numbers.below(nodes - 1) as usize;
            let other = (one + step) % nodes as usize;
            let deposit = 1_000_000 * (1 + u128::from(numbers.below(100)));
            (channel([&parties[one], &parties[other]], nonce, &mut numbers), deposit)
        })
        .collect();

    let begin = Instant::now();
    let mut graph = Graph::new(parties[0].id, GraphLimits::default());
    for ((announcement, updates), deposit) in travelling {
        let signed = announcement.verify(&GENESIS).expect("four keys signed");
        let nodes = signed.nodes();
        let facts = ChannelFacts {
            channel: signed.id(),
            deposit,
            opened_at: 1,
            at: NOW.block,
            is_open: true,
        };
        graph.add_channel(signed.proven(&facts).expect("it is open"), 0).expect("there is room");
        for update in updates {
            let (from, _) = update.offer.direction.ends(nodes);
            let update = update.verify(&GENESIS, &from, None, &NOW).expect("the node signed");
            graph.add_update(update).expect("the channel is known");
        }
    }
    let (channels, nodes) = (graph.channel_count(), graph.node_count());
    println!("verify {channels} channels of {nodes} nodes, with terms: {:?}", begin.elapsed());
    measure("digests of the whole graph", 10, |_| assert_eq!(digests_of(&graph).len(), 256));

    let own: Vec<OwnChannel> = (1..5)
        .map(|peer: u8| OwnChannel {
            channel: ChannelId::repeat_byte(peer),
            direction: Direction::Forth,
            peer: parties[usize::from(peer) * 7 % parties.len()].id,
            spendable: 40_000_000,
            slots: 30,
        })
        .collect();
    let knowledge = Knowledge::new(KnowledgeLimits::default());
    let view =
        View { graph: &graph, knowledge: &knowledge, own: &own, hints: &[], now: NOW.millis };
    let payer = parties[0].id;
    let draw = || Map::draw(&view, ChannelAsset::Native, payer, &Experience::default());
    measure("draw the map", 20, |_| assert!(draw().edge_count() > 0));

    let map = draw();
    let request = |payee: usize, amount, max_parts| Request {
        payer,
        payee: parties[1 + payee * 37 % (parties.len() - 1)].id,
        asset: ChannelAsset::Native,
        amount,
        final_expiry: 2_000,
        max_fee: amount / 20,
        max_expiry: 10_000,
        max_hops: MAX_HOPS as u8,
        max_parts,
        preferences: Preferences::default(),
    };
    for (what, amount, parts) in [
        ("one way for 100 thousand", 100_000, 1),
        ("one way for 10 million", 10_000_000, 1),
        ("up to 16 ways for 60 million", 60_000_000, 16),
    ] {
        let (mut found, mut ways, mut hops) = (0, 0, 0);
        measure(what, 100, |index| {
            if let Ok(routes) = plan(&map, &request(index, amount, parts)) {
                found += 1;
                ways += routes.len();
                hops += routes.iter().map(|route| route.hops.len()).sum::<usize>();
            }
        });
        println!("  found for {found} of 100 payees, {ways} ways, {hops} hops in all");
    }

    let keys: Vec<OnionKey> =
        (0..MAX_HOPS as u8).map(|index| OnionKey::from_seed(&[index; 32])).collect();
    let deliver = Deliver { amount: 1, total: 1, expiry: 9, secret: [1; 32], preimage: None };
    let layers: Vec<_> = keys
        .iter()
        .enumerate()
        .map(|(index, key)| {
            let forward = millrace_channels_routing::onion::Forward {
                channel: ChannelId::zero(),
                amount: 1,
                expiry: 9,
            };
            let is_last = index + 1 == keys.len();
            let payload =
                if is_last { Payload::Deliver(deliver) } else { Payload::Forward(forward) };
            (key.public(), payload)
        })
        .collect();
    let lock = Hash::repeat_byte(1);
    let make = || wrap(&[9; 32], &layers, &GENESIS, &lock).expect("twenty hops fit").0;
    measure("wrap a packet for 20 hops", 200, |_| {
        make();
    });
    let bytes = make().to_bytes();
    measure("peel a layer", 200, |_| {
        let packet = Packet::from_bytes(&bytes).expect("it is one");
        packet.peel(&keys[0], &GENESIS, &lock).expect("it is for this hop");
    });
}
