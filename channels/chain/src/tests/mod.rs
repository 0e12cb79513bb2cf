// SPDX-License-Identifier: Apache-2.0

//! The follower and the submitter without a node: forks, finality and nonces at random.

mod queue;
mod tracker;
