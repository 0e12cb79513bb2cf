// SPDX-License-Identifier: Apache-2.0

//! Making the specification of a new chain.
//!
//! A specification is made once, by the founders of a network: they take a preset, add what is
//! theirs (validators, balances, a committee), and publish the raw result. Whoever joins runs
//! `millrace --chain FILE` with that very file.

use millrace_chain_spec::{self as chain_spec, ChainSpec};
use millrace_runtime::genesis::{self, STAGING_PRESET};
use polkadot_sdk::sc_service::{ChainType, config::MultiaddrWithPeerId};
use serde_json::Value;
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Specifications of chains that do not exist yet.
#[derive(Debug, clap::Subcommand)]
pub enum ChainSpecCmd {
    /// List the genesis presets of this binary's runtime.
    Presets,
    /// Print a preset's genesis configuration, to see what a patch can change.
    ShowPreset {
        /// Name of the preset.
        name: String,
    },
    /// Make a specification from a preset and a patch of it.
    Create(CreateCmd),
}

/// How to make a specification.
#[derive(Debug, clap::Args)]
pub struct CreateCmd {
    /// The preset to start from.
    #[arg(long, default_value = STAGING_PRESET)]
    preset: String,

    /// A JSON file that is merged over the preset's genesis configuration.
    #[arg(long, value_name = "FILE")]
    patch: Option<PathBuf>,

    /// The chain's name, for people.
    #[arg(long, default_value = "Millrace Custom")]
    name: String,

    /// The chain's id: it names the folder of its data.
    #[arg(long, default_value = "millrace_custom")]
    id: String,

    /// What the chain is for.
    #[arg(long, value_enum, default_value_t = Purpose::Live)]
    chain_type: Purpose,

    /// Address of a node that new nodes ask first. Can be given several times.
    #[arg(long = "bootnode", value_name = "ADDRESS")]
    bootnodes: Vec<MultiaddrWithPeerId>,

    /// Write the genesis state itself instead of its configuration. Networks publish this form: a
    /// rebuilt runtime does not change it.
    #[arg(long)]
    raw: bool,

    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What a chain is for.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Purpose {
    /// One node on one machine.
    Development,
    /// Several nodes on one machine.
    Local,
    /// A network that others use.
    Live,
}

impl From<Purpose> for ChainType {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Development => Self::Development,
            Purpose::Local => Self::Local,
            Purpose::Live => Self::Live,
        }
    }
}

impl ChainSpecCmd {
    /// Runs the command.
    ///
    /// Errors: the preset is unknown, a file cannot be read or written, or the genesis state
    /// cannot be built from the patched configuration.
    pub fn run(&self) -> Result<(), String> {
        match self {
            Self::Presets => write(None, &genesis::preset_names().join("\n")),
            Self::ShowPreset { name } => write(None, &pretty(&chain_spec::preset(name)?)?),
            Self::Create(command) => command.run(),
        }
    }
}

impl CreateCmd {
    fn run(&self) -> Result<(), String> {
        let preset = chain_spec::preset(&self.preset)?;
        let patch = self.patch.as_deref().map(read_patch).transpose()?;
        let spec = self.specification(preset, patch)?;
        // Built even when the configuration is asked for: whoever edits it further starts sound.
        let raw = spec.as_json(true).map_err(|error| {
            format!("the genesis state cannot be built from this configuration: {error}")
        })?;
        let json = if self.raw { raw } else { spec.as_json(false)? };
        write(self.output.as_deref(), &json)
    }

    fn specification(&self, preset: Value, patch: Option<Value>) -> Result<ChainSpec, String> {
        let builder = ChainSpec::builder(chain_spec::wasm_binary()?, Default::default())
            .with_name(&self.name)
            .with_id(&self.id)
            .with_chain_type(self.chain_type.into())
            .with_protocol_id(chain_spec::PROTOCOL_ID)
            .with_properties(chain_spec::properties())
            .with_boot_nodes(self.bootnodes.clone())
            .with_genesis_config_patch(preset);
        Ok(match patch {
            Some(patch) => builder.with_genesis_config_patch(patch).build(),
            None => builder.build(),
        })
    }
}

fn read_patch(path: &Path) -> Result<Value, String> {
    let bytes = fs::read(path)
        .map_err(|error| format!("the patch `{}` cannot be read: {error}", path.display()))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| format!("the patch `{}` is not JSON: {error}", path.display()))
}

fn pretty(value: &Value) -> Result<String, String> {
    serde_json::to_string_pretty(value).map_err(|error| error.to_string())
}

fn write(output: Option<&Path>, text: &str) -> Result<(), String> {
    match output {
        Some(path) => fs::write(path, text)
            .map_err(|error| format!("`{}` cannot be written: {error}", path.display())),
        None => writeln!(io::stdout(), "{text}")
            .map_err(|error| format!("standard output cannot be written: {error}")),
    }
}
