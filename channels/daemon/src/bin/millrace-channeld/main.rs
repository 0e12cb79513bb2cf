// SPDX-License-Identifier: Apache-2.0

//! `millrace-channeld`: a party of channels that runs by itself.
//!
//! | chapter | what it holds |
//! |---|---|
//! | `options` | flags, and the file that can stand in for them |
//! | `secrets` | passphrase and keys |
//! | `running` | from options to a running node, and its end |
//! | `service` | what it does for programs: the contents page |
//! | `condition`, `peers`, `opening`, `paying`, `resizing`, `streaming` | its chapters |
//! | `payments` | invoices, payments over several channels, the graph and fees |
//! | `listing` | the list of payments, made and received |
//! | `streams`, `pumping` | the streams that this party pays: what is kept, and paying by them |
//! | `towers` | watchtowers, which are handed the newest states |
//! | `funds` | what accounts have on chain |
//! | `metrics` | how it is doing, for Prometheus |
//! | `refusing` | why requests are refused |
//! | `network`, `chain` | transport, follower and submitter as the node wants them |
//! | `checkpoint` | the newest final block, for the next start |
//! | `naming` | what the chain calls itself and its token |
//! | `addresses`, `births` | where peers were reached, and when channels were made |
//! | `graphing` | the graph of public channels, for the next start |
//! | `notes` | what people noted about their payments |
//! | `views` | how channels look to programs |
//! | `events` | what programs can follow |

mod addresses;
mod births;
mod chain;
mod checkpoint;
mod condition;
mod events;
mod funds;
mod graphing;
mod listing;
mod metrics;
mod naming;
mod network;
mod notes;
mod opening;
mod options;
mod paying;
mod payments;
mod peers;
mod pumping;
mod refusing;
mod resizing;
mod running;
mod secrets;
mod service;
mod streaming;
mod streams;
mod towers;
mod views;

#[cfg(test)]
mod tests;

use clap::Parser;
use options::Options;
use std::{io::IsTerminal, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Options::parse().with_file() {
        Ok(options) => {
            let level: tracing::Level = options.log.into();
            tracing_subscriber::fmt()
                .with_max_level(level)
                .with_ansi(std::io::stderr().is_terminal())
                .with_writer(std::io::stderr)
                .init();
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
