// SPDX-License-Identifier: Apache-2.0

//! The chains that the node knows by name.
//!
//! Each of them starts from a genesis preset of the runtime, so that the node knows no pallet's
//! insides. A live network is not among them: its specification is a raw file, because a rebuilt
//! runtime would otherwise change its genesis.

use millrace_runtime::{
    RuntimeGenesisConfig, WASM_BINARY,
    genesis::{self, STAGING_PRESET},
    opaque::Block,
};
use polkadot_sdk::{
    sc_chain_spec::{
        ChainSpecExtension, DEV_RUNTIME_PRESET, GenericChainSpec, LOCAL_TESTNET_RUNTIME_PRESET,
        Properties, get_extension, json_merge,
    },
    sc_client_api::{BadBlocks, ForkBlocks},
    sc_service::{self, ChainType},
    sc_sync_state_rpc::LightSyncStateExtension,
    sp_core::storage::{Storage, well_known_keys},
    sp_io,
    sp_runtime::BuildStorage,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;

/// Host functions that the runtime may call.
#[cfg(not(feature = "runtime-benchmarks"))]
type HostFunctions = sp_io::SubstrateHostFunctions;
/// Host functions that the runtime may call, those of its benchmarks included.
#[cfg(feature = "runtime-benchmarks")]
type HostFunctions =
    (sp_io::SubstrateHostFunctions, polkadot_sdk::frame_benchmarking::benchmarking::HostFunctions);

/// Separates this chain's network protocols from those of other chains.
pub const PROTOCOL_ID: &str = "millrace";

/// What a specification can say besides the standard fields.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
    /// Blocks that the node insists on, by number.
    pub fork_blocks: ForkBlocks<Block>,
    /// Blocks that the node refuses.
    pub bad_blocks: BadBlocks<Block>,
    /// The point from which light clients start; `sync_state_genSyncSpec` fills it in.
    pub light_sync_state: LightSyncStateExtension,
    /// Where the genesis state comes from, if not from a file.
    #[serde(skip)]
    pub origin: Origin,
}

/// The preset that is a chain's whole genesis configuration, if there is one.
///
/// Never written to a file or read from one, because there the configuration may be another.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin(Option<&'static str>);

/// A chain's specification.
pub type ChainSpec = GenericChainSpec<Extensions, HostFunctions>;

/// The compiled runtime, or how to get one.
pub fn wasm_binary() -> Result<&'static [u8], String> {
    WASM_BINARY.ok_or_else(|| {
        "this binary was built without the WASM runtime. Build it again with SKIP_WASM_BUILD \
         unset, or give the raw specification of a chain with --chain FILE."
            .into()
    })
}

/// The token's name and precision, and how addresses are written.
pub fn properties() -> Properties {
    let mut properties = Properties::new();
    properties.insert("tokenSymbol".into(), "MILL".into());
    properties.insert("tokenDecimals".into(), 12.into());
    properties.insert("ss58Format".into(), 42.into());
    properties
}

/// A genesis preset of the runtime: what it changes in the default configuration.
///
/// Errors: the runtime has no preset of this name.
pub fn preset(name: &str) -> Result<Value, String> {
    let json = genesis::get_preset(&name.into()).ok_or_else(|| {
        let names = genesis::preset_names().join(", ");
        format!("there is no preset called `{name}`. Choose one of: {names}.")
    })?;
    serde_json::from_slice(&json).map_err(|error| format!("preset `{name}` is broken: {error}"))
}

/// A chain that starts from one of the runtime's presets.
fn from_preset(
    name: &str,
    id: &str,
    chain_type: ChainType,
    preset_name: &'static str,
) -> Result<ChainSpec, String> {
    let extensions = Extensions { origin: Origin(Some(preset_name)), ..Default::default() };
    Ok(ChainSpec::builder(wasm_binary()?, extensions)
        .with_name(name)
        .with_id(id)
        .with_chain_type(chain_type)
        .with_protocol_id(PROTOCOL_ID)
        .with_properties(properties())
        .with_genesis_config_patch(preset(preset_name)?)
        .build())
}

