// SPDX-License-Identifier: Apache-2.0

//! What somebody may try.

use millrace_primitives_channels::Balance;

/// One thing that somebody tries.
#[derive(Clone, Debug)]
pub enum Act {
    Open {
        size: u8,
        nonce: u64,
        deposits: [Balance; 3],
    },
    /// `by`: the participant who sends it and leaves its own signature out; otherwise a stranger.
    Settle {
        nth: usize,
        shape: Shape,
        by: Option<u8>,
    },
    SettleMany {
        first: (usize, Shape),
        second: (usize, Shape),
    },
    Resize {
        nth: usize,
        shape: Shape,
        deltas: [i128; 3],
        is_late: bool,
    },
    Dispute {
        nth: usize,
        who: u8,
        shape: Shape,
    },
    Answer {
        nth: usize,
        shape: Shape,
        for_tower: bool,
    },
    Conclude {
        nth: usize,
    },
    Reveal {
        number: u8,
    },
    Claim {
        nth: usize,
        leaf: usize,
        is_forged: bool,
    },
    Refund {
        nth: usize,
        leaf: usize,
    },
    ClaimStream {
        nth: usize,
        chain: u32,
        depth: u32,
        is_forged: bool,
    },
    Progress {
        nth: usize,
        who: usize,
        is_good: bool,
    },
    Wait {
        blocks: u32,
        is_idle: bool,
    },
}

/// What a state is like that somebody shows.
#[derive(Clone, Debug)]
pub struct Shape {
    pub version: u64,
    pub split: [u8; 3],
    pub is_final: bool,
    /// Bits: transfers, a stream, a game.
    pub extras: u8,
    /// Everybody signed it.
    pub is_signed: bool,
    /// It distributes what the channel has.
    pub is_sound: bool,
}
