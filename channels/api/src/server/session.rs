// SPDX-License-Identifier: Apache-2.0

//! JSON-RPC over a WebSocket, with subscriptions to events.
//!
//! One task owns the socket. It reads only while fewer calls than allowed are under way, and goes on
//! only when what it wrote has left: a client that does not read is not read either, and takes no
//! more memory than the messages in hand.

use super::{
    Life, Stage,
    connections::Place,
    desk::{Caller, Desk},
    metrics::Held,
    replies::{self, Reply},
    rpc,
};
use crate::{
    error::{ApiError, Code, Result},
    types::{Event, EventNotice, EventsFrom},
    watching::Reader,
};
use futures::{
    SinkExt, StreamExt,
    stream::{self, AbortHandle, BoxStream, SelectAll, abortable},
};
use hyper::{
    Request, StatusCode,
    body::{Bytes, Incoming},
    header::{
        CONNECTION, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
        SEC_WEBSOCKET_VERSION, UPGRADE,
    },
    upgrade::Upgraded,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval_at},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        handshake::derive_accept_key,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

/// How many events are read at once for a subscription.
const PAGE: u32 = 64;

/// How many pings may stay without any sign of life.
const PINGS: u32 = 3;

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Whether a request wants to become a WebSocket.
pub(crate) fn is_asked_for(request: &Request<Incoming>) -> bool {
    has(request, CONNECTION, "upgrade") && has(request, UPGRADE, "websocket")
}

fn has(request: &Request<Incoming>, header: HeaderName, wanted: &str) -> bool {
    let values = request.headers().get_all(header);
    values
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(wanted))
}

/// Makes a WebSocket of a request.
///
/// Errors: [`Code::InvalidRequest`] if it is not the handshake of version 13.
pub(crate) fn open(
    desk: Arc<Desk>,
    caller: Caller,
    life: Life,
    place: Place,
    mut request: Request<Incoming>,
) -> Result<Reply> {
    let headers = request.headers();
    let version = headers.get(SEC_WEBSOCKET_VERSION).map(HeaderValue::as_bytes);
    let key = headers.get(SEC_WEBSOCKET_KEY).filter(|key| key.len() == 24);
    let (Some(key), Some(b"13")) = (key, version) else {
        return Err(ApiError::new(
            Code::InvalidRequest,
            "this is no handshake of WebSocket, version 13",
            "Use a library for WebSockets.",
        ));
    };
    let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes()))
        .map_err(|error| ApiError::internal(error.to_string()))?;
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let _place = place;
        let caller = Caller { way: "websocket", ..caller };
        match upgrade.await {
            Ok(upgraded) => serve(desk, caller, life, upgraded).await,
            Err(error) => tracing::debug!(%error, "a WebSocket did not come about"),
        }
    });
    let mut reply = replies::nothing(StatusCode::SWITCHING_PROTOCOLS);
    let headers = reply.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    Ok(reply)
}

async fn serve(desk: Arc<Desk>, caller: Caller, life: Life, upgraded: Upgraded) {
    let _open = Held::new(&desk.metrics.sockets);
    let bytes = desk.limits.request_bytes;
    let mut config = WebSocketConfig::default();
    config.read_buffer_size = 8 << 10;
    config.write_buffer_size = 8 << 10;
    config.max_message_size = Some(bytes);
    config.max_frame_size = Some(bytes);
    let io = TokioIo::new(upgraded);
    let socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
    let mut ended = life.clone();
    let session = Session {
        socket,
        desk,
        caller,
        calls: JoinSet::new(),
        feeds: SelectAll::new(),
        handles: HashMap::new(),
        next_feed: 0,
    };
    tokio::select! {
        result = session.run(life) => {
            if let Err(error) = result {
                tracing::debug!(%error, "a WebSocket ended early");
            }
        }
        () = ended.reached(Stage::Ended) => {}
    }
}

/// An open WebSocket.
struct Session {
    socket: Socket,
    desk: Arc<Desk>,
    caller: Caller,
    /// The answers that are being made. Dropping the set drops them; money goes on elsewhere.
    calls: JoinSet<Value>,
    feeds: SelectAll<BoxStream<'static, (u64, EventNotice)>>,
    handles: HashMap<u64, (AbortHandle, Held)>,
    next_feed: u64,
}

impl Session {
    async fn run(mut self, mut life: Life) -> Result<(), Error> {
        let period = self.desk.limits.ping_time;
        let mut pings = interval_at(Instant::now() + period, period);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let patience = period * PINGS;
        let mut heard = Instant::now();
        let mut draining = false;
        loop {
            let reads = !draining && self.calls.len() < self.desk.limits.calls_per_socket;
            tokio::select! {
                message = self.socket.next(), if reads => {
                    heard = Instant::now();
                    match message {
                        Some(Ok(message)) => if !self.take(message).await? { return Ok(()) },
                        Some(Err(Error::Capacity(error))) => {
                            return self.close(CloseCode::Size, &error.to_string()).await;
                        }
                        Some(Err(error)) => return Err(error),
                        None => return Ok(()),
                    }
                }
                Some(done) = self.calls.join_next() => {
                    // A call that panicked has lost its id; its client hears nothing but the end.
                    let Ok(answer) = done else {
                        return self.close(CloseCode::Error, "a call failed").await;
                    };
                    self.send(&answer).await?;
                }
                Some((feed, notice)) = self.feeds.next() => self.notify(feed, notice).await?,
                _ = pings.tick() => {
                    if reads && heard.elapsed() > patience {
                        return self.close(CloseCode::Away, "no sign of life").await;
                    }
                    self.socket.send(Message::Ping(Bytes::new())).await?;
                }
                () = life.reached(Stage::Draining), if !draining => draining = true,
            }
            if draining && self.calls.is_empty() {
                return self.close(CloseCode::Away, "the daemon is shutting down").await;
            }
        }
    }

