// SPDX-License-Identifier: Apache-2.0

//! What happened in a world, in numbers; so that a test can see that its world was not an idle one.

use crate::{failing::Broken, settings::Settings};
use serde::Serialize;
use std::collections::BTreeMap;

/// How often things happened, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Counts(BTreeMap<&'static str, u64>);

impl Counts {
    /// Something happened once more.
    pub(crate) fn add(&mut self, name: &'static str) {
        self.add_many(name, 1);
    }

    /// Something happened so many times more.
    pub(crate) fn add_many(&mut self, name: &'static str, times: u64) {
        *self.0.entry(name).or_default() += times;
    }

    /// How often something happened.
    pub fn get(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// Adds what happened in another world.
    pub fn join(&mut self, other: &Self) {
        for (name, times) in &other.0 {
            self.add_many(name, *times);
        }
    }

    /// All of it, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.0.iter().map(|(name, times)| (*name, *times))
    }
}

/// What came of a world.
#[derive(Clone, Debug)]
pub struct Report {
    /// The world.
    pub settings: Settings,
    /// What happened in it.
    pub counts: Counts,
    /// The rule that was broken, if one was. The world ended there.
    pub failure: Option<Broken>,
    /// Height of the chain at the end, in blocks.
    pub height: u32,
    /// What happened, if it was asked for: the last lines of it.
    pub trace: Vec<String>,
}

impl Report {
    /// What went wrong and how to see it again; nothing if all went well.
    pub fn complaint(&self) -> Option<String> {
        let broken = self.failure.as_ref()?;
        let (height, command) = (self.height, self.settings.command());
        Some(format!(
            "seed {} breaks a rule at block {height}: {broken}\nreplay: {command}",
            self.settings.seed
        ))
    }
}
