// SPDX-License-Identifier: Apache-2.0

//! Whether a node is to be believed.
//!
//! A node that is still synchronising, or lies, shows an old chain as if it were the newest. Nobody
//! who follows a single node can find out everything, but what can be checked is checked here: it is
//! the right chain, its head is young by this machine's clock, and final blocks that were seen
//! before are still final.

use crate::connection::Head;
use core::time::Duration;
use millrace_primitives_channels::Hash;
use thiserror::Error;

/// How far a head may be ahead of this machine's clock: what block authors tolerate.
const MAX_AHEAD: Duration = Duration::from_secs(60);

/// What a node says about itself, gathered at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Hash of block 0.
    pub genesis: Hash,
    /// The node says that it is still fetching old blocks.
    pub is_syncing: bool,
    /// The newest block.
    pub best: Head,
    /// When the newest block was made, in milliseconds since 1970; nothing if it does not say.
    pub best_millis: Option<u64>,
    /// The newest final block.
    pub finalised: Head,
    /// Hash of the block at the height of the [`Expected::checkpoint`]; nothing if there is none.
    pub at_checkpoint: Option<Hash>,
}

/// What is known before a node is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Hash of block 0; nothing accepts the first node's.
    pub genesis: Option<Hash>,
    /// The newest block that any node has shown as final.
    pub checkpoint: Option<Head>,
    /// How old the newest block may be.
    pub max_age: Duration,
}

/// Why a node is not believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Distrust {
    /// It serves another chain.
    #[error(
        "the node serves another chain: its genesis hash is {found:?}, expected was {expected:?}\n  \
         Name the address of a node of the right chain."
    )]
    OtherChain {
        /// What the node says.
        found: Hash,
        /// What was expected.
        expected: Hash,
    },
    /// It is still fetching old blocks.
    #[error("the node is still synchronising, at block {best}\n  It is tried again by itself.")]
    Synchronising {
        /// Its newest block.
        best: Head,
    },
    /// Its newest block is old.
    #[error(
        "the node's newest block {best} is {seconds} seconds old by this machine's clock, more than \
         {allowed}\n  \
         The node is cut off, the chain stands still, or this machine's clock is wrong."
    )]
    Old {
        /// Its newest block.
        best: Head,
        /// How old it is.
        seconds: u64,
        /// How old it may be.
        allowed: u64,
    },
    /// Its newest block comes from the future.
    #[error(
        "the node's newest block {best} is {seconds} seconds ahead of this machine's clock\n  \
         This machine's clock is wrong, or the node makes blocks up."
    )]
    Ahead {
        /// Its newest block.
        best: Head,
        /// How far it is ahead.
        seconds: u64,
    },
    /// It has not reached a final block that is known.
    #[error(
        "the node's newest final block is {found}, but {known} was final before\n  \
         It is believed as soon as it has caught up."
    )]
    FinalityBehind {
        /// Its newest final block.
        found: Head,
        /// What was final before.
        known: Head,
    },
    /// It shows another block where one is final already.
    #[error(
        "the node shows {found:?} as block {}, but {:?} is final there\n  \
         It lies, or it follows another fork after finality broke. Do not use it.",
        .known.number, .known.hash
    )]
    FinalityRewritten {
        /// The node's block at that height.
        found: Hash,
        /// What was final before.
        known: Head,
    },
    /// The runtime that it shows accepts no signatures over a hash of the metadata.
    #[error(
        "the runtime that the node shows does not know the hash of its metadata, so it refuses \
         signatures over it\n  \
         Leave the option metadata-hash out, or use a chain whose runtime was built with \
         on-chain-release-build."
    )]
    NoMetadataHash,
    /// It describes another runtime than the chain's.
    #[error(
        "the node describes a runtime whose metadata hash is {hash:?}, and the chain's runtime has \
         another\n  \
         It would have calls signed that are not what they seem. Do not use it."
    )]
    OtherMetadata {
        /// The hash of what it describes.
        hash: Hash,
    },
}

impl Distrust {
    /// Whether a wrong clock of this machine would explain it.
    pub fn may_be_our_clock(&self) -> bool {
        matches!(self, Self::Old { .. } | Self::Ahead { .. })
    }
}

