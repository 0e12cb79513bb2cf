// SPDX-License-Identifier: Apache-2.0

//! The table itself.

use super::{Access, Fields, Route, RouteInfo, Verb};
use crate::{
    error::{ApiError, Result},
    operation::Operation,
    service::Service,
    types::*,
    watching,
};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{future::Future, sync::Arc};

/// Makes routes: kind, name in JSON-RPC, HTTP method, path, what it does, and the daemon's function
/// with the type of its request, if it has parameters.
macro_rules! routes {
    ($($kind:ident $method:ident $verb:ident $path:literal $summary:literal
        => $call:ident $(($request:ty))?;)*) => {
        vec![$(routes!(@ $kind $method $verb $path $summary $call $($request)?)),*]
    };
    (@ money $method:ident $verb:ident $path:literal $summary:literal $call:ident $request:ty) => {
        money(stringify!($method), Verb::$verb, $path, $summary, |daemon, operation, request: $request| {
            async move { daemon.$call(operation, request).await }
        })
    };
    (@ $kind:ident $method:ident $verb:ident $path:literal $summary:literal $call:ident $request:ty) => {
        $kind(stringify!($method), Verb::$verb, $path, $summary, |daemon, request: $request| {
            async move { daemon.$call(request).await }
        })
    };
    (@ $kind:ident $method:ident $verb:ident $path:literal $summary:literal $call:ident) => {
        $kind(stringify!($method), Verb::$verb, $path, $summary, |daemon, _: Empty| {
            async move { daemon.$call().await }
        })
    };
}

/// Every route, in the order of the documents. Where two paths could fit, the one without a
/// parameter stands first.
pub(crate) fn table() -> Vec<Route> {
    let mut table = vec![read(
        "status",
        Verb::Get,
        "/v1/status",
        "How the daemon is, and what it can do.",
        |daemon, _: Empty| status(daemon),
    )];
    table.extend(the_rest());
    table.push(waiting(
        "events_list",
        Verb::Get,
        "/v1/events",
        "What happened after an event, oldest first; waits for news if asked to.",
    ));
    table
}

/// The routes that do nothing but call the daemon.
fn the_rest() -> Vec<Route> {
    routes! {
        read health Get "/v1/health"
            "Whether the daemon is live and ready, and what stands in the way."
            => health;
        read identity Get "/v1/identity"
            "Who the daemon is, and where peers reach it."
            => identity;
        read statistics Get "/v1/statistics"
            "What the daemon has done, and what it holds."
            => statistics;
        write backup_create Post "/v1/backups"
            "Writes an encrypted backup on the daemon's machine."
            => create_backup(CreateBackup);

        read peers_list Get "/v1/peers"
            "The peers that are connected, and those with which there are channels."
            => list_peers;
        write peers_connect Post "/v1/peers"
            "Connects to a peer, and stays connected as far as possible."
            => connect_peer(ConnectPeer);
        write peers_disconnect Delete "/v1/peers/{peer}"
            "Disconnects from a peer."
            => disconnect_peer(PeerQuery);

        read chain_head Get "/v1/chain"
            "How far the chain has come."
            => chain_head;
        read chain_block Get "/v1/chain/blocks/{block}"
            "A block, by height or hash."
            => block(BlockQuery);
        read accounts_balance Get "/v1/accounts/{account}/balance"
            "What an account has."
            => balance(AccountQuery);
        read accounts_history Get "/v1/accounts/{account}/history"
            "What happened to an account on chain, newest first."
            => history(AccountHistory);
        write transactions_submit Post "/v1/transactions"
            "Hands a signed extrinsic to the daemon's node."
            => submit_transaction(SubmitTransaction);
        read transactions_pending Get "/v1/transactions/pending"
            "The extrinsics that wait for a block."
            => pending_transactions;

        money channels_open Post "/v1/channels"
            "Opens a channel with a peer."
            => open_channel(OpenChannel);
        read channels_list Get "/v1/channels"
            "Channels, newest first; by phase, peer or account."
            => list_channels(ChannelFilter);
        read channels_get Get "/v1/channels/{channel}"
            "A channel."
            => channel(ChannelQuery);
        money channels_resize Post "/v1/channels/{channel}/resize"
            "Adds money to a channel or takes some out while it lives."
            => resize_channel(Resize);
        write channels_close Post "/v1/channels/{channel}/close"
            "Agrees with the peer to settle a channel."
            => close_channel(ChannelQuery);
        write channels_force_close Post "/v1/channels/{channel}/force-close"
            "Closes a channel alone, by a dispute on chain: only if the peer does not answer."
            => force_close_channel(ChannelQuery);

        money payments_send Post "/v1/payments"
            "Pays a peer without an invoice."
            => send_payment(SendPayment);
        money payments_pay_invoice Post "/v1/payments/invoice"
            "Pays an invoice."
            => pay_invoice(PayInvoice);
        read payments_list Get "/v1/payments"
            "Payments, newest first; by direction or state."
            => list_payments(PaymentFilter);
        read payments_get Get "/v1/payments/{payment}"
            "A payment."
            => payment(PaymentQuery);

        money streams_start Post "/v1/streams"
            "Starts to pay the other participant of a channel pulse by pulse."
            => start_stream(StartStream);
        write streams_stop Delete "/v1/streams/{stream}"
            "Stops a stream."
            => stop_stream(StreamQuery);
        read streams_list Get "/v1/streams"
            "The streams that are not over."
            => list_streams;

        read watchtowers_list Get "/v1/watchtowers"
            "Who answers disputes while the daemon is away, and up to which versions."
            => list_watchtowers;

        write invoices_create Post "/v1/invoices"
            "Makes an invoice for somebody to pay."
            => create_invoice(CreateInvoice);
        read invoices_list Get "/v1/invoices"
            "This daemon's invoices, newest first."
            => list_invoices(InvoiceFilter);
        read invoices_decode Post "/v1/invoices/decode"
            "What an invoice says, without paying it."
            => decode_invoice(DecodeInvoice);

        read graph_channels Get "/v1/graph"
            "Public channels and what they charge, in the order of their ids."
            => graph(GraphQuery);
        read fees_get Get "/v1/fees"
            "What this daemon asks for forwarding payments."
            => fees;
        write fees_set Put "/v1/fees"
            "Sets what this daemon asks for forwarding payments."
            => set_fees(SetFees);
    }
}

