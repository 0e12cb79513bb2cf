// SPDX-License-Identifier: Apache-2.0

//! How the daemon is doing, for Prometheus. `docs/operating/channel-daemon.md` says what to watch.

use crate::{service::Daemon, views};
use core::time::Duration;
use millrace_channels_api::types::Phase;
use millrace_channels_daemon::node::Stats;
use prometheus::{IntCounter, IntGauge, IntGaugeVec, Opts, Registry};
use std::sync::Arc;
use tokio::time::{MissedTickBehavior, interval};

/// How often they are read.
const EVERY: Duration = Duration::from_secs(5);

/// How a count is read off what the node counts.
type Count = fn(&Stats) -> u64;

/// A count of the node's, which only rises while it runs: its name, what it means, where it is read.
type Counted = (&'static str, &'static str, Count);

/// What the node counts.
const COUNTED: [Counted; 12] = [
    ("payments_sent_total", "Payments made outright.", |it| it.payments_sent),
    ("payments_received_total", "Payments received outright.", |it| it.payments_received),
    ("payments_failed_total", "Payments that could not be made.", |it| it.payments_failed),
    ("pulses_sent_total", "Links of streams released.", |it| it.pulses_sent),
    ("pulses_received_total", "Links of streams proven to this party.", |it| it.pulses_received),
    ("versions_total", "Versions agreed.", |it| it.versions),
    ("disputes_total", "Disputes seen.", |it| it.disputes),
    ("submissions_total", "Calls handed to the chain.", |it| it.submissions),
    ("frames_received_total", "Frames that came in.", |it| it.frames_received),
    ("frames_sent_total", "Frames sent.", |it| it.frames_sent),
    ("strikes_total", "Frames that no honest peer sends.", |it| it.strikes),
    ("floods_total", "Peers let go because they sent too much.", |it| it.floods),
];

struct Metrics {
    counted: Vec<(IntCounter, Count)>,
    channels: IntGaugeVec,
    peers: IntGauge,
    best: IntGauge,
    last: IntGauge,
    is_ready: IntGauge,
    towers: IntGaugeVec,
    covered: IntGaugeVec,
    behind: IntGaugeVec,
}

/// What one look at the node gives.
struct Look {
    stats: Stats,
    counts: millrace_channels_api::types::PhaseCounts,
    peers: usize,
    heights: (u32, u32),
    is_ready: bool,
}

impl Metrics {
    fn new(registry: &Registry) -> prometheus::Result<Self> {
        let opts = |name: &str, help: &str| {
            Opts::new(name, help).namespace("millrace").subsystem("channels")
        };
        let gauge = |name: &str, help: &str| -> prometheus::Result<IntGauge> {
            let gauge = IntGauge::with_opts(opts(name, help))?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let labelled = |name: &str, help: &str, label: &str| -> prometheus::Result<IntGaugeVec> {
            let gauges = IntGaugeVec::new(opts(name, help), &[label])?;
            registry.register(Box::new(gauges.clone()))?;
            Ok(gauges)
        };
        let mut counted = Vec::new();
        for (name, help, count) in COUNTED {
            let counter = IntCounter::with_opts(opts(name, help))?;
            registry.register(Box::new(counter.clone()))?;
            counted.push((counter, count));
        }
        Ok(Self {
            counted,
            channels: labelled("channels", "Channels, by phase.", "phase")?,
            peers: gauge("peers", "Peers that are connected.")?,
            best: gauge("best_block", "Height of the newest block.")?,
            last: gauge("final_block", "Height of the newest final block.")?,
            is_ready: gauge("ready", "1 if payments can be made.")?,
            towers: labelled(
                "watchtower_ready",
                "1 if the tower takes what is handed in.",
                "tower",
            )?,
            covered: labelled(
                "watchtower_covered",
                "Channels whose newest state the tower has signed for.",
                "tower",
            )?,
            behind: labelled(
                "watchtower_behind",
                "Channels with a newer state than the tower has signed for.",
                "tower",
            )?,
        })
    }

    fn show(&self, look: &Look) {
        for (counter, count) in &self.counted {
            counter.inc_by(count(&look.stats).saturating_sub(counter.get()));
        }
        for phase in Phase::ALL {
            let count = i64::try_from(look.counts.of(*phase)).unwrap_or(i64::MAX);
            self.channels.with_label_values(&[phase.as_str()]).set(count);
        }
        self.peers.set(i64::try_from(look.peers).unwrap_or(i64::MAX));
        let (best, last) = look.heights;
        self.best.set(best.into());
        self.last.set(last.into());
        self.is_ready.set(look.is_ready.into());
    }
}

/// Registers all metrics, and shows them for as long as the node runs.
pub fn start(daemon: &Daemon, registry: &Registry) -> prometheus::Result<()> {
    let metrics = Metrics::new(registry)?;
    let (node, towers) = (daemon.node.clone(), Arc::clone(&daemon.towers));
    tokio::spawn(async move {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let looked = node.look(|node| Look {
                stats: node.stats(),
                counts: views::counts(node),
                peers: node.peers().count(),
                heights: node.heights(),
                is_ready: Daemon::health_of(node).ready,
            });
            let Ok(look) = looked.await else { return };
            metrics.show(&look);
            for (tower, is_ready, covered, behind) in towers.counts() {
                let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
                let tower = [tower.as_str()];
                metrics.towers.with_label_values(&tower).set(is_ready.into());
                metrics.covered.with_label_values(&tower).set(count(covered));
                metrics.behind.with_label_values(&tower).set(count(behind));
            }
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use millrace_channels_api::types::PhaseCounts;

    #[test]
    fn counts_rise_to_what_the_node_says_and_gauges_follow() {
        let registry = Registry::new();
        let metrics = Metrics::new(&registry).unwrap();
        let look = |sent, open| Look {
            stats: Stats { payments_sent: sent, ..Stats::default() },
            counts: PhaseCounts { open, ..PhaseCounts::default() },
            peers: 2,
            heights: (9, 7),
            is_ready: true,
        };
        metrics.show(&look(5, 3));
        metrics.show(&look(8, 1));
        let families = registry.gather();
        let value = |name: &str| {
            let family = families.iter().find(|it| it.get_name() == name).unwrap();
            let metric = &family.get_metric()[family.get_metric().len() - 1];
            metric.get_counter().get_value() + metric.get_gauge().get_value()
        };
        assert_eq!(value("millrace_channels_payments_sent_total"), 8.0);
        assert_eq!(value("millrace_channels_final_block"), 7.0);
        assert_eq!(value("millrace_channels_ready"), 1.0);
        let open = metrics.channels.with_label_values(&["open"]).get();
        assert_eq!(open, 1);
    }
}
