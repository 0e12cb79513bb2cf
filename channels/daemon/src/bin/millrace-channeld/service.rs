// SPDX-License-Identifier: Apache-2.0

//! What the daemon does for programs.

use crate::{
    addresses,
    events::Events,
    network::peer,
    payments,
    running::{named, now},
    secrets, views,
};
use async_trait::async_trait;
use core::time::Duration;
use millrace_channels_api::{
    Amount, ApiError, Code, Operation, Page, Result, Service, Token,
    types::{
        Backup, ChainHead, Channel, ChannelFilter, ChannelQuery, ConnectPeer, CreateBackup,
        CreateInvoice, DecodeInvoice, DecodedInvoice, Direction, Event, FeePolicies, GraphChannel,
        GraphQuery, Health, Identity, Invoice, InvoiceFilter, Network, NodeStatus, OpenChannel,
        PayInvoice, Payment, PaymentQuery, PaymentState, PeerInfo, PeerQuery, Peers, Reason,
        Recipient, SendPayment, SetFees, Statistics, Tally,
    },
    values::{BackupHash, BlockHash, ChannelId as Id, Cursor, PaymentId, Peer as PeerName},
};
use millrace_channels_chain::follower;
use millrace_channels_daemon::{
    Command, CommandError, Node, OperationKey, Peer, Reply,
    operation::{Deed, Operation as Known, Progress},
    routed,
    shell::{Handle, Stopped},
};
use millrace_channels_store::Store;
use millrace_channels_transport::{Handle as Transport, Multiaddr, PeerId};
use millrace_primitives_channels::{Balance, ChannelId, Hash, Participant};
use sha2::{Digest, Sha256};
use std::{path::PathBuf, sync::Arc};
use tokio::{sync::watch, task::spawn_blocking, time::timeout};

/// Within how many blocks the chain has to take an opening.
const OPEN_WITHIN: u32 = 500;

/// How often it is looked whether an opening survives a restart.
const LOOK: Duration = Duration::from_millis(20);

/// How long that may take before it is answered as still under way.
const OPENING_TIME: Duration = Duration::from_secs(60);

/// The running daemon.
pub struct Daemon {
    pub node: Handle,
    pub network: Transport,
    pub follower: follower::Handle,
    pub store: Arc<Store>,
    pub events: Arc<Events>,
    pub participant: Participant,
    pub genesis: Hash,
    pub started: u64,
    pub challenge_blocks: u32,
    pub backups: PathBuf,
}

/// What is missing, and why.
const LACKS: [(&str, &str); 11] = [
    ("chain_block", "blocks are read from the node of the chain"),
    ("accounts_balance", "accounts are read from the node of the chain"),
    ("accounts_history", "it keeps no index of the chain"),
    ("transactions_submit", "transactions are handed to the node of the chain"),
    ("transactions_pending", "the pool is read from the node of the chain"),
    ("channels_resize", "resizes have no interface yet"),
    ("payments_list", "the history of payments has no interface yet"),
    ("streams_start", "streams have no interface yet"),
    ("streams_stop", "streams have no interface yet"),
    ("streams_list", "streams have no interface yet"),
    ("peers_disconnect", "peers with channels stay connected"),
];

pub(crate) fn stopped(_: Stopped) -> ApiError {
    ApiError::new(Code::ShuttingDown, "the node is shutting down", "Start it again.")
}

pub(crate) fn seconds(millis: u64) -> u64 {
    millis.checked_div(1_000).unwrap_or(0)
}

