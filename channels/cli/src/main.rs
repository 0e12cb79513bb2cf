// SPDX-License-Identifier: Apache-2.0

//! `millrace-channel`: the off-chain engine on the command line.

mod amounts;
mod arguments;
mod commands;
mod story;
mod terminal;

use arguments::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;
use terminal::Terminal;

/// What shells report for a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let terminal = Terminal::new();
    let is_json = arguments.daemon.json;
    let is_story = matches!(arguments.command, Command::Story(_));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal.error(&format!("cannot start threads: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(async {
        tokio::select! {
            outcome = run(arguments, &terminal) => match outcome {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    if is_json {
                        eprintln!("{}", commands::error_as_json(&error));
                    } else {
                        terminal.error(&commands::told(&error));
                    }
                    ExitCode::from(commands::exit_code(&error))
                }
            },
            () = stopped() => {
                if is_story {
                    terminal.interrupted();
                }
                ExitCode::from(INTERRUPTED)
            }
        }
    });
    // Payments under way run on a thread of their own; nobody needs their end any more.
    runtime.shutdown_background();
    code
}

/// Waits until somebody wants the program to end, by Ctrl-C or by `kill`.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        // Without a handler of ours, the system ends the program.
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

async fn run(arguments: Arguments, terminal: &Terminal) -> anyhow::Result<()> {
    match arguments.command {
        Command::Story(options) => story::tell(&options, terminal).await,
        Command::Task(task) => commands::run(task, &arguments.daemon).await,
    }
}
