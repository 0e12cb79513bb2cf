// SPDX-License-Identifier: Apache-2.0

//! The state of a chain, from a running node or from a file.

use anyhow::{Context, bail, ensure};
use jsonrpsee_core::{client::ClientT, rpc_params};
use jsonrpsee_ws_client::{WsClient, WsClientBuilder};
use polkadot_sdk::sp_core::{H256, storage::well_known_keys};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path, time::Duration};

/// Keys that are asked for at once, and values.
const KEYS_A_PAGE: usize = 1_000;
const VALUES_A_PAGE: usize = 200;

/// How long a node may take for an answer.
const ANSWER_TIME: Duration = Duration::from_secs(60);

/// The largest answer of a node that is taken, in bytes: a page of values with the runtime in it.
const MAX_ANSWER_BYTES: u32 = 64 * 1024 * 1024;

/// The state of a chain.
pub struct State {
    /// Everything stored.
    pub entries: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The block after which the state is so; zero if that is unknown.
    pub hash: H256,
    /// Where it is from.
    pub source: String,
}

impl State {
    /// The runtime in it.
    pub fn code(&self) -> anyhow::Result<Vec<u8>> {
        let code = self.entries.get(well_known_keys::CODE).cloned();
        code.context("the state has no runtime: is it the state of a chain?")
    }
}

/// Reads a raw specification.
pub fn read(file: &Path) -> anyhow::Result<State> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let entries = parse(&text).with_context(|| format!("{} holds no state", file.display()))?;
    let source = format!("{}, {} entries", file.display(), entries.len());
    Ok(State { entries, hash: H256::zero(), source })
}

/// The entries of a raw specification.
fn parse(text: &str) -> anyhow::Result<BTreeMap<Vec<u8>, Vec<u8>>> {
    let spec: Value = serde_json::from_str(text).context("it is not JSON")?;
    let children = &spec["genesis"]["raw"]["childrenDefault"];
    ensure!(children.as_object().is_none_or(|it| it.is_empty()), "it has child tries");
    let top = spec["genesis"]["raw"]["top"]
        .as_object()
        .context("it is no raw specification; `millrace export-state` writes one")?;
    let mut entries = BTreeMap::new();
    for (key, value) in top {
        let value = value.as_str().context("a value is no text")?;
        entries.insert(bytes(key)?, bytes(value)?);
    }
    Ok(entries)
}

/// Copies the last final state of a running node.
pub async fn copy(url: &str) -> anyhow::Result<State> {
    let node = WsClientBuilder::new()
        .request_timeout(ANSWER_TIME)
        .max_response_size(MAX_ANSWER_BYTES)
        .build(url)
        .await
        .with_context(|| format!("no node answers at {url}; is it running, with this RPC port?"))?;
    let hash: String = node.request("chain_getFinalizedHead", rpc_params![]).await?;
    let header: Value = node.request("chain_getHeader", rpc_params![&hash]).await?;
    let number = header["number"].as_str().unwrap_or_default();
    let number = u32::from_str_radix(number.trim_start_matches("0x"), 16)
        .context("the node's header has no number")?;
    let keys = keys(&node, &hash).await?;
    let mut entries = BTreeMap::new();
    for page in keys.chunks(VALUES_A_PAGE) {
        entries.extend(values(&node, page, &hash).await?);
    }
    ensure!(
        entries.len() == keys.len(),
        "the node has forgotten block {hash} meanwhile: ask an archive node (--state-pruning archive)"
    );
    let source = format!("block {number} of {url}, {} entries", entries.len());
    Ok(State { entries, hash: H256::from_slice(&bytes(&hash)?), source })
}

/// All keys of the state after a block.
async fn keys(node: &WsClient, hash: &str) -> anyhow::Result<Vec<String>> {
    let mut keys: Vec<String> = Vec::new();
    loop {
        let last = keys.last();
        let page: Vec<String> =
            node.request("state_getKeysPaged", rpc_params!["0x", KEYS_A_PAGE, last, hash]).await?;
        let is_last = page.len() < KEYS_A_PAGE;
        keys.extend(page);
        if is_last {
            return Ok(keys);
        }
    }
}

/// The values of some keys after a block.
async fn values(
    node: &WsClient,
    keys: &[String],
    hash: &str,
) -> anyhow::Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let answer: Value = node.request("state_queryStorageAt", rpc_params![keys, hash]).await?;
    let changes = answer[0]["changes"].as_array().context("the node's answer lists no values")?;
    let mut found = Vec::new();
    for change in changes {
        match (change[0].as_str(), change[1].as_str()) {
            (Some(key), Some(value)) => found.push((bytes(key)?, bytes(value)?)),
            _ => bail!("the node knows no value of the key {}", change[0]),
        }
    }
    Ok(found)
}

/// Bytes that are written as hexadecimal digits.
fn bytes(text: &str) -> anyhow::Result<Vec<u8>> {
    let digits = text.strip_prefix("0x").context("hexadecimal numbers begin with 0x")?;
    hex::decode(digits).context("these are no hexadecimal digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_specification_is_read() {
        let spec = r#"{"genesis": {"raw": {"top": {"0x3a636f6465": "0x0102", "0x00": "0x"}}}}"#;
        let entries = parse(spec).unwrap();
        let state = State { entries, hash: H256::zero(), source: String::new() };
        assert_eq!(state.code().unwrap(), [1, 2]);
        assert!(state.entries[&vec![0]].is_empty());
    }

    #[test]
    fn anything_else_is_refused_with_a_reason() {
        for (text, reason) in [
            ("nothing", "not JSON"),
            (r#"{"genesis": {"runtimeGenesis": {}}}"#, "no raw specification"),
            (r#"{"genesis": {"raw": {"top": {"0x0": "0x"}}}}"#, "no hexadecimal digits"),
            (r#"{"genesis": {"raw": {"top": {"00": "0x"}}}}"#, "begin with 0x"),
            (
                r#"{"genesis": {"raw": {"top": {}, "childrenDefault": {"0x00": {}}}}}"#,
                "child tries",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert!(format!("{error:#}").contains(reason), "{text}: {error:#}");
        }
    }

    #[test]
    fn state_without_a_runtime_is_refused() {
        let state = State { entries: BTreeMap::new(), hash: H256::zero(), source: String::new() };
        assert!(state.code().is_err());
    }
}
