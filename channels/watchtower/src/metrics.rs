// SPDX-License-Identifier: Apache-2.0

//! How the tower is doing, as text for Prometheus.

use millrace_primitives_channels::{Balance, BlockNumber};
use std::{fmt::Write as _, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

/// How long one request for metrics may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// How much of a request is read.
const MAX_REQUEST_BYTES: usize = 1_024;

/// How the tower is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Appointments that are kept.
    pub appointments: u64,
    /// Clients that have some.
    pub clients: u64,
    /// Requests answered.
    pub requests: u64,
    /// Requests refused.
    pub refusals: u64,
    /// Disputes that are open now.
    pub open_disputes: u64,
    /// Disputes that were looked into.
    pub disputes_searched: u64,
    /// Disputes that were not looked into because there were too many.
    pub disputes_overflowed: u64,
    /// Answers that are final.
    pub answers: u64,
    /// Answers that others gave first.
    pub answers_not_needed: u64,
    /// Answers that failed.
    pub answers_failed: u64,
    /// Appointments that turned out to be of no use.
    pub useless: u64,
    /// Rewards earned, in the smallest unit of the native token.
    pub rewards: Balance,
    /// The newest block that was seen.
    pub best: BlockNumber,
    /// The newest final block that was seen.
    pub finalised: BlockNumber,
    /// Whether a node is followed.
    pub is_connected: bool,
    /// How often a node was lost or refused.
    pub nodes_lost: u64,
}

impl Metrics {
    /// The text that Prometheus reads.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let mut add = |name: &str, kind: &str, help: &str, value: u128| {
            let name = format!("millrace_watchtower_{name}");
            // Writing to a string cannot fail.
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
        };
        add("appointments", "gauge", "Appointments that are kept.", self.appointments.into());
        add("clients", "gauge", "Clients that have appointments.", self.clients.into());
        add("requests_total", "counter", "Requests answered.", self.requests.into());
        add("refusals_total", "counter", "Requests refused.", self.refusals.into());
        add("open_disputes", "gauge", "Disputes that are open now.", self.open_disputes.into());
        let help = "Disputes that were looked into.";
        add("disputes_searched_total", "counter", help, self.disputes_searched.into());
        let help = "Disputes that were not looked into because there were too many.";
        add("disputes_overflowed_total", "counter", help, self.disputes_overflowed.into());
        add("answers_total", "counter", "Answers that are final.", self.answers.into());
        let help = "Answers that others gave first.";
        add("answers_not_needed_total", "counter", help, self.answers_not_needed.into());
        add("answers_failed_total", "counter", "Answers that failed.", self.answers_failed.into());
        let help = "Appointments that turned out to be of no use.";
        add("useless_appointments_total", "counter", help, self.useless.into());
        let help = "Rewards earned, in the smallest unit of the native token.";
        add("rewards_total", "counter", help, self.rewards);
        add("best_block", "gauge", "The newest block that was seen.", self.best.into());
        let help = "The newest final block that was seen.";
        add("final_block", "gauge", help, self.finalised.into());
        add("connected", "gauge", "Whether a node is followed.", self.is_connected.into());
        let help = "How often a node was lost or refused.";
        add("nodes_lost_total", "counter", help, self.nodes_lost.into());
        text
    }
}

/// Answers `GET /metrics`, one request at a time, for ever.
pub async fn serve(listener: TcpListener, metrics: watch::Receiver<Metrics>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            // A client that is slow or gone is its own trouble.
            let _ = timeout(REQUEST_TIMEOUT, answer(stream, &metrics)).await;
        }
    }
}

async fn answer(mut stream: TcpStream, metrics: &watch::Receiver<Metrics>) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut piece = [0; 256];
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        let count = stream.read(&mut piece).await?;
        request.extend_from_slice(piece.get(..count).unwrap_or_default());
        if count == 0 || request.len() > MAX_REQUEST_BYTES {
            break;
        }
    }
    let (status, body) = if request.starts_with(b"GET /metrics ") {
        ("200 OK", metrics.borrow().to_text())
    } else {
        ("404 Not Found", "metrics are at /metrics\n".to_owned())
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
