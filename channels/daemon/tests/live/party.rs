// SPDX-License-Identifier: Apache-2.0

//! A daemon in a process and a folder of its own, and its client.

use crate::{PATIENCE, wait_for};
use millrace_channels_api::{
    Amount, Client, ClientError, ClientOptions, Code, IdempotencyKey,
    tokens::{FULL_FILE, Token, folder_in},
    types::{Channel, ChannelQuery, Empty, Payment, Phase, Recipient, SendPayment},
    values::{Address, ChannelId, Peer, Wait},
};
use millrace_ports::free_port;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// How long a program may take to find that it cannot read a folder.
const REFUSAL_SECONDS: u32 = 15;

/// The passphrase of every store here.
const PASSPHRASE: &str = "a passphrase\n";

pub struct Party {
    folder: TempDir,
    program: PathBuf,
    node: String,
    account: &'static str,
    api: u16,
    port: u16,
    watchtowers: Vec<String>,
    process: Option<Child>,
}

impl Party {
    /// Starts a daemon that uses a development account.
    pub fn start(node: String, account: &'static str, watchtowers: Vec<String>) -> Self {
        Self::start_program(&Self::program(), node, account, watchtowers)
    }

    /// The daemon that was built with these tests.
    pub fn program() -> PathBuf {
        env!("CARGO_BIN_EXE_millrace-channeld").into()
    }

    /// The same with another program.
    pub fn start_program(
        program: &Path,
        node: String,
        account: &'static str,
        watchtowers: Vec<String>,
    ) -> Self {
        let program = program.to_path_buf();
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("passphrase"), PASSPHRASE).expect("written");
        let (api, port) = (free_port().expect("a port"), free_port().expect("a port"));
        let process = None;
        let mut party = Self { folder, program, node, account, api, port, watchtowers, process };
        party.restart();
        party
    }

    /// Another program takes its place at the next start.
    pub fn replace(&mut self, program: &Path) {
        assert!(self.process.is_none());
        self.program = program.to_path_buf();
    }

    /// Starts it again from its folder.
    pub fn restart(&mut self) {
        self.process = Some(self.command().spawn().expect("it starts"));
    }

    /// Starts it again, unless it refuses to: then what it says.
    pub async fn try_restart(&mut self) -> Result<(), String> {
        assert!(self.process.is_none());
        let said = self.folder.path().join("said");
        let log = File::create(&said).expect("the folder is there");
        let mut process = self.command().stderr(log).spawn().expect("it starts");
        for _ in 0..REFUSAL_SECONDS {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if let Some(status) = process.try_wait().expect("it is this one's") {
                assert!(!status.success(), "it is refused");
                return Err(fs::read_to_string(&said).expect("it is a file"));
            }
        }
        self.process = Some(process);
        Ok(())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("--folder")
            .arg(self.home())
            .arg("--passphrase-file")
            .arg(self.folder.path().join("passphrase"))
            .args(["--node", &self.node, "--dev-account", self.account])
            .args(["--listen", &format!("/ip4/127.0.0.1/tcp/{}", self.port)])
            .args(["--api", &format!("127.0.0.1:{}", self.api)])
            .args(["--accept-own-deposit", "100000000000000", "--accept-challenge-blocks", "10"])
            .args(["--challenge-blocks", "15", "--log", "warn"])
            .stdout(Stdio::null());
        for tower in &self.watchtowers {
            command.args(["--watchtower", tower]);
        }
        command
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Ends it without a chance to write anything down.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended by itself.
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Asks it to end, and says whether it did so in good order.
    pub fn stop(&mut self) -> bool {
        let mut process = self.process.take().expect("it runs");
        let id = process.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().expect("kill exists");
        process.wait().expect("it ends").success()
    }

    /// A copy of everything that it keeps. It must not run.
    pub fn copy(&self, to: &Path) {
        assert!(self.process.is_none());
        copy(&self.home(), to);
    }

    /// Puts a copy in place of everything that it keeps. It must not run.
    pub fn restore(&self, from: &Path) {
        assert!(self.process.is_none());
        fs::remove_dir_all(self.home()).expect("it is there");
        copy(from, &self.home());
    }

    /// A client, as soon as the daemon answers and can be used.
    pub async fn client(&self) -> Client {
        let file = folder_in(&self.home()).join(FULL_FILE);
        let url = format!("ws://127.0.0.1:{}", self.api);
        wait_for("a daemon that is ready", async || {
            let token = Token::read(&file).ok()?;
            let client = Client::connect(&ClientOptions::new(&url, token)).await.ok()?;
            client.health(&Empty {}).await.ok().filter(|health| health.ready)?;
            Some(client)
        })
        .await
    }

    /// Who it is, and where it is reached.
    pub async fn name(&self) -> (Peer, Address) {
        let identity = self.client().await.identity(&Empty {}).await.expect("it knows");
        (identity.peer, identity.addresses[0].clone())
    }
}

impl Drop for Party {
    fn drop(&mut self) {
        self.kill();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("readable") {
        let entry = entry.expect("readable");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("known").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

pub fn key(text: &str) -> IdempotencyKey {
    text.parse().expect("a key")
}

/// A channel as one side sees it.
pub async fn look(client: &Client, channel: ChannelId) -> Channel {
    client.channels_get(&ChannelQuery { channel }).await.expect("it is known")
}

/// Waits until a channel is in a phase.
pub async fn reach(client: &Client, channel: ChannelId, phase: Phase) -> Channel {
    let what = format!("a channel that is {phase}");
    wait_for(&what, async || {
        let found = client.channels_get(&ChannelQuery { channel }).await.ok()?;
        (found.phase == phase).then_some(found)
    })
    .await
}

/// Pays over a channel; repeats are the same payment.
pub async fn pay(client: &Client, channel: ChannelId, amount: u128, name: &str) -> Payment {
    try_pay(client, channel, amount, name).await.expect("it is taken")
}

/// Whether a request was refused because the peer is not connected.
pub fn is_offline(error: &ClientError) -> bool {
    matches!(error, ClientError::Refused(refusal) if refusal.code == Code::PeerOffline)
}

/// As [`pay`]; the error is what the daemon says against it.
pub async fn try_pay(
    client: &Client,
    channel: ChannelId,
    amount: u128,
    name: &str,
) -> Result<Payment, ClientError> {
    let request = SendPayment {
        to: Recipient::Channel(channel),
        amount: Amount(amount),
        fee_limit: None,
        note: Some(name.parse().expect("a note")),
        wait_seconds: Wait::nearest(u32::try_from(PATIENCE.as_secs()).expect("little").min(60)),
    };
    client.payments_send(&key(name), &request).await
}
