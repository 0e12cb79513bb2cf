// SPDX-License-Identifier: Apache-2.0

//! Payments over several channels: they arrive, or every part comes back, and who forwards never
//! loses (DA-9).

use super::{World, wants_nothing, world::config};
use crate::{
    Command, CommandError, Config, Notice, Reply,
    frame::{Frame, PacketFrame, TransferName},
    node::Standing,
    routed::HANDED,
};
use millrace_channels_routing::{Invoice, Terms, invoices::Description};
use millrace_primitives_channels::{Balance, ChannelId, transfer::hashlock};

const DEPOSIT: Balance = 100_000;

/// Parties in a row with a public channel between each two neighbours.
fn line(parties: usize) -> (World, Vec<ChannelId>) {
    line_with(parties, config())
}

fn line_with(parties: usize, config: Config) -> (World, Vec<ChannelId>) {
    let mut world = World::with(parties, config);
    let mut channels = Vec::new();
    for party in 1..parties {
        channels.push(world.open(party - 1, party, [DEPOSIT, DEPOSIT]));
    }
    publish(&mut world, &channels);
    (world, channels)
}

/// Announces channels and waits until everybody knows them.
fn publish(world: &mut World, channels: &[ChannelId]) {
    for channel in channels {
        let party = world.parties.iter().position(|it| it.channels().contains(channel));
        world.command(party.expect("somebody has it"), Command::Announce { channel: *channel });
        world.settle();
    }
    for _ in 0..2 {
        world.wait(60_000);
    }
    for party in &world.parties {
        let known = channels.iter().filter(|it| party.node.graph().channel(it).is_some()).count();
        assert_eq!(known, channels.len(), "gossip reaches everybody");
    }
}

fn invoice(world: &mut World, party: usize, amount: Balance) -> Box<Invoice> {
    let description = Description::words("a mill").unwrap();
    let lifetime = 3_600;
    let command = Command::WriteInvoice { amount: Some(amount), description, lifetime };
    let id = world.command(party, command);
    world.settle();
    match &world.parties[party].replies[&id] {
        Ok(Reply::Written { invoice }) => invoice.clone(),
        other => panic!("no invoice: {other:?}"),
    }
}

fn pay(world: &mut World, party: usize, invoice: &Invoice) -> u64 {
    let invoice = Box::new(invoice.clone());
    let max_fee = 10_000;
    world.command(party, Command::PayInvoice { invoice, amount: None, max_fee, operation: None })
}

/// What a party has in all its channels.
fn wealth(world: &World, party: usize) -> Balance {
    let node = &world.parties[party].node;
    let views = node.channels().filter_map(|id| node.channel(id));
    views.map(|view| view.state.map_or(0, |it| it.balances[usize::from(view.position)])).sum()
}

fn transfers(world: &World) -> usize {
    let all = world.parties.iter().flat_map(|party| {
        let node = &party.node;
        node.channels().filter_map(|id| node.channel(id)).map(|view| view.transfers.len())
    });
    all.sum()
}

/// Nothing is left of what was under way, here and on the disks.
fn verify_clean(world: &World, place: &str) {
    assert_eq!(transfers(world), 0, "{place}");
    for (number, party) in world.parties.iter().enumerate() {
        assert!(wants_nothing(party), "{place}: party {number}");
        let rows = party.store.rows(&HANDED).unwrap().count();
        assert_eq!(rows, 0, "{place}: party {number} keeps {rows} rows");
    }
}

