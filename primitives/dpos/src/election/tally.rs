// SPDX-License-Identifier: Apache-2.0

//! An election in progress.

use crate::{
    AccountId,
    election::{
        Contender, ElectionRules, MaxValidators, Seat, SeatKind, Seats, bounded, draw::Ticket,
    },
};
use alloc::{collections::BTreeSet, vec::Vec};
use codec::{Decode, Encode, MaxEncodedLen};
use core::cmp::Ordering;
use polkadot_sdk::sp_runtime::BoundedVec;
use scale_info::TypeInfo;

/// A list with room for one entry per seat.
pub type TallyList<Entry> = BoundedVec<Entry, MaxValidators>;

/// An election in progress: what has to be known of the candidates seen so far.
///
/// Each candidate is fed once. The outcome does not depend on their order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Tally {
    rules: ElectionRules,
    /// How many candidates could be elected.
    contenders: u32,
    /// Invulnerables, best rank first. As many as there are seats, at the most; as everywhere here.
    invulnerables: TallyList<Contender>,
    /// The others, best rank first.
    best: TallyList<Contender>,
    /// The others, smallest key first. Of as many as there are seats, those seated by rank can be
    /// taken away and enough remain to be drawn.
    drawn: TallyList<Ticket>,
    /// Those in office, best rank first. As many as a set can have, at the most.
    incumbents: TallyList<Contender>,
}

impl Tally {
    /// An election that has seen nobody yet.
    pub fn new(rules: ElectionRules) -> Self {
        Self {
            rules,
            contenders: 0,
            invulnerables: Default::default(),
            best: Default::default(),
            drawn: Default::default(),
            incumbents: Default::default(),
        }
    }

    /// How the election fills its seats.
    pub fn rules(&self) -> &ElectionRules {
        &self.rules
    }

    /// How many candidates that could be elected were fed.
    pub fn contenders(&self) -> u32 {
        self.contenders
    }

    /// Counts a candidate. Takes time in the logarithm of the number of seats.
    pub fn feed(&mut self, contender: Contender) {
        if contender.effective == 0 && !contender.invulnerable {
            return;
        }
        self.contenders = self.contenders.saturating_add(1);
        if contender.incumbent {
            let most = bounded(u32::MAX);
            insert(&mut self.incumbents, contender.clone(), most, Contender::rank);
        }
        let seats = self.rules.seats();
        if contender.invulnerable {
            insert(&mut self.invulnerables, contender, seats, Contender::rank);
            return;
        }
        insert(&mut self.best, contender.clone(), seats, Contender::rank);
        if self.rules.drawn_seats > 0 {
            let ticket = Ticket::draw(&self.rules.seed, contender);
            insert(&mut self.drawn, ticket, seats, Ticket::order);
        }
    }

    /// The elected set. It is empty only if nobody could be elected.
    pub fn conclude(self) -> Seats {
        let chosen = self.choose();
        self.limit_churn(chosen)
    }

    /// Fills the seats, in order of precedence, as if there were no limit to newcomers.
    fn choose(&self) -> Vec<(&Contender, SeatKind)> {
        let seats = self.rules.seats();
        let mut chosen: Vec<_> =
            self.invulnerables.iter().map(|it| (it, SeatKind::Invulnerable)).collect();
        let left = seats.saturating_sub(chosen.len());
        let drawn = bounded(self.rules.drawn_seats).min(left);
        let top = left.saturating_sub(drawn);
        chosen.extend(self.best.iter().take(top).map(|it| (it, SeatKind::Top)));
        let seated: BTreeSet<&AccountId> = chosen.iter().map(|(it, _)| &it.account).collect();
        let rest: Vec<_> = self
            .drawn
            .iter()
            .map(|ticket| &ticket.contender)
            .filter(|it| !seated.contains(&it.account))
            .take(drawn)
            .map(|it| (it, SeatKind::Drawn))
            .collect();
        chosen.extend(rest);
        chosen
    }

    /// Lets incumbents keep seats where there are too many newcomers.
    fn limit_churn(&self, chosen: Vec<(&Contender, SeatKind)>) -> Seats {
        let limit = bounded(self.rules.newcomers);
        let mut newcomers = 0usize;
        let (mut seated, refused): (Vec<_>, Vec<_>) = chosen.into_iter().partition(|(it, _)| {
            if it.incumbent {
                return true;
            }
            newcomers = newcomers.saturating_add(1);
            newcomers <= limit
        });
        let accounts: BTreeSet<&AccountId> = seated.iter().map(|(it, _)| &it.account).collect();
        let kept: Vec<_> = self
            .incumbents
            .iter()
            .filter(|it| !accounts.contains(&it.account))
            .take(refused.len())
            .map(|it| (it, SeatKind::Kept))
            .collect();
        seated.extend(kept);
        let missing = bounded(self.rules.least).saturating_sub(seated.len());
        seated.extend(refused.into_iter().take(missing));
        seated.sort_by(|(one, _), (other, _)| one.account.cmp(&other.account));
        let seats = seated.into_iter().map(|(it, kind)| Seat {
            account: it.account.clone(),
            total: it.total,
            effective: it.effective,
            kind,
        });
        // Never more than there are seats, which are bounded.
        Seats::truncate_from(seats.collect())
    }
}

/// Puts `entry` in its place of an ordered list that keeps at most `most` entries.
fn insert<Entry>(
    list: &mut TallyList<Entry>,
    entry: Entry,
    most: usize,
    order: impl Fn(&Entry, &Entry) -> Ordering,
) {
    let place = list.partition_point(|other| order(other, &entry) == Ordering::Less);
    let Some(others) = most.checked_sub(1) else { return };
    if place <= others {
        list.truncate(others);
        // There is room now, and the place is no further than the end.
        let _ = list.try_insert(place, entry);
    }
}
