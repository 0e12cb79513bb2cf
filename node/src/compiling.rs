// SPDX-License-Identifier: Apache-2.0

//! Compiling a runtime before it takes over.
//!
//! A node compiles a runtime when it first executes it. At an upgrade that is in the slot after the
//! switch, and on all validators at once: it takes longer than a slot, and nobody makes a block
//! meanwhile. Whoever knows the blob beforehand can have it ready.

// The error type of `sc-cli` is large; this runs once per process.
#![allow(clippy::result_large_err)]

use millrace_node_service::maintenance;
use polkadot_sdk::{
    sc_cli::{CliConfiguration, Result, SharedParams},
    sc_service::Configuration,
};
use std::{fs, path::PathBuf, time::Instant};

/// Which runtime to compile.
#[derive(Debug, clap::Args)]
pub struct CompileRuntimeCmd {
    /// The blob, as it will be applied.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[clap(flatten)]
    shared_params: SharedParams,
}

impl CliConfiguration for CompileRuntimeCmd {
    fn shared_params(&self) -> &SharedParams {
        &self.shared_params
    }
}

impl CompileRuntimeCmd {
    /// Compiles the blob into the folder in which nodes of this user look for compiled runtimes.
    ///
    /// Errors: the file cannot be read, is no runtime, or the folder cannot be written.
    pub fn run(&self, config: &Configuration) -> Result<()> {
        let file = self.file.display();
        let start = Instant::now();
        let code = fs::read(&self.file).map_err(|error| format!("cannot read {file}: {error}"))?;
        let (version, folder) = maintenance::compile_runtime(config, &code)
            .map_err(|error| format!("{file} cannot be compiled: {error}"))?;
        println!(
            "{}-{} is compiled, in {} ms: nodes of this user find it in {}.",
            version.spec_name,
            version.spec_version,
            start.elapsed().as_millis(),
            folder.display(),
        );
        Ok(())
    }
}
