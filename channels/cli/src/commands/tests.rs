// SPDX-License-Identifier: Apache-2.0

//! What scripts learn from the command line, with a daemon that is a test double behind a real server.

use super::*;
use crate::arguments::{Arguments, Command};
use async_trait::async_trait;
use clap::Parser;
use millrace_channels_api::{
    ApiError, Operation, Options, Page, Result, Server, Service,
    types::*,
    values::{BlockHash, PaymentId},
};
use std::{
    path::Path,
    sync::{Arc, Mutex},
};

/// A daemon whose payments go as a test wants, and that can do nothing else.
struct Fake {
    state: PaymentState,
    paid: Mutex<Vec<SendPayment>>,
    listed: Mutex<Vec<PaymentFilter>>,
}

#[async_trait]
impl Service for Fake {
    async fn status(&self) -> Result<NodeStatus> {
        let token = Token { symbol: "MILL".to_owned(), decimals: 12 };
        Ok(NodeStatus {
            version: "0.0.0".to_owned(),
            network: Network { name: "Test".to_owned(), genesis: BlockHash([9; 32]), token },
            started_at: 0,
            health: Health { live: true, ready: true, reasons: Vec::new() },
            chain: None,
            channels: PhaseCounts::default(),
            peers_connected: 0,
        })
    }

    /// Three pages of nothing.
    async fn list_payments(&self, request: PaymentFilter) -> Result<Page<Payment>> {
        let mut listed = self.listed.lock().unwrap();
        listed.push(request);
        let next = (listed.len() < 3).then(|| listed.len().to_string().parse().unwrap());
        Ok(Page { items: Vec::new(), next })
    }

    async fn send_payment(&self, _: Operation, request: SendPayment) -> Result<Payment> {
        let amount = request.amount;
        self.paid.lock().unwrap().push(request);
        if amount > Amount(10_000_000_000_000) {
            return Err(ApiError::new(Code::InsufficientFunds, "too little is there", "Pay less."));
        }
        Ok(Payment::new(PaymentId([2; 32]), Direction::Outgoing, self.state, amount, 0))
    }
}

/// A server, its daemon, and the folder of its tokens.
async fn world(state: PaymentState) -> (Server, Arc<Fake>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options::new(folder.path());
    options.listen.set_port(0);
    let daemon = Arc::new(Fake { state, paid: Mutex::default(), listed: Mutex::default() });
    let server = Server::start(daemon.clone(), options).await.unwrap();
    (server, daemon, folder)
}

/// Runs a command line; its exit code.
async fn exit(url: &str, token: &Path, line: &[&str]) -> u8 {
    let token = token.to_str().unwrap();
    let start = ["millrace-channel", "--daemon", url, "--token-file", token];
    let arguments = Arguments::try_parse_from(start.iter().chain(line)).unwrap();
    let Command::Task(task) = arguments.command else { panic!("{line:?} needs no daemon") };
    match run(task, &arguments.daemon).await {
        Ok(()) => 0,
        Err(error) => {
            let json: serde_json::Value = serde_json::from_str(&error_as_json(&error)).unwrap();
            assert!(json["error"]["message"].is_string(), "{json}");
            exit_code(&error)
        }
    }
}

const CHANNEL: &str = "0x0707070707070707070707070707070707070707070707070707070707070707";

#[tokio::test]
async fn exit_codes_tell_a_script_what_to_do_next() {
    let (server, daemon, folder) = world(PaymentState::Succeeded).await;
    let url = format!("ws://{}", server.address());
    let (full, read) = (folder.path().join("token"), folder.path().join("read-token"));
    assert_eq!(exit(&url, &full, &["status"]).await, 0);
    assert_eq!(exit(&url, &full, &["pay", CHANNEL, "1.5 MILL", "--json"]).await, 0);
    assert_eq!(exit(&url, &full, &["pay", CHANNEL]).await, FAILED, "how much?");
    assert_eq!(exit(&url, &full, &["pay", CHANNEL, "1,5"]).await, FAILED);
    assert_eq!(exit(&url, &full, &["pay", CHANNEL, "11"]).await, REFUSED);
    assert_eq!(exit(&url, &read, &["pay", CHANNEL, "1"]).await, UNAUTHORISED);
    assert_eq!(exit(&url, &full, &["backup"]).await, NOT_SUPPORTED);
    assert_eq!(exit("ws://127.0.0.1:1", &full, &["status"]).await, UNREACHABLE);
    assert_eq!(exit(&url, &folder.path().join("none"), &["status"]).await, FAILED);
    let amounts: Vec<_> = daemon.paid.lock().unwrap().iter().map(|it| it.amount).collect();
    assert_eq!(amounts, [Amount(1_500_000_000_000), Amount(11_000_000_000_000)]);
}

