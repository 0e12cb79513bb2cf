// SPDX-License-Identifier: Apache-2.0

//! A node of the chain says of channels that live that they are gone, now and then with a crash in
//! between. Nobody may be told that a payment has failed which is made after all (DA-8, DA-10).

use super::{
    World,
    forwarding::{DEPOSIT, invoice, line, pay, verify_clean, wealth},
};
use crate::{
    Command, CommandError, Notice, OperationKey, Reply, input::CommandId, node::Standing,
    operation::Progress, routed::PaymentProgress,
};
use millrace_primitives_channels::{Balance, ChannelId, resize::Deltas};

const NAME: OperationKey = OperationKey { id: [1; 32], fingerprint: [2; 32] };

/// When a party that was misled loses its power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Crash {
    Never,
    /// Before what it says of the payment is on its disk.
    AtOnce,
    /// After that.
    Later,
}

const CRASHES: [Crash; 3] = [Crash::Never, Crash::AtOnce, Crash::Later];

fn named(channel: ChannelId) -> Command {
    Command::Pay { channel, payee: None, amount: 5, operation: Some(NAME) }
}

/// A named payment of 5 that one party has signed or asked for; whether its peer has it is said.
fn begin(world: &mut World, payer: usize, channel: ChannelId, has_arrived: bool) -> CommandId {
    let id = world.command(payer, named(channel));
    world.sync(payer);
    assert!(!world.wire.is_empty(), "it is on its way");
    if has_arrived {
        world.deliver();
        world.sync(1 - payer);
    }
    world.wire.clear();
    id
}

fn progress(world: &World, party: usize) -> Progress {
    world.parties[party].node.operation(&NAME.id).expect("it is remembered").progress
}

/// What a party has in a channel.
fn own(world: &World, party: usize, channel: ChannelId) -> Balance {
    let view = world.parties[party].node.channel(channel).expect("it is known");
    view.state.expect("it is open").balances[usize::from(view.position)]
}

/// Lets blocks pass until a party has forgotten a channel.
fn forget(world: &mut World, party: usize, channel: ChannelId) {
    while world.parties[party].store.load(channel.0).expect("readable").is_some() {
        assert!(world.court.height < 170, "it is forgotten some time");
        world.block();
    }
}

/// Asks for what was lost.
fn calm_down(world: &mut World) {
    world.settle();
    for _ in 0..3 {
        world.wait(10_000);
    }
}

#[test]
fn payment_in_a_channel_that_was_only_said_to_be_gone_is_made_and_never_told_as_failed() {
    for payer in 0..2 {
        for has_arrived in [false, true] {
            for crash in CRASHES {
                let place = format!("party {payer}, {has_arrived}, {crash:?}");
                // given a payment that was signed or asked for
                let (mut world, channel) = World::with_channel([70, 30]);
                let id = begin(&mut world, payer, channel, has_arrived);
                // when the chain's node says that the channel is gone
                world.mislead(payer, channel);
                if crash != Crash::AtOnce {
                    // then nobody knows
                    while world.sync(payer) {}
                    let reply = &world.parties[payer].replies[&id];
                    assert_eq!(*reply, Err(CommandError::Uncertain), "{place}");
                    assert_eq!(progress(&world, payer), Progress::Suspended, "{place}");
                    let again = world.command(payer, named(channel));
                    let reply = &world.parties[payer].replies[&again];
                    assert_eq!(*reply, Err(CommandError::Uncertain), "{place}");
                }
                // and when it turns out to live
                match crash {
                    Crash::Never => world.tell_state(payer, channel),
                    Crash::AtOnce | Crash::Later => world.crash(payer),
                }
                calm_down(&mut world);
                // then the payment has gone on, once, and both sides say so
                assert!(matches!(progress(&world, payer), Progress::Done { .. }), "{place}");
                assert_eq!(own(&world, payer, channel), [70, 30][payer] - 5, "{place}");
                let again = world.command(payer, named(channel));
                let reply = &world.parties[payer].replies[&again];
                assert!(matches!(reply, Ok(Reply::Paid { .. })), "{place}: {reply:?}");
                world.crash(payer);
                calm_down(&mut world);
                assert!(matches!(progress(&world, payer), Progress::Done { .. }), "{place}");
                let [one, other] =
                    [0, 1].map(|party: usize| world.parties[party].balances(channel));
                assert_eq!(one, other, "{place}");
            }
        }
    }
}

