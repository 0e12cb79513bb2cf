// SPDX-License-Identifier: Apache-2.0

//! The numbered rules of the judge.
//!
//! - **CH-1**: every state that is recorded or paid distributes exactly the channel's deposit, in
//!   parts that the judge can decide.
//! - **CH-2**: what participants have locked for a channel is its deposit; once it resolves, what
//!   is left of its transfers' totals and of its streams' reserves.
//! - **CH-3**: the recorded version of a dispute only rises, and is never below the version that
//!   the dispute began with, nor that one below the base.
//! - **CH-4**: a dispute's deadline moves only with a forced move, and no block allows both an
//!   answer and a conclusion.
//! - **CH-5**: an id is never used twice: while a retired id could be used again, it is remembered.
//! - **CH-6**: participants are two to eight, in strictly ascending order, with distinct signers.
//! - **CH-7**: a channel was opened no later than its last opening block, and not in the future.
//! - **CH-8**: a state is recorded for each disputed channel, a resolution for each resolving one,
//!   and neither for any other.
//! - **CH-9**: each channel that is being closed and each reveal is on the agenda exactly once, not
//!   before it is due and not where nobody looks any more; nothing else is.
//! - **CH-10**: the bonds that participants have on hold cover those of their disputes, and a bond
//!   that is lost goes to whoever earned it and to the public purse, to the last unit.
//! - **CH-11**: a transfer is decided at most once, a unit of a stream paid at most once, and a
//!   channel with nothing left to decide is over.
//!
//! CH-3, CH-4 and CH-10 are also about changes; these are checked where the change is made and by the
//! model in the tests. What storage deposits amount to is known to their implementation only; the tests
//! compare it after every call.

#[cfg(any(feature = "std", feature = "try-runtime"))]
mod checks {
    use crate::{
        Agenda, Balance, Base, ChannelBonds, ChannelFunds, ChannelId, ChannelOf, Channels, Config,
        Dispute, Due, NextDue, NextToForget, Pallet, Phase, Recorded, Resolution, Resolutions,
        Retired, Reveals,
    };
    use alloc::collections::BTreeMap;
    use millrace_primitives_channels::{AccountId, Participant};
    use polkadot_sdk::{frame_support::ensure, sp_runtime::TryRuntimeError};

    type Checked = Result<(), TryRuntimeError>;

    impl<T: Config> Pallet<T> {
        /// Checks every rule over the whole state. Reads everything: never on chain.
        pub fn do_try_state() -> Checked {
            for (id, channel) in Channels::<T>::iter() {
                check_participants(&channel.participants)?;
                Self::check_channel(id, &channel)?;
            }
            Self::check_phases()?;
            Self::check_agenda()?;
            Self::check_bonds()?;
            Self::check_retired()
        }

        /// Checks the rules of one channel.
        fn check_channel(id: ChannelId, channel: &ChannelOf<T>) -> Checked {
            ensure!(channel.opened_at <= channel.open_by, "CH-7: opened after the last block");
            ensure!(channel.opened_at <= Self::now(), "CH-7: opened in the future");
            let expected = match &channel.phase {
                Phase::Open => channel.deposit,
                Phase::Disputed(dispute) => {
                    Self::check_dispute(id, channel, dispute)?;
                    channel.deposit
                }
                Phase::Resolving => {
                    let resolution =
                        Resolutions::<T>::get(id).ok_or("CH-8: a resolution is missing")?;
                    check_resolution(channel.participants.len(), &resolution)?;
                    let left = resolution
                        .leftovers(channel.participants.len())
                        .ok_or("CH-2: what is left overflows")?;
                    sum(&left).ok_or("CH-2: what is left overflows")?
                }
            };
            ensure!(expected <= channel.deposit, "CH-2: more is left than was deposited");
            let mut locked = Balance::default();
            for participant in &channel.participants {
                let amount = T::Funds::locked(id, &participant.account)
                    .ok_or("CH-2: a participant has no lock")?;
                locked = locked.checked_add(amount).ok_or("CH-2: locks overflow")?;
            }
            ensure!(locked == expected, "CH-2: locks differ from what is in the channel");
            Ok(())
        }

        /// Checks the rules of one dispute.
        fn check_dispute(id: ChannelId, channel: &ChannelOf<T>, dispute: &Dispute) -> Checked {
            let state = Recorded::<T>::get(id).ok_or("CH-8: a recorded state is missing")?;
            ensure!(state.channel == id, "CH-8: another channel's state is recorded");
            Self::verify_division(channel, &state, channel.deposit)
                .map_err(|_| "CH-1: a recorded state does not distribute the deposit")?;
            let Base { version, .. } = channel.base;
            ensure!(version <= dispute.disputed_version, "CH-3: disputed below the base");
            ensure!(dispute.disputed_version <= state.version, "CH-3: a recorded version fell");
            ensure!(
                dispute.deadline <= Self::now().saturating_add(channel.challenge_blocks),
                "CH-4: a deadline lies further ahead than the whole window"
            );
            ensure!(
                dispute.deadline >= channel.opened_at.saturating_add(channel.challenge_blocks),
                "CH-4: a window started before the channel was open"
            );
            ensure!(
                dispute.due >= dispute.concludable_from(channel.challenge_blocks),
                "CH-9: a dispute is due before it can be concluded"
            );
            ensure!(
                Agenda::<T>::contains_key(dispute.due, Due::Channel(id)),
                "CH-9: a dispute is not on the agenda"
            );
            Ok(())
        }

