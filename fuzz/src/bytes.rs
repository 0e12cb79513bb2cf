// SPDX-License-Identifier: Apache-2.0

//! Bytes become acts: 16 bytes each, so that a change in one act leaves the others as they are.

use crate::{
    mock::ENDOWMENT,
    model::acts::{Act, Shape},
};
use millrace_primitives_channels::Balance;

/// Bytes of one act. No kind of act needs more.
const WIDTH: usize = 16;

/// More acts than this are not played: a long run finds less than many short ones.
pub const MAX_ACTS: usize = 96;

/// The acts that `bytes` stand for.
pub fn acts(bytes: &[u8]) -> impl Iterator<Item = Act> {
    bytes.chunks(WIDTH).take(MAX_ACTS).map(|chunk| Reader(chunk.iter()).act())
}

/// What is left of one act's bytes. At their end it reads zeros.
struct Reader<'a>(std::slice::Iter<'a, u8>);

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        self.0.next().copied().unwrap_or_default()
    }

    /// A number below `bound`.
    fn below(&mut self, bound: u8) -> u8 {
        self.byte() % bound
    }

    fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// True in one of sixteen.
    fn seldom(&mut self) -> bool {
        self.byte() & 0x0f == 0x0f
    }

    fn word(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// Mostly the latest channel.
    fn nth(&mut self) -> usize {
        match self.below(8) {
            nth @ 0..4 => usize::from(nth),
            _ => 0,
        }
    }

    fn shape(&mut self) -> Shape {
        let version = u64::from(self.below(8));
        let split = [self.below(5), self.below(5), self.below(5)];
        let (kind, faults) = (self.byte(), self.byte());
        Shape {
            version,
            split,
            is_final: kind & 1 == 1,
            extras: kind >> 1 & 7,
            is_signed: faults & 0x0f != 0x0f,
            is_sound: faults >> 4 != 0x0f,
        }
    }

    /// A small deposit, nothing, or more than anybody can spare.
    fn deposit(&mut self) -> Balance {
        match self.word() {
            u16::MAX => ENDOWMENT,
            word => Balance::from(word % 5_000),
        }
    }

    /// A small change in either direction, or more than most can spare.
    fn delta(&mut self) -> i128 {
        match self.word() {
            u16::MAX => ENDOWMENT as i128,
            word => i128::from(word % 4_000) - 2_000,
        }
    }

    fn act(&mut self) -> Act {
        match self.below(16) {
            0 => Act::Open {
                size: 2 + self.below(2),
                nonce: u64::from(self.below(4)),
                deposits: [self.deposit(), self.deposit(), self.deposit()],
            },
            1 => Act::Settle {
                nth: self.nth(),
                shape: self.shape(),
                by: if self.flag() { Some(self.below(3)) } else { None },
            },
            2 => Act::SettleMany {
                first: (self.nth(), self.shape()),
                second: (self.nth(), self.shape()),
            },
            3 => Act::Resize {
                nth: self.nth(),
                shape: self.shape(),
                deltas: [self.delta(), self.delta(), self.delta()],
                is_late: self.seldom(),
            },
            4 | 5 => Act::Dispute { nth: self.nth(), who: self.below(3), shape: self.shape() },
            6 | 7 => Act::Answer { nth: self.nth(), shape: self.shape(), for_tower: self.flag() },
            8 => Act::Conclude { nth: self.nth() },
            9 => Act::Reveal { number: self.below(4) },
            10 => Act::Claim {
                nth: self.nth(),
                leaf: usize::from(self.below(4)),
                is_forged: self.seldom(),
            },
            11 => Act::Refund { nth: self.nth(), leaf: usize::from(self.below(4)) },
            12 => Act::ClaimStream {
                nth: self.nth(),
                chain: u32::from(self.below(3)),
                depth: 1 + u32::from(self.below(4)),
                is_forged: self.seldom(),
            },
            13 => Act::Progress {
                nth: self.nth(),
                who: usize::from(self.below(2)),
                is_good: !self.seldom(),
            },
            _ => Act::Wait { blocks: 1 + u32::from(self.below(13)), is_idle: self.flag() },
        }
    }
}