#[test]
fn payment_that_nobody_was_asked_for_has_failed_and_stays_so() {
    for crash in CRASHES {
        // given two payments, of which the second one waits for the first
        let (mut world, channel) = World::with_channel([70, 30]);
        world.pay(0, channel, 3);
        let id = world.command(0, named(channel));
        world.mislead(0, channel);
        if crash != Crash::AtOnce {
            while world.sync(0) {}
            assert_eq!(world.parties[0].replies[&id], Err(CommandError::NotPossible));
        }
        match crash {
            Crash::Never => world.tell_state(0, channel),
            Crash::AtOnce | Crash::Later => world.crash(0),
        }
        calm_down(&mut world);
        // A name that was lost before it was written down may be used again.
        let known = world.parties[0].node.operation(&NAME.id).map(|it| it.progress);
        assert!(crash == Crash::AtOnce || known == Some(Progress::Failed), "{crash:?}: {known:?}");
        assert!(matches!(known, None | Some(Progress::Failed)), "{crash:?}: {known:?}");
        assert!([70, 67].contains(&own(&world, 0, channel)), "{crash:?}");
    }
}

#[test]
fn what_became_of_a_payment_is_decided_once_final_blocks_have_proven_the_end() {
    for payer in 0..2 {
        for has_crashed in [false, true] {
            // given a payment that nobody has heard of, and a chain that has lost its channel
            let (mut world, channel) = World::with_channel([70, 30]);
            begin(&mut world, payer, channel, false);
            let is_signed = world.parties[payer].signed.contains_key(&(channel, 1));
            world.court.cases.clear();
            world.mislead(payer, channel);
            world.settle();
            if has_crashed {
                world.crash(payer);
                world.settle();
            }
            // when blocks pass until its opening cannot come any more
            assert_eq!(progress(&world, payer), Progress::Suspended);
            forget(&mut world, payer, channel);
            // then only what was signed is in doubt
            let said = if is_signed { Progress::Uncertain } else { Progress::Failed };
            for _ in 0..2 {
                assert_eq!(progress(&world, payer), said, "party {payer}, {has_crashed}");
                world.crash(payer);
                world.settle();
            }
        }
    }
}

#[test]
fn channel_that_a_node_does_not_show_at_a_start_is_not_forgotten_at_once() {
    // given a channel whose opening is long ago, and a payment that was asked for
    let (mut world, channel) = World::with_channel([70, 30]);
    while world.court.height < 200 {
        world.block();
    }
    let payer = 0;
    begin(&mut world, payer, channel, true);
    // when its party starts beside a node that does not show it in the newest final block
    let at = world.court.height;
    world.crash_behind(payer, at);
    world.settle();
    assert_eq!(world.parties[payer].node.standing(channel), Some(Standing::Over));
    assert!(world.parties[payer].store.load(channel.0).unwrap().is_some(), "its records are kept");
    assert_eq!(progress(&world, payer), Progress::Suspended);
    // then everything goes on as soon as it is shown
    world.tell_state(payer, channel);
    calm_down(&mut world);
    assert!(matches!(progress(&world, payer), Progress::Done { .. }));
    assert_eq!(own(&world, payer, channel), 65);
}

