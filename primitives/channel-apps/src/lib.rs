// SPDX-License-Identifier: Apache-2.0

//! Applications that Millrace's channels can carry.
//!
//! An application is a set of pure functions over channel states, so that the chain can judge a
//! forced move by the very code that participants use off chain: see
//! [`millrace_primitives_channels::app`].
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`noughts_and_crosses`] | a game for two with a stake: the example to learn from |

#![cfg_attr(not(feature = "std"), no_std)]

pub mod noughts_and_crosses;

pub use noughts_and_crosses::NoughtsAndCrosses;