/// A route that looks.
fn read<Q, A, F>(
    method: &'static str,
    verb: Verb,
    path: &'static str,
    summary: &'static str,
    call: fn(Arc<dyn Service>, Q) -> F,
) -> Route
where
    Q: DeserializeOwned + JsonSchema + Send + 'static,
    A: Serialize + JsonSchema,
    F: Future<Output = Result<A>> + Send + 'static,
{
    let info = RouteInfo { method, verb, path, access: Access::Read, moves_money: false, summary };
    Route {
        info,
        fields: Fields::of::<Q>(),
        request: |generator| Q::json_schema(generator),
        response: |generator| generator.subschema_for::<A>(),
        waits: false,
        call: Box::new(move |service, _, params| {
            Box::pin(async move { answer(call(service, parse(params)?).await?) })
        }),
    }
}

/// A route that changes something, but gives no money away, or asking twice is as good as once.
fn write<Q, A, F>(
    method: &'static str,
    verb: Verb,
    path: &'static str,
    summary: &'static str,
    call: fn(Arc<dyn Service>, Q) -> F,
) -> Route
where
    Q: DeserializeOwned + JsonSchema + Send + 'static,
    A: Serialize + JsonSchema,
    F: Future<Output = Result<A>> + Send + 'static,
{
    let mut route = read(method, verb, path, summary, call);
    route.info.access = Access::Full;
    route
}

/// A route that moves money.
fn money<Q, A, F>(
    method: &'static str,
    verb: Verb,
    path: &'static str,
    summary: &'static str,
    call: fn(Arc<dyn Service>, Operation, Q) -> F,
) -> Route
where
    Q: DeserializeOwned + JsonSchema + Send + 'static,
    A: Serialize + JsonSchema,
    F: Future<Output = Result<A>> + Send + 'static,
{
    let info = RouteInfo { method, verb, path, access: Access::Full, moves_money: true, summary };
    Route {
        info,
        fields: Fields::of::<Q>(),
        request: |generator| Q::json_schema(generator),
        response: |generator| generator.subschema_for::<A>(),
        waits: false,
        call: Box::new(move |service, operation, params| {
            Box::pin(async move {
                let operation = operation.ok_or_else(|| {
                    ApiError::internal(format!("{method} was called without its operation"))
                })?;
                answer(call(service, operation, parse(params)?).await?)
            })
        }),
    }
}

/// The route that may wait for events.
fn waiting(method: &'static str, verb: Verb, path: &'static str, summary: &'static str) -> Route {
    let mut route = read::<EventQuery, EventPage, _>(method, verb, path, summary, watching::page);
    route.waits = true;
    route
}

/// Adds what the table knows to what the daemon says of itself.
async fn status(service: Arc<dyn Service>) -> Result<Status> {
    let capabilities = super::openapi::capabilities(&service.lacks());
    Ok(Status { node: service.status().await?, capabilities })
}

fn parse<Q: DeserializeOwned>(params: Value) -> Result<Q> {
    serde_json::from_value(params).map_err(|error| ApiError::invalid_params(error.to_string()))
}

fn answer<A: Serialize>(answer: A) -> Result<Value> {
    serde_json::to_value(answer)
        .map_err(|error| ApiError::internal(format!("the answer cannot be written: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_and_paths_are_distinct() {
        let table = table();
        let methods: BTreeSet<_> = table.iter().map(|route| route.info.method).collect();
        let paths: BTreeSet<_> =
            table.iter().map(|route| (route.info.verb.as_str(), route.info.path)).collect();
        assert_eq!(methods.len(), table.len());
        assert_eq!(paths.len(), table.len());
    }

    #[test]
    fn looking_changes_nothing_and_changing_needs_full_access() {
        for route in table() {
            let info = route.info;
            let looks = info.verb == Verb::Get || info.method == "invoices_decode";
            assert_eq!(info.access == Access::Read, looks, "{}", info.method);
            assert!(!info.moves_money || info.access == Access::Full, "{}", info.method);
        }
    }

    #[test]
    fn every_part_of_a_path_is_a_parameter_of_the_request() {
        for route in table() {
            for part in route.info.path.split('/').filter_map(|part| part.strip_prefix('{')) {
                let name = part.trim_end_matches('}');
                assert!(route.fields.has(name), "{} lacks {name}", route.info.method);
            }
        }
    }
}
