// SPDX-License-Identifier: Apache-2.0

//! The golden vectors, and the checks that need no chain.

mod cast;
mod signing;
mod states;
mod streams;
mod trees;
mod vectors;
