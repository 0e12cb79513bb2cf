// SPDX-License-Identifier: Apache-2.0

//! Our chain beside the template, from the reports of their runs.
//!
//! A machine that others share is not equally fast all day. So the template runs before our chain and
//! after it, and our chain is compared with the faster of the two.

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// How many times as much as the template our chain is to sustain.
const TARGET: f64 = 8.0;

/// The file of a run's report.
const REPORT: &str = "chain-load.json";

/// What a reader has to know to judge the ratio.
const NOTES: &str = "\
## What is the same

- The machine. Where the template ran before and after our chain, the table shows how much the machine changed.
- The node: one binary, with the same flags. Its pool takes 32,768 transactions of 20 MiB in all (the template's \
own takes 8,192, which are four of its blocks), and blocks, votes and the database are the same program's.
- The load: as many accounts, the same transfers, signed ahead, sent over as many connections by the same \
program, and counted in final blocks in the same way.

## What differs

- The runtime, and nothing else: the template's has slots of six seconds, two seconds of work in a block, \
three quarters of them for users, and the weights that the SDK publishes. Ours has its own slots, limits \
and measured weights, and does all that our chain does. It also takes many transactions in one call of the \
node, which the template's does not know: it is handed one at a time, as by the SDK's own proposer.

## What is not as in the published template

- BABE gives out the slots, not Aura, because our node makes blocks with BABE. Each slot has one author, \
as with Aura.
- The database is ParityDB. The weights are the template's: those of RocksDB.
- Our node votes one block behind the best one, the template's two, and expects messages to take 150 ms, the \
template's 333 ms: finality comes sooner here than with the template's own node.
- Our node gives an author half of a slot, the template's two thirds. It matters only to blocks that are \
not full: 1,974 transfers fill one, by its weights.
- There is no pallet for sudo, and no example of a pallet. An account needs as much as on our chain.
";

/// Which reports are compared.
#[derive(Debug, Args)]
pub struct Compare {
    /// The folder with the report of a run with --template. Can be given several times: the fastest
    /// counts.
    #[arg(long, value_name = "FOLDER", required = true)]
    pub template: Vec<PathBuf>,

    /// The folder with the report of our chain's run.
    #[arg(long, value_name = "FOLDER")]
    pub chain: PathBuf,

    /// Write chain-comparison.md and chain-comparison.json into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,

    /// Print the comparison as JSON instead of Markdown.
    #[arg(long)]
    pub json: bool,
}

/// What a report says.
struct Told {
    /// Name and version of the runtime.
    runtime: String,
    /// What has to be the same in all runs, with what it is called.
    shared: Vec<(&'static str, Value)>,
    /// When it was.
    date: String,
    /// Final and successful, a second, as the report has it.
    mean: f64,
    /// The same, from the first final block to the last one before the load's end.
    whole_blocks: f64,
    /// Of the load, in a block: the middle and the most.
    per_block: (u64, u64),
    /// From one block to the next, from sending to the block and to finality: the middle, in seconds.
    gap: f64,
    inclusion: f64,
    finality: f64,
    /// Accepted and lost without a reason, or failed in a block.
    bad: u64,
}

impl Told {
    /// Reads the report in a folder.
    /// Errors: there is none, or it lacks something.
    fn read(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(REPORT);
        let text = std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let report = serde_json::from_slice(&text)?;
        Self::of(&report).with_context(|| format!("{} is no report of a load", file.display()))
    }

    fn of(report: &Value) -> anyhow::Result<Self> {
        let at = |path: &str| report.pointer(path).with_context(|| format!("{path} is missing"));
        let number = |path: &str| -> anyhow::Result<f64> {
            at(path)?.as_f64().with_context(|| format!("{path} is no number"))
        };
        let count = |path: &str| -> anyhow::Result<u64> {
            at(path)?.as_u64().with_context(|| format!("{path} is no count"))
        };
        let text = |path: &str| -> anyhow::Result<String> {
            Ok(at(path)?.as_str().with_context(|| format!("{path} is no text"))?.to_owned())
        };
        let lost = at("/transactions/lost")?.as_array().context("no list of what was lost")?.len();
        let failed = at("/transactions/failed")?.as_object().context("no list of failures")?;
        let failed: u64 = failed.values().filter_map(Value::as_u64).sum();
        let shared = [
            ("machine", "/machine/processor"),
            ("number of cores", "/machine/cores"),
            ("commit", "/about/commit"),
            ("node", "/chain/node"),
            ("number of nodes", "/chain/nodes"),
            ("load", "/load"),
        ];
        let shared =
            shared.map(|(name, path)| -> anyhow::Result<_> { Ok((name, at(path)?.clone())) });
        Ok(Self {
            runtime: text("/chain/runtime")?,
            shared: shared.into_iter().collect::<anyhow::Result<_>>()?,
            date: text("/about/date")?,
            mean: number("/finalised_per_second/mean")?,
            whole_blocks: whole_blocks(at("/block_list")?, number("/seconds")?)?,
            per_block: (count("/blocks/transactions_median")?, count("/blocks/transactions_most")?),
            gap: number("/blocks/seconds_between/p50")?,
            inclusion: number("/inclusion_seconds/p50")?,
            finality: number("/finality_seconds/p50")?,
            bad: failed.saturating_add(u64::try_from(lost)?),
        })
    }

    /// What the run sustained, in the reading that favours it.
    fn best(&self) -> f64 {
        self.mean.max(self.whole_blocks)
    }

    fn json(&self) -> Value {
        json!({
            "runtime": self.runtime,
            "date": self.date,
            "finalised_per_second": self.mean,
            "finalised_per_second_in_whole_blocks": self.whole_blocks,
            "transactions_in_a_block": { "median": self.per_block.0, "most": self.per_block.1 },
            "seconds_between_blocks": self.gap,
            "seconds_to_inclusion": self.inclusion,
            "seconds_to_finality": self.finality,
            "failed_or_lost": self.bad,
        })
    }

    fn row(&self) -> String {
        format!(
            "| {} | {} | {:.0} | {:.0} | {}, {} | {:.1} | {:.1} | {:.1} | {} |\n",
            self.date,
            self.runtime,
            self.mean,
            self.whole_blocks,
            self.per_block.0,
            self.per_block.1,
            self.gap,
            self.inclusion,
            self.finality,
            self.bad,
        )
    }
}

/// Transactions a second, from the first final block of a load to the last one before its end. Of what
/// came after that block, nothing is held against a chain whose blocks are rare.
fn whole_blocks(list: &Value, end: f64) -> anyhow::Result<f64> {
    let mut blocks = Vec::new();
    for block in list.as_array().context("no list of blocks")? {
        let read = |name: &str| block.get(name).and_then(Value::as_f64);
        let (transactions, at) = read("transactions").zip(read("finalised")).context("a block")?;
        if transactions > 0.0 && at <= end {
            blocks.push((at, transactions));
        }
    }
    let first = blocks.iter().map(|(at, _)| *at).fold(f64::INFINITY, f64::min);
    let last = blocks.iter().map(|(at, _)| *at).fold(0.0, f64::max);
    let after: f64 = blocks.iter().filter(|(at, _)| *at > first).map(|(_, count)| count).sum();
    // With less than two blocks, nothing was sustained.
    Ok(if last > first { after / (last - first) } else { 0.0 })
}

/// All that is compared.
struct Comparison {
    chain: Told,
    templates: Vec<Told>,
}

impl Comparison {
    /// Errors: the runs were not made in the same way, or a template's run sustained nothing.
    fn new(chain: Told, templates: Vec<Told>) -> anyhow::Result<Self> {
        for template in &templates {
            for ((name, one), (_, other)) in chain.shared.iter().zip(&template.shared) {
                ensure!(one == other, "the runs differ in their {name}: {one} and {other}");
            }
            ensure!(template.runtime != chain.runtime, "both ran {}", chain.runtime);
            ensure!(
                template.best() > 0.0,
                "the template's run of {} sustained nothing",
                template.date
            );
        }
        Ok(Self { chain, templates })
    }

    /// How many times as much our chain sustained: than the fastest run of the template, and than the
    /// slowest.
    fn ratios(&self) -> (f64, f64) {
        let rates = || self.templates.iter().map(Told::best);
        let (most, least) = (rates().fold(0.0, f64::max), rates().fold(f64::INFINITY, f64::min));
        (self.chain.mean / most, self.chain.mean / least)
    }

    fn json(&self) -> Value {
        let (ratio, to_slowest) = self.ratios();
        json!({
            "ratio": ratio,
            "ratio_to_slowest": to_slowest,
            "target": TARGET,
            "target_is_met": ratio >= TARGET,
            "chain": self.chain.json(),
            "templates": self.templates.iter().map(Told::json).collect::<Vec<_>>(),
        })
    }

    fn markdown(&self) -> String {
        let (ratio, to_slowest) = self.ratios();
        let mut text = String::from("# Our chain beside the template\n\n");
        for (name, value) in &self.chain.shared {
            let value = match value {
                Value::Null => "not known".to_owned(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            text += &format!("- Same {name}: {value}\n");
        }
        let verdict = if ratio >= TARGET { "met" } else { "**not met**" };
        text += &format!(
            "\nOur chain made **{ratio:.1} times** as many transfers final a second as the template in its \
             faster run, and {to_slowest:.1} times as many as in its slower one. The target, \
             {TARGET:.0} times, is {verdict}.\n\n"
        );
        text += "| run | runtime | final a second | in whole blocks | in a block: median, most | between \
                 blocks, s | to the block, s | to finality, s | failed or lost |\n";
        text += "|---|---|---:|---:|---:|---:|---:|---:|---:|\n";
        // In the order in which they were.
        let mut runs: Vec<_> = self.templates.iter().chain([&self.chain]).collect();
        runs.sort_by(|one, other| one.date.cmp(&other.date));
        runs.iter().for_each(|it| text += &it.row());
        text += "\nTimes are medians. The ratio takes the template's better figure of the two, and our chain's \
                 first one.\n\n";
        text + NOTES
    }
}

/// Compares, and tells the result.
/// Errors: a report is missing or was made in another way, or the result cannot be written.
pub fn run(options: &Compare) -> anyhow::Result<()> {
    let templates = options.template.iter().map(|it| Told::read(it));
    let templates = templates.collect::<anyhow::Result<Vec<_>>>()?;
    let comparison = Comparison::new(Told::read(&options.chain)?, templates)?;
    let (document, text) = (format!("{:#}\n", comparison.json()), comparison.markdown());
    if let Some(folder) = &options.output {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        for (name, content) in [("json", &document), ("md", &text)] {
            let file = folder.join(format!("chain-comparison.{name}"));
            std::fs::write(&file, content)
                .with_context(|| format!("writing {}", file.display()))?;
        }
    }
    print!("{}", if options.json { document } else { text });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report of 60 seconds with a block of so many transfers each six seconds.
    fn report(runtime: &str, in_a_block: u64, mean: f64) -> Value {
        let block =
            |number: u64| json!({ "transactions": in_a_block, "finalised": 6.0 * number as f64 });
        let blocks: Vec<_> = (1..=12).map(block).collect();
        json!({
            "about": { "date": "2026-11-22 06:00:00 UTC", "commit": "abc", "command": "" },
            "machine": { "processor": "a", "cores": 2 },
            "chain": { "runtime": runtime, "node": "n 1", "nodes": 1 },
            "load": "fast",
            "seconds": 63.0,
            "transactions": { "lost": [], "failed": { "Balances.Frozen": 2 } },
            "finalised_per_second": { "mean": mean },
            "inclusion_seconds": { "p50": 4.0 },
            "finality_seconds": { "p50": 9.0 },
            "blocks": {
                "transactions_median": in_a_block,
                "transactions_most": in_a_block,
                "seconds_between": { "p50": 6.0 },
            },
            "block_list": blocks,
        })
    }

    fn told(runtime: &str, in_a_block: u64, mean: f64) -> Told {
        Told::of(&report(runtime, in_a_block, mean)).unwrap()
    }

    #[test]
    fn the_template_is_measured_from_block_to_block() {
        let template = told("template 1", 600, 95.0);
        assert!((template.whole_blocks - 100.0).abs() < 1e-9);
        assert_eq!((template.bad, template.per_block), (2, (600, 600)));
        assert_eq!(whole_blocks(&json!([]), 60.0).unwrap(), 0.0);
        assert!(whole_blocks(&json!([{ "transactions": 1 }]), 60.0).is_err());
    }

    #[test]
    fn the_faster_run_of_the_template_counts() {
        let templates = vec![told("template 1", 600, 95.0), told("template 1", 1_200, 190.0)];
        let comparison = Comparison::new(told("ours 1", 1_000, 1_700.0), templates).unwrap();
        let (ratio, to_slowest) = comparison.ratios();
        assert!((ratio - 8.5).abs() < 1e-9 && (to_slowest - 17.0).abs() < 1e-9);
        assert_eq!(comparison.json()["target_is_met"], true);
        let text = comparison.markdown();
        assert!(text.contains("**8.5 times**") && text.contains("8 times, is met"), "{text}");
    }

    #[test]
    fn only_like_is_compared() {
        let ours = || told("ours 1", 1_000, 500.0);
        let mut other = report("template 1", 600, 95.0);
        other["load"] = "slow".into();
        let error = Comparison::new(ours(), vec![Told::of(&other).unwrap()]).err().unwrap();
        assert!(error.to_string().contains("load"), "{error}");
        assert!(Comparison::new(ours(), vec![ours()]).is_err());
        assert!(Told::of(&json!({})).is_err());
        assert!(Comparison::new(ours(), vec![told("template 1", 600, 95.0)]).is_ok());
    }
}
