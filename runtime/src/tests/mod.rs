// SPDX-License-Identifier: Apache-2.0

//! Whole journeys through the assembled runtime, block by block, as a node would execute them.

mod chain;
mod channels;
mod fees;
mod governance;
mod offences;
mod presets;
mod sessions;
