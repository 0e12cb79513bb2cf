// SPDX-License-Identifier: Apache-2.0

//! Time: overdue answers, sleep, and patience.

use super::{Chainsight, Node};
use crate::{
    input::Millis,
    live::Slot,
    output::{Notice, Output},
};

impl Node {
    /// Time has passed.
    pub(crate) fn tick(&mut self, now: Millis) {
        // A clock that jumps back makes nothing overdue and nothing early.
        self.now = now;
        if let Chainsight::LostAt(since) = &mut self.sight {
            *since = now.min(*since);
        }
        if let Chainsight::LostAt(since) = self.sight
            && now.saturating_sub(since) > self.config.patience.blind
        {
            self.sight = Chainsight::Blind;
            self.out.push(Output::Notice(Notice::Blind));
        }
        for channel in self.awake.iter().copied().collect::<Vec<_>>() {
            let Some(Slot::Awake(live)) = self.channels.get(&channel) else { continue };
            let newest = live.touched.max(live.heard).max(live.asked);
            if newest > now {
                // The clock was put back: count from here.
                let _ = self.with_channel(channel, |_, live| {
                    live.touched = live.touched.min(now);
                    (live.heard, live.asked) = (live.heard.min(now), live.asked.min(now));
                });
                continue;
            }
            let unheard = now.saturating_sub(live.heard.max(live.asked));
            let unused = now.saturating_sub(newest);
            let is_crowded = self.awake.len() > self.config.limits.awake;
            let is_idle = live.channel.is_idle();
            let is_reachable = live.terms.others().any(|peer| self.contacts.contains_key(&peer));
            if (!is_idle || live.lacks_marks())
                && unheard >= self.config.patience.overdue
                && is_reachable
                && self.may_handle_messages()
            {
                let _ = self.with_channel(channel, |node, live| node.ask_who_lacks_what(live));
            } else if !live.offers.is_empty() {
                let _ = self.with_channel(channel, |node, live| node.look_at_offers(live));
            } else if is_idle
                && (unused >= self.config.patience.sleep_after || is_crowded)
                && let Some(bytes) = self.to_sleep(live)
            {
                self.awake.remove(&channel);
                self.channels.insert(channel, Slot::Asleep(bytes));
            }
        }
        self.give_up_openings();
        self.tick_routing();
    }
}
