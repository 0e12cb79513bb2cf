// SPDX-License-Identifier: Apache-2.0

//! Payments over several channels: they arrive, or every part comes back, and who forwards never
//! loses (DA-9).
//!
//! | chapter | what it holds |
//! |---|---|
//! | `arriving` | what payers and payees see |
//! | `splitting` | several ways, and several parts |
//! | `abusing` | packets that lie, terms that cannot be kept, neighbours that fail too often |
//! | `opening` | packets that come before their transfers |
//! | `surviving` | peers that vanish, power that fails, disks that are full |
//! | `wandering` | all of that at random |

mod abusing;
mod arriving;
mod opening;
mod splitting;
mod surviving;
mod wandering;

use super::{World, wants_nothing, world::config};
use crate::{Command, Config, Reply, routed::HANDED};
use millrace_channels_routing::{Invoice, invoices::Description};
use millrace_primitives_channels::{Balance, ChannelId};

pub const DEPOSIT: Balance = 100_000;

/// Parties in a row with a public channel between each two neighbours.
pub fn line(parties: usize) -> (World, Vec<ChannelId>) {
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

pub fn invoice(world: &mut World, party: usize, amount: Balance) -> Box<Invoice> {
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

pub fn pay(world: &mut World, party: usize, invoice: &Invoice) -> u64 {
    let invoice = Box::new(invoice.clone());
    let max_fee = 10_000;
    world.command(party, Command::PayInvoice { invoice, amount: None, max_fee, operation: None })
}

/// What a party has in all its channels.
pub fn wealth(world: &World, party: usize) -> Balance {
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
pub fn verify_clean(world: &World, place: &str) {
    assert_eq!(transfers(world), 0, "{place}");
    for (number, party) in world.parties.iter().enumerate() {
        assert!(wants_nothing(party), "{place}: party {number}");
        let rows = party.store.rows(&HANDED).unwrap().count();
        assert_eq!(rows, 0, "{place}: party {number} keeps {rows} rows");
    }
}
