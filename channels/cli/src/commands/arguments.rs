// SPDX-License-Identifier: Apache-2.0

//! What can be asked of a daemon on the command line.

mod paying;

pub use paying::{InvoiceTask, ListPayments, Pay, PayStream};

use clap::{Args, Subcommand, ValueEnum};
use millrace_channels_api::{ClientOptions, types::Phase, values::*};
use std::path::PathBuf;

/// Which daemon, and how to show what it says.
#[derive(Args, Clone, Debug)]
pub struct DaemonOptions {
    /// Address of the daemon.
    #[arg(long, global = true, value_name = "URL", default_value_t = ClientOptions::default_url())]
    pub daemon: String,

    /// File of the daemon's token [default: token in the daemon's folder of its interface].
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,

    /// Writes JSON for programs: amounts in the smallest unit, one value, or one line per event.
    #[arg(long, global = true)]
    pub json: bool,
}

/// A name for a request that moves money.
#[derive(Args, Debug)]
pub struct Key {
    /// Repeats an earlier request: with its key, money never moves twice [default: a new one, shown
    /// on standard error].
    #[arg(long, value_name = "KEY")]
    pub key: Option<IdempotencyKey>,
}

/// What to ask for.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Shows how the daemon is, who it is, and what it cannot do yet.
    Status,

    /// Opens a channel with a peer.
    ///
    /// Amounts are in whole tokens ("1.5", "1.5 MILL"), or in the smallest unit ("1500u").
    #[command(after_help = "Examples:
  millrace-channel open 12D3KooW… 100 --address /ip4/203.0.113.7/tcp/9955
  millrace-channel open 12D3KooW… 100 --theirs 50 --public --wait")]
    Open(Open),

    /// Pays an invoice, a peer, or the other participant of a channel.
    #[command(after_help = "Examples:
  millrace-channel pay mill1…                    an invoice
  millrace-channel pay mill1… 2.5                an invoice that leaves the amount open
  millrace-channel pay 12D3KooW… 2.5             a peer
  millrace-channel pay 0x1f… 2.5                 over one channel, directly")]
    Pay(Pay),

    /// Pays the other participant of a channel pulse by pulse.
    #[command(
        subcommand,
        after_help = "Examples:
  millrace-channel pay-stream start 0x1f… --pulse 1000u --per-second 1000 --total 5
  millrace-channel pay-stream list
  millrace-channel pay-stream stop 0x2e…"
    )]
    PayStream(PayStream),

    /// Makes, lists and reads invoices.
    #[command(
        subcommand,
        after_help = "Examples:
  millrace-channel invoice create 2.5 --note 'two coffees'
  millrace-channel invoice decode mill1…"
    )]
    Invoice(InvoiceTask),

    /// Lists payments, made and received, newest first.
    #[command(after_help = "Examples:
  millrace-channel payments --direction in
  millrace-channel payments --state failed --all --json")]
    Payments(ListPayments),

    /// Lists channels, newest first.
    #[command(after_help = "Examples:
  millrace-channel list --phase open
  millrace-channel list --all --json | jq '.items[].channel'")]
    List(List),

    /// Shows a channel.
    Show(OneChannel),

    /// Adds money to a channel or takes some out while it lives. The peer has to agree.
    #[command(after_help = "Examples:
  millrace-channel resize 0x1f… add 20
  millrace-channel resize 0x1f… take 20")]
    Resize(ResizeTask),

    /// Agrees with the peer to settle a channel.
    #[command(after_help = "Example:
  millrace-channel close 0x1f… --wait")]
    Close(Closing),

    /// Closes a channel alone, by a dispute on chain.
    ///
    /// Only for a peer that does not answer: the money comes free after the challenge window, and a
    /// bond is at stake.
    #[command(after_help = "Example:
  millrace-channel force-close 0x1f… --yes")]
    ForceClose(ForceClose),

    /// Writes an encrypted backup on the daemon's machine.
    #[command(after_help = "Example:
  millrace-channel backup before-upgrade")]
    Backup {
        /// The file's name, without an ending [default: the time].
        name: Option<FileName>,
    },

    /// Shows what the daemon has done since it was started, and what it holds.
    Statistics,

    /// Shows what an account has on chain.
    #[command(after_help = "Examples:
  millrace-channel balance
  millrace-channel balance 5Grwva…")]
    Balance {
        /// The account [default: the daemon's own].
        account: Option<Account>,
    },

    /// Lists watchtowers, and up to which versions they answer for this daemon while it is away.
    Watchtowers,

    /// Lists peers, connects and disconnects.
    #[command(
        args_conflicts_with_subcommands = true,
        after_help = "Examples:
  millrace-channel peers
  millrace-channel peers connect 12D3KooW… /ip4/203.0.113.7/tcp/9955"
    )]
    Peers {
        #[command(subcommand)]
        task: Option<PeerTask>,
    },

    /// Lists public channels and what they charge.
    Graph {
        /// Those of this peer.
        #[arg(long)]
        peer: Option<Peer>,
        #[command(flatten)]
        page: Paged,
    },

    /// Shows or sets what is asked for forwarding payments.
    #[command(
        args_conflicts_with_subcommands = true,
        after_help = "Examples:
  millrace-channel fees
  millrace-channel fees set --base 100u --millionths 500 --expiry-delta 40"
    )]
    Fees {
        #[command(subcommand)]
        task: Option<FeeTask>,
    },

    /// Follows what happens, until Ctrl-C.
    #[command(after_help = "Examples:
  millrace-channel events
  millrace-channel events --after 0 --count 10 --json")]
    Events {
        /// The number of the last event that is known; 0 for all that are kept [default: what happens
        /// from now on].
        #[arg(long, value_name = "NUMBER")]
        after: Option<u64>,
        /// Ends after so many events.
        #[arg(long, value_name = "NUMBER")]
        count: Option<u64>,
    },
}

