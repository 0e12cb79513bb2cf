// SPDX-License-Identifier: Apache-2.0

//! The watchtower.

use super::{programs::Process, stage::Stage};
use anyhow::{Context, anyhow, bail};
use millrace_channels_api::values::Peer;
use millrace_ports::free_port;
use millrace_primitives_channels::AccountId;
use std::{ffi::OsString, process::Command};
use tokio::task::spawn_blocking;

/// The watchtower.
pub struct Tower {
    /// Its own account, which pays for answers and gets rewards.
    pub account: AccountId,
    peer: Peer,
    port: u16,
    running: Option<Process>,
}

impl Tower {
    /// Makes a tower; it does not run yet.
    pub async fn make(stage: &Stage<'_>) -> anyhow::Result<Self> {
        stage.terminal.step("Make a watchtower, with an account of its own");
        let mut command = Command::new(&stage.tower);
        command.arg("make").args(Self::place(stage)).args(["--url", &stage.url]);
        let output = spawn_blocking(move || command.output()).await?.context("the tower starts")?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            bail!("the tower was not made: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let word_after = |label: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(label));
            line.map(str::trim).with_context(|| format!("the tower says no {label}: {text}"))
        };
        let account = word_after("account")?;
        let account =
            account.parse::<AccountId>().map_err(|reason| anyhow!("{account}: {reason}"))?;
        let peer: Peer = word_after("tower")?.parse()?;
        let tower = Self { account, peer, port: free_port()?, running: None };
        stage.terminal.fact("tower", &format!("peer {} at port {}", tower.peer, tower.port));
        Ok(tower)
    }

    fn place(stage: &Stage<'_>) -> [OsString; 4] {
        let folder = stage.folder.join("tower");
        [
            "--folder".into(),
            folder.into(),
            "--passphrase-file".into(),
            stage.passphrase.clone().into(),
        ]
    }

    fn listens(&self) -> String {
        format!("/ip4/127.0.0.1/tcp/{}", self.port)
    }

    /// Where daemons reach it, and who is there.
    pub fn address(&self) -> String {
        format!("{}/p2p/{}", self.listens(), self.peer)
    }

    /// Starts it.
    pub fn start(&mut self, stage: &Stage<'_>) -> anyhow::Result<()> {
        let mut arguments = vec!["run".into()];
        arguments.extend(Self::place(stage));
        let listens = self.listens();
        let flags = ["--url", &stage.url, "--listen", &listens, "--max-blocks", "10000"];
        arguments.extend(flags.map(OsString::from));
        let log = stage.folder.join("tower.log");
        self.running = Some(Process::start("the tower", &stage.tower, arguments, &log)?);
        Ok(())
    }

    /// An error if it has ended.
    pub fn verify_running(&mut self) -> anyhow::Result<()> {
        self.running.as_mut().context("the tower was started")?.verify_running()
    }

    /// Ends it in good order.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.running.take().context("the tower was started")?.stop().await
    }
}
