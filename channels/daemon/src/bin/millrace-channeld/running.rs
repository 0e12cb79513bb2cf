// SPDX-License-Identifier: Apache-2.0

//! From options to a running node, and its end.

use crate::{
    addresses,
    births::Births,
    chain::{Account, connect},
    checkpoint::Checkpoint,
    events::Events,
    graphing, metrics,
    naming::Naming,
    network::{Network, peer, peer_id},
    notes::Notes,
    options::Options,
    secrets,
    service::{Daemon, names_of_payments},
    streams::Streams,
    towers::Towers,
};
use anyhow::{Context, bail};
use millrace_channels_api::{Options as ApiOptions, Server, tokens};
use millrace_channels_chain::{Chain, follower};
use millrace_channels_daemon::{
    Config, Identity, Keys, Node, Notice, ResizeAcceptance,
    shell::{self, Handle},
    write::load,
};
use millrace_channels_transport::{
    Handle as Transport, Multiaddr, Options as TransportOptions, PeerId, Transport as Starter,
};
use millrace_primitives_channels::Hash;
use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::{signal, sync::broadcast::error::RecvError};

/// How long the first start waits for a node of the chain.
const FIRST_NODE: Duration = Duration::from_secs(30);

/// Milliseconds since 1970.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Runs until it is told to end.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let folder = options.folder()?;
    let store = Arc::new(secrets::open_store(&options, &folder)?);
    if let Some(reason) = store.copy_reason() {
        tracing::warn!(
            ?reason,
            "the store is a copy: each channel signs again once its peer has been asked"
        );
    }
    let secrets = match secrets::load(&store)? {
        Some(secrets) => secrets,
        None => {
            let chain = first_chain(&options).await?;
            secrets::make(&store, chain.genesis().0)?
        }
    };
    let genesis = Hash::from(secrets.genesis);
    let account = secrets.account(&options)?;
    let node_key = secrets.node();
    let me = peer(&node_key.peer_id()).context("the node's key is not an ed25519 key")?;
    let keys = Keys::new(Account(account.clone()), secrets.signer(), secrets.streams)
        .with_routing(secrets.node_signer(), secrets.onion());
    let participant = keys.participant();
    let identity = Identity { genesis, keys: keys.clone(), me, seed: secrets::random()? };

    let loaded = load(&store)?;
    for error in &loaded.damaged {
        tracing::error!(%error, "a channel is damaged");
    }
    let restored = Node::restore(config(&options), identity, loaded);
    for (channel, reason) in &restored.damaged {
        tracing::error!(?channel, reason, "a channel is damaged");
    }
    let (channels, awake) = restored.node.count();
    tracing::info!(channels, awake, account = %participant.account, "restored");
    let known = restored.node.known_peers();
    let births = Arc::new(Births::open(store.clone())?);
    births.keep_only(&restored.node.channels().chain(restored.node.ended()).collect());
    let notes = Arc::new(Notes::open(store.clone())?);
    notes.keep_only(&names_of_payments(&restored.node));

    let mut following = follower::Options::new(options.node.clone());
    following.genesis = Some(genesis);
    following.metadata_hash = options.metadata_hash;
    let checkpoint = Checkpoint::open(store.clone())?;
    let (ledger, follower, outputs) =
        connect(following, account, options.tip_limit, checkpoint, restored.outputs);
    let (transport, incoming) = Starter::start(transport_options(&options)?, &node_key).await?;
    for address in transport.addresses().await?.listening {
        tracing::info!(address = %format!("{address}/p2p/{}", node_key.peer_id()), "listening");
    }
    let wire = Network::new(transport.clone(), incoming);
    let (handle, task) = shell::start(restored.node, outputs, store.clone(), wire, ledger, now);
    let task = tokio::spawn(task);
    let events = Arc::new(Events::new());
    tokio::spawn(tell(handle.clone(), births.clone(), events.clone()));
    tokio::spawn(graphing::keep(handle.clone(), store.clone(), genesis));
    for peer in known {
        if let Some(id) = peer_id(peer) {
            // With no address it is waited for.
            transport.connect(id, addresses::of(&store, peer)).await?;
        }
    }
    for address in &options.connect {
        let (id, address) = named(address)?;
        if let Some(peer) = peer(&id) {
            addresses::keep(&store, peer, std::slice::from_ref(&address))?;
        }
        transport.connect(id, vec![address]).await?;
    }

    let naming = Naming::open(store.clone())?;
    tokio::spawn(naming.clone().keep(follower.connection()));

    let tower_key = secrets.tower_client();
    let mut api = ApiOptions::new(tokens::folder_in(&folder));
    (api.listen, api.remote) = (options.api, options.api_remote);
    let service = Daemon {
        node: handle.clone(),
        network: transport.clone(),
        follower,
        store: store.clone(),
        events,
        participant,
        genesis,
        naming,
        started: now(),
        challenge_blocks: options.challenge_blocks,
        keys,
        towers: Arc::new(Towers::open(&options.watchtower, &tower_key, &store)?),
        births,
        notes,
        streams: Arc::new(Streams::open(store.clone())?),
        backups: folder.join("backups"),
    };
    tokio::spawn(service.pump().run());
    service.towers.start(&tower_key, genesis, &handle, &store).await?;
    metrics::start(&service, &api.registry)?;
    let server = Server::start(Arc::new(service), api).await?;
    until_told().await?;
    tracing::info!("ending");
    server.stop().await;
    handle.shutdown().await;
    task.await.context("the node's task")?;
    end_transport(&transport).await;
    match Arc::try_unwrap(store) {
        Ok(store) => store.close().context("closing the store")?,
        // Somebody still reads; the store is closed with the process.
        Err(store) => drop(store),
    }
    Ok(())
}

