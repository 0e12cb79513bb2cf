// SPDX-License-Identifier: Apache-2.0

//! What a world is made from: with the seed, everything that happens follows from it.

use clap::ValueEnum;
use millrace_channels_protocol::Policy;
use millrace_primitives_channels::{Balance, BlockNumber};
use std::{collections::BTreeSet, fmt, str::FromStr};
use thiserror::Error;

/// A kind of bad day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Processes end between any two effects and start again from what they wrote down.
    Crash,
    /// Parties come back from an old copy of their memory.
    Backup,
    /// Messages are lost, repeated and overtake each other.
    Network,
    /// Connections break for a few blocks.
    Partition,
    /// Connections break for longer than anybody's patience.
    Outage,
    /// Blocks are reorganised, finality lags, submissions are outbid for a while.
    Chain,
    /// Some parties do what they like.
    Byzantine,
}

impl Fault {
    /// All kinds, with their names on the command line.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Crash, "crash"),
        (Self::Backup, "backup"),
        (Self::Network, "network"),
        (Self::Partition, "partition"),
        (Self::Outage, "outage"),
        (Self::Chain, "chain"),
        (Self::Byzantine, "byzantine"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(fault, _)| *fault == self).map_or("", |(_, name)| name)
    }
}

/// Which kinds of bad days a world has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(BTreeSet<Fault>);

/// A name that is no fault's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no fault `{0}`: name some of {names}, `all` or `none`", names = names())]
pub struct UnknownFault(String);

fn names() -> String {
    Fault::ALL.map(|(_, name)| name).join(", ")
}

impl Faults {
    /// None at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Every kind.
    pub fn all() -> Self {
        Self(Fault::ALL.iter().map(|(fault, _)| *fault).collect())
    }

    /// These kinds.
    pub fn of(faults: &[Fault]) -> Self {
        Self(faults.iter().copied().collect())
    }

    /// Whether a kind is among them.
    pub fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }

    /// All of them but one.
    pub fn without(&self, fault: Fault) -> Self {
        let mut rest = self.clone();
        rest.0.remove(&fault);
        rest
    }

    /// The kinds in it.
    pub fn iter(&self) -> impl Iterator<Item = Fault> + '_ {
        self.0.iter().copied()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return out.write_str("none");
        }
        let names: Vec<_> = self.0.iter().map(|fault| fault.name()).collect();
        out.write_str(&names.join(","))
    }
}

impl FromStr for Faults {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        match text {
            "all" => return Ok(Self::all()),
            "none" | "" => return Ok(Self::none()),
            _ => {}
        }
        let known = |name: &str| {
            let found = Fault::ALL.iter().find(|(_, known)| *known == name.trim());
            found.map(|(fault, _)| *fault).ok_or_else(|| UnknownFault(name.to_owned()))
        };
        text.split(',').map(known).collect::<Result<_, _>>().map(Self)
    }
}

/// Something that is made wrong on purpose, to show that the simulator notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mutant {
    /// Owners do not write down what was signed.
    SignedIsNotWritten,
    /// Owners send before they write down.
    SendsBeforeWriting,
    /// Owners take an old copy of their memory for all of it.
    BackupTakenForComplete,
    /// Owners do not ask their machines for reminders after a restart.
    NoReminders,
    /// Forwarders give the incoming transfer back while the outgoing one is still under way.
    FailsTooEarly,
    /// Senders plan no time between the expiries of two hops.
    NoExpiryDelta,
    /// Owners close alone as soon as an answer takes three blocks.
    Impatient,
    /// Owners ignore disputes.
    IgnoresDisputes,
    /// The judge takes older states as answers.
    JudgeTakesStaleAnswers,
    /// The judge pays a claim twice.
    JudgePaysTwice,
    /// For the judge, preimages count whenever they were revealed.
    JudgeIgnoresExpiry,
}

/// A world, before anything happened in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Everything random follows from it.
    pub seed: u64,
    /// Number of parties, at least two.
    pub parties: usize,
    /// Number of channels.
    pub channels: usize,
    /// Number of things that users do: payments, streams, resizes, closings.
    pub steps: usize,
    /// What goes wrong.
    pub faults: Faults,
    /// What is wrong on purpose.
    pub mutant: Option<Mutant>,
}

impl Settings {
    /// A small world with all faults.
    pub fn small(seed: u64) -> Self {
        Self { seed, parties: 6, channels: 9, steps: 160, faults: Faults::all(), mutant: None }
    }

    /// Whether something is made wrong in this way.
    pub(crate) fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    /// The command that runs this very world again.
    pub fn command(&self) -> String {
        let Self { seed, parties, channels, steps, faults, mutant } = self;
        let name = mutant.and_then(|mutant| mutant.to_possible_value());
        let mistake = name.map_or(String::new(), |it| format!(" --mistake {}", it.get_name()));
        format!(
            "cargo run --release -p millrace-channels-simulator -- --seed {seed} \
             --parties {parties} --channels {channels} --steps {steps} --faults {faults}{mistake} \
             --trace"
        )
    }
}

/// Simulated milliseconds from one block to the next.
pub(crate) const BLOCK_TIME: u64 = 2_000;

/// Blocks in which a dispute can be answered.
pub(crate) const CHALLENGE_BLOCKS: BlockNumber = 24;

/// The bond of a dispute.
pub(crate) const BOND: Balance = 1_000;

/// What an account has beside its channels.
pub(crate) const POCKET: Balance = 1_000_000;

/// How many blocks finality lags at the most.
pub(crate) const MAX_LAG: u64 = 3;

/// How many blocks the process of a party is away at the most.
pub(crate) const MAX_DOWNTIME: u64 = 4;

/// For how many blocks a connection breaks at the most, unless there are outages.
pub(crate) const MAX_PARTITION: u64 = 6;

/// After how many blocks without progress an owner closes alone.
pub(crate) const PATIENCE: BlockNumber = 40;

/// Blocks for which a party has peace after a fault. Faults that follow each other at once are one
/// long fault, and then patience may end.
pub(crate) const PEACE: BlockNumber = 12;

/// The limits of every party. The margin covers lag, a downtime and a bidding war in a row.
pub(crate) fn policy() -> Policy {
    Policy {
        reveal_margin: 18,
        fold_patience: 36,
        max_expiry: 1_000,
        max_resize: 60,
        unsaved_units: 1,
    }
}
