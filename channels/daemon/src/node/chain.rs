// SPDX-License-Identifier: Apache-2.0

//! What the chain shows, told to the channels in the order that they need.
//!
//! A dispute is answered as soon as a best block shows it. Everything that cannot be taken back
//! (an opening, a resize, a conclusion, a reveal) counts when it is final.

use super::{Chainsight, Node};
use crate::{
    input::{News, Phase, Seen, Sight, Standing},
    live::{Fate, Live, Slot, asleep},
    output::{Call, Notice, Output},
    terms::Terms,
};
use millrace_channels_protocol::Record;
use millrace_primitives_channels::{BlockNumber, ChannelId, transfer::Preimage};

impl Node {
    /// Takes news of the chain.
    pub(crate) fn news(&mut self, news: News) {
        match news {
            News::Block { number, seen: Seen::Best } => self.best_block(number),
            News::Block { number, seen: Seen::Final } => self.final_block(number),
            News::Channel { id, what, seen } => self.seen(id, what, seen),
            News::Withdrawn { id, what } => self.withdrawn(id, what),
            News::Paid { id, payout } => self.paid_out(id, payout),
            News::Revealed { preimage, at } => self.revealed(preimage, at),
            News::State { id, standing, at } => self.state(id, standing, at),
            News::Base { id, version, digest } => {
                let _ = self.with_channel(id, |node, live| {
                    let result = node.act(live, |it| Ok(it.base_is(version, digest)));
                    node.trouble_if(live, result);
                });
            }
            News::CaughtUp => self.caught_up(),
            News::Lost { .. } => {
                if self.sight == Chainsight::Seeing {
                    self.sight = Chainsight::LostAt(self.now);
                }
            }
        }
    }

    fn best_block(&mut self, number: BlockNumber) {
        self.best = number;
        for channel in self.following() {
            let _ = self.with_channel(channel, |node, live| {
                let effects = live.channel.best_block(number);
                node.carry_out(live, effects);
            });
        }
        self.submit_due();
        self.defend();
    }

    /// Everything up to this final block was told.
    fn final_block(&mut self, number: BlockNumber) {
        self.height = self.height.max(number);
        self.best = self.best.max(number);
        for channel in self.following() {
            // The machine hears of the height before anything else that it is told.
            let _ = self.with_channel(channel, |node, live| {
                let _ = node.act(live, |_| Ok(Vec::new()));
                node.end_resize(live);
            });
        }
        self.expire_openings();
        self.forget_faded();
        self.routing_block();
        self.submit_due();
    }

    /// The channels that have to hear of each final block.
    fn following(&self) -> Vec<ChannelId> {
        let awake = self.awake.iter().copied();
        awake
            .filter(|id| match self.channels.get(id) {
                Some(Slot::Awake(live)) => live.follows_blocks(),
                _ => false,
            })
            .collect()
    }

    /// Submits again what a channel needs and nobody is submitting: an answer, or a dispute.
    fn defend(&mut self) {
        for channel in self.following() {
            let Some(Slot::Awake(live)) = self.channels.get(&channel) else { continue };
            let newest = live.channel.newest();
            let call = match live.fate {
                Fate::Disputed { version } if version < newest.version() => {
                    Call::Answer(newest.clone())
                }
                Fate::ClosingAlone if !newest.state().is_final => Call::Dispute(newest.clone()),
                _ => continue,
            };
            if !self.submissions.has(channel, call.name()) {
                let _ = self.with_channel(channel, |node, live| node.submit(live, call, None));
            }
        }
    }

    fn seen(&mut self, id: ChannelId, what: Sight, seen: Seen) {
        if self.openings.contains_key(&id) {
            if seen == Seen::Final && what != Sight::Over {
                self.opened(id);
            }
            // Whatever else a block shows of it comes after the opening, and again when final.
            if !self.channels.contains_key(&id) {
                return;
            }
        }
        let _ = self.with_channel(id, |node, live| {
            let is_alive = !matches!(what, Sight::Over | Sight::Concluded { until: None, .. });
            if live.fate == Fate::Over && is_alive {
                // Nothing follows the end of a channel: what was told of its end was wrong.
                node.revive(live);
                // What a dispute has paid at its own end was told just before that.
                if !matches!(what, Sight::Concluded { .. }) {
                    node.unsettle(id);
                }
            }
            node.seen_of(live, what, seen);
        });
    }

