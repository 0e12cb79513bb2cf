// SPDX-License-Identifier: Apache-2.0

//! The search finds what an exhaustive one finds.

use crate::{
    fees::Terms,
    names::Direction,
    paths::{
        Experience, HintEdge, Knowledge, KnowledgeLimits, Map, OwnChannel, PathError, Preferences,
        Request, View,
        likelihood::Bounds,
        map::Edge,
        search::{Budget, Load, cheapest},
        splitting::plan,
    },
    tests::network::{NOW, Network, free, party, terms},
};
use millrace_primitives_channels::{Balance, BlockNumber, ChannelAsset, ChannelId};
use proptest::prelude::*;
use std::fmt;

/// A network and the payer's own channels; node 0 pays.
pub struct Scene {
    pub network: Network,
    pub own: Vec<OwnChannel>,
    pub knowledge: Knowledge,
    pub hints: Vec<HintEdge>,
}

impl fmt::Debug for Scene {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for known in self.network.graph.channels() {
            let channel = known.channel();
            let terms =
                Direction::BOTH.map(|side| known.update(side).map(|update| *update.terms()));
            let line = (channel.id(), channel.nodes(), channel.deposit(), terms);
            writeln!(formatter, "{line:?}")?;
        }
        write!(formatter, "{:?}", self.own)
    }
}

impl Scene {
    pub fn of(nodes: u32) -> Self {
        let knowledge = Knowledge::new(KnowledgeLimits::default());
        Self { network: Network::of(nodes), own: Vec::new(), knowledge, hints: Vec::new() }
    }

    /// A channel of the payer, with so much to spend.
    pub fn own(&mut self, peer: usize, spendable: Balance) -> ChannelId {
        let channel = self.network.channel(0, peer, spendable * 2, [None, None]);
        self.own.push(OwnChannel {
            channel,
            direction: Direction::Forth,
            peer: self.network.id(peer),
            spendable,
            slots: 30,
        });
        channel
    }

    /// A channel between others, with the terms of each end.
    pub fn channel(&mut self, ends: [usize; 2], deposit: Balance, both: [Terms; 2]) -> ChannelId {
        self.network.channel(ends[0], ends[1], deposit, both.map(Some))
    }

    pub fn view(&self) -> View<'_> {
        View {
            graph: &self.network.graph,
            knowledge: &self.knowledge,
            own: &self.own,
            hints: &self.hints,
            now: NOW.millis,
        }
    }

    pub fn map(&self) -> Map {
        let payer = self.network.id(0);
        Map::draw(&self.view(), ChannelAsset::Native, payer, &Experience::default())
    }

    pub fn request(&self, payee: usize, amount: Balance) -> Request {
        Request {
            payer: self.network.id(0),
            payee: self.network.id(payee),
            asset: ChannelAsset::Native,
            amount,
            final_expiry: 2_000,
            max_fee: Balance::MAX,
            max_expiry: 100_000,
            max_hops: 20,
            max_parts: 1,
            preferences: Preferences::default(),
        }
    }
}

/// Every way without a circle, backwards from `node`: the price of the cheapest that keeps all
/// limits. It shares nothing with the search but the formulas of price.
struct Naive<'a> {
    map: &'a Map,
    request: &'a Request,
    budget: &'a Budget,
}

impl Naive<'_> {
    fn best(
        &self,
        node: usize,
        amount: Balance,
        expiry: BlockNumber,
        price: Balance,
        visited: &[usize],
    ) -> Option<Balance> {
        if self.map.node(node) == Some(self.map.payer()) {
            let is_within =
                amount - self.request.amount <= self.budget.fee && expiry <= self.budget.expiry;
            return is_within.then_some(price);
        }
        if visited.len() > usize::from(self.budget.hops) {
            return None;
        }
        let edges = self.map.incoming(node).iter().map(|index| self.map.edge(*index).unwrap());
        edges
            .filter(|edge| !visited.contains(&edge.from))
            .filter_map(|edge| {
                let Edge { terms, bounds: Bounds { upper, .. }, .. } = edge;
                if self.request.amount < terms.min_amount
                    || amount > terms.max_amount
                    || amount > *upper
                {
                    return None;
                }
                let doubt = edge.bounds.doubt(0, amount)?;
                let fee = terms.base_fee + amount * Balance::from(terms.fee_ppm) / 1_000_000;
                let preferences = self.request.preferences;
                let price = price
                    + fee
                    + preferences.price_of_doubt(amount, doubt)
                    + preferences.price_of_time(amount, terms.expiry_delta);
                let visited = [visited, &[edge.from]].concat();
                self.best(edge.from, amount + fee, expiry + terms.expiry_delta, price, &visited)
            })
            .min()
    }
}

