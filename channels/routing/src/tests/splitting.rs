// SPDX-License-Identifier: Apache-2.0

//! Plans deliver exactly what they should, within all limits.

use crate::{
    fees::Terms,
    names::Direction,
    paths::{PathError, Request, Route, splitting::plan},
    tests::{
        network::{free, terms},
        searching::{Scene, some_scene},
    },
};
use millrace_primitives_channels::{Balance, ChannelId};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Two ways of 600 each from 0 to 3.
fn diamond() -> Scene {
    let mut scene = Scene::of(4);
    scene.own(1, 600);
    scene.own(2, 600);
    scene.channel([1, 3], 100_000, [free(), free()]);
    scene.channel([2, 3], 100_000, [free(), free()]);
    scene
}

#[test]
fn what_no_way_carries_alone_several_carry() {
    let scene = diamond();
    let request = Request { max_parts: 4, ..scene.request(3, 1_000) };
    let routes = plan(&scene.map(), &request).unwrap();
    assert_eq!(routes.iter().map(|route| route.delivered).sum::<Balance>(), 1_000);
    assert_eq!(routes.len(), 2, "pieces that go one way travel together");
    let alone = Request { max_parts: 1, ..request };
    assert!(matches!(plan(&scene.map(), &alone), Err(PathError::NoWay { .. })));
    let all = Request { amount: 1_200, ..request };
    assert_eq!(plan(&scene.map(), &all).unwrap().len(), 2, "to the last unit");
}

#[test]
fn a_payment_that_fits_one_way_is_not_split_for_nothing() {
    let scene = diamond();
    let request = Request { max_parts: 16, ..scene.request(3, 300) };
    assert_eq!(plan(&scene.map(), &request).unwrap().len(), 1);
}

#[test]
fn doubtful_channels_share_the_load() {
    // Own channels are wide, those behind them narrow: half over each is likelier than all over
    // one.
    let mut scene = Scene::of(4);
    scene.own(1, 10_000_000);
    scene.own(2, 10_000_000);
    scene.channel([1, 3], 1_000_000, [free(), free()]);
    scene.channel([2, 3], 1_000_000, [free(), free()]);
    let request = Request { max_parts: 4, ..scene.request(3, 900_000) };
    let routes = plan(&scene.map(), &request).unwrap();
    assert_eq!(routes.len(), 2);
    assert!(routes.iter().all(|route| route.delivered >= 225_000));
}

#[test]
fn a_channel_takes_no_more_transfers_than_it_allows() {
    let narrow = Terms { max_amount: 100, max_in_flight: 2, ..free() };
    let mut scene = Scene::of(3);
    scene.own(1, 10_000);
    scene.channel([1, 2], 100_000, [narrow, free()]);
    let request = Request { max_parts: 8, ..scene.request(2, 200) };
    assert_eq!(plan(&scene.map(), &request).unwrap().len(), 2);
    let more = Request { amount: 201, ..request };
    assert!(matches!(plan(&scene.map(), &more), Err(PathError::NoWay { .. })));
}

/// Reckons everything once more, from the terms in the graph.
fn verify(scene: &Scene, request: &Request, routes: &[Route]) -> Result<(), TestCaseError> {
    let graph = &scene.network.graph;
    let mut used: BTreeMap<(ChannelId, Direction), (Balance, u16)> = BTreeMap::new();
    let mut delivered = 0;
    for route in routes {
        delivered += route.delivered;
        prop_assert!(route.hops.len() <= usize::from(request.max_hops));
        prop_assert!(route.expiry() <= request.max_expiry);
        let mut at = request.payer;
        for (index, hop) in route.hops.iter().enumerate() {
            let known = graph.channel(&hop.channel).unwrap();
            let (from, to) = hop.direction.ends(known.channel().nodes());
            prop_assert_eq!((from, to), (at, hop.node));
            at = to;
            let entry = used.entry((hop.channel, hop.direction)).or_default();
            *entry = (entry.0 + hop.amount, entry.1 + 1);
            if index > 0 {
                let terms = known.update(hop.direction).unwrap().terms();
                let before = &route.hops[index - 1];
                prop_assert!(!terms.is_disabled);
                prop_assert!((terms.min_amount..=terms.max_amount).contains(&hop.amount));
                let fee = terms.base_fee + hop.amount * Balance::from(terms.fee_ppm) / 1_000_000;
                prop_assert_eq!(before.amount, hop.amount + fee);
                prop_assert_eq!(before.expiry, hop.expiry + terms.expiry_delta);
            }
        }
        let last = route.hops.last().unwrap();
        prop_assert_eq!((at, last.amount), (request.payee, route.delivered));
        prop_assert_eq!(last.expiry, request.final_expiry);
    }
    prop_assert_eq!(delivered, request.amount);
    prop_assert!(routes.len() <= usize::from(request.max_parts));
    let fees: Balance = routes.iter().map(Route::fee).sum();
    prop_assert!(fees <= request.max_fee);
    for ((channel, direction), (amount, transfers)) in used {
        let known = graph.channel(&channel).unwrap();
        match scene.own.iter().find(|own| own.channel == channel) {
            Some(own) => prop_assert!(amount <= own.spendable && transfers <= own.slots),
            None => {
                prop_assert!(amount <= known.channel().deposit());
                prop_assert!(transfers <= known.update(direction).unwrap().terms().max_in_flight);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn every_plan_keeps_every_limit(
        scene in some_scene(),
        amount in 1_u128..6_000,
        max_fee in 0_u128..1_000,
        max_parts in 1_u16..17,
    ) {
        let request = Request { max_fee, max_parts, ..scene.request(5, amount) };
        let map = scene.map();
        if let Ok(routes) = plan(&map, &request) {
            verify(&scene, &request, &routes)?;
        }
        prop_assert_eq!(plan(&map, &request), plan(&scene.map(), &request), "the same again");
    }

    #[test]
    fn ways_without_common_channels_are_filled_to_the_last_unit(
        rooms in prop::collection::vec(1_u128..10_000, 1..8),
        less in 0_u128..3,
    ) {
        // Each of the payer's channels leads to a neighbour of the payee, with room enough behind.
        let nodes = rooms.len() + 2;
        let mut scene = Scene::of(nodes as u32);
        for (index, room) in rooms.iter().enumerate() {
            scene.own(index + 1, *room);
            scene.channel([index + 1, nodes - 1], 10_000_000, [terms(0, 0), free()]);
        }
        let amount = rooms.iter().sum::<u128>().saturating_sub(less).max(1);
        let request = Request { max_parts: 16, ..scene.request(nodes - 1, amount) };
        let routes = plan(&scene.map(), &request).unwrap();
        verify(&scene, &request, &routes)?;
    }
}
