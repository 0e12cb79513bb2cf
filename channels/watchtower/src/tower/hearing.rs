// SPDX-License-Identifier: Apache-2.0

//! What the chain's news mean to a tower.

use super::{Tower, TowerError};
use crate::judging::dispute_of;
use millrace_channels_chain::{ChannelNews, Head, News, Seen, news::Withdrawn};
use millrace_primitives_channels::ChannelId;
use tracing::{error, info, warn};

/// How many appointments are forgotten with one block.
const EXPIRED_PER_BLOCK: usize = 1_000;

/// After how many final blocks the newest one is written down.
const REMEMBER_EVERY: u32 = 32;

impl Tower {
    /// Takes one piece of news in.
    pub(super) fn hear(&mut self, news: News) -> Result<(), TowerError> {
        match news {
            News::Channel { id, what, seen, .. } => self.hear_of_channel(id, what, seen)?,
            News::State { id, state, .. } => match state.as_deref().and_then(dispute_of) {
                Some(dispute) => {
                    let duty = self.guard.disputed(id, dispute.version, dispute.deadline);
                    self.fulfil(duty)?;
                }
                None => self.forget(&id),
            },
            News::Withdrawn(Withdrawn::Channel { id, what, .. }) => match what {
                ChannelNews::Disputed { version, .. } | ChannelNews::Answered { version, .. } => {
                    self.guard.withdrawn(id, version);
                }
                _ => {}
            },
            News::Block { head, seen: Seen::Best } => self.metrics.best = head.number,
            News::Block { head, seen: Seen::Final } => self.advance(head)?,
            News::Back { url, head } => {
                info!(%url, %head, "a node is followed");
                self.metrics.is_connected = true;
            }
            News::CaughtUp { head } => self.advance(head)?,
            News::Lost { url, reason } => self.lost(&url, &reason),
            News::Refused { url, reason } => self.lost(&url, &reason.to_string()),
            News::Doubtful { url, reason } => warn!(%url, %reason, "a node is followed in doubt"),
            News::Stalled { what, since } => {
                warn!(%what, seconds = since.as_secs(), "the chain stands still")
            }
            News::Skipped { from, to } => {
                info!(from, to, "blocks were missed; disputes are read instead")
            }
            News::Unreadable { event, reason, at } => {
                error!(%event, %reason, %at, "an event does not decode")
            }
            News::Withdrawn(_)
            | News::Vanished { .. }
            | News::Revealed { .. }
            | News::Unfound { .. } => {}
        }
        self.search();
        Ok(())
    }

    fn lost(&mut self, url: &str, reason: &str) {
        warn!(%url, %reason, "a node is not followed");
        self.metrics.is_connected = false;
        self.metrics.nodes_lost = self.metrics.nodes_lost.saturating_add(1);
    }

    fn hear_of_channel(
        &mut self,
        id: ChannelId,
        what: ChannelNews,
        seen: Seen,
    ) -> Result<(), TowerError> {
        match what {
            ChannelNews::Disputed { version, deadline, .. }
            | ChannelNews::MoveForced { version, deadline, .. } => {
                let duty = self.guard.disputed(id, version, deadline);
                self.fulfil(duty)?;
            }
            ChannelNews::Answered { version, .. } => self.guard.answered(id, version),
            ChannelNews::BondForfeited { to, reward, .. }
                if seen == Seen::Final && to == self.settings.reward_to =>
            {
                info!(channel = ?id, reward, "a reward was earned");
                self.metrics.rewards = self.metrics.rewards.saturating_add(reward);
            }
            ChannelNews::Concluded { .. } if seen == Seen::Final => self.forget(&id),
            what if seen == Seen::Final && what.ends_channel() => self.forget(&id),
            _ => {}
        }
        Ok(())
    }

    fn forget(&mut self, channel: &ChannelId) {
        self.guard.ended(channel);
        self.answers.remove(channel);
        self.located.retain(|_, located| located != channel);
    }

    /// A block is final: appointments expire by it.
    fn advance(&mut self, head: Head) -> Result<(), TowerError> {
        self.finalised = Some(head);
        self.metrics.finalised = head.number;
        for channel in self.guard.expire(head.number) {
            self.forget(&channel);
        }
        let expired = self.ledger().expire(head.number, EXPIRED_PER_BLOCK);
        if !expired.is_empty() {
            info!(count = expired.len(), "appointments expired");
            self.write(&expired)?;
        }
        if head.number.is_multiple_of(REMEMBER_EVERY) {
            self.remember_head()?;
        }
        Ok(())
    }

    /// Writes the newest final block down.
    pub(super) fn remember_head(&self) -> Result<(), TowerError> {
        if let Some(head) = self.finalised {
            // Nobody waits for it.
            drop(self.storage.set_head(head.number, head.hash)?);
        }
        Ok(())
    }
}