    fn seen_of(&mut self, live: &mut Live, what: Sight, seen: Seen) {
        match (what, seen) {
            (Sight::Disputed { version, deadline }, _) => {
                self.disputed(live, version, Some(deadline));
            }
            (Sight::Answered { version }, _) => self.disputed(live, version, None),
            (Sight::Resized { version, deposit }, Seen::Final) => {
                self.resized(live, version, deposit);
            }
            (Sight::Concluded { version, until }, Seen::Final) => {
                self.concluded(live, version, until);
            }
            (Sight::Over, Seen::Final) => self.over(live),
            (Sight::Opened, _)
            | (Sight::Resized { .. } | Sight::Concluded { .. } | Sight::Over, Seen::Best) => {}
        }
    }

    /// A channel that was taken for over is not.
    fn revive(&mut self, live: &mut Live) {
        self.fading.remove(&live.id);
        self.take_up(live);
        self.start_again(live);
    }

    fn disputed(&mut self, live: &mut Live, version: u64, deadline: Option<BlockNumber>) {
        let shown = match live.fate {
            Fate::Disputed { version: known } => known.max(version),
            Fate::Open | Fate::ClosingAlone => version,
            Fate::Resolving | Fate::Over => return,
        };
        let is_new = live.fate != Fate::Disputed { version: shown };
        live.fate = Fate::Disputed { version: shown };
        live.deadline = deadline.or(live.deadline);
        let newest = live.channel.newest().version();
        if is_new && let Some(deadline) = deadline {
            self.stats.disputes = self.stats.disputes.saturating_add(1);
            let channel = live.id;
            self.notify(live, Notice::Disputed { channel, version, newest, deadline });
        }
        // It is seen twice at least, as best and as final, and answered once.
        if is_new || !self.submissions.has(live.id, "answer") {
            let result = self.act(live, |it| Ok(it.disputed(shown)));
            self.trouble_if(live, result);
        }
    }

    fn concluded(&mut self, live: &mut Live, version: u64, until: Option<BlockNumber>) {
        let Some(until) = until else { return self.over(live) };
        if live.fate != Fate::Resolving {
            live.fate = Fate::Resolving;
            let result = self.act(live, |it| it.concluded(version, Some(until)));
            self.trouble_if(live, result);
        }
    }

    fn over(&mut self, live: &mut Live) {
        let result = self.act(live, |it| Ok(it.over()));
        self.trouble_if(live, result);
        // Whoever waits is answered as soon as it is put back.
        live.fate = Fate::Over;
    }

    /// Tells the owner what no retry will mend.
    pub(crate) fn trouble_if(
        &mut self,
        live: &Live,
        result: Result<(), millrace_channels_protocol::ChannelError>,
    ) {
        if let Err(error) = result {
            let (channel, what) = (live.id, error.to_string());
            self.notify(live, Notice::Trouble { channel, what });
        }
    }

    /// A dispute vanished with its block: the machine cannot go back, so it starts again from what
    /// was written down, and the dispute comes again if it is in another block. An answer vanished:
    /// ours is submitted again if nobody else's stands.
    fn withdrawn(&mut self, id: ChannelId, what: Sight) {
        if !matches!(self.channels.get(&id), Some(Slot::Awake(_))) {
            return;
        }
        let _ = self.with_channel(id, |node, live| match (live.fate, what) {
            (Fate::Disputed { .. }, Sight::Disputed { .. }) => node.start_again(live),
            (Fate::Disputed { .. }, Sight::Answered { .. }) => {
                live.fate = Fate::Disputed { version: 0 };
            }
            _ => {}
        });
    }

    /// Makes the machine anew from its own snapshot: nothing that was signed is lost, and what the
    /// chain had shown is forgotten.
    fn start_again(&mut self, live: &mut Live) {
        let snapshot = live.channel.snapshot();
        let is_closing_alone =
            matches!(&snapshot, Record::Snapshot(snapshot) if snapshot.is_closing_alone);
        let restored = live.terms.agreement(&self.genesis).map_err(Into::into).and_then(|terms| {
            let signer = self.keys.signer().clone();
            let memory = millrace_channels_protocol::Memory::Complete;
            let policy = self.config.policy;
            millrace_channels_protocol::Channel::restore(terms, signer, policy, [snapshot], memory)
        });
        match restored {
            Ok(channel) => {
                live.channel = channel;
                live.height = 0;
                // What was to be given back and nobody was asked for is forgotten with the machine.
                let me = live.terms.position;
                let transfers = live.channel.transfers().iter();
                live.offers = transfers.filter(|it| it.payee == me).copied().collect();
                self.give_back_again(live.id);
                live.fate = if is_closing_alone { Fate::ClosingAlone } else { Fate::Open };
                self.ask_who_lacks_what(live);
            }
            Err(error) => {
                let (channel, what) = (live.id, error.to_string());
                self.notify(live, Notice::Trouble { channel, what });
            }
        }
    }