/// Why a command was refused, in the words of the interface.
pub(crate) fn refusal(error: &CommandError) -> ApiError {
    let code = match error {
        CommandError::UnknownChannel { .. } => Code::NotFound,
        CommandError::NotConnected { .. } | CommandError::NotIntroduced { .. } => Code::PeerOffline,
        CommandError::PeerRefused { .. } => Code::Refused,
        CommandError::NoAnswer { .. } => Code::PeerOffline,
        CommandError::NotPaid { .. } => Code::NoRoute,
        CommandError::Unpayable { .. }
        | CommandError::BadFees { .. }
        | CommandError::BadInvoice(_) => Code::InvalidParams,
        CommandError::NotOpened { .. } | CommandError::OpeningExpired { .. } => Code::ChainRefused,
        CommandError::NotReady | CommandError::Blind => Code::NotReady,
        CommandError::DiskFailed { .. } => Code::DiskFailed,
        CommandError::OtherOperation => Code::KeyConflict,
        CommandError::Limit { .. } => Code::Busy,
        CommandError::UnderWay | CommandError::Uncertain => Code::TimedOut,
        CommandError::NothingDeposited { .. } | CommandError::Terms(_) => Code::InvalidParams,
        _ => Code::Refused,
    };
    let text = error.to_string();
    let (what, remedy) = text.split_once(": ").unwrap_or((&text, "look at the channel"));
    ApiError::new(code, what, format!("{remedy}."))
}

pub(crate) fn key(operation: &Operation) -> OperationKey {
    OperationKey { id: operation.id, fingerprint: operation.fingerprint }
}

pub(crate) fn peer_of(name: &PeerName) -> Result<(PeerId, Peer)> {
    let wrong = || {
        let message = format!("{name} is no peer's id");
        ApiError::new(Code::InvalidParams, message, "Copy it from the peer's `status`.")
    };
    let id: PeerId = name.as_str().parse().map_err(|_| wrong())?;
    let peer = peer(&id).ok_or_else(wrong)?;
    Ok((id, peer))
}

pub(crate) fn no_channel(id: &Id) -> ApiError {
    let message = format!("channel {id} is not known here");
    ApiError::new(Code::NotFound, message, "List the channels that are.")
}

/// A named payment as programs see it.
fn payment(id: [u8; 32], known: &Known, payee: Option<PeerName>) -> Option<Payment> {
    let Deed::Payment(paid) = known.deed else { return None };
    let (state, failure) = match known.progress {
        Progress::UnderWay | Progress::Uncertain => (PaymentState::UnderWay, None),
        Progress::Done { .. } => (PaymentState::Succeeded, None),
        Progress::Failed => (PaymentState::Failed, Some(refusal(&CommandError::NotPossible))),
    };
    Some(Payment {
        payment: PaymentId(id),
        direction: Direction::Outgoing,
        state,
        amount: Amount(paid.amount),
        fee: Amount(0),
        payee,
        hash: None,
        preimage: None,
        parts: 1,
        failure,
        note: None,
        created_at: seconds(known.at),
        decided_at: None,
    })
}

/// The channel over which an amount can be paid to a peer directly.
fn channel_to(node: &Node, to: &Peer, amount: Balance) -> Option<ChannelId> {
    node.channels_with(to)
        .into_iter()
        .filter_map(|id| node.channel(id))
        .find(|view| view.spendable >= amount)
        .map(|view| view.id)
}

