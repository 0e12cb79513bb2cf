// SPDX-License-Identifier: Apache-2.0

//! What a call is charged before it runs, and what it gets back because it needed less.
//!
//! A signature is looked at once as it is and, if that fails, once as a wallet wraps it. Benchmarks
//! measure both looks at sr25519 signatures. Signatures of other kinds are charged the difference; a
//! signature that fits at the first look gives the second one back, and one that the sender may leave
//! out is not charged. Deposits for storage are measured
//! with an opener who is nobody else's account; whatever its account is good for otherwise is given
//! back too.

use crate::{Config, Settlements, WeightInfo};
use millrace_primitives_channels::{ChannelApps, ChannelParams, ChannelState, Form, Resize};
use polkadot_sdk::{
    frame_support::{traits::Get, weights::Weight},
    sp_runtime::MultiSignature,
};

/// One look at a signature of this kind.
fn look<T: Config>(signature: &MultiSignature) -> Weight {
    match signature {
        MultiSignature::Sr25519(_) => T::WeightInfo::verify_sr25519(),
        MultiSignature::Ed25519(_) => T::WeightInfo::verify_ed25519(),
        MultiSignature::Ecdsa(_) | MultiSignature::Eth(_) => T::WeightInfo::verify_ecdsa(),
    }
}

/// What looking twice at each of these signatures takes, beyond sr25519 signatures.
pub(crate) fn dearer_looks<T: Config>(signatures: &[MultiSignature]) -> Weight {
    let usual = T::WeightInfo::verify_sr25519();
    signatures.iter().fold(Weight::zero(), |sum, signature| {
        let more = look::<T>(signature).saturating_sub(usual);
        sum.saturating_add(more.saturating_mul(2))
    })
}

/// What is given back for signatures of a state that needs none.
pub(crate) fn spared_signatures<T: Config>(participants: usize) -> Weight {
    let looks = u64::try_from(participants).unwrap_or(u64::MAX).saturating_mul(2);
    T::WeightInfo::verify_sr25519().saturating_mul(looks)
}

/// Whether all of these forms are there, and what is given back for the looks that it did not take.
pub(crate) fn spared_looks<'a, T: Config>(
    looks: impl Iterator<Item = (&'a MultiSignature, Option<Form>)>,
) -> Option<Weight> {
    let mut spared = Weight::zero();
    for (signature, form) in looks {
        if form? == Form::Raw {
            spared = spared.saturating_add(look::<T>(signature));
        }
    }
    Some(spared)
}

/// What is given back if the opener's account and its holds are read and written anyway.
pub(crate) fn spared_opener<T: Config>() -> Weight {
    T::DbWeight::get().reads_writes(2, 2)
}

/// What is given back if a channel's id is remembered, instead of returning its storage deposit.
pub(crate) fn spared_return<T: Config>() -> Weight {
    T::DbWeight::get().reads_writes(2, 1)
}

/// What the signatures of a call take more or less than one sr25519 signature of each participant.
///
/// Where the sender may leave its own signature out, that one costs nothing. Any other number of
/// signatures is refused before one of them is looked at.
fn with_signatures<T: Config>(
    of_all: Weight,
    participants: usize,
    signatures: &[MultiSignature],
) -> Weight {
    let all_but_one = signatures.len().saturating_add(1) == participants;
    let left_out = spared_signatures::<T>(usize::from(all_but_one));
    of_all.saturating_sub(left_out).saturating_add(dearer_looks::<T>(signatures))
}

/// The most that [`open`](crate::Pallet::open) takes.
pub(crate) fn open<T: Config>(params: &ChannelParams, signatures: &[MultiSignature]) -> Weight {
    let participants = params.participants.len();
    with_signatures::<T>(T::WeightInfo::open(participants as u32), participants, signatures)
}

/// The most that [`settle`](crate::Pallet::settle) takes, if there is no dispute.
pub(crate) fn settle<T: Config>(state: &ChannelState, signatures: &[MultiSignature]) -> Weight {
    let participants = state.balances.len();
    with_signatures::<T>(T::WeightInfo::settle(participants as u32), participants, signatures)
}

/// The most that [`dispute`](crate::Pallet::dispute) takes.
pub(crate) fn dispute<T: Config>(state: &ChannelState, signatures: &[MultiSignature]) -> Weight {
    T::WeightInfo::dispute(state.balances.len() as u32)
        .saturating_add(T::Apps::max_weight())
        .saturating_add(dearer_looks::<T>(signatures))
}

/// The most that [`answer`](crate::Pallet::answer) takes.
pub(crate) fn answer<T: Config>(state: &ChannelState, signatures: &[MultiSignature]) -> Weight {
    T::WeightInfo::answer(state.balances.len() as u32)
        .saturating_add(T::Apps::max_weight())
        .saturating_add(dearer_looks::<T>(signatures))
}

/// The most that [`resize`](crate::Pallet::resize) takes.
pub(crate) fn resize<T: Config>(resize: &Resize, signatures: &[MultiSignature]) -> Weight {
    let participants = resize.state.balances.len();
    with_signatures::<T>(T::WeightInfo::resize(participants as u32), participants, signatures)
}

/// What it takes to settle several channels, some of which are disputed: what two participants each
/// take, and what those beyond two take more.
pub(crate) fn settle_many<T: Config>(settlements: &Settlements, disputes: u32) -> Weight {
    let two = T::WeightInfo::settle(2);
    let disputed = T::WeightInfo::end_dispute().saturating_mul(disputes.into());
    settlements.iter().fold(
        T::WeightInfo::settle_many(settlements.len() as u32).saturating_add(disputed),
        |weight, (state, signatures)| {
            let participants = state.balances.len();
            let alone = T::WeightInfo::settle(participants as u32);
            let weight = weight.saturating_add(alone.saturating_sub(two));
            with_signatures::<T>(weight, participants, signatures)
        },
    )
}
