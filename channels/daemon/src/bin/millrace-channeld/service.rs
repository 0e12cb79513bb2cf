// SPDX-License-Identifier: Apache-2.0

//! What the daemon does for programs: the contents page. Each request has its chapter.

use crate::{
    births::Births,
    events::Events,
    naming::Naming,
    notes::Notes,
    refusing::{no_channel, refusal, stopped, unreachable},
    streams::Streams,
    towers::Towers,
    views,
};
use async_trait::async_trait;
use core::time::Duration;
use millrace_channels_api::{
    ApiError, Code, Operation, Page, Result, Service,
    types::{
        AccountQuery, Backup, Balance, ChainHead, Channel, ChannelFilter, ChannelQuery,
        ConnectPeer, CreateBackup, CreateInvoice, DecodeInvoice, DecodedInvoice, Event,
        FeePolicies, GraphChannel, GraphQuery, Health, Identity, Invoice, InvoiceFilter,
        NodeStatus, OpenChannel, PayInvoice, Payment, PaymentFilter, PaymentQuery, PeerInfo,
        PeerQuery, Peers, Resize, SendPayment, SetFees, StartStream, Statistics, Stream,
        StreamQuery, Streams as StreamList, Watchtowers,
    },
    values::{ChannelId as Id, Cursor},
};
use millrace_channels_chain::follower;
use millrace_channels_daemon::{Command, Keys, Node, OperationKey, shell::Handle};
use millrace_channels_store::Store;
use millrace_channels_transport::Handle as Transport;
use millrace_primitives_channels::{ChannelId, Hash, Participant};
use std::{collections::BTreeSet, path::PathBuf, sync::Arc};
use tokio::{sync::watch, time::timeout};

/// How often it is looked whether something has happened.
pub const LOOK: Duration = Duration::from_millis(20);

/// How many channels are looked at in one go.
const PAGE: usize = 500;

/// The running daemon.
pub struct Daemon {
    pub node: Handle,
    pub network: Transport,
    pub follower: follower::Handle,
    pub store: Arc<Store>,
    pub events: Arc<Events>,
    pub participant: Participant,
    pub genesis: Hash,
    pub naming: Naming,
    pub started: u64,
    pub challenge_blocks: u32,
    pub keys: Keys,
    pub births: Arc<Births>,
    pub notes: Arc<Notes>,
    pub streams: Arc<Streams>,
    pub towers: Arc<Towers>,
    pub backups: PathBuf,
}

/// What is missing, and why.
const LACKS: [(&str, &str); 5] = [
    ("chain_block", "blocks are read from the node of the chain"),
    ("accounts_history", "it keeps no index of the chain"),
    ("transactions_submit", "transactions are handed to the node of the chain"),
    ("transactions_pending", "the pool is read from the node of the chain"),
    ("peers_disconnect", "peers with channels stay connected"),
];

/// Whole seconds.
pub fn seconds(millis: u64) -> u64 {
    millis.checked_div(1_000).unwrap_or(0)
}

/// A request's name, as the node keeps it.
pub fn key(operation: &Operation) -> OperationKey {
    OperationKey { id: operation.id, fingerprint: operation.fingerprint }
}

/// The names of all payments that a node has made or makes.
pub fn names_of_payments(node: &Node) -> BTreeSet<[u8; 32]> {
    let routed = node.payments().filter_map(|(_, payment)| Some(payment.operation?.id));
    routed.chain(node.operations().map(|(id, _)| *id)).collect()
}

/// Whether a channel is among those that are asked for.
fn fits(channel: &Channel, wanted: &ChannelFilter) -> bool {
    wanted.phase.is_none_or(|phase| channel.phase == phase)
        && wanted.peer.as_ref().is_none_or(|peer| channel.peer.as_ref() == Some(peer))
        && wanted
            .account
            .as_ref()
            .is_none_or(|account| channel.shares.iter().any(|it| it.account == *account))
}

