// SPDX-License-Identifier: Apache-2.0

//! Tries an upgrade of the runtime on the state of a chain, before anybody votes for it.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`state`] | the state of a chain, from a running node or from a file |
//! | [`machine`] | executes a blob on a state |
//! | [`checks`] | what an upgrade has to pass |
//! | [`blocks`] | the blocks after the upgrade, built by the new runtime |
//! | [`report`] | what was found, and what the runtime had to say meanwhile |
//!
//! Nothing is sent to the chain: everything happens on a copy in memory.

mod blocks;
mod checks;
mod machine;
mod report;
mod state;

use anyhow::Context;
use clap::Parser;
use machine::Blob;
use report::Report;
use std::{path::PathBuf, process::ExitCode};

/// Tries an upgrade of the runtime on the state of a chain, before anybody votes for it.
///
/// Exit code: 0 if nothing speaks against the upgrade, 1 if something does, 2 if it could not be tried.
#[derive(Parser)]
#[command(name = "millrace-preflight", version)]
struct Arguments {
    /// A node of the chain, such as ws://127.0.0.1:9944. Its last final state is copied
    #[arg(long, value_name = "URL", required_unless_present = "state", conflicts_with = "state")]
    url: Option<String>,
    /// A raw specification with the state, as `millrace export-state` writes it
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// The blob that is to be enacted
    #[arg(long, value_name = "FILE")]
    code: PathBuf,
    /// Its twin: the same runtime built with the feature `try-runtime`
    #[arg(long, value_name = "FILE")]
    twin: PathBuf,
    /// How many blocks of the new runtime to build; more if a migration is still under way
    #[arg(long, default_value_t = 5, value_name = "N")]
    blocks: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    report::listen();
    match fly(&arguments).await {
        Ok(report) if report.is_clear() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs all checks.
async fn fly(arguments: &Arguments) -> anyhow::Result<Report> {
    let code = read_blob(&arguments.code)?;
    let twin = read_blob(&arguments.twin)?;
    let state = match (&arguments.url, &arguments.state) {
        (Some(url), _) => state::copy(url).await?,
        (None, Some(file)) => state::read(file)?,
        (None, None) => unreachable!("clap asks for one of them"),
    };
    let mut report = Report::default();
    checks::run(&mut report, &state, &code, &twin, arguments.blocks)?;
    report.close();
    Ok(report)
}

/// Reads a blob from a file.
fn read_blob(path: &PathBuf) -> anyhow::Result<Blob> {
    let bytes = std::fs::read(path)
        .with_context(|| format!("cannot read {}; scripts/blob builds blobs", path.display()))?;
    Blob::new(bytes).with_context(|| format!("{} is no runtime", path.display()))
}