async fn end_transport(transport: &Transport) {
    // An error says that it has ended already.
    let _ = transport.shutdown().await;
}

/// The first node that answers: the first start has to learn which chain this is. A node that is
/// just being started is waited for.
async fn first_chain(options: &Options) -> anyhow::Result<Chain> {
    let began = Instant::now();
    let mut told = false;
    loop {
        let mut last = None;
        for url in &options.node {
            let left = FIRST_NODE.saturating_sub(began.elapsed()).max(Duration::from_secs(1));
            match tokio::time::timeout(left, Chain::connect(url)).await {
                Ok(Ok(chain)) => return Ok(chain),
                Ok(Err(error)) => last = Some(error.to_string()),
                Err(_) => last = Some(format!("{url} did not answer in {} s", left.as_secs())),
            }
        }
        let reason = last.unwrap_or_else(|| "name one by --node".to_owned());
        if began.elapsed() >= FIRST_NODE {
            bail!("the first start has to reach a node of the chain: {reason}");
        }
        if !core::mem::replace(&mut told, true) {
            let seconds = FIRST_NODE.as_secs();
            tracing::warn!(reason, "no node of the chain answers; waiting up to {seconds} s");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn config(options: &Options) -> Config {
    let mut config = Config::default();
    config.acceptance.own_deposit_max = options.accept_own_deposit;
    let longest = *config.acceptance.challenge_blocks.end();
    config.acceptance.challenge_blocks = options.accept_challenge_blocks..=longest;
    config.acceptance.resizes = ResizeAcceptance {
        within: options.accept_resize_blocks,
        rest_min: options.accept_resize_rest,
    };
    config
}

fn transport_options(options: &Options) -> anyhow::Result<TransportOptions> {
    let mut settings = TransportOptions::default();
    if !options.listen.is_empty() {
        let parsed = options.listen.iter().map(|address| address.parse());
        settings.listen =
            parsed.collect::<Result<_, _>>().context("--listen wants /ip4/0.0.0.0/tcp/9740")?;
    }
    settings.max_wanted = 10_000;
    Ok(settings)
}

/// A peer and where it is, from an address that ends in `/p2p/…`.
pub fn named(text: &str) -> anyhow::Result<(PeerId, Multiaddr)> {
    let (_, id) = text.rsplit_once("/p2p/").with_context(|| {
        format!("{text} does not say who is there: add /p2p/ and the peer's id")
    })?;
    let id = id.parse().with_context(|| format!("{id:?} is no peer's id"))?;
    let address = text.parse().with_context(|| format!("{text:?} is no address"))?;
    Ok((id, address))
}

/// Waits for Ctrl-C, or for the system's wish that it ends.
async fn until_told() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        let mut term = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        tokio::select! {
            result = signal::ctrl_c() => result?,
            _ = term.recv() => {}
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await?;
    Ok(())
}

/// Writes what happens to the log, and keeps it for programs.
async fn tell(handle: Handle, births: Arc<Births>, events: Arc<Events>) {
    let mut notices = handle.subscribe();
    loop {
        match notices.recv().await {
            Ok(notice) => {
                match &notice {
                    Notice::Agreed { .. } => tracing::debug!(?notice),
                    // The preimage is the payer's receipt, and no business of a log.
                    Notice::Fulfilled { channel, transfer, .. } => {
                        tracing::info!(%channel, ?transfer, "a transfer was fulfilled");
                    }
                    Notice::DiskFailed { reason } => tracing::error!(
                        reason,
                        "nothing is signed any more, and disputes are still answered: make room or \
                         mend the disk, then start this daemon again"
                    ),
                    Notice::Trouble { .. } => tracing::error!(?notice),
                    Notice::Misbehaved { .. }
                    | Notice::NotOpened { .. }
                    | Notice::NotSubmitted { .. }
                    | Notice::ResizeRefused { .. }
                    | Notice::Blind
                    | Notice::Disputed { .. } => tracing::warn!(?notice),
                    _ => tracing::info!(?notice),
                }
                events.note(&handle, &births, notice).await;
            }
            Err(RecvError::Lagged(count)) => {
                tracing::warn!(count, "more happened than could be told");
            }
            Err(RecvError::Closed) => return,
        }
    }
}