#[test]
fn payment_over_three_channels_arrives_and_each_hop_keeps_its_fee() {
    let (mut world, _) = line(4);
    let invoice = invoice(&mut world, 3, 10_000);
    let id = pay(&mut world, 0, &invoice);
    world.settle();
    let Ok(Reply::Delivered { hashlock: lock, preimage, fee }) = world.parties[0].replies[&id]
    else {
        panic!("{:?}", world.parties[0].replies[&id]);
    };
    assert_eq!(hashlock(&preimage), lock, "the preimage is the proof");
    assert_eq!(lock, invoice.terms().hashlock);
    // A thousandth of 10,000, and of 10,010.
    assert_eq!(fee, 20);
    assert_eq!(wealth(&world, 0), DEPOSIT - 10_020);
    assert_eq!(wealth(&world, 1), 2 * DEPOSIT + 10);
    assert_eq!(wealth(&world, 2), 2 * DEPOSIT + 10);
    assert_eq!(wealth(&world, 3), DEPOSIT + 10_000);
    let stats = world.parties[1].node.stats();
    assert_eq!((stats.forwarded, stats.amount_forwarded, stats.fees_earned), (1, 10_010, 10));
    assert!(world.parties[3].was_told(|it| matches!(it, Notice::InvoicePaid { .. })));
    // Nobody was asked what to do with it.
    assert!(!world.parties.iter().any(|it| it.was_told(|it| matches!(it, Notice::Offered { .. }))));
    verify_clean(&world, "the end");
}

#[test]
fn payment_without_an_invoice_arrives() {
    let (mut world, _) = line(4);
    let payee = super::world::peer_of(3);
    let command = Command::PayNode { payee, amount: 500, max_fee: 10, operation: None };
    let id = world.command(0, command);
    world.settle();
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Delivered { .. })));
    assert_eq!(wealth(&world, 3), DEPOSIT + 500);
    verify_clean(&world, "the end");
}

#[test]
fn invoice_leads_over_a_channel_that_is_not_public() {
    // given a payee whose only channel nobody knows of
    let mut world = World::new(3);
    let public = world.open(0, 1, [DEPOSIT, DEPOSIT]);
    let hidden = world.open(1, 2, [DEPOSIT, DEPOSIT]);
    publish(&mut world, &[public]);
    assert!(world.parties[0].node.graph().channel(&hidden).is_none());
    // when it writes an invoice, then that says how to get there
    let invoice = invoice(&mut world, 2, 10_000);
    assert_eq!(invoice.terms().hints.len(), 1);
    let id = pay(&mut world, 0, &invoice);
    world.settle();
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Delivered { .. })));
    assert_eq!(wealth(&world, 2), DEPOSIT + 10_000);
}

#[test]
fn payment_takes_another_way_when_a_channel_is_dry() {
    // given a cheap way over 1, whose channel to 3 is dry, and a dear one over 2
    let mut world = World::new(4);
    let channels = [
        world.open(0, 1, [DEPOSIT, 0]),
        world.open(0, 2, [DEPOSIT, 0]),
        world.open(3, 1, [DEPOSIT, 0]),
        world.open(2, 3, [DEPOSIT, 0]),
    ];
    let dear = Terms { fee_ppm: 5_000, ..config().routing.terms };
    world.command(2, Command::SetFees { channel: None, terms: dear });
    publish(&mut world, &channels);
    // when the payment is made
    let invoice = invoice(&mut world, 3, 10_000);
    let id = pay(&mut world, 0, &invoice);
    world.settle();
    // then it has failed once, and has arrived
    let reply = &world.parties[0].replies[&id];
    let Ok(Reply::Delivered { fee, .. }) = *reply else { panic!("{reply:?}") };
    // Of each part half a hundredth, rounded down.
    assert!((40..=50).contains(&fee), "{fee}");
    assert!(world.parties[0].was_told(|it| matches!(it, Notice::Returned { .. })));
    assert_eq!(wealth(&world, 1), 0, "the dry hop has lost nothing");
    assert_eq!(wealth(&world, 2), DEPOSIT + fee);
    verify_clean(&world, "the end");
}

#[test]
fn terms_that_leave_no_time_to_be_paid_are_refused() {
    let mut world = World::new(1);
    let short = Terms { expiry_delta: 199, ..config().routing.terms };
    let id = world.command(0, Command::SetFees { channel: None, terms: short });
    assert!(matches!(world.parties[0].replies[&id], Err(CommandError::BadFees { .. })), "DA-9");
    let enough = Terms { expiry_delta: 200, ..short };
    let id = world.command(0, Command::SetFees { channel: None, terms: enough });
    world.settle();
    assert_eq!(world.parties[0].replies[&id], Ok(Reply::Done));
    world.crash(0);
    assert_eq!(world.parties[0].node.fees().0, enough, "it is remembered");
}

