// SPDX-License-Identifier: Apache-2.0

//! Several ways at once.
//!
//! An amount is cut into pieces, and each piece takes the cheapest way that the pieces before it
//! have left: successive shortest paths, where a channel gets dearer the more is sent over it,
//! because the doubt about it grows. Pieces that take one way travel as one part. Finer cuts are
//! tried as long as they make the whole cheaper.
//!
//! This is the min-cost flow of Pickhardt and Richter without its last step: pieces that lie
//! already are not moved again when a later one would like their place. With fees that have a base
//! that step would not be exact either, and payments rarely take more than a handful of ways. What
//! it can miss is a division that only exists if an early piece gives way; a coarser or finer cut
//! mostly finds it. While a way for a piece is sought, it counts as a transfer of its own.

use crate::paths::{
    map::Map,
    request::{MAX_PARTS, PathError, Request},
    route::{Route, reckon},
    search::{Budget, Load, cheapest},
};
use millrace_primitives_channels::Balance;

/// A piece that finds no way is halved until it is less than this part of what is left: 1/16.
const SMALLEST_PIECE: u32 = 4;

/// How many times one plan searches, so that no request takes for ever. Filling seven ways to the
/// last unit of ten thousand takes 133 at the most.
const MAX_SEARCHES: u16 = 400;

/// What is still to be planned of a payment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rest {
    pub(crate) amount: Balance,
    pub(crate) fee: Balance,
    pub(crate) parts: u16,
}

/// Plans all of a request, with nothing under way.
pub fn plan(map: &Map, request: &Request) -> Result<Vec<Route>, PathError> {
    let rest = Rest { amount: request.amount, fee: request.max_fee, parts: request.max_parts };
    plan_rest(map, request, rest, &map.loads([].iter()))
}

/// Plans what is left of a request. `loads`: what is under way already, one for each edge.
///
/// Upholds RO-4: the ways deliver exactly the amount, within the limits.
pub(crate) fn plan_rest(
    map: &Map,
    request: &Request,
    rest: Rest,
    loads: &[Load],
) -> Result<Vec<Route>, PathError> {
    if rest.amount == 0 {
        return Err(PathError::NoAmount);
    }
    if request.payer == request.payee {
        return Err(PathError::ToItself { node: request.payee });
    }
    let spendable = map.spendable();
    if spendable < rest.amount {
        return Err(PathError::TooLittle { amount: rest.amount, spendable });
    }
    let unknown = PathError::UnknownPayee { payee: request.payee };
    let payee = map.place(&request.payee).ok_or(unknown)?;
    let most = rest.parts.clamp(1, MAX_PARTS);
    let mut best: Option<Vec<Route>> = None;
    let mut searches = MAX_SEARCHES;
    for pieces in cuts(most) {
        let mut division = Division::new(map, request, payee, rest, most, loads);
        let Some(routes) = division.fill(pieces, &mut searches) else { continue };
        match &best {
            Some(best) if price(best) <= price(&routes) => break,
            _ => best = Some(routes),
        }
    }
    best.ok_or(PathError::NoWay {
        left: rest.amount,
        amount: request.amount,
        max_fee: rest.fee,
        max_expiry: request.max_expiry,
        max_hops: request.max_hops,
    })
}

/// Into how many pieces an amount is cut: 1, 2, 4, … and the most.
fn cuts(most: u16) -> impl Iterator<Item = u16> {
    let powers = (0..u16::BITS).map_while(|power| 1_u16.checked_shl(power));
    powers.take_while(move |pieces| *pieces < most).chain([most])
}

fn price(routes: &[Route]) -> Balance {
    routes.iter().fold(0, |sum, route| sum.saturating_add(route.price))
}

/// A division that is being made.
struct Division<'a> {
    map: &'a Map,
    request: &'a Request,
    payee: usize,
    rest: Rest,
    most: u16,
    loads: Vec<Load>,
    parts: Vec<(Vec<usize>, Route)>,
}

impl<'a> Division<'a> {
    fn new(
        map: &'a Map,
        request: &'a Request,
        payee: usize,
        rest: Rest,
        most: u16,
        loads: &[Load],
    ) -> Self {
        Self { map, request, payee, rest, most, loads: loads.to_vec(), parts: Vec::new() }
    }

    /// Finds ways for the whole amount in about so many pieces, with so many searches at the most.
    fn fill(&mut self, pieces: u16, searches: &mut u16) -> Option<Vec<Route>> {
        let size = self.rest.amount.div_ceil(Balance::from(pieces.max(1)));
        let mut piece = size;
        while self.rest.amount > 0 {
            piece = piece.min(self.rest.amount);
            *searches = searches.checked_sub(1)?;
            if self.place(piece).is_some() {
                // What found a way may well find another, or one for twice as much.
                piece = piece.saturating_mul(2).min(size);
                continue;
            }
            piece /= 2;
            // A payer that does not want to split wants no smaller pieces either.
            if self.most == 1 || piece == 0 || piece < self.rest.amount >> SMALLEST_PIECE {
                return None;
            }
        }
        Some(self.parts.drain(..).map(|(_, route)| route).collect())
    }

    /// Finds a way for one piece, and takes note of it.
    fn place(&mut self, amount: Balance) -> Option<()> {
        let budget = Budget::of(self.request, self.rest.fee);
        let (map, request) = (self.map, self.request);
        let way = cheapest(map, request, self.payee, amount, &budget, &self.loads)?;
        if self.merge(&way.edges, amount).is_none() {
            if self.parts.len() >= usize::from(self.most) {
                return None;
            }
            let route = reckon(map, request, &way.edges, amount, &budget, &self.loads)?;
            self.rest.fee = self.rest.fee.checked_sub(route.fee())?;
            self.add_load(&way.edges, &route);
            self.parts.push((way.edges, route));
        }
        self.rest.amount = self.rest.amount.saturating_sub(amount);
        Some(())
    }

    /// Lets an earlier part that goes the same way carry `amount` more, if it can.
    fn merge(&mut self, edges: &[usize], amount: Balance) -> Option<()> {
        let place = self.parts.iter().position(|(way, _)| way == edges)?;
        let (way, before) = self.parts.get(place)?.clone();
        let mut loads = self.loads.clone();
        for (index, hop) in way.iter().zip(&before.hops) {
            let load = loads.get_mut(*index)?;
            load.amount = load.amount.saturating_sub(hop.amount);
            load.transfers = load.transfers.saturating_sub(1);
        }
        let fee = self.rest.fee.saturating_add(before.fee());
        let delivered = before.delivered.checked_add(amount)?;
        let budget = Budget::of(self.request, fee);
        let merged = reckon(self.map, self.request, edges, delivered, &budget, &loads)?;
        self.rest.fee = fee.checked_sub(merged.fee())?;
        self.loads = loads;
        self.add_load(edges, &merged);
        *self.parts.get_mut(place)? = (way, merged);
        Some(())
    }

    fn add_load(&mut self, edges: &[usize], route: &Route) {
        for (index, hop) in edges.iter().zip(&route.hops) {
            if let Some(load) = self.loads.get_mut(*index) {
                load.amount = load.amount.saturating_add(hop.amount);
                load.transfers = load.transfers.saturating_add(1);
            }
        }
    }
}
