// SPDX-License-Identifier: Apache-2.0

//! The power fails before every single output of a run. Nothing that was said is lost, and no
//! version is signed twice: the world checks every signature that leaves.

use super::{World, wants_nothing};
use crate::{Command, CommandError, OperationKey, Reply, operation::Progress};
use millrace_primitives_channels::{ChannelId, transfer::hashlock};

/// What a run does after the channel is open.
type Story = fn(&mut World, ChannelId);

fn payments(world: &mut World, channel: ChannelId) {
    for round in 0..3 {
        for party in 0..2 {
            world.pay(party, channel, 2 + round);
            world.deliver();
            world.sync(party);
        }
    }
}

fn transfers(world: &mut World, channel: ChannelId) {
    for number in 0..2_u8 {
        let lock = hashlock(&[number; 32]);
        let offer =
            |amount| Command::Offer { channel, payee: None, amount, hashlock: lock, expiry: 500 };
        world.command(number.into(), offer(3));
        world.deliver();
    }
    world.settle();
    for party in 0..2_usize {
        let view = world.parties[party].node.channel(channel).expect("it is open");
        for transfer in view.transfers.iter().filter(|it| it.payee == view.position) {
            let preimage = [u8::try_from(1 - party).expect("few"); 32];
            world.command(party, Command::Fulfil { channel, id: transfer.id, preimage });
        }
    }
}

fn closing(world: &mut World, channel: ChannelId) {
    world.pay(0, channel, 5);
    world.command(1, Command::Close { channel });
}

/// Runs a story with a crash of `crashed` before its output number `step`; says whether there was
/// one.
fn run(story: Story, crashed: usize, step: usize) -> bool {
    let (mut world, channel) = World::with_channel([100, 100]);
    world.cut_power(crashed, step);
    story(&mut world, channel);
    world.settle();
    let has_crashed = world.end_plan();
    // What was lost on the way is asked for.
    for _ in 0..3 {
        world.wait(10_000);
    }
    for _ in 0..3 {
        world.block();
    }
    verify(&world, channel, &format!("party {crashed}, step {step}"));
    has_crashed
}

fn verify(world: &World, channel: ChannelId, place: &str) {
    let [one, other] = [0, 1].map(|it: usize| world.parties[it].node.channel(channel));
    if let Some(paid) = world.court.paid.get(&channel) {
        assert_eq!(paid.iter().sum::<u128>(), 200, "{place}");
        return;
    }
    let (one, other) = (one.expect(place), other.expect(place));
    assert_eq!(one.state, other.state, "{place}");
    assert_eq!(one.state.as_ref().and_then(|it| it.total()), Some(200), "{place}");
    assert!(world.parties.iter().all(wants_nothing), "{place}");
    // Whatever was answered as paid is in a version that both have.
    let version = one.state.map_or(0, |it| it.version);
    for reply in world.parties.iter().flat_map(|it| it.replies.values()) {
        if let Ok(Reply::Paid { version: paid } | Reply::Offered { version: paid, .. }) = reply {
            assert!(*paid <= version, "{place}: version {paid} was promised, {version} is there");
        }
    }
}

fn crash_everywhere(story: Story) {
    for crashed in 0..2 {
        let mut step = 0;
        while run(story, crashed, step) {
            step += 1;
        }
        assert!(step > 5, "the story has only {step} steps for party {crashed}");
    }
}

#[test]
fn payments_survive_a_crash_before_any_output() {
    crash_everywhere(payments);
}

/// The name of a party's payment, and the payment.
fn named(channel: ChannelId, party: usize, number: u8) -> Command {
    let mut id = [number; 32];
    id[0] = u8::try_from(party).expect("few");
    let operation = Some(OperationKey { id, fingerprint: [0; 32] });
    Command::Pay { channel, payee: None, amount: 3, operation }
}

