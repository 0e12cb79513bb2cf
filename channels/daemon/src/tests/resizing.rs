// SPDX-License-Identifier: Apache-2.0

//! Deposits change while a channel lives, and each named change moves money once.

use super::{World, world::config};
use crate::{
    Command, CommandError, Notice, OperationKey, Reply, ResizeAcceptance, ResizeRefusal,
    operation::Progress,
};
use millrace_primitives_channels::{ChannelId, resize::Deltas};

const NAME: OperationKey = OperationKey { id: [1; 32], fingerprint: [2; 32] };

/// A resize by a party in the first place, whose position in the channel decides the order.
fn resize(world: &World, party: usize, channel: ChannelId, delta: i128) -> Command {
    let position = world.parties[party].node.channel(channel).expect("it is open").position;
    let mut deltas = vec![0; 2];
    deltas[usize::from(position)] = delta;
    let deltas = Deltas::truncate_from(deltas);
    Command::Resize { channel, deltas, within: 20, operation: Some(NAME) }
}

fn own(world: &World, party: usize, channel: ChannelId) -> u128 {
    let view = world.parties[party].node.channel(channel).expect("it is open");
    view.state.expect("it is agreed").balances[usize::from(view.position)]
}

#[test]
fn deposits_grow_and_shrink_and_payments_go_on() {
    for party in 0..2 {
        for (delta, left) in [(50, 150), (-30, 70)] {
            let (mut world, channel) = World::with_channel([100, 100]);
            let command = resize(&world, party, channel, delta);
            let id = world.command(party, command.clone());
            world.settle();
            world.block();
            assert!(
                matches!(world.parties[party].replies[&id], Ok(Reply::Resized { .. })),
                "{:?}",
                world.parties[party].replies[&id]
            );
            assert_eq!(own(&world, party, channel), left);
            assert_eq!(world.court.standing(channel).unwrap().deposit, left + 100);
            // Asking again moves nothing.
            let again = world.command(party, command);
            world.settle();
            assert_eq!(
                world.parties[party].replies[&again],
                world.parties[party].replies[&id].clone()
            );
            let paid = world.pay(party, channel, 10);
            world.settle();
            assert!(matches!(world.parties[party].replies[&paid], Ok(Reply::Paid { .. })));
            for closer in 0..2 {
                world.command(closer, Command::Close { channel });
            }
            world.settle();
            world.block();
            world.block();
            assert_eq!(world.court.paid[&channel].iter().sum::<u128>(), left + 100);
        }
    }
}

#[test]
fn resize_of_the_peer_answers_nobody_elses() {
    let (mut world, channel) = World::with_channel([100, 100]);
    let command = resize(&world, 0, channel, 50);
    let id = world.command(0, command);
    let other = match resize(&world, 1, channel, 20) {
        Command::Resize { channel, deltas, within, .. } => {
            let key = OperationKey { id: [9; 32], ..NAME };
            Command::Resize { channel, deltas, within, operation: Some(key) }
        }
        _ => unreachable!(),
    };
    let other = world.command(1, other);
    world.settle();
    for _ in 0..25 {
        world.block();
    }
    // Each is answered once: what was taken is counted, and what lapsed is not.
    let mut sum = 200;
    for (party, id, amount) in [(0, id, 50), (1, other, 20)] {
        match &world.parties[party].replies[&id] {
            Ok(Reply::Resized { .. }) => sum += amount,
            Err(CommandError::Lapsed) => {}
            reply => panic!("{reply:?}"),
        }
    }
    assert!(sum > 200, "one of them is taken at least");
    assert_eq!(world.court.standing(channel).unwrap().deposit, sum);
    assert_eq!(own(&world, 0, channel) + own(&world, 1, channel), sum);
}

#[test]
fn resizes_one_after_the_other_take_a_block_each() {
    let (mut world, channel) = World::with_channel([100, 100]);
    for (number, party) in [0, 1, 1, 0, 0, 1].into_iter().enumerate() {
        let Command::Resize { channel, deltas, within, .. } = resize(&world, party, channel, 10)
        else {
            unreachable!()
        };
        let id = [u8::try_from(number).expect("few"); 32];
        let operation = Some(OperationKey { id, ..NAME });
        let command = Command::Resize { channel, deltas, within, operation };
        let id = world.command(party, command);
        world.settle();
        world.block();
        let reply = world.parties[party].replies.get(&id);
        assert!(matches!(reply, Some(Ok(Reply::Resized { .. }))), "{number}: {reply:?}");
    }
    assert_eq!(world.court.standing(channel).unwrap().deposit, 260);
}

#[test]
fn resize_that_no_block_takes_is_void() {
    let (mut world, channel) = World::with_channel([100, 100]);
    world.court.is_closed = true;
    let command = resize(&world, 0, channel, 50);
    let id = world.command(0, command.clone());
    world.settle();
    for _ in 0..21 {
        assert!(!world.parties[0].replies.contains_key(&id));
        world.block();
    }
    assert_eq!(world.parties[0].replies[&id], Err(CommandError::Lapsed));
    let known = world.parties[0].node.operation(&NAME.id).expect("it is remembered");
    assert_eq!(known.progress, Progress::Failed);
    // The same name does not try again, and payments go on.
    let again = world.command(0, command);
    let paid = world.pay(0, channel, 10);
    world.settle();
    assert_eq!(world.parties[0].replies[&again], Err(CommandError::NotPossible));
    assert!(matches!(world.parties[0].replies[&paid], Ok(Reply::Paid { .. })));
    assert_eq!(own(&world, 0, channel), 90);
}

