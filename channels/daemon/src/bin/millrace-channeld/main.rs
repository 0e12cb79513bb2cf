// SPDX-License-Identifier: Apache-2.0

//! `millrace-channeld`: a party of channels that runs by itself.
//!
//! | chapter | what it holds |
//! |---|---|
//! | `options` | flags, and the file that can stand in for them |
//! | `secrets` | passphrase and keys |
//! | `running` | from options to a running node, and its end |
//! | `service` | what it does for programs |
//! | `payments` | invoices, payments over several channels, the graph and fees |
//! | `network`, `chain` | transport, follower and submitter as the node wants them |
//! | `addresses` | where peers were reached |
//! | `views` | how channels look to programs |
//! | `events` | what programs can follow |

mod addresses;
mod chain;
mod events;
mod network;
mod options;
mod payments;
mod running;
mod secrets;
mod service;
mod views;

use clap::Parser;
use options::Options;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Options::parse().with_file() {
        Ok(options) => {
            let level: tracing::Level = options.log.into();
            tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).init();
            running::run(options).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("millrace-channeld: {error:#}");
            ExitCode::FAILURE
        }
    }
}