fn named_payments(world: &mut World, channel: ChannelId) {
    for number in 0..4 {
        for party in 0..2 {
            world.command(party, named(channel, party, number));
            world.deliver();
            world.sync(party);
        }
    }
    world.settle();
    // A careful owner asks again for whatever has no answer yet.
    for _ in 0..3 {
        world.wait(10_000);
    }
    for party in 0..2 {
        for number in 0..4 {
            let mut reply = None;
            while reply.is_none() {
                // Whoever asks a node whose power fails is not answered, and asks again.
                let id = world.command(party, named(channel, party, number));
                world.settle();
                reply = world.parties[party].replies.get(&id).cloned();
                reply = reply.filter(|reply| *reply != Err(CommandError::UnderWay));
                if reply.is_none() {
                    world.wait(10_000);
                }
            }
            let reply = reply.expect("it was answered");
            // What the crash made impossible to carry out is said to have failed, for ever.
            let is_decided =
                matches!(reply, Ok(Reply::Paid { .. }) | Err(CommandError::NotPossible));
            assert!(is_decided, "{reply:?}");
        }
    }
    let position = |party: usize| world.parties[party].node.channel(channel).map(|it| it.position);
    let places = [position(0), position(1)].map(|it| usize::from(it.expect("it is open")));
    let paid = [0, 1].map(|party| {
        let replies = (0..4).map(|number| {
            let mut id = [number; 32];
            id[0] = u8::try_from(party).expect("few");
            world.parties[party].node.operation(&id).map(|it| it.progress)
        });
        let done = replies.filter(|it| matches!(it, Some(Progress::Done { .. }))).count();
        u128::try_from(done).expect("few") * 3
    });
    let balances = world.parties[0].balances(channel);
    assert_eq!(balances[places[0]], 100 - paid[0] + paid[1], "DA-8: {paid:?}");
}

#[test]
fn named_payments_are_made_once_whenever_the_power_fails() {
    crash_everywhere(named_payments);
}

#[test]
fn transfers_survive_a_crash_before_any_output() {
    crash_everywhere(transfers);
}

#[test]
fn closing_survives_a_crash_before_any_output() {
    crash_everywhere(closing);
}

#[test]
fn backup_that_lags_signs_nothing_before_its_peer_was_asked() {
    // given a backup after one payment, and three more payments
    let (mut world, channel) = World::with_channel([100, 100]);
    world.pay(0, channel, 1);
    world.settle();
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    world.parties[0].store.backup(&backup).unwrap();
    for _ in 0..3 {
        world.pay(0, channel, 1);
        world.settle();
    }
    let signed = world.parties[0].signed.len();
    // when it is put back
    let home = folder.path().join("home");
    millrace_channels_store::Store::restore(&backup, &home).unwrap();
    let options = super::world::options();
    let passphrase = millrace_channels_store::Passphrase::new("test");
    world.parties[0].store =
        millrace_channels_store::Store::open(&home, &passphrase, &options).unwrap();
    world.crash(0);
    // then a payment waits until the peer has answered, and is made on the newest state
    let id = world.pay(0, channel, 5);
    assert_eq!(world.parties[0].signed.len(), signed);
    world.settle();
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Paid { .. })));
    let balances = world.parties[1].balances(channel);
    assert!(balances.contains(&91) && balances.contains(&109), "{balances:?}");
    // and what the store holds is known to be current again
    let records = world.parties[0].store.load(channel.0).unwrap().unwrap();
    assert_eq!(records.provenance, millrace_channels_store::Provenance::Current);
    world.crash(0);
    world.settle();
    let id = world.pay(0, channel, 1);
    world.settle();
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Paid { .. })));
}

#[test]
fn random_crashes_of_both_parties_lose_nothing() {
    // A small generator (xorshift64*, Vigna 2016), so that a failure replays from its seed.
    for seed in 1..=12_u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut roll = move |sides: u64| {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
        };
        let (mut world, channel) = World::with_channel([10_000, 10_000]);
        for _ in 0..300 {
            let party = usize::try_from(roll(2)).unwrap();
            match roll(12) {
                0..=3 => {
                    world.pay(party, channel, 1 + u128::from(roll(20)));
                }
                4..=6 => {
                    world.deliver();
                }
                7..=9 => {
                    world.sync(party);
                }
                10 => {
                    world.crash(party);
                }
                _ => world.wait(5_000),
            }
        }
        world.settle();
        for _ in 0..3 {
            world.wait(10_000);
        }
        let place = format!("seed {seed}");
        let [one, other] = [0, 1].map(|it| world.parties[it].balances(channel));
        assert_eq!(one, other, "{place}");
        assert_eq!(one.iter().sum::<u128>(), 20_000, "{place}");
        assert!(world.parties.iter().all(wants_nothing), "{place}");
    }
}
