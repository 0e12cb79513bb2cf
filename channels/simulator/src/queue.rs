// SPDX-License-Identifier: Apache-2.0

//! One queue of everything that is going to happen, by simulated time.

use std::collections::BTreeMap;

/// Something that is going to happen.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// A message arrives, unless the connection it left by is gone.
    Deliver { channel: usize, from: usize, to: usize, session: u32, bytes: Vec<u8> },
    /// A user does something.
    Act,
    /// A block is due.
    Block,
    /// A party looks at the final chain.
    Follow { party: usize },
    /// Two participants of a channel connect.
    Connect { channel: usize, link: usize },
    /// Connections of a party break.
    Cut { blocks: u64 },
    /// Connections come back.
    Heal { cut: u64 },
    /// A party's process starts again.
    Restart { party: usize, from_backup: bool },
    /// A party copies its memory.
    Backup { party: usize },
    /// A villain has an idea.
    Scheme { party: usize },
}

/// What is going to happen, in order.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// By time and, at one time, in the order in which it was planned.
    waiting: BTreeMap<(u64, u64), Happening>,
    planned: u64,
}

impl Queue {
    /// Plans something.
    pub(crate) fn push(&mut self, at: u64, happening: Happening) {
        self.waiting.insert((at, self.planned), happening);
        self.planned += 1;
    }

    /// The next thing, and its time.
    pub(crate) fn pop(&mut self) -> Option<(u64, Happening)> {
        self.waiting.pop_first().map(|((at, _), happening)| (at, happening))
    }
}
