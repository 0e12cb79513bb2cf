// SPDX-License-Identifier: Apache-2.0

//! A test double of the daemon: it holds no channels and moves no money, but counts, waits and fails
//! as a test tells it to.

use crate::samples::*;
use async_trait::async_trait;
use millrace_channels_api::{ApiError, Code, Operation, Result, Service, types::*, values::*};
use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tokio::sync::{Semaphore, watch};

/// How many events are kept.
pub const KEPT: usize = 5_000;

pub struct Fake {
    /// How many payments were begun, and how many came to an end.
    pub begun: AtomicUsize,
    pub ended: AtomicUsize,
    /// The operations of the payments, in order.
    pub operations: Mutex<Vec<Operation>>,
    /// A payment waits for one of these. There are plenty, unless a test takes them away.
    pub goes: Semaphore,
    /// Makes payments fail, and `chain_head` panic.
    pub fails: AtomicBool,
    pub health: Mutex<Health>,
    pub lacks: Vec<(&'static str, String)>,
    pub events: Mutex<VecDeque<Event>>,
    pub newest: watch::Sender<u64>,
}

impl Default for Fake {
    fn default() -> Self {
        Self {
            begun: AtomicUsize::new(0),
            ended: AtomicUsize::new(0),
            operations: Mutex::default(),
            goes: Semaphore::new(1_000_000),
            fails: AtomicBool::new(false),
            health: Mutex::new(health()),
            lacks: Vec::new(),
            events: Mutex::default(),
            newest: watch::Sender::new(0),
        }
    }
}

impl Fake {
    /// One whose payments wait until the test lets them go.
    pub fn waiting() -> Self {
        Self { goes: Semaphore::new(0), ..Self::default() }
    }

    /// Lets a number of events happen.
    pub fn happen(&self, number: u64) {
        let mut events = self.events.lock().unwrap();
        for _ in 0..number {
            // Numbers may be left out.
            let next = *self.newest.borrow() + 2;
            let what = What::PeerConnected { peer: peer() };
            events.push_back(Event { number: next, at: 1_800_000_000, what });
            if events.len() > KEPT {
                events.pop_front();
            }
            self.newest.send_replace(next);
        }
    }

    async fn pay(
        &self,
        operation: Operation,
        amount: Amount,
        note: Option<Note>,
    ) -> Result<Payment> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.operations.lock().unwrap().push(operation);
        self.goes.acquire().await.unwrap().forget();
        self.ended.fetch_add(1, Ordering::SeqCst);
        if self.fails.load(Ordering::SeqCst) {
            return Err(ApiError::new(Code::NoRoute, "no path has room", "Pay less.")
                .with("amount", amount));
        }
        Ok(payment(amount, note))
    }
}

fn page<T>(item: T) -> Page<T> {
    Page { items: vec![item], next: Some("more/1?".parse().unwrap()) }
}

#[async_trait]
impl Service for Fake {
    fn lacks(&self) -> Vec<(&'static str, String)> {
        self.lacks.clone()
    }

    fn newest_event(&self) -> Option<watch::Receiver<u64>> {
        Some(self.newest.subscribe())
    }

    async fn status(&self) -> Result<NodeStatus> {
        Ok(NodeStatus {
            version: "0.0.0".to_owned(),
            network: Network {
                name: "Test".to_owned(),
                genesis: BlockHash(hash(9)),
                token: Token { symbol: "MILL".to_owned(), decimals: 12 },
            },
            started_at: 1_800_000_000,
            health: self.health.lock().unwrap().clone(),
            chain: Some(head()),
            channels: PhaseCounts { open: 1, ..PhaseCounts::default() },
            peers_connected: 1,
        })
    }

    async fn health(&self) -> Result<Health> {
        Ok(self.health.lock().unwrap().clone())
    }

    async fn identity(&self) -> Result<Identity> {
        Ok(Identity { peer: peer(), account: account(), signer: id(8), addresses: Vec::new() })
    }

    async fn statistics(&self) -> Result<Statistics> {
        Ok(Statistics {
            since: 1_800_000_000,
            channels: PhaseCounts::default(),
            deposits: Amount(10),
            sendable: Amount(4),
            receivable: Amount(5),
            sent: Tally { count: u64::MAX, amount: Amount(u128::MAX), fees: Amount(1) },
            received: Tally::default(),
            forwarded: Tally::default(),
            failed: 0,
            pulses_sent: Tally::default(),
            pulses_received: Tally::default(),
            versions: 7,
            disputes: 0,
        })
    }

    async fn create_backup(&self, request: CreateBackup) -> Result<Backup> {
        let file = format!("/backups/{}.backup", request.name.unwrap().as_str());
        let hash = BackupHash(hash(1));
        Ok(Backup { file, bytes: 1, hash, channels: 1, created_at: 1_800_000_000 })
    }

    async fn list_peers(&self) -> Result<Peers> {
        Ok(Peers { items: vec![peer_info()], total: 1 })
    }

    async fn connect_peer(&self, request: ConnectPeer) -> Result<PeerInfo> {
        Ok(PeerInfo { addresses: request.addresses, ..peer_info() })
    }

    async fn disconnect_peer(&self, request: PeerQuery) -> Result<PeerInfo> {
        Ok(PeerInfo { peer: request.peer, connected: false, ..peer_info() })
    }

    async fn chain_head(&self) -> Result<ChainHead> {
        assert!(!self.fails.load(Ordering::SeqCst), "the test wants a panic");
        Ok(head())
    }