fn some_terms() -> impl Strategy<Value = Terms> {
    (
        0_u128..50,
        0_u32..50_000,
        1_u32..200,
        0_u128..1_500,
        500_u128..5_000,
        prop::bool::weighted(0.1),
    )
        .prop_map(|(base_fee, fee_ppm, expiry_delta, min_amount, max_amount, is_disabled)| {
            Terms {
                base_fee,
                fee_ppm,
                expiry_delta,
                min_amount: min_amount.min(max_amount),
                max_amount,
                max_in_flight: 3,
                is_disabled,
            }
        })
}

type Channels = Vec<(usize, usize, Balance, Terms, Terms)>;

/// A random network of six nodes, and what the payer has in its channels.
pub fn some_scene() -> impl Strategy<Value = Scene> {
    let channel = (1_usize..5, 1_usize..5, 200_u128..6_000, some_terms(), some_terms());
    let channels = prop::collection::vec(channel, 3..14);
    let own = prop::collection::vec((1_usize..6, 200_u128..4_000), 1..4);
    (channels, own).prop_map(|(channels, own): (Channels, Vec<_>)| {
        let mut scene = Scene::of(6);
        for (one, step, deposit, forth, back) in channels {
            let other = (one + step).min(5);
            if one != other {
                scene.channel([one, other], deposit, [forth, back]);
            }
        }
        for (peer, spendable) in own {
            scene.own(peer, spendable);
        }
        scene
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_way_is_cheaper_than_the_one_found(
        scene in some_scene(),
        amount in 1_u128..2_500,
        fee in 0_u128..400,
        max_expiry in 2_000_u32..2_700,
        hops in 1_u8..7,
        doubt_ppm in 0_u32..100_000,
        block_ppb in 0_u32..500_000,
    ) {
        let preferences = Preferences { doubt_base: 3, doubt_ppm, block_ppb };
        let request = scene.request(5, amount);
        let request = Request { preferences, max_expiry, max_hops: hops, ..request };
        let map = scene.map();
        let Some(payee) = map.place(&request.payee) else { return Ok(()) };
        let budget = Budget::of(&request, fee);
        let loads = vec![Load::default(); map.edge_count()];
        let found = cheapest(&map, &request, payee, amount, &budget, &loads);
        let naive = Naive { map: &map, request: &request, budget: &budget };
        let best = naive.best(payee, amount, request.final_expiry, 0, &[payee]);
        prop_assert_eq!(found.map(|way| way.price), best);
    }
}

#[test]
fn amounts_and_expiries_add_up_from_the_payee() {
    // 0 → 1 → 2 → 3, where 1 and 2 take fees.
    let mut scene = Scene::of(4);
    let first = scene.own(1, 10_000);
    let second = scene.channel([1, 2], 50_000, [terms(10, 10_000), free()]);
    let third =
        scene.channel([2, 3], 50_000, [Terms { expiry_delta: 40, ..terms(5, 1_000) }, free()]);
    let request = scene.request(3, 2_000);
    let routes = plan(&scene.map(), &request).unwrap();
    let hops: Vec<_> =
        routes[0].hops.iter().map(|hop| (hop.channel, hop.amount, hop.expiry)).collect();
    // 2 takes 5 + 2 for 2,000; 1 takes 10 + 20 for 2,007.
    assert_eq!(hops, [(first, 2_037, 2_050), (second, 2_007, 2_040), (third, 2_000, 2_000)]);
    assert_eq!((routes[0].fee(), routes[0].expiry(), routes[0].sent()), (37, 2_050, 2_037));
}

#[test]
fn the_cheapest_rest_may_be_too_long_for_what_comes_before() {
    // From 2 to 4 there is a cheap slow way by 3, and a dear fast one; before 2 comes a slow hop.
    let slow = Terms { expiry_delta: 500, ..free() };
    let mut scene = Scene::of(5);
    scene.own(1, 10_000);
    scene.channel([1, 2], 50_000, [slow, free()]);
    scene.channel([2, 3], 50_000, [slow, free()]);
    scene.channel([3, 4], 50_000, [slow, free()]);
    let dear = scene.channel([2, 4], 50_000, [terms(100, 0), free()]);
    let preferences = Preferences { doubt_base: 0, doubt_ppm: 0, block_ppb: 0 };
    let request = Request { preferences, ..scene.request(4, 1_000) };
    let relaxed = plan(&scene.map(), &request).unwrap();
    assert_eq!((relaxed[0].hops.len(), relaxed[0].fee()), (4, 0));
    let hurried = plan(&scene.map(), &Request { max_expiry: 3_000, ..request }).unwrap();
    assert_eq!(hurried[0].hops.last().unwrap().channel, dear);
    let short = plan(&scene.map(), &Request { max_hops: 3, ..request }).unwrap();
    assert_eq!(short[0].hops.len(), 3);
    let hopeless = Request { max_expiry: 3_000, max_fee: 99, ..request };
    assert!(matches!(plan(&scene.map(), &hopeless), Err(PathError::NoWay { .. })));
}

#[test]
fn a_likely_way_is_worth_a_fee() {
    let mut scene = Scene::of(4);
    scene.own(1, 10_000_000);
    scene.own(2, 10_000_000);
    scene.channel([1, 3], 1_100_000, [free(), free()]);
    let wide = scene.channel([2, 3], 100_000_000, [terms(3, 0), free()]);
    let last_hop =
        |request: &Request| plan(&scene.map(), request).unwrap()[0].hops.last().unwrap().channel;
    let careful = scene.request(3, 1_000_000);
    assert_eq!(last_hop(&careful), wide, "one in eleven is not worth three units");
    let reckless = Preferences { doubt_base: 0, doubt_ppm: 0, block_ppb: 0 };
    assert_ne!(last_hop(&Request { preferences: reckless, ..careful }), wide);
}

#[test]
fn hints_lead_to_a_payee_that_is_not_public() {
    let mut scene = Scene::of(3);
    scene.own(1, 10_000);
    scene.channel([1, 2], 50_000, [free(), free()]);
    let hidden = party(77).id();
    let mut request = scene.request(2, 500);
    request.payee = hidden;
    let unknown = Err(PathError::UnknownPayee { payee: hidden });
    assert_eq!(plan(&scene.map(), &request), unknown);
    let channel = ChannelId::repeat_byte(9);
    let from = scene.network.id(2);
    let most = Terms { max_amount: 600, ..terms(7, 0) };
    let direction = Direction::Back;
    scene.hints = vec![HintEdge { channel, direction, from, to: hidden, terms: most }];
    let routes = plan(&scene.map(), &request).unwrap();
    assert_eq!(routes[0].hops.last().unwrap().channel, channel);
    assert_eq!(routes[0].fee(), 7);
    request.amount = 601;
    assert!(matches!(plan(&scene.map(), &request), Err(PathError::NoWay { .. })));
}

#[test]
fn errors_say_what_is_wrong() {
    let mut scene = Scene::of(3);
    scene.own(1, 100);
    scene.channel([1, 2], 50_000, [free(), free()]);
    let map = scene.map();
    let request = scene.request(2, 50);
    assert_eq!(plan(&map, &Request { amount: 0, ..request }), Err(PathError::NoAmount));
    let node = request.payer;
    assert_eq!(plan(&map, &Request { payee: node, ..request }), Err(PathError::ToItself { node }));
    let too_little = PathError::TooLittle { amount: 101, spendable: 100 };
    assert_eq!(plan(&map, &Request { amount: 101, ..request }), Err(too_little));
    let gold = Map::draw(&scene.view(), ChannelAsset::Local(1), node, &Experience::default());
    assert!(matches!(plan(&gold, &request), Err(PathError::UnknownPayee { .. })));
}

#[test]
fn absurd_numbers_do_no_harm() {
    let mut scene = Scene::of(3);
    scene.own(1, Balance::MAX / 2);
    scene.channel([1, 2], Balance::MAX, [terms(Balance::MAX, 1_000_000), free()]);
    for amount in [1, Balance::MAX / 2, Balance::MAX] {
        let request = Request { final_expiry: u32::MAX, ..scene.request(2, amount) };
        assert!(plan(&scene.map(), &request).is_err());
    }
}
