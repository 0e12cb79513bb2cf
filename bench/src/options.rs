// SPDX-License-Identifier: Apache-2.0

//! What to measure, where, and for how long.

use clap::{Parser, Subcommand, ValueEnum};
use std::{path::PathBuf, time::Duration};

/// How fast channels are, beside what this machine allows and beside a peer.
///
/// Everything is measured in one run, the bare machine first, so that each figure stands beside its
/// own limit. Figures of different runs compare only as ratios.
#[derive(Debug, Parser)]
#[command(name = "millrace-bench", version, max_term_width = 100)]
pub struct Options {
    /// Measure only this; can be given several times. The bare machine is always measured.
    #[arg(long, value_enum, value_name = "NAME")]
    pub only: Vec<Name>,

    /// A few seconds in all: shows that everything works, and no figure worth quoting.
    #[arg(long)]
    pub quick: bool,

    /// Print one JSON document instead of tables. Progress goes to standard error either way.
    #[arg(long)]
    pub json: bool,

    /// Write channels.md and channels.json into this folder as well.
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,

    /// A folder on the disk to measure; the system's temporary folder unless given. What is written
    /// there is removed again.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,

    /// How often each figure is measured [default: 3, or 1 with --quick].
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub rounds: Option<u32>,

    /// How many idle channels are loaded [default: 100000, or 200 with --quick].
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub idle: Option<u32>,

    /// What this process is to a measurement that needs several.
    #[command(subcommand)]
    pub role: Option<Role>,
}

/// The other process of a measurement. Nobody starts it by hand.
#[derive(Debug, Subcommand)]
pub enum Role {
    /// Runs the other node until standard input ends.
    #[command(hide = true)]
    Peer {
        /// Its store.
        folder: PathBuf,
    },
    /// Loads a store, and says what that took.
    #[command(hide = true)]
    Load {
        /// The store.
        folder: PathBuf,
    },
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Name {
    /// The bare machine: signatures, hashes, syncs.
    Bare,
    /// Co-signed updates between two processes, durable.
    Updates,
    /// Payments between two processes, many to an update, sustained.
    Payments,
    /// Streams: a payment a hash link.
    Pulses,
    /// Idle channels: memory, and restart.
    Idle,
    /// Payments over three hops.
    Hops,
    /// Side by side with LDK.
    Peer,
}

impl Name {
    /// What it measures, in a few words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Bare => "The bare machine",
            Self::Updates => "Co-signed updates",
            Self::Payments => "Payments that share updates",
            Self::Pulses => "Streams",
            Self::Idle => "Idle channels",
            Self::Hops => "Payments over three hops",
            Self::Peer => "Side by side with LDK",
        }
    }
}

impl Name {
    /// All of them, in the order in which they are measured.
    pub const ALL: [Self; 7] = [
        Self::Bare,
        Self::Updates,
        Self::Payments,
        Self::Pulses,
        Self::Idle,
        Self::Hops,
        Self::Peer,
    ];
}

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// How often each figure is measured.
    pub rounds: u32,
    /// How long one round takes.
    pub span: Duration,
    /// How long a bare limit is measured before each round.
    pub glance: Duration,
    /// How long what is sustained is sustained.
    pub sustained: Duration,
    /// How many channels "many" are.
    pub many: usize,
    /// How many idle channels.
    pub idle: u32,
    /// How many chains a stream has.
    pub chains: u32,
}

impl Options {
    /// How much of everything these options ask for.
    pub fn scale(&self) -> Scale {
        let full = Scale {
            rounds: 3,
            span: Duration::from_secs(5),
            glance: Duration::from_secs(1),
            sustained: Duration::from_secs(30),
            many: 256,
            idle: 100_000,
            chains: 1 << 14,
        };
        let quick = Scale {
            rounds: 1,
            span: Duration::from_millis(300),
            glance: Duration::from_millis(50),
            sustained: Duration::from_millis(500),
            many: 8,
            idle: 200,
            chains: 1 << 6,
        };
        let scale = if self.quick { quick } else { full };
        Scale {
            rounds: self.rounds.unwrap_or(scale.rounds),
            idle: self.idle.unwrap_or(scale.idle),
            ..scale
        }
    }

    /// What these options ask for, in the order in which it is measured.
    pub fn names(&self) -> Vec<Name> {
        let asked = |name: &Name| self.only.is_empty() || self.only.contains(name);
        Name::ALL.into_iter().filter(|name| *name == Name::Bare || asked(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn options_are_well_formed() {
        Options::command().debug_assert();
    }

    #[test]
    fn bare_machine_is_always_measured_first() {
        let options = Options::parse_from(["millrace-bench", "--only", "idle", "--quick"]);
        assert_eq!(options.names(), [Name::Bare, Name::Idle]);
        let options = Options::parse_from(["millrace-bench"]);
        assert_eq!(options.names(), Name::ALL);
    }
}