impl Daemon {
    /// Looks at the node.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Node) -> T + Send + 'static,
    ) -> Result<T> {
        self.node.look(look).await.map_err(stopped)
    }

    /// A channel as programs see it.
    pub async fn view(&self, id: Id) -> Result<Channel> {
        let channel = ChannelId::from(id.0);
        let view = self.look(move |node| views::channel(node, channel)).await?;
        let created_at = self.births.of(channel);
        view.map(|view| Channel { created_at, ..view }).ok_or_else(|| no_channel(&id))
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
        self.condition().await
    }

    async fn health(&self) -> Result<Health> {
        self.look(|node| Self::health_of(node)).await
    }

    async fn identity(&self) -> Result<Identity> {
        self.introduction().await
    }

    async fn statistics(&self) -> Result<Statistics> {
        self.counted().await
    }

    async fn create_backup(&self, request: CreateBackup) -> Result<Backup> {
        self.back_up(request).await
    }

    async fn list_peers(&self) -> Result<Peers> {
        self.all_peers().await
    }

    async fn connect_peer(&self, request: ConnectPeer) -> Result<PeerInfo> {
        self.connect_with(request).await
    }

    async fn disconnect_peer(&self, _: PeerQuery) -> Result<PeerInfo> {
        Err(ApiError::not_supported("peers_disconnect", "peers with channels stay connected"))
    }

    async fn chain_head(&self) -> Result<ChainHead> {
        self.head().await.ok_or_else(unreachable)
    }

    async fn open_channel(&self, operation: Operation, request: OpenChannel) -> Result<Channel> {
        self.open(operation, request).await
    }

    async fn list_channels(&self, request: ChannelFilter) -> Result<Page<Channel>> {
        let after = request.after.as_ref().map(|cursor| cursor.as_str().parse::<Id>());
        let after = after.transpose().map_err(|_| {
            ApiError::new(Code::InvalidParams, "the cursor is not one", "Copy it from the page.")
        })?;
        let limit = usize::try_from(request.limit.get()).unwrap_or(usize::MAX);
        let after = after.map(|id| ChannelId::from(id.0));
        let ids = self.look(|node| node.channels().chain(node.ended()).collect::<Vec<_>>()).await?;
        let mut items: Vec<Channel> = Vec::new();
        for page in self.births.in_order(ids, after).chunks(PAGE) {
            let page = page.to_vec();
            let views = self.look(move |node| {
                page.into_iter().filter_map(|id| views::channel(node, id)).collect::<Vec<_>>()
            });
            items.extend(views.await?.into_iter().filter(|it| fits(it, &request)));
            if items.len() > limit {
                break;
            }
        }
        let has_more = items.len() > limit;
        items.truncate(limit);
        items
            .iter_mut()
            .for_each(|it| it.created_at = self.births.of(ChannelId::from(it.channel.0)));
        let next = items.last().filter(|_| has_more).map(|it| it.channel.to_string());
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
        let note = request.note.clone();
        self.with_note(operation.id, note, self.pay(operation, request)).await
    }

    async fn resize_channel(&self, operation: Operation, request: Resize) -> Result<Channel> {
        self.change_deposit(operation, request).await
    }

    async fn start_stream(&self, operation: Operation, request: StartStream) -> Result<Stream> {
        self.begin_stream(operation, request).await
    }

    async fn stop_stream(&self, request: StreamQuery) -> Result<Stream> {
        self.end_stream(request).await
    }

    async fn list_streams(&self) -> Result<StreamList> {
        self.all_streams().await
    }

    async fn list_watchtowers(&self) -> Result<Watchtowers> {
        self.towers
            .list()
            .ok_or_else(|| ApiError::new(Code::Internal, "a name has no text", "Report this."))
    }

    async fn balance(&self, request: AccountQuery) -> Result<Balance> {
        self.owned(request).await
    }

    async fn pay_invoice(&self, operation: Operation, request: PayInvoice) -> Result<Payment> {
        let note = self.note_about(&request);
        self.with_note(operation.id, note, self.settle_invoice(operation, request)).await
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

    async fn list_payments(&self, request: PaymentFilter) -> Result<Page<Payment>> {
        self.all_payments(request).await
    }

    async fn payment(&self, request: PaymentQuery) -> Result<Payment> {
        self.known(request.payment.0).await?.ok_or_else(|| {
            let message = format!("payment {} is not known here", request.payment);
            ApiError::new(Code::NotFound, message, "List the payments that are.")
        })
    }
}