#[test]
fn payment_goes_in_parts_when_no_channel_has_enough() {
    let mut world = World::new(4);
    let channels = [
        world.open(0, 1, [DEPOSIT, 0]),
        world.open(0, 2, [DEPOSIT, 0]),
        world.open(1, 3, [DEPOSIT, 0]),
        world.open(2, 3, [DEPOSIT, 0]),
    ];
    publish(&mut world, &channels);
    let invoice = invoice(&mut world, 3, 150_000);
    let id = pay(&mut world, 0, &invoice);
    world.settle();
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Ok(Reply::Delivered { .. })), "{reply:?}");
    assert_eq!(wealth(&world, 3), 150_000);
    verify_clean(&world, "the end");
}

#[test]
fn part_that_waits_in_vain_comes_back() {
    // given a payment in two parts, one of which gets lost on its way
    let mut world = World::new(4);
    let channels = [
        world.open(0, 1, [DEPOSIT, 0]),
        world.open(0, 2, [DEPOSIT, 0]),
        world.open(1, 3, [DEPOSIT, 0]),
        world.open(2, 3, [DEPOSIT, 0]),
    ];
    publish(&mut world, &channels);
    let invoice = invoice(&mut world, 3, 150_000);
    let id = pay(&mut world, 0, &invoice);
    world.disconnect(2);
    world.settle();
    assert_eq!(wealth(&world, 3), 0, "RO-8: the payee takes no part alone");
    // when its patience ends
    for _ in 0..8 {
        world.wait(10_000);
    }
    // then the part that arrived is back, whatever the payer tries next
    assert_eq!(wealth(&world, 3), 0);
    assert!(world.parties[0].was_told(|it| matches!(it, Notice::Returned { .. })));
    // and once the other hop is there again, all of it is decided
    for other in [0, 1, 3] {
        world.connect(2, other);
    }
    for _ in 0..15 {
        world.wait(10_000);
    }
    let is_paid = world.parties[0].replies[&id].is_ok();
    assert_eq!(wealth(&world, 3), if is_paid { 150_000 } else { 0 });
    verify_clean(&world, "the end");
}

#[test]
fn invoice_is_paid_once() {
    let (mut world, _) = line(4);
    let invoice = invoice(&mut world, 3, 10_000);
    let first = pay(&mut world, 0, &invoice);
    let during = pay(&mut world, 0, &invoice);
    assert_eq!(world.parties[0].replies[&during], Err(CommandError::UnderWay));
    world.settle();
    let paid = world.parties[0].replies[&first].clone();
    let again = pay(&mut world, 0, &invoice);
    assert_eq!(world.parties[0].replies[&again], paid, "the same proof, and no money");
    // Somebody else is refused by the payee.
    let other = pay(&mut world, 1, &invoice);
    world.settle();
    let reply = &world.parties[1].replies[&other];
    assert!(matches!(reply, Err(CommandError::NotPaid { .. })), "{reply:?}");
    assert_eq!(wealth(&world, 3), DEPOSIT + 10_000);
    // And after a restart of payer and payee.
    for party in [0, 3] {
        world.crash(party);
        world.settle();
    }
    let again = pay(&mut world, 0, &invoice);
    assert_eq!(world.parties[0].replies[&again], paid);
    assert_eq!(wealth(&world, 3), DEPOSIT + 10_000);
    verify_clean(&world, "the end");
}

#[test]
fn expired_invoice_is_not_paid() {
    let (mut world, _) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    world.wait(3_600_000);
    let id = pay(&mut world, 0, &invoice);
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Err(CommandError::Unpayable { .. })), "{reply:?}");
}

/// Changes the first packet on the wire.
fn corrupt_packet(world: &mut World) -> bool {
    for (_, _, bytes) in &mut world.wire {
        if let Ok(Frame::Packet(_)) = Frame::from_bytes(bytes) {
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            return true;
        }
    }
    false
}