/// Compares what a node says with what is known.
///
/// `now_millis`: this machine's clock, in milliseconds since 1970.
pub fn verify(report: &Report, expected: &Expected, now_millis: u64) -> Result<(), Distrust> {
    if let Some(genesis) = expected.genesis
        && genesis != report.genesis
    {
        return Err(Distrust::OtherChain { found: report.genesis, expected: genesis });
    }
    if let Some(known) = expected.checkpoint {
        verify_finality(report, known)?;
    }
    if report.is_syncing {
        return Err(Distrust::Synchronising { best: report.best });
    }
    match report.best_millis {
        Some(millis) => verify_age(report.best, millis, expected.max_age, now_millis),
        // Only block 0 has no time.
        None => Ok(()),
    }
}

/// What was final stays final.
fn verify_finality(report: &Report, known: Head) -> Result<(), Distrust> {
    if report.finalised.number < known.number {
        return Err(Distrust::FinalityBehind { found: report.finalised, known });
    }
    match report.at_checkpoint {
        Some(found) if found == known.hash => Ok(()),
        Some(found) => Err(Distrust::FinalityRewritten { found, known }),
        None => Err(Distrust::FinalityBehind { found: report.finalised, known }),
    }
}

/// Whether a head that was made at `millis` is as young as it should be.
pub fn verify_age(
    best: Head,
    millis: u64,
    max_age: Duration,
    now_millis: u64,
) -> Result<(), Distrust> {
    let age = Duration::from_millis(now_millis.saturating_sub(millis));
    if age > max_age {
        let (seconds, allowed) = (age.as_secs(), max_age.as_secs());
        return Err(Distrust::Old { best, seconds, allowed });
    }
    let ahead = Duration::from_millis(millis.saturating_sub(now_millis));
    if ahead > MAX_AHEAD {
        return Err(Distrust::Ahead { best, seconds: ahead.as_secs() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    fn head(number: u32, byte: u8) -> Head {
        Head { number, hash: Hash::repeat_byte(byte) }
    }

    fn report() -> Report {
        Report {
            genesis: Hash::repeat_byte(1),
            is_syncing: false,
            best: head(20, 20),
            best_millis: Some(NOW - 3_000),
            finalised: head(18, 18),
            at_checkpoint: Some(Hash::repeat_byte(15)),
        }
    }

    fn expected() -> Expected {
        Expected {
            genesis: Some(Hash::repeat_byte(1)),
            checkpoint: Some(head(15, 15)),
            max_age: Duration::from_secs(60),
        }
    }

    #[test]
    fn node_that_fits_is_believed() {
        assert_eq!(verify(&report(), &expected(), NOW), Ok(()));
    }

    #[test]
    fn node_of_another_chain_is_refused() {
        let report = Report { genesis: Hash::repeat_byte(9), ..report() };
        let refusal = verify(&report, &expected(), NOW);
        assert!(matches!(refusal, Err(Distrust::OtherChain { .. })), "{refusal:?}");
    }

    #[test]
    fn node_whose_finality_went_back_is_refused() {
        let report = Report { finalised: head(14, 14), at_checkpoint: None, ..report() };
        let known = head(15, 15);
        let refusal = Distrust::FinalityBehind { found: head(14, 14), known };
        assert_eq!(verify(&report, &expected(), NOW), Err(refusal));
    }

    #[test]
    fn node_that_rewrites_a_final_block_is_refused() {
        let report = Report { at_checkpoint: Some(Hash::repeat_byte(16)), ..report() };
        let refusal = verify(&report, &expected(), NOW).expect_err("rewritten");
        assert!(matches!(refusal, Distrust::FinalityRewritten { .. }));
        assert!(!refusal.may_be_our_clock());
        assert!(refusal.to_string().contains("as block 15"), "{refusal}");
    }

    #[test]
    fn node_that_synchronises_is_refused() {
        let report = Report { is_syncing: true, ..report() };
        let refusal = verify(&report, &expected(), NOW);
        assert_eq!(refusal, Err(Distrust::Synchronising { best: head(20, 20) }));
    }

    #[test]
    fn old_head_is_refused_from_the_first_millisecond_too_many() {
        let at = |age: u64| Report { best_millis: Some(NOW - age), ..report() };
        assert_eq!(verify(&at(60_000), &expected(), NOW), Ok(()));
        let refusal = verify(&at(60_001), &expected(), NOW).expect_err("too old");
        assert!(refusal.may_be_our_clock());
    }

    #[test]
    fn head_from_the_future_is_refused() {
        let report = Report { best_millis: Some(NOW + 61_000), ..report() };
        let refusal = verify(&report, &expected(), NOW);
        assert_eq!(refusal, Err(Distrust::Ahead { best: head(20, 20), seconds: 61 }));
    }
}
