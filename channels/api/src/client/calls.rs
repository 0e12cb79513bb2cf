// SPDX-License-Identifier: Apache-2.0

//! A function for each method.

use super::{Client, ClientError};
use crate::{
    types::*,
    values::{IdempotencyKey, Page},
};

macro_rules! calls {
    ($($(#[$documentation:meta])* $name:ident($request:ty) -> $answer:ty;)*) => {
        impl Client {
            $(
                $(#[$documentation])*
                pub async fn $name(&self, request: &$request) -> Result<$answer, ClientError> {
                    self.call(stringify!($name), request).await
                }
            )*
        }

        /// What the functions above ask for.
        #[cfg(test)]
        const CALLS: &[&str] = &[$(stringify!($name)),*];
    };
}

macro_rules! calls_once {
    ($($(#[$documentation:meta])* $name:ident($request:ty) -> $answer:ty;)*) => {
        /// Requests that move money. Repeating one with the same key never moves money twice.
        impl Client {
            $(
                $(#[$documentation])*
                pub async fn $name(
                    &self,
                    key: &IdempotencyKey,
                    request: &$request,
                ) -> Result<$answer, ClientError> {
                    self.call_once(stringify!($name), key, request).await
                }
            )*
        }

        /// What the functions above ask for.
        #[cfg(test)]
        const CALLS_ONCE: &[&str] = &[$(stringify!($name)),*];
    };
}

calls! {
    /// How the daemon is, and what it can do.
    status(Empty) -> Status;
    /// Whether the daemon is live and ready.
    health(Empty) -> Health;
    /// Who the daemon is.
    identity(Empty) -> Identity;
    /// What the daemon has done, and what it holds.
    statistics(Empty) -> Statistics;
    /// Writes a backup.
    backup_create(CreateBackup) -> Backup;
    /// The daemon's peers.
    peers_list(Empty) -> Peers;
    /// Connects to a peer.
    peers_connect(ConnectPeer) -> PeerInfo;
    /// Disconnects from a peer.
    peers_disconnect(PeerQuery) -> PeerInfo;
    /// How far the chain has come.
    chain_head(Empty) -> ChainHead;
    /// A block.
    chain_block(BlockQuery) -> BlockSummary;
    /// What an account has.
    accounts_balance(AccountQuery) -> Balance;
    /// What happened to an account.
    accounts_history(AccountHistory) -> Page<HistoryEntry>;
    /// Hands a signed extrinsic to the node.
    transactions_submit(SubmitTransaction) -> SubmittedTransaction;
    /// The extrinsics that wait for a block.
    transactions_pending(Empty) -> PendingTransactions;
    /// Channels, newest first.
    channels_list(ChannelFilter) -> Page<Channel>;
    /// A channel.
    channels_get(ChannelQuery) -> Channel;
    /// Agrees with the peer to settle a channel.
    channels_close(ChannelQuery) -> Channel;
    /// Closes a channel alone.
    channels_force_close(ChannelQuery) -> Channel;
    /// Payments, newest first.
    payments_list(PaymentFilter) -> Page<Payment>;
    /// A payment.
    payments_get(PaymentQuery) -> Payment;
    /// Stops a stream.
    streams_stop(StreamQuery) -> Stream;
    /// The streams that are not over.
    streams_list(Empty) -> Streams;
    /// The daemon's watchtowers, and what they have.
    watchtowers_list(Empty) -> Watchtowers;
    /// Makes an invoice.
    invoices_create(CreateInvoice) -> Invoice;
    /// The daemon's invoices, newest first.
    invoices_list(InvoiceFilter) -> Page<Invoice>;
    /// What an invoice says.
    invoices_decode(DecodeInvoice) -> DecodedInvoice;
    /// Public channels.
    graph_channels(GraphQuery) -> Page<GraphChannel>;
    /// What the daemon asks for forwarding payments.
    fees_get(Empty) -> FeePolicies;
    /// Sets what the daemon asks for forwarding payments.
    fees_set(SetFees) -> FeePolicies;
    /// Events after a number. [`Client::events`] follows them.
    events_list(EventQuery) -> EventPage;
}

calls_once! {
    /// Opens a channel.
    channels_open(OpenChannel) -> Channel;
    /// Adds money to a channel or takes some out.
    channels_resize(Resize) -> Channel;
    /// Pays without an invoice.
    payments_send(SendPayment) -> Payment;
    /// Pays an invoice.
    payments_pay_invoice(PayInvoice) -> Payment;
    /// Starts a stream.
    streams_start(StartStream) -> Stream;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn there_is_a_function_for_every_route_and_for_nothing_else() {
        for (moves_money, calls) in [(false, CALLS), (true, CALLS_ONCE)] {
            let routes: BTreeSet<_> = crate::routes()
                .into_iter()
                .filter(|route| route.moves_money == moves_money)
                .map(|route| route.method)
                .collect();
            assert_eq!(calls.iter().copied().collect::<BTreeSet<_>>(), routes);
        }
    }
}
