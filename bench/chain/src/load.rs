// SPDX-License-Identifier: Apache-2.0

//! The load itself: which account sends what, signed ahead on all cores.

use crate::{
    accounts::Account,
    ledger::{Kind, Ledger},
    signing::Writer,
};
use anyhow::Context;
use millrace_bench_machine::cores;
use millrace_primitives_channels::Hash;
use polkadot_sdk::sp_io::hashing::blake2_256;
use std::{collections::VecDeque, sync::Arc, thread};

/// A transaction that waits to be sent.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Its number in the ledger.
    pub number: usize,
    /// Its account.
    pub account: u32,
    /// Its bytes, as text.
    pub text: Arc<str>,
}

/// What is to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many transactions.
    pub count: u32,
    /// How many of a hundred open a channel.
    pub channels: u32,
}

impl Plan {
    /// What the transaction of this number does. Openings are spread evenly.
    fn kind(self, number: u32) -> Kind {
        let before = |it: u32| u64::from(it) * u64::from(self.channels) / 100;
        if before(number + 1) > before(number) { Kind::Open } else { Kind::Transfer }
    }
}

/// Who takes part in a load. Accounts send in turn, each to the one after it.
pub struct Senders {
    accounts: Vec<Account>,
    /// The nonce of each account's first transaction.
    nonces: Vec<u32>,
}

impl Senders {
    /// Accounts with the nonces that the chain has for them.
    pub fn new(accounts: Vec<Account>, nonces: Vec<u32>) -> Self {
        Self { accounts, nonces }
    }

    /// The transaction of this number.
    fn write(&self, writer: &Writer, plan: Plan, number: u32) -> anyhow::Result<(u32, Vec<u8>)> {
        let count = u32::try_from(self.accounts.len())?;
        let (turn, account) = (number / count, number % count);
        let at = |place: u32| self.accounts.get(place as usize).context("an account is missing");
        let (from, to) = (at(account)?, at((account + 1) % count)?);
        let first = self.nonces.get(account as usize).context("a nonce is missing")?;
        let nonce = first + turn;
        let transaction = match plan.kind(number) {
            Kind::Transfer | Kind::Other => writer.transfer(from, to, nonce),
            Kind::Open => {
                let name = (u64::from(nonce) << 32) | u64::from(account);
                let open = writer.open(from, to, name, nonce);
                open.context("this load is not prepared to open channels")?
            }
        };
        Ok((account, transaction))
    }

    /// Signs a load, on all cores, and notes it. One queue for each connection: an account always
    /// sends over the same one, so that its transactions arrive in their order.
    pub fn sign(
        &self,
        writer: &Writer,
        plan: Plan,
        connections: usize,
    ) -> anyhow::Result<(Ledger, Vec<VecDeque<Prepared>>)> {
        let signed = on_all_cores(plan.count, |number| self.write(writer, plan, number))?;
        let mut ledger = Ledger::default();
        let mut queues = vec![VecDeque::new(); connections.max(1)];
        for (number, (account, transaction)) in (0..).zip(signed) {
            let hash = Hash::from(blake2_256(&transaction));
            let number = ledger.sign(hash, account, plan.kind(number));
            let text = format!("0x{}", hex::encode(transaction)).into();
            let queue = account as usize % queues.len();
            if let Some(queue) = queues.get_mut(queue) {
                queue.push_back(Prepared { number, account, text });
            }
        }
        Ok((ledger, queues))
    }
}

/// What `make` makes of all numbers below `count`, in their order.
/// Errors: the first of `make`.
pub fn on_all_cores<T: Send>(
    count: u32,
    make: impl Fn(u32) -> anyhow::Result<T> + Sync,
) -> anyhow::Result<Vec<T>> {
    let threads = u32::try_from(cores())?;
    let part = |thread: u32| -> anyhow::Result<Vec<_>> {
        let (first, end) = (share(count, thread, threads), share(count, thread + 1, threads));
        (first..end).map(&make).collect()
    };
    let parts = thread::scope(|scope| {
        let part = &part;
        let running: Vec<_> =
            (0..threads).map(|thread| scope.spawn(move || part(thread))).collect();
        let ended = running.into_iter().map(|it| it.join().ok().context("a thread panicked")?);
        ended.collect::<anyhow::Result<Vec<_>>>()
    })?;
    Ok(parts.into_iter().flatten().collect())
}

/// Where the part of this number begins, of `parts` parts that are about equal.
fn share(count: u32, part: u32, parts: u32) -> u32 {
    let place = u64::from(count) * u64::from(part) / u64::from(parts.max(1));
    u32::try_from(place).unwrap_or(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn channels_are_spread_evenly() {
        let plan = Plan { count: 1_000, channels: 20 };
        let opens =
            |first: u32| (first..first + 10).filter(|it| plan.kind(*it) == Kind::Open).count();
        assert!((0..100).all(|part| opens(part * 10) == 2));
        let none = Plan { count: 1_000, channels: 0 };
        assert!((0..1_000).all(|it| none.kind(it) == Kind::Transfer));
        let all = Plan { count: 1_000, channels: 100 };
        assert!((0..1_000).all(|it| all.kind(it) == Kind::Open));
    }

    #[test]
    fn shares_cover_everything_once() {
        let ends: Vec<_> = (0..=3).map(|part| share(10, part, 3)).collect();
        assert_eq!(ends, [0, 3, 6, 10]);
        assert_eq!(share(u32::MAX, 7, 7), u32::MAX);
        assert_eq!(on_all_cores(5, |number| Ok(number * 2)).unwrap(), [0, 2, 4, 6, 8]);
        assert!(on_all_cores(5, |number| if number < 4 { Ok(()) } else { bail!("four") }).is_err());
    }
}
