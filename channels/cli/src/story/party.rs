// SPDX-License-Identifier: Apache-2.0

//! A person with a daemon.

use super::{programs::Process, stage::Stage, tower::Tower};
use anyhow::{Context, anyhow, bail};
use millrace_channels_api::{
    Client, ClientOptions, Code,
    tokens::{FULL_FILE, Token},
    types::{Channel, ChannelQuery, Empty, Phase},
    values::{Address, ChannelId, Peer},
};
use millrace_channels_store::Store;
use millrace_ports::free_port;
use millrace_primitives_channels::AccountId;
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// What everybody is willing to put into a channel that somebody else proposes, in thousandths of a
/// token.
pub const OWN_DEPOSIT: u128 = 50_000;

/// Everybody, in the order of their channels: each has one with the next.
const NAMES: [&str; 4] = ["Alice", "Bob", "Carol", "Dave"];

/// Who has a watchtower.
const GUARDED: &str = "Carol";

/// A person with a daemon.
pub struct Party {
    pub name: &'static str,
    /// The account of the daemon's own key, which nobody else knows.
    pub account: AccountId,
    /// The name of the daemon among its peers.
    pub peer: Peer,
    /// The address of the watchtower, if there is one for this party.
    watchtower: Option<String>,
    folder: PathBuf,
    api: u16,
    port: u16,
    running: Option<(Process, Client)>,
}

/// Four people, each with a daemon that runs.
pub async fn start_all(stage: &Stage<'_>, tower: &Tower) -> anyhow::Result<[Party; 4]> {
    stage.terminal.step("Start four daemons, each with a folder, ports and keys of its own");
    let mut starting = Vec::new();
    for name in NAMES {
        let folder = stage.folder.join(name.to_lowercase());
        let ports = [free_port()?, free_port()?];
        let watchtower = (name == GUARDED).then(|| tower.address());
        starting.push(Starting::at(stage, name, &folder, ports, watchtower)?);
    }
    let mut cast = Vec::new();
    for one in starting {
        cast.push(one.ready(stage).await?);
    }
    for party in &cast {
        let Party { name, peer, api, port, .. } = party;
        stage.terminal.fact(
            name,
            &format!(
                "peer {peer:.12}… at port {port}, programs at port {api}, account {}",
                party.account
            ),
        );
    }
    cast.try_into().map_err(|_| anyhow!("four were started"))
}

/// Ends all daemons in good order.
pub async fn stop_all(cast: &mut [Party; 4]) -> anyhow::Result<()> {
    for party in cast {
        if party.running.is_some() {
            party.stop().await?;
        }
    }
    Ok(())
}

impl Party {
    /// The daemon, for requests.
    pub fn daemon(&self) -> anyhow::Result<&Client> {
        let running = self.running.as_ref();
        running.map(|(_, client)| client).with_context(|| format!("{}'s daemon rests", self.name))
    }

    /// Where peers reach the daemon.
    pub fn address(&self) -> anyhow::Result<Address> {
        Ok(format!("/ip4/127.0.0.1/tcp/{}", self.port).parse()?)
    }

    /// A channel as the daemon sees it.
    pub async fn channel(&self, channel: ChannelId) -> anyhow::Result<Channel> {
        Ok(self.daemon()?.channels_get(&ChannelQuery { channel }).await?)
    }

