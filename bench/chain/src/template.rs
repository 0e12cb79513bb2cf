// SPDX-License-Identifier: Apache-2.0

//! The chain that ours is compared with: our own node, with the runtime of `bench/template`.
//!
//! The node takes it from a chain's specification, which carries the runtime's code. Nothing is asked
//! of the node's binary, because its presets are those of another runtime.

use crate::accounts::{endowments, names, validator};
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// With what a blob begins: plain WASM, or the mark of a compressed one.
const MARKS: [&[u8]; 2] = [b"\0asm", &[0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05]];

/// The specification's file.
const FILE: &str = "template.json";

/// Makes the specification of a chain that starts with this blob, and returns its file.
/// Errors: the blob cannot be read or is none, or the specification cannot be written.
pub fn make_chain(
    blob: &Path,
    accounts: u32,
    validators: u32,
    folder: &Path,
) -> anyhow::Result<PathBuf> {
    let code = std::fs::read(blob).with_context(|| format!("reading {}", blob.display()))?;
    let is_blob = MARKS.iter().any(|mark| code.starts_with(mark));
    ensure!(is_blob, "{} is no runtime's blob: build bench/template", blob.display());
    let spec = specification(&code, genesis(accounts, validators)?);
    let file = folder.join(FILE);
    std::fs::write(&file, serde_json::to_vec(&spec)?)
        .with_context(|| format!("writing {}", file.display()))?;
    Ok(file)
}

/// A chain of the same type as the one that is made for our own runtime.
fn specification(code: &[u8], genesis: Value) -> Value {
    json!({
        "name": "The template under load",
        "id": "template_load",
        "chainType": "Local",
        "bootNodes": [],
        "telemetryEndpoints": null,
        "protocolId": "template",
        "properties": { "tokenSymbol": "TEST", "tokenDecimals": 12, "ss58Format": 42 },
        "codeSubstitutes": {},
        "genesis": {
            "runtimeGenesis": { "code": format!("0x{}", hex::encode(code)), "patch": genesis },
        },
    })
}

/// What the runtime's default genesis is patched with: funded accounts, and validators that never
/// change.
///
/// As with Aura, each slot has one author and nobody draws lots: no slot has a primary author, so
/// all of them go to their secondary one.
fn genesis(accounts: u32, validators: u32) -> anyhow::Result<Value> {
    let (mut authors, mut voters) = (Vec::new(), Vec::new());
    for name in names(validators)? {
        let (_, keys) = validator(name)?;
        let key = |kind: &str| keys.get(kind).cloned().context("a key is missing");
        authors.push(json!([key("babe")?, 1]));
        voters.push(json!([key("grandpa")?, 1]));
    }
    let slots = json!({ "c": [0, 1], "allowed_slots": "PrimaryAndSecondaryPlainSlots" });
    Ok(json!({
        "babe": { "authorities": authors, "epochConfig": slots },
        "balances": { "balances": endowments(accounts).collect::<Vec<_>>() },
        "grandpa": { "authorities": voters },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_validator_makes_and_finalises_blocks() {
        let genesis = genesis(3, 2).unwrap();
        let alice = json!(["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", 1]);
        assert_eq!(genesis["babe"]["authorities"][0], alice);
        assert_eq!(genesis["grandpa"]["authorities"].as_array().unwrap().len(), 2);
        assert_eq!(genesis["balances"]["balances"].as_array().unwrap().len(), 3);
        assert!(super::genesis(3, 7).is_err());
    }

    #[test]
    fn only_a_blob_becomes_a_chain() {
        let folder = tempfile::tempdir().unwrap();
        let blob = folder.path().join("blob");
        let make = || make_chain(&blob, 1, 1, folder.path());
        assert!(make().is_err());
        std::fs::write(&blob, "text").unwrap();
        assert!(make().unwrap_err().to_string().contains("bench/template"));
        std::fs::write(&blob, b"\0asm\x01").unwrap();
        let spec: Value = serde_json::from_slice(&std::fs::read(make().unwrap()).unwrap()).unwrap();
        assert_eq!(spec["genesis"]["runtimeGenesis"]["code"], "0x0061736d01");
    }
}
