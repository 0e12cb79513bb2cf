// SPDX-License-Identifier: Apache-2.0

//! What was measured, told to people in Markdown and to programs in JSON.

use super::{blocks::Filled, figures::Figures, limits::Limits, measuring::Record};
use millrace_bench_machine::About;
use serde_json::{Value, json};

/// A millisecond of weight.
const MILLISECOND: u64 = 1_000_000_000;

/// Everything that is told.
pub struct Report {
    /// When and of what it was made.
    pub about: About,
    /// The machine, for people and for programs.
    pub machine: (Vec<String>, Value),
    /// The chain: its runtime and its node.
    pub chain: (String, String),
    /// Its validators, and the accounts that took part.
    pub validators: u32,
    /// As above.
    pub accounts: u32,
    /// What its blocks have room for.
    pub limits: Limits,
    /// Every kind.
    pub kinds: Vec<(Figures, Record)>,
}

impl Report {
    /// For programs.
    pub fn json(&self) -> Value {
        let kinds: Vec<_> =
            self.kinds.iter().map(|(figures, record)| kind(figures, record)).collect();
        json!({
            "about": self.about.json(),
            "machine": self.machine.1,
            "chain": { "runtime": self.chain.0, "node": self.chain.1 },
            "validators": self.validators,
            "accounts": self.accounts,
            "limits": {
                "block_weight": self.limits.block,
                "normal_weight": self.limits.normal,
                "normal_bytes": self.limits.bytes,
                "seconds_between_blocks": self.limits.seconds,
            },
            "kinds": kinds,
        })
    }

    /// For people.
    pub fn markdown(&self) -> String {
        let mut text = String::from("# Operations of channels on chain\n\n");
        text += &self.about.markdown();
        for line in &self.machine.0 {
            text += &format!("- Machine: {line}\n");
        }
        let Limits { block, normal, bytes, seconds } = self.limits;
        text += &format!(
            "- Chain: {}, {}, {} validators, {} accounts\n",
            self.chain.0, self.chain.1, self.validators, self.accounts
        );
        text += &format!(
            "- A block, every {seconds} s: {} ms of weight, of which {} ms for users' transactions, and \
             {} KiB of these\n\n![How many a second, and how full blocks are](operations.svg)\n\n",
            block / MILLISECOND,
            normal / MILLISECOND,
            bytes / 1_024,
        );
        self.tell_rates(&mut text);
        self.tell_costs(&mut text);
        self.tell_counts(&mut text);
        text
    }

    fn tell_rates(&self, text: &mut String) {
        *text += "Successful and final, in blocks between the first and the last of each kind. *Room* is \
                  how many a second fit by the weight that one was charged.\n\n\
                  | kind | a second | room, a second | in a block: median, most | blocks | full by weight: \
                  median, most | by length: median |\n|---|---:|---:|---:|---:|---:|---:|\n";
        for (figures, record) in &self.kinds {
            let Figures { per_block, weight, length, blocks, .. } = figures;
            *text += &format!(
                "| {} | {} | {} | {}, {} | {blocks} | {:.0} %, {:.0} % | {:.0} % |\n",
                record.name,
                number(figures.per_second, 1),
                number(figures.room, 1),
                per_block.0,
                per_block.1,
                weight.0 * 100.0,
                weight.1 * 100.0,
                length.0 * 100.0,
            );
        }
    }

    fn tell_costs(&self, text: &mut String) {
        *text += "\n## What one costs, and what ended blocks\n\n*Charged* is weight, *built* is what the \
                  author took for the block, for each transaction in it. Why a block was not filled any \
                  further is said by its author's log: `HitBlockWeightLimit`, `HitBlockSizeLimit`, \
                  `HitDeadline` if the time for building was over, `NoMoreTransactions` if the pool had no \
                  more.\n\n| kind | charged, µs | built, µs | blocks ended by | final after, s: p50, p99 \
                  |\n|---|---:|---:|---|---:|\n";
        for (figures, record) in &self.kinds {
            let ends = figures.ends.iter().map(|(end, count)| format!("{end} {count}"));
            let finality = record.finality;
            *text += &format!(
                "| {} | {} | {} | {} | {:.1}, {:.1} |\n",
                record.name,
                number(figures.charged, 0),
                number(figures.built, 0),
                ends.collect::<Vec<_>>().join(", "),
                finality.p50,
                finality.p99,
            );
        }
    }

