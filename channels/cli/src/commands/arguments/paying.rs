// SPDX-License-Identifier: Apache-2.0

//! Arguments of payments, streams and invoices.

use super::{Key, Paged};
use clap::{Args, Subcommand, ValueEnum};
use millrace_channels_api::{
    types::{Direction, PaymentState},
    values::*,
};

#[derive(Args, Debug)]
pub struct Pay {
    /// An invoice, a peer, or a channel.
    pub to: String,
    /// How much; an invoice says so itself, as a rule.
    pub amount: Option<String>,
    /// The most that it may cost besides.
    #[arg(long, value_name = "AMOUNT")]
    pub fee_limit: Option<String>,
    /// A note to yourself.
    #[arg(long)]
    pub note: Option<Note>,
    /// How long to wait for the outcome, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u32).range(0..=60))]
    pub wait_seconds: u32,
    #[command(flatten)]
    pub key: Key,
}

#[derive(Debug, Subcommand)]
pub enum PayStream {
    /// Starts a stream.
    Start {
        /// The channel.
        channel: ChannelId,
        /// What one pulse pays.
        #[arg(long, value_name = "AMOUNT")]
        pulse: String,
        /// How many pulses to send in a second.
        #[arg(long, value_name = "NUMBER")]
        per_second: u32,
        /// What the stream may pay in all. That much is set aside.
        #[arg(long, value_name = "AMOUNT")]
        total: String,
        #[command(flatten)]
        key: Key,
    },
    /// Stops a stream; what it has paid is folded into the balances.
    Stop {
        /// The stream.
        stream: StreamId,
    },
    /// Lists the streams that are not over.
    List,
}

#[derive(Debug, Subcommand)]
pub enum InvoiceTask {
    /// Makes an invoice.
    Create {
        /// How much [default: what the payer chooses].
        amount: Option<String>,
        /// What it is for. The payer sees it.
        #[arg(long)]
        note: Option<Note>,
        /// For how long it can be paid, in seconds.
        #[arg(long, value_name = "SECONDS")]
        expires: Option<u32>,
    },
    /// Lists this daemon's invoices, newest first.
    List(Paged),
    /// Shows what an invoice says, without paying it.
    Decode {
        /// The invoice.
        invoice: InvoiceText,
    },
}

#[derive(Args, Debug)]
pub struct ListPayments {
    /// Those made (out) or those received (in).
    #[arg(long)]
    pub direction: Option<Flow>,
    /// Those that have come this far.
    #[arg(long)]
    pub state: Option<Progress>,
    /// All pages.
    #[arg(long, conflicts_with = "after")]
    pub all: bool,
    #[command(flatten)]
    pub page: Paged,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Flow {
    /// Received.
    In,
    /// Made.
    Out,
}

impl From<Flow> for Direction {
    fn from(flow: Flow) -> Self {
        match flow {
            Flow::In => Self::Incoming,
            Flow::Out => Self::Outgoing,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Progress {
    /// They may yet succeed or fail.
    UnderWay,
    /// The payee has the money.
    Succeeded,
    /// Nothing was paid.
    Failed,
    /// Nobody here knows.
    Uncertain,
}

impl From<Progress> for PaymentState {
    fn from(progress: Progress) -> Self {
        match progress {
            Progress::UnderWay => Self::UnderWay,
            Progress::Succeeded => Self::Succeeded,
            Progress::Failed => Self::Failed,
            Progress::Uncertain => Self::Uncertain,
        }
    }
}
