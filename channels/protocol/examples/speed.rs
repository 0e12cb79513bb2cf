// SPDX-License-Identifier: Apache-2.0

//! How fast two parties in one process agree, beside the bare limit of the machine.
//!
//! ```text
//! cargo run --release -p millrace-channels-protocol --example speed
//! ```
//!
//! Each figure is one thread of this machine in this very run. A version costs four signature
//! operations, two to sign and two to verify, so "of the limit" compares it with what two bare pairs
//! of sign and verify take. Messages pass as bytes; nothing is written to disk.

use millrace_channels_protocol::{
    Agreement, Channel, Effect, Message, Signer, Source, StreamName, StreamTerms,
};
use millrace_primitives_channels::{
    AccountId, ChannelAsset, ChannelParams, Hash, Participant, params::Amounts, stream::step,
    transfer::hashlock, verify_signer,
};
use polkadot_sdk::{
    sp_core::{Pair, ed25519},
    sp_runtime::BoundedVec,
};
use std::{
    collections::VecDeque,
    error::Error,
    time::{Duration, Instant},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// How long each figure is measured.
const SPAN: Duration = Duration::from_secs(2);

fn key(position: u8) -> ed25519::Pair {
    ed25519::Pair::from_seed(&[position.wrapping_add(1); 32])
}

/// Two parties and what passes between them.
struct Table {
    parties: [Channel<ed25519::Pair>; 2],
    wire: VecDeque<(usize, Vec<u8>)>,
}

impl Table {
    fn new() -> Outcome<Self> {
        let participants = [0, 1].map(|position| Participant {
            account: AccountId::new([position; 32]),
            signer: key(position).public_key(),
        });
        let params = ChannelParams {
            participants: BoundedVec::truncate_from(participants.to_vec()),
            asset: ChannelAsset::Native,
            challenge_blocks: 10,
            open_by: 100,
            nonce: 0,
        };
        let deposits = Amounts::truncate_from(vec![1 << 100; 2]);
        let terms = Agreement::verify(Hash::zero(), params, deposits)?;
        let parties = [Channel::new(terms.clone(), key(0))?, Channel::new(terms, key(1))?];
        Ok(Self { parties, wire: VecDeque::new() })
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Send { to, message } = effect {
                self.wire.push_back((to, message.to_bytes()));
            }
        }
    }

    fn act<E: Error + 'static>(
        &mut self,
        party: usize,
        act: impl FnOnce(&mut Channel<ed25519::Pair>) -> Result<Vec<Effect>, E>,
    ) -> Outcome<()> {
        let effects = act(self.parties.get_mut(party).ok_or("no such party")?)?;
        self.carry_out(effects);
        Ok(())
    }

    /// Passes messages until nobody has anything left to say.
    fn deliver(&mut self) -> Outcome<()> {
        while let Some((to, bytes)) = self.wire.pop_front() {
            let message = Message::from_bytes(&bytes)?;
            self.act(to, |party| party.receive(1_usize.saturating_sub(to), message))?;
        }
        Ok(())
    }

    fn version(&self) -> u64 {
        self.parties[0].newest().version()
    }
}

