// SPDX-License-Identifier: Apache-2.0

//! Money moves once under one key, and to the end (AP-1, AP-2).

use crate::{
    World,
    asking::{Ask, PATIENCE},
    fake::Fake,
    parity, samples,
};
use futures::future::join_all;
use millrace_channels_api::{Code, routes};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

fn payment(amount: &str) -> Ask {
    Ask::post("/v1/payments", &json!({ "to": { "peer": samples::PEER }, "amount": amount }))
}

async fn reaches(counter: &AtomicUsize, number: usize) {
    let started = Instant::now();
    while counter.load(Ordering::SeqCst) < number {
        assert!(started.elapsed() < PATIENCE, "it stays at {counter:?}");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_request_that_moves_money_needs_a_key() {
    let world = World::new().await;
    for route in routes() {
        let params = samples::params(route.method);
        let rest = parity::rest(&route, &params).token(&world.full()).send(&world).await;
        let rpc = Ask::rpc(route.method, &params).token(&world.full()).send(&world).await.outcome();
        if route.moves_money {
            assert_eq!(rest.code(), Code::KeyMissing, "{}", route.method);
            assert_eq!(rpc.unwrap_err().code, Code::KeyMissing, "{}", route.method);
        } else {
            assert_eq!(rest.status, 200, "{}: {rest:?}", route.method);
            assert!(rpc.is_ok(), "{}: {rpc:?}", route.method);
        }
    }
    for key in ["", "two words", &"x".repeat(129)] {
        let answer = payment("1").token(&world.full()).key(key).send(&world).await;
        assert_eq!(answer.code(), Code::InvalidParams, "{key:?}");
    }
    assert_eq!(world.daemon.begun.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn repeating_a_payment_pays_once_by_whatever_way() {
    let world = World::new().await;
    let ask = payment("7").token(&world.full()).key("rent-july");
    let first = ask.send(&world).await.json();
    assert_eq!(ask.send(&world).await.json(), first);
    let params =
        json!({ "to": { "peer": samples::PEER }, "amount": "7", "idempotency_key": "rent-july" });
    let rpc = Ask::rpc("payments_send", &params).token(&world.full()).send(&world).await;
    assert_eq!(rpc.outcome().unwrap(), first);
    let socket: Value = world.client().await.call("payments_send", &params).await.unwrap();
    assert_eq!(socket, first);
    assert_eq!(world.daemon.begun.load(Ordering::SeqCst), 1, "it was paid once");
}

#[tokio::test]
async fn a_hundred_at_the_same_time_pay_once() {
    let world = World::with(Fake::waiting(), |options| options.limits.connections = 200).await;
    let ask = payment("7").token(&world.full()).key("k");
    let all = join_all((0..100).map(|_| ask.send(&world)));
    let go = async {
        reaches(&world.daemon.begun, 1).await;
        sleep(Duration::from_millis(100)).await;
        // Enough for every one of them.
        world.daemon.goes.add_permits(100);
    };
    let (answers, ()) = futures::join!(all, go);
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!(world.daemon.begun.load(Ordering::SeqCst), 1, "it was paid once");
}

#[tokio::test]
async fn a_key_is_refused_for_another_request() {
    let world = World::new().await;
    let token = world.full();
    assert_eq!(payment("7").token(&token).key("k").send(&world).await.status, 200);
    assert_eq!(payment("8").token(&token).key("k").send(&world).await.code(), Code::KeyConflict);
    let open = Ask::post("/v1/channels", &samples::params("channels_open"));
    assert_eq!(open.token(&token).key("k").send(&world).await.code(), Code::KeyConflict);
    assert_eq!(payment("8").token(&token).key("k2").send(&world).await.status, 200);
    assert_eq!(world.daemon.begun.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_payment_ends_although_its_client_hung_up_and_is_found_again() {
    let world = World::with(Fake::waiting(), |_| {}).await;
    let ask = payment("7").token(&world.full()).key("k");
    let mut stream = TcpStream::connect(world.address()).await.unwrap();
    stream.write_all(&ask.bytes()).await.unwrap();
    reaches(&world.daemon.begun, 1).await;
    drop(stream);
    sleep(Duration::from_millis(100)).await;
    world.daemon.goes.add_permits(1);
    reaches(&world.daemon.ended, 1).await;
    assert_eq!(ask.send(&world).await.json()["amount"], "7");
    assert_eq!(world.daemon.begun.load(Ordering::SeqCst), 1, "it was paid once");
}

#[tokio::test]
async fn a_payment_that_takes_too_long_is_joined_by_its_repetition() {
    let world = World::with(Fake::waiting(), |options| {
        options.limits.call_time = Duration::from_millis(100);
    })
    .await;
    let ask = payment("7").token(&world.full()).key("k");
    let late = ask.send(&world).await.refusal();
    assert_eq!(late.code, Code::TimedOut);
    assert!(late.remedy.contains("same key"), "{late:?}");
    world.daemon.goes.add_permits(1);
    assert_eq!(ask.send(&world).await.status, 200);
    assert_eq!(world.daemon.begun.load(Ordering::SeqCst), 1, "it was paid once");
}

#[tokio::test]
async fn a_payment_that_failed_may_be_tried_again_and_the_daemon_knows_it_by_its_operation() {
    let world = World::new().await;
    world.daemon.fails.store(true, Ordering::SeqCst);
    let ask = payment("7").token(&world.full()).key("k");
    let error = ask.send(&world).await.refusal();
    assert_eq!((error.code, error.details["amount"].as_str()), (Code::NoRoute, "7"));
    world.daemon.fails.store(false, Ordering::SeqCst);
    assert_eq!(ask.send(&world).await.status, 200);
    payment("7").token(&world.full()).key("other").send(&world).await;
    let operations = world.daemon.operations.lock().unwrap().clone();
    assert_eq!(operations.len(), 3);
    assert_eq!(operations[0], operations[1]);
    assert_ne!(operations[0].id, operations[2].id);
    assert_eq!(operations[0].fingerprint, operations[2].fingerprint);
}
