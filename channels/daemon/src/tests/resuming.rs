// SPDX-License-Identifier: Apache-2.0

//! What is said of payments and channels after a restart: the truth, and never twice the money.

use super::{
    World, wants_nothing,
    world::{config, identity, peer_of},
};
use crate::{
    Command, CommandError, Node, Notice, OperationKey, Reply, ended::ENDED, input::CommandId,
    node::Standing, routed::PaymentProgress, write::HISTORY,
};
use millrace_channels_routing::invoices::Description;
use millrace_primitives_channels::{Balance, ChannelId, transfer::hashlock};

const DEPOSIT: Balance = 100_000;

fn name(number: u8) -> OperationKey {
    OperationKey { id: [number; 32], fingerprint: [1; 32] }
}

/// A network, and who in it is paid how much by the first party.
#[derive(Clone, Copy)]
struct Scene {
    /// Who opens a channel to whom, with which deposits.
    channels: &'static [(usize, usize, [Balance; 2])],
    payee: usize,
    amount: Balance,
    has_invoice: bool,
}

/// Three parties in a row.
const LINE: Scene = Scene {
    channels: &[(0, 1, [DEPOSIT, DEPOSIT]), (1, 2, [DEPOSIT, DEPOSIT])],
    payee: 2,
    amount: 10_000,
    has_invoice: true,
};

/// Two ways, neither of which has room for all of it.
const TWO_WAYS: Scene = Scene {
    channels: &[
        (0, 1, [DEPOSIT, 0]),
        (0, 2, [DEPOSIT, 0]),
        (1, 3, [DEPOSIT, 0]),
        (2, 3, [DEPOSIT, 0]),
    ],
    payee: 3,
    amount: 150_000,
    has_invoice: true,
};

impl Scene {
    /// The network, whose channels everybody knows.
    fn world(&self) -> World {
        let mut world = World::new(self.payee + 1);
        let opened: Vec<_> = self.channels.iter().map(|it| world.open(it.0, it.1, it.2)).collect();
        for (channel, (party, ..)) in opened.iter().zip(self.channels) {
            world.command(*party, Command::Announce { channel: *channel });
            world.settle();
        }
        for _ in 0..2 {
            world.wait(60_000);
        }
        world
    }

    /// What makes the payment under a name.
    fn command(&self, world: &mut World, operation: OperationKey) -> Command {
        let (amount, max_fee, operation) = (self.amount, 10_000, Some(operation));
        if !self.has_invoice {
            let payee = peer_of(self.payee);
            return Command::PayNode { payee, amount, max_fee, operation };
        }
        let description = Description::words("a mill").unwrap();
        let write = Command::WriteInvoice { amount: Some(amount), description, lifetime: 3_600 };
        let id = world.command(self.payee, write);
        world.settle();
        let Ok(Reply::Written { invoice }) = world.parties[self.payee].replies[&id].clone() else {
            panic!("no invoice");
        };
        Command::PayInvoice { invoice, amount: None, max_fee, operation }
    }

    /// What everybody has at the beginning.
    fn deposits(&self, party: usize) -> Balance {
        let sides = self.channels.iter().flat_map(|it| [(it.0, it.2[0]), (it.1, it.2[1])]);
        sides.filter(|(who, _)| *who == party).map(|(_, deposit)| deposit).sum()
    }
}

/// What a party has in all its channels.
fn wealth(world: &World, party: usize) -> Balance {
    let node = &world.parties[party].node;
    let views = node.channels().filter_map(|id| node.channel(id));
    views.map(|view| view.state.map_or(0, |it| it.balances[usize::from(view.position)])).sum()
}

/// What a party says came to it over several channels.
fn received(world: &World, party: usize) -> Balance {
    let node = &world.parties[party].node;
    let invoices = node.issued().filter_map(|it| Some(it.paid.as_ref()?.amount));
    invoices.chain(node.received().map(|(_, it)| it.amount)).sum()
}

/// Payer and payee say what happened to the money (DA-10).
fn verify_truth(world: &World, scene: &Scene, key: OperationKey, place: &str) {
    assert!(world.parties.iter().all(wants_nothing), "{place}");
    let paid = wealth(world, scene.payee) - scene.deposits(scene.payee);
    assert_eq!(received(world, scene.payee), paid, "{place}: what the payee says");
    let spent = scene.deposits(0) - wealth(world, 0);
    let Some((lock, payment)) = world.parties[0].node.payment_named(&key.id) else {
        // It was lost before anybody could hear of it.
        assert_eq!((paid, spent), (0, 0), "{place}");
        return;
    };
    match &payment.progress {
        PaymentProgress::UnderWay => panic!("{place}: it is not decided"),
        PaymentProgress::Done { preimage, fee } => {
            assert_eq!((paid, spent), (scene.amount, scene.amount + fee), "{place}: DA-10");
            assert_eq!(hashlock(preimage), *lock, "{place}: the proof");
        }
        PaymentProgress::Failed { .. } => assert_eq!((paid, spent), (0, 0), "{place}: DA-10"),
    }
}

