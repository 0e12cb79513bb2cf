// SPDX-License-Identifier: Apache-2.0

//! Events: in order, without gaps, from where the reader left off (AP-7).

use crate::{
    World,
    asking::{Ask, PATIENCE, outcome},
    bounds::{call, heard, socket},
    fake::KEPT,
};
use futures::SinkExt;
use millrace_channels_api::{ClientError, Code, Events};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

async fn numbers(events: &mut Events, count: usize) -> Vec<u64> {
    let mut numbers = Vec::new();
    for _ in 0..count {
        let event = timeout(PATIENCE, events.next()).await.expect("an event in time");
        numbers.push(event.unwrap().number);
    }
    numbers
}

#[tokio::test]
async fn a_reader_goes_on_where_it_left_off() {
    let world = World::new().await;
    world.daemon.happen(5);
    let mut events = world.client().await.events(Some(0)).await.unwrap();
    assert_eq!(numbers(&mut events, 3).await, [2, 4, 6]);
    let last = events.last();
    drop(events);
    world.daemon.happen(2);
    let mut again = world.client().await.events(last).await.unwrap();
    assert_eq!(numbers(&mut again, 4).await, [8, 10, 12, 14]);
}

#[tokio::test]
async fn a_reader_without_a_number_hears_what_happens_from_now_on() {
    let world = World::new().await;
    world.daemon.happen(5);
    let mut events = world.client().await.events(None).await.unwrap();
    world.daemon.happen(2);
    assert_eq!(numbers(&mut events, 2).await, [12, 14]);
}

#[tokio::test]
async fn a_reader_that_missed_events_is_told() {
    let world = World::new().await;
    world.daemon.happen(KEPT as u64 + 10);
    let mut events = world.client().await.events(Some(2)).await.unwrap();
    let error = timeout(PATIENCE, events.next()).await.unwrap().unwrap_err();
    assert_eq!(error.code(), Some(Code::EventsGone), "{error}");
    let answer = Ask::get("/v1/events?after=2").token(&world.read()).send(&world).await;
    assert_eq!((answer.status, answer.code()), (410, Code::EventsGone));
}

#[tokio::test]
async fn a_slow_reader_gets_every_event_that_is_kept() {
    let world = World::new().await;
    let client = world.client().await;
    let mut events = client.events(Some(0)).await.unwrap();
    // More than the client keeps for a reader that is elsewhere: it is subscribed anew on the way.
    world.daemon.happen(2_900);
    sleep(Duration::from_millis(300)).await;
    world.daemon.happen(100);
    let expected: Vec<_> = (1..=3_000).map(|number| number * 2).collect();
    assert_eq!(numbers(&mut events, 3_000).await, expected);
}

#[tokio::test]
async fn waiting_for_events_by_http_ends_with_news_or_with_its_time() {
    let world = World::new().await;
    let ask = Ask::get("/v1/events?after=0&wait_seconds=10").token(&world.read());
    let happens = async {
        sleep(Duration::from_millis(100)).await;
        world.daemon.happen(1);
    };
    let started = Instant::now();
    let (answer, ()) = futures::join!(ask.send(&world), happens);
    assert!(started.elapsed() < Duration::from_secs(5), "it waits in spite of news");
    let page = answer.json();
    assert_eq!((page["items"][0]["number"].as_u64(), page["next"].as_u64()), (Some(2), Some(2)));
    let ask = Ask::get("/v1/events?after=2&wait_seconds=1").token(&world.read());
    let page = ask.send(&world).await.json();
    assert_eq!((page["items"].as_array().map(Vec::len), page["next"].as_u64()), (Some(0), Some(2)));
}

#[tokio::test]
async fn waiting_takes_no_place_from_those_who_want_an_answer() {
    let world = World::limited(|limits| {
        limits.in_flight = 1;
        limits.waiting = 1;
    })
    .await;
    let waits = Ask::get("/v1/events?after=0&wait_seconds=10").token(&world.read());
    let others = async {
        sleep(Duration::from_millis(100)).await;
        let second = waits.send(&world).await;
        assert_eq!(second.code(), Code::Busy);
        assert_eq!(Ask::get("/v1/status").token(&world.read()).send(&world).await.status, 200);
        world.daemon.happen(1);
    };
    let (first, ()) = futures::join!(waits.send(&world), others);
    assert_eq!(first.status, 200);
}

#[tokio::test]
async fn a_subscription_ends_when_its_client_says_so_and_their_number_is_limited() {
    let world = World::limited(|limits| limits.subscriptions_per_socket = 2).await;
    let mut socket = socket(&world).await;
    for id in 1..=2 {
        socket.send(call(id, "events_subscribe", &json!({ "after": 0 }))).await.unwrap();
        assert_eq!(outcome(&heard(&mut socket).await).unwrap(), id);
    }
    socket.send(call(3, "events_subscribe", &json!({}))).await.unwrap();
    assert_eq!(outcome(&heard(&mut socket).await).unwrap_err().code, Code::Busy);
    socket.send(call(4, "events_unsubscribe", &json!([1]))).await.unwrap();
    assert_eq!(outcome(&heard(&mut socket).await).unwrap(), true);
    socket.send(call(5, "events_unsubscribe", &json!([1]))).await.unwrap();
    assert_eq!(outcome(&heard(&mut socket).await).unwrap(), false);
    world.daemon.happen(1);
    let notice = heard(&mut socket).await;
    assert_eq!(notice["params"]["subscription"], 2, "{notice}");
    socket.send(call(6, "events_subscribe", &json!({}))).await.unwrap();
    assert_eq!(outcome(&heard(&mut socket).await).unwrap(), 3);
}

#[tokio::test]
async fn subscriptions_are_for_websockets() {
    let world = World::new().await;
    let ask = Ask::rpc("events_subscribe", &Value::Null).token(&world.read());
    let error = ask.send(&world).await.outcome().unwrap_err();
    assert_eq!(error.code, Code::UnknownMethod);
    assert!(error.remedy.contains("WebSocket"), "{error}");
}

#[tokio::test]
async fn a_reader_learns_that_the_daemon_ends() {
    let world = World::new().await;
    let mut events = world.client().await.events(None).await.unwrap();
    world.server.stop().await;
    let error = timeout(PATIENCE, events.next()).await.expect("an end").unwrap_err();
    assert!(matches!(error, ClientError::Lost { .. }), "{error}");
}
