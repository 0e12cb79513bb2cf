// SPDX-License-Identifier: Apache-2.0

//! A rule that is broken, and what ends an event before its time.

use thiserror::Error;

/// A rule that is broken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{rule}: {what}")]
pub struct Broken {
    /// Its number.
    pub rule: &'static str,
    /// What was seen.
    pub what: String,
}

impl Broken {
    /// A rule that is broken, and what was seen.
    pub(crate) fn new(rule: &'static str, what: impl Into<String>) -> Self {
        Self { rule, what: what.into() }
    }
}

/// Why an event ends before all of it is done.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    /// The process of the party that acts has ended.
    Crashed,
    /// A rule is broken: the world ends.
    Broken(Broken),
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// The outcome of an event.
pub(crate) type Step = Result<(), Stop>;

/// A crash ends what one party does and nothing else.
pub(crate) fn or_crash(step: Step) -> Result<(), Broken> {
    match step {
        Ok(()) | Err(Stop::Crashed) => Ok(()),
        Err(Stop::Broken(broken)) => Err(broken),
    }
}

/// Checks a rule.
pub(crate) fn ensure(
    holds: bool,
    rule: &'static str,
    what: impl FnOnce() -> String,
) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken::new(rule, what())) }
}
