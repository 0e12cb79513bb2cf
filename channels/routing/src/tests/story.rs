// SPDX-License-Identifier: Apache-2.0

//! A payment from the invoice's text to the preimage, through every part of this crate.

use crate::{
    fees::Terms,
    invoices::{Description, Invoice, InvoiceTerms},
    names::Direction,
    onion::{
        Arrival, Assembly, Failure, Incoming, Packet, Peeled, ReturnKey, SharedSecret,
        assembling::AssemblyLimits,
        failure::wrap_foreign,
        forwarding::{TimeLimits, verify_delivery, verify_forward},
        wrap,
    },
    paths::{Blame, Delivery, PartId, Request, Route, Verdict},
    tests::{
        network::{GENESIS, NOW, Party, free, terms},
        searching::Scene,
    },
};
use codec::Compact;
use millrace_primitives_channels::{Balance, ChannelAsset, ChannelId, Hash, transfer::hashlock};
use std::collections::BTreeMap;

const PREIMAGE: [u8; 32] = [5; 32];
const SECONDS: u64 = NOW.millis / 1_000;

/// A network in which liquidity is where it is, whatever the payer believes.
struct World {
    scene: Scene,
    /// Channels that carry nothing just now.
    dry: Vec<ChannelId>,
    assembly: Assembly<PartId>,
    /// What each hop that forwarded kept.
    kept: BTreeMap<usize, Balance>,
}

/// How a part ends.
enum End {
    Arrived(Arrival<PartId>),
    Failed(Vec<u8>),
}

impl World {
    fn party(&self, node: crate::NodeId) -> (usize, &Party) {
        let mut parties = self.scene.network.parties.iter().enumerate();
        parties.find(|(_, party)| party.id() == node).expect("everybody is known")
    }

    fn invoice(&self, payee: usize, amount: Balance) -> String {
        let payee = &self.scene.network.parties[payee];
        let terms = InvoiceTerms {
            payee: payee.id(),
            onion_key: payee.onion.public(),
            asset: ChannelAsset::Native,
            amount: Some(Compact(amount)),
            hashlock: hashlock(&PREIMAGE),
            secret: [6; 32],
            created_at: SECONDS,
            lifetime: 3_600,
            final_delta: 150,
            description: Description::words("a mill").unwrap(),
            hints: Default::default(),
        };
        Invoice::sign(terms, &GENESIS, &payee.node).unwrap().to_text()
    }

    /// Wraps a packet for a way.
    fn wrap(&self, route: &Route, invoice: &InvoiceTerms, session: u8) -> (Packet, ReturnKey) {
        let last = route.hops.last().unwrap();
        let total = invoice.amount().unwrap();
        let payloads = route.payloads(invoice.deliver(route.delivered, total, last.expiry));
        let keys = route.hops.iter().map(|hop| self.party(hop.node).1.onion.public());
        let layers: Vec<_> = keys.zip(payloads).collect();
        wrap(&[session; 32], &layers, &GENESIS, &invoice.hashlock).unwrap()
    }

    /// Sends a part along its way, each hop with what it is given and nothing else.
    fn send(&mut self, part: PartId, route: &Route, packet: Packet, lock: Hash) -> End {
        let mut incoming = Incoming { amount: route.sent(), expiry: route.expiry() };
        let mut node = route.hops[0].node;
        let mut bytes = packet.to_bytes();
        let mut passed: Vec<SharedSecret> = Vec::new();
        loop {
            let (number, party) = self.party(node);
            let packet = Packet::from_bytes(&bytes).unwrap();
            let layer = packet.peel(&party.onion, &GENESIS, &lock).unwrap();
            let failure = match layer.peeled {
                Peeled::Deliver(deliver) => {
                    let text = self.invoice(number, 100_000);
                    let invoice = Invoice::from_text(&text, &GENESIS).unwrap();
                    let expected = invoice.terms().expected(SECONDS);
                    verify_delivery(&incoming, &deliver, Some(&expected), NOW.block).unwrap();
                    let arrival = self.assembly.arrive(lock, part, &incoming, &deliver, NOW.millis);
                    return End::Arrived(arrival);
                }
                Peeled::Forward(forward, next) => {
                    let known = self.scene.network.graph.channel(&forward.channel).unwrap();
                    let nodes = known.channel().nodes();
                    let mut sides = Direction::BOTH.into_iter();
                    let side = sides.find(|side| side.ends(nodes).0 == node).unwrap();
                    let own = known.update(side).unwrap().update();
                    let limits = TimeLimits::default();
                    match verify_forward(&incoming, &forward, own, &limits, NOW.block) {
                        Ok(()) if !self.dry.contains(&forward.channel) => {
                            *self.kept.entry(number).or_default() +=
                                incoming.amount - forward.amount;
                            incoming = Incoming { amount: forward.amount, expiry: forward.expiry };
                            (_, node) = side.ends(nodes);
                            bytes = next.to_bytes();
                            passed.push(layer.secret);
                            continue;
                        }
                        Ok(()) => Failure::ChannelBusy,
                        Err(failure) => failure,
                    }
                }
            };
            let error = failure.wrap(&layer.secret);
            let back = passed.iter().rev();
            return End::Failed(back.fold(error, |error, secret| wrap_foreign(secret, &error)));
        }
    }
}