#[test]
fn node_that_misleads_again_and_again_changes_nothing() {
    for payer in 0..2 {
        let (mut world, channel) = World::with_channel([70, 30]);
        begin(&mut world, payer, channel, true);
        for round in 0..6 {
            world.mislead(payer, channel);
            while world.sync(payer) {}
            if round % 2 == 0 {
                // Its peer goes on meanwhile, and is not heard.
                world.settle();
            }
            match round % 3 {
                0 => world.crash(payer),
                1 => world.tell_state(payer, channel),
                _ => {
                    let at = world.court.height;
                    world.crash_behind(payer, at);
                }
            }
        }
        world.tell_state(payer, channel);
        calm_down(&mut world);
        assert!(matches!(progress(&world, payer), Progress::Done { .. }), "party {payer}");
        assert_eq!(own(&world, payer, channel), [70, 30][payer] - 5);
    }
}

#[test]
fn resize_in_a_channel_that_was_only_said_to_be_gone_is_told_as_the_chain_has_it() {
    for party in 0..2 {
        for is_taken in [false, true] {
            for crash in CRASHES {
                let place = format!("party {party}, {is_taken}, {crash:?}");
                // given a resize that was signed or asked for
                let (mut world, channel) = World::with_channel([100, 100]);
                let position = world.parties[party].node.channel(channel).unwrap().position;
                let mut deltas = vec![0; 2];
                deltas[usize::from(position)] = 50;
                let deltas = Deltas::truncate_from(deltas);
                let operation = Some(NAME);
                let id = world
                    .command(party, Command::Resize { channel, deltas, within: 20, operation });
                world.sync(party);
                world.court.is_closed = !is_taken;
                // when its party is misled while it goes on
                world.mislead(party, channel);
                if crash != Crash::AtOnce {
                    while world.sync(party) {}
                    let reply = &world.parties[party].replies[&id];
                    assert_eq!(*reply, Err(CommandError::Uncertain), "{place}");
                }
                match crash {
                    Crash::Never => world.tell_state(party, channel),
                    Crash::AtOnce | Crash::Later => world.crash(party),
                }
                calm_down(&mut world);
                for _ in 0..25 {
                    world.block();
                }
                // then it is told as it is
                let deposit = world.court.standing(channel).expect("it lives").deposit;
                match progress(&world, party) {
                    Progress::Done { .. } => assert_eq!(deposit, 250, "{place}"),
                    Progress::Failed => assert_eq!(deposit, 200, "{place}"),
                    other => panic!("{place}: {other:?}"),
                }
                assert_eq!(deposit == 250, is_taken, "{place}");
            }
        }
    }
}

#[test]
fn hop_that_was_misled_for_long_keeps_the_payers_part_until_the_next_one_has_expired() {
    // given a payment under way over a hop
    let (mut world, channels) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    let id = pay(&mut world, 0, &invoice);
    let is_paid = |it: &Notice| matches!(it, Notice::InvoicePaid { .. });
    world.step_until(|world| world.parties[2].was_told(is_paid));
    world.disconnect(2);
    world.settle();
    // when the chain's node says for so long that the channel to the payee is gone that the hop believes
    // it, and the hop starts again
    world.mislead(1, channels[1]);
    forget(&mut world, 1, channels[1]);
    world.crash(1);
    world.disconnect(2);
    calm_down(&mut world);
    // then the payer's part stays, as the payee may yet show the preimage
    assert_eq!(world.parties[0].node.channel(channels[0]).unwrap().transfers.len(), 1);
    assert!(!world.parties[0].replies.contains_key(&id), "DA-10");
    // and when it does, the hop has what it is owed
    world.command(2, Command::ForceClose { channel: channels[1] });
    for _ in 0..5 {
        world.block();
    }
    calm_down(&mut world);
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Ok(Reply::Delivered { fee: 10, .. })), "{reply:?}");
    let paid = world.parties[1].balances(channels[0]);
    assert!(paid.contains(&(DEPOSIT + 10_010)), "DA-9: {paid:?}");
}

