// SPDX-License-Identifier: Apache-2.0

//! The server ends while requests run.

use crate::{
    World,
    asking::{Answer, Ask, PATIENCE, answers, outcome},
    bounds::{call, heard, socket},
    fake::Fake,
    samples,
};
use futures::{SinkExt, StreamExt};
use serde_json::json;
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};
use tokio_tungstenite::tungstenite::Message;

async fn begun(daemon: &Fake, number: usize) {
    let started = Instant::now();
    while daemon.begun.load(Ordering::SeqCst) < number {
        assert!(started.elapsed() < PATIENCE, "the payments never begin");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn requests_under_way_get_their_answers() {
    let world = World::with(Fake::waiting(), |_| {}).await;
    let (address, daemon) = (world.address(), world.daemon.clone());
    let params = samples::params("payments_send");
    let ask = Ask::post("/v1/payments", &params).token(&world.full()).key("rest");
    let mut http = TcpStream::connect(address).await.unwrap();
    http.write_all(&ask.bytes()).await.unwrap();
    let mut socket = socket(&world).await;
    let mut keyed = params.clone();
    keyed["idempotency_key"] = json!("socket");
    socket.send(call(1, "payments_send", &keyed)).await.unwrap();
    begun(&daemon, 2).await;

    let ends = tokio::spawn(world.server.stop());
    sleep(Duration::from_millis(200)).await;
    assert!(!ends.is_finished(), "it ends although requests are under way");
    assert!(!answers(address).await, "it takes new connections");
    daemon.goes.add_permits(2);

    assert_eq!(Answer::read(&mut http).await.status, 200);
    assert!(outcome(&heard(&mut socket).await).is_ok());
    let end = socket.next().await;
    assert!(matches!(end, Some(Ok(Message::Close(Some(_))))), "{end:?}");
    let stopped = ends.await.unwrap();
    assert!(stopped.in_time && stopped.operations_left == 0, "{stopped:?}");
}

#[tokio::test]
async fn a_server_without_requests_ends_at_once() {
    let world = World::new().await;
    let _idle = socket(&world).await;
    let _silent = TcpStream::connect(world.address()).await.unwrap();
    let started = Instant::now();
    let stopped = world.server.stop().await;
    assert!(stopped.in_time, "{stopped:?}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn what_takes_longer_than_the_server_waits_is_counted_and_goes_on() {
    let world = World::with(Fake::waiting(), |_| {}).await;
    let daemon = world.daemon.clone();
    let ask = Ask::post("/v1/payments", &samples::params("payments_send"));
    let mut http = TcpStream::connect(world.address()).await.unwrap();
    http.write_all(&ask.token(&world.full()).key("k").bytes()).await.unwrap();
    begun(&daemon, 1).await;
    let stopped = world.server.stop().await;
    assert!(!stopped.in_time, "{stopped:?}");
    assert_eq!(stopped.operations_left, 1);
    daemon.goes.add_permits(1);
    let started = Instant::now();
    while daemon.ended.load(Ordering::SeqCst) == 0 {
        assert!(started.elapsed() < PATIENCE, "the payment was dropped");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_server_that_is_dropped_is_gone() {
    let world = World::new().await;
    let (address, mut socket) = (world.address(), socket(&world).await);
    drop(world);
    let started = Instant::now();
    while answers(address).await {
        assert!(started.elapsed() < PATIENCE, "it still listens");
        sleep(Duration::from_millis(5)).await;
    }
    assert!(!matches!(socket.next().await, Some(Ok(Message::Text(_)))));
}
