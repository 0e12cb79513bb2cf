// SPDX-License-Identifier: Apache-2.0

//! The chains this binary knows by name.
//!
//! Each of them starts from a genesis preset of the runtime, so that the node knows no pallet's
//! insides. A live network is not among them: its specification is a raw file, because a rebuilt
//! runtime would otherwise change its genesis.

use crate::service::HostFunctions;
use millrace_runtime::{WASM_BINARY, genesis::STAGING_PRESET, opaque::Block};
use polkadot_sdk::{
    sc_chain_spec::{
        ChainSpecExtension, DEV_RUNTIME_PRESET, GenericChainSpec, LOCAL_TESTNET_RUNTIME_PRESET,
        Properties,
    },
    sc_client_api::{BadBlocks, ForkBlocks},
    sc_service::ChainType,
    sc_sync_state_rpc::LightSyncStateExtension,
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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
}

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

/// A chain that starts from one of the runtime's presets.
pub fn from_preset(
    name: &str,
    id: &str,
    chain_type: ChainType,
    preset: &str,
) -> Result<ChainSpec, String> {
    Ok(ChainSpec::builder(wasm_binary()?, Extensions::default())
        .with_name(name)
        .with_id(id)
        .with_chain_type(chain_type)
        .with_protocol_id(PROTOCOL_ID)
        .with_properties(properties())
        .with_genesis_config_preset_name(preset)
        .build())
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

    fn raw(id: &str) -> serde_json::Value {
        let json = load(id).and_then(|spec| spec.as_json(true)).expect("the preset builds");
        serde_json::from_str(&json).expect("a specification is JSON")
    }

    #[test]
    fn development_chain_builds_a_genesis_state() {
        let spec = raw("dev");
        assert_eq!(spec["id"], "millrace_dev");
        assert_eq!(spec["protocolId"], PROTOCOL_ID);
        assert_eq!(spec["properties"]["tokenDecimals"], 12);
        assert!(spec["genesis"]["raw"]["top"].as_object().is_some_and(|top| top.len() > 50));
    }

    #[test]
    fn local_chain_has_two_validators_where_the_development_chain_has_one() {
        // `Session::Validators`, a SCALE vector whose first byte is four times its length.
        let key = "0xcec5070d609dd3497f72bde07fc96ba088dcde934c658227ee1dfafcd6e16903";
        let count = |spec: &serde_json::Value| {
            let value = spec["genesis"]["raw"]["top"][key].as_str().map(|hex| hex[2..4].to_owned());
            value.expect("the session pallet knows its validators")
        };
        assert_eq!(count(&raw("dev")), "04");
        assert_eq!(count(&raw("local")), "08");
    }

    #[test]
    fn unknown_chain_is_named_in_the_error() {
        let error = load("nowhere").err().expect("there is no such chain");
        assert!(error.contains("`nowhere`") && error.contains("staging"), "{error}");
    }

    #[test]
    fn light_clients_find_their_extension() {
        let spec = load("dev").expect("the preset builds");
        let extension = polkadot_sdk::sc_chain_spec::get_extension::<LightSyncStateExtension>(
            polkadot_sdk::sc_service::ChainSpec::extensions(&spec),
        );
        assert!(extension.is_some());
    }
}
