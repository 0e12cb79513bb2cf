// SPDX-License-Identifier: Apache-2.0

//! What the parties of a channel have agreed on, kept a second time and beside their machines.
//!
//! The book knows what users asked for, and the changes of every state that an honest party signed.
//! Once a state counts, because an honest party holds all signatures under it or the chain carries it
//! out, the book applies its changes by its own arithmetic and compares (SI-3, SI-4).

use crate::failing::{Broken, ensure};
use millrace_channels_protocol::{Change, StreamName, message::Proposal};
use millrace_primitives_channels::{Balance, ChannelState, Hash, Stream, Transfer, resize::Deltas};
use std::collections::{BTreeMap, BTreeSet};

/// What became of a conditional transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leg {
    /// It is part of a state that counts.
    Open,
    /// Its payee was paid.
    Paid,
    /// Its payer has it back.
    Returned,
}

/// What a user asked for, and has not been carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wish {
    Pay { payer: u8, payee: u8, amount: Balance },
    Offer { payer: u8, lock: Hash, amount: Balance },
    Stream(StreamName),
}

/// What counts in one channel.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) version: u64,
    pub(crate) balances: Vec<Balance>,
    pub(crate) transfers: BTreeMap<u64, Transfer>,
    pub(crate) streams: BTreeMap<StreamName, Stream>,
    /// What became of each transfer, by id and lock: villains use an id twice.
    pub(crate) legs: BTreeMap<(u64, Hash), (Transfer, Leg)>,
    /// States above the newest one that count, as honest parties signed them.
    signed: BTreeMap<u64, Vec<Proposal>>,
    wishes: BTreeMap<Wish, u32>,
    /// The most units that the honest payer of a stream has released.
    pub(crate) released: BTreeMap<StreamName, u64>,
    /// Positions whose words are checked.
    honest: BTreeSet<u8>,
    /// The number of payments that were made.
    pub(crate) payments: u64,
}

impl Book {
    /// The book of a channel that was just opened.
    pub(crate) fn new(deposits: &[Balance], honest: BTreeSet<u8>) -> Self {
        Self {
            version: 0,
            balances: deposits.to_vec(),
            transfers: BTreeMap::new(),
            streams: BTreeMap::new(),
            legs: BTreeMap::new(),
            signed: BTreeMap::new(),
            wishes: BTreeMap::new(),
            released: BTreeMap::new(),
            honest,
            payments: 0,
        }
    }

    /// A user asks for something.
    pub(crate) fn wish(&mut self, wish: Wish) {
        *self.wishes.entry(wish).or_default() += 1;
    }

    /// The machine refused to do it.
    pub(crate) fn unwish(&mut self, wish: Wish) {
        if let Some(left) = self.wishes.get_mut(&wish) {
            *left = left.saturating_sub(1);
        }
    }

    /// An honest party has written down that it signed a state.
    pub(crate) fn note_signed(&mut self, proposal: &Proposal) {
        let version = proposal.state.version;
        let known = self.signed.entry(version).or_default();
        if version > self.version && !known.iter().any(|it| it.state == proposal.state) {
            known.push(proposal.clone());
        }
    }

    /// A state counts from now on. `is_released`: whether the payee of a lock has shown its preimage.
    pub(crate) fn agree(
        &mut self,
        state: &ChannelState,
        is_released: impl Fn(&Hash) -> bool,
    ) -> Result<(), Broken> {
        while self.version < state.version {
            let next = self.version + 1;
            let candidates = self.signed.remove(&next).unwrap_or_default();
            let is_last = next == state.version;
            let proposal = candidates.into_iter().find(|it| !is_last || it.state == *state);
            let Some(proposal) = proposal else {
                let what = format!("version {next} counts and no honest party wrote it down");
                return Err(Broken::new("SI-6", what));
            };
            for change in &proposal.changes {
                self.apply(change, &is_released)?;
            }
            self.version = next;
            self.compare(&proposal.state)?;
        }
        self.signed = self.signed.split_off(&(self.version + 1));
        Ok(())
    }

    /// The chain has taken a resize.
    pub(crate) fn resize(&mut self, version: u64, deltas: &Deltas) -> Result<(), Broken> {
        ensure(version == self.version + 1, "SI-3", || {
            format!("version {} was agreed beside a resize to {version}", self.version)
        })?;
        for (balance, delta) in self.balances.iter_mut().zip(deltas) {
            let after = balance.checked_add_signed(*delta);
            *balance = after.ok_or_else(|| {
                Broken::new("SI-3", format!("the resize to {version} takes out what is not there"))
            })?;
        }
        self.version = version;
        self.signed = self.signed.split_off(&(version + 1));
        Ok(())
    }

