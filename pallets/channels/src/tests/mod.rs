// SPDX-License-Identifier: Apache-2.0

//! One file per chapter, then the rules: broken on purpose, and after random calls.

mod agenda;
mod bonding;
mod concluding;
mod consenting;
mod disputing;
mod dying;
mod invariants;
mod lives;
mod model;
mod opening;
mod paths;
mod progressing;
mod replaying;
mod resizing;
mod resolving;
mod retiring;
mod revealing;
mod settling;
mod streaming;
mod viewing;
