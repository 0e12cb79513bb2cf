// SPDX-License-Identifier: Apache-2.0

//! `millrace-watchtower`: answers stale disputes for clients who are away.

mod arguments;

use anyhow::{Context, bail};
use arguments::{Arguments, Command, FolderOptions, MakeOptions, RunOptions};
use clap::Parser;
use millrace_channels_chain::{AccountKey, Chain, Head, Watch, follower, submitter};
use millrace_channels_store::{Options as StoreOptions, Passphrase};
use millrace_channels_transport::{NodeKey, Options as TransportOptions, PeerId, Transport};
use millrace_channels_watchtower::{
    ledger::Ledger,
    message::{MAX_FRAME_BYTES, Terms},
    metrics,
    receipt::TowerKey,
    sealing::{Place, Work},
    serving::{client_of, serve},
    storage::{Identity, MAX_APPOINTMENTS, Storage},
    tower::{Settings, Tower},
};
use millrace_primitives_channels::AccountId;
use std::{io::IsTerminal as _, process::ExitCode, str::FromStr as _};
use tokio::{net::TcpListener, sync::mpsc};
use tracing::info;
use zeroize::Zeroizing;

/// How many requests may wait for the tower.
const REQUESTS: usize = 256;

/// What may wait for a client, and come from it, in bytes: some frames.
const QUEUE_BYTES: usize = 64 * 1024;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
    let result = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start threads")
        .and_then(|runtime| runtime.block_on(perform(arguments.command)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn perform(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Make(options) => make(options).await,
        Command::Show(place) => show(&place),
        Command::Run(options) => run(*options).await,
    }
}

async fn make(options: MakeOptions) -> anyhow::Result<()> {
    let passphrase = passphrase(&options.place)?;
    let chain = Chain::connect(&options.url).await?;
    let identity =
        Identity { genesis: chain.genesis(), tower_seed: random()?, account_seed: random()? };
    let folder = &options.place.folder;
    let storage = Storage::create(folder, &passphrase, &StoreOptions::default(), identity)?;
    println!("chain    {} ({:?})", chain.identity().chain, chain.genesis());
    introduce(&storage);
    println!("Send some tokens to the account: it pays the fees of answers, and gets them back.");
    Ok(storage.close()?)
}

fn show(place: &FolderOptions) -> anyhow::Result<()> {
    let storage = open(place)?;
    println!("genesis  {:?}", storage.identity().genesis);
    introduce(&storage);
    println!("kept     {} appointments", storage.marks()?.len());
    Ok(storage.close()?)
}

fn introduce(storage: &Storage) {
    let identity = storage.identity();
    println!("tower    {}", node_key(identity).peer_id());
    println!("account  {}", AccountKey::from_seed(&identity.account_seed).account());
}

fn node_key(identity: &Identity) -> NodeKey {
    NodeKey::from_bytes(Zeroizing::new(identity.tower_seed))
}

async fn run(options: RunOptions) -> anyhow::Result<()> {
    if options.in_total > MAX_APPOINTMENTS {
        bail!("--in-total is {} and at most {MAX_APPOINTMENTS} fit", options.in_total);
    }
    let storage = open(&options.place)?;
    let identity = storage.identity().clone();
    let key = AccountKey::from_seed(&identity.account_seed);
    let settings = settings(&options, key.account())?;
    introduce(&storage);

    let tower_key = TowerKey::from_seed(&identity.tower_seed);
    let place = Place { genesis: identity.genesis, tower: tower_key.id(), work: Work::RECOMMENDED };
    let RunOptions { per_client, in_total, max_blocks, .. } = options;
    let terms = Terms { place, per_client, in_total, max_blocks };
    let ledger = Ledger::new(terms, tower_key, storage.marks()?);
    info!(appointments = ledger.len(), "the tower's store is open");

    let listening = listening(&options)?;
    let (transport, incoming) = Transport::start(listening, &node_key(&identity)).await?;
    let since = storage.head()?.map(|(number, hash)| Head { number, hash });
    let (handle, news) = follower::start(follower::Options {
        genesis: Some(identity.genesis),
        since,
        watch: Watch::every_channel(),
        metadata_hash: options.metadata_hash,
        // What a dispute has led to is read from the chain's state, which is quicker.
        max_replay: 0,
        ..follower::Options::new(options.url.clone())
    });
    let submitter = submitter::start(key, handle.connection());
    let tower = Tower::new(settings, ledger, storage, handle, submitter);

    if let Some(address) = options.metrics {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot serve metrics at {address}"))?;
        tokio::spawn(metrics::serve(listener, tower.metrics()));
    }
    let (asked, requests) = mpsc::channel(REQUESTS);
    let serving = tokio::spawn(serve(transport.clone(), incoming, asked));
    for address in transport.addresses().await?.listening {
        let address = format!("{address}/p2p/{}", node_key(&identity).peer_id());
        info!(%address, "clients are served");
    }
    tower.run(news, requests, stopped()).await?;
    // Clients whose last answers were not flushed ask again.
    let _ = transport.shutdown().await;
    serving.abort();
    info!("stopped");
    Ok(())
}

fn settings(options: &RunOptions, account: AccountId) -> anyhow::Result<Settings> {
    let reward_to = match &options.reward_to {
        None => account,
        Some(text) => AccountId::from_str(text)
            .map_err(|reason| anyhow::anyhow!("--reward-to {text} is no account: {reason}"))?,
    };
    let clients = options.client.iter().map(|text| {
        let peer = PeerId::from_str(text).with_context(|| format!("--client {text}"))?;
        client_of(&peer).with_context(|| format!("--client {text} has no ed25519 key"))
    });
    let served: std::collections::BTreeSet<_> = clients.collect::<anyhow::Result<_>>()?;
    let served = if served.is_empty() { None } else { Some(served) };
    let RunOptions { tip_limit, searchers, .. } = *options;
    Ok(Settings { reward_to, tip_limit, searchers: searchers.max(1), served })
}

/// Many clients that say little: small queues, and no peers of our own choice.
fn listening(options: &RunOptions) -> anyhow::Result<TransportOptions> {
    let listen = options
        .listen
        .iter()
        .map(|text| text.parse().with_context(|| format!("--listen {text} is no multiaddress")))
        .collect::<anyhow::Result<_>>()?;
    Ok(TransportOptions {
        listen,
        max_frame_bytes: MAX_FRAME_BYTES,
        outgoing_bytes: QUEUE_BYTES,
        incoming_bytes: QUEUE_BYTES,
        max_strangers: options.connections,
        ..TransportOptions::default()
    })
}

fn open(place: &FolderOptions) -> anyhow::Result<Storage> {
    let passphrase = passphrase(place)?;
    Ok(Storage::open(&place.folder, &passphrase, &StoreOptions::default())?)
}

fn passphrase(place: &FolderOptions) -> anyhow::Result<Passphrase> {
    let path = &place.passphrase_file;
    let text = Zeroizing::new(
        std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the passphrase from {}", path.display()))?,
    );
    match text.lines().next().filter(|line| !line.is_empty()) {
        Some(line) => Ok(Passphrase::new(line)),
        None => bail!("the first line of {} is empty: write a passphrase there", path.display()),
    }
}

fn random() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    Ok(bytes)
}

/// Waits until somebody wants the program to end, by Ctrl-C or by `kill`.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        // Without a handler of ours, the system ends the program.
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}
