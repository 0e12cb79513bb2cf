// SPDX-License-Identifier: Apache-2.0

//! The end of a channel: agreed by all, or judged by the chain.

use crate::{
    channel::{Channel, Effect},
    error::ChannelError,
    signing::Signer,
};

impl<S: Signer> Channel<S> {
    /// Asks everybody to settle: the next version is final and still carries what waits here.
    ///
    /// [`Effect::Settle`] follows once all have signed. A party that has no answer from the others
    /// closes alone instead, by disputing with [`Channel::newest`].
    pub fn close(&mut self) -> Result<Vec<Effect>, ChannelError> {
        self.verify_updatable()?;
        self.close_wanted = true;
        self.advance().inspect_err(|_| self.close_wanted = false)
    }

    /// Takes note of a dispute on chain that shows `version`, and answers it if a newer state is
    /// agreed. Nothing new is signed from here on; an update under way may still be completed.
    pub fn disputed(&mut self, version: u64) -> Vec<Effect> {
        let newest = self.disputed.map_or(version, |known| known.max(version));
        self.disputed = Some(newest);
        self.answer_if_newer()
    }

    /// What a newly agreed state means for the channel's end.
    pub(crate) fn end(&mut self) -> Vec<Effect> {
        let mut effects = self.answer_if_newer();
        if self.agreed.state().is_final {
            let unpaid = core::mem::take(&mut self.queue);
            self.close_wanted = false;
            if !unpaid.is_empty() {
                effects.push(Effect::Unpaid(unpaid));
            }
            effects.push(Effect::Settle(self.agreed.clone()));
        }
        effects
    }

    fn answer_if_newer(&self) -> Vec<Effect> {
        match self.disputed {
            Some(version) if version < self.agreed.version() => {
                vec![Effect::Answer(self.agreed.clone())]
            }
            _ => Vec::new(),
        }
    }
}
