// SPDX-License-Identifier: Apache-2.0

//! Payments that fail, learn, and arrive.

use crate::{
    gossip::updating::Offer,
    names::Direction,
    onion::Failure,
    paths::{
        Blame, Delivery, DeliveryError, PartId, PathError, Preferences, Request, Route, Verdict,
        View,
    },
    tests::{
        network::{GENESIS, NOW, free, party, terms, update},
        searching::{Scene, some_scene},
    },
};
use millrace_primitives_channels::{Balance, ChannelId};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Two ways from 0 to 3: a cheap one over 1, a dear one over 2.
fn two_ways() -> (Scene, [ChannelId; 2]) {
    let mut scene = Scene::of(4);
    scene.own(1, 10_000);
    scene.own(2, 10_000);
    let cheap = scene.channel([1, 3], 100_000, [free(), free()]);
    let dear = scene.channel([2, 3], 100_000, [terms(50, 0), free()]);
    (scene, [cheap, dear])
}

fn last(route: &Route) -> ChannelId {
    route.hops.last().unwrap().channel
}

/// Plans one part, lets it fail, and tells the verdict.
fn fail(scene: &mut Scene, delivery: &mut Delivery, blame: Blame) -> (Route, Verdict) {
    let (part, route) = delivery.plan(&scene.view()).unwrap().remove(0);
    let verdict = delivery.part_failed(part, &blame, &mut scene.knowledge, NOW.millis).unwrap();
    (route, verdict)
}

fn delivery(scene: &Scene, payee: usize, amount: Balance) -> Delivery {
    Delivery::new(GENESIS, scene.request(payee, amount), 10)
}

#[test]
fn a_failure_leads_another_way() {
    let blames = [
        Blame::Node { index: 0, failure: Failure::ChannelBusy },
        Blame::Node { index: 0, failure: Failure::UnknownChannel },
        Blame::Node { index: 0, failure: Failure::NodeBusy },
        Blame::Node { index: 0, failure: Failure::FeeTooLow(None) },
        Blame::Own,
        Blame::Unknown,
    ];
    for blame in blames {
        let (mut scene, [cheap, dear]) = two_ways();
        let mut delivery = delivery(&scene, 3, 1_000);
        let (route, verdict) = fail(&mut scene, &mut delivery, blame);
        assert_eq!((last(&route), verdict), (cheap, Verdict::Retry));
        let parts = delivery.plan(&scene.view()).unwrap();
        assert_eq!(last(&parts[0].1), dear, "{blame:?}");
        assert_eq!(delivery.plan(&scene.view()), Ok(vec![]), "all of it is under way");
    }
}

#[test]
fn a_busy_channel_is_tried_with_less() {
    let mut scene = Scene::of(3);
    scene.own(1, 10_000);
    let channel = scene.channel([1, 2], 2_000, [free(), free()]);
    let mut first = delivery(&scene, 2, 1_000);
    fail(&mut scene, &mut first, Blame::Node { index: 0, failure: Failure::ChannelBusy });
    assert!(matches!(first.plan(&scene.view()), Err(DeliveryError::Path(PathError::NoWay { .. }))));
    // What was learned serves the next payment too.
    let mut second = delivery(&scene, 2, 999);
    assert_eq!(last(&second.plan(&scene.view()).unwrap()[0].1), channel);
    let known = scene.knowledge.bounds(&channel, Direction::Forth, 2_000, NOW.millis);
    assert_eq!((known.lower, known.upper), (0, 999));
}

#[test]
fn a_payee_that_refuses_ends_the_payment() {
    let (mut scene, _) = two_ways();
    let mut delivery = delivery(&scene, 3, 1_000);
    let failure = Failure::UnknownPayment;
    let (_, verdict) = fail(&mut scene, &mut delivery, Blame::Node { index: 1, failure });
    assert_eq!(verdict, Verdict::Refused(failure));
    assert_eq!(delivery.plan(&scene.view()), Err(DeliveryError::Over));
}

