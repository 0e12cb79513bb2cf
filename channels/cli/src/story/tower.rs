// SPDX-License-Identifier: Apache-2.0

//! The watchtower, and what Carol hands in there.

use super::{
    party::Party,
    programs::Process,
    stage::{PATIENCE, Stage},
};
use anyhow::{Context, anyhow, bail};
use codec::DecodeAll;
use millrace_channels_api::values::ChannelId;
use millrace_channels_protocol::Snapshot;
use millrace_channels_store::{Options as StoreOptions, Passphrase, Store};
use millrace_channels_transport::{
    NodeKey, Options as TransportOptions, PeerEvent, PeerId, Transport,
};
use millrace_channels_watchtower::{
    message::{Blob, Frame, Request, Response},
    receipt::{HandedIn, Receipt},
    sealing::{Answer, ChannelSecret},
    serving::client_of,
};
use millrace_ports::free_port;
use millrace_primitives_channels::{AccountId, Hash};
use std::{ffi::OsString, process::Command};
use tokio::{task::spawn_blocking, time::timeout};

/// For how many blocks Carol wants to be guarded.
const GUARDED: u32 = 1_000;

/// The watchtower.
pub struct Tower {
    /// Its own account, which pays for answers and gets rewards.
    pub account: AccountId,
    peer: PeerId,
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
        let peer: PeerId = word_after("tower")?.parse()?;
        let tower = Self { account, peer, port: free_port()?, running: None };
        stage.terminal.fact("tower", &format!("peer {peer} at port {}", tower.port));
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

    fn address(&self) -> String {
        format!("/ip4/127.0.0.1/tcp/{}", self.port)
    }

    /// Starts it.
    pub fn start(&mut self, stage: &Stage<'_>) -> anyhow::Result<()> {
        let mut arguments = vec!["run".into()];
        arguments.extend(Self::place(stage));
        let address = self.address();
        let flags = ["--url", &stage.url, "--listen", &address, "--max-blocks", "10000"];
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

    /// Hands in the newest state of a channel, as the party's store has it. Its daemon must rest.
    pub async fn hand_in(
        &self,
        stage: &Stage<'_>,
        party: &Party,
        channel: ChannelId,
    ) -> anyhow::Result<()> {
        let terminal = stage.terminal;
        let newest = newest(stage, party, channel)?;
        let (version, client) = (newest.state.version, NodeKey::generate()?);
        let Some(Response::Terms(terms)) = self.ask(&client, Request::Terms).await? else {
            bail!("the tower says nothing of its terms");
        };
        let peer = client_of(&self.peer).context("the tower has an ed25519 key")?;
        terms.verify(&stage.chain.genesis(), &peer)?;
        let (place, id) = (terms.place, Hash::from(channel.0));
        // About half a second of work: see the chapter on sealing in the tower's library.
        let (locator, blob) = spawn_blocking(move || {
            let secret = ChannelSecret::derive(&place, &id)?;
            anyhow::Ok((secret.locator(), Blob::truncate_from(secret.seal(&newest)?)))
        })
        .await??;
        let until = stage.chain.best_head().await?.number.saturating_add(GUARDED);
        let (sequence, sealed) = (1, blob.clone());
        let request = Request::HandIn { locator, sequence, blob, until };
        let receipt: Receipt = match self.ask(&client, request).await? {
            Some(Response::Accepted(receipt)) => receipt,
            other => bail!("the tower did not take the state: {other:?}"),
        };
        let wanted = HandedIn { place: &place, locator, sequence, blob: &sealed, until };
        terminal.fact("handed in", &format!("version {version}, sealed, {} bytes", sealed.len()));
        terminal.fact("tower sees", &format!("{locator:?}, and not which channel that is"));
        terminal.check(
            receipt.verify(&wanted).is_ok(),
            &format!("the tower has signed that it answers until block #{until}"),
        );
        Ok(())
    }

    /// Asks the tower something, over a connection of its own.
    async fn ask(&self, key: &NodeKey, request: Request) -> anyhow::Result<Option<Response>> {
        let options = TransportOptions { listen: Vec::new(), ..TransportOptions::default() };
        let (handle, mut incoming) = Transport::start(options, key).await?;
        handle.connect(self.peer, vec![self.address().parse()?]).await?;
        let frame = Frame { number: 0, body: request }.to_bytes();
        let asking = async {
            while let Some(event) = incoming.next().await {
                match event {
                    PeerEvent::Connected { peer, .. } => handle.send(peer, frame.clone())?,
                    PeerEvent::Frame { bytes, .. } => {
                        return Ok(Some(Frame::<Response>::from_bytes(&bytes)?.body));
                    }
                    PeerEvent::Disconnected { .. } => {}
                }
            }
            anyhow::Ok(None)
        };
        let answer = timeout(PATIENCE, asking).await.context("the tower does not answer")?;
        // What it said is here; how the connection ends does not matter.
        let _ = handle.shutdown().await;
        answer
    }
}

/// The newest state of a channel, with everybody's signatures, from the store of a daemon that rests.
fn newest(stage: &Stage<'_>, party: &Party, channel: ChannelId) -> anyhow::Result<Answer> {
    let passphrase = std::fs::read_to_string(&stage.passphrase)?;
    let passphrase = Passphrase::new(passphrase.trim_end());
    let store = Store::open(&party.store(), &passphrase, &StoreOptions::default())?;
    let records = store.load(channel.0)?;
    let agreed = records.as_ref().and_then(|records| records.agreed());
    let agreed = agreed.with_context(|| format!("{}'s store has no state of it", party.name))?;
    let newest = Snapshot::decode_all(&mut &agreed.bytes[..])?.newest;
    store.close()?;
    Ok(Answer { state: newest.state().clone(), signatures: newest.signatures().clone() })
}
