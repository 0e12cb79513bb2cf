// SPDX-License-Identifier: Apache-2.0

//! Changing a channel's deposits while it lives.
//!
//! A named resize is written down with what it first leads to, and its outcome in the batch that
//! decides it (DA-8). It is decided by the chain's final blocks alone: one of them takes it, or the
//! last block in which one could is over. After a crash, a resize that was signed or asked for goes on,
//! and one that was not was seen by nobody.

use super::Node;
use crate::{
    error::CommandError,
    input::CommandId,
    live::{Live, Waiting, Wanted},
    operation::{Deed, OperationId, OperationKey, Progress},
    records::snapshot,
};
use codec::Encode;
use millrace_channels_protocol::Snapshot;
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
        if !live.resize.as_ref().is_some_and(is_over) {
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
