// SPDX-License-Identifier: Apache-2.0

//! A run, told to people in Markdown and to programs in JSON.

use crate::{
    figures::{Figures, Times},
    ledger::{Block, Ledger},
    leftovers::Leftovers,
    resources::{Sample, Watched},
};
use millrace_bench_machine::About;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt::Write, time::Duration};

/// Hashes of lost transactions that are told at most.
const SHOWN: usize = 20;

/// Lines of the table at most: windows are put together so that it can be read.
const LINES: usize = 40;

const MIB: f64 = 1_048_576.0;

/// Everything that is told about a run.
pub struct Report {
    /// When and of what it was made.
    pub about: About,
    /// The machine, for people and for programs.
    pub machine: (Vec<String>, Value),
    /// The chain: its runtime, its node, and how many nodes took the load.
    pub chain: (String, String, usize),
    /// What was asked for, in a few words.
    pub load: String,
    /// For how long the load was sent.
    pub span: Duration,
    /// How long one window is.
    pub window: Duration,
    /// What the records add up to.
    pub figures: Figures,
    /// Refused for good, failed in a block, by reason.
    pub refused: BTreeMap<String, u64>,
    /// As above.
    pub failed: BTreeMap<String, u64>,
    /// How often a pool had no room.
    pub full: u64,
    /// Final without having been accepted.
    pub unannounced: u64,
    /// Signed and never accepted, because the time was up or an earlier one had been refused.
    pub unsent: u64,
    /// What became of what was accepted and is not final.
    pub leftovers: Leftovers,
    /// All final blocks since the beginning of the load.
    pub blocks: Vec<Block>,
    /// What the nodes took.
    pub nodes: Vec<(Watched, Vec<Sample>)>,
}

impl Report {
    /// Takes over what a ledger holds besides its figures.
    pub fn counts(ledger: &Ledger) -> (BTreeMap<String, u64>, BTreeMap<String, u64>, u64, u64) {
        let full = u64::try_from(ledger.full.len()).unwrap_or(u64::MAX);
        (ledger.refused.clone(), ledger.failed.clone(), full, ledger.unannounced)
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let figures = &self.figures;
        let windows: Vec<_> = figures
            .windows
            .iter()
            .map(|it| {
                json!({
                    "accepted": it.accepted,
                    "pool_full": it.full,
                    "included": it.included,
                    "finalised": it.finalised,
                    "waiting": it.waiting,
                })
            })
            .collect();
        let nodes: Vec<_> =
            self.nodes
                .iter()
                .map(|(node, samples)| {
                    let samples: Vec<_> = samples.iter().map(|it| {
                let at = it.at.as_secs_f64();
                json!({ "at": at, "memory": it.memory, "disk": it.disk, "busy": it.busy })
            }).collect();
                    json!({ "name": node.name, "samples": samples })
                })
                .collect();
        let blocks: Vec<_> = self
            .blocks
            .iter()
            .map(|it| {
                json!({
                    "number": it.number,
                    "transactions": it.transactions,
                    "imported": it.imported.as_secs_f64(),
                    "finalised": it.finalised.as_secs_f64(),
                })
            })
            .collect();
        let lost: Vec<_> = self.leftovers.lost.iter().map(|it| format!("{it:?}")).collect();
        json!({
            "about": self.about.json(),
            "machine": self.machine.1,
            "chain": { "runtime": self.chain.0, "node": self.chain.1, "nodes": self.chain.2 },
            "load": self.load,
            "seconds": self.span.as_secs_f64(),
            "window_seconds": self.window.as_secs_f64(),
            "transactions": {
                "signed": figures.signed,
                "never_accepted": self.unsent,
                "accepted": figures.accepted,
                "refused": self.refused,
                "pool_full": self.full,
                "transfers_final": figures.succeeded.0,
                "openings_final": figures.succeeded.1,
                "failed": self.failed,
                "final_without_answer": self.unannounced,
                "still_in_a_pool": self.leftovers.pending,
                "gone_with_reason": self.leftovers.explained,
                "lost": lost,
            },
            "finalised_per_second": {
                "seconds": figures.sustained.seconds,
                "mean": figures.sustained.per_second,
                "slowest_window": figures.sustained.least,
            },
            "inclusion_seconds": figures.inclusion.json(),
            "finality_seconds": figures.finality.json(),
            "blocks": {
                "with_load": figures.blocks,
                "transactions_median": figures.per_block.0,
                "transactions_most": figures.per_block.1,
                "seconds_between": figures.gaps.json(),
                "seconds_to_finality": figures.lag.json(),
            },
            "block_list": blocks,
            "windows": windows,
            "nodes": nodes,
        })
    }

