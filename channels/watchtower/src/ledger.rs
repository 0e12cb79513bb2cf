// SPDX-License-Identifier: Apache-2.0

//! Who has which appointment: requests in, responses and changes out, without disk or socket.
//!
//! The ledger holds in memory what it takes to decide, about 200 bytes an appointment; the sealed
//! answers lie on disk. A [`Change`] has to be durable before its response leaves the machine.

use crate::{
    message::{Blob, Refusal, Report, Request, Response, Status, Terms},
    receipt::{Promise, Receipt, TowerKey},
    sealing::{Locator, commitment},
};
use codec::{Decode, Encode};
use millrace_primitives_channels::{BlockNumber, Hash};
use std::collections::{BTreeMap, BTreeSet};

/// A client, by the key that its connection authenticates.
pub type Client = [u8; 32];

/// Whose appointment for which channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct Name {
    /// Where it is looked for. Two participants of one channel have the same.
    pub locator: Locator,
    /// Who handed it in.
    pub client: Client,
}

/// What lies on disk beside a sealed answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Mark {
    /// Orders what the client hands in.
    pub sequence: u64,
    /// A hash of the sealed answer.
    pub commitment: Hash,
    /// The last block in which the tower answers.
    pub until: BlockNumber,
    /// What was done about the latest dispute.
    pub report: Option<Report>,
}

/// What has to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Keep this sealed answer in place of the one before.
    Put {
        /// Whose, and for what.
        name: Name,
        /// What lies beside it.
        mark: Mark,
        /// The sealed answer.
        blob: Blob,
    },
    /// The sealed answer stays; what lies beside it has changed.
    Amend {
        /// Whose, and for what.
        name: Name,
        /// What lies beside it.
        mark: Mark,
    },
    /// Forget it.
    Remove {
        /// Whose, and for what.
        name: Name,
    },
}

/// All appointments of a tower.
#[derive(Debug)]
pub struct Ledger {
    terms: Terms,
    key: TowerKey,
    entries: BTreeMap<Name, Mark>,
    /// How many appointments each client has.
    counts: BTreeMap<Client, u32>,
    /// Which appointment ends when.
    ends: BTreeSet<(BlockNumber, Name)>,
}

impl Ledger {
    /// A ledger with what is on disk. `key`: whose receipts clients get; `terms` name it.
    pub fn new(terms: Terms, key: TowerKey, kept: impl IntoIterator<Item = (Name, Mark)>) -> Self {
        let mut ledger = Self {
            terms,
            key,
            entries: BTreeMap::new(),
            counts: BTreeMap::new(),
            ends: BTreeSet::new(),
        };
        for (name, mark) in kept {
            ledger.insert(name, mark);
        }
        ledger
    }

    /// How many appointments there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many clients have appointments.
    pub fn clients(&self) -> usize {
        self.counts.len()
    }

    /// What the tower offers.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Answers a client's request.
    ///
    /// `now`: height of the newest final block; nothing while the tower sees no chain. The response
    /// must not leave before the change is durable.
    pub fn handle(
        &mut self,
        client: Client,
        request: Request,
        now: Option<BlockNumber>,
    ) -> (Response, Option<Change>) {
        let handled = match request {
            Request::Terms => return (Response::Terms(self.terms), None),
            Request::Status { locator } => {
                return (Response::Status(self.status(&Name { locator, client })), None);
            }
            Request::Withdraw { locator } => {
                let change = self.remove(&Name { locator, client });
                return (Response::Withdrawn, change);
            }
            Request::HandIn { locator, sequence, blob, until } => {
                self.hand_in(Name { locator, client }, (sequence, blob), until, now)
            }
            Request::Renew { locator, until } => self.renew(Name { locator, client }, until, now),
        };
        match handled {
            Ok((receipt, change)) => (Response::Accepted(receipt), change),
            Err(refusal) => (Response::Refused(refusal), None),
        }
    }

