// SPDX-License-Identifier: Apache-2.0

//! Flags, and the file that can stand in for them.

use anyhow::Context;
use clap::{Parser, ValueEnum};
use millrace_channels_api::tokens;
use serde::Deserialize;
use std::{fs, net::SocketAddr, path::PathBuf};

/// A node of the chain on this machine.
const DEFAULT_NODE: &str = "ws://127.0.0.1:9944";

/// How much is told.
#[derive(Clone, Copy, Debug, Default, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Log {
    /// What needs a person.
    Error,
    /// What may need one.
    Warn,
    /// What happens.
    #[default]
    Info,
    /// How it happens.
    Debug,
}

impl From<Log> for tracing::Level {
    fn from(log: Log) -> Self {
        match log {
            Log::Error => Self::ERROR,
            Log::Warn => Self::WARN,
            Log::Info => Self::INFO,
            Log::Debug => Self::DEBUG,
        }
    }
}

/// Runs a party of Millrace's payment channels: it keeps its channels, pays and is paid, and answers
/// disputes by itself.
///
/// Its keys lie in its folder, under a passphrase. Programs reach it at the interface, with the
/// tokens in the folder `api`.
#[derive(Debug, Parser)]
#[command(name = "millrace-channeld", version)]
pub struct Options {
    /// A file with the same options in TOML, with `_` for `-`; flags count more.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where everything is kept; made if it is missing. Unless given, millrace-channeld in the user's
    /// folder for data (~/.local/share), where millrace-channel looks for the token, too.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// A node of the chain, the preferred one first; ws://127.0.0.1:9944 unless given.
    #[arg(long, alias = "url", value_name = "URL")]
    pub node: Vec<String>,
    /// Signs calls to the chain over a hash of the chain's metadata, so that a node which describes
    /// calls wrongly gets nothing signed that counts. Then only nodes of a chain are followed whose
    /// runtime knows that hash; one that was built for development does not.
    #[arg(long)]
    pub metadata_hash: bool,
    /// Where peers can connect, as /ip4/0.0.0.0/tcp/9740; only this machine unless given.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Vec<String>,
    /// A peer to stay connected with, as /ip4/203.0.113.7/tcp/9740/p2p/12D3KooW...
    #[arg(long, value_name = "ADDRESS")]
    pub connect: Vec<String>,
    /// Where programs reach the interface.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9966")]
    pub api: SocketAddr,
    /// Lets other machines reach the interface, unencrypted: put a tunnel in front.
    #[arg(long)]
    pub api_remote: bool,
    /// A file whose first line is the passphrase. Without it, MILLRACE_PASSPHRASE counts.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Use a well-known development account such as Alice instead of an account of its own. Everybody
    /// knows its key.
    #[arg(long, value_name = "NAME")]
    pub dev_account: Option<String>,
    /// The most that a call with a deadline may offer as a tip, in the smallest unit.
    #[arg(long, value_name = "AMOUNT", default_value_t = 0)]
    pub tip_limit: u128,
    /// What this party is willing to deposit in channels that others propose, in the smallest unit.
    #[arg(long, value_name = "AMOUNT", default_value_t = 0)]
    pub accept_own_deposit: u128,
    /// The shortest challenge window that is accepted in channels that others propose, in blocks.
    #[arg(long, value_name = "BLOCKS", default_value_t = 100)]
    pub accept_challenge_blocks: u32,
    /// The longest for which a peer's change of its deposit may hold the payments of a channel up, in
    /// blocks. With 0 none is accepted; then each that a peer tries holds the channel up until its
    /// last block.
    #[arg(long, value_name = "BLOCKS", default_value_t = 1_200)]
    pub accept_resize_blocks: u32,
    /// What a peer that takes money out of a channel has to leave there, in the smallest unit.
    #[arg(long, value_name = "AMOUNT", default_value_t = 0)]
    pub accept_resize_rest: u128,
    /// The challenge window of channels that this party proposes, in blocks.
    #[arg(long, value_name = "BLOCKS", default_value_t = 1_000)]
    pub challenge_blocks: u32,
    /// Begins with a backup in place of a store that is lost, and ends if there still is a store. Give
    /// it once; the daemon that made the backup must never run again.
    #[arg(long, value_name = "FILE")]
    pub restore: Option<PathBuf>,
    /// A watchtower that answers disputes while this daemon is away, as
    /// /ip4/203.0.113.7/tcp/9750/p2p/12D3KooW...; may be given up to 8 times.
    #[arg(long, value_name = "ADDRESS")]
    pub watchtower: Vec<String>,
    /// How much is told on standard error.
    #[arg(long, value_enum, default_value_t)]
    pub log: Log,
}

