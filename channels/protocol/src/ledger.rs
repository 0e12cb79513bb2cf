// SPDX-License-Identifier: Apache-2.0

//! What a state distributes, with all that is behind its roots, and what changes do to it.
//!
//! Pure arithmetic: nothing is rounded, nothing is lost. A change applies as a whole or not at all.

use crate::{
    changes::{Change, StreamFold, StreamName},
    error::{ChangeError, StreamError, TransferError},
    payments::{Payment, credit, debit},
    transfers::Transfers,
};
use millrace_primitives_channels::{
    Balance, ChannelState, Stream, Transfer,
    params::Amounts,
    state::{MAX_STREAM_CHAINS, MAX_STREAM_LINKS, MAX_STREAMS},
};
use polkadot_sdk::{sp_core::ConstU32, sp_runtime::BoundedVec};
use std::sync::Arc;

/// The streams of one state, in its order.
pub(crate) type Streams = BoundedVec<Stream, ConstU32<MAX_STREAMS>>;

/// The largest number of streams that one participant of a channel with `size` parties may have
/// under way as the payer.
pub fn stream_quota(size: usize) -> usize {
    (MAX_STREAMS as usize).checked_div(size).unwrap_or(0).max(1)
}

/// The contents of one state.
///
/// Transfers are shared between ledgers until one of them changes, so that a copy for the next
/// version of a channel costs little, however many transfers are under way.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    pub(crate) balances: Amounts,
    pub(crate) streams: Streams,
    transfers: Arc<Transfers>,
}

impl Ledger {
    /// The contents of a state whose transfers are `transfers`, in the order of its leaves.
    ///
    /// Errors when these are not what the state commits to.
    pub(crate) fn of(
        state: &ChannelState,
        transfers: Vec<Transfer>,
    ) -> Result<Self, TransferError> {
        let size = state.balances.len();
        let transfers = Transfers::of(transfers, size)?;
        if transfers.commitment(size) != state.pending {
            return Err(TransferError::NotCommitted { version: state.version });
        }
        Ok(Self {
            balances: state.balances.clone(),
            streams: state.streams.clone(),
            transfers: Arc::new(transfers),
        })
    }

    /// The transfers.
    pub(crate) fn transfers(&self) -> &Transfers {
        &self.transfers
    }

    /// What the participant at `position` owns outright.
    pub(crate) fn balance(&self, position: usize) -> Balance {
        self.balances.get(position).copied().unwrap_or(0)
    }

    /// The stream of this name.
    pub(crate) fn stream(&self, name: StreamName) -> Option<&Stream> {
        self.streams.iter().find(|stream| StreamName::of(stream) == name)
    }

    /// Whether everything belongs to somebody outright.
    pub(crate) fn is_plain(&self) -> bool {
        self.transfers.list().is_empty() && self.streams.is_empty()
    }

    /// Whose change it is, here and now; nothing if it is about something that is not there.
    pub(crate) fn author(&self, change: &Change) -> Option<u8> {
        match change {
            Change::Pay(payment) => Some(payment.payer),
            Change::Offer(transfer) => Some(transfer.payer),
            Change::Fold { id } => self.transfers.get(*id).map(|transfer| transfer.payer),
            Change::Fail { id } => self.transfers.get(*id).map(|transfer| transfer.payee),
            Change::OpenStream(stream) => Some(stream.payer),
            Change::FoldStream(fold) => Some(fold.stream.payer),
        }
    }

    /// Applies one change and returns its author. The ledger stays as it was on error.
    pub(crate) fn apply(&mut self, change: &Change) -> Result<u8, ChangeError> {
        match change {
            Change::Pay(payment) => self.pay(payment),
            Change::Offer(transfer) => self.offer(transfer),
            Change::Fold { id } => {
                self.decide(*id, |transfer| transfer.payee).map(|transfer| transfer.payer)
            }
            Change::Fail { id } => {
                self.decide(*id, |transfer| transfer.payer).map(|transfer| transfer.payee)
            }
            Change::OpenStream(stream) => self.open_stream(stream),
            Change::FoldStream(fold) => self.fold_stream(fold),
        }
    }

