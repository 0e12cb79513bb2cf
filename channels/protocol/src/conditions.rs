// SPDX-License-Identifier: Apache-2.0

//! Conditional transfers: offered, fulfilled, given up, and taken to the chain in time.
//!
//! ```text
//! payer                              payee
//!   offer ── a version carries it ──►  may rely on it: Effect::Offered
//!   knows the preimage  ◄── Fulfil ──  fulfil: written down first
//!   fold ── a version carries it ───►  is paid
//! ```
//!
//! The payee goes to the chain only for what it would lose otherwise. A reveal in time keeps the
//! claim alive by itself, however late the payer folds; the channel is closed only if the payer
//! still has not folded it long after that.

use crate::{
    changes::Change,
    channel::Channel,
    effect::{Effect, Record},
    error::{ChannelError, TransferError},
    ledger::Ledger,
    message::{Fulfil, Message},
    policy::MAX_EXPIRY,
    signing::Signer,
};
use millrace_primitives_channels::{
    Balance, BlockNumber, Hash, Transfer,
    transfer::{Preimage, hashlock},
};
use std::collections::BTreeMap;

/// What is known about the lock of a transfer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) preimage: Preimage,
    /// The block of the first reveal, if the chain has shown one.
    pub(crate) revealed_at: Option<BlockNumber>,
    /// Whether the owner was told to reveal it.
    pub(crate) is_sent: bool,
}

impl Known {
    /// Whether the chain will decide for the payee.
    pub(crate) fn is_in_time(&self, transfer: &Transfer) -> bool {
        self.revealed_at.is_some_and(|at| at < transfer.expiry)
    }
}

/// The preimages of transfers that are under way, by the transfers' ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct Preimages(pub(crate) BTreeMap<u64, Known>);

impl Preimages {
    /// What is known about the transfer with this id.
    pub(crate) fn get(&self, id: u64) -> Option<&Known> {
        self.0.get(&id)
    }

    /// Takes note of a preimage; returns whether it is new.
    pub(crate) fn learn(&mut self, id: u64, preimage: Preimage) -> bool {
        let known = Known { preimage, revealed_at: None, is_sent: false };
        let is_new = !self.0.contains_key(&id);
        self.0.entry(id).or_insert(known);
        is_new
    }

    /// Takes note of the block of a reveal; the first one counts.
    fn note_reveal(&mut self, id: u64, at: BlockNumber) {
        if let Some(known) = self.0.get_mut(&id) {
            known.revealed_at = Some(known.revealed_at.map_or(at, |first| first.min(at)));
        }
    }

    /// Forgets what is about none of the transfers in `ledger`.
    pub(crate) fn keep_those_of(&mut self, ledger: &Ledger) {
        self.0.retain(|id, _| ledger.transfers().get(*id).is_some());
    }

    /// The reveal of a transfer that must be in a block before it expires, unless it was shown or
    /// asked for.
    pub(crate) fn reveal(&mut self, transfer: &Transfer, now: BlockNumber) -> Option<Effect> {
        let known = self.0.get_mut(&transfer.id)?;
        if known.is_sent || known.revealed_at.is_some() || now >= transfer.expiry {
            return None;
        }
        known.is_sent = true;
        Some(Effect::Reveal { preimage: known.preimage, before: transfer.expiry })
    }
}

