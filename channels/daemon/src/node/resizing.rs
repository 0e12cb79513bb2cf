// SPDX-License-Identifier: Apache-2.0

//! Changing a channel's deposits while it lives.
//!
//! A named resize is written down with what it first leads to, and its outcome in the batch that
//! decides it (DA-8). It is decided by the chain's final blocks alone: one of them takes it, or the
//! last block in which one could is over. After a crash, a resize that was signed or asked for goes on,
//! and one that was not was seen by nobody.
//!
//! What others want is accepted within the owner's settings. A wish that is not is answered by a version
//! without it; a proposal that is not, by nothing, until its last block is over.

use super::Node;
use crate::{
    error::{CommandError, ResizeRefusal},
    input::CommandId,
    live::{Fate, Live, Waiting, Wanted},
    operation::{Deed, OperationId, OperationKey, Progress},
    output::Notice,
    records::snapshot,
};
use codec::Encode;
use millrace_channels_protocol::{
    Message, Snapshot,
    message::{Request, ResizeWish},
};
use millrace_primitives_channels::{Balance, BlockNumber, resize::Deltas};
use polkadot_sdk::sp_io::hashing::blake2_256;

/// Stands for a resize: who adds and who takes out how much, and until when.
fn digest(deltas: &Deltas, valid_until: BlockNumber) -> [u8; 32] {
    blake2_256(&(deltas, valid_until).encode())
}

impl Node {
    /// Wants a resize in a block up to `within` blocks from now.
    pub(crate) fn resize(
        &mut self,
        id: CommandId,
        live: &mut Live,
        deltas: Deltas,
        within: BlockNumber,
        operation: Option<OperationKey>,
    ) -> Result<(), CommandError> {
        let valid_until = self.height.saturating_add(within);
        let before = live.resize.replace((deltas.clone(), valid_until));
        live.touched = self.now;
        let command = Some(id);
        let name = operation.map(|key| key.id);
        let wanted = Wanted::Resize;
        live.waiting.push_back(Waiting { command, operation: name, wanted, is_out: false });
        if let Some(key) = operation {
            let deed = Deed::Resize(digest(&deltas, valid_until));
            live.writes = self.begin_operation(live.id, key, deed);
        }
        self.act(live, |it| it.resize(deltas, valid_until)).map_err(|error| {
            // Nothing was begun: the same name may be tried again.
            live.resize = before;
            live.waiting.retain(|waiting| waiting.command != command);
            if let Some(key) = operation {
                live.writes.clear();
                self.operations.remove(&key.id);
            }
            error.into()
        })
    }

    /// A message without a resize that the owner's settings refuse; nothing if it was a proposal.
    pub(crate) fn without_refused(&mut self, live: &mut Live, message: Message) -> Option<Message> {
        match message {
            Message::ResizeProposal(proposal) => {
                let resize = &proposal.resize;
                // What was signed before stays signed, whatever the settings are now.
                let signed = snapshot(&live.channel).resize;
                let is_signed = signed.is_some_and(|signed| signed.resize == *resize);
                let is_accepted =
                    is_signed || self.accepts(live, &resize.deltas, resize.valid_until);
                is_accepted.then_some(Message::ResizeProposal(proposal))
            }
            Message::Request(Request { resize: Some(wish), version, channel, changes, close }) => {
                let is_accepted = self.accepts(live, &wish.deltas, wish.valid_until);
                // A wish whose time is over is left out, and who has it gets a version without it.
                let valid_until = if is_accepted { wish.valid_until } else { 0 };
                let resize = Some(ResizeWish { valid_until, ..wish });
                Some(Message::Request(Request { channel, version, changes, close, resize }))
            }
            message => Some(message),
        }
    }

