// SPDX-License-Identifier: Apache-2.0

//! The end of a channel: agreed by all, or judged by the chain.

use crate::{
    channel::Channel,
    effect::{Effect, Record},
    error::ChannelError,
    message::{Closing, Message},
    resolving::Chain,
    signing::Signer,
    updating::unpaid,
};

impl<S: Signer> Channel<S> {
    /// Asks everybody to settle: as soon as nothing is pending, a version is final and still
    /// carries what waits here.
    ///
    /// The chain settles only what belongs to somebody outright. So from here on nobody pays, offers
    /// or opens anything new, payers fold their streams, and transfers are fulfilled, given up or
    /// expire. [`Effect::Settle`] follows once all have signed. A party that has no answer from the
    /// others closes alone instead, by [`Channel::force_close`].
    pub fn close(&mut self) -> Result<Vec<Effect>, ChannelError> {
        self.verify_updatable()?;
        self.outbox.close_wanted = true;
        let mut effects = self.advance().inspect_err(|_| self.outbox.close_wanted = false)?;
        effects.extend(self.closing_messages());
        Ok(effects)
    }

    /// Tells everybody that this party wants to settle, while nobody could yet.
    pub(crate) fn closing_messages(&self) -> Vec<Effect> {
        if !self.outbox.close_wanted || !self.chain.is_open() {
            return Vec::new();
        }
        self.to_others(Message::Closing(Closing { channel: self.agreement.id() }))
    }

    /// Another party wants to settle.
    pub(crate) fn receive_closing(&mut self) -> Vec<Effect> {
        self.peer_closing = true;
        self.advance().unwrap_or_default()
    }

    /// Closes alone: disputes with the newest state that everybody signed, and signs nothing any
    /// more. A final state is settled instead.
    ///
    /// It is safe at any time: of all versions that the others can show, at most the next one is
    /// newer, and being answered by that costs nothing.
    pub fn force_close(&mut self) -> Vec<Effect> {
        if !self.chain.is_open() {
            return Vec::new();
        }
        if self.agreed.state().is_final {
            return vec![Effect::Settle(self.agreed.clone())];
        }
        self.chain = Chain::ClosingAlone;
        let mut effects =
            vec![Self::persist(Record::ClosingAlone), Effect::Dispute(self.agreed.clone())];
        effects.extend(unpaid(self.outbox.take_all()));
        effects.extend(self.pursue());
        effects
    }

    /// Takes note of a dispute on chain that shows `version`, and answers it if a newer state is
    /// agreed. Nothing new is signed from here on; an update under way may still be completed, and
    /// then answers too.
    pub fn disputed(&mut self, version: u64) -> Vec<Effect> {
        let newest = match &self.chain {
            Chain::Open | Chain::ClosingAlone => version,
            Chain::Disputed { version: known } => version.max(*known),
            Chain::Resolving(_) | Chain::Over => return Vec::new(),
        };
        self.chain = Chain::Disputed { version: newest };
        let mut effects = self.answer_if_newer();
        effects.extend(unpaid(self.outbox.take_all()));
        effects.extend(self.pursue());
        effects
    }

    /// What a newly agreed state means for the channel's end.
    pub(crate) fn end(&mut self) -> Vec<Effect> {
        let mut effects = self.answer_if_newer();
        if self.agreed.state().is_final {
            effects.extend(unpaid(self.outbox.take_all()));
            effects.push(Effect::Settle(self.agreed.clone()));
        }
        effects
    }

    fn answer_if_newer(&self) -> Vec<Effect> {
        match self.chain {
            Chain::Disputed { version } if version < self.agreed.version() => {
                vec![Effect::Answer(self.agreed.clone())]
            }
            _ => Vec::new(),
        }
    }
}
