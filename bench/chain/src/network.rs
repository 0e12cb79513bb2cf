// SPDX-License-Identifier: Apache-2.0

//! A chain of validators on this machine, made for one load: a genesis that funds the accounts, and a
//! process for each validator.

use crate::{
    accounts::{NAMES, genesis_patch},
    options::Run,
    rpc::Node,
    template,
};
use anyhow::{Context, bail, ensure};
use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Ports that are tried: below those from which the kernel takes outgoing connections.
const PORTS: std::ops::Range<u16> = 12_000..30_000;

/// Names of nodes that follow without being validators.
const FOLLOWERS: [&str; 1] = ["Follower"];

/// How long a node may take to end after it was asked to.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many of a log's last lines are shown when its node has failed.
const LAST_LINES: usize = 15;

/// The chain's nodes, until this is dropped.
pub struct Network {
    /// One for each validator, then one for each node that follows.
    pub validators: Vec<Validator>,
    folder: TempDir,
    keep: bool,
}

/// A node's process.
pub struct Validator {
    /// Its name, which is that of its development keys if it is a validator.
    pub name: &'static str,
    /// Where it answers.
    pub url: String,
    /// Where it tells its metrics, if it does.
    pub metrics: Option<String>,
    /// Its data.
    pub data: PathBuf,
    /// What it says.
    pub log: PathBuf,
    process: Child,
}

/// What chain is wanted, and how its nodes are started.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The node's binary.
    pub binary: &'a Path,
    /// The blob of another runtime that the chain starts with, in place of the node's own.
    pub template: Option<&'a Path>,
    /// How many accounts its genesis funds.
    pub accounts: u32,
    /// How many validators it has.
    pub validators: u32,
    /// How many nodes follow it besides.
    pub followers: u32,
    /// Whether nodes tell their metrics.
    pub has_metrics: bool,
    /// More arguments for each node.
    pub arguments: &'a [String],
    /// Where nodes keep their data; the system's temporary folder unless given.
    pub folder: Option<&'a Path>,
    /// Whether the data stays when the run is over.
    pub keep: bool,
}

impl<'a> Wanted<'a> {
    /// What a load asks for.
    fn of(run: &'a Run, binary: &'a Path) -> Self {
        Self {
            binary,
            template: run.template.as_deref(),
            accounts: run.accounts,
            validators: run.validators,
            followers: 0,
            has_metrics: false,
            arguments: &run.node_arg,
            folder: run.folder.as_deref(),
            keep: run.keep,
        }
    }
}

/// With what a node is started, and where.
struct Place<'a> {
    spec: &'a Path,
    folder: &'a Path,
    /// For its peers, for its clients and for whoever reads its metrics.
    ports: (u16, u16, Option<u16>),
}

impl Network {
    /// Makes a chain and starts its nodes. Ends when all of them answer.
    /// Errors: the binary cannot make the chain, or a node ends at once; its log is shown.
    pub async fn start(run: &Run, binary: &Path) -> anyhow::Result<Self> {
        Self::launch(&Wanted::of(run, binary), |_| Ok(())).await
    }