    /// Whether a resize that another party proposes is the owner's own wish, or within its settings.
    fn accepts(&mut self, live: &mut Live, deltas: &Deltas, valid_until: BlockNumber) -> bool {
        let own = live.resize.as_ref();
        if own.is_some_and(|(wanted, until)| wanted == deltas && *until == valid_until) {
            return true;
        }
        let Err(reason) = self.verify_resize(live, deltas, valid_until) else { return true };
        // It comes again with every new connection, and is told once.
        if live.refused.replace(valid_until) != Some(valid_until) {
            let channel = live.id;
            self.notify(live, Notice::ResizeRefused { channel, valid_until, reason });
        }
        false
    }

    fn verify_resize(
        &self,
        live: &Live,
        deltas: &Deltas,
        valid_until: BlockNumber,
    ) -> Result<(), ResizeRefusal> {
        let accepted = self.config.acceptance.resizes;
        let (blocks, most) = (valid_until.saturating_sub(self.height), accepted.within);
        if blocks > most {
            return Err(ResizeRefusal::TooLong { blocks, most });
        }
        let (me, newest) = (usize::from(live.terms.position), live.channel.newest());
        for (position, delta) in deltas.iter().enumerate() {
            if position == me || *delta >= 0 {
                continue;
            }
            // What is more than there is the protocol refuses.
            let left = newest.balance(position).saturating_sub(delta.unsigned_abs());
            if left < accepted.rest_min {
                return Err(ResizeRefusal::TooLittleLeft { left, least: accepted.rest_min });
            }
        }
        Ok(())
    }

    /// The chain has taken a resize. Notes whether it is the owner's, as others want some, too.
    pub(crate) fn resized(&mut self, live: &mut Live, version: u64, deposit: Balance) {
        let wanted = live.resize.as_ref();
        let signed = wanted.and_then(|_| snapshot(&live.channel).resize).map(|it| it.resize);
        let is_wanted = wanted.zip(signed).is_some_and(|((deltas, valid_until), signed)| {
            signed.state.version == version
                && signed.deltas == *deltas
                && signed.valid_until == *valid_until
        });
        live.taken = is_wanted.then_some(version);
        self.submissions.pass_by(live.id, version);
        let result = self.act(live, |it| it.resized(version, deposit));
        self.trouble_if(live, result);
    }

    /// After a final block: a resize that none took in time is void.
    pub(crate) fn end_resize(&mut self, live: &mut Live) {
        let is_over = |(_, valid_until): &(Deltas, BlockNumber)| self.height > *valid_until;
        // Of a channel that is said to be gone, it is not known whether it was taken.
        if live.fate == Fate::Over || !live.resize.as_ref().is_some_and(is_over) {
            return;
        }
        live.resize = None;
        // A copy that has not been confirmed may have missed that it was taken.
        let (error, progress) = match live.written.is_confirmed {
            true => (CommandError::Lapsed, Progress::Failed),
            false => (CommandError::Uncertain, Progress::Uncertain),
        };
        for waiting in live.take_all_waiting(|it| it.wanted == Wanted::Resize) {
            if let Some(name) = waiting.operation
                && self.failing.is_none()
            {
                let write = self.decide_operation(name, progress);
                live.ticket = self.journal.write(write.into_iter().collect());
            }
            if let Some(id) = waiting.command {
                self.refuse(live, id, error.clone());
            }
        }
    }

    /// After a restart: goes on with a named resize that was signed or asked for. False if it was
    /// neither.
    pub(crate) fn resume_resize(
        &mut self,
        live: &mut Live,
        snapshot: &Snapshot,
        id: OperationId,
        wanted: [u8; 32],
    ) -> bool {
        let signed = snapshot.resize.iter().map(|it| (&it.resize.deltas, it.resize.valid_until));
        let asked = snapshot.asked.iter().filter_map(|it| it.resize.as_ref());
        let asked = asked.map(|it| (&it.deltas, it.valid_until));
        let mut known = signed.chain(asked);
        let Some((deltas, until)) = known.find(|(deltas, until)| digest(deltas, *until) == wanted)
        else {
            return false;
        };
        live.resize = Some((deltas.clone(), until));
        let (command, operation, wanted) = (None, Some(id), Wanted::Resize);
        live.waiting.push_back(Waiting { command, operation, wanted, is_out: true });
        true
    }
}
