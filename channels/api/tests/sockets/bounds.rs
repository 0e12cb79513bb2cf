// SPDX-License-Identifier: Apache-2.0

//! Whatever a client sends, or refuses to read, takes bounded memory and time (AP-6).

use crate::{
    World,
    asking::{Answer, Ask, PATIENCE, answers, outcome},
    fake::Fake,
    samples,
};
use futures::{SinkExt, StreamExt};
use millrace_channels_api::{ApiError, Code};
use serde_json::{Value, json};
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

/// A WebSocket without any of the manners of a client.
pub async fn socket(world: &World) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(world.address()).await.unwrap();
    let mut request = format!("ws://{}/rpc", world.address()).into_client_request().unwrap();
    let bearer = HeaderValue::try_from(format!("Bearer {}", world.full())).unwrap();
    request.headers_mut().insert("authorization", bearer);
    client_async(request, stream).await.unwrap().0
}

pub fn call(id: u64, method: &str, params: &Value) -> Message {
    let call = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    Message::text(call.to_string())
}

/// The next message of JSON-RPC.
pub async fn heard(socket: &mut WebSocketStream<TcpStream>) -> Value {
    loop {
        let message = timeout(PATIENCE, socket.next()).await.expect("a message in time");
        if let Message::Text(text) = message.expect("the socket is open").unwrap() {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused_unread() {
    let world = World::limited(|limits| limits.request_bytes = 1_000).await;
    let large = json!({ "extrinsic": format!("0x{}", "00".repeat(1_000)) });
    for ask in [Ask::post("/v1/transactions", &large), Ask::rpc("transactions_submit", &large)] {
        let answer = ask.token(&world.full()).send(&world).await;
        assert_eq!(answer.code(), Code::TooLarge);
    }
    // In parts, without saying how large it will be.
    let mut stream = TcpStream::connect(world.address()).await.unwrap();
    let head = Ask::new("POST", "/v1/transactions")
        .token(&world.full())
        .header("content-type", "application/json")
        .header("transfer-encoding", "chunked");
    stream.write_all(&head.bytes()).await.unwrap();
    for _ in 0..20 {
        let part = format!("64\r\n{}\r\n", "x".repeat(100));
        // The server may have hung up already.
        let _ = stream.write_all(part.as_bytes()).await;
    }
    assert_eq!(Answer::read(&mut stream).await.code(), Code::TooLarge);
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_its_socket_alone() {
    let world = World::limited(|limits| limits.request_bytes = 1_000).await;
    let (mut one, mut other) = (socket(&world).await, socket(&world).await);
    one.send(Message::text("x".repeat(2_000))).await.unwrap();
    let end = timeout(PATIENCE, one.next()).await.unwrap();
    let Some(Ok(Message::Close(Some(frame)))) = end else { panic!("{end:?}") };
    assert_eq!(u16::from(frame.code), 1009, "{frame:?}");
    other.send(call(1, "status", &json!({}))).await.unwrap();
    assert!(outcome(&heard(&mut other).await).is_ok());
}

#[tokio::test]
async fn what_is_no_json_is_refused_and_the_socket_lives_on() {
    let world = World::new().await;
    let token = world.full();
    for body in ["{", "nonsense", "{\"to\":}", "\u{feff}{}", &"[".repeat(5_000)] {
        for path in ["/v1/payments", "/rpc"] {
            let ask = Ask::new("POST", path).header("content-type", "application/json");
            let answer = ask.body(body).token(&token).key("k").send(&world).await;
            let code =
                if path == "/rpc" { answer.outcome().unwrap_err().code } else { answer.code() };
            assert_eq!(code, Code::ParseError, "{path}: {body:.20}");
        }
    }
    let answer =
        Ask::new("POST", "/v1/payments").json(&json!([1])).token(&token).send(&world).await;
    assert_eq!(answer.code(), Code::InvalidRequest);
    // What a form on a web page can send.
    let form = Ask::new("POST", "/v1/payments").header("content-type", "text/plain").body("{}");
    assert_eq!(form.token(&token).send(&world).await.code(), Code::InvalidRequest);
    let mut socket = socket(&world).await;
    for bytes in [Message::text("{"), Message::binary(vec![0xff, 0xfe]), Message::text("[]")] {
        socket.send(bytes).await.unwrap();
        assert!(outcome(&heard(&mut socket).await).is_err());
    }
    socket.send(call(1, "status", &json!({}))).await.unwrap();
    assert!(outcome(&heard(&mut socket).await).is_ok());
}

#[tokio::test]
async fn what_is_no_http_does_no_harm() {
    let world = World::new().await;
    for bytes in [
        &b"\0\0\0\0\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(world.address()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the end in time");
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{bytes:?}");
    }
    let long = Ask::get("/v1/status").header("x-long", &"x".repeat(100_000));
    assert_eq!(long.send(&world).await.status, 431);
    assert_eq!(Ask::get("/health/live").send(&world).await.status, 200);
}

#[tokio::test]
async fn a_client_that_sends_slowly_is_hung_up_on() {
    let world = World::limited(|limits| {
        limits.head_time = Duration::from_millis(300);
        limits.body_time = Duration::from_millis(300);
    })
    .await;
    // A head that never ends, and silence after a request.
    let answered = Ask::get("/health/live").bytes();
    let kept = String::from_utf8(answered).unwrap().replace("connection: close\r\n", "");
    for start in ["GET /v1/status HTTP/1.1\r\nhost: localhost\r\nx-slow: ", "", kept.as_str()] {
        let mut stream = TcpStream::connect(world.address()).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let started = Instant::now();
        let mut rest = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("an end").unwrap();
        assert!(started.elapsed() < Duration::from_secs(5), "{start:?}");
    }
    // A body that never comes.
    let mut stream = TcpStream::connect(world.address()).await.unwrap();
    let ask = Ask::new("POST", "/v1/payments").token(&world.full()).header("content-length", "9");
    stream.write_all(&ask.bytes()).await.unwrap();
    assert_eq!(Answer::read(&mut stream).await.code(), Code::TimedOut);
}

#[tokio::test]
async fn connections_are_limited_and_come_free_again() {
    let world = World::limited(|limits| limits.connections = 2).await;
    let first = socket(&world).await;
    let _second = socket(&world).await;
    let mut third = TcpStream::connect(world.address()).await.unwrap();
    let answer = Answer::read(&mut third).await;
    assert_eq!(answer.code(), Code::Busy);
    drop(first);
    let started = Instant::now();
    loop {
        let mut again = TcpStream::connect(world.address()).await.unwrap();
        let _ = again.write_all(&Ask::get("/health/live").bytes()).await;
        if Answer::read(&mut again).await.status == 200 {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "the place never comes free");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_flood_of_one_token_is_refused_and_the_other_is_served() {
    let world = World::limited(|limits| {
        limits.per_second = 1;
        limits.burst = 5;
    })
    .await;
    let ask = Ask::get("/v1/health").token(&world.read());
    let mut refused = Vec::new();
    for _ in 0..20 {
        let answer = ask.send(&world).await;
        if answer.status != 200 {
            assert!(answer.headers["retry-after"].parse::<u32>().unwrap() >= 1);
            refused.push(answer.code());
        }
    }
    // A slow run may let a few more through.
    assert!(refused.len() >= 5, "{refused:?}");
    assert!(refused.iter().all(|code| *code == Code::RateLimited), "{refused:?}");
    assert_eq!(Ask::get("/v1/health").token(&world.full()).send(&world).await.status, 200);
    let metrics = Ask::get("/metrics").token(&world.full()).send(&world).await.body;
    assert!(
        metrics.contains(
            "millrace_channels_api_requests_total{method=\"health\",outcome=\"rate_limited\"}"
        ),
        "{metrics}"
    );
}

#[tokio::test]
async fn requests_under_way_are_limited() {
    let world = World::with(Fake::waiting(), |options| options.limits.in_flight = 2).await;
    let mut socket = socket(&world).await;
    for id in 0..3 {
        let mut params = samples::params("payments_send");
        params["idempotency_key"] = json!(format!("key-{id}"));
        socket.send(call(id, "payments_send", &params)).await.unwrap();
    }
    let busy = heard(&mut socket).await;
    assert_eq!(outcome(&busy).unwrap_err().code, Code::Busy);
    // Looking with the other token goes on.
    assert_eq!(Ask::get("/v1/status").token(&world.read()).send(&world).await.status, 200);
    world.daemon.goes.add_permits(2);
    for _ in 0..2 {
        assert!(outcome(&heard(&mut socket).await).is_ok());
    }
    assert_eq!(world.daemon.ended.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_batch_is_limited() {
    let world = World::limited(|limits| limits.batch = 3).await;
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "health" });
    for (calls, good) in [(3, true), (4, false)] {
        let batch = Value::from(vec![call.clone(); calls]);
        let answer = Ask::post("/rpc", &batch).token(&world.read()).send(&world).await;
        assert_eq!(answer.json().as_array().map(Vec::len), good.then_some(calls), "{answer:?}");
    }
}

/// The client writes and writes, and reads nothing. If its requests were taken in without end, all
/// of them would leave; as it is, the socket fills up, and in the end the server hangs up.
#[tokio::test]
async fn a_client_that_does_not_read_is_not_read_for_ever() {
    let world = World::limited(|limits| limits.stall_time = Duration::from_millis(500)).await;
    let mut socket = socket(&world).await;
    let request = call(1, "status", &json!({}));
    let most = 200_000_u64;
    let mut sent = 0_u64;
    let flood = async {
        while sent < most && socket.send(request.clone()).await.is_ok() {
            sent += 1;
        }
    };
    let in_time = timeout(PATIENCE, flood).await.is_ok();
    assert!(sent < most, "all of {sent} requests were taken in");
    assert!(in_time, "the server never hung up");
    assert!(answers(world.address()).await);
    assert_eq!(Ask::get("/v1/status").token(&world.read()).send(&world).await.status, 200);
}

#[tokio::test]
async fn a_failing_daemon_costs_one_request() {
    let world = World::new().await;
    world.daemon.fails.store(true, Ordering::SeqCst);
    let mut socket = socket(&world).await;
    socket.send(call(1, "chain_head", &json!({}))).await.unwrap();
    let error: ApiError = outcome(&heard(&mut socket).await).unwrap_err();
    assert_eq!(error.code, Code::Internal);
    socket.send(call(2, "status", &json!({}))).await.unwrap();
    assert!(outcome(&heard(&mut socket).await).is_ok());
    let answer = Ask::get("/v1/chain").token(&world.read()).send(&world).await;
    assert_eq!(answer.code(), Code::Internal);
}
