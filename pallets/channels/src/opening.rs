// SPDX-License-Identifier: Apache-2.0

//! Every deposit is locked by one extrinsic, so no half-funded channel can exist.

use crate::{
    Amounts, Balance, Base, Channel, ChannelFunds, ChannelId, ChannelParams, ChannelState,
    Channels, Config, Error, Event, Hash, Pallet, Phase, Retired, Signatures, weighing,
};
use millrace_primitives_channels::{
    AccountId, ParamsError, account_form, channel_id, open_payload, state_payload,
};
use polkadot_sdk::{
    frame_support::{
        ensure,
        traits::{Consideration, Footprint, Get},
        weights::Weight,
    },
    sp_runtime::{DispatchError, DispatchResult},
};

impl<T: Config> Pallet<T> {
    /// See [`Pallet::open`](crate::Pallet::open). Returns what it took less than it might have.
    pub(crate) fn do_open(
        opener: AccountId,
        params: ChannelParams,
        deposits: Amounts,
        signatures: Signatures,
    ) -> Result<Weight, DispatchError> {
        Self::verify_params(&params)?;
        let deposit = Self::verify_deposits(&params, &deposits)?;
        let genesis = Self::genesis();
        let id = channel_id(&genesis, &params);
        ensure!(!Self::was_used(id, &params), Error::<T>::ChannelExists);
        let spared = Self::verify_consent(&genesis, &params, &deposits, &signatures, &opener)?;

        let ticket = T::ChannelTicket::new(&opener, Self::footprint(&params))?;
        let opening = ChannelState::opening(id, deposits);
        let channel = Channel {
            participants: params.participants,
            asset: params.asset,
            deposit,
            challenge_blocks: params.challenge_blocks,
            opened_at: Self::now(),
            open_by: params.open_by,
            base: Base { version: opening.version, digest: state_payload(&genesis, &opening) },
            opener,
            ticket,
            phase: Phase::Open,
        };
        let is_participant = channel.has_participant(&channel.opener);
        let locks = channel.payouts(&opening.balances);
        T::Funds::lock(id, channel.asset, &locks)?;
        Channels::<T>::insert(id, channel);
        let participants = locks.into_iter().map(|(account, _)| account).collect();
        Self::deposit_event(Event::ChannelOpened { channel: id, participants, deposit });
        Ok(if is_participant {
            spared.saturating_add(weighing::spared_opener::<T>())
        } else {
            spared
        })
    }

    /// What a channel takes of the chain's storage, as far as its parameters determine it. What
    /// every channel takes besides is up to the price's constant part.
    pub fn footprint(params: &ChannelParams) -> Footprint {
        Footprint::from_encodable(params)
    }

    /// Checks participants and rules.
    fn verify_params(params: &ChannelParams) -> DispatchResult {
        params.verify().map_err(|error| match error {
            ParamsError::TooFewParticipants => Error::<T>::TooFewParticipants,
            ParamsError::ParticipantsNotAscending => Error::<T>::ParticipantsNotAscending,
            ParamsError::DuplicateSigner => Error::<T>::DuplicateSigner,
            ParamsError::UnsupportedSigner => Error::<T>::UnsupportedSigner,
        })?;
        let (shortest, longest) = Self::challenge_bounds();
        ensure!(params.challenge_blocks >= shortest, Error::<T>::ChallengeTooShort);
        ensure!(params.challenge_blocks <= longest, Error::<T>::ChallengeTooLong);
        let now = Self::now();
        ensure!(params.open_by >= now, Error::<T>::OpeningExpired);
        ensure!(
            params.open_by <= now.saturating_add(T::MaxOpenDelay::get()),
            Error::<T>::OpeningTooFarAhead
        );
        Ok(())
    }

    /// Checks the deposits and returns their sum.
    fn verify_deposits(params: &ChannelParams, deposits: &Amounts) -> Result<Balance, Error<T>> {
        ensure!(deposits.len() == params.participants.len(), Error::<T>::WrongDepositCount);
        let sum = deposits
            .iter()
            .try_fold(0, |sum: Balance, deposit| sum.checked_add(*deposit))
            .ok_or(Error::<T>::AmountOverflow)?;
        ensure!(sum > 0, Error::<T>::EmptyChannel);
        Ok(sum)
    }

    /// Upholds CH-5: whether a channel with this id is open or could be mistaken for an earlier one.
    fn was_used(id: ChannelId, params: &ChannelParams) -> bool {
        Channels::<T>::contains_key(id) || Retired::<T>::contains_key(params.open_by, id)
    }

    /// Checks that each participant's account agreed to lock its deposit, the opener's by opening if
    /// it left its signature out. Returns what the signatures took less than they might have.
    fn verify_consent(
        genesis: &Hash,
        params: &ChannelParams,
        deposits: &Amounts,
        signatures: &Signatures,
        opener: &AccountId,
    ) -> Result<Weight, DispatchError> {
        let signing = Self::signing(&params.participants, signatures, Some(opener))?;
        let payload = open_payload(genesis, params, deposits);
        let looks = signing.zip(signatures).map(|((_, participant), signature)| {
            (signature, account_form(signature, &participant.account, &payload))
        });
        weighing::spared_looks::<T>(looks).ok_or_else(|| Error::<T>::InvalidSignature.into())
    }
}
