// SPDX-License-Identifier: Apache-2.0

//! Commands that move money have names, so that repeating one never moves it twice (DA-8).
//!
//! A named payment is written down in the batch in which its payment first may be signed or asked
//! for, and its outcome in the batch that decides it. After a crash, a payment whose outcome is not
//! written is found again in what was signed or asked for, in the order in which payments were
//! wanted; one that is not there was never seen by anybody, and is not made.

use crate::input::Millis;
use codec::{Decode, Encode};
use millrace_channels_protocol::Payment;
use millrace_primitives_channels::ChannelId;
use std::collections::BTreeMap;

/// The name of a command, chosen by who gives it.
pub type OperationId = [u8; 32];

/// A named command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OperationKey {
    /// Its name.
    pub id: OperationId,
    /// Stands for everything that it asks for: the same name with another fingerprint is refused.
    pub fingerprint: [u8; 32],
}

/// What became of a named command.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Operation {
    /// Stands for what was asked for.
    pub fingerprint: [u8; 32],
    /// Rises with each operation.
    pub number: u64,
    /// When it was asked for.
    pub at: Millis,
    /// In which channel.
    pub channel: ChannelId,
    /// What it does.
    pub deed: Deed,
    /// How far it has come.
    pub progress: Progress,
}

/// What a named command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Deed {
    /// Pays.
    #[codec(index = 0)]
    Payment(Payment),
    /// Opens the channel. It is written down with everybody's consent, because nothing is at stake
    /// before.
    #[codec(index = 1)]
    Opening,
    /// Changes deposits. The hash stands for who adds and takes out how much, and until when.
    #[codec(index = 3)]
    Resize([u8; 32]),
}

/// How far a named command has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Progress {
    /// It may yet be carried out.
    #[codec(index = 0)]
    UnderWay,
    /// It was, by this version.
    #[codec(index = 1)]
    Done {
        /// The version.
        version: u64,
    },
    /// It was not and will not be.
    #[codec(index = 2)]
    Failed,
    /// Nobody knows: the channel went on from a state that its peer handed over.
    #[codec(index = 3)]
    Uncertain,
}

/// The operations that are remembered: a bounded number, the oldest that are decided go first.
#[derive(Debug, Default)]
pub(crate) struct Operations {
    by_id: BTreeMap<OperationId, Operation>,
    by_number: BTreeMap<u64, OperationId>,
    next: u64,
}

impl Operations {
    /// What was written down.
    pub(crate) fn restored(rows: impl IntoIterator<Item = (OperationId, Operation)>) -> Self {
        let mut operations = Self::default();
        for (id, operation) in rows {
            operations.next = operations.next.max(operation.number.saturating_add(1));
            operations.by_number.insert(operation.number, id);
            operations.by_id.insert(id, operation);
        }
        operations
    }

    pub(crate) fn get(&self, id: &OperationId) -> Option<&Operation> {
        self.by_id.get(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&OperationId, &Operation)> {
        self.by_id.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Notes that an operation begins; its number is set here.
    pub(crate) fn begin(&mut self, id: OperationId, operation: Operation) -> Operation {
        let operation = Operation { number: self.next, ..operation };
        self.next = self.next.saturating_add(1);
        self.by_number.insert(operation.number, id);
        self.by_id.insert(id, operation.clone());
        operation
    }

    /// Notes how far an operation has come; nothing if it is not remembered.
    pub(crate) fn decide(&mut self, id: &OperationId, progress: Progress) -> Option<Operation> {
        let operation = self.by_id.get_mut(id)?;
        operation.progress = progress;
        Some(operation.clone())
    }

    /// Forgets the oldest operation that is decided.
    pub(crate) fn forget_oldest(&mut self) -> Option<OperationId> {
        let is_decided = |id: &OperationId| {
            self.by_id.get(id).is_none_or(|it| it.progress != Progress::UnderWay)
        };
        let (number, id) = self.by_number.iter().find(|(_, id)| is_decided(id))?;
        let (number, id) = (*number, *id);
        self.by_number.remove(&number);
        self.by_id.remove(&id);
        Some(id)
    }

    /// Forgets one that was never begun.
    pub(crate) fn remove(&mut self, id: &OperationId) {
        if let Some(operation) = self.by_id.remove(id) {
            self.by_number.remove(&operation.number);
        }
    }

    /// Operations of a channel that are under way, in the order in which they were wanted.
    pub(crate) fn under_way(&self, channel: ChannelId) -> Vec<(OperationId, Deed)> {
        let all = self.by_number.values().filter_map(|id| Some((id, self.by_id.get(id)?)));
        all.filter(|(_, it)| it.channel == channel && it.progress == Progress::UnderWay)
            .map(|(id, it)| (*id, it.deed))
            .collect()
    }

    /// The channels in which something is under way.
    pub(crate) fn busy_channels(&self) -> std::collections::BTreeSet<ChannelId> {
        let under_way = self.by_id.values().filter(|it| it.progress == Progress::UnderWay);
        under_way.map(|it| it.channel).collect()
    }
}
