// SPDX-License-Identifier: Apache-2.0

//! What parties do: one function for each call, signed by whoever has to.

use super::*;

/// Settles with everybody's signature.
pub fn settle(parties: &[Party], state: ChannelState) -> DispatchResult {
    let signatures = co_sign(parties, &state);
    Channels::settle(anybody(), state, signatures).map(|_| ()).map_err(|it| it.error)
}

/// The first party disputes with everybody's signature; the state that the chain knows goes without.
pub fn dispute(parties: &[Party], state: ChannelState) -> DispatchResult {
    dispute_by(&parties[0], parties, state)
}

/// One party disputes with everybody's signature; the state that the chain knows goes without.
pub fn dispute_by(by: &Party, parties: &[Party], state: ChannelState) -> DispatchResult {
    let base = crate::Channels::<Test>::get(state.channel).map_or(0, |it| it.base.version);
    let signatures =
        if state.version == base { BoundedVec::new() } else { co_sign(parties, &state) };
    Channels::dispute(by.origin(), state, signatures).map(|_| ()).map_err(|it| it.error)
}

/// A stranger answers with everybody's signature, for the tower.
pub fn answer(parties: &[Party], state: ChannelState) -> DispatchResultWithPostInfo {
    answer_for(tower(), parties, state)
}

/// A stranger answers with everybody's signature.
pub fn answer_for(
    reward_to: AccountId,
    parties: &[Party],
    state: ChannelState,
) -> DispatchResultWithPostInfo {
    let signatures = co_sign(parties, &state);
    Channels::answer(anybody(), state, signatures, reward_to)
}

/// A stranger concludes.
pub fn conclude(id: ChannelId) -> DispatchResultWithPostInfo {
    Channels::conclude(anybody(), id)
}

/// A stranger brings a move that `mover` signed.
pub fn progress(mover: &Party, state: ChannelState) -> DispatchResult {
    let signature = mover.sign(state_payload(&genesis(), &state).as_bytes());
    Channels::progress(anybody(), state, signature)
}

/// A stranger brings a resize that all agreed to.
pub fn resize(parties: &[Party], resize: Resize) -> DispatchResult {
    let signatures = agree(parties, &resize);
    Channels::resize(anybody(), resize, signatures).map(|_| ()).map_err(|it| it.error)
}

/// A stranger reveals [`secret`] `number`.
pub fn reveal(number: u8) -> DispatchResult {
    Channels::reveal(anybody(), secret(number))
}

/// A stranger claims the transfer at `index`.
pub fn claim(id: ChannelId, transfers: &[Transfer], index: u32) -> DispatchResultWithPostInfo {
    let proof = transfer::proof(transfers, index).expect("the transfer is there");
    Channels::claim(anybody(), id, transfers[index as usize], proof)
}

/// A stranger refunds the transfer at `index`.
pub fn refund(id: ChannelId, transfers: &[Transfer], index: u32) -> DispatchResultWithPostInfo {
    let proof = transfer::proof(transfers, index).expect("the transfer is there");
    Channels::refund(anybody(), id, transfers[index as usize], proof)
}