    fn pay(&mut self, payment: &Payment) -> Result<u8, ChangeError> {
        payment.apply(&mut self.balances)?;
        Ok(payment.payer)
    }

    fn offer(&mut self, transfer: &Transfer) -> Result<u8, ChangeError> {
        let size = self.balances.len();
        let after = debit(&self.balances, transfer.payer, transfer.amount)?;
        Arc::make_mut(&mut self.transfers).add(*transfer, size)?;
        self.set_balance(transfer.payer, after);
        Ok(transfer.payer)
    }

    /// Takes a transfer out and gives its amount to whom `to` names.
    fn decide(&mut self, id: u64, to: impl Fn(&Transfer) -> u8) -> Result<Transfer, ChangeError> {
        let known = self.transfers.get(id).copied().ok_or(TransferError::Unknown { id })?;
        let receiver = to(&known);
        let after = credit(&self.balances, receiver, known.amount)?;
        Arc::make_mut(&mut self.transfers).remove(id);
        self.set_balance(receiver, after);
        Ok(known)
    }

    fn open_stream(&mut self, stream: &Stream) -> Result<u8, ChangeError> {
        let size = self.balances.len();
        let name = StreamName::of(stream);
        let is_known = |position: u8| usize::from(position) < size;
        let is_sound = stream.payer != stream.payee
            && is_known(stream.payer)
            && is_known(stream.payee)
            && stream.unit > 0
            && (1..=MAX_STREAM_CHAINS).contains(&stream.chains)
            && (1..=MAX_STREAM_LINKS).contains(&stream.links);
        let reserve = stream.reserve().filter(|_| is_sound);
        let reserve = reserve.ok_or(StreamError::Malformed { stream: name })?;
        if self.stream(name).is_some() {
            return Err(StreamError::Duplicate { stream: name }.into());
        }
        let limit = stream_quota(size);
        let running = self.streams.iter().filter(|known| known.payer == stream.payer).count();
        if running >= limit {
            return Err(StreamError::TooMany { payer: stream.payer, limit }.into());
        }
        let after = debit(&self.balances, stream.payer, reserve)?;
        self.streams
            .try_push(*stream)
            .map_err(|_| StreamError::TooMany { payer: stream.payer, limit: running })?;
        self.set_balance(stream.payer, after);
        Ok(stream.payer)
    }

    fn fold_stream(&mut self, fold: &StreamFold) -> Result<u8, ChangeError> {
        let StreamFold { stream: name, units } = *fold;
        let stream = *self.stream(name).ok_or(StreamError::Unknown { stream: name })?;
        let capacity = stream.capacity();
        let left = capacity.checked_sub(units).ok_or(StreamError::BeyondCapacity {
            stream: name,
            units,
            capacity,
        })?;
        let worth = |units: u64| stream.unit.checked_mul(units.into());
        let (Some(paid), Some(rest)) = (worth(units), worth(left)) else {
            return Err(StreamError::Malformed { stream: name }.into());
        };
        let payee = credit(&self.balances, stream.payee, paid)?;
        let payer = credit(&self.balances, stream.payer, rest)?;
        self.streams.retain(|known| StreamName::of(known) != name);
        self.set_balance(stream.payee, payee);
        self.set_balance(stream.payer, payer);
        Ok(stream.payer)
    }

    fn set_balance(&mut self, position: u8, balance: Balance) {
        if let Some(slot) = self.balances.get_mut(usize::from(position)) {
            *slot = balance;
        }
    }

    /// The state with these contents. `of`: any earlier state of the channel.
    pub(crate) fn state(
        &mut self,
        of: &ChannelState,
        version: u64,
        is_final: bool,
    ) -> ChannelState {
        if self.transfers.is_stale() {
            Arc::make_mut(&mut self.transfers).refresh();
        }
        ChannelState {
            channel: of.channel,
            version,
            balances: self.balances.clone(),
            pending: self.transfers.commitment(self.balances.len()),
            streams: self.streams.clone(),
            app: of.app.clone(),
            is_final,
        }
    }
}