/// The genesis state of a chain.
///
/// A preset's state is built by the runtime's native twin, in no time; any other configuration is
/// built by the WASM runtime, which takes seconds to compile.
///
/// Errors: the configuration does not fit the runtime.
pub fn genesis_state(spec: &dyn sc_service::ChainSpec) -> Result<Storage, String> {
    match get_extension(spec.extensions()) {
        Some(Origin(Some(name))) => native_state(name),
        _ => spec.as_storage_builder().build_storage(),
    }
}

/// The genesis state of a preset, built without WASM.
fn native_state(preset_name: &str) -> Result<Storage, String> {
    let broken = |error| format!("preset `{preset_name}` does not fit the runtime: {error}");
    let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).map_err(broken)?;
    json_merge(&mut config, preset(preset_name)?);
    let config: RuntimeGenesisConfig = serde_json::from_value(config).map_err(broken)?;
    let mut state = config.build_storage()?;
    state.top.insert(well_known_keys::CODE.to_vec(), wasm_binary()?.to_vec());
    Ok(state)
}

/// The chain called `id`, or the one described by the file of that name.
///
/// Errors: `id` is empty or neither a known name nor a file; the file is not a specification.
pub fn load(id: &str) -> Result<ChainSpec, String> {
    match id {
        "" => Err("which chain? Pass --dev for a development chain of one node, --chain local \
                   for several nodes on this machine, or --chain FILE for a network."
            .into()),
        "dev" => from_preset(
            "Millrace Development",
            "millrace_dev",
            ChainType::Development,
            DEV_RUNTIME_PRESET,
        ),
        "local" => from_preset(
            "Millrace Local Testnet",
            "millrace_local",
            ChainType::Local,
            LOCAL_TESTNET_RUNTIME_PRESET,
        ),
        "staging" => {
            from_preset("Millrace Staging", "millrace_staging", ChainType::Live, STAGING_PRESET)
        }
        path => load_file(path.into()),
    }
}

/// The chain described by a file.
fn load_file(path: PathBuf) -> Result<ChainSpec, String> {
    if !path.is_file() {
        return Err(format!(
            "there is no chain called `{0}`, and no file either. Choose dev, local or staging, or \
             give the path of a chain specification.",
            path.display()
        ));
    }
    ChainSpec::from_json_file(path.clone())
        .map_err(|error| format!("`{}` is not a chain specification: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::sp_io::hashing::twox_128;

    #[test]
    fn native_and_wasm_runtime_build_the_same_genesis_state() {
        let spec = load("dev").expect("the preset builds");
        let native = genesis_state(&spec).expect("the preset fits the runtime");
        let wasm = spec.build_storage().expect("the preset fits the runtime");
        assert!(native.top == wasm.top);
        assert!(native.children_default == wasm.children_default);
    }

    #[test]
    fn development_chain_has_a_name_for_clients() {
        let spec = load("dev").expect("the preset builds");
        assert_eq!(spec.id(), "millrace_dev");
        assert_eq!(spec.protocol_id(), Some(PROTOCOL_ID));
        assert_eq!(spec.properties()["tokenDecimals"], 12);
    }

    #[test]
    fn local_chain_has_two_validators_where_the_development_chain_has_one() {
        let validators = |id: &str| {
            let state = load(id).and_then(|spec| genesis_state(&spec)).expect("the preset builds");
            let key = [twox_128(b"Session"), twox_128(b"Validators")].concat();
            // A SCALE vector of fewer than 64 items starts with four times their number.
            state.top[&key][0] / 4
        };
        assert_eq!(validators("dev"), 1);
        assert_eq!(validators("local"), 2);
    }

    #[test]
    fn unknown_chain_is_named_in_the_error() {
        let error = load("nowhere").err().expect("there is no such chain");
        assert!(error.contains("`nowhere`") && error.contains("staging"), "{error}");
    }

    #[test]
    fn light_clients_find_their_extension() {
        let spec = load("dev").expect("the preset builds");
        let spec: &dyn sc_service::ChainSpec = &spec;
        assert!(get_extension::<LightSyncStateExtension>(spec.extensions()).is_some());
    }
}
