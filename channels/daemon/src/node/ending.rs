// SPDX-License-Identifier: Apache-2.0

//! The end of a channel: it is over on chain, and after a while forgotten.
//!
//! Forgetting cannot be undone, and the chain's side may err. So the records of a channel that is
//! over are kept for some more final blocks, and if the chain shows the channel again, it lives. After
//! that a bounded number of ends is remembered.

use super::Node;
use crate::{
    ended::Ended,
    live::{Live, Slot},
    output::{Notice, Output},
    write::Write,
};
use millrace_primitives_channels::ChannelId;

impl Node {
    /// A channel is over: whoever waits for it is answered.
    pub(crate) fn fade(&mut self, live: &mut Live) {
        let channel = live.id;
        let judged = self.at_the_end(live);
        if self.failing.is_none() {
            let named = judged.iter().filter_map(|(it, verdict)| Some((it.operation?, verdict)));
            let writes: Vec<_> = named
                .filter_map(|(id, verdict)| self.decide_operation(id, verdict.progress()))
                .collect();
            if !writes.is_empty() {
                live.ticket = self.journal.write(writes);
            }
        }
        for (waiting, verdict) in judged {
            if let Some(id) = waiting.command {
                self.release(live, Output::Reply { id, result: verdict.answer() });
            }
        }
        self.submissions.forget(channel);
        self.unpublish(channel);
        self.notify(live, Notice::Over { channel });
        let from = self.height.saturating_add(self.config.patience.forget_after);
        self.fading.insert(channel, from);
    }

    /// Forgets channels that have been over for long enough.
    pub(crate) fn forget_faded(&mut self) {
        let due: Vec<_> = self.fading.iter().filter(|(_, from)| **from <= self.height).collect();
        for channel in due.into_iter().map(|(channel, _)| *channel).collect::<Vec<_>>() {
            self.fading.remove(&channel);
            if self.failing.is_none() {
                self.forget(channel);
            }
        }
    }

    fn forget(&mut self, channel: ChannelId) {
        self.awake.remove(&channel);
        self.moved.remove(&channel);
        let Some(Slot::Awake(mut live)) = self.channels.remove(&channel) else { return };
        for lock in core::mem::take(&mut live.locks) {
            self.unfollow_lock(lock);
        }
        for peer in live.terms.others() {
            if let Some(channels) = self.by_peer.get_mut(&peer) {
                channels.remove(&channel);
                if channels.is_empty() {
                    self.by_peer.remove(&peer);
                }
            }
        }
        let public = self.forget_public(channel);
        let carried = self.end_carried(&mut live);
        self.end_handed(&live);
        let state = live.channel.newest().state().clone();
        let ended = Ended { number: 0, at: self.now, terms: live.terms.clone(), state };
        let (ended, gone) = self.ends.remember(channel, ended, self.config.limits.ended);
        let writes =
            [Write::Forget { channel }].into_iter().chain(carried).chain(ended).chain(public);
        let written = self.journal.write(writes.collect());
        self.out.push(Output::Unwatch(channel));
        for channel in gone {
            self.settled.remove(&channel);
            let told = Output::Notice(Notice::Forgotten { channel });
            self.journal.release(written, told, &mut self.out);
        }
    }
}