/// What was lost on the way is asked for; what waits in vain comes back.
fn calm_down(world: &mut World) {
    world.settle();
    for _ in 0..12 {
        world.wait(10_000);
    }
    world.block();
}

/// Makes a named payment while the power of `crashed` fails before its output number `step`, and then
/// asks for it again, as a careful owner does. Says whether the power has failed.
fn run(scene: &Scene, crashed: usize, step: usize) -> bool {
    let mut world = scene.world();
    let command = scene.command(&mut world, name(9));
    world.cut_power(crashed, step);
    world.command(0, command.clone());
    world.settle();
    let has_crashed = world.end_plan();
    calm_down(&mut world);
    let place = format!("party {crashed}, step {step}");
    verify_truth(&world, scene, name(9), &place);
    let decided = world.parties[0].node.payment_named(&name(9).id).map(|it| it.1.clone());
    // when it is asked for again, then what is decided stays, and what was lost is made once
    let again = world.command(0, command);
    calm_down(&mut world);
    let reply = &world.parties[0].replies[&again];
    let is_done = decided.as_ref().map(|it| matches!(it.progress, PaymentProgress::Done { .. }));
    match is_done {
        Some(true) => assert!(matches!(reply, Ok(Reply::Delivered { .. })), "{place}: {reply:?}"),
        Some(false) => {
            assert!(matches!(reply, Err(CommandError::NotPaid { .. })), "{place}: {reply:?}");
        }
        None => {}
    }
    verify_truth(&world, scene, name(9), &format!("{place}, asked for again"));
    // and all of that is on the disks
    for party in [0, scene.payee] {
        world.crash(party);
    }
    calm_down(&mut world);
    verify_truth(&world, scene, name(9), &format!("{place}, after one more restart"));
    let known = world.parties[0].node.payment_named(&name(9).id).map(|it| it.1.clone());
    assert!(known.is_some(), "{place}: it was asked for while nothing failed");
    assert!(decided.is_none() || decided == known, "{place}: {decided:?}, {known:?}");
    has_crashed
}

fn crash_everywhere(scene: &Scene, crashed: &[usize]) {
    for crashed in crashed {
        let mut step = 0;
        while run(scene, *crashed, step) {
            step += 1;
        }
        assert!(step > 5, "the story has only {step} steps for party {crashed}");
    }
}

#[test]
fn payer_is_told_the_truth_about_an_invoice_whenever_the_power_fails() {
    crash_everywhere(&LINE, &[0, 1, 2]);
}

#[test]
fn payer_is_told_the_truth_about_a_payment_without_invoice_whenever_the_power_fails() {
    crash_everywhere(&Scene { has_invoice: false, ..LINE }, &[0, 1, 2]);
}

#[test]
fn payer_is_told_the_truth_about_several_parts_whenever_the_power_fails() {
    crash_everywhere(&TWO_WAYS, &[0]);
}

#[test]
fn payee_gets_all_parts_whenever_its_power_fails() {
    crash_everywhere(&TWO_WAYS, &[3]);
}

fn reply(world: &World, id: CommandId) -> &Result<Reply, CommandError> {
    &world.parties[0].replies[&id]
}

#[test]
fn name_is_good_for_one_payment_whichever_way_it_goes() {
    // given a payment over others
    let scene = Scene { has_invoice: false, ..LINE };
    let mut world = scene.world();
    let command = scene.command(&mut world, name(1));
    let first = world.command(0, command);
    world.settle();
    let delivered = reply(&world, first).clone();
    assert!(matches!(delivered, Ok(Reply::Delivered { .. })), "{delivered:?}");
    // when there is a channel to the payee, and it is asked for again over that
    let channel = world.open(0, 2, [DEPOSIT, DEPOSIT]);
    let pay = |channel, operation| Command::Pay { channel, payee: None, amount: 7, operation };
    for _ in 0..2 {
        let again = world.command(0, pay(channel, Some(name(1))));
        world.settle();
        // then it is not made again
        assert_eq!(*reply(&world, again), delivered, "DA-8");
        world.crash(0);
        world.settle();
    }
    let other = OperationKey { fingerprint: [2; 32], ..name(1) };
    let other = world.command(0, pay(channel, Some(other)));
    assert_eq!(*reply(&world, other), Err(CommandError::OtherOperation));
    // And the other way round.
    let first = world.command(0, pay(channel, Some(name(2))));
    world.settle();
    let paid = reply(&world, first).clone();
    assert!(matches!(paid, Ok(Reply::Paid { .. })), "{paid:?}");
    for has_invoice in [false, true] {
        let command = Scene { has_invoice, ..LINE }.command(&mut world, name(2));
        let again = world.command(0, command);
        world.settle();
        assert_eq!(*reply(&world, again), paid, "DA-8");
    }
    assert_eq!(wealth(&world, 2), 2 * DEPOSIT + scene.amount + 7);
}