    fn tell_counts(&self, text: &mut String) {
        *text += "\n## What became of the transactions\n\n| kind | signed | accepted | final | failed | \
                  refused | pool full | by the chain itself | left: in a pool, gone, lost |\n\
                  |---|---:|---:|---:|---|---|---:|---:|---:|\n";
        for (_, record) in &self.kinds {
            let reasons = |map: &std::collections::BTreeMap<String, u64>| {
                let all = map.iter().map(|(reason, count)| format!("{count} {reason}"));
                all.collect::<Vec<_>>().join(", ")
            };
            let by_itself: usize = record.blocks.iter().map(|it| it.by_itself).sum();
            *text += &format!(
                "| {} | {} | {} | {} | {} | {} | {} | {by_itself} | {}, {}, {} |\n",
                record.name,
                record.signed,
                record.accepted,
                record.succeeded,
                reasons(&record.failed),
                reasons(&record.refused),
                record.full,
                record.left.0,
                record.left.1,
                record.left.2,
            );
        }
    }
}

/// A number, or nothing.
fn number(value: Option<f64>, digits: usize) -> String {
    value.map(|value| format!("{value:.digits$}")).unwrap_or_default()
}

fn kind(figures: &Figures, record: &Record) -> Value {
    let (pending, explained, lost) = record.left;
    json!({
        "name": record.name,
        "figures": figures.json(),
        "signed": record.signed,
        "accepted": record.accepted,
        "succeeded": record.succeeded,
        "failed": record.failed,
        "refused": record.refused,
        "pool_full": record.full,
        "still_in_a_pool": pending,
        "gone_with_reason": explained,
        "lost": lost,
        "finality_seconds": record.finality.json(),
        "block_list": record.blocks.iter().map(block).collect::<Vec<_>>(),
    })
}

fn block(block: &Filled) -> Value {
    let built = block.built.as_ref();
    json!({
        "number": block.number,
        "imported": block.imported.as_secs_f64(),
        "succeeded": block.succeeded,
        "failed": block.failed,
        "by_itself": block.by_itself,
        "weight": {
            "normal": block.taken.normal,
            "operational": block.taken.operational,
            "mandatory": block.taken.mandatory,
        },
        "bytes": block.bytes,
        "built_milliseconds": built.map(|it| it.milliseconds),
        "end": built.map(|it| it.end.as_str()),
    })
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::operations::limits::Taken;

    /// A report of one kind, for whoever draws it.
    pub fn example() -> Report {
        let record = Record { name: "settle", signed: 7, ..Record::default() };
        let figures = Figures {
            blocks: 3,
            per_second: Some(101.25),
            room: Some(120.5),
            weight: (0.5, 0.75),
            ..Figures::default()
        };
        Report {
            about: About::this_run(),
            machine: (vec!["a machine".to_owned()], Value::Null),
            chain: ("runtime 1".to_owned(), "node 1".to_owned()),
            validators: 1,
            accounts: 2,
            limits: Limits { block: MILLISECOND, normal: MILLISECOND, bytes: 1_024, seconds: 2.0 },
            kinds: vec![(figures, record)],
        }
    }

    #[test]
    fn every_kind_is_in_both_reports() {
        let report = example();
        let text = report.markdown();
        assert!(
            text.contains("| settle | 101.2 | 120.5 | 0, 0 | 3 | 50 %, 75 % | 0 % |"),
            "{text}"
        );
        assert_eq!(report.json()["kinds"][0]["signed"], 7);
        let filled = Filled {
            number: 1,
            imported: std::time::Duration::from_secs(1),
            succeeded: 1,
            failed: 0,
            by_itself: 2,
            taken: Taken { normal: 3, operational: 4, mandatory: 5 },
            bytes: 6,
            built: None,
        };
        assert_eq!(block(&filled)["weight"]["operational"], 4);
    }
}
