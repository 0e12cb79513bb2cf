// SPDX-License-Identifier: Apache-2.0

//! Why requests are refused, in the words of the interface.

use millrace_channels_api::{ApiError, Code, values::ChannelId as Id};
use millrace_channels_daemon::{CommandError, shell::Stopped};

/// The node has stopped.
pub fn stopped(_: Stopped) -> ApiError {
    ApiError::new(Code::ShuttingDown, "the node is shutting down", "Start it again.")
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// Why a command was refused, in the words of the interface.
pub fn refusal(error: &CommandError) -> ApiError {
    let code = match error {
        CommandError::UnknownChannel { .. } => Code::NotFound,
        CommandError::NotConnected { .. } | CommandError::NotIntroduced { .. } => Code::PeerOffline,
        CommandError::PeerRefused { .. } | CommandError::ResizeRefused => Code::Refused,
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
        CommandError::Lapsed => Code::ChainRefused,
        CommandError::UnderWay | CommandError::Uncertain => Code::TimedOut,
        CommandError::NothingDeposited { .. } | CommandError::Terms(_) => Code::InvalidParams,
        _ => Code::Refused,
    };
    let text = error.to_string();
    let (what, remedy) = text.split_once(": ").unwrap_or((&text, "look at the channel"));
    ApiError::new(code, what, sentence(remedy))
}

/// There is no such channel here.
pub fn no_channel(id: &Id) -> ApiError {
    let message = format!("channel {id} is not known here");
    ApiError::new(Code::NotFound, message, "List the channels that are.")
}

/// No node of the chain is connected.
pub fn unreachable() -> ApiError {
    let message = "no node of the chain is connected";
    ApiError::new(Code::ChainUnreachable, message, "Check the node of the chain.")
}
