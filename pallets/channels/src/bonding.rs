// SPDX-License-Identifier: Apache-2.0

//! Whoever disputes stakes a bond on its state, and loses it if the state is proven stale.
//!
//! Being answered by the next version costs nothing: the last signature may be on its way, or the
//! others may withhold it. Being answered by a still later version costs the bond, which goes to
//! whoever shows the highest version. A disputant may itself be the one who does: then it has helped
//! the truth, and loses nothing.

use crate::{Balance, ChannelBonds, ChannelId, Config, Dispute, Event, Pallet};
use millrace_primitives_channels::AccountId;
use polkadot_sdk::{
    frame_support::{defensive, storage::with_storage_layer, traits::Get},
    sp_runtime::DispatchError,
};

impl<T: Config> Pallet<T> {
    /// Takes the bond of a dispute from `who`, and returns its amount.
    pub(crate) fn take_bond(who: &AccountId) -> Result<Balance, DispatchError> {
        let amount = T::DisputeBond::get();
        if amount > 0 {
            T::Bonds::hold_bond(who, amount)?;
        }
        Ok(amount)
    }

    /// Upholds CH-10: gives the bond of a dispute that ends to whoever deserves it.
    ///
    /// Never stops the end of a dispute: others' money depends on that.
    pub(crate) fn decide_bond(id: ChannelId, dispute: &Dispute) {
        let (by, amount) = (dispute.by.clone(), dispute.bond);
        if amount == 0 {
            return;
        }
        let outcome = with_storage_layer(|| match &dispute.reward_to {
            Some(to) => T::Bonds::forfeit_bond(&by, to, amount),
            None => T::Bonds::return_bond(&by, amount),
        });
        if outcome.is_err() {
            defensive!("a bond that is held can be moved");
        }
        Self::deposit_event(match dispute.reward_to.clone() {
            Some(to) => Event::BondForfeited { channel: id, by, to, amount },
            None => Event::BondReturned { channel: id, by, amount },
        });
    }
}
