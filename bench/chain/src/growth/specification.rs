// SPDX-License-Identifier: Apache-2.0

//! A chain that begins with many accounts.
//!
//! A genesis configuration is given to the runtime as one text in its memory, where nothing may be
//! larger than 32 MiB: a few hundred thousand accounts. So the chain is made with few accounts, and
//! the others are added to its raw specification: each is a copy of the entry of one that is there.
//! They are written one by one, so that no more than the small specification is held in memory.

use crate::{
    accounts::Account,
    chain::{account_key, storage_key},
};
use anyhow::{Context, ensure};
use codec::{Decode, Encode};
use polkadot_sdk::sp_io::hashing::blake2_256;
use serde_json::Value;
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

/// Where a raw specification has its state.
const TOP: &str = "/genesis/raw/top";

/// How the state begins in its text.
const BEGIN: &str = "\"top\":{";

/// Tag of accounts that never send. Nobody has their keys.
const TAG: &[u8] = b"millrace/load/idle";

/// The account of this number that never sends.
pub fn idle(number: u32) -> [u8; 32] {
    blake2_256(&[TAG, &number.to_le_bytes()].concat())
}

/// A key or value as a raw specification has it.
fn text(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

/// Adds this many accounts to a raw specification, each with what the first sender has.
/// Errors: the specification has no such sender, or the file cannot be written.
pub fn add_accounts(file: &Path, count: u32) -> anyhow::Result<()> {
    let reading = || format!("reading {}", file.display());
    let mut spec: Value = serde_json::from_slice(&std::fs::read(file).with_context(reading)?)?;
    let top = spec.pointer_mut(TOP).context("the chain's specification is not raw")?;
    let first = text(&account_key(&Account::new(0).id()));
    let like = top.get(&first).and_then(Value::as_str).context("the first sender is missing")?;
    let (like, free) = (like.to_owned(), free_balance(like)?);

    let issued = text(&storage_key("Balances", "TotalIssuance"));
    let issued = top.get_mut(&issued).context("the specification has no issuance")?;
    let before = u128::decode(&mut &bytes(issued.as_str().unwrap_or_default())?[..])?;
    let added = free.checked_mul(count.into()).and_then(|added| added.checked_add(before));
    *issued = text(&added.context("so much money cannot be")?.encode()).into();

    let spec = spec.to_string();
    let (head, rest) = spec.split_once(BEGIN).context("the specification has no state")?;
    let grown = file.with_extension("grown");
    let writing = || format!("writing {}", grown.display());
    let mut output = BufWriter::new(File::create(&grown).with_context(writing)?);
    write!(output, "{head}{BEGIN}")?;
    for number in 0..count {
        write!(output, "\"{}\":\"{like}\",", text(&account_key(&idle(number))))?;
    }
    // There is more: at least the runtime and the accounts that were there before.
    write!(output, "{rest}")?;
    output.into_inner().map_err(|error| error.into_error()).with_context(writing)?;
    std::fs::rename(&grown, file).with_context(writing)
}

fn bytes(text: &str) -> anyhow::Result<Vec<u8>> {
    crate::rpc::bytes(text)
}

/// What an account's entry says it may spend.
/// Errors: it says that it has sent something, or that something else depends on it.
fn free_balance(entry: &str) -> anyhow::Result<u128> {
    type Entry = (u32, u32, u32, u32, u128);
    let (nonce, consumers, _, _, free) = Entry::decode(&mut &bytes(entry)?[..])?;
    ensure!(nonce == 0 && consumers == 0, "the first sender is not like other accounts");
    Ok(free)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn accounts_are_added_and_money_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("spec.json");
        let entry = text(&(0u32, 0u32, 1u32, 0u32, 50u128, 0u128, 0u128, 1u128 << 127).encode());
        let first = text(&account_key(&Account::new(0).id()));
        let issued = text(&storage_key("Balances", "TotalIssuance"));
        let top = json!({ &first: entry, &issued: text(&70u128.encode()) });
        let spec = json!({ "name": "a chain", "genesis": { "raw": { "top": top, "childrenDefault": {} } } });
        std::fs::write(&file, spec.to_string()).unwrap();
        add_accounts(&file, 3).unwrap();

        let grown: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let top = grown.pointer(TOP).and_then(Value::as_object).unwrap();
        assert_eq!(top.len(), 5);
        assert_eq!(top[&issued], text(&220u128.encode()));
        assert_eq!(top[&text(&account_key(&idle(2)))], entry);
        assert_eq!(grown["name"], "a chain");
    }

    #[test]
    fn an_account_that_has_sent_is_no_model() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("spec.json");
        std::fs::write(&file, "{}").unwrap();
        assert!(add_accounts(&file, 3).is_err());
        assert!(free_balance(&text(&(1u32, 0u32, 1u32, 0u32, 50u128).encode())).is_err());
    }
}
