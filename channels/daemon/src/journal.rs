// SPDX-License-Identifier: Apache-2.0

//! What has to be durable before what may leave: group commit in the core.
//!
//! Records gather in a draft while the draft before it is being written; whatever depends on them
//! waits in the same draft and leaves when it is durable (DA-1). One sync serves all channels that
//! had something to write in the meantime, and nobody waits for company.

use crate::{input::Ticket, output::Output, write::Write};
use millrace_channels_store::MAX_BATCH_BYTES;
use std::collections::VecDeque;

/// A draft that is larger than this takes no more. Half of what a batch may hold, as one channel's
/// records have to fit behind it.
const DRAFT_BYTES: usize = MAX_BATCH_BYTES / 2;

/// What is written together, and what waits for it.
#[derive(Debug)]
struct Draft {
    ticket: u64,
    writes: Vec<Write>,
    bytes: usize,
    held: Vec<Output>,
}

/// The drafts that are not durable, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    drafts: VecDeque<Draft>,
    /// The newest ticket that is durable.
    durable: u64,
    /// Whether the oldest draft is being written.
    is_writing: bool,
    /// Bytes of all drafts, and of what waits for them.
    bytes: usize,
}

impl Journal {
    /// Adds writes that belong together to the draft that gathers, and returns its ticket.
    pub(crate) fn write(&mut self, writes: Vec<Write>) -> Ticket {
        let bytes = writes.iter().fold(0_usize, |sum, write| sum.saturating_add(write.bytes()));
        self.bytes = self.bytes.saturating_add(bytes);
        let is_open = match self.drafts.back() {
            Some(draft) => {
                let is_being_written = self.is_writing && self.drafts.len() == 1;
                !is_being_written && draft.bytes.saturating_add(bytes) <= DRAFT_BYTES
            }
            None => false,
        };
        if !is_open {
            let last = self.drafts.back().map_or(self.durable, |draft| draft.ticket);
            let ticket = last.saturating_add(1);
            let (writes, held) = (Vec::new(), Vec::new());
            self.drafts.push_back(Draft { ticket, writes, bytes: 0, held });
        }
        match self.drafts.back_mut() {
            Some(draft) => {
                draft.writes.extend(writes);
                draft.bytes = draft.bytes.saturating_add(bytes);
                Ticket(draft.ticket)
            }
            None => Ticket(self.durable),
        }
    }

    /// Puts something out as soon as `after` is durable.
    pub(crate) fn release(&mut self, after: Ticket, output: Output, out: &mut Vec<Output>) {
        let first = self.durable.saturating_add(1);
        let waits = after.0.checked_sub(first).and_then(|index| usize::try_from(index).ok());
        match waits.and_then(|index| self.drafts.get_mut(index)) {
            Some(draft) => {
                self.bytes = self.bytes.saturating_add(weight(&output));
                draft.held.push(output);
            }
            None => out.push(output),
        }
    }

    /// Whether this ticket is durable.
    pub(crate) fn is_durable(&self, ticket: Ticket) -> bool {
        ticket.0 <= self.durable
    }

    /// Starts writing what has gathered, unless something is being written.
    pub(crate) fn begin(&mut self) -> Option<Output> {
        if self.is_writing {
            return None;
        }
        let draft = self.drafts.front_mut()?;
        self.is_writing = true;
        let writes = core::mem::take(&mut draft.writes);
        Some(Output::Persist { ticket: Ticket(draft.ticket), writes })
    }

    /// What was being written is durable: everything that waited for it leaves.
    pub(crate) fn durable(&mut self, ticket: Ticket, out: &mut Vec<Output>) {
        let is_it = self.is_writing && self.drafts.front().is_some_and(|it| it.ticket == ticket.0);
        if !is_it {
            return;
        }
        if let Some(draft) = self.drafts.pop_front() {
            self.durable = draft.ticket;
            self.is_writing = false;
            let held = draft.held.iter().fold(0_usize, |sum, it| sum.saturating_add(weight(it)));
            self.bytes = self.bytes.saturating_sub(draft.bytes.saturating_add(held));
            out.extend(draft.held);
        }
    }

    /// Nothing more will be durable: returns everything that waited.
    pub(crate) fn fail(&mut self) -> Vec<Output> {
        self.bytes = 0;
        self.is_writing = false;
        self.drafts.drain(..).flat_map(|draft| draft.held).collect()
    }

    /// Bytes that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// How many bytes an output keeps in memory, nearly.
fn weight(output: &Output) -> usize {
    let content = match output {
        Output::Send { bytes, .. } => bytes.len(),
        _ => 128,
    };
    content.saturating_add(64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::Peer;
    use millrace_channels_store::Record;
    use millrace_primitives_channels::ChannelId;

    fn write(bytes: usize) -> Vec<Write> {
        let record = Record::note(9, vec![0; bytes]);
        vec![Write::Append { channel: ChannelId::zero(), record }]
    }

    fn frame(byte: u8) -> Output {
        Output::Send { peer: Peer::default(), bytes: vec![byte] }
    }

    #[test]
    fn what_depends_on_a_record_leaves_after_it() {
        let (mut journal, mut out) = (Journal::default(), Vec::new());
        let first = journal.write(write(1));
        journal.release(first, frame(1), &mut out);
        assert_eq!(out, [], "DA-1");
        assert!(matches!(journal.begin(), Some(Output::Persist { ticket, .. }) if ticket == first));
        // The next one gathers meanwhile.
        let second = journal.write(write(1));
        assert_ne!(first, second);
        journal.release(second, frame(2), &mut out);
        journal.release(first, frame(3), &mut out);
        assert_eq!(journal.begin(), None, "one at a time");
        journal.durable(second, &mut out);
        assert_eq!(out, [], "nobody asked for that one yet");
        journal.durable(first, &mut out);
        assert_eq!(core::mem::take(&mut out), [frame(1), frame(3)]);
        assert!(journal.begin().is_some());
        journal.durable(second, &mut out);
        assert_eq!(core::mem::take(&mut out), [frame(2)]);
        assert_eq!(journal.bytes(), 0);
        journal.release(second, frame(4), &mut out);
        assert_eq!(out, [frame(4)], "what is durable holds nothing up");
    }

    #[test]
    fn draft_stays_below_the_limit_of_a_batch() {
        let mut journal = Journal::default();
        let tickets: Vec<_> = (0..10).map(|_| journal.write(write(200_000))).collect();
        assert!(tickets.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(tickets.last(), Some(&Ticket(5)), "two of them fit into half a batch");
    }
}
