// SPDX-License-Identifier: Apache-2.0

//! The Millrace node.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`cli`] | options and subcommands |
//! | [`command`] | what each of them does |
//! | [`compiling`] | compiling a runtime before it takes over |
//! | [`new_chain`] | making the specification of a new chain |
//! | `benchmarking` | transactions for measuring weights; only with `runtime-benchmarks` |
//!
//! | crate beside this one | what it holds |
//! |---|---|
//! | `millrace-chain-spec` | the chains this binary knows by name |
//! | `millrace-node-service` | the running node, from the database to the voters and the RPC |
//! | `millrace-node-parts` | what the node is made of that needs neither a runtime nor a service |

// The node library's error type is large, and not ours to change.
#![allow(clippy::result_large_err)]

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod cli;
mod command;
mod compiling;
mod new_chain;

use millrace_node_parts::remedies;
use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let message = error.to_string();
            eprintln!("Error: {message}");
            if let Some(remedy) = remedies::remedy(&message) {
                eprintln!("What to do: {remedy}");
            }
            ExitCode::FAILURE
        }
    }
}