#[test]
fn payment_that_failed_is_still_found_after_its_invoice_was_tried_again() {
    // given a payment that fails because its payee is away
    let mut world = LINE.world();
    let Command::PayInvoice { invoice, max_fee, .. } = LINE.command(&mut world, name(1)) else {
        panic!("it pays an invoice");
    };
    let pay = |world: &mut World, operation| {
        let (invoice, operation) = (invoice.clone(), Some(operation));
        let command = Command::PayInvoice { invoice, amount: None, max_fee, operation };
        let id = world.command(0, command);
        world.settle();
        reply(world, id).clone()
    };
    world.disconnect(2);
    let failed = pay(&mut world, name(1));
    assert!(matches!(failed, Err(CommandError::NotPaid { .. })), "{failed:?}");
    // when it is made under another name
    for other in [0, 1] {
        world.connect(2, other);
    }
    for _ in 0..30 {
        world.wait(60_000);
    }
    let delivered = pay(&mut world, name(2));
    assert!(matches!(delivered, Ok(Reply::Delivered { .. })), "{delivered:?}");
    // then both are known by their names, also after a restart
    for _ in 0..2 {
        let progress =
            |number| world.parties[0].node.payment_named(&name(number).id).map(|it| &it.1.progress);
        assert!(matches!(progress(1), Some(PaymentProgress::Failed { .. })), "{:?}", progress(1));
        assert!(matches!(progress(2), Some(PaymentProgress::Done { .. })), "{:?}", progress(2));
        world.crash(0);
        world.settle();
    }
    assert_eq!(pay(&mut world, name(1)), failed, "under its name it has failed for good");
    assert_eq!(pay(&mut world, name(3)), delivered, "and the invoice is paid once");
    assert_eq!(wealth(&world, 2), DEPOSIT + LINE.amount);
}

#[test]
fn what_came_directly_is_found_in_the_history_after_a_restart() {
    let mut settings = config();
    settings.limits.history_rows = 4;
    let mut world = World::with(2, settings);
    let channel = world.open(0, 1, [DEPOSIT, DEPOSIT]);
    for round in 0..6 {
        world.pay(round % 2, channel, 5);
        world.settle();
    }
    for _ in 0..2 {
        // Of the four newest rows two have something that came.
        for party in &world.parties {
            let rows: Vec<_> = party.node.rows_received(u64::MAX).collect();
            assert_eq!(rows.len(), 2, "{rows:?}");
            assert!(rows[0].0 > rows[1].0, "newest first: {rows:?}");
            for (number, slot) in rows {
                let entry = party.store.get(&HISTORY, &slot).unwrap().expect("it is durable");
                assert_eq!((entry.number, entry.has_received()), (number, true));
            }
        }
        world.crash(0);
        world.crash(1);
        world.settle();
    }
}

/// Lets blocks pass until what is over is forgotten.
fn forget(world: &mut World) {
    for _ in 0..30 {
        world.block();
    }
}

#[test]
fn channel_that_ended_while_its_node_was_away_is_told_as_closed() {
    let (mut world, channel) = World::with_channel([70, 30]);
    world.pay(0, channel, 20);
    world.settle();
    let state = world.parties[0].node.channel(channel).unwrap().state;
    // given a node that is away while the other one closes alone
    world.parties[0].node = Node::new(config(), identity(0, 99));
    world.command(1, Command::ForceClose { channel });
    forget(&mut world);
    assert!(world.court.paid.contains_key(&channel));
    assert_eq!(world.parties[0].node.channel(channel), None);
    // when it comes back, then it tells the end, and goes on to do so
    world.crash(0);
    for _ in 0..2 {
        forget(&mut world);
        let node = &world.parties[0].node;
        assert_eq!(node.standing(channel), Some(Standing::Over));
        let view = node.channel(channel).expect("its end is remembered");
        assert_eq!((view.standing, &view.state, view.spendable), (Standing::Over, &state, 0));
        assert_eq!(node.ended().collect::<Vec<_>>(), [channel]);
        assert_eq!(node.channels().count(), 0, "its records are forgotten");
        world.crash(0);
    }
    let id = world.pay(0, channel, 1);
    assert!(matches!(reply(&world, id), Err(CommandError::UnknownChannel { .. })));
}

#[test]
fn ends_that_are_remembered_are_bounded_and_the_oldest_goes_first() {
    let mut settings = config();
    settings.limits.ended = 2;
    let mut world = World::with(2, settings);
    let channels: Vec<ChannelId> = (0..3)
        .map(|_| {
            let channel = world.open(0, 1, [50, 50]);
            world.command(0, Command::Close { channel });
            world.settle();
            forget(&mut world);
            channel
        })
        .collect();
    for _ in 0..2 {
        for party in &world.parties {
            let is_known = |it: &ChannelId| party.node.channel(*it).is_some();
            assert_eq!(channels.iter().map(is_known).collect::<Vec<_>>(), [false, true, true]);
            assert_eq!(party.store.rows(&ENDED).unwrap().count(), 2);
            let is_it = |it: &Notice| *it == Notice::Forgotten { channel: channels[0] };
            assert_eq!(party.notices.iter().filter(|it| is_it(it)).count(), 1);
        }
        world.crash(0);
        world.crash(1);
        world.settle();
    }
}
