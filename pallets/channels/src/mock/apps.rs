// SPDX-License-Identifier: Apache-2.0

//! Applications of the small chain: one that plays, and one that talks nonsense.

use super::*;

/// A game for the first two participants: they take turns, a given number of times, and whoever
/// moves takes one unit from the other, if there is one.
pub struct Tally;

impl Tally {
    /// It is the turn of the participant at `mover`, and `left` turns are left.
    pub fn data(mover: u8, left: u8) -> AppState {
        let data = BoundedVec::truncate_from((mover, left).encode());
        AppState { id: Self::id(), data }
    }

    fn read(state: &ChannelState) -> Option<(u8, u8)> {
        let app = state.app.as_ref()?;
        Decode::decode(&mut &app.data[..]).ok()
    }
}

impl ChannelApp for Tally {
    fn id() -> Hash {
        Hash::repeat_byte(0x7a)
    }
    fn weight() -> Weight {
        Weight::from_parts(1_000, 0)
    }
    fn mover(state: &ChannelState) -> Option<u8> {
        Self::read(state).filter(|(mover, left)| *mover < 2 && *left > 0).map(|(mover, _)| mover)
    }
    fn is_valid_move(from: &ChannelState, to: &ChannelState, mover: u8) -> bool {
        let other = 1 - mover;
        let mut balances = from.balances.clone();
        if balances[usize::from(other)] > 0 {
            balances[usize::from(other)] -= 1;
            balances[usize::from(mover)] += 1;
        }
        let left = Self::read(from).map(|(_, left)| left - 1);
        Self::read(to) == left.map(|left| (other, left)) && to.balances == balances
    }
    fn abandoned(state: &ChannelState, mover: u8) -> Amounts {
        let mut balances = state.balances.clone();
        let lost = std::mem::take(&mut balances[usize::from(mover)]);
        balances[usize::from(1 - mover)] += lost;
        balances
    }
}

/// An application full of mistakes: the judge must not be misled by it. Its data is the position of
/// whose move it is, of participants who need not exist.
pub struct Nonsense;

impl Nonsense {
    /// Says that it is the move of the participant at `mover`.
    pub fn data(mover: u8) -> AppState {
        AppState { id: Self::id(), data: BoundedVec::truncate_from(vec![mover]) }
    }
}

impl ChannelApp for Nonsense {
    fn id() -> Hash {
        Hash::repeat_byte(0xbd)
    }
    fn weight() -> Weight {
        Weight::from_parts(500, 0)
    }
    fn mover(state: &ChannelState) -> Option<u8> {
        state.app.as_ref()?.data.first().copied()
    }
    fn is_valid_move(_: &ChannelState, _: &ChannelState, _: u8) -> bool {
        true
    }
    fn abandoned(state: &ChannelState, _: u8) -> Amounts {
        amounts(&vec![Balance::MAX; state.balances.len()])
    }
}