impl Daemon {
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Node) -> T + Send + 'static,
    ) -> Result<T> {
        self.node.look(look).await.map_err(stopped)
    }

    async fn view(&self, id: Id) -> Result<Channel> {
        let view = self.look(move |node| views::channel(node, ChannelId::from(id.0))).await?;
        view.ok_or_else(|| no_channel(&id))
    }

    /// What became of a named payment.
    async fn known(&self, id: [u8; 32]) -> Result<Option<Payment>> {
        self.look(move |node| {
            let is_it = |it: &routed::Payment| it.operation.is_some_and(|known| known.id == id);
            if let Some((hash, known)) = node.payments().find(|(_, it)| is_it(it)) {
                return payments::payment_view(hash, known);
            }
            let known = node.operation(&id)?.clone();
            let view = node.channel(known.channel);
            let payee = view.and_then(|view| {
                let Deed::Payment(paid) = known.deed else { return None };
                views::peer_name(*view.peers.get(usize::from(paid.payee))?)
            });
            payment(id, &known, payee)
        })
        .await
    }

    async fn connect(&self, name: &PeerName, addresses: Vec<Multiaddr>) -> Result<()> {
        let (id, peer) = peer_of(name)?;
        let addresses = if addresses.is_empty() {
            addresses::of(&self.store, peer)
        } else {
            let (store, kept) = (self.store.clone(), addresses.clone());
            // What is not kept is only asked for again after a restart.
            let _ = spawn_blocking(move || addresses::keep(&store, peer, &kept)).await;
            addresses
        };
        self.network.connect(id, addresses).await.map_err(|error| {
            ApiError::new(Code::InvalidParams, error.to_string(), "Correct the addresses.")
        })
    }

    /// A command that is answered as soon as the channel shows its effect.
    async fn begin(&self, id: Id, command: Command) -> Result<Channel> {
        let node = self.node.clone();
        // It goes on after the answer: a channel is closed in minutes at best.
        let running = tokio::spawn(async move { node.command(command).await });
        match timeout(LOOK, running).await {
            Ok(Ok(Ok(Err(error)))) => Err(refusal(&error)),
            Ok(Ok(Err(error))) => Err(stopped(error)),
            _ => self.view(id).await,
        }
    }

    fn health_of(node: &Node) -> Health {
        let mut reasons = Vec::new();
        let mut reason = |code: &str, message: &str, remedy: &str| {
            reasons.push(Reason {
                code: code.to_owned(),
                message: message.to_owned(),
                remedy: remedy.to_owned(),
            });
        };
        if node.has_failed() {
            let message = "the disk refused to write, so that nothing is signed any more";
            reason("disk_failed", message, "Free space or mend the disk, then start again.");
        }
        if !node.sees_the_chain() {
            let message = "the state of the chain is not known";
            reason("chain_unreachable", message, "Check the node of the chain.");
        }
        if node.is_congested() {
            reason("busy", "more waits for the disk than allowed", "Send less.");
        }
        Health { live: !node.has_failed(), ready: reasons.is_empty(), reasons }
    }

    async fn head(&self) -> Option<ChainHead> {
        let chain = self.follower.chain()?;
        let (best, last) = (chain.best_head().await.ok()?, chain.finalised_head().await.ok()?);
        Some(ChainHead {
            height: best.number,
            hash: BlockHash(best.hash.0),
            final_height: last.number,
            final_hash: BlockHash(last.hash.0),
        })
    }
}

#[async_trait]
impl Service for Daemon {
    fn lacks(&self) -> Vec<(&'static str, String)> {
        LACKS.iter().map(|(method, why)| (*method, (*why).to_owned())).collect()
    }

    fn newest_event(&self) -> Option<watch::Receiver<u64>> {
        Some(self.events.newest())
    }

    async fn events(&self, after: u64, limit: u32) -> Result<Vec<Event>> {
        self.events.after(after, limit)
    }