    /// The chain has decided a transfer.
    pub(crate) fn decide(&mut self, id: u64, leg: Leg) -> Option<Transfer> {
        let transfer = self.transfers.remove(&id)?;
        self.legs.insert((id, transfer.hashlock), (transfer, leg));
        Some(transfer)
    }

    fn author_asked(&mut self, author: u8, wish: Wish) -> Result<(), Broken> {
        if !self.honest.contains(&author) {
            return Ok(());
        }
        let left = self.wishes.get_mut(&wish).filter(|left| **left > 0);
        let left = left.ok_or_else(|| {
            Broken::new("SI-3", format!("participant {author} never asked for {wish:?}"))
        })?;
        *left -= 1;
        Ok(())
    }

    fn take(&mut self, position: u8, amount: Balance) -> Result<(), Broken> {
        let balance = &mut self.balances[usize::from(position)];
        *balance = balance.checked_sub(amount).ok_or_else(|| {
            Broken::new("SI-3", format!("participant {position} pays {amount} that it has not"))
        })?;
        Ok(())
    }

    fn give(&mut self, position: u8, amount: Balance) {
        self.balances[usize::from(position)] += amount;
    }

    fn apply(
        &mut self,
        change: &Change,
        is_released: impl Fn(&Hash) -> bool,
    ) -> Result<(), Broken> {
        let unknown = |id: u64| Broken::new("SI-3", format!("transfer {id} is decided twice"));
        match *change {
            Change::Pay(payment) => {
                let (payer, payee, amount) = (payment.payer, payment.payee, payment.amount);
                self.author_asked(payer, Wish::Pay { payer, payee, amount })?;
                self.take(payer, amount)?;
                self.give(payee, amount);
                self.payments += 1;
            }
            Change::Offer(transfer) => {
                let Transfer { id, payer, amount, hashlock: lock, .. } = transfer;
                self.author_asked(payer, Wish::Offer { payer, lock, amount })?;
                self.take(payer, amount)?;
                let is_known = self.legs.range((id, Hash::zero())..).next();
                let is_known = is_known.is_some_and(|((known, _), _)| *known == id);
                ensure(!is_known || !self.honest.contains(&payer), "SI-3", || {
                    format!("participant {payer} uses the id {id} twice")
                })?;
                self.legs.insert((id, lock), (transfer, Leg::Open));
                self.transfers.insert(id, transfer);
            }
            Change::Fold { id } => {
                let transfer = self.decide(id, Leg::Paid).ok_or_else(|| unknown(id))?;
                let may = !self.honest.contains(&transfer.payer) || is_released(&transfer.hashlock);
                ensure(may, "SI-4", || format!("transfer {id} is paid without a preimage"))?;
                self.give(transfer.payee, transfer.amount);
            }
            Change::Fail { id } => {
                let transfer = self.decide(id, Leg::Returned).ok_or_else(|| unknown(id))?;
                self.give(transfer.payer, transfer.amount);
            }
            Change::OpenStream(stream) => {
                let name = StreamName::of(&stream);
                self.author_asked(stream.payer, Wish::Stream(name))?;
                self.take(stream.payer, stream.reserve().unwrap_or(Balance::MAX))?;
                self.streams.insert(name, stream);
            }
            Change::FoldStream(fold) => {
                let name = fold.stream;
                let stream = self.streams.remove(&name).ok_or_else(|| {
                    Broken::new("SI-3", format!("stream {name:?} is folded and not there"))
                })?;
                let released = self.released.get(&name).copied().unwrap_or(0);
                let is_own = self.honest.contains(&name.payer);
                ensure(!is_own || fold.units <= released, "SI-3", || {
                    format!("{} units of {name:?} are paid, {released} were released", fold.units)
                })?;
                let paid = stream.unit * Balance::from(fold.units);
                self.give(name.payee, paid);
                self.give(name.payer, stream.reserve().unwrap_or(0) - paid);
            }
        }
        Ok(())
    }

    /// Whether a state says what the book says.
    fn compare(&self, state: &ChannelState) -> Result<(), Broken> {
        let (count, streams) = (self.transfers.len(), self.streams.len());
        let pending = state.pending.as_ref().map_or(0, |pending| pending.count as usize);
        let fits = state.balances.as_slice() == self.balances.as_slice()
            && pending == count
            && state.streams.len() == streams;
        ensure(fits, "SI-3", || {
            format!(
                "version {} says {:?}, {pending} transfers and {} streams, its changes lead to \
                 {:?}, {count} and {streams}",
                state.version,
                state.balances,
                state.streams.len(),
                self.balances
            )
        })
    }
}