/// A resize with a crash of `crashed` before its output number `step`; says whether there was one.
fn run(delta: i128, crashed: usize, step: usize) -> bool {
    let (mut world, channel) = World::with_channel([100, 100]);
    world.cut_power(crashed, step);
    let command = resize(&world, 0, channel, delta);
    world.command(0, command.clone());
    world.settle();
    world.block();
    let has_crashed = world.end_plan();
    world.wait(11_000);
    for _ in 0..25 {
        world.block();
    }
    world.wait(11_000);
    // Whatever was lost, the name says what the chain says.
    let deposit = world.court.standing(channel).expect("it is open").deposit;
    let known = world.parties[0].node.operation(&NAME.id).map(|it| it.progress);
    match known {
        Some(Progress::Done { .. }) => assert_eq!(deposit, 200u128.strict_add_signed(delta)),
        Some(Progress::Failed) | None => assert_eq!(deposit, 200),
        other => panic!("{other:?} after a crash at {step}"),
    }
    assert_eq!(own(&world, 0, channel) + own(&world, 1, channel), deposit);
    assert!(!world.parties[0].was_told(|it| matches!(it, Notice::ConsentNeeded { .. })));
    // Asked for once more, it moves money once.
    let again = world.command(0, command);
    world.settle();
    for _ in 0..3 {
        world.block();
    }
    if known.is_none() {
        assert!(matches!(world.parties[0].replies[&again], Ok(Reply::Resized { .. })));
    } else {
        assert_eq!(world.court.standing(channel).expect("it is open").deposit, deposit);
    }
    let paid = world.pay(0, channel, 1);
    world.settle();
    assert!(matches!(world.parties[0].replies[&paid], Ok(Reply::Paid { .. })));
    has_crashed
}

#[test]
fn no_crash_makes_a_resize_happen_twice_or_be_forgotten() {
    for (delta, crashed) in [(50, 0), (50, 1), (-30, 0), (-30, 1)] {
        let mut step = 0;
        while run(delta, crashed, step) {
            step += 1;
        }
        assert!(step > 3, "party {crashed} does more than {step} things");
    }
}

/// Two parties with these settings, and a channel with 100 of each.
fn settled_for(resizes: ResizeAcceptance) -> (World, ChannelId) {
    let mut settings = config();
    settings.acceptance.resizes = resizes;
    let mut world = World::with(2, settings);
    let channel = world.open(0, 1, [100, 100]);
    (world, channel)
}

#[test]
fn resize_of_the_peer_is_accepted_within_the_owners_settings_and_not_beyond() {
    let within = ResizeAcceptance { within: 20, rest_min: 60 };
    let short = ResizeAcceptance { within: 19, ..within };
    let too_long = ResizeRefusal::TooLong { blocks: 20, most: 19 };
    let too_little = ResizeRefusal::TooLittleLeft { left: 59, least: 60 };
    for (resizes, delta, refusal) in [
        (within, 50, None),
        (within, -40, None),
        (within, -41, Some(too_little)),
        (short, 50, Some(too_long)),
    ] {
        // Whoever proposes the next version asks for the one after it.
        for party in 0..2 {
            let (mut world, channel) = settled_for(resizes);
            let command = resize(&world, party, channel, delta);
            let id = world.command(party, command);
            world.settle();
            // A refusal is told without a block.
            let is_refused = world.parties[party].replies.contains_key(&id);
            assert_eq!(is_refused, refusal.is_some(), "{delta} by {party}");
            // The connection is lost and made anew, so that everything is said again.
            world.disconnect(party);
            world.connect(0, 1);
            world.settle();
            for _ in 0..21 {
                world.block();
            }
            let reply = world.parties[party].replies[&id].clone();
            let deposit = world.court.standing(channel).expect("it is open").deposit;
            let mut told = world.parties[1 - party].notices.iter().filter_map(|it| match it {
                Notice::ResizeRefused { reason, .. } => Some(*reason),
                _ => None,
            });
            assert_eq!((told.next(), told.next()), (refusal, None), "{delta} by {party}");
            if refusal.is_none() {
                assert!(matches!(reply, Ok(Reply::Resized { .. })), "{reply:?}");
                assert_eq!(deposit, 200_u128.strict_add_signed(delta));
            } else {
                assert_eq!((reply, deposit), (Err(CommandError::ResizeRefused), 200));
            }
            // then payments go on, both ways
            world.wait(11_000);
            for payer in 0..2 {
                let paid = world.pay(payer, channel, 1);
                world.settle();
                let reply = world.parties[payer].replies.get(&paid);
                assert!(matches!(reply, Some(Ok(Reply::Paid { .. }))), "{delta}: {reply:?}");
            }
        }
    }
}