#[test]
fn payer_that_was_misled_for_long_says_nothing_before_its_part_has_expired() {
    for has_crashed in [false, true] {
        // given a payment whose only part is with a neighbour that says nothing more
        let (mut world, channels) = line(3);
        let invoice = invoice(&mut world, 2, 10_000);
        let id = pay(&mut world, 0, &invoice);
        world.step_until(|world| {
            !world.parties[0].node.channel(channels[0]).expect("open").transfers.is_empty()
        });
        world.disconnect(1);
        world.settle();
        let view = world.parties[0].node.channel(channels[0]).expect("open");
        let expiry = view.transfers[0].expiry;
        // when the channel is said to be gone until that is believed
        world.mislead(0, channels[0]);
        forget(&mut world, 0, channels[0]);
        if has_crashed {
            world.crash(0);
            world.disconnect(1);
        }
        calm_down(&mut world);
        // then the payment has not failed before its part can be claimed by nobody any more
        let lock = invoice.terms().hashlock;
        while world.court.height < expiry {
            let payment = world.parties[0].node.payment(&lock).expect("it is known");
            assert_eq!(payment.progress, PaymentProgress::UnderWay, "DA-10");
            assert!(has_crashed || !world.parties[0].replies.contains_key(&id));
            world.block();
        }
        let payment = world.parties[0].node.payment(&lock).expect("it is known");
        assert!(matches!(payment.progress, PaymentProgress::Failed { .. }), "{payment:?}");
    }
}

#[test]
fn parts_that_were_only_asked_for_come_back_when_their_channel_is_forgotten() {
    for payer in [0, 1] {
        // given a part of a payment that its payer has signed or asked for, and nobody has heard of
        let (mut world, channel) = World::with_channel([DEPOSIT, DEPOSIT]);
        world.wait(60_000);
        let invoice = invoice(&mut world, 1 - payer, 10_000);
        let id = pay(&mut world, payer, &invoice);
        while world.sync(payer) {}
        world.wire.clear();
        let is_signed = world.parties[payer].signed.contains_key(&(channel, 1));
        // when final blocks have proven that the channel is gone
        world.court.cases.clear();
        world.mislead(payer, channel);
        forget(&mut world, payer, channel);
        world.wait(10_000);
        // then it has failed, unless somebody may have the signature
        assert_eq!(world.parties[payer].replies.contains_key(&id), !is_signed, "party {payer}");
        for _ in 0..1_500 {
            world.block();
        }
        let reply = &world.parties[payer].replies[&id];
        assert!(matches!(reply, Err(CommandError::NotPaid { .. })), "{reply:?}");
    }
}

#[test]
fn what_was_paid_at_an_end_that_never_was_is_forgotten() {
    use crate::{
        Input, News,
        input::{Payout, Seen, Sight},
    };
    // given a node that shows a closing as final, with what it has paid
    let (mut world, channel) = World::with_channel([70, 30]);
    begin(&mut world, 0, channel, true);
    let payout = Payout::Balances { version: 0, amounts: vec![70, 30] };
    world.input(0, Input::News(News::Paid { id: channel, payout }));
    let over = News::Channel { id: channel, what: Sight::Over, seen: Seen::Final };
    world.input(0, Input::News(over));
    world.settle();
    assert_eq!(progress(&world, 0), Progress::Failed, "a final block has shown it");
    // when blocks contradict that
    world.tell_state(0, channel);
    calm_down(&mut world);
    // then what was said is put right
    assert!(matches!(progress(&world, 0), Progress::Done { .. }));
    assert_eq!(own(&world, 0, channel), 65);
    // and the next end is judged by itself
    world.mislead(0, channel);
    let view = world.parties[0].node.channel(channel).expect("it is kept for a while");
    assert_eq!((view.standing, view.settled), (Standing::Over, None));
    world.tell_state(0, channel);
    calm_down(&mut world);
    verify_clean(&world, "the end");
    assert_eq!(wealth(&world, 0) + wealth(&world, 1), 100);
}