        /// Checks that nothing is remembered of channels in another phase.
        fn check_phases() -> Checked {
            for id in Recorded::<T>::iter_keys() {
                let phase = Channels::<T>::get(id).map(|channel| channel.phase);
                ensure!(
                    matches!(phase, Some(Phase::Disputed(_))),
                    "CH-8: a state is recorded though nothing is disputed"
                );
            }
            for (id, resolution) in Resolutions::<T>::iter() {
                let phase = Channels::<T>::get(id).map(|channel| channel.phase);
                ensure!(phase == Some(Phase::Resolving), "CH-8: a resolution has no channel");
                ensure!(resolution.due >= resolution.until, "CH-9: a resolution is due too early");
                ensure!(
                    Agenda::<T>::contains_key(resolution.due, Due::Channel(id)),
                    "CH-9: a resolution is not on the agenda"
                );
            }
            Ok(())
        }

        /// Checks that everything on the agenda belongs there, and is found.
        fn check_agenda() -> Checked {
            for (lock, reveal) in Reveals::<T>::iter() {
                ensure!(
                    Agenda::<T>::contains_key(reveal.until, Due::Reveal(lock)),
                    "CH-9: a reveal is not on the agenda"
                );
                ensure!(reveal.at <= Self::now(), "CH-9: a reveal lies in the future");
            }
            for (at, due, ()) in Agenda::<T>::iter() {
                ensure!(at >= NextDue::<T>::get(), "CH-9: nobody would look at an entry");
                let expected = match due {
                    Due::Channel(id) => match Channels::<T>::get(id).map(|it| it.phase) {
                        Some(Phase::Disputed(dispute)) => Some(dispute.due),
                        Some(Phase::Resolving) => Resolutions::<T>::get(id).map(|it| it.due),
                        Some(Phase::Open) | None => None,
                    },
                    Due::Reveal(lock) => Reveals::<T>::get(lock).map(|it| it.until),
                };
                ensure!(expected == Some(at), "CH-9: an entry of the agenda is out of place");
            }
            Ok(())
        }

        /// Checks that every bond of a dispute is on hold.
        fn check_bonds() -> Checked {
            let mut sums = BTreeMap::<AccountId, Balance>::new();
            for channel in Channels::<T>::iter_values() {
                let Phase::Disputed(dispute) = channel.phase else { continue };
                let sum = sums.entry(dispute.by).or_default();
                *sum = sum.checked_add(dispute.bond).ok_or("CH-10: bonds overflow")?;
            }
            for (account, sum) in sums {
                ensure!(T::Bonds::bonds(&account) >= sum, "CH-10: a bond is not on hold");
            }
            Ok(())
        }

        /// Checks what is remembered of channels that ended.
        fn check_retired() -> Checked {
            for (open_by, id) in Retired::<T>::iter_keys() {
                ensure!(
                    open_by >= NextToForget::<T>::get(),
                    "CH-5: a retired id would never be forgotten"
                );
                ensure!(!Channels::<T>::contains_key(id), "CH-5: a living channel's id is retired");
            }
            Ok(())
        }
    }

    /// Checks number, order and distinctness.
    fn check_participants(participants: &[Participant]) -> Checked {
        ensure!(participants.len() >= 2, "CH-6: a channel has fewer than two participants");
        for (earlier, later) in participants.iter().zip(participants.iter().skip(1)) {
            ensure!(earlier.account < later.account, "CH-6: participants are not ascending");
        }
        for (at, participant) in participants.iter().enumerate() {
            let mut others = participants.iter().skip(at.saturating_add(1));
            ensure!(
                others.all(|it| it.signer != participant.signer),
                "CH-6: two participants share a signer"
            );
        }
        Ok(())
    }

    /// Checks what is left to be decided of one channel.
    fn check_resolution(participants: usize, resolution: &Resolution) -> Checked {
        ensure!(!resolution.is_done(), "CH-11: nothing is left to decide");
        if let Some(pending) = &resolution.pending {
            let count = pending.transfers.count;
            ensure!(
                pending.transfers.totals.len() == participants,
                "CH-11: totals are not one for each participant"
            );
            ensure!(
                pending.decided.len() == count.div_ceil(8) as usize,
                "CH-11: there is not one bit for each transfer"
            );
            let marked =
                pending.decided.iter().fold(0u32, |sum, it| sum.saturating_add(it.count_ones()));
            let decided = (0..count).filter(|index| pending.is_decided(*index)).count();
            ensure!(marked as usize == decided, "CH-11: a transfer that does not exist is decided");
        }
        for entry in &resolution.streams {
            ensure!(
                entry.paid <= entry.stream.capacity(),
                "CH-11: more of a stream was paid than there is"
            );
        }
        Ok(())
    }

    fn sum(amounts: &[Balance]) -> Option<Balance> {
        amounts.iter().try_fold(0, |sum: Balance, amount| sum.checked_add(*amount))
    }
}