    /// Whether a channel is over: paid out in a final block. A daemon that rested meanwhile may have
    /// nothing left to keep of it.
    pub async fn is_over(&self, channel: ChannelId) -> anyhow::Result<bool> {
        match self.daemon()?.channels_get(&ChannelQuery { channel }).await {
            Ok(channel) => Ok(channel.phase == Phase::Closed),
            Err(error) if error.code() == Some(Code::NotFound) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends the daemon in good order.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        match self.running.take() {
            Some((process, _)) => process.stop().await,
            None => bail!("{}'s daemon rests already", self.name),
        }
    }

    /// Starts the daemon again, in the folder that it left.
    pub async fn start_again(&mut self, stage: &Stage<'_>) -> anyhow::Result<()> {
        let starting = self.starting(stage, &self.folder)?;
        *self = starting.ready(stage).await?;
        Ok(())
    }

    /// Starts the daemon again, with a store that is restored from a backup, as if nothing had
    /// happened since.
    pub async fn start_from(&mut self, stage: &Stage<'_>, backup: &Path) -> anyhow::Result<()> {
        let folder = self.folder.with_extension("restored");
        Store::restore(backup, &folder.join("store"))?;
        let starting = self.starting(stage, &folder)?;
        *self = starting.ready(stage).await?;
        Ok(())
    }

    fn starting(&self, stage: &Stage<'_>, folder: &Path) -> anyhow::Result<Starting> {
        let ports = [self.api, self.port];
        Starting::at(stage, self.name, folder, ports, self.watchtower.clone())
    }
}

/// A daemon that is not ready yet.
struct Starting {
    name: &'static str,
    folder: PathBuf,
    ports: [u16; 2],
    watchtower: Option<String>,
    process: Process,
}

impl Starting {
    fn at(
        stage: &Stage<'_>,
        name: &'static str,
        folder: &Path,
        ports: [u16; 2],
        watchtower: Option<String>,
    ) -> anyhow::Result<Self> {
        let [api, port] = ports;
        let mut arguments: Vec<OsString> = Vec::new();
        let mut give = |flag: &str, value: &dyn AsRef<std::ffi::OsStr>| {
            arguments.extend([flag.into(), value.as_ref().to_owned()]);
        };
        let blocks = stage.challenge_blocks.to_string();
        give("--folder", &folder);
        give("--node", &stage.url);
        give("--listen", &format!("/ip4/127.0.0.1/tcp/{port}"));
        give("--api", &format!("127.0.0.1:{api}"));
        give("--passphrase-file", &stage.passphrase);
        give("--accept-own-deposit", &stage.token.thousandths(OWN_DEPOSIT).to_string());
        give("--accept-challenge-blocks", &blocks);
        give("--challenge-blocks", &blocks);
        if let Some(address) = &watchtower {
            give("--watchtower", address);
        }
        let log = stage.folder.join(format!("{}.log", name.to_lowercase()));
        let process = Process::start(&format!("{name}'s daemon"), &stage.daemon, arguments, &log)?;
        Ok(Self { name, folder: folder.to_owned(), ports, watchtower, process })
    }

    /// Waits until the daemon is ready.
    async fn ready(mut self, stage: &Stage<'_>) -> anyhow::Result<Party> {
        let [api, port] = self.ports;
        let token = self.folder.join("api").join(FULL_FILE);
        let process = &mut self.process;
        let ready = stage
            .wait_for(&format!("{}'s daemon", self.name), async || {
                process.verify_running()?;
                // Nothing to read, nobody there, or not ready yet: all of that passes.
                let Ok(token) = Token::read(&token) else { return Ok(None) };
                let options = ClientOptions::new(&format!("ws://127.0.0.1:{api}"), token);
                let Ok(client) = Client::connect(&options).await else { return Ok(None) };
                let is_ready = client.health(&Empty {}).await.is_ok_and(|health| health.ready);
                Ok(is_ready.then_some(client))
            })
            .await;
        let client = match ready {
            // Of one that has ended, the error quotes the log already.
            Err(error) if self.process.verify_running().is_ok() => {
                bail!("{error}{}", self.process.last_words())
            }
            other => other?,
        };
        let identity = client.identity(&Empty {}).await?;
        let account = identity.account.as_str().parse::<AccountId>();
        let account = account.map_err(|reason| anyhow!("{}: {reason}", identity.account))?;
        let Self { name, folder, watchtower, process, .. } = self;
        let running = Some((process, client));
        Ok(Party { name, account, peer: identity.peer, watchtower, folder, api, port, running })
    }
}