    fn hand_in(
        &mut self,
        name: Name,
        (sequence, blob): (u64, Blob),
        until: BlockNumber,
        now: Option<BlockNumber>,
    ) -> Result<(Receipt, Option<Change>), Refusal> {
        let now = self.check_time(until, now)?;
        let commitment = commitment(&blob);
        let mut report = None;
        match self.entries.get(&name) {
            Some(entry) if entry.sequence > sequence => {
                return Err(Refusal::NotNewer { newest: entry.sequence });
            }
            // The same again: its receipt was lost on the way.
            Some(entry) if entry.sequence == sequence => {
                if entry.commitment != commitment {
                    return Err(Refusal::NotNewer { newest: entry.sequence });
                }
                report.clone_from(&entry.report);
            }
            Some(entry) => report.clone_from(&entry.report),
            None => self.check_room(&name.client)?,
        }
        let entry = Mark { sequence, commitment, until, report };
        let receipt = self.sign(&name, &entry, now);
        let change = Change::Put { name, mark: entry.clone(), blob };
        self.insert(name, entry);
        Ok((receipt, Some(change)))
    }

    fn renew(
        &mut self,
        name: Name,
        until: BlockNumber,
        now: Option<BlockNumber>,
    ) -> Result<(Receipt, Option<Change>), Refusal> {
        let now = self.check_time(until, now)?;
        let entry = self.entries.get(&name).cloned().ok_or(Refusal::Unknown)?;
        // What was promised is kept.
        let until = until.max(entry.until);
        let entry = Mark { until, ..entry };
        self.insert(name, entry.clone());
        let receipt = self.sign(&name, &entry, now);
        Ok((receipt, Some(Change::Amend { name, mark: entry.clone() })))
    }

    fn check_time(
        &self,
        until: BlockNumber,
        now: Option<BlockNumber>,
    ) -> Result<BlockNumber, Refusal> {
        let now = now.ok_or(Refusal::Blind)?;
        let latest = now.saturating_add(self.terms.max_blocks);
        if until > now && until <= latest {
            Ok(now)
        } else {
            Err(Refusal::BadTime { after: now, latest })
        }
    }

    /// WT-4: quotas.
    fn check_room(&self, client: &Client) -> Result<(), Refusal> {
        let count = self.counts.get(client).copied().unwrap_or(0);
        if count >= self.terms.per_client {
            return Err(Refusal::QuotaUsed(count));
        }
        let in_total = usize::try_from(self.terms.in_total).unwrap_or(usize::MAX);
        if self.entries.len() >= in_total { Err(Refusal::Full) } else { Ok(()) }
    }

    fn sign(&self, name: &Name, entry: &Mark, from: BlockNumber) -> Receipt {
        let Mark { sequence, commitment, until, .. } = *entry;
        let (genesis, tower) = (self.terms.place.genesis, self.key.id());
        let locator = name.locator;
        self.key.sign(Promise { genesis, tower, locator, sequence, commitment, from, until })
    }

    fn status(&self, name: &Name) -> Option<Status> {
        let Mark { sequence, commitment, until, report } = self.entries.get(name)?.clone();
        Some(Status { sequence, commitment, until, report })
    }

    /// Everybody's appointment at this place.
    pub fn at(&self, locator: Locator) -> Vec<Name> {
        let first = Name { locator, client: [0; 32] };
        let last = Name { locator, client: [0xff; 32] };
        self.entries.range(first..=last).map(|(name, _)| *name).collect()
    }

    /// Notes what was done about a dispute.
    pub fn report(&mut self, name: Name, report: Report) -> Option<Change> {
        let entry = self.entries.get_mut(&name)?;
        entry.report = Some(report);
        Some(Change::Amend { name, mark: entry.clone() })
    }

    /// Forgets appointments that ended before a final block, at most `most` of them.
    pub fn expire(&mut self, finalised: BlockNumber, most: usize) -> Vec<Change> {
        let over: Vec<_> = self
            .ends
            .iter()
            .take_while(|(until, _)| *until < finalised)
            .take(most)
            .map(|(_, name)| *name)
            .collect();
        over.iter().filter_map(|name| self.remove(name)).collect()
    }

    fn insert(&mut self, name: Name, entry: Mark) {
        let until = entry.until;
        match self.entries.insert(name, entry) {
            Some(before) => drop(self.ends.remove(&(before.until, name))),
            None => {
                let count = self.counts.entry(name.client).or_default();
                *count = count.saturating_add(1);
            }
        }
        self.ends.insert((until, name));
    }

    fn remove(&mut self, name: &Name) -> Option<Change> {
        let entry = self.entries.remove(name)?;
        self.ends.remove(&(entry.until, *name));
        if let Some(count) = self.counts.get_mut(&name.client) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.counts.remove(&name.client);
            }
        }
        Some(Change::Remove { name: *name })
    }
}
