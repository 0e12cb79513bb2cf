// SPDX-License-Identifier: Apache-2.0

//! What can be measured, for Prometheus. `docs/reference/channels-api.md` lists the names.

use super::ServerError;
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};
use std::time::Duration;

/// The server's own metrics. Labels have values from fixed lists only, so that no client can make
/// more of them.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    refusals: IntCounterVec,
    in_flight: IntGaugeVec,
    /// Connections that are open.
    pub connections: IntGauge,
    /// WebSockets that are open.
    pub sockets: IntGauge,
    /// Subscriptions that are open.
    pub subscriptions: IntGauge,
}

impl Metrics {
    /// Registers every metric.
    pub fn new(registry: &Registry) -> Result<Self, ServerError> {
        Self::registered(registry).map_err(|cause| ServerError::Metrics { cause })
    }

    fn registered(registry: &Registry) -> prometheus::Result<Self> {
        let opts = |name: &str, help: &str| {
            Opts::new(name, help).namespace("millrace").subsystem("channels_api")
        };
        let seconds =
            HistogramOpts::from(opts("request_seconds", "How long requests take, by method."))
                .buckets(vec![
                    0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0,
                ]);
        let metrics = Self {
            registry: registry.clone(),
            requests: IntCounterVec::new(
                opts("requests_total", "Requests by method and outcome (ok, or a code)."),
                &["method", "outcome"],
            )?,
            seconds: HistogramVec::new(seconds, &["method"])?,
            refusals: IntCounterVec::new(
                opts("refusals_total", "What was refused before it was a request, by code."),
                &["code"],
            )?,
            in_flight: IntGaugeVec::new(
                opts("requests_in_flight", "Requests under way, by access."),
                &["access"],
            )?,
            connections: IntGauge::with_opts(opts("connections", "Open connections."))?,
            sockets: IntGauge::with_opts(opts("websockets", "Open WebSockets."))?,
            subscriptions: IntGauge::with_opts(opts("subscriptions", "Open subscriptions."))?,
        };
        registry.register(Box::new(metrics.requests.clone()))?;
        registry.register(Box::new(metrics.seconds.clone()))?;
        registry.register(Box::new(metrics.refusals.clone()))?;
        registry.register(Box::new(metrics.in_flight.clone()))?;
        registry.register(Box::new(metrics.connections.clone()))?;
        registry.register(Box::new(metrics.sockets.clone()))?;
        registry.register(Box::new(metrics.subscriptions.clone()))?;
        Ok(metrics)
    }

    /// Counts a request. `method` and `outcome` come from the table of routes and of codes.
    pub fn request(&self, method: &'static str, outcome: &'static str, took: Duration) {
        self.requests.with_label_values(&[method, outcome]).inc();
        self.seconds.with_label_values(&[method]).observe(took.as_secs_f64());
    }

    /// Counts what was refused before it was a request.
    pub fn refusal(&self, code: &'static str) {
        self.refusals.with_label_values(&[code]).inc();
    }

    /// Everything in the registry, as Prometheus reads it.
    ///
    /// `in_flight`: requests under way, by access.
    pub fn text(&self, in_flight: &[(&'static str, usize)]) -> prometheus::Result<Vec<u8>> {
        for (access, number) in in_flight {
            let number = i64::try_from(*number).unwrap_or(i64::MAX);
            self.in_flight.with_label_values(&[access]).set(number);
        }
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

/// Counts something for as long as it is held.
pub(crate) struct Held(IntGauge);

impl Held {
    /// One more.
    pub fn new(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dec();
    }
}
