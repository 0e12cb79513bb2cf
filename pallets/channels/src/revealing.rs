// SPDX-License-Identifier: Apache-2.0

//! A preimage is made public, and the chain remembers when.
//!
//! All channels on a payment's path share one hash lock, so one reveal decides them all alike, in
//! whatever order they are judged. A reveal is forgotten after a while. Until then anybody can
//! reveal again to keep it: the first block counts.

use crate::{Config, Due, Event, Hash, Pallet, Reveal, Reveals};
use millrace_primitives_channels::{
    AccountId, Transfer,
    transfer::{Preimage, hashlock},
};
use polkadot_sdk::{
    frame_support::traits::{Consideration, Footprint, Get},
    sp_runtime::DispatchResult,
};

impl<T: Config> Pallet<T> {
    /// See [`Pallet::reveal`](crate::Pallet::reveal).
    pub(crate) fn do_reveal(who: AccountId, preimage: Preimage) -> DispatchResult {
        let lock = hashlock(&preimage);
        let now = Self::now();
        let at = Self::forget_reveal(lock).unwrap_or(now);
        let ticket = T::RevealTicket::new(&who, Self::reveal_footprint())?;
        let until = Self::schedule(now.saturating_add(T::RevealBlocks::get()), Due::Reveal(lock));
        Reveals::<T>::insert(lock, Reveal { at, until, by: who.clone(), ticket });
        Self::deposit_event(Event::PreimageRevealed {
            hashlock: lock,
            preimage,
            by: who,
            at,
            until,
        });
        Ok(())
    }

    /// What a reveal takes of the chain's storage.
    pub fn reveal_footprint() -> Footprint {
        Footprint::from_mel::<(Hash, Reveal<()>)>()
    }

    /// Forgets the preimage of `lock`, gives the storage deposit back, and returns the block of the
    /// reveal; nothing if there was none.
    pub(crate) fn forget_reveal(lock: Hash) -> Option<crate::BlockNumber> {
        let reveal = Reveals::<T>::take(lock)?;
        Self::unschedule(reveal.until, Due::Reveal(lock));
        Self::drop_ticket(reveal.ticket, &reveal.by);
        Some(reveal.at)
    }

    /// Whether the preimage of a transfer was made public before the transfer expired.
    pub(crate) fn is_unlocked(transfer: &Transfer) -> bool {
        Reveals::<T>::get(transfer.hashlock).is_some_and(|reveal| reveal.at < transfer.expiry)
    }
}
