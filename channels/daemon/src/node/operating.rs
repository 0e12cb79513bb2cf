// SPDX-License-Identifier: Apache-2.0

//! Named payments: each is made once, however often it is asked for.

use super::Node;
use crate::{
    error::CommandError,
    input::CommandId,
    live::{Live, Slot, Waiting, Wanted},
    operation::{Deed, Operation, OperationId, OperationKey, Progress},
    output::Reply,
    write::Write,
};
use millrace_channels_protocol::{Change, Snapshot};
use millrace_primitives_channels::ChannelId;

impl Node {
    /// Answers a command that was given before, whichever way it went. `false`: it was not.
    pub(crate) fn was_given(&mut self, id: CommandId, key: OperationKey) -> bool {
        let Some(known) = self.operations.get(&key.id) else {
            return self.was_routed(id, key);
        };
        let result = if known.fingerprint != key.fingerprint {
            Err(CommandError::OtherOperation)
        } else {
            match known.progress {
                Progress::UnderWay => Err(CommandError::UnderWay),
                Progress::Done { version } => Ok(match known.deed {
                    Deed::Payment(_) => Reply::Paid { version },
                    Deed::Opening => Reply::Opened { channel: known.channel },
                    Deed::Resize(_) => Reply::Resized { version },
                }),
                Progress::Failed => Err(CommandError::NotPossible),
                Progress::Uncertain | Progress::Suspended => Err(CommandError::Uncertain),
            }
        };
        self.reply(id, result);
        true
    }

    /// Notes a named command and returns what writes it down, in the batch that takes what it leads to.
    pub(crate) fn begin_operation(
        &mut self,
        channel: ChannelId,
        key: OperationKey,
        deed: Deed,
    ) -> Vec<Write> {
        let operation = Operation {
            fingerprint: key.fingerprint,
            number: 0,
            at: self.now,
            channel,
            deed,
            progress: Progress::UnderWay,
            order: self.orders.next(),
        };
        let operation = self.operations.push(key.id, operation);
        let mut writes = vec![Write::PutOperation { id: key.id, operation }];
        while self.operations.len() > self.config.limits.operations {
            match self.operations.forget_oldest_decided() {
                Some(id) => writes.push(Write::RemoveOperation { id }),
                None => break,
            }
        }
        writes
    }

    /// Notes what became of named payments; the writes belong to the batch that decides them.
    pub(crate) fn decide_operation(
        &mut self,
        id: OperationId,
        progress: Progress,
    ) -> Option<Write> {
        let operation = self.operations.decide(&id, progress)?;
        Some(Write::PutOperation { id, operation })
    }

    /// After a restart: finds named payments again in what was signed or asked for. Those that are
    /// not there were never seen by anybody.
    pub(crate) fn resume_operations(&mut self, live: &mut Live, snapshot: &Snapshot) {
        let me = live.terms.position;
        let signed = snapshot.signed.iter().flat_map(|it| it.changes.iter());
        let asked = snapshot.asked.iter().flat_map(|it| it.changes.iter());
        let own = |change: &&Change| matches!(change, Change::Pay(it) if it.payer == me);
        let mut seen: Vec<Change> = signed.filter(own).copied().collect();
        // What was asked for and is in the signed state is one and the same.
        if seen.is_empty() {
            seen = asked.filter(own).copied().collect();
        }
        let is_lagging = snapshot.lagging.is_some();
        for (id, deed) in self.operations.under_way(live.id) {
            let is_resumed = match deed {
                Deed::Opening => true,
                Deed::Resize(wanted) => self.resume_resize(live, snapshot, id, wanted),
                Deed::Payment(payment) => {
                    let wanted = Change::Pay(payment);
                    let place = seen.iter().position(|change| *change == wanted);
                    if let Some(place) = place {
                        seen.remove(place);
                        let wanted = Wanted::Change(wanted);
                        let (command, operation) = (None, Some(id));
                        let waiting = Waiting { command, operation, wanted, is_out: true };
                        live.waiting.push_back(waiting);
                    }
                    place.is_some()
                }
            };
            let is_suspended = self.is_suspended(&id);
            let progress = match is_resumed {
                // Whether the channel is gone, the chain is asked anew.
                true if is_suspended => Progress::UnderWay,
                true => continue,
                false if is_suspended || is_lagging => Progress::Uncertain,
                false => Progress::Failed,
            };
            let write = self.decide_operation(id, progress);
            self.journal.write(write.into_iter().collect());
        }
    }

    fn is_suspended(&self, id: &OperationId) -> bool {
        self.operations.get(id).is_some_and(|it| it.progress == Progress::Suspended)
    }

    /// After a restart: payments in channels that are idle were not made.
    pub(crate) fn end_lost_operations(&mut self) {
        for channel in self.operations.busy_channels() {
            if self.awake.contains(&channel) || self.openings.contains_key(&channel) {
                continue;
            }
            // What a channel has signed that is damaged, or whose records are not here, is not known.
            let is_idle = matches!(self.channels.get(&channel), Some(Slot::Asleep(_)));
            for (id, deed) in self.operations.under_way(channel) {
                let is_void = (is_idle && !self.is_suspended(&id))
                    // An opening is kept for as long as it can be taken.
                    || (deed == Deed::Opening && !self.channels.contains_key(&channel));
                let progress = if is_void { Progress::Failed } else { Progress::Uncertain };
                let write = self.decide_operation(id, progress);
                self.journal.write(write.into_iter().collect());
            }
        }
    }
}