impl<S: Signer> Channel<S> {
    /// Offers `amount` to the participant at `payee` if it shows the preimage of `hashlock` before
    /// block `expiry`. Returns the transfer's id.
    ///
    /// Errors as [`Channel::pay`], when the expiry is over or further away than
    /// [`crate::Policy::max_expiry`], and while this party may have forgotten which ids it has used. Too many transfers of this party's under way show later, as
    /// [`Effect::Unpaid`].
    pub fn offer(
        &mut self,
        payee: u8,
        amount: Balance,
        hashlock: Hash,
        expiry: BlockNumber,
    ) -> Result<(u64, Vec<Effect>), ChannelError> {
        self.verify_updatable()?;
        self.verify_remembering()?;
        let payer = self.my_position();
        crate::payments::Payment { payer, payee, amount }.verify(self.agreement.size())?;
        let id = self.next_transfer_id();
        let now = self.now;
        if expiry <= now {
            return Err(TransferError::TooLate { id, expiry, now }.into());
        }
        let limit = now.saturating_add(self.policy.max_expiry.min(MAX_EXPIRY));
        if expiry > limit {
            return Err(TransferError::TooFar { id, expiry, limit }.into());
        }
        self.verify_spendable(amount)?;
        let transfer = Transfer { id, payer, payee, amount, hashlock, expiry };
        let number = self.next_transfer;
        self.next_transfer = number.saturating_add(1);
        let effects = self.want(Change::Offer(transfer)).inspect_err(|_| {
            self.next_transfer = number;
        })?;
        Ok((id, effects))
    }

    /// The id of this party's next transfer: its number times the participants, and its position.
    pub fn next_transfer_id(&self) -> u64 {
        let size = u64::try_from(self.agreement.size()).unwrap_or(u64::MAX);
        self.next_transfer.saturating_mul(size).saturating_add(self.my_position().into())
    }

    /// Takes note that an id of this party's was used.
    pub(crate) fn note_transfer(&mut self, transfer: &Transfer) {
        if usize::from(transfer.payer) == self.me {
            let size = u64::try_from(self.agreement.size()).unwrap_or(u64::MAX);
            let number = transfer.id.checked_div(size).unwrap_or(0);
            self.next_transfer = self.next_transfer.max(number.saturating_add(1));
        }
    }

    /// Shows the payer the preimage of a transfer to this party.
    ///
    /// Errors when no such transfer is agreed, and when it expires so soon that it could not be
    /// enforced any more if the payer did not fold it: then keep the preimage to yourself.
    pub fn fulfil(&mut self, id: u64, preimage: Preimage) -> Result<Vec<Effect>, ChannelError> {
        let transfer = self.transfer_of(id, |transfer| transfer.payee)?;
        let known = self.preimages.get(id);
        if hashlock(&preimage) != transfer.hashlock {
            return Err(TransferError::WrongPreimage { id }.into());
        }
        if self.is_under_way(|change| *change == Change::Fail { id }) {
            // It was given up, and is not this party's any more once that is agreed.
            return Err(TransferError::Unknown { id }.into());
        }
        let is_safe = known.is_some_and(|known| known.is_in_time(&transfer));
        let now = self.highest();
        if !is_safe && !self.policy.has_time(now, transfer.expiry) {
            let expiry = transfer.expiry;
            return Err(TransferError::TooLate { id, expiry, now }.into());
        }
        let mut effects = Vec::new();
        if self.preimages.learn(id, preimage) {
            effects.push(Self::persist(Record::Preimage { id, preimage }));
        }
        if self.chain.is_open() {
            effects.push(self.fulfil_message(&transfer, preimage));
        } else {
            effects.extend(self.pursue());
        }
        Ok(effects)
    }

    pub(crate) fn fulfil_message(&self, transfer: &Transfer, preimage: Preimage) -> Effect {
        let fulfil = Fulfil { channel: self.agreement.id(), id: transfer.id, preimage };
        Effect::Send { to: usize::from(transfer.payer), message: Message::Fulfil(fulfil) }
    }

    /// Gives a transfer to this party back to its payer. Errors when its preimage was shown.
    pub fn fail(&mut self, id: u64) -> Result<Vec<Effect>, ChannelError> {
        self.transfer_of(id, |transfer| transfer.payee)?;
        if self.preimages.get(id).is_some() {
            return Err(TransferError::Fulfilled { id }.into());
        }
        if self.is_under_way(|change| *change == Change::Fail { id }) {
            return Ok(Vec::new());
        }
        self.want(Change::Fail { id })
    }