#[test]
fn a_payee_whose_parts_are_missing_is_tried_again() {
    let (mut scene, [cheap, dear]) = two_ways();
    let mut delivery = delivery(&scene, 3, 1_000);
    let missing = Blame::Node { index: 1, failure: Failure::PartsMissing };
    assert_eq!(fail(&mut scene, &mut delivery, missing).1, Verdict::Retry);
    let changed = Blame::Node { index: 1, failure: Failure::ChangedOnTheWay };
    let (route, _) = fail(&mut scene, &mut delivery, changed);
    assert_eq!(last(&route), cheap);
    assert_eq!(last(&delivery.plan(&scene.view()).unwrap()[0].1), dear, "the last hop cheats");
}

#[test]
fn new_terms_are_taken_once_and_only_from_their_node() {
    let (mut scene, [cheap, dear]) = two_ways();
    let (node, stranger) = (party(1), party(2));
    let dearer = |signer, fee| {
        let told = update(signer, cheap, Direction::Forth, NOW.millis + 1, terms(fee, 0));
        Blame::Node { index: 0, failure: Failure::FeeTooLow(Some(told)) }
    };
    // Forged terms: the channel is left out.
    let mut first = delivery(&scene, 3, 1_000);
    fail(&mut scene, &mut first, dearer(&stranger, 5));
    assert_eq!(last(&first.plan(&scene.view()).unwrap()[0].1), dear);
    // True terms are paid, but not ever higher ones.
    let mut second = delivery(&scene, 3, 1_000);
    fail(&mut scene, &mut second, dearer(&node, 5));
    let (route, _) = fail(&mut scene, &mut second, dearer(&node, 6));
    assert_eq!((last(&route), route.fee()), (cheap, 5));
    assert_eq!(last(&second.plan(&scene.view()).unwrap()[0].1), dear);
    // Terms of another channel say nothing about this one.
    let elsewhere = Offer {
        channel: dear,
        direction: Direction::Forth,
        sequence: NOW.millis + 1,
        terms: free(),
    };
    let told = elsewhere.sign(&GENESIS, &node.node);
    let mut third = delivery(&scene, 3, 1_000);
    let failure = Failure::FeeTooLow(Some(told));
    fail(&mut scene, &mut third, Blame::Node { index: 0, failure });
    assert_eq!(last(&third.plan(&scene.view()).unwrap()[0].1), dear);
    // The graph was told nothing of all this.
    let known = scene.network.graph.channel(&cheap).unwrap();
    assert_eq!(known.update(Direction::Forth).unwrap().terms(), &free());
}

#[test]
fn attempts_come_to_an_end() {
    let (mut scene, _) = two_ways();
    let mut delivery = Delivery::new(GENESIS, scene.request(3, 1_000), 2);
    let missing = Blame::Node { index: 1, failure: Failure::PartsMissing };
    fail(&mut scene, &mut delivery, missing);
    fail(&mut scene, &mut delivery, missing);
    let end = Err(DeliveryError::NoAttemptsLeft { attempts: 2 });
    assert_eq!(delivery.plan(&scene.view()), end);
}

#[test]
fn parts_and_blames_that_do_not_exist_do_no_harm() {
    let (mut scene, _) = two_ways();
    let mut delivery = delivery(&scene, 3, 1_000);
    let blame = Blame::Node { index: 900, failure: Failure::NodeBusy };
    let nobody = delivery.part_failed(PartId(5), &blame, &mut scene.knowledge, NOW.millis);
    assert_eq!(nobody, None);
    assert_eq!(fail(&mut scene, &mut delivery, blame).1, Verdict::Retry);
    assert!(!delivery.plan(&scene.view()).unwrap().is_empty());
}