#[derive(Args, Debug)]
pub struct Open {
    /// The peer.
    pub peer: Peer,
    /// What to put in.
    pub amount: String,
    /// Where to reach the peer, if it is not connected.
    #[arg(long, value_name = "ADDRESS")]
    pub address: Vec<Address>,
    /// What the peer is asked to put in.
    #[arg(long, value_name = "AMOUNT")]
    pub theirs: Option<String>,
    /// How long a dispute can be answered, in blocks.
    #[arg(long, value_name = "BLOCKS")]
    pub challenge_blocks: Option<u32>,
    /// Lets others hear of it and send payments through it.
    #[arg(long)]
    pub public: bool,
    /// Waits until payments can be made.
    #[arg(long)]
    pub wait: bool,
    #[command(flatten)]
    pub key: Key,
}

#[derive(Args, Debug)]
pub struct Paged {
    /// How many at the most.
    #[arg(long, value_name = "NUMBER", default_value_t = 100,
          value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub limit: u32,
    /// Goes on after the page that ended here.
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<Cursor>,
}

#[derive(Args, Debug)]
pub struct List {
    /// Those in this phase: opening, open, closing, disputed, resolving or closed.
    #[arg(long)]
    pub phase: Option<Phase>,
    /// Those with this peer.
    #[arg(long)]
    pub peer: Option<Peer>,
    /// Those in which this account takes part.
    #[arg(long)]
    pub account: Option<Account>,
    /// All pages.
    #[arg(long, conflicts_with = "after")]
    pub all: bool,
    #[command(flatten)]
    pub page: Paged,
}

#[derive(Args, Debug)]
pub struct OneChannel {
    /// The channel.
    pub channel: ChannelId,
}

#[derive(Args, Debug)]
pub struct ResizeTask {
    /// The channel.
    pub channel: ChannelId,
    /// Into the channel or out of it.
    pub direction: Way,
    /// How much.
    pub amount: String,
    #[command(flatten)]
    pub key: Key,
}

/// Into a channel or out of it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Way {
    /// From the account into the channel.
    Add,
    /// From the channel into the account.
    Take,
}

#[derive(Args, Debug)]
pub struct Closing {
    /// The channel.
    pub channel: ChannelId,
    /// Waits until everything is paid.
    #[arg(long)]
    pub wait: bool,
}

#[derive(Args, Debug)]
pub struct ForceClose {
    /// The channel.
    pub channel: ChannelId,
    /// Says that you have read what it costs.
    #[arg(long)]
    pub yes: bool,
    /// Waits until everything is paid.
    #[arg(long)]
    pub wait: bool,
}

#[derive(Debug, Subcommand)]
pub enum PeerTask {
    /// Connects to a peer.
    Connect {
        /// The peer.
        peer: Peer,
        /// Where to reach it [default: where it was reached before].
        addresses: Vec<Address>,
    },
    /// Disconnects from a peer.
    Disconnect {
        /// The peer.
        peer: Peer,
    },
}

#[derive(Debug, Subcommand)]
pub enum FeeTask {
    /// Sets what is asked for.
    Set {
        /// For payments that go out over this channel [default: for all without fees of their own].
        #[arg(long)]
        channel: Option<ChannelId>,
        /// For each payment.
        #[arg(long, value_name = "AMOUNT")]
        base: String,
        /// For each million that is forwarded.
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
        millionths: u32,
        /// How much earlier the payment going out expires than the one coming in, in blocks.
        #[arg(long, value_name = "BLOCKS")]
        expiry_delta: u32,
        /// The least amount that is forwarded.
        #[arg(long, value_name = "AMOUNT", default_value = "0")]
        least: String,
        /// Forwards nothing at all.
        #[arg(long)]
        disable: bool,
    },
}
