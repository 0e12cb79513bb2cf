// SPDX-License-Identifier: Apache-2.0

//! What a daemon implements.

use crate::{
    error::{ApiError, Result},
    operation::Operation,
    types::*,
    values::Page,
};
use async_trait::async_trait;
use tokio::sync::watch;

/// What a daemon of channels does for programs. The server calls it with requests that were
/// authenticated, bounded and parsed.
///
/// A daemon implements what it can do. The rest it names in [`Service::lacks`]: the server then
/// refuses those requests, says so in `status`, and leaves them out of `/openapi.json`. A method that
/// is neither implemented nor named there answers `not_supported` as well.
///
/// Methods with an [`Operation`] move money. The server calls them in a task of their own, which
/// goes on if the client hangs up, and never twice at the same time for one operation. The daemon has
/// to write the operation's id and fingerprint in the very batch that moves the money: then the same
/// operation gets what the first call made, also after a restart, and money moves once.
#[async_trait]
pub trait Service: Send + Sync + 'static {
    /// The methods that this daemon cannot do, by their name in JSON-RPC, each with the reason: a
    /// clause without its full stop.
    fn lacks(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The number of the newest event, and its changes; nothing if there are no events.
    fn newest_event(&self) -> Option<watch::Receiver<u64>> {
        None
    }

    /// How the daemon is.
    async fn status(&self) -> Result<NodeStatus> {
        missing("status")
    }

    /// Whether it works. It is asked often and answers within a second.
    async fn health(&self) -> Result<Health> {
        missing("health")
    }

    /// Who it is.
    async fn identity(&self) -> Result<Identity> {
        missing("identity")
    }

    /// What it has done, and what it holds.
    async fn statistics(&self) -> Result<Statistics> {
        missing("statistics")
    }

    /// Writes a backup.
    async fn create_backup(&self, _request: CreateBackup) -> Result<Backup> {
        missing("backup_create")
    }

    /// The peers that are connected, and those with which there are channels.
    async fn list_peers(&self) -> Result<Peers> {
        missing("peers_list")
    }

    /// Connects to a peer.
    async fn connect_peer(&self, _request: ConnectPeer) -> Result<PeerInfo> {
        missing("peers_connect")
    }

    /// Disconnects from a peer, and does not connect to it again by itself. Errors if there are
    /// channels with it that need the connection.
    async fn disconnect_peer(&self, _request: PeerQuery) -> Result<PeerInfo> {
        missing("peers_disconnect")
    }

    /// How far the chain has come.
    async fn chain_head(&self) -> Result<ChainHead> {
        missing("chain_head")
    }

    /// A block.
    async fn block(&self, _request: BlockQuery) -> Result<BlockSummary> {
        missing("chain_block")
    }

    /// What an account has.
    async fn balance(&self, _request: AccountQuery) -> Result<Balance> {
        missing("accounts_balance")
    }

    /// What happened to an account, newest first.
    async fn history(&self, _request: AccountHistory) -> Result<Page<HistoryEntry>> {
        missing("accounts_history")
    }

    /// Hands a signed extrinsic to the node.
    async fn submit_transaction(
        &self,
        _request: SubmitTransaction,
    ) -> Result<SubmittedTransaction> {
        missing("transactions_submit")
    }

    /// The extrinsics that wait for a block.
    async fn pending_transactions(&self) -> Result<PendingTransactions> {
        missing("transactions_pending")
    }

    /// Opens a channel. It answers as soon as the opening survives a restart, and does not wait for
    /// the chain.
    async fn open_channel(&self, _operation: Operation, _request: OpenChannel) -> Result<Channel> {
        missing("channels_open")
    }

    /// Channels, newest first.
    async fn list_channels(&self, _request: ChannelFilter) -> Result<Page<Channel>> {
        missing("channels_list")
    }

    /// A channel.
    async fn channel(&self, _request: ChannelQuery) -> Result<Channel> {
        missing("channels_get")
    }

    /// Adds money to a channel or takes some out.
    async fn resize_channel(&self, _operation: Operation, _request: Resize) -> Result<Channel> {
        missing("channels_resize")
    }

    /// Agrees with the peer to settle. Asking again changes nothing.
    async fn close_channel(&self, _request: ChannelQuery) -> Result<Channel> {
        missing("channels_close")
    }

    /// Closes alone, by a dispute on chain. Asking again changes nothing.
    async fn force_close_channel(&self, _request: ChannelQuery) -> Result<Channel> {
        missing("channels_force_close")
    }

    /// Pays without an invoice. It answers when the payment is decided, or after the time that the
    /// request is willing to wait.
    async fn send_payment(&self, _operation: Operation, _request: SendPayment) -> Result<Payment> {
        missing("payments_send")
    }

    /// Pays an invoice. It answers as [`Service::send_payment`] does. One invoice is paid once, even
    /// by two operations.
    async fn pay_invoice(&self, _operation: Operation, _request: PayInvoice) -> Result<Payment> {
        missing("payments_pay_invoice")
    }

    /// Payments, newest first.
    async fn list_payments(&self, _request: PaymentFilter) -> Result<Page<Payment>> {
        missing("payments_list")
    }

    /// A payment.
    async fn payment(&self, _request: PaymentQuery) -> Result<Payment> {
        missing("payments_get")
    }

    /// Starts a stream.
    async fn start_stream(&self, _operation: Operation, _request: StartStream) -> Result<Stream> {
        missing("streams_start")
    }

    /// Stops a stream; what it has paid is folded into the balances. Asking again changes nothing.
    async fn stop_stream(&self, _request: StreamQuery) -> Result<Stream> {
        missing("streams_stop")
    }

    /// The streams that are not over.
    async fn list_streams(&self) -> Result<Streams> {
        missing("streams_list")
    }

    /// The daemon's watchtowers, and what they have.
    async fn list_watchtowers(&self) -> Result<Watchtowers> {
        missing("watchtowers_list")
    }

    /// Makes an invoice.
    async fn create_invoice(&self, _request: CreateInvoice) -> Result<Invoice> {
        missing("invoices_create")
    }

    /// This daemon's invoices, newest first.
    async fn list_invoices(&self, _request: InvoiceFilter) -> Result<Page<Invoice>> {
        missing("invoices_list")
    }

    /// What an invoice says.
    async fn decode_invoice(&self, _request: DecodeInvoice) -> Result<DecodedInvoice> {
        missing("invoices_decode")
    }

    /// Public channels, in the order of their ids.
    async fn graph(&self, _request: GraphQuery) -> Result<Page<GraphChannel>> {
        missing("graph_channels")
    }

    /// What is asked for forwarding payments.
    async fn fees(&self) -> Result<FeePolicies> {
        missing("fees_get")
    }

    /// Sets what is asked for forwarding payments.
    async fn set_fees(&self, _request: SetFees) -> Result<FeePolicies> {
        missing("fees_set")
    }

    /// At most `limit` events after the number `after`, oldest first, without waiting.
    ///
    /// Errors: [`Code::EventsGone`](crate::Code::EventsGone) if some after that number are not kept
    /// any more; `after` 0 begins with the oldest that are kept, and is no such error.
    async fn events(&self, _after: u64, _limit: u32) -> Result<Vec<Event>> {
        missing("events_list")
    }
}

fn missing<T>(method: &str) -> Result<T> {
    Err(ApiError::not_supported(method, "it is not built yet"))
}