#[test]
fn other_parts_under_way_count() {
    // Two channels between 1 and 2 that carry just enough together.
    let mut scene = Scene::of(3);
    scene.own(1, 10_000);
    let wide = scene.channel([1, 2], 600, [free(), free()]);
    let narrow = scene.channel([1, 2], 400, [free(), free()]);
    let preferences = Preferences { doubt_base: 1_000, ..Preferences::default() };
    let request = Request { max_parts: 4, preferences, ..scene.request(2, 1_000) };
    let mut delivery = Delivery::new(GENESIS, request, 10);
    let parts = delivery.plan(&scene.view()).unwrap();
    assert_eq!((parts.len(), delivery.left()), (2, 0));
    // Given that the part over the narrow channel fails, and that nothing is learned from it,
    let (failed, _) = parts.iter().find(|(_, route)| last(route) == narrow).unwrap();
    let blame = Blame::Node { index: 1, failure: Failure::PartsMissing };
    let mut forgotten = scene.knowledge.clone();
    delivery.part_failed(*failed, &blame, &mut forgotten, NOW.millis);
    assert_eq!(delivery.left(), 400);
    // then the wide one would be likelier by far, if the other part did not use it up.
    let again = delivery.plan(&scene.view()).unwrap();
    assert_eq!(again.iter().map(|(_, route)| last(route)).collect::<Vec<_>>(), [narrow]);
    let mut alone = Delivery::new(GENESIS, Request { amount: 400, ..request }, 10);
    assert_eq!(last(&alone.plan(&scene.view()).unwrap()[0].1), wide);
}

#[test]
fn success_is_learned_from() {
    let (mut scene, [cheap, _]) = two_ways();
    let mut delivery = delivery(&scene, 3, 1_000);
    delivery.plan(&scene.view()).unwrap();
    delivery.completed(&mut scene.knowledge, NOW.millis);
    let known = scene.knowledge.bounds(&cheap, Direction::Back, 100_000, NOW.millis);
    assert_eq!(known.lower, 1_000, "what came can go back");
    assert_eq!(delivery.plan(&scene.view()), Err(DeliveryError::Over));
}

/// What each channel really has in its first direction; nobody is told.
type Hidden = BTreeMap<ChannelId, Balance>;

/// Where a part fails, if it does.
fn verdict(scene: &Scene, hidden: &Hidden, route: &Route) -> Option<Blame> {
    route.hops.iter().enumerate().skip(1).find_map(|(index, hop)| {
        let deposit = scene.network.graph.channel(&hop.channel)?.channel().deposit();
        let forth = *hidden.get(&hop.channel)?;
        let there = match hop.direction {
            Direction::Forth => forth,
            Direction::Back => deposit - forth,
        };
        let blame = Blame::Node { index: index - 1, failure: Failure::ChannelBusy };
        (there < hop.amount).then_some(blame)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// If any way could carry a payment, trying finds one, however liquidity is hidden.
    #[test]
    fn trying_finds_what_there_is(
        mut scene in some_scene(),
        shares in prop::collection::vec(0_u128..=100, 40),
        amount in 1_u128..1_500,
    ) {
        let channels: Vec<(ChannelId, Balance)> = scene.network.graph.channels()
            .map(|known| (known.channel().id(), known.channel().deposit()))
            .collect();
        let hidden: Hidden = channels.iter().zip(&shares)
            .map(|((id, deposit), share)| (*id, deposit * share / 100))
            .collect();
        // With all doubt removed, the search says whether there is a way at all.
        let mut knowing = scene.knowledge.clone();
        for (id, deposit) in &channels {
            let forth = hidden[id];
            knowing.carried(id, Direction::Forth, *deposit, forth, NOW.millis);
            knowing.refused(id, Direction::Forth, *deposit, forth + 1, NOW.millis);
        }
        let request = scene.request(5, amount);
        let mut oracle = Delivery::new(GENESIS, request, 1);
        let view = View { knowledge: &knowing, ..scene.view() };
        let is_possible = oracle.plan(&view).is_ok();

        let mut delivery = Delivery::new(GENESIS, request, 500);
        let arrived = loop {
            let Ok(mut parts) = delivery.plan(&scene.view()) else { break false };
            let (part, route) = parts.remove(0);
            match verdict(&scene, &hidden, &route) {
                None => break true,
                Some(blame) => {
                    delivery.part_failed(part, &blame, &mut scene.knowledge, NOW.millis);
                }
            }
        };
        prop_assert_eq!(arrived, is_possible);
    }
}