    async fn block(&self, request: BlockQuery) -> Result<BlockSummary> {
        let BlockName::Height(height) = request.block else {
            return Err(ApiError::not_found("block", request.block));
        };
        Ok(BlockSummary {
            height,
            hash: BlockHash(hash(1)),
            parent: BlockHash(hash(2)),
            state_root: BlockHash(hash(3)),
            extrinsics_root: BlockHash(hash(4)),
            is_final: true,
            at: Some(1_800_000_000),
            extrinsics: vec![TransactionHash(hash(5))],
        })
    }

    async fn balance(&self, request: AccountQuery) -> Result<Balance> {
        Ok(Balance {
            account: request.account,
            free: Amount(u128::MAX),
            in_channels: Amount(10),
            staked: Amount(0),
            total: Amount(u128::MAX),
            height: 1_024,
        })
    }

    async fn history(&self, request: AccountHistory) -> Result<Page<HistoryEntry>> {
        let entry = HistoryEntry {
            height: request.limit.get(),
            block: BlockHash(hash(1)),
            at: None,
            event: request.after.unwrap().as_str().to_owned(),
            amount: Some(Amount(1)),
            out: true,
            counterparty: Some(request.account),
            transaction: None,
        };
        Ok(page(entry))
    }

    async fn submit_transaction(&self, request: SubmitTransaction) -> Result<SubmittedTransaction> {
        Ok(SubmittedTransaction { hash: TransactionHash([request.extrinsic.0[0]; 32]) })
    }

    async fn pending_transactions(&self) -> Result<PendingTransactions> {
        Ok(PendingTransactions { items: Vec::new(), total: 0 })
    }

    async fn open_channel(&self, _: Operation, request: OpenChannel) -> Result<Channel> {
        Ok(Channel {
            phase: Phase::Opening,
            ours: request.ours,
            public: request.public,
            ..channel(ChannelId(hash(1)))
        })
    }

    async fn list_channels(&self, request: ChannelFilter) -> Result<Page<Channel>> {
        let mut page = page(channel(ChannelId(hash(1))));
        page.items[0].phase = request.phase.unwrap();
        Ok(page)
    }

    async fn channel(&self, request: ChannelQuery) -> Result<Channel> {
        Ok(channel(request.channel))
    }

    async fn resize_channel(&self, _: Operation, request: Resize) -> Result<Channel> {
        Ok(Channel { ours: request.amount, ..channel(request.channel) })
    }

    async fn close_channel(&self, request: ChannelQuery) -> Result<Channel> {
        Ok(Channel { phase: Phase::Closing, ..channel(request.channel) })
    }

    async fn force_close_channel(&self, request: ChannelQuery) -> Result<Channel> {
        Ok(Channel { phase: Phase::Disputed, deadline: Some(99), ..channel(request.channel) })
    }

    async fn send_payment(&self, operation: Operation, request: SendPayment) -> Result<Payment> {
        self.pay(operation, request.amount, request.note).await
    }

    async fn pay_invoice(&self, operation: Operation, request: PayInvoice) -> Result<Payment> {
        self.pay(operation, request.fee_limit.unwrap_or_default(), request.note).await
    }

    async fn list_payments(&self, _: PaymentFilter) -> Result<Page<Payment>> {
        Ok(page(payment(Amount(1), None)))
    }

    async fn payment(&self, request: PaymentQuery) -> Result<Payment> {
        Ok(Payment { payment: request.payment, ..payment(Amount(1), None) })
    }

    async fn start_stream(&self, _: Operation, request: StartStream) -> Result<Stream> {
        Ok(stream(request.channel))
    }

    async fn stop_stream(&self, request: StreamQuery) -> Result<Stream> {
        let stream = stream(ChannelId(hash(1)));
        Ok(Stream { stream: request.stream, state: StreamState::Folding, ..stream })
    }

    async fn list_streams(&self) -> Result<Streams> {
        Ok(Streams { items: vec![stream(ChannelId(hash(1)))], total: 1 })
    }

    async fn list_watchtowers(&self) -> Result<Watchtowers> {
        Ok(watchtowers(ChannelId(hash(1))))
    }

    async fn create_invoice(&self, request: CreateInvoice) -> Result<Invoice> {
        Ok(invoice(request.amount, request.note))
    }

    async fn list_invoices(&self, _: InvoiceFilter) -> Result<Page<Invoice>> {
        Ok(page(invoice(None, None)))
    }

    async fn decode_invoice(&self, _: DecodeInvoice) -> Result<DecodedInvoice> {
        Ok(DecodedInvoice {
            payee: peer(),
            hash: PaymentHash(hash(4)),
            amount: None,
            note: None,
            created_at: 1_800_000_000,
            expires_at: 1_800_000_060,
            expired: false,
        })
    }

    async fn graph(&self, request: GraphQuery) -> Result<Page<GraphChannel>> {
        let side =
            GraphSide { peer: request.peer.unwrap(), policy: Some(fees()), updated_at: None };
        let channel = ChannelId(hash(1));
        Ok(page(GraphChannel { channel, capacity: Amount(10), sides: vec![side] }))
    }

    async fn fees(&self) -> Result<FeePolicies> {
        Ok(FeePolicies { default: fees(), channels: Vec::new() })
    }

    async fn set_fees(&self, request: SetFees) -> Result<FeePolicies> {
        Ok(FeePolicies { default: request.policy, channels: Vec::new() })
    }

    async fn events(&self, after: u64, limit: u32) -> Result<Vec<Event>> {
        let events = self.events.lock().unwrap();
        let oldest = events.front().map_or(0, |event| event.number);
        // The double numbers its events by twos, from 2.
        if after != 0 && after + 2 < oldest {
            return Err(ApiError::new(
                Code::EventsGone,
                "they are gone",
                "Look at everything anew.",
            )
            .with("oldest", oldest));
        }
        let following = events.iter().filter(|event| event.number > after);
        Ok(following.take(limit as usize).cloned().collect())
    }
}