fn world() -> (World, Vec<ChannelId>) {
    // Three ways from 0 to 4: over 1 and 2, over 1 and 3, and over 3.
    let fee = |base| Terms { expiry_delta: 30, ..terms(base, 1_000) };
    let mut scene = Scene::of(5);
    scene.own(1, 80_000);
    scene.own(3, 70_000);
    let channels = vec![
        scene.channel([1, 2], 1_000_000, [fee(1), free()]),
        scene.channel([2, 4], 1_000_000, [fee(2), free()]),
        scene.channel([1, 3], 1_000_000, [fee(300), free()]),
        scene.channel([3, 4], 1_000_000, [fee(4), free()]),
    ];
    let assembly = Assembly::new(AssemblyLimits::default());
    (World { scene, dry: Vec::new(), assembly, kept: BTreeMap::new() }, channels)
}

#[test]
fn a_payment_in_parts_arrives_although_a_channel_on_its_way_is_dry() {
    // Given an invoice as text, and a dry channel that nobody knows of,
    let (mut world, channels) = world();
    world.dry = vec![channels[1]];
    let text = world.invoice(4, 100_000);
    let invoice = Invoice::from_text(&text.to_uppercase(), &GENESIS).unwrap().terms().clone();
    let request = Request {
        payee: invoice.payee,
        final_expiry: NOW.block + invoice.final_delta + 20,
        max_parts: 4,
        max_fee: 2_000,
        ..world.scene.request(4, invoice.amount().unwrap())
    };
    let mut delivery = Delivery::new(GENESIS, request, 20);
    let lock = invoice.hashlock;

    // when the payer tries until nothing is left to send,
    let mut failures = 0;
    let parts = 'arrived: loop {
        let planned = delivery.plan(&world.scene.view()).unwrap();
        assert!(!planned.is_empty(), "something has failed, or is still to be sent");
        for (part, route) in planned {
            let (packet, key) = world.wrap(&route, &invoice, 1 + part.0 as u8);
            match world.send(part, &route, packet, lock) {
                End::Arrived(Arrival::Complete(parts)) => break 'arrived parts,
                End::Arrived(arrival) => assert_eq!(arrival, Arrival::Waits),
                End::Failed(error) => {
                    failures += 1;
                    let (index, failure) = key.read(&error).expect("nobody cheats");
                    assert_eq!(failure, Failure::ChannelBusy);
                    assert_eq!(
                        route.hops[index + 1].channel,
                        channels[1],
                        "the right one is blamed"
                    );
                    let knowledge = &mut world.scene.knowledge;
                    let blame = Blame::Node { index, failure };
                    let verdict = delivery.part_failed(part, &blame, knowledge, NOW.millis);
                    assert_eq!(verdict, Some(Verdict::Retry));
                }
            }
        }
    };

    // then all parts arrive together, and each hop has kept its fee.
    assert!(failures > 0, "the dry channel was tried");
    assert!(parts.len() > 1, "no channel of the payer's has enough");
    let under_way: Vec<_> = delivery.parts().map(|(part, _)| part).collect();
    let mut arrived = parts.clone();
    arrived.sort();
    assert_eq!(arrived, under_way);
    let fees: Balance = delivery.parts().map(|(_, route)| route.fee()).sum();
    assert!(fees > 0 && fees <= 2_000);
    assert!(world.kept.values().sum::<Balance>() >= fees);
    delivery.completed(&mut world.scene.knowledge, NOW.millis);
    let dry = world.scene.knowledge.bounds(&channels[1], Direction::Forth, 1_000_000, NOW.millis);
    assert!(dry.upper < 1_000_000, "and the payer has learned");
}

#[test]
fn a_hop_that_keeps_too_much_or_hurries_is_found_out() {
    let (mut world, _) = world();
    let text = world.invoice(4, 100_000);
    let invoice = Invoice::from_text(&text, &GENESIS).unwrap().terms().clone();
    let request =
        Request { max_parts: 1, final_expiry: NOW.block + 170, ..world.scene.request(4, 50_000) };
    let mut delivery = Delivery::new(GENESIS, request, 1);
    let (part, route) = delivery.plan(&world.scene.view()).unwrap().remove(0);
    // A payer that sends one unit or one block too little is told so by the first hop.
    for (amount, expiry) in [(1, 0), (0, 1)] {
        let mut short = route.clone();
        short.hops[0].amount -= amount;
        short.hops[0].expiry -= expiry;
        let (packet, key) = world.wrap(&short, &invoice, 9);
        let End::Failed(error) = world.send(part, &short, packet, invoice.hashlock) else {
            panic!("it is refused");
        };
        let (index, failure) = key.read(&error).unwrap();
        assert_eq!(index, 0);
        match amount {
            1 => assert!(matches!(failure, Failure::FeeTooLow(Some(_)))),
            _ => assert!(matches!(failure, Failure::ExpiryDeltaTooSmall(Some(_)))),
        }
    }
    let (packet, _) = world.wrap(&route, &invoice, 10);
    let end = world.send(part, &route, packet, invoice.hashlock);
    assert!(matches!(end, End::Arrived(Arrival::Waits)), "half of it has come");
}
