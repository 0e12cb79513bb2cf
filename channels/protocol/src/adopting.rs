// SPDX-License-Identifier: Apache-2.0

//! A new state is agreed: what follows from it, here and after a restart.

use crate::{
    agreement::CoSignedState,
    changes::{Change, Changes},
    channel::Channel,
    effect::{Effect, Record},
    ledger::Ledger,
    message::Request,
    signing::Signer,
};
use millrace_primitives_channels::Transfer;

/// What is known about the changes of a state that is adopted.
pub(crate) struct Made {
    pub(crate) changes: Changes,
    /// Whether it carries changes of this party's own.
    pub(crate) carries_own: bool,
}

impl<S: Signer> Channel<S> {
    /// Makes a state that the chain would take the agreed one, and goes on from there. Without a
    /// `record`, everything is written down anew.
    pub(crate) fn adopt(
        &mut self,
        newest: CoSignedState,
        ledger: Ledger,
        made: Option<Made>,
        record: Option<Record>,
    ) -> Vec<Effect> {
        let version = newest.version();
        let returned = self.returned_by(made.as_ref());
        let is_refused = made.is_some() && self.is_refused_by(version);
        self.settle_into(newest, ledger, made.as_ref());
        let record = record.unwrap_or_else(|| self.snapshot());
        let mut effects = vec![Self::persist(record)];
        effects.extend(returned.into_iter().map(Effect::Returned));
        if let Some(made) = &made {
            // Once the chain judges, this state may come too late to count, and nobody relies on it.
            if self.chain.is_open() {
                effects.extend(self.offered_by(&made.changes).map(Effect::Offered));
            }
            effects.extend(self.revealed_before(&made.changes));
        }
        effects.push(Effect::Agreed { version, changes: made.map(|made| made.changes) });
        effects.extend(is_refused.then_some(Effect::ResizeRefused { version }));
        effects.extend(self.end());
        // Only the pen can refuse here, and then nothing may be signed: the next payment will say
        // so, while what was just agreed must not be lost.
        effects.extend(self.advance().unwrap_or_default());
        effects
    }

    /// The part of [`Channel::adopt`] that a restart repeats.
    pub(crate) fn settle_into(
        &mut self,
        newest: CoSignedState,
        ledger: Ledger,
        made: Option<&Made>,
    ) {
        let version = newest.version();
        self.agreed = newest;
        self.ledger = ledger;
        self.in_flight = None;
        if let Some(asked) = self.outbox.asked.take_if(|asked| asked.version <= version) {
            self.take_back(asked, made);
        }
        self.outbox.close_wanted &= !self.agreed.state().is_final;
        for slot in &mut self.requests {
            slot.take_if(|request| request.version <= version);
        }
        self.preimages.keep_those_of(&self.ledger);
        self.follow_streams();
    }

    /// Puts a request that its version did not carry back to the front of the queue.
    fn take_back(&mut self, asked: Request, made: Option<&Made>) {
        let is_refused = self.resizing.ahead == Some(asked.version) && asked.resize.is_some();
        if is_refused {
            self.resizing.wanted.take_if(|wanted| asked.resize.as_ref() == Some(wanted));
        }
        // Without the list of changes nobody knows what was paid: rather pay once than twice.
        match made {
            Some(made) if !made.carries_own => {
                self.outbox.put_back(asked.changes);
                self.resizing.wish_again(asked.resize.filter(|_| !is_refused));
            }
            Some(_) => {}
            None => self.put_back_ends(asked.changes),
        }
        self.outbox.close_wanted |= asked.close && !self.agreed.state().is_final;
    }

    /// Puts back what ends this party's transfers and streams, of changes that may have been made: if
    /// they were, they are not possible any more.
    fn put_back_ends(&mut self, changes: Changes) {
        let ends = changes.into_iter().filter(|change| {
            let is_end =
                matches!(change, Change::Fold { .. } | Change::Fail { .. } | Change::FoldStream(_));
            is_end && !self.outbox.has(|known| known == change)
        });
        self.outbox.put_back(Changes::truncate_from(ends.collect()));
    }

    /// The transfers that the changes in `made` give back to this party, still in the old ledger.
    fn returned_by(&self, made: Option<&Made>) -> Vec<Transfer> {
        let changes = made.into_iter().flat_map(|made| made.changes.iter());
        changes
            .filter_map(|change| match change {
                Change::Fail { id } => self.ledger.transfers().get(*id).copied(),
                _ => None,
            })
            .filter(|transfer| usize::from(transfer.payer) == self.me)
            .collect()
    }

    /// The transfers that `changes` offer to this party.
    fn offered_by<'a>(&self, changes: &'a [Change]) -> impl Iterator<Item = Transfer> + use<'a, S> {
        let me = self.my_position();
        changes.iter().filter_map(move |change| match change {
            Change::Offer(transfer) if transfer.payee == me => Some(*transfer),
            _ => None,
        })
    }
}