/// Runs `work` for a while and returns how often a second it did what it counts.
fn rate(mut work: impl FnMut() -> Outcome<u64>) -> Outcome<f64> {
    let start = Instant::now();
    let mut count = 0u64;
    while start.elapsed() < SPAN {
        count = count.saturating_add(work()?);
    }
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

fn sign_and_verify() -> Outcome<f64> {
    let (pair, mut payload) = (key(0), Hash::zero());
    let public = pair.public_key();
    rate(|| {
        payload.0[0] = payload.0[0].wrapping_add(1);
        let signature = pair.sign_state(&payload);
        if verify_signer(&signature, &public, &payload) { Ok(1) } else { Err("not valid".into()) }
    })
}

/// Versions and payments a second with `batch` payments by each party at a time.
fn payments(batch: u64) -> Outcome<(f64, f64)> {
    let mut table = Table::new()?;
    let start = Instant::now();
    let paid = rate(|| {
        for payer in 0..2u8 {
            for _ in 0..batch {
                table.act(payer.into(), |party| party.pay(1u8.saturating_sub(payer), 1))?;
            }
        }
        table.deliver()?;
        Ok(batch.saturating_mul(2))
    })?;
    Ok((table.version() as f64 / start.elapsed().as_secs_f64(), paid))
}

/// Conditional transfers a second, offered and fulfilled `batch` at a time while as many others are
/// pending.
fn transfers(batch: u8) -> Outcome<f64> {
    let mut table = Table::new()?;
    for party in 0..2 {
        table.act::<std::convert::Infallible>(party, |it| Ok(it.block(100)))?;
    }
    for _ in 0..batch {
        table.act(0, |it| it.offer(1, 1, Hash::zero(), 1_000).map(|(_, effects)| effects))?;
    }
    table.deliver()?;
    rate(|| {
        let mut ids = Vec::new();
        for number in 0..batch {
            let lock = hashlock(&[number; 32]);
            ids.push(table.parties[0].next_transfer_id());
            table.act(0, |it| it.offer(1, 1, lock, 1_000).map(|(_, effects)| effects))?;
        }
        table.deliver()?;
        for (number, id) in (0..batch).zip(ids) {
            table.act(1, |it| it.fulfil(id, [number; 32]))?;
        }
        table.deliver()?;
        Ok(batch.into())
    })
}

/// Links a second, each released, sent as bytes and verified by itself, and what is left of the
/// time when `at_once` links share a message.
fn pulses(at_once: u32) -> Outcome<(f64, Duration)> {
    let mut table = Table::new()?;
    let id = table.parties[0].agreement().id();
    let made = Instant::now();
    let mut epoch = 0;
    let generate = |epoch| {
        let name = StreamName { payer: 0, payee: 1, epoch };
        let terms = StreamTerms { name, unit: 1, chains: 1 << 14, links: 64 };
        Source::generate(&Hash::zero(), &id, terms, [u8::try_from(epoch).unwrap_or(0); 32])
    };
    let mut source = generate(epoch);
    let making = made.elapsed();
    table.act(0, |party| party.open_stream(*source.stream()))?;
    table.deliver()?;
    let start = Instant::now();
    let (mut units, mut outside) = (0u64, Duration::ZERO);
    while start.elapsed().saturating_sub(outside) < SPAN {
        match table.parties[0].release(&mut source, at_once)? {
            Some(effect) => table.carry_out(vec![effect]),
            None => {
                // The next root, which is made ahead, on another core, is not measured.
                let old = StreamName::of(source.stream());
                units = units.saturating_add(table.parties[1].received(old));
                let pause = Instant::now();
                epoch = epoch.saturating_add(1);
                source = generate(epoch);
                outside = outside.saturating_add(pause.elapsed());
                table.act(0, |party| party.open_stream(*source.stream()))?;
                table.deliver()?;
                table.act(0, |party| party.fold_stream(old))?;
            }
        }
        table.deliver()?;
    }
    units = units.saturating_add(table.parties[1].received(StreamName::of(source.stream())));
    Ok((units as f64 / start.elapsed().saturating_sub(outside).as_secs_f64(), making))
}

fn main() -> Outcome<()> {
    let limit = sign_and_verify()?;
    println!("bare ed25519 sign + verify        {limit:>12.0} /s");
    let mut link = [0; 32];
    let hashes = rate(|| {
        for _ in 0..1_000 {
            link = step(&[7; 16], &link);
        }
        Ok(1_000)
    })?;
    println!("bare hash links                   {hashes:>12.0} /s");
    for batch in [1, 16, 256] {
        let (versions, paid) = payments(batch)?;
        let share = 100.0 * versions / (limit / 2.0);
        println!(
            "{batch:>3} payments each at a time       {versions:>12.0} versions/s, {share:.0} % of \
             the limit, {paid:.0} payments/s"
        );
    }
    for batch in [1, 16, 120] {
        let rate = transfers(batch)?;
        println!("{batch:>3} conditional transfers at a time{rate:>12.0} offered and paid/s");
    }
    for at_once in [1, 64] {
        let (rate, making) = pulses(at_once)?;
        println!(
            "{at_once:>3} links a message, both sides     {rate:>12.0} links/s (2^20 links made in \
             {:.0} ms)",
            making.as_secs_f64() * 1e3
        );
    }
    Ok(())
}
