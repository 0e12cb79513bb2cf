// SPDX-License-Identifier: Apache-2.0

//! Elections and those in office, on a chain whose sessions really roll.

mod attacks;
mod electing;
mod extremes;
mod liveness;
mod offending;
mod ordering;
mod seating;
mod viewing;
pub(crate) mod world;