    /// The transfer under way with this id, if `role` in it is this party's.
    fn transfer_of(
        &self,
        id: u64,
        role: impl Fn(&Transfer) -> u8,
    ) -> Result<Transfer, TransferError> {
        let ledger = self.chain.resolving().unwrap_or(&self.ledger);
        let transfer = ledger.transfers().get(id).ok_or(TransferError::Unknown { id })?;
        if usize::from(role(transfer)) != self.me {
            return Err(TransferError::NotItsTransfer { id, sender: self.me });
        }
        Ok(*transfer)
    }

    /// Takes the preimage of a transfer that this party pays, and folds the transfer.
    pub(crate) fn receive_fulfil(
        &mut self,
        from: usize,
        fulfil: &Fulfil,
    ) -> Result<Vec<Effect>, ChannelError> {
        let Fulfil { id, preimage, .. } = *fulfil;
        let Some(transfer) = self.ledger.transfers().get(id).copied() else {
            // Decided already: it comes twice.
            return Ok(Vec::new());
        };
        if usize::from(transfer.payer) != self.me || usize::from(transfer.payee) != from {
            return Err(TransferError::NotItsTransfer { id, sender: from }.into());
        }
        if hashlock(&preimage) != transfer.hashlock {
            return Err(TransferError::WrongPreimage { id }.into());
        }
        let known = self.preimages.get(id);
        let now = self.highest();
        if known.is_none() && now >= transfer.expiry {
            let expiry = transfer.expiry;
            return Err(TransferError::TooLate { id, expiry, now }.into());
        }
        let mut effects = self.learn(&transfer, preimage);
        effects.extend(self.advance().unwrap_or_default());
        Ok(effects)
    }

    /// Takes note of the preimage of a transfer that this party pays; from now on it wants to pay.
    fn learn(&mut self, transfer: &Transfer, preimage: Preimage) -> Vec<Effect> {
        let id = transfer.id;
        let mut effects = Vec::new();
        if self.preimages.learn(id, preimage) {
            effects.push(Self::persist(Record::Preimage { id, preimage }));
            effects.push(Effect::Fulfilled { transfer: *transfer, preimage });
        }
        self.want_folds();
        effects
    }

    /// What follows for transfers in `changes` whose preimage the chain showed before they were
    /// agreed.
    pub(crate) fn revealed_before(&mut self, changes: &[Change]) -> Vec<Effect> {
        let me = self.my_position();
        let mut effects = Vec::new();
        for change in changes {
            let Change::Offer(transfer) = change else { continue };
            let Some(Known { preimage, .. }) = self.preimages.get(transfer.id).copied() else {
                continue;
            };
            let (transfer, id) = (*transfer, transfer.id);
            effects.push(Self::persist(Record::Preimage { id, preimage }));
            if transfer.payer == me {
                effects.push(Effect::Fulfilled { transfer, preimage });
            } else if transfer.payee == me && self.chain.is_open() {
                effects.push(self.fulfil_message(&transfer, preimage));
            }
        }
        self.want_folds();
        effects
    }

    /// Queues the payment of every transfer whose preimage this party, its payer, knows.
    pub(crate) fn want_folds(&mut self) {
        if !self.chain.is_open() {
            return;
        }
        let me = self.my_position();
        let known: Vec<u64> = self
            .preimages
            .0
            .keys()
            .copied()
            .filter(|id| self.ledger.transfers().get(*id).is_some_and(|it| it.payer == me))
            .filter(|id| !self.is_under_way(|change| *change == Change::Fold { id: *id }))
            .collect();
        for id in known {
            self.outbox.push(Change::Fold { id });
        }
    }

