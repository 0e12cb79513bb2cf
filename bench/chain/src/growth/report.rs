// SPDX-License-Identifier: Apache-2.0

//! What was measured, told to people in Markdown and to programs in JSON.

use super::{metrics::Timed, point::Point};
use millrace_bench_machine::About;
use serde_json::{Value, json};

const MIB: f64 = 1_048_576.0;

/// Everything that is told.
pub struct Report {
    /// When and of what it was made.
    pub about: About,
    /// The machine, for people and for programs.
    pub machine: (Vec<String>, Value),
    /// Transfers a second, and for how many seconds.
    pub rate: u32,
    /// As above.
    pub seconds: u32,
    /// Every chain.
    pub points: Vec<Point>,
}

impl Report {
    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "about": self.about.json(),
            "machine": self.machine.1,
            "transfers_per_second": self.rate,
            "seconds": self.seconds,
            "points": self.points.iter().map(point).collect::<Vec<_>>(),
        })
    }

    /// For people.
    pub fn markdown(&self) -> String {
        let mut text = String::from("# What blocks cost as the state grows\n\n");
        text += &self.about.markdown();
        for line in &self.machine.0 {
            text += &format!("- Machine: {line}\n");
        }
        text += &format!(
            "- Load: {} transfers a second for {} s, to accounts all over the state; one node makes \
             blocks, another on the same machine imports them\n\n\
             ![What a block costs and what a node takes](growth.svg)\n\n",
            self.rate, self.seconds
        );
        text += "Means in milliseconds a block, as the nodes' own metrics say: *import* is verification \
                 and import of a block that the other has made. *Charged* is the weight of a median block.\n\n\
                 | accounts | channels | import: empty | import: transfers | built: empty | built: \
                 transfers | transfers in a block: median, most | charged |\n\
                 |---:|---:|---:|---:|---:|---:|---:|---:|\n";
        for point in &self.points {
            let per_block = point.figures.per_block;
            text += &format!(
                "| {} | {} | {} | {} | {} | {} | {}, {} | {} |\n",
                point.accounts,
                point.channels,
                number(point.empty.0.mean()),
                number(point.loaded.0.mean()),
                number(point.empty.1.mean()),
                number(point.loaded.1.mean()),
                per_block.0,
                per_block.1,
                number(point.charged()),
            );
        }
        text += "\n## What nodes took\n\n*Start* is from the start of the first node until both \
                 answered, with the genesis state built on each. Memory is what was resident at the end; \
                 disk, what the data takes there.\n\n\
                 | accounts | channels | specification, MiB | start, s | memory, MiB: makes blocks, \
                 follows | disk, MiB: makes blocks, follows |\n|---:|---:|---:|---:|---:|---:|\n";
        let mib = |bytes: u64| format!("{:.0}", bytes as f64 / MIB);
        for point in &self.points {
            text += &format!(
                "| {} | {} | {} | {:.1} | {}, {} | {}, {} |\n",
                point.accounts,
                point.channels,
                mib(point.specification),
                point.start,
                mib(point.memory.0),
                mib(point.memory.1),
                mib(point.disk.0),
                mib(point.disk.1),
            );
        }
        text
    }
}

/// A number, or nothing.
fn number(value: Option<f64>) -> String {
    value.map(|value| format!("{value:.1}")).unwrap_or_default()
}

fn point(point: &Point) -> Value {
    let timed = |it: Timed| json!({ "blocks": it.count, "milliseconds": it.mean() });
    let both = |(author, follower): (u64, u64)| json!({ "author": author, "follower": follower });
    json!({
        "accounts": point.accounts,
        "channels": point.channels,
        "specification_bytes": point.specification,
        "start_seconds": point.start,
        "import_empty": timed(point.empty.0),
        "import_transfers": timed(point.loaded.0),
        "built_empty": timed(point.empty.1),
        "built_transfers": timed(point.loaded.1),
        "charged_milliseconds": point.charged(),
        "figures": point.figures.json(),
        "memory_bytes": both(point.memory),
        "disk_bytes": both(point.disk),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chain_is_in_both_reports() {
        let loaded = Timed { count: 4.0, seconds: 0.05 };
        let point =
            Point { accounts: 10_000, loaded: (loaded, Timed::default()), ..Point::default() };
        let report = Report {
            about: About::this_run(),
            machine: (vec!["a machine".to_owned()], Value::Null),
            rate: 100,
            seconds: 60,
            points: vec![point],
        };
        let text = report.markdown();
        assert!(text.contains("| 10000 | 0 |  | 12.5 |  |  | 0, 0 |  |"), "{text}");
        assert_eq!(report.json()["points"][0]["import_transfers"]["milliseconds"], 12.5);
    }
}
