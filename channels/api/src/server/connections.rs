// SPDX-License-Identifier: Apache-2.0

//! Accepting connections, as many as allowed, and serving each until it ends.

use super::{Life, Stage, desk::Desk, hosts::Hosts, metrics::Held, patient::Patient};
use crate::tokens::Tokens;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::sleep,
};

/// The answer to a connection too many. Its peer may not be there to read it, so nobody waits.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\
    content-type: application/json\r\ncontent-length: 120\r\nretry-after: 1\r\n\r\n\
    {\"code\":\"busy\",\"message\":\"as many connections as allowed are open\",\"remedy\":\"Close some, or use one for many requests.\"}";

/// How long to wait before accepting again after the operating system refused to.
const PAUSE: Duration = Duration::from_millis(100);

/// What every connection shares.
pub(crate) struct Web {
    /// Where requests are taken.
    pub desk: Arc<Desk>,
    /// Who may do what.
    pub tokens: Tokens,
    /// Which hosts and pages are allowed.
    pub hosts: Hosts,
    /// The OpenAPI document.
    pub document: String,
    requests: AtomicU64,
}

impl Web {
    /// What connections share before there are any.
    pub fn new(desk: Arc<Desk>, tokens: Tokens, hosts: Hosts, document: String) -> Self {
        Self { desk, tokens, hosts, document, requests: AtomicU64::new(0) }
    }

    /// A name for a request that has none.
    pub fn next_request(&self) -> String {
        format!("r{}", self.requests.fetch_add(1, Ordering::Relaxed))
    }
}

/// Accepts connections until the server drains.
pub(crate) async fn accept(listener: TcpListener, web: Arc<Web>, life: Life) {
    let places = Arc::new(Semaphore::new(web.desk.limits.connections));
    let mut over = pin!({
        let mut life = life.clone();
        async move { life.reached(Stage::Draining).await }
    });
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // As a rule there are no file descriptors left: that passes, or somebody helps.
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(PAUSE).await;
                    continue;
                }
            },
            () = &mut over => return,
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            web.desk.metrics.refusal("busy");
            let _ = stream.try_write(FULL);
            continue;
        };
        let (web, life) = (web.clone(), life.clone());
        tokio::spawn(async move {
            let held = Held::new(&web.desk.metrics.connections);
            serve(stream, web, life, Arc::new((place, held))).await;
        });
    }
}

/// What a connection holds while it is open. A WebSocket that it becomes holds it too.
pub(crate) type Place = Arc<dyn Send + Sync>;

async fn serve(stream: TcpStream, web: Arc<Web>, life: Life, place: Place) {
    let limits = &web.desk.limits;
    // Small answers should leave at once.
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(limits.head_bytes.max(8 << 10))
        .max_headers(64);
    let io = TokioIo::new(Patient::new(stream, limits.stall_time));
    let service = {
        let life = life.clone();
        service_fn(move |request| {
            let (web, life, place) = (web.clone(), life.clone(), place.clone());
            async move { Ok::<_, Infallible>(super::http::answer(web, life, place, request).await) }
        })
    };
    let mut connection = pin!(http.serve_connection(io, service).with_upgrades());
    let (mut draining, mut ended) = (life.clone(), life);
    let result = tokio::select! {
        result = &mut connection => result,
        () = draining.reached(Stage::Draining) => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                result = &mut connection => result,
                () = ended.reached(Stage::Ended) => return,
            }
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ApiError, Code};

    #[test]
    fn the_answer_to_a_connection_too_many_is_well_formed() {
        let text = std::str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
        let error: ApiError = serde_json::from_str(body).unwrap();
        assert_eq!(error.code, Code::Busy);
    }
}
