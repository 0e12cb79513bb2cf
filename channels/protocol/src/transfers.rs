// SPDX-License-Identifier: Apache-2.0

//! The conditional transfers behind a state's Merkle root.
//!
//! Every participant keeps all of them, in the order of the tree's leaves, so that it can prove on
//! chain whatever concerns it. The order follows from the changes alone: a new transfer goes to the
//! end, and the last one takes the place of one that is decided.

use crate::{error::TransferError, tree::Tree};
use millrace_primitives_channels::{
    Balance, BlockNumber, MerkleProof, PendingTransfers, Transfer,
    params::{Amounts, MAX_PARTICIPANTS},
};

/// The largest number of transfers under way in one channel. The chain would take 1,024.
pub const MAX_TRANSFERS: u32 = 512;

/// The largest number that one participant of a channel with `size` parties may have under way as
/// the payer. Everybody has its own share, so that nobody can use up the room of the others.
pub fn transfer_quota(size: usize) -> usize {
    (MAX_TRANSFERS as usize).checked_div(size).unwrap_or(0)
}

/// All transfers of one state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transfers {
    /// In the order of the leaves.
    list: Vec<Transfer>,
    /// Where each id is in `list`, in ascending order of ids.
    places: Vec<(u64, usize)>,
    /// How many each participant pays.
    counts: [usize; MAX_PARTICIPANTS as usize],
    tree: Tree,
}

impl Transfers {
    /// The transfers of a state that was handed over, in the order of its leaves.
    pub(crate) fn of(list: Vec<Transfer>, size: usize) -> Result<Self, TransferError> {
        let mut transfers = Self::default();
        for transfer in list {
            transfers.add(transfer, size)?;
        }
        transfers.tree.refresh();
        Ok(transfers)
    }

    /// Adds a transfer. The tree has to be refreshed before it is read.
    pub(crate) fn add(&mut self, transfer: Transfer, size: usize) -> Result<(), TransferError> {
        let Transfer { id, payer, payee, .. } = transfer;
        let is_known = |position: u8| usize::from(position) < size;
        if payer == payee || !is_known(payer) || !is_known(payee) || transfer.amount == 0 {
            return Err(TransferError::Malformed { id });
        }
        let of_payer = u64::try_from(size).ok().and_then(|size| id.checked_rem(size));
        if of_payer != Some(payer.into()) {
            return Err(TransferError::ForeignId { id, payer });
        }
        let limit = transfer_quota(size);
        let too_many = TransferError::TooMany { payer, limit };
        let count = self.counts.get_mut(usize::from(payer)).ok_or(too_many)?;
        if *count >= limit {
            return Err(too_many);
        }
        let Err(slot) = self.places.binary_search_by_key(&id, |(known, _)| *known) else {
            return Err(TransferError::Duplicate { id });
        };
        *count = count.saturating_add(1);
        self.places.insert(slot, (id, self.list.len()));
        self.tree.push(&transfer.leaf());
        self.list.push(transfer);
        Ok(())
    }

    /// Takes out a transfer. The tree has to be refreshed before it is read.
    pub(crate) fn remove(&mut self, id: u64) -> Option<Transfer> {
        let slot = self.places.binary_search_by_key(&id, |(known, _)| *known).ok()?;
        let (_, place) = *self.places.get(slot)?;
        if place >= self.list.len() {
            return None;
        }
        self.places.remove(slot);
        let transfer = self.list.swap_remove(place);
        self.tree.swap_remove(place);
        if let Some(count) = self.counts.get_mut(usize::from(transfer.payer)) {
            *count = count.saturating_sub(1);
        }
        if let Some(moved) = self.list.get(place).map(|moved| moved.id)
            && let Ok(slot) = self.places.binary_search_by_key(&moved, |(known, _)| *known)
            && let Some(entry) = self.places.get_mut(slot)
        {
            entry.1 = place;
        }
        Some(transfer)
    }

    /// The transfer with this id.
    pub(crate) fn get(&self, id: u64) -> Option<&Transfer> {
        let slot = self.places.binary_search_by_key(&id, |(known, _)| *known).ok()?;
        let (_, place) = self.places.get(slot)?;
        self.list.get(*place)
    }

    /// All of them, in the order of the leaves.
    pub(crate) fn list(&self) -> &[Transfer] {
        &self.list
    }

    /// Whether the tree has to be refreshed before it is read.
    pub(crate) fn is_stale(&self) -> bool {
        self.tree.is_stale()
    }

    /// Makes the tree fit to be read.
    pub(crate) fn refresh(&mut self) {
        self.tree.refresh();
    }

    /// That the transfer with this id is behind the root.
    pub(crate) fn proof(&self, id: u64) -> Option<MerkleProof> {
        let slot = self.places.binary_search_by_key(&id, |(known, _)| *known).ok()?;
        let (_, place) = self.places.get(slot)?;
        self.tree.proof(*place)
    }

    /// What stands in the state for them: nothing if there are none, or on overflow.
    pub(crate) fn commitment(&self, size: usize) -> Option<PendingTransfers> {
        if self.list.is_empty() {
            return None;
        }
        let mut totals: Vec<Balance> = vec![0; size];
        let mut last_expiry: BlockNumber = 0;
        for transfer in &self.list {
            let total = totals.get_mut(usize::from(transfer.payer))?;
            *total = total.checked_add(transfer.amount)?;
            last_expiry = last_expiry.max(transfer.expiry);
        }
        Some(PendingTransfers {
            root: self.tree.root(),
            totals: Amounts::truncate_from(totals),
            count: u32::try_from(self.list.len()).ok()?,
            last_expiry,
        })
    }
}