#[test]
fn packet_that_was_changed_is_given_back() {
    let (mut world, _) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    let id = pay(&mut world, 0, &invoice);
    world.sync(0);
    world.sync(0);
    assert!(corrupt_packet(&mut world), "it is on the wire");
    world.settle();
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Err(CommandError::NotPaid { .. })), "{reply:?}");
    for (party, before) in [(0, DEPOSIT), (1, 2 * DEPOSIT), (2, DEPOSIT)] {
        assert_eq!(wealth(&world, party), before);
    }
    verify_clean(&world, "the end");
}

#[test]
fn packet_means_nothing_a_second_time() {
    // given a payment whose packet somebody has kept
    let (mut world, channels) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    let id = pay(&mut world, 0, &invoice);
    let mut kept: Option<Vec<u8>> = None;
    loop {
        let is_it = |it: &(usize, usize, Vec<u8>)| {
            matches!(Frame::from_bytes(&it.2), Ok(Frame::Packet(_))) && (it.0, it.1) == (0, 1)
        };
        if let Some((_, _, bytes)) = world.wire.iter().find(|it| is_it(it)) {
            kept = Some(bytes.clone());
        }
        let mut is_busy = world.deliver();
        for party in 0..3 {
            is_busy |= world.sync(party);
        }
        if !is_busy {
            break;
        }
    }
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Delivered { .. })));
    // when it is sent again, after a restart of the hop, with a transfer like the first
    world.crash(1);
    world.settle();
    let lock = invoice.terms().hashlock;
    let (channel, payee) = (channels[0], None);
    let offer = Command::Offer { channel, payee, amount: 10_010, hashlock: lock, expiry: 600 };
    let offered = world.command(0, offer);
    world.settle();
    let Ok(Reply::Offered { id, .. }) = world.parties[0].replies[&offered] else {
        panic!("it is offered");
    };
    let Ok(Frame::Packet(packet)) = Frame::from_bytes(&kept.expect("it was on the wire")) else {
        unreachable!("it is one")
    };
    let transfer = TransferName { channel, id };
    let frame = Frame::Packet(Box::new(PacketFrame { transfer, packet: packet.packet }));
    let forwarded = world.parties[1].node.stats().forwarded;
    world.wire.push_back((0, 1, frame.to_bytes()));
    world.settle();
    // then it comes back, and nothing was sent on
    assert_eq!(world.parties[1].node.stats().forwarded, forwarded);
    assert_eq!(wealth(&world, 2), DEPOSIT + 10_000);
    assert_eq!(transfers(&world), 0);
}

#[test]
fn neighbour_that_fails_too_often_has_to_wait() {
    let mut settings = config();
    settings.routing.probing.failures.burst = 3;
    let (mut world, _) = line_with(3, settings);
    // Invoices that their payee has forgotten.
    let invoices: Vec<_> = (0..6).map(|_| invoice(&mut world, 2, 10_000)).collect();
    world.parties[2].node.routing.issued.clear();
    let ids: Vec<_> = invoices
        .iter()
        .map(|invoice| {
            let id = pay(&mut world, 0, invoice);
            world.settle();
            id
        })
        .collect();
    let reasons: Vec<_> = ids
        .iter()
        .map(|id| match &world.parties[0].replies[id] {
            Err(CommandError::NotPaid { reason }) => reason.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(reasons[0].contains("UnknownPayment"), "{reasons:?}");
    assert!(!reasons[5].contains("UnknownPayment"), "it is not forwarded any more: {reasons:?}");
    verify_clean(&world, "the end");
}

#[test]
fn hop_gives_back_only_what_nobody_can_claim_any_more() {
    // given a payee that has vanished with a part in its hands
    let (mut world, channels) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    let id = pay(&mut world, 0, &invoice);
    while !world.parties[1].node.channel(channels[1]).unwrap().transfers.iter().any(|_| true) {
        world.deliver();
        for party in 0..3 {
            world.sync(party);
        }
    }
    world.disconnect(2);
    world.settle();
    let expiry = world.parties[1].node.channel(channels[1]).unwrap().transfers[0].expiry;
    // when blocks pass, then the payer's part stays until the payee's has expired
    while world.court.height + 1 < expiry {
        world.block();
        assert_eq!(world.parties[0].node.channel(channels[0]).unwrap().transfers.len(), 1);
        assert!(!world.parties[0].replies.contains_key(&id));
    }
    world.block();
    assert_eq!(world.parties[0].node.channel(channels[0]).unwrap().transfers.len(), 0);
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Err(CommandError::NotPaid { .. })), "{reply:?}");
    assert_eq!(wealth(&world, 0), DEPOSIT);
    // And the channel with the one who vanished is closed alone, so that nothing is stuck.
    for _ in 0..=config().patience.stuck {
        world.block();
    }
    let standing = world.parties[1].node.standing(channels[1]);
    assert!(
        matches!(
            standing,
            None | Some(
                Standing::Disputed | Standing::Over | Standing::Resolving | Standing::ClosingAlone
            )
        ),
        "{standing:?}"
    );
}