#[tokio::test]
async fn all_payments_of_a_kind_are_listed_page_by_page() {
    let (server, daemon, folder) = world(PaymentState::Succeeded).await;
    let (url, token) = (format!("ws://{}", server.address()), folder.path().join("read-token"));
    let line = ["payments", "--direction", "in", "--state", "under-way", "--all", "--limit", "7"];
    assert_eq!(exit(&url, &token, &line).await, 0);
    let listed = daemon.listed.lock().unwrap();
    let afters: Vec<_> = listed.iter().map(|it| it.after.as_ref().map(|it| it.as_str())).collect();
    assert_eq!(afters, [None, Some("1"), Some("2")]);
    for filter in listed.iter() {
        assert_eq!(filter.direction, Some(Direction::Incoming));
        assert_eq!(filter.state, Some(PaymentState::UnderWay));
        assert_eq!(filter.limit.get(), 7);
    }
}

#[tokio::test]
async fn a_payment_that_is_not_made_is_no_success() {
    for (state, code) in [
        (PaymentState::Failed, NOT_PAID),
        (PaymentState::UnderWay, DOUBTFUL),
        (PaymentState::Uncertain, DOUBTFUL),
    ] {
        let (server, _, folder) = world(state).await;
        let (url, token) = (format!("ws://{}", server.address()), folder.path().join("token"));
        assert_eq!(exit(&url, &token, &["pay", CHANNEL, "1"]).await, code);
    }
}

#[tokio::test]
async fn a_key_that_is_given_again_pays_once() {
    let (server, daemon, folder) = world(PaymentState::Succeeded).await;
    let (url, token) = (format!("ws://{}", server.address()), folder.path().join("token"));
    for _ in 0..2 {
        assert_eq!(exit(&url, &token, &["pay", CHANNEL, "1", "--key", "rent"]).await, 0);
    }
    assert_eq!(daemon.paid.lock().unwrap().len(), 1);
    assert_eq!(exit(&url, &token, &["pay", CHANNEL, "2", "--key", "rent"]).await, REFUSED);
}

#[test]
fn what_is_not_known_for_sure_is_doubtful() {
    let url = String::new;
    let lost = ClientError::Lost { url: url(), method: "payments_send", cause: url() };
    assert_eq!(exit_code(&anyhow::Error::from(lost).context("while paying")), DOUBTFUL);
    let late = ApiError::new(Code::TimedOut, "no answer", "Look.");
    assert_eq!(exit_code(&ClientError::Refused(Box::new(late)).into()), DOUBTFUL);
}

#[test]
fn refusal_is_said_once() {
    let refusal = ApiError::new(Code::InsufficientFunds, "too little is there", "Pay less.");
    let error = anyhow::Error::from(ClientError::Refused(Box::new(refusal)));
    assert_eq!(told(&error).matches("too little").count(), 1, "{}", told(&error));
    assert!(told(&error.context("while paying")).starts_with("while paying: too little"));
}

#[test]
fn amount_in_tokens_is_refused_while_the_token_is_not_known() {
    let unknown = Token { symbol: String::new(), decimals: 0 };
    let error = amount(&unknown, "1").unwrap_err().to_string();
    assert!(error.contains("does not know the chain's token"), "{error}");
    assert_eq!(amount(&unknown, "1500u").unwrap(), Amount(1_500));
    let known = Token { symbol: "MILL".to_owned(), decimals: 12 };
    assert_eq!(amount(&known, "1").unwrap(), Amount(1_000_000_000_000));
}
