// SPDX-License-Identifier: Apache-2.0

//! What goes wrong at a chosen moment: a party loses its power, or its disk is full.

use super::World;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// The power fails: the party starts again from its disk at once.
    PowerCut,
    /// The disk refuses whatever it has not synced yet, until the party starts again.
    FullDisk,
}

/// A mishap that waits for its moment.
#[derive(Debug)]
pub struct Plan {
    party: usize,
    outputs_left: usize,
    mishap: Mishap,
}

impl World {
    /// Lets something go wrong at a party right before its output number `step` from now on, counted
    /// from 0.
    pub fn arrange(&mut self, mishap: Mishap, party: usize, step: usize) {
        self.plan = Some(Plan { party, outputs_left: step, mishap });
    }

    /// Cuts a party's power right before its output number `step` from now on, counted from 0.
    pub fn cut_power(&mut self, party: usize, step: usize) {
        self.arrange(Mishap::PowerCut, party, step);
    }

    /// Calls off a mishap that has not happened, and says whether it has.
    pub fn end_plan(&mut self) -> bool {
        self.plan.take().is_none()
    }

    /// What goes wrong at this party right before its next output.
    pub(super) fn next_mishap(&mut self, party: usize) -> Option<Mishap> {
        let plan = self.plan.as_mut().filter(|it| it.party == party)?;
        match plan.outputs_left.checked_sub(1) {
            Some(left) => {
                plan.outputs_left = left;
                None
            }
            None => self.plan.take().map(|it| it.mishap),
        }
    }
}