#[test]
fn preimage_that_shows_on_chain_pays_the_hop() {
    // given a payee that has taken a part, and a hop that did not hear of it
    let (mut world, channels) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    let id = pay(&mut world, 0, &invoice);
    while !world.parties[2].was_told(|it| matches!(it, Notice::InvoicePaid { .. })) {
        world.deliver();
        for party in 0..3 {
            world.sync(party);
        }
    }
    world.disconnect(2);
    world.settle();
    assert!(!world.parties[0].replies.contains_key(&id));
    // when the payee closes alone, which reveals the preimage
    world.command(2, Command::ForceClose { channel: channels[1] });
    // then the hop is paid long before the dispute ends
    world.block();
    world.block();
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Ok(Reply::Delivered { fee: 10, .. })), "{reply:?}");
    assert_eq!(world.parties[0].balances(channels[0]).iter().sum::<Balance>(), 2 * DEPOSIT);
    // and the chain pays the payee
    for _ in 0..30 {
        world.block();
    }
    let paid = &world.court.paid[&channels[1]];
    assert!(paid.contains(&(DEPOSIT + 10_000)) && paid.contains(&(DEPOSIT - 10_000)), "{paid:?}");
    let hop = world.parties[1].balances(channels[0]);
    assert!(hop.contains(&(DEPOSIT + 10_010)), "DA-9: {hop:?}");
}

/// Runs a payment over two channels with a crash of `crashed` before its output number `step`; says
/// whether there was one.
fn run(crashed: usize, step: usize) -> bool {
    let (mut world, channels) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    let before = world.crashes;
    let mut left = step;
    world.plan = Some(Box::new(move |party, _| {
        if party != crashed {
            return false;
        }
        left = left.wrapping_sub(1);
        left == usize::MAX
    }));
    let id = pay(&mut world, 0, &invoice);
    world.settle();
    let has_crashed = world.crashes > before;
    world.plan = None;
    // What was lost on the way is asked for; what waits in vain comes back.
    for _ in 0..12 {
        world.wait(10_000);
    }
    world.block();
    let place = format!("party {crashed}, step {step}");
    verify_clean(&world, &place);
    let paid = wealth(&world, 2) - DEPOSIT;
    assert!(paid == 0 || paid == 10_000, "{place}: {paid}");
    let fee = if paid > 0 { 10 } else { 0 };
    assert_eq!(wealth(&world, 1), 2 * DEPOSIT + fee, "DA-9, {place}");
    assert_eq!(wealth(&world, 0), DEPOSIT - paid - fee, "{place}");
    for channel in &channels {
        assert_eq!(world.parties[1].balances(*channel).iter().sum::<Balance>(), 2 * DEPOSIT);
    }
    // The payer knows what became of it, whatever it had been told before.
    if let Some(reply) = world.parties[0].replies.get(&id) {
        assert_eq!(reply.is_ok(), paid > 0, "{place}: {reply:?}");
    }
    let known = world.parties[0].node.payment(&invoice.terms().hashlock);
    let is_done =
        known.is_some_and(|it| matches!(it.progress, crate::routed::PaymentProgress::Done { .. }));
    assert_eq!(is_done, paid > 0, "{place}: {known:?}");
    has_crashed
}

#[test]
fn nobody_loses_whenever_the_power_fails() {
    for crashed in 0..3 {
        let mut step = 0;
        while run(crashed, step) {
            step += 1;
        }
        assert!(step > 5, "the story has only {step} steps for party {crashed}");
    }
}