/// What the file can say. It fills what the flags leave out; lists are joined.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    folder: Option<PathBuf>,
    node: Vec<String>,
    metadata_hash: bool,
    listen: Vec<String>,
    connect: Vec<String>,
    api: Option<SocketAddr>,
    api_remote: bool,
    passphrase_file: Option<PathBuf>,
    dev_account: Option<String>,
    // TOML has numbers of 64 bits.
    tip_limit: Option<u64>,
    accept_own_deposit: Option<u64>,
    accept_challenge_blocks: Option<u32>,
    accept_resize_blocks: Option<u32>,
    accept_resize_rest: Option<u64>,
    challenge_blocks: Option<u32>,
    watchtower: Vec<String>,
    log: Option<Log>,
}

impl Options {
    /// Joins flags and file.
    pub fn with_file(mut self) -> anyhow::Result<Self> {
        if let Some(path) = &self.config {
            let text = fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let file: File = toml::from_str(&text)
                .with_context(|| format!("{} is no configuration", path.display()))?;
            self.fill(file);
        }
        if self.node.is_empty() {
            self.node.push(DEFAULT_NODE.to_owned());
        }
        Ok(self)
    }

    /// Where everything is kept.
    pub fn folder(&self) -> anyhow::Result<PathBuf> {
        let folder = self.folder.clone().or_else(tokens::default_home);
        folder.context("there is no home folder to keep anything in: name a folder by --folder")
    }

    /// A flag that was given differs from its default; one that was not takes the file's value.
    fn fill(&mut self, file: File) {
        fn or<T: PartialEq>(flag: &mut T, default: T, value: Option<T>) {
            if let Some(value) = value
                && *flag == default
            {
                *flag = value;
            }
        }
        or(&mut self.api, SocketAddr::from(([127, 0, 0, 1], 9966)), file.api);
        or(&mut self.tip_limit, 0, file.tip_limit.map(Into::into));
        or(&mut self.accept_own_deposit, 0, file.accept_own_deposit.map(Into::into));
        or(&mut self.accept_challenge_blocks, 100, file.accept_challenge_blocks);
        or(&mut self.accept_resize_blocks, 1_200, file.accept_resize_blocks);
        or(&mut self.accept_resize_rest, 0, file.accept_resize_rest.map(Into::into));
        or(&mut self.challenge_blocks, 1_000, file.challenge_blocks);
        self.folder = self.folder.take().or(file.folder);
        self.node.extend(file.node);
        self.listen.extend(file.listen);
        self.connect.extend(file.connect);
        self.watchtower.extend(file.watchtower);
        self.metadata_hash |= file.metadata_hash;
        self.api_remote |= file.api_remote;
        self.passphrase_file = self.passphrase_file.take().or(file.passphrase_file);
        self.dev_account = self.dev_account.take().or(file.dev_account);
        if let (Some(log), Log::Info) = (file.log, self.log) {
            self.log = log;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_count_more_than_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let text = "node = [\"ws://file:1\"]\ntip_limit = 5\nchallenge_blocks = 7\nlog = \"warn\"\n\
             accept_resize_blocks = 300\naccept_resize_rest = 10\nmetadata_hash = true\n";
        fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        let given =
            ["millrace-channeld", "--config", path, "--tip-limit", "9", "--node", "ws://f:2"];
        let options = Options::parse_from(given).with_file().unwrap();
        assert_eq!(options.node, ["ws://f:2", "ws://file:1"]);
        assert_eq!((options.tip_limit, options.challenge_blocks), (9, 7));
        assert_eq!((options.accept_resize_blocks, options.accept_resize_rest), (300, 10));
        assert!(options.metadata_hash && matches!(options.log, Log::Warn));
    }

    #[test]
    fn misspelt_option_in_the_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, "tiplimit = 5\n").unwrap();
        let given = ["millrace-channeld", "--config", path.to_str().unwrap()];
        let error = Options::parse_from(given).with_file().unwrap_err();
        assert!(format!("{error:#}").contains("tiplimit"), "{error:#}");
    }

    #[test]
    fn tokens_lie_where_the_command_line_looks_for_them() {
        let options = Options::parse_from(["millrace-channeld"]).with_file().unwrap();
        let folder = options.folder().ok().map(|home| tokens::folder_in(&home));
        assert_eq!(folder, tokens::default_folder());
        let options = Options::parse_from(["millrace-channeld", "--folder", "/elsewhere"]);
        assert_eq!(options.folder().unwrap(), PathBuf::from("/elsewhere"));
    }

    #[test]
    fn help_can_be_made() {
        use clap::CommandFactory;
        Options::command().debug_assert();
    }
}
