// SPDX-License-Identifier: Apache-2.0

//! The chain, the terminal, the temporary folder, and what every chapter does with them.

use super::programs::{self, LOOK};
use crate::{amounts::Token, arguments::StoryOptions, terminal::Terminal};
use anyhow::{Context, bail};
use millrace_channels_chain::Chain;
use millrace_primitives_channels::{Balance, BlockNumber};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// The challenge window unless the chain wants a longer one, in blocks: long enough for a busy
/// machine to answer, short enough to wait for.
const DEFAULT_CHALLENGE_BLOCKS: BlockNumber = 10;

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Where the story is told.
pub struct Stage<'a> {
    pub chain: Chain,
    pub url: String,
    pub terminal: &'a Terminal,
    pub token: Token,
    pub challenge_blocks: BlockNumber,
    /// The folder of everything that the story makes.
    pub folder: PathBuf,
    /// Protects the keys of all stores, in a file that goes with the folder.
    pub passphrase: PathBuf,
    /// The programs of the daemon and of the tower.
    pub daemon: PathBuf,
    pub tower: PathBuf,
}

impl<'a> Stage<'a> {
    /// Connects to the chain, shows what it is, and looks for the programs.
    pub async fn set(
        folder: &Path,
        options: &StoryOptions,
        terminal: &'a Terminal,
    ) -> anyhow::Result<Stage<'a>> {
        let daemon = programs::program(options.programs.as_deref(), "millrace-channeld")?;
        let tower = programs::program(options.programs.as_deref(), "millrace-watchtower")?;
        terminal.step("Connect to a node of the chain");
        let chain = Chain::connect(&options.url).await?;
        let identity = chain.identity();
        let best = chain.best_head().await?;
        terminal.fact("node", &format!("{} at {}", identity.node, options.url));
        terminal.fact("chain", &identity.chain);
        terminal.fact("genesis", &format!("{:?}", identity.genesis));
        terminal.fact("runtime", &format!("version {}", identity.spec_version));
        terminal.fact("best block", &best.to_string());
        terminal.fact("final block", &chain.finalised_head().await?.to_string());
        terminal.fact("folder", &folder.display().to_string());

        let token = Token { symbol: identity.token.clone(), decimals: identity.decimals };
        let least: Option<BlockNumber> =
            chain.constant("Channels", "MinChallengeBlocks", &best).await?;
        let challenge_blocks =
            options.challenge_blocks.unwrap_or(least.unwrap_or(0).max(DEFAULT_CHALLENGE_BLOCKS));
        let passphrase = folder.join("passphrase");
        std::fs::write(&passphrase, "as long as the story\n").context("the folder is writable")?;
        Ok(Self {
            chain,
            url: options.url.clone(),
            terminal,
            token,
            challenge_blocks,
            folder: folder.to_owned(),
            passphrase,
            daemon,
            tower,
        })
    }

    /// An amount for people.
    pub fn show(&self, amount: Balance) -> String {
        self.token.show(amount)
    }

    /// Waits until `look` finds something. An error if it takes longer than [`PATIENCE`].
    pub async fn wait_for<T>(
        &self,
        what: &str,
        mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        let since = Instant::now();
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if since.elapsed() > PATIENCE {
                bail!("waited {} s for {what}", PATIENCE.as_secs());
            }
            self.terminal.progress(&format!("waiting for {what} ..."));
            tokio::time::sleep(LOOK).await;
        }
    }
}
