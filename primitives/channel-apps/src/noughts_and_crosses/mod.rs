// SPDX-License-Identifier: Apache-2.0

//! Noughts and crosses for two participants, with a stake.
//!
//! Crosses begin. Whoever has three in a row wins the stake from the other's balance with the very
//! move that makes the row; a draw changes nothing. Whoever lets its time run out in a dispute loses
//! the stake. The game's data is a [`Game`] in SCALE, 22 bytes without anything after them; from any
//! other data nobody can force a move, and the state's balances are paid.
//!
//! ```
//! use millrace_primitives_channel_apps::noughts_and_crosses::{Game, after, begin};
//! use millrace_primitives_channels::{ChannelState, Hash};
//!
//! // Participants 0 and 1 own 50 each and play for 10; participant 1 begins.
//! let mut balances = millrace_primitives_channels::params::Amounts::new();
//! for _ in 0..2 { balances.try_push(50).unwrap(); }
//! let opening = ChannelState::opening(Hash::zero(), balances);
//! let mut state = begin(&opening, 1, 0, 10).unwrap();
//!
//! // Crosses take the upper row, noughts play two squares of the middle one.
//! for square in [0, 3, 1, 4, 2] {
//!     state = after(&state, square).unwrap();
//! }
//! assert_eq!(state.balances.to_vec(), [40, 60]);
//! assert_eq!(state.version, 6);
//! assert!(after(&state, 5).is_none(), "the game is over");
//! ```

mod board;

#[cfg(test)]
mod tests;

pub use board::{Board, SQUARES, Side};

use codec::{Decode, DecodeAll, Encode};
use millrace_primitives_channels::{
    AppState, Balance, ChannelApp, ChannelState, Hash, params::Amounts,
};
use polkadot_sdk::{
    sp_io::hashing::blake2_256,
    sp_runtime::{BoundedVec, Weight},
};

/// Names these rules. Other rules are another name.
pub const NAME: &[u8] = b"millrace/noughts-and-crosses/1";

/// The longest time that one judgement takes, in picoseconds. Native code was measured at 3 µs; WASM
/// takes two or three times as long, and the rest is for slower machines. The test
/// `judging_takes_less_than_its_weight` measures it again.
const JUDGEMENT: u64 = 20_000_000;

/// Everything there is to know about a game under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Game {
    /// Position of the participant that plays crosses and begins.
    pub crosses: u8,
    /// Position of the participant that plays noughts.
    pub noughts: u8,
    /// What the winner gets from the loser.
    pub stake: Balance,
    /// The board.
    pub board: Board,
}

impl Game {
    /// The game that `state` carries; nothing if it carries none, or one that makes no sense: a
    /// player who is no participant or plays against itself, a board that no game leads to, bytes
    /// after the end.
    pub fn of(state: &ChannelState) -> Option<Self> {
        let app = state.app.as_ref().filter(|app| app.id == NoughtsAndCrosses::id())?;
        let game = Self::decode_all(&mut app.data.as_slice()).ok()?;
        let is_participant = |position: u8| usize::from(position) < state.balances.len();
        let makes_sense = game.crosses != game.noughts
            && is_participant(game.crosses)
            && is_participant(game.noughts)
            && game.board.is_reachable();
        makes_sense.then_some(game)
    }

    /// Position of the participant that plays this side.
    fn player(&self, side: Side) -> u8 {
        match side {
            Side::Crosses => self.crosses,
            Side::Noughts => self.noughts,
        }
    }

    /// The game as part of a channel state.
    fn to_app(self) -> AppState {
        // 22 bytes are far below the bound, so nothing is cut off.
        AppState { id: NoughtsAndCrosses::id(), data: BoundedVec::truncate_from(self.encode()) }
    }

    /// `balances` after `loser` has paid the stake; nothing if it cannot.
    fn paid_by(&self, loser: Side, balances: &Amounts) -> Option<Amounts> {
        let mut after = balances.clone();
        let from = after.get_mut(usize::from(self.player(loser)))?;
        *from = from.checked_sub(self.stake)?;
        let to = after.get_mut(usize::from(self.player(loser.other())))?;
        *to = to.checked_add(self.stake)?;
        Some(after)
    }

    /// Whether either player can lose the stake.
    fn is_covered(&self, balances: &Amounts) -> bool {
        self.paid_by(Side::Crosses, balances).is_some()
            && self.paid_by(Side::Noughts, balances).is_some()
    }
}

/// The state after `agreed` with which a game between two participants begins, for all to sign;
/// nothing if `agreed` carries an application, if either player owns less than `stake`, or if the
/// players are not two participants.
pub fn begin(
    agreed: &ChannelState,
    crosses: u8,
    noughts: u8,
    stake: Balance,
) -> Option<ChannelState> {
    let game = Game { crosses, noughts, stake, board: Board::default() };
    let state = ChannelState {
        version: agreed.version.checked_add(1)?,
        app: Some(game.to_app()),
        ..agreed.clone()
    };
    let can_begin = agreed.app.is_none() && !agreed.is_final;
    (can_begin && NoughtsAndCrosses::mover(&state).is_some()).then_some(state)
}

/// The state after the player whose turn it is has marked `square`, from 0 to 8; nothing if that is
/// no move. Every valid move leads to exactly one such state.
pub fn after(state: &ChannelState, square: u8) -> Option<ChannelState> {
    let game = Game::of(state).filter(|game| game.is_covered(&state.balances))?;
    let moved = Game { board: game.board.after(square)?, ..game };
    let balances = match moved.board.winner() {
        Some(winner) => game.paid_by(winner.other(), &state.balances)?,
        None => state.balances.clone(),
    };
    Some(ChannelState {
        version: state.version.checked_add(1)?,
        balances,
        app: Some(moved.to_app()),
        ..state.clone()
    })
}

/// The rules, for the judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoughtsAndCrosses;

impl ChannelApp for NoughtsAndCrosses {
    fn id() -> Hash {
        Hash::from(blake2_256(NAME))
    }

    fn weight() -> Weight {
        Weight::from_parts(JUDGEMENT, 0)
    }

    /// The player whose turn it is. Nobody, if a player could not pay the stake: nothing may be
    /// forced that cannot be paid.
    fn mover(state: &ChannelState) -> Option<u8> {
        let game = Game::of(state).filter(|game| game.is_covered(&state.balances))?;
        game.board.turn().map(|side| game.player(side))
    }

    /// A move is valid if it is exactly what marking one square leads to, in every byte.
    fn is_valid_move(from: &ChannelState, to: &ChannelState, mover: u8) -> bool {
        let square = || {
            let (before, later) = (Game::of(from)?, Game::of(to)?);
            before.board.square_marked_in(&later.board)
        };
        Self::mover(from) == Some(mover)
            && square().and_then(|square| after(from, square)).is_some_and(|after| after == *to)
    }

    /// Whoever lets its time run out loses the stake.
    fn abandoned(state: &ChannelState, mover: u8) -> Amounts {
        let lost = || {
            let game = Game::of(state).filter(|game| game.is_covered(&state.balances))?;
            let loser = game.board.turn().filter(|side| game.player(*side) == mover)?;
            game.paid_by(loser, &state.balances)
        };
        lost().unwrap_or_else(|| state.balances.clone())
    }
}
