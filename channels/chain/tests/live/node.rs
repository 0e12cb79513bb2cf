// SPDX-License-Identifier: Apache-2.0

//! A node of a development chain whose database survives it.

// Not every test that includes this file uses all of it.
#![allow(dead_code)]

use millrace_ports::free_port;
use std::{
    env,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// A running node, or one that was killed.
pub struct Node {
    folder: TempDir,
    specification: Option<PathBuf>,
    rpc_port: u16,
    network_port: u16,
    process: Child,
}

impl Node {
    /// Starts a new chain.
    pub fn start() -> Self {
        Self::start_with(None)
    }

    /// Starts a new chain by this specification, which has to be one of a development chain.
    pub fn start_on(specification: &Path) -> Self {
        Self::start_with(Some(specification.to_owned()))
    }

    fn start_with(specification: Option<PathBuf>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let [rpc_port, network_port] = [(); 2].map(|()| free_port().expect("a port"));
        let process = spawn(&folder, specification.as_deref(), rpc_port, network_port);
        Self { folder, specification, rpc_port, network_port, process }
    }

    /// The specification of a chain that the program knows by this name.
    pub fn specification(chain: &str) -> String {
        let output = Command::new(program())
            .args(["export-chain-spec", "--chain", chain])
            .stderr(Stdio::null())
            .output()
            .expect("the program runs");
        assert!(output.status.success(), "it knows no chain {chain}");
        String::from_utf8(output.stdout).expect("it is JSON")
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.rpc_port)
    }

    /// Ends it without a chance to write anything down.
    pub fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }

    /// Makes it hang, or go on, with all its connections open.
    pub fn set_hanging(&self, hangs: bool) {
        let signal = if hangs { "-STOP" } else { "-CONT" };
        let id = self.process.id().to_string();
        let status = Command::new("kill").args([signal, &id]).status().expect("kill exists");
        assert!(status.success());
    }

    /// Starts it again with the database that it has left.
    pub fn restart(&mut self) {
        let specification = self.specification.as_deref();
        self.process = spawn(&self.folder, specification, self.rpc_port, self.network_port);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(
    folder: &TempDir,
    specification: Option<&Path>,
    rpc_port: u16,
    network_port: u16,
) -> Child {
    let program = program();
    let mut command = Command::new(&program);
    if let Some(specification) = specification {
        command.arg("--chain").arg(specification);
    }
    command
        .args(["--dev", "--no-prometheus", "--no-telemetry"])
        .args(["--rpc-port", &rpc_port.to_string(), "--port", &network_port.to_string()])
        .arg("--base-path")
        .arg(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()))
}

/// The node, where the variable says, or beside this test's build, or in `PATH`.
fn program() -> PathBuf {
    if let Some(path) = env::var_os("MILLRACE_NODE") {
        return path.into();
    }
    let beside = env::current_exe().ok().and_then(|test| {
        let path = test.parent()?.parent()?.join("millrace");
        path.is_file().then_some(path)
    });
    beside.unwrap_or_else(|| "millrace".into())
}
