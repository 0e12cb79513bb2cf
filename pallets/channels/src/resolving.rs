// SPDX-License-Identifier: Apache-2.0

//! Conditional transfers are decided one by one, after the balances were paid.
//!
//! Whoever carries out a claim or a refund, the money goes where the transfer says. What nobody
//! decides goes back to the payers when the time is up, so nobody has to act.

use crate::{
    Balance, ChannelFunds, ChannelId, ChannelOf, Config, Due, Error, Event, Pallet, Phase,
    Resolution, Resolutions,
};
use alloc::{vec, vec::Vec};
use millrace_primitives_channels::{MerkleProof, Transfer, transfer};
use polkadot_sdk::{
    frame_support::ensure,
    sp_runtime::{DispatchError, DispatchResult},
};

impl<T: Config> Pallet<T> {
    /// See [`Pallet::claim`](crate::Pallet::claim). Returns the number of participants.
    pub(crate) fn do_claim(
        id: ChannelId,
        transfer: Transfer,
        proof: MerkleProof,
    ) -> Result<u32, DispatchError> {
        let (channel, mut resolution) = Self::resolving(id)?;
        Self::decide(&channel, &mut resolution, &transfer, &proof)?;
        ensure!(Self::is_unlocked(&transfer), Error::<T>::NotRevealedInTime);

        let participants = channel.size();
        Self::deposit_event(Event::TransferClaimed {
            channel: id,
            index: proof.index,
            transfer: transfer.id,
            amount: transfer.amount,
        });
        Self::pay_and_go_on(id, channel, resolution, transfer.payee, transfer.amount)?;
        Ok(participants)
    }

    /// See [`Pallet::refund`](crate::Pallet::refund). Returns the number of participants.
    pub(crate) fn do_refund(
        id: ChannelId,
        transfer: Transfer,
        proof: MerkleProof,
    ) -> Result<u32, DispatchError> {
        let (channel, mut resolution) = Self::resolving(id)?;
        Self::decide(&channel, &mut resolution, &transfer, &proof)?;
        ensure!(Self::now() >= transfer.expiry, Error::<T>::NotExpired);
        ensure!(!Self::is_unlocked(&transfer), Error::<T>::RevealedInTime);

        let participants = channel.size();
        Self::deposit_event(Event::TransferRefunded {
            channel: id,
            index: proof.index,
            transfer: transfer.id,
            amount: transfer.amount,
        });
        Self::pay_and_go_on(id, channel, resolution, transfer.payer, transfer.amount)?;
        Ok(participants)
    }

    /// A channel that is resolving, and what is left of it to be decided.
    pub(crate) fn resolving(id: ChannelId) -> Result<(ChannelOf<T>, Resolution), DispatchError> {
        let channel = Self::channel(id)?;
        ensure!(channel.phase == Phase::Resolving, Error::<T>::NotResolving);
        let resolution = Resolutions::<T>::get(id).ok_or(Error::<T>::RecordMissing)?;
        // Half-open: the block in which the rest goes back accepts no claim.
        ensure!(Self::now() < resolution.until, Error::<T>::ResolutionOver);
        Ok((channel, resolution))
    }

    /// Upholds CH-11: takes a transfer out of what is to be decided.
    fn decide(
        channel: &ChannelOf<T>,
        resolution: &mut Resolution,
        transfer: &Transfer,
        proof: &MerkleProof,
    ) -> DispatchResult {
        let pending = resolution.pending.as_mut().ok_or(Error::<T>::InvalidProof)?;
        let committed = &mut pending.transfers;
        let is_proven = transfer::verify(&committed.root, committed.count, transfer, proof);
        ensure!(is_proven, Error::<T>::InvalidProof);
        ensure!(!pending.is_decided(proof.index), Error::<T>::AlreadyDecided);
        let are_parties = transfer.payer != transfer.payee
            && usize::from(transfer.payee) < channel.participants.len();
        ensure!(are_parties && transfer.amount > 0, Error::<T>::BadTransfer);
        let committed = &mut pending.transfers;
        ensure!(transfer.expiry <= committed.last_expiry, Error::<T>::BadTransfer);
        let left =
            committed.totals.get_mut(usize::from(transfer.payer)).ok_or(Error::<T>::BadTransfer)?;
        *left = left.checked_sub(transfer.amount).ok_or(Error::<T>::TotalExceeded)?;
        pending.mark(proof.index);
        Ok(())
    }

    /// Pays `amount` to the participant at `position`. Ends the channel if nothing is left to be
    /// decided, else stores the rest.
    pub(crate) fn pay_and_go_on(
        id: ChannelId,
        channel: ChannelOf<T>,
        resolution: Resolution,
        position: u8,
        amount: Balance,
    ) -> DispatchResult {
        let mut payouts: Vec<Balance> = vec![0; channel.participants.len()];
        if resolution.is_done() {
            let left = resolution.leftovers(channel.participants.len());
            payouts = left.ok_or(Error::<T>::AmountOverflow)?.into_inner();
        }
        let share = payouts.get_mut(usize::from(position)).ok_or(Error::<T>::BadTransfer)?;
        *share = share.checked_add(amount).ok_or(Error::<T>::AmountOverflow)?;

        if resolution.is_done() {
            return Self::end_resolution(id, channel, &resolution, &payouts);
        }
        T::Funds::pay(id, channel.asset, &channel.payouts(&payouts))?;
        Resolutions::<T>::insert(id, resolution);
        Ok(())
    }

    /// Pays everything that is left, and ends the channel.
    pub(crate) fn end_resolution(
        id: ChannelId,
        channel: ChannelOf<T>,
        resolution: &Resolution,
        payouts: &[Balance],
    ) -> DispatchResult {
        Self::unschedule(resolution.due, Due::Channel(id));
        Resolutions::<T>::remove(id);
        Self::close(id, channel, payouts)?;
        let payouts = crate::Amounts::truncate_from(payouts.to_vec());
        Self::deposit_event(Event::ChannelResolved { channel: id, payouts });
        Ok(())
    }
}
