// SPDX-License-Identifier: Apache-2.0

//! What was missed, block by block or as the state it has led to.

use super::courier::{Courier, End};
use crate::{
    announced::Revealed,
    connection::{Chain, Head},
    error::is_discarded,
    news::{News, Seen, Why},
    observing::Link,
    trust::Distrust,
    watch::Item,
};
use millrace_primitives_channels::{ChannelId, Hash};

impl Courier {
    /// The newest final block that was told or skipped; block 0 before there is any.
    pub(super) fn final_head(&self) -> Head {
        let none = Head { number: 0, hash: Hash::zero() };
        self.tracker.as_ref().map_or(none, |tracker| tracker.final_head())
    }

    /// Tells every final block up to `target`, or skips to it if that is too much or impossible.
    pub(super) async fn catch_up(&mut self, chain: &Chain, target: Head) -> Result<(), End> {
        let gap = target.number.saturating_sub(self.final_head().number);
        if gap > self.options.max_replay {
            return self.skip_to(target).await;
        }
        while self.final_head().number < target.number {
            match self.replay_next(chain).await {
                Ok(()) => {}
                Err(End::Lost(reason)) if is_discarded(&reason) => {
                    return self.skip_to(target).await;
                }
                Err(end) => return Err(end),
            }
        }
        Ok(())
    }

    /// Tells the block above the newest final one, which the node has finalised too.
    async fn replay_next(&mut self, chain: &Chain) -> Result<(), End> {
        let known = self.final_head();
        let number = known.number.saturating_add(1);
        let lacks = || End::Lost(format!("the node lacks block {number}, which it calls final"));
        let hash = self.within(chain.hash_at(number)).await?.ok_or_else(lacks)?;
        let link = self.within(chain.link(hash)).await?.ok_or_else(lacks)?;
        if link.parent != known.hash {
            return Err(Distrust::FinalityRewritten { found: link.parent, known }.into());
        }
        self.finalise_next(chain, link).await
    }

    async fn finalise_next(&mut self, chain: &Chain, link: Link) -> Result<(), End> {
        let known = self.final_head();
        if !self.tracker_from(known).knows(&link.head.hash) {
            let block = self.read(chain, link).await?;
            let news = self.tracker_from(known).extend(known.hash, vec![block])?;
            self.tell_all(news).await?;
        }
        let news = self.tracker_from(known).finalise(link.head.hash)?;
        self.tell_all(news).await
    }

    /// Leaves out what cannot be told; the states of all that is watched make up for it.
    async fn skip_to(&mut self, target: Head) -> Result<(), End> {
        let tracker = self.tracker_from(target);
        let watch = tracker.watch().clone();
        let news = tracker.skip_to(target);
        self.to_report.extend(watch.channels.iter().map(|id| (Item::Channel(*id), Why::Missed)));
        self.to_report
            .extend(watch.hashlocks.iter().map(|lock| (Item::Hashlock(*lock), Why::Missed)));
        self.report_disputes |= watch.every_channel;
        self.tell_all(news).await
    }

    /// Tells the states that are still to be told, as of the newest final block. What could not be
    /// read is told by the next connection.
    pub(super) async fn report_states(&mut self, chain: &Chain) -> Result<(), End> {
        let at = self.final_head();
        if self.report_disputes {
            for id in self.within(chain.disputed(&at)).await? {
                self.report_channel(chain, id, at, Why::Missed).await?;
            }
            self.report_disputes = false;
        }
        while let Some((item, why)) = self.to_report.first_key_value().map(|(k, v)| (*k, *v)) {
            match item {
                Item::Channel(id) => self.report_channel(chain, id, at, why).await?,
                Item::Hashlock(lock) => self.report_hashlock(chain, lock, at).await?,
            }
            self.to_report.remove(&item);
        }
        Ok(())
    }

    async fn report_channel(
        &self,
        chain: &Chain,
        id: ChannelId,
        at: Head,
        why: Why,
    ) -> Result<(), End> {
        let state = self.within(chain.channel(id, &at)).await?.map(Box::new);
        self.tell(News::State { id, state, at, why }).await
    }

    /// Tells a reveal that was missed: the chain knows its block, and the block the preimage.
    async fn report_hashlock(&self, chain: &Chain, lock: Hash, at: Head) -> Result<(), End> {
        let Some(first) = self.within(chain.revealed_at(&lock, &at)).await? else {
            return Ok(());
        };
        let block = self.within(chain.hash_at(first)).await?;
        let preimage = match block {
            Some(hash) => self.within(chain.preimage_in(&lock, hash)).await?,
            None => None,
        };
        let news = match (preimage, block) {
            (Some(preimage), Some(hash)) => News::Revealed {
                what: Revealed { hashlock: lock, preimage, first },
                seen: Seen::Final,
                at: Head { number: first, hash },
            },
            _ => News::Unfound { hashlock: lock, first },
        };
        self.tell(news).await
    }
}
