// SPDX-License-Identifier: Apache-2.0

//! The board: nine squares, and what may stand on them.

use codec::{Decode, Encode};

/// Number of squares.
pub const SQUARES: u8 = 9;

/// Every square, as bits.
const ALL: u16 = 0b111_111_111;

/// The eight lines that win: rows, columns, diagonals.
const LINES: [u16; 8] = [
    0b000_000_111,
    0b000_111_000,
    0b111_000_000,
    0b001_001_001,
    0b010_010_010,
    0b100_100_100,
    0b100_010_001,
    0b001_010_100,
];

/// Which of the two players: crosses begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The first player.
    Crosses,
    /// The second player.
    Noughts,
}

impl Side {
    /// The opponent.
    pub fn other(self) -> Self {
        match self {
            Self::Crosses => Self::Noughts,
            Self::Noughts => Self::Crosses,
        }
    }
}

/// Who has marked which squares. Bit `n` stands for square `n`:
///
/// ```text
/// 0 1 2
/// 3 4 5
/// 6 7 8
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Board {
    crosses: u16,
    noughts: u16,
}

impl Board {
    /// Whether this board can come about in a game: no square is marked twice, turns alternate, and
    /// nobody moved after somebody had won.
    pub fn is_reachable(&self) -> bool {
        let lead = self.crosses.count_ones().checked_sub(self.noughts.count_ones());
        let (crosses_won, noughts_won) = (has_line(self.crosses), has_line(self.noughts));
        self.crosses & self.noughts == 0
            && (self.crosses | self.noughts) & !ALL == 0
            && match lead {
                Some(0) => !crosses_won,
                Some(1) => !noughts_won,
                _ => false,
            }
    }

    /// Who has won, if anybody has.
    pub fn winner(&self) -> Option<Side> {
        if has_line(self.crosses) {
            Some(Side::Crosses)
        } else if has_line(self.noughts) {
            Some(Side::Noughts)
        } else {
            None
        }
    }

    /// Whose turn it is; nobody's once somebody has won or the board is full.
    pub fn turn(&self) -> Option<Side> {
        if self.winner().is_some() || self.crosses | self.noughts == ALL {
            return None;
        }
        let is_even = self.crosses.count_ones() == self.noughts.count_ones();
        Some(if is_even { Side::Crosses } else { Side::Noughts })
    }

    /// The board after the player whose turn it is has marked `square`; nothing if the game is over,
    /// or if the square is marked or none of the board's.
    pub fn after(&self, square: u8) -> Option<Self> {
        let mark = 1u16.checked_shl(square.into())?;
        let is_free = mark & ALL != 0 && mark & (self.crosses | self.noughts) == 0;
        match self.turn()? {
            _ if !is_free => None,
            Side::Crosses => Some(Self { crosses: self.crosses | mark, ..*self }),
            Side::Noughts => Some(Self { noughts: self.noughts | mark, ..*self }),
        }
    }

    /// The only square that is marked in `later` and not here; nothing if there are others, or none.
    pub fn square_marked_in(&self, later: &Self) -> Option<u8> {
        let before = self.crosses | self.noughts;
        let marked = (later.crosses | later.noughts) & !before;
        let square = u8::try_from(marked.trailing_zeros()).ok()?;
        (marked.count_ones() == 1).then_some(square)
    }
}

/// Whether these squares contain a line that wins.
fn has_line(squares: u16) -> bool {
    LINES.iter().any(|line| squares & line == *line)
}