    /// For people.
    pub fn markdown(&self) -> String {
        let mut text = String::from("# A chain under load\n\n");
        text += &self.about.markdown();
        for line in &self.machine.0 {
            text += &format!("- Machine: {line}\n");
        }
        let (runtime, node, nodes) = &self.chain;
        text += &format!("- Chain: {runtime}, {node}, load sent to {nodes} of its nodes\n");
        text += &format!("- Load: {}\n\n", self.load);
        self.tell_rates(&mut text);
        self.tell_transactions(&mut text);
        self.tell_nodes(&mut text);
        self.tell_windows(&mut text);
        text
    }

    fn tell_rates(&self, text: &mut String) {
        let Figures { sustained, inclusion, finality, lag, gaps, blocks, per_block, .. } =
            &self.figures;
        let times =
            |it: &Times| format!("p50 {:.1} s, p99 {:.1} s, most {:.1} s", it.p50, it.p99, it.most);
        let rows = [
            (
                "final and successful, a second",
                format!(
                    "{:.0}, in the slowest window {:.0}; over {:.0} s, from the load's first final \
                     block to its end",
                    sustained.per_second, sustained.least, sustained.seconds
                ),
            ),
            ("from sending to the block", times(inclusion)),
            ("from sending to finality", times(finality)),
            (
                "transactions in a block",
                format!("median {}, most {}, in {blocks} blocks", per_block.0, per_block.1),
            ),
            ("from one block to the next", times(gaps)),
            ("from a block to its finality", times(lag)),
        ];
        *text += "| what | measured |\n|---|---|\n";
        for (what, measured) in rows {
            *text += &format!("| {what} | {measured} |\n");
        }
    }

    fn tell_transactions(&self, text: &mut String) {
        let figures = &self.figures;
        *text += "\n## What became of the transactions\n\n| what | count |\n|---|---:|\n";
        let mut row = |what: &str, count: u64| *text += &format!("| {what} | {count} |\n");
        row("signed ahead", figures.signed);
        row("never accepted: time was up, or one before it was refused", self.unsent);
        row("accepted by a node", figures.accepted);
        row("final: transfers", figures.succeeded.0);
        row("final: channels opened", figures.succeeded.1);
        for (reason, count) in &self.failed {
            row(&format!("final, but failed: {reason}"), *count);
        }
        row("still in a pool when the run ended", self.leftovers.pending);
        for (reason, count) in &self.leftovers.explained {
            row(&format!("accepted, then gone: {reason}"), *count);
        }
        row("**accepted, then lost without a reason**", self.leftovers.lost.len() as u64);
        for hash in self.leftovers.lost.iter().take(SHOWN) {
            row(&format!("lost: `{hash:?}`"), 1);
        }
        row("final although no answer said that it was accepted", self.unannounced);
        row("answers that the pool is full; each was sent again", self.full);
        for (reason, count) in &self.refused {
            row(&format!("refused: {reason}"), *count);
        }
    }

    fn tell_nodes(&self, text: &mut String) {
        if self.nodes.is_empty() {
            return;
        }
        *text += "\n## What the nodes took\n\n| node | memory before, most, after, MiB | disk before, \
                  after, MiB | cores busy |\n|---|---|---|---:|\n";
        for (node, samples) in &self.nodes {
            let (Some(first), Some(last)) = (samples.first(), samples.last()) else { continue };
            let most = samples.iter().map(|it| it.memory).max().unwrap_or_default();
            let mib = |bytes: u64| format!("{:.0}", bytes as f64 / MIB);
            let seconds = last.at.saturating_sub(first.at).as_secs_f64().max(f64::MIN_POSITIVE);
            *text += &format!(
                "| {} | {}, {}, {} | {}, {} | {:.2} |\n",
                node.name,
                mib(first.memory),
                mib(most),
                mib(last.memory),
                mib(first.disk),
                mib(last.disk),
                (last.busy - first.busy) / seconds,
            );
        }
    }

    fn tell_windows(&self, text: &mut String) {
        let windows = &self.figures.windows;
        let together = windows.len().div_ceil(LINES).max(1);
        let seconds = self.window.as_secs_f64() * together as f64;
        *text += "\n## Over time\n\n![Rates, and what waits](chain-load.svg)\n\nPer second, but for what \
                  waits: accepted and in no block yet.\n\n";
        *text += "| from, s | accepted | pool full | in a block | final | waiting |\n";
        *text += "|---:|---:|---:|---:|---:|---:|\n";
        for (place, part) in windows.chunks(together).enumerate() {
            let rate = |count: fn(&crate::figures::Window) -> u64| {
                let seconds = self.window.as_secs_f64() * part.len() as f64;
                format!("{:.0}", part.iter().map(count).sum::<u64>() as f64 / seconds)
            };
            let _ = writeln!(
                text,
                "| {:.0} | {} | {} | {} | {} | {} |",
                place as f64 * seconds,
                rate(|it| it.accepted),
                rate(|it| it.full),
                rate(|it| it.included),
                rate(|it| it.finalised),
                part.last().map(|it| it.waiting).unwrap_or_default(),
            );
        }
    }
}
