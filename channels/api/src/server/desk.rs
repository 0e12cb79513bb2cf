// SPDX-License-Identifier: Apache-2.0

//! What every request goes through, however it came: access, rate, keys, time, the log.

use super::{Life, Limits, Options, ServerError, Stage, gate::Gate, metrics::Metrics, once};
use crate::{
    error::{ApiError, Code, Result},
    operation::Operation,
    routes::{Access, Route, table},
    service::Service,
    values::IdempotencyKey,
};
use futures::{FutureExt, future::BoxFuture};
use serde_json::{Map, Value};
use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc, watch},
    time::timeout,
};

/// The parameter that names a request which moves money.
pub(crate) const KEY: &str = "idempotency_key";

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// What its token allows.
    pub access: Access,
    /// Its request in the log.
    pub request: String,
    /// How it asks: `rest`, `rpc` or `websocket`.
    pub way: &'static str,
}

/// Where requests are taken.
pub(crate) struct Desk {
    /// The daemon.
    pub service: Arc<dyn Service>,
    /// Everything that can be asked for.
    pub routes: Vec<Route>,
    /// What can be measured.
    pub metrics: Metrics,
    /// The server's limits.
    pub limits: Limits,
    lacks: Vec<(&'static str, String)>,
    readers: Gate,
    owners: Gate,
    once: once::Once,
    stage: watch::Receiver<Stage>,
    alive: mpsc::WeakSender<()>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Desk {
    /// A desk without requests.
    pub fn new(
        service: Arc<dyn Service>,
        options: &Options,
        life: &Life,
    ) -> Result<Self, ServerError> {
        let limits = options.limits.clone();
        Ok(Self {
            routes: table(),
            metrics: Metrics::new(&options.registry)?,
            lacks: service.lacks(),
            readers: Gate::new(&limits),
            owners: Gate::new(&limits),
            once: once::Once::new(&limits),
            stage: life.stage.clone(),
            // The desk itself is nothing to wait for: what it has begun is.
            alive: life.alive.downgrade(),
            limits,
            service,
        })
    }

    /// The route of a name in JSON-RPC.
    ///
    /// Errors: [`Code::UnknownMethod`].
    pub fn route(&self, method: &str) -> Result<&Route> {
        self.routes.iter().find(|route| route.info.method == method).ok_or_else(|| {
            let remedy = match method {
                "events_subscribe" | "events_unsubscribe" => {
                    "Subscriptions are for a WebSocket, outside of batches."
                }
                _ => "`status` lists every method.",
            };
            ApiError::new(
                Code::UnknownMethod,
                format!("there is no method {method:.80?} here"),
                remedy,
            )
        })
    }

    /// Answers a request.
    pub async fn call(
        &self,
        caller: &Caller,
        route: &Route,
        params: Map<String, Value>,
    ) -> Result<Value> {
        let started = Instant::now();
        let result = self.decided(caller, route, params).await;
        self.record(caller, route.info.method, started, result.as_ref().err());
        result
    }

    /// Admits a subscription to events, which is a request that never ends.
    pub fn admit_subscription(&self, caller: &Caller) -> Result<()> {
        let started = Instant::now();
        let result = self.takes_requests().and_then(|()| {
            self.supports("events_list")?;
            self.gate(caller.access).admit(false).map(drop)
        });
        self.record(caller, "events_subscribe", started, result.as_ref().err());
        result
    }

    /// How many requests that move money are under way.
    pub fn operations(&self) -> usize {
        self.once.running()
    }

    /// How many requests are under way, by access.
    pub fn in_flight(&self) -> [(&'static str, usize); 2] {
        [
            (Access::Read.as_str(), self.readers.under_way()),
            (Access::Full.as_str(), self.owners.under_way()),
        ]
    }

    async fn decided(
        &self,
        caller: &Caller,
        route: &Route,
        params: Map<String, Value>,
    ) -> Result<Value> {
        self.takes_requests()?;
        let method = route.info.method;
        if caller.access < route.info.access {
            return Err(ApiError::new(
                Code::Forbidden,
                format!("this token may look, and not do {method}"),
                "Use the token from the file `token`.",
            ));
        }
        let permit = self.gate(caller.access).admit(route.waits)?;
        self.supports(method)?;
        let answer = if route.info.moves_money {
            self.begin(route, params, permit)?
        } else {
            let call = guarded((route.call)(self.service.clone(), None, Value::Object(params)));
            async move {
                let _permit = permit;
                call.await
            }
            .boxed()
        };
        match timeout(self.limits.call_time, answer).await {
            Ok(answer) => answer,
            Err(_) => Err(timed_out(method, self.limits.call_time)),
        }
    }

    /// Begins a request that moves money, or joins the same one.
    fn begin(
        &self,
        route: &Route,
        mut params: Map<String, Value>,
        permit: OwnedSemaphorePermit,
    ) -> Result<BoxFuture<'static, Result<Value>>> {
        let method = route.info.method;
        let key = params.remove(KEY).ok_or_else(|| key_missing(method))?;
        let key: IdempotencyKey = serde_json::from_value(key)
            .map_err(|error| ApiError::invalid_params(format!("`{KEY}`: {error}")))?;
        let params = Value::Object(params);
        let operation = Operation::new(&key, method, &params);
        // While it is under way, it counts as a request, and the server does not end.
        let held = (permit, self.alive.upgrade());
        let outcome = self.once.begin(operation, || {
            let call = guarded((route.call)(self.service.clone(), Some(operation), params));
            async move {
                let _held = held;
                call.await
            }
            .boxed()
        })?;
        Ok(once::outcome(outcome).boxed())
    }

    fn takes_requests(&self) -> Result<()> {
        if *self.stage.borrow() == Stage::Serving {
            return Ok(());
        }
        Err(ApiError::new(
            Code::ShuttingDown,
            "the daemon is shutting down",
            "Repeat the request when it is back, with the same key if it moves money.",
        ))
    }

    fn supports(&self, method: &str) -> Result<()> {
        match self.lacks.iter().find(|(lack, _)| *lack == method) {
            Some((_, reason)) => Err(ApiError::not_supported(method, reason)),
            None => Ok(()),
        }
    }

    fn gate(&self, access: Access) -> &Gate {
        match access {
            Access::Read => &self.readers,
            Access::Full => &self.owners,
        }
    }

    /// Counts a request and writes it to the log; never its parameters, which may hold secrets.
    fn record(
        &self,
        caller: &Caller,
        method: &'static str,
        started: Instant,
        error: Option<&ApiError>,
    ) {
        let took = started.elapsed();
        let outcome = error.map_or("ok", |error| error.code.as_str());
        self.metrics.request(method, outcome, took);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let (request, way, access) = (&caller.request, caller.way, caller.access.as_str());
        match error {
            None => tracing::debug!(%request, way, access, method, micros, "answered"),
            Some(error) => {
                let reason = &error.message;
                tracing::info!(%request, way, access, method, micros, outcome, %reason, "refused");
            }
        }
    }
}

/// Turns a panic of the daemon into an error, so that it costs one request and no connection.
fn guarded(call: BoxFuture<'static, Result<Value>>) -> BoxFuture<'static, Result<Value>> {
    // What a panic may have left half-done is behind the daemon's own locks.
    let caught = AssertUnwindSafe(call).catch_unwind();
    caught
        .map(|result| {
            result.unwrap_or_else(|_| {
                Err(ApiError::internal("the daemon failed while it answered this request"))
            })
        })
        .boxed()
}

fn key_missing(method: &str) -> ApiError {
    ApiError::new(
        Code::KeyMissing,
        format!("{method} moves money and has no idempotency key"),
        "Send the header Idempotency-Key (in JSON-RPC the parameter `idempotency_key`): a text of \
         your own for this request alone, as a UUID.",
    )
}

fn timed_out(method: &str, limit: Duration) -> ApiError {
    ApiError::new(
        Code::TimedOut,
        format!("{method} has no answer after {} seconds", limit.as_secs_f32()),
        "It may still happen. Look, or repeat the request; if it moves money, with the same key.",
    )
}
