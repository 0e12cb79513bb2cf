// SPDX-License-Identifier: Apache-2.0

//! One file per chapter, then the rules: broken on purpose, and after random calls.

mod concluding;
mod disputing;
mod invariants;
mod opening;
mod properties;
mod replaying;
mod retiring;
mod settling;
