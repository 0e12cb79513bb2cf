// SPDX-License-Identifier: Apache-2.0

//! Elections and those in office, on a chain whose sessions really roll.

mod electing;
mod liveness;
mod offending;
mod ordering;
mod seating;
pub(crate) mod world;