    async fn status(&self) -> Result<NodeStatus> {
        let (health, channels, peers) = self
            .look(|node| (Self::health_of(node), views::counts(node), node.peers().count()))
            .await?;
        let identity = self.follower.chain().map(|chain| chain.identity().clone());
        let (name, token) = match identity {
            Some(it) => (it.chain, Token { symbol: it.token, decimals: it.decimals }),
            None => (String::new(), Token { symbol: String::new(), decimals: 0 }),
        };
        Ok(NodeStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            network: Network { name, genesis: BlockHash(self.genesis.0), token },
            started_at: seconds(self.started),
            health,
            chain: self.head().await,
            channels,
            peers_connected: u32::try_from(peers).unwrap_or(u32::MAX),
        })
    }

    async fn health(&self) -> Result<Health> {
        self.look(|node| Self::health_of(node)).await
    }

    async fn identity(&self) -> Result<Identity> {
        let wrong = || ApiError::new(Code::Internal, "a name has no text", "Report this.");
        let peer = self.network.local_peer().to_string().parse().map_err(|_| wrong())?;
        let account = views::account(&self.participant.account).ok_or_else(wrong)?;
        let signer = codec::Encode::encode(&self.participant.signer);
        // The first byte says which kind of key it is.
        let signer = format!("0x{}", hex::encode(signer.get(1..).unwrap_or_default()));
        let addresses = self.network.addresses().await.map_err(|_| stopped(Stopped))?;
        let addresses = addresses.listening.iter().filter_map(|it| it.to_string().parse().ok());
        Ok(Identity { peer, account, signer, addresses: addresses.collect() })
    }

    async fn statistics(&self) -> Result<Statistics> {
        let since = seconds(self.started);
        self.look(move |node| {
            let stats = node.stats();
            let (mut deposits, mut sendable, mut receivable) = (0_u128, 0_u128, 0_u128);
            for id in node.channels() {
                let Some(view) = views::channel(node, id) else { continue };
                deposits = deposits.saturating_add(view.deposit.0);
                sendable = sendable.saturating_add(view.sendable.0);
                receivable = receivable.saturating_add(view.receivable.0);
            }
            let tally = |count, amount| Tally { count, amount: Amount(amount), fees: Amount(0) };
            Statistics {
                since,
                channels: views::counts(node),
                deposits: Amount(deposits),
                sendable: Amount(sendable),
                receivable: Amount(receivable),
                sent: tally(stats.payments_sent, stats.amount_sent),
                received: tally(stats.payments_received, stats.amount_received),
                forwarded: Tally {
                    fees: Amount(stats.fees_earned),
                    ..tally(stats.forwarded, stats.amount_forwarded)
                },
                failed: stats.payments_failed,
                pulses_sent: tally(stats.pulses_sent, stats.pulses_sent_amount),
                pulses_received: tally(0, 0),
                versions: stats.versions,
                disputes: stats.disputes,
            }
        })
        .await
    }

    async fn create_backup(&self, request: CreateBackup) -> Result<Backup> {
        let created_at = seconds(now());
        let name = request.name.map_or_else(|| created_at.to_string(), |it| it.to_string());
        let file = self.backups.join(format!("{name}.backup"));
        let (store, path) = (self.store.clone(), file.clone());
        let made = spawn_blocking(move || -> anyhow::Result<(u64, [u8; 32], u64)> {
            secrets::make_folder(path.parent())?;
            store.backup(&path)?;
            let mut hash = Sha256::new();
            let bytes = std::io::copy(&mut std::fs::File::open(&path)?, &mut hash)?;
            Ok((bytes, hash.finalize().into(), store.stats()?.channels))
        });
        let failed = |cause: String| {
            let message = format!("the backup was not made: {cause}");
            ApiError::new(Code::DiskFailed, message, "Check space and permissions.")
        };
        let (bytes, hash, channels) = made
            .await
            .map_err(|error| failed(error.to_string()))?
            .map_err(|error| failed(error.to_string()))?;
        let (file, hash) = (file.display().to_string(), BackupHash(hash));
        Ok(Backup { file, bytes, hash, channels, created_at })
    }

    async fn list_peers(&self) -> Result<Peers> {
        let infos = self.network.peers().await.map_err(|_| stopped(Stopped))?;
        let known: Vec<_> =
            infos.into_iter().filter_map(|it| Some((peer(&it.peer)?, it))).collect();
        let total = u64::try_from(known.len()).unwrap_or(u64::MAX);
        let ids: Vec<Peer> = known.iter().map(|(peer, _)| *peer).collect();
        let counts = self
            .look(move |node| ids.iter().map(|it| node.channels_with(it).len()).collect::<Vec<_>>())
            .await?;
        let peers =
            known.into_iter().zip(counts).take(1_000).filter_map(|((peer, info), count)| {
                let is_outgoing = info.address.as_ref().is_none_or(|(_, outgoing)| *outgoing);
                Some(PeerInfo {
                    peer: views::peer_name(peer)?,
                    connected: info.is_connected,
                    direction: if is_outgoing { Direction::Outgoing } else { Direction::Incoming },
                    addresses: info
                        .address
                        .iter()
                        .filter_map(|(it, _)| it.to_string().parse().ok())
                        .collect(),
                    channels: u32::try_from(count).unwrap_or(u32::MAX),
                    since: seconds(self.started),
                })
            });
        let items: Vec<_> = peers.collect();
        Ok(Peers { items, total })
    }

    async fn connect_peer(&self, request: ConnectPeer) -> Result<PeerInfo> {
        let addresses = parsed(&request.addresses)?;
        self.connect(&request.peer, addresses).await?;
        let peers = self.list_peers().await?.items;
        peers.into_iter().find(|it| it.peer == request.peer).ok_or_else(|| {
            ApiError::new(Code::PeerOffline, "the peer is not known yet", "Ask for it again.")
        })
    }

    async fn chain_head(&self) -> Result<ChainHead> {
        self.head().await.ok_or_else(|| {
            let message = "no node of the chain is connected";
            ApiError::new(Code::ChainUnreachable, message, "Check the node of the chain.")
        })
    }

    async fn open_channel(&self, operation: Operation, request: OpenChannel) -> Result<Channel> {
        let (id, peer) = peer_of(&request.peer)?;
        if !request.addresses.is_empty() {
            self.connect(&request.peer, parsed(&request.addresses)?).await?;
            // The peer is there and has introduced itself, or the command says why not.
            let _ = timeout(Duration::from_secs(5), self.network.ready(id)).await;
            tokio::time::sleep(LOOK).await;
        }
        let command = Command::Open {
            peer,
            deposit: request.ours.0,
            their_deposit: request.theirs.0,
            challenge_blocks: request.challenge_blocks.unwrap_or(self.challenge_blocks),
            open_within: OPEN_WITHIN,
            operation: Some(key(&operation)),
        };
        let node = self.node.clone();
        let mut running = tokio::spawn(async move { node.command(command).await });
        let began = tokio::time::Instant::now();
        loop {
            if let Ok(done) = timeout(LOOK, &mut running).await {
                let done = done.map_err(|_| stopped(Stopped))?.map_err(stopped)?;
                return match done {
                    Ok(Reply::Opened { channel }) => {
                        self.announce(request.public, channel).await?;
                        self.view(Id(channel.0)).await
                    }
                    Err(CommandError::UnderWay) => self.opening(&operation).await,
                    Err(error) => Err(refusal(&error)),
                    Ok(_) => self.opening(&operation).await,
                };
            }
            let id = operation.id;
            let survives = self.look(move |node| node.survives(&id)).await?;
            if survives || began.elapsed() > OPENING_TIME {
                let opening = self.opening(&operation).await?;
                self.announce(request.public, ChannelId::from(opening.channel.0)).await?;
                return Ok(opening);
            }
        }
    }

    async fn list_channels(&self, request: ChannelFilter) -> Result<Page<Channel>> {
        let after = request.after.as_ref().map(|cursor| cursor.as_str().parse::<Id>());
        let after = after.transpose().map_err(|_| {
            ApiError::new(Code::InvalidParams, "the cursor is not one", "Copy it from the page.")
        })?;
        let limit = usize::try_from(request.limit.get()).unwrap_or(usize::MAX);
        let (items, next) = self
            .look(move |node| {
                let ids = node.channels().filter(|id| after.is_none_or(|after| id.0 > after.0));
                let all = ids.filter_map(|id| views::channel(node, id));
                let wanted = all.filter(|it| {
                    request.phase.is_none_or(|phase| it.phase == phase)
                        && request.peer.as_ref().is_none_or(|peer| it.peer.as_ref() == Some(peer))
                        && request.account.as_ref().is_none_or(|account| {
                            it.shares.iter().any(|share| share.account == *account)
                        })
                });
                let mut items: Vec<_> = wanted.take(limit.saturating_add(1)).collect();
                let has_more = items.len() > limit;
                items.truncate(limit);
                let next = items.last().filter(|_| has_more).map(|it| it.channel.to_string());
                (items, next)
            })
            .await?;
        Ok(Page { items, next: next.and_then(|text| text.parse::<Cursor>().ok()) })
    }

    async fn channel(&self, request: ChannelQuery) -> Result<Channel> {
        self.view(request.channel).await
    }

    async fn close_channel(&self, request: ChannelQuery) -> Result<Channel> {
        let channel = ChannelId::from(request.channel.0);
        self.begin(request.channel, Command::Close { channel }).await
    }

    async fn force_close_channel(&self, request: ChannelQuery) -> Result<Channel> {
        let channel = ChannelId::from(request.channel.0);
        self.begin(request.channel, Command::ForceClose { channel }).await
    }

    async fn send_payment(&self, operation: Operation, request: SendPayment) -> Result<Payment> {
        let amount = request.amount.0;
        let channel = match &request.to {
            Recipient::Channel(id) => ChannelId::from(id.0),
            Recipient::Peer(name) => {
                let (_, peer) = peer_of(name)?;
                let id = operation.id;
                let found = self
                    .look(move |node| {
                        // A repetition goes the way of the first.
                        let known = node.operation(&id).map(|known| known.channel);
                        known.or_else(|| channel_to(node, &peer, amount))
                    })
                    .await?;
                match found {
                    Some(channel) => channel,
                    None => {
                        let wait = Duration::from_secs(u64::from(request.wait_seconds.get()));
                        let limit = request.fee_limit;
                        return self.pay_over_others(operation, name, amount, limit, wait).await;
                    }
                }
            }
        };
        let command =
            Command::Pay { channel, payee: None, amount, operation: Some(key(&operation)) };
        let node = self.node.clone();
        let running = tokio::spawn(async move { node.command(command).await });
        let wait = Duration::from_secs(u64::from(request.wait_seconds.get())).max(LOOK * 10);
        if let Ok(done) = timeout(wait, running).await {
            match done.map_err(|_| stopped(Stopped))?.map_err(stopped)? {
                Ok(_) | Err(CommandError::UnderWay | CommandError::Uncertain) => {}
                // It was begun, and failed for good.
                Err(CommandError::NotPossible) => {}
                Err(error) => return Err(refusal(&error)),
            }
        }
        self.known(operation.id).await?.ok_or_else(|| {
            let message = "the payment was not begun";
            ApiError::new(Code::NotReady, message, "Try again under the same key.")
        })
    }

    async fn payment(&self, request: PaymentQuery) -> Result<Payment> {
        self.known(request.payment.0).await?.ok_or_else(|| {
            let message = format!("payment {} is not known here", request.payment);
            ApiError::new(Code::NotFound, message, "Only named payments are remembered.")
        })
    }

    async fn pay_invoice(&self, operation: Operation, request: PayInvoice) -> Result<Payment> {
        self.settle_invoice(operation, request).await
    }

    async fn create_invoice(&self, request: CreateInvoice) -> Result<Invoice> {
        self.make_invoice(request).await
    }

    async fn list_invoices(&self, request: InvoiceFilter) -> Result<Page<Invoice>> {
        self.own_invoices(request).await
    }

    async fn decode_invoice(&self, request: DecodeInvoice) -> Result<DecodedInvoice> {
        self.read_invoice(&request)
    }

    async fn graph(&self, request: GraphQuery) -> Result<Page<GraphChannel>> {
        self.public_channels(request).await
    }

    async fn fees(&self) -> Result<FeePolicies> {
        self.own_fees().await
    }

    async fn set_fees(&self, request: SetFees) -> Result<FeePolicies> {
        self.change_fees(request).await
    }

    async fn disconnect_peer(&self, _: PeerQuery) -> Result<PeerInfo> {
        Err(ApiError::not_supported("peers_disconnect", "peers with channels stay connected"))
    }
}