    /// Takes a message; whether the socket stays open.
    async fn take(&mut self, message: Message) -> Result<bool, Error> {
        let bytes = match &message {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(bytes) => bytes.as_ref(),
            Message::Close(_) => {
                // The answer to it has to leave.
                self.socket.flush().await?;
                return Ok(false);
            }
            _ => return Ok(true),
        };
        match rpc::read(bytes, self.desk.limits.batch) {
            Ok(rpc::Message::Nothing) => {}
            Ok(rpc::Message::One(call)) if call.method == "events_subscribe" => {
                let result = self.subscribe(call.params);
                self.send(&rpc::response(call.id, result)).await?;
            }
            Ok(rpc::Message::One(call)) if call.method == "events_unsubscribe" => {
                let result = self.unsubscribe(call.params);
                self.send(&rpc::response(call.id, result)).await?;
            }
            Ok(rpc::Message::One(call)) => {
                let (desk, caller) = (self.desk.clone(), self.caller.clone());
                self.calls.spawn(async move { rpc::answered(&desk, &caller, call).await });
            }
            Ok(rpc::Message::Batch(calls)) => {
                let (desk, caller) = (self.desk.clone(), self.caller.clone());
                self.calls.spawn(async move { rpc::batch(&desk, &caller, calls).await });
            }
            Err(refusal) => self.send(&refusal).await?,
        }
        Ok(true)
    }

    /// Begins a subscription; its id.
    fn subscribe(&mut self, params: Option<Value>) -> Result<Value> {
        self.desk.admit_subscription(&self.caller)?;
        let from: EventsFrom = serde_json::from_value(Value::Object(rpc::named(params)?))
            .map_err(|error| ApiError::invalid_params(error.to_string()))?;
        let most = self.desk.limits.subscriptions_per_socket;
        if self.handles.len() >= most {
            let message = format!("this connection has {most} subscriptions, as many as allowed");
            return Err(ApiError::new(Code::Busy, message, "End some first."));
        }
        let reader = Reader::new(self.desk.service.clone(), from.after)?;
        self.next_feed += 1;
        let feed = self.next_feed;
        let (notices, handle) = abortable(notices(reader));
        self.feeds.push(notices.map(move |notice| (feed, notice)).boxed());
        self.handles.insert(feed, (handle, Held::new(&self.desk.metrics.subscriptions)));
        Ok(Value::from(feed))
    }

    /// Ends a subscription; whether there was one.
    fn unsubscribe(&mut self, params: Option<Value>) -> Result<Value> {
        let id = match &params {
            Some(Value::Array(items)) if items.len() == 1 => items.first(),
            Some(Value::Object(fields)) => fields.get("subscription"),
            _ => None,
        };
        let id = id.and_then(Value::as_u64).ok_or_else(|| {
            ApiError::invalid_params("`subscription` is the number that events_subscribe returned")
        })?;
        Ok(Value::from(self.handles.remove(&id).map(|(handle, _)| handle.abort()).is_some()))
    }

    async fn notify(&mut self, feed: u64, notice: EventNotice) -> Result<(), Error> {
        // An event of a subscription that was ended meanwhile is not wanted any more.
        if !self.handles.contains_key(&feed) {
            return Ok(());
        }
        if matches!(notice, EventNotice::End(_)) {
            self.handles.remove(&feed);
        }
        self.send(&json!({
            "jsonrpc": "2.0",
            "method": "events",
            "params": { "subscription": feed, "result": notice },
        }))
        .await
    }

    async fn send(&mut self, message: &Value) -> Result<(), Error> {
        self.socket.send(Message::text(message.to_string())).await
    }

    async fn close(mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        let reason: String = reason.chars().filter(char::is_ascii).take(100).collect();
        self.socket.close(Some(CloseFrame { code, reason: reason.into() })).await
    }
}

/// The notices of a subscription: events, and at last why there are no more.
fn notices(reader: Reader) -> impl futures::Stream<Item = EventNotice> + Send + 'static {
    let state = Some((reader, VecDeque::<Event>::new()));
    stream::unfold(state, |state| async move {
        let (mut reader, mut ready) = state?;
        if ready.is_empty() {
            match reader.next(PAGE).await {
                Ok(page) => ready.extend(page.items),
                Err(error) => return Some((EventNotice::End(error), None)),
            }
        }
        let event = ready.pop_front()?;
        Some((EventNotice::Event(event), Some((reader, ready))))
    })
}