    /// A preimage is public: every channel with a transfer under its lock hears of it.
    fn revealed(&mut self, preimage: Preimage, at: BlockNumber) {
        let lock = millrace_primitives_channels::transfer::hashlock(&preimage);
        let concerned: Vec<_> = self
            .awake
            .iter()
            .copied()
            .filter(|id| match self.channels.get(id) {
                Some(Slot::Awake(live)) => live.locks.contains(&lock),
                _ => false,
            })
            .collect();
        for channel in concerned {
            // The machine is told before the block that shows it; its height is one of the past.
            let _ = self.with_channel(channel, |node, live| {
                let effects = live.channel.revealed(preimage, at);
                node.carry_out(live, effects);
            });
        }
        self.handed_revealed(lock, preimage, at);
    }

    /// How a watched channel stands, after this node or its connection was away.
    fn state(&mut self, id: ChannelId, standing: Option<Standing>, at: BlockNumber) {
        match standing {
            None => self.is_not_there(id, at),
            Some(Standing { base_version, deposit, phase }) => {
                if !matches!(phase, Phase::Resolving { .. }) {
                    self.unsettle(id);
                }
                if self.openings.contains_key(&id) {
                    self.opened(id);
                }
                if phase == Phase::Open && self.sleeps_on(id, base_version) {
                    return;
                }
                let _ = self.with_channel(id, |node, live| {
                    if live.fate == Fate::Over {
                        node.revive(live);
                    }
                    if base_version > 0 {
                        node.resized(live, base_version, deposit);
                    }
                    match phase {
                        Phase::Open => node.is_open(live),
                        Phase::Disputed { version, deadline } => {
                            node.disputed(live, version, Some(deadline));
                        }
                        Phase::Resolving { version, until } => {
                            node.concluded(live, version, Some(until));
                        }
                    }
                });
            }
        }
        self.best = self.best.max(at);
    }

    /// Whether a channel sleeps and knows this base: then it lacks nothing, and need not be woken.
    fn sleeps_on(&self, id: ChannelId, base_version: u64) -> bool {
        match self.channels.get(&id) {
            Some(Slot::Asleep(bytes)) => {
                asleep(bytes).is_ok_and(|(_, snapshot)| base_version <= snapshot.base)
            }
            _ => false,
        }
    }

    /// The chain has the channel open: what this party submitted before it was away may have been
    /// lost.
    fn is_open(&mut self, live: &mut Live) {
        let is_final = live.channel.newest().state().is_final;
        match live.fate {
            Fate::Open if is_final && !self.submissions.has(live.id, "settle") => {
                let result = self.act(live, |it| Ok(it.force_close()));
                self.trouble_if(live, result);
            }
            Fate::ClosingAlone if !self.submissions.has(live.id, "dispute") => {
                let newest = live.channel.newest().clone();
                self.submit(live, Call::Dispute(newest), None);
            }
            // A dispute that was in sight is not in the final chain.
            Fate::Disputed { .. } => self.start_again(live),
            _ => {}
        }
    }

    /// The chain does not have it in the final block `at`: it is over, unless the node is so far behind
    /// that it is not open there yet, or is wrong. So its records are kept for some more final blocks,
    /// from that one or from the last one in which it can have been opened.
    fn is_not_there(&mut self, id: ChannelId, at: BlockNumber) {
        // Whoever says it again with each connection does not keep it for ever.
        if !self.channels.contains_key(&id) || self.fading.contains_key(&id) {
            return;
        }
        let open_by = self.with_channel(id, |node, live| {
            node.over(live);
            live.terms.params.open_by
        });
        let Ok(open_by) = open_by else { return };
        let from = open_by.max(at).saturating_add(self.config.patience.forget_after);
        if let Some(known) = self.fading.get_mut(&id) {
            *known = from.max(*known);
        }
    }

    /// Everything up to the newest final block is known.
    fn caught_up(&mut self) {
        let before = core::mem::replace(&mut self.sight, Chainsight::Seeing);
        if let Chainsight::Seeing | Chainsight::LostAt(_) = before {
            return;
        }
        self.out.push(Output::Notice(Notice::Seeing));
        self.resume_openings();
        // What came in the meantime was not handled.
        for peer in self.contacts.keys().copied().collect::<Vec<_>>() {
            self.resume_with(peer);
        }
        for channel in self.awake.iter().copied().collect::<Vec<_>>() {
            let _ = self.with_channel(channel, |node, live| node.look_at_offers(live));
        }
        self.compare_memories();
        self.end_lost_payments();
    }

    /// Keeps a channel's terms.
    pub(crate) fn write_terms(&mut self, live: &mut Live) {
        let (channel, terms): (_, &Terms) = (live.id, &live.terms);
        let record = crate::records::terms_row(terms);
        if self.failing.is_none() {
            live.ticket = self.journal.write(vec![crate::write::Write::Append { channel, record }]);
        }
    }
}