    /// Makes a chain and starts its nodes, as above. `change` may change the chain's raw
    /// specification, which is in this file, before that.
    pub async fn launch(
        wanted: &Wanted<'_>,
        change: impl FnOnce(&Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let parent = wanted.folder.map_or_else(std::env::temp_dir, Path::to_owned);
        let folder = tempfile::Builder::new()
            .prefix("millrace-load-")
            .tempdir_in(&parent)
            .with_context(|| format!("{} takes no files: name a --folder", parent.display()))?;
        let spec = make_chain(wanted, folder.path())?;
        change(&spec)?;
        let mut network = Self { validators: Vec::new(), folder, keep: wanted.keep };
        let mut ports = free_ports();
        let mut bootnodes: Vec<String> = Vec::new();
        let validators = NAMES.into_iter().take(usize::try_from(wanted.validators)?);
        let followers = FOLLOWERS.into_iter().take(usize::try_from(wanted.followers)?);
        for name in validators.chain(followers) {
            let mut port = || ports.next().context("no port is free: stop some servers");
            let metrics = if wanted.has_metrics { Some(port()?) } else { None };
            let ports = (port()?, port()?, metrics);
            let place = Place { spec: &spec, folder: network.folder.path(), ports };
            let mut validator = Validator::start(wanted, name, &place, &bootnodes)?;
            let url = validator.url.clone();
            let node = Node::connect_soon(&url, || validator.is_running()).await?;
            let peer: String = node.ask("system_localPeerId", &[]).await?;
            bootnodes.push(format!("/ip4/127.0.0.1/tcp/{}/p2p/{peer}", ports.0));
            network.validators.push(validator);
        }
        Ok(network)
    }

    /// Fails if a node has ended by itself; its log is shown.
    pub fn check(&mut self) -> anyhow::Result<()> {
        self.validators.iter_mut().try_for_each(Validator::is_running)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // All of them end at the same time; each is waited for when it is dropped itself.
        self.validators.iter_mut().for_each(Validator::ask_to_end);
        if self.keep {
            self.folder.disable_cleanup(true);
            eprintln!("data and logs are kept in {}", self.folder.path().display());
        }
    }
}

impl Validator {
    fn start(
        wanted: &Wanted<'_>,
        name: &'static str,
        place: &Place<'_>,
        bootnodes: &[String],
    ) -> anyhow::Result<Self> {
        let Place { spec, folder, ports: (port, rpc_port, metrics_port) } = *place;
        let (data, log) = (folder.join(name), folder.join(format!("{name}.log")));
        let output = File::create(&log).with_context(|| format!("making {}", log.display()))?;
        let mut command = Command::new(wanted.binary);
        if NAMES.contains(&name) {
            command.arg(format!("--{}", name.to_lowercase()));
        } else {
            command.args(["--name", name]);
        }
        match metrics_port {
            Some(port) => command.args(["--prometheus-port", &port.to_string()]),
            None => command.arg("--no-prometheus"),
        };
        command
            .arg("--chain")
            .arg(spec)
            .arg("--base-path")
            .arg(&data)
            .args(["--listen-addr", &format!("/ip4/127.0.0.1/tcp/{port}")])
            .args(["--rpc-port", &rpc_port.to_string()])
            .args(["--no-telemetry", "--no-mdns"])
            .arg("--unsafe-force-node-key-generation");
        for bootnode in bootnodes {
            command.args(["--bootnodes", bootnode.as_str()]);
        }
        let process = command
            .args(wanted.arguments)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("starting {}", wanted.binary.display()))?;
        let url = format!("ws://127.0.0.1:{rpc_port}");
        let metrics = metrics_port.map(|port| format!("127.0.0.1:{port}"));
        Ok(Self { name, url, metrics, data, log, process })
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.process.id()
    }

    fn is_running(&mut self) -> anyhow::Result<()> {
        let Some(status) = self.process.try_wait()? else { return Ok(()) };
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        let last = lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default();
        bail!("{} ended with {status}; the end of its log:\n{}", self.name, last.join("\n"))
    }

    /// Lets it write down what it has.
    fn ask_to_end(&mut self) {
        // A process that has ended may have left its number to another one.
        if matches!(self.process.try_wait(), Ok(None)) {
            let process = self.process.id().to_string();
            // An error says that it has ended meanwhile.
            let _ = Command::new("kill").arg(process).stderr(Stdio::null()).status();
        }
    }
}

impl Drop for Validator {
    /// Waits for its end, and ends it by force if it takes too long.
    fn drop(&mut self) {
        self.ask_to_end();
        let began = Instant::now();
        while matches!(self.process.try_wait(), Ok(None)) {
            if began.elapsed() > PATIENCE {
                // An error says that it has ended by now.
                let _ = self.process.kill();
                let _ = self.process.wait();
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Ports of 127.0.0.1 on which nobody listens now.
fn free_ports() -> impl Iterator<Item = u16> {
    // Two programs that start at the same time rarely have numbers that are near each other.
    let begin = usize::try_from(std::process::id()).unwrap_or_default() * 16 % PORTS.len();
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    PORTS.cycle().skip(begin).take(PORTS.len()).filter(is_free)
}

/// Makes the chain's specification, and returns its file.
fn make_chain(wanted: &Wanted<'_>, folder: &Path) -> anyhow::Result<PathBuf> {
    if let Some(blob) = wanted.template {
        return template::make_chain(blob, wanted.accounts, wanted.validators, folder);
    }
    let binary = wanted.binary;
    let patch = genesis_patch(binary, "local_testnet", wanted.accounts, wanted.validators)?;
    let (patch_file, spec) = (folder.join("patch.json"), folder.join("spec.json"));
    std::fs::write(&patch_file, serde_json::to_vec(&patch)?)?;
    let output = Command::new(binary)
        .args(["chain-spec", "create", "--preset", "local_testnet", "--patch"])
        .arg(&patch_file)
        .args(["--name", "A chain under load", "--id", "millrace_load", "--chain-type", "local"])
        .args(["--raw", "--output"])
        .arg(&spec)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("starting {}", binary.display()))?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} makes no chain: {error}", binary.display());
    Ok(spec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_not_given_out() {
        let first = free_ports().next().unwrap();
        let _taken = TcpListener::bind(("127.0.0.1", first)).unwrap();
        assert!(free_ports().take(4).all(|port| port != first));
    }
}
