// SPDX-License-Identifier: Apache-2.0

//! A real watchtower in this process: its store, its transport, its follower and its account.

use crate::{TOKEN, wait_for};
use millrace_channels_chain::{
    AccountKey, Call, Chain, Outcome, Watch,
    follower::{self, Options as Following},
    submitter,
};
use millrace_channels_store::{GuessCost, Options as StoreOptions, Passphrase};
use millrace_channels_transport::{NodeKey, Options, Transport};
use millrace_channels_watchtower::{
    ledger::Ledger,
    message::{MAX_FRAME_BYTES, Terms},
    metrics::Metrics,
    receipt::TowerKey,
    sealing::{Place, Work},
    serving::serve,
    storage::{Identity, Storage},
    tower::{Settings, Tower},
};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot, watch};
use zeroize::Zeroizing;

pub struct Guard {
    /// Where clients reach it.
    pub address: String,
    pub metrics: watch::Receiver<Metrics>,
    _folder: TempDir,
    _stop: oneshot::Sender<()>,
}

/// A tower that follows a node and has a token for fees.
pub async fn start(url: &str, port: u16) -> Guard {
    let folder = tempfile::tempdir().expect("a folder");
    let chain = wait_for("a node", async || Chain::connect(url).await.ok()).await;
    let (tower_seed, account_seed) = ([71; 32], [72; 32]);
    let identity = Identity { genesis: chain.genesis(), tower_seed, account_seed };
    let cheap = StoreOptions { guess_cost: GuessCost::LEAST, ..StoreOptions::default() };
    let pass = Passphrase::new("tower");
    let storage = Storage::create(folder.path(), &pass, &cheap, identity).expect("a store");

    let node_key = NodeKey::from_bytes(Zeroizing::new(tower_seed));
    let tower_key = TowerKey::from_seed(&tower_seed);
    let place = Place { genesis: chain.genesis(), tower: tower_key.id(), work: Work::RECOMMENDED };
    let terms = Terms { place, per_client: 10, in_total: 10, max_blocks: 10_000 };
    let ledger = Ledger::new(terms, tower_key, storage.marks().expect("readable"));
    let address = format!("/ip4/127.0.0.1/tcp/{port}");
    let options = Options {
        listen: vec![address.parse().expect("an address")],
        max_frame_bytes: MAX_FRAME_BYTES,
        ..Options::default()
    };
    let (transport, incoming) = Transport::start(options, &node_key).await.expect("it listens");

    let watching = Following {
        watch: Watch::every_channel(),
        max_replay: 0,
        ..Following::new(vec![url.to_owned()])
    };
    let (handle, news) = follower::start(watching);
    let account = AccountKey::from_seed(&account_seed);
    let funder = AccountKey::development("Dave").expect("known");
    let funder = submitter::start(funder, handle.connection());
    let ticket = funder.submit(Call::transfer(&account.account(), TOKEN)).await.expect("room");
    let outcome = ticket.outcome().await.expect("it is decided");
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");

    let settings =
        Settings { reward_to: account.account(), tip_limit: 0, searchers: 1, served: None };
    let submitter = submitter::start(account, handle.connection());
    let tower = Tower::new(settings, ledger, storage, handle, submitter);
    let metrics = tower.metrics();
    let (asked, requests) = mpsc::channel(16);
    tokio::spawn(serve(transport, incoming, asked));
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(async move {
        let stopped = async move { drop(stopped.await) };
        tower.run(news, requests, stopped).await.expect("its store works");
    });
    let address = format!("{address}/p2p/{}", node_key.peer_id());
    Guard { address, metrics, _folder: folder, _stop: stop }
}