impl Daemon {
    /// Announces a channel that its owner wants to be public.
    async fn announce(&self, is_wanted: bool, channel: ChannelId) -> Result<()> {
        if !is_wanted {
            return Ok(());
        }
        let command = Command::Announce { channel };
        let answer = self.node.command(command).await.map_err(stopped)?;
        answer.map(|_| ()).map_err(|error| refusal(&error))
    }

    /// The channel that a named opening opens.
    async fn opening(&self, operation: &Operation) -> Result<Channel> {
        let id = operation.id;
        let channel = self
            .look(move |node| {
                let known = node.operation(&id)?;
                views::channel(node, known.channel)
            })
            .await?;
        channel.ok_or_else(|| {
            let message = "the opening is not known any more";
            ApiError::new(Code::NotFound, message, "List the channels.")
        })
    }
}

/// Addresses, with or without the peer's id at their end.
fn parsed(addresses: &[millrace_channels_api::values::Address]) -> Result<Vec<Multiaddr>> {
    let parse = |text: &str| named(text).map(|(_, address)| address).or_else(|_| text.parse());
    addresses
        .iter()
        .map(|address| {
            parse(address.as_str()).map_err(|_| {
                let message = format!("{address} is no address");
                ApiError::new(Code::InvalidParams, message, "Write /ip4/203.0.113.7/tcp/9740.")
            })
        })
        .collect()
}
