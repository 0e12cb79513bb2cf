// SPDX-License-Identifier: Apache-2.0

//! Whoever disputes stakes a bond on its state, and loses it if the state is proven stale.
//!
//! Being answered by the next version costs nothing: the last signature may be on its way, or the
//! others may withhold it. Being answered by a still later version costs the bond: a share of it
//! rewards whoever shows the highest version, the rest goes to the public purse. Whoever is caught
//! may be the one who answers, in its own name or in another: the rest is lost all the same, so that
//! an old state is never tried for free.

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
        let outcome = with_storage_layer(|| match dispute.reward_to.clone() {
            Some(to) => T::Bonds::forfeit_bond(&by, amount, &to, Self::reward(amount))
                .map(|reward| Event::BondForfeited { channel: id, by, amount, to, reward }),
            None => T::Bonds::return_bond(&by, amount).map(|()| Event::BondReturned {
                channel: id,
                by,
                amount,
            }),
        });
        match outcome {
            Ok(event) => Self::deposit_event(event),
            Err(_) => {
                defensive!("a bond that is held can be moved");
            }
        }
    }

    /// What whoever proves a claim stale gets of its bond, rounded down.
    pub(crate) fn reward(bond: Balance) -> Balance {
        T::RewardShare::get().mul_floor(bond)
    }
}