    /// The chain shows a preimage: whoever owes by it pays, whoever is owed claims.
    pub fn revealed(&mut self, preimage: Preimage, at: BlockNumber) -> Vec<Effect> {
        let lock = hashlock(&preimage);
        let ledger = self.chain.resolving().unwrap_or(&self.ledger);
        let concerned: Vec<Transfer> = ledger
            .transfers()
            .list()
            .iter()
            .filter(|it| it.hashlock == lock && at < it.expiry)
            .copied()
            .collect();
        let me = self.my_position();
        let mut effects = Vec::new();
        for transfer in concerned {
            let id = transfer.id;
            if transfer.payer == me {
                effects.extend(self.learn(&transfer, preimage));
            } else if transfer.payee == me && self.preimages.learn(id, preimage) {
                effects.push(Self::persist(Record::Preimage { id, preimage }));
                if self.chain.is_open() {
                    effects.push(self.fulfil_message(&transfer, preimage));
                }
            }
            self.preimages.note_reveal(id, at);
        }
        // The chain may yet conclude the state in flight, which others can complete alone.
        let in_flight = self.in_flight.as_ref().map(|half| half.ledger.transfers().list());
        for transfer in in_flight.unwrap_or_default() {
            if transfer.hashlock == lock && at < transfer.expiry {
                self.preimages.learn(transfer.id, preimage);
                self.preimages.note_reveal(transfer.id, at);
            }
        }
        effects.extend(self.pursue());
        effects.extend(self.advance().unwrap_or_default());
        effects
    }

    /// The height of the newest final block. Heights only rise; an older one is ignored.
    pub fn block(&mut self, number: BlockNumber) -> Vec<Effect> {
        if number <= self.now {
            return Vec::new();
        }
        self.now = number;
        let mut effects = self.lapse();
        if self.chain.is_open() {
            effects.extend(self.watch());
        } else {
            effects.extend(self.pursue());
        }
        effects.extend(self.advance().unwrap_or_default());
        effects
    }

    /// The height of the newest block, which need not be final. An older one is ignored.
    ///
    /// The chain counts blocks, and not finality: what has to be revealed before an expiry is revealed
    /// in time although finality lags.
    pub fn best_block(&mut self, number: BlockNumber) -> Vec<Effect> {
        self.best = self.best.max(number);
        if !self.chain.is_open() {
            // Then everything is revealed already.
            return Vec::new();
        }
        let (me, now, policy) = (self.my_position(), self.highest(), self.policy);
        let mine = self.ledger.transfers().list().iter().filter(|it| it.payee == me);
        let due = mine.filter(|it| !policy.has_time(now, it.expiry));
        due.filter_map(|transfer| self.preimages.reveal(transfer, now)).collect()
    }

    /// The highest block that this party has heard of: what it can enforce is judged by it.
    fn highest(&self) -> BlockNumber {
        self.now.max(self.best)
    }

    /// Looks after the transfers that this party is owed, while the channel is open.
    fn watch(&mut self) -> Vec<Effect> {
        let (me, now, policy) = (self.my_position(), self.now, self.policy);
        let mine: Vec<Transfer> =
            self.ledger.transfers().list().iter().filter(|it| it.payee == me).copied().collect();
        let mut effects = Vec::new();
        let mut is_withheld = false;
        for transfer in mine {
            let (id, expiry) = (transfer.id, transfer.expiry);
            let is_overdue = now >= expiry.saturating_add(policy.fold_patience);
            let is_lost = match self.preimages.get(id) {
                Some(known) if known.is_in_time(&transfer) => {
                    is_withheld |= is_overdue;
                    false
                }
                Some(_) => {
                    if !policy.has_time(now, expiry) {
                        effects.extend(self.preimages.reveal(&transfer, now));
                    }
                    is_overdue
                }
                None => now >= expiry,
            };
            if is_lost && !self.is_under_way(|change| *change == Change::Fail { id }) {
                self.outbox.push(Change::Fail { id });
            }
        }
        // Whoever may have forgotten newer states leaves it to its owner to go to the chain.
        if is_withheld && self.lagging.is_none() {
            effects.extend(self.force_close());
        }
        effects
    }
}
