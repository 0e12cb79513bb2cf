// SPDX-License-Identifier: Apache-2.0

//! The Millrace node.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`cli`] | options and subcommands |
//! | [`command`] | what each of them does |
//! | [`chain_spec`] | the chains this binary knows by name |
//! | [`new_chain`] | making the specification of a new chain |
//! | [`service`] | the running node, from the database to the voters |
//! | [`rpc`] | what clients can ask |
//! | [`ports`] | a clear word about taken ports, before anything is opened |
//! | [`remedies`] | what to do about an error |
//! | `benchmarking` | transactions for measuring weights; only with `runtime-benchmarks` |

// The node library's error type is large, and not ours to change.
#![allow(clippy::result_large_err)]

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod chain_spec;
mod cli;
mod command;
mod new_chain;
mod ports;
mod remedies;
mod rpc;
mod service;

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
