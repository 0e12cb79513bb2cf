// SPDX-License-Identifier: Apache-2.0

//! The numbered rules of the judge.
//!
//! - **CH-1**: every state that is recorded or paid distributes exactly the channel's deposit.
//! - **CH-2**: a channel's deposit is the sum of what its participants have locked for it.
//! - **CH-3**: the recorded version of a dispute only rises.
//! - **CH-4**: a dispute's deadline never moves, and no block allows both an answer and a
//!   conclusion.
//! - **CH-5**: an id is never used twice: while a retired id could be used again, it is remembered.
//! - **CH-6**: participants are two to eight, in strictly ascending order, with distinct signers.
//! - **CH-7**: a channel was opened no later than its last opening block, and not in the future.
//!
//! CH-3 is about changes, not states; it is checked where the change is made and by the model in
//! the tests.

#[cfg(any(feature = "std", feature = "try-runtime"))]
use crate::{Channel, ChannelId, Channels, Config, NextToForget, Pallet, Phase, Retired};

#[cfg(any(feature = "std", feature = "try-runtime"))]
use polkadot_sdk::{frame_support::ensure, sp_runtime::TryRuntimeError};

#[cfg(any(feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
    /// Checks every rule over the whole state. Reads everything: never on chain.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        for (id, channel) in Channels::<T>::iter() {
            Self::check_channel(id, &channel)?;
        }
        for (open_by, id, ()) in Retired::<T>::iter() {
            ensure!(
                open_by >= NextToForget::<T>::get(),
                "CH-5: a retired id would never be forgotten"
            );
            ensure!(!Channels::<T>::contains_key(id), "CH-5: an open channel's id is retired");
        }
        Ok(())
    }

    /// Checks the rules of one channel.
    fn check_channel(id: ChannelId, channel: &Channel) -> Result<(), TryRuntimeError> {
        use millrace_primitives_channels::ChannelFunds;

        let participants = &channel.participants;
        ensure!(participants.len() >= 2, "CH-6: a channel has fewer than two participants");
        for (earlier, later) in participants.iter().zip(participants.iter().skip(1)) {
            ensure!(earlier.account < later.account, "CH-6: participants are not ascending");
        }
        for (at, participant) in participants.iter().enumerate() {
            ensure!(
                participants
                    .iter()
                    .skip(at.saturating_add(1))
                    .all(|it| { it.signer != participant.signer }),
                "CH-6: two participants share a signer"
            );
        }

        let mut locked = 0u128;
        for participant in participants {
            let deposit = T::Funds::locked(id, &participant.account)
                .ok_or("CH-2: a participant has nothing locked")?;
            locked = locked.checked_add(deposit).ok_or("CH-2: deposits overflow")?;
        }
        ensure!(locked == channel.deposit, "CH-2: the deposit differs from what is locked");
        ensure!(channel.opened_at <= channel.open_by, "CH-7: opened after the last opening block");
        ensure!(channel.opened_at <= Self::now(), "CH-7: opened in the future");

        if let Phase::Disputed(dispute) = &channel.phase {
            ensure!(
                dispute.balances.len() == participants.len(),
                "CH-1: a recorded state has another number of balances"
            );
            let sum = dispute
                .balances
                .iter()
                .try_fold(0u128, |sum, balance| sum.checked_add(*balance))
                .ok_or("CH-1: a recorded state overflows")?;
            ensure!(sum == channel.deposit, "CH-1: a recorded state distributes another sum");
            ensure!(
                dispute.deadline <= Self::now().saturating_add(channel.challenge_blocks),
                "CH-4: a deadline lies further ahead than the whole window"
            );
            ensure!(
                dispute.deadline >= channel.opened_at.saturating_add(channel.challenge_blocks),
                "CH-4: a window started before the channel was open"
            );
        }
        Ok(())
    }
}
