// SPDX-License-Identifier: Apache-2.0

//! Runs seeded worlds of the off-chain engine, and says which seed breaks which rule.

use clap::Parser;
use millrace_channels_simulator::{
    Counts, Faults, Mutant, Report, Settings, run, run_watched, shrink,
};
use serde_json::json;
use std::{
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Blocks of the only world from one line of progress to the next.
const PROGRESS_BLOCKS: u32 = 8;

/// Runs seeded worlds of the off-chain engine: many parties, crashes, villains, a chain that
/// reorganises. The same arguments always lead to the same world.
///
/// Exits with 1 if a world breaks a rule, and prints the command that shows it again.
#[derive(Debug, Parser)]
#[command(name = "millrace-channel-sim", version)]
struct Arguments {
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many seeds, one world each.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Parties of each world.
    #[arg(long, default_value_t = 6)]
    parties: usize,
    /// Channels of each world.
    #[arg(long, default_value_t = 9)]
    channels: usize,
    /// Things that users do in each world; then everybody comes to rest and settles.
    #[arg(long, default_value_t = 160)]
    steps: usize,
    /// What goes wrong: `all`, `none`, or some of crash, backup, network, partition, outage, chain,
    /// byzantine, with commas between them.
    #[arg(long, default_value = "all")]
    faults: Faults,
    /// Something to make wrong on purpose, to see how it is noticed.
    #[arg(long, value_enum)]
    mistake: Option<Mutant>,
    /// Worlds that run at the same time; by default as many as there are processors.
    #[arg(long)]
    jobs: Option<usize>,
    /// Go on after a world has broken a rule.
    #[arg(long)]
    keep_going: bool,
    /// Look for a smaller world that breaks the same rule.
    #[arg(long)]
    shrink: bool,
    /// Print the last lines of what happened in the world that broke a rule, or in the only one.
    #[arg(long)]
    trace: bool,
    /// How many lines of it.
    #[arg(long, default_value_t = 120)]
    lines: usize,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
    /// Say nothing while it runs.
    #[arg(long)]
    quiet: bool,
}

impl Arguments {
    fn settings(&self, seed: u64) -> Settings {
        let Self { parties, channels, steps, mistake: mutant, .. } = *self;
        Settings { seed, parties, channels, steps, faults: self.faults.clone(), mutant }
    }

    /// Runs one world. If it is the only one, its blocks are the progress.
    fn run(&self, seed: u64, start: Instant) -> Report {
        let is_told = self.seeds == 1 && !self.quiet;
        run_watched(&self.settings(seed), 0, |block, counts| {
            if is_told && block.is_multiple_of(PROGRESS_BLOCKS) {
                let (events, seconds) = (counts.get("events"), start.elapsed().as_secs_f64());
                eprint!("\rblock {block}, {events} events, {seconds:.0} s  ");
            }
        })
    }
}

/// What all worlds came to.
#[derive(Default)]
struct Outcome {
    worlds: u64,
    counts: Counts,
    failures: Vec<Report>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let start = Instant::now();
    let mut outcome = run_all(&arguments, start);
    if arguments.shrink {
        outcome.failures = outcome.failures.iter().map(|it| smaller(it, &arguments)).collect();
    }
    let is_well = outcome.failures.is_empty();
    if arguments.trace && !arguments.json {
        let only = arguments.settings(arguments.seed);
        let is_only = is_well && arguments.seeds == 1;
        let traced = outcome.failures.first().map(|report| report.settings.clone());
        if let Some(settings) = traced.or(is_only.then_some(only)) {
            for line in run(&settings, arguments.lines).trace {
                println!("{line}");
            }
        }
    }
    if arguments.json {
        print_json(&outcome, start.elapsed());
    } else {
        print_text(&outcome, start.elapsed());
    }
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the worlds on as many threads as there are processors.
fn run_all(arguments: &Arguments, start: Instant) -> Outcome {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = arguments.jobs.unwrap_or_else(processors).max(1);
    let next = AtomicU64::new(0);
    let is_stopped = AtomicBool::new(false);
    let outcome = Mutex::new(Outcome::default());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while !is_stopped.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= arguments.seeds {
                        return;
                    }
                    let report = arguments.run(arguments.seed.wrapping_add(number), start);
                    let mut outcome = outcome.lock().unwrap_or_else(|it| it.into_inner());
                    outcome.worlds += 1;
                    outcome.counts.join(&report.counts);
                    if let Some(complaint) = report.complaint() {
                        // At once, and again at the end: a long run may be ended before.
                        if !arguments.quiet {
                            eprintln!("\r{complaint}");
                        }
                        is_stopped.store(!arguments.keep_going, Ordering::Relaxed);
                        outcome.failures.push(report);
                    }
                    if !arguments.quiet {
                        progress(&outcome, arguments.seeds, start);
                    }
                }
            });
        }
    });
    if !arguments.quiet {
        eprintln!();
    }
    let mut outcome = outcome.into_inner().unwrap_or_else(|it| it.into_inner());
    outcome.failures.sort_by_key(|report| report.settings.seed);
    outcome
}

fn progress(outcome: &Outcome, seeds: u64, start: Instant) {
    let Outcome { worlds, failures, counts } = outcome;
    let (events, seconds) = (counts.get("events"), start.elapsed().as_secs_f64());
    let failed = failures.len();
    eprint!("\r{worlds} of {seeds} worlds, {events} events, {failed} failed, {seconds:.0} s  ");
}

fn smaller(report: &Report, arguments: &Arguments) -> Report {
    shrink(report, |best| {
        if !arguments.quiet {
            eprintln!("smaller: {}", best.settings.command());
        }
    })
}

fn print_text(outcome: &Outcome, elapsed: Duration) {
    let Outcome { worlds, counts, failures } = outcome;
    for (name, times) in counts.iter() {
        println!("{times:>12}  {name}");
    }
    println!("{worlds} worlds in {:.1} s, {} failed", elapsed.as_secs_f64(), failures.len());
    for complaint in failures.iter().filter_map(Report::complaint) {
        println!("{complaint}");
    }
}

fn print_json(outcome: &Outcome, elapsed: Duration) {
    let failures: Vec<_> = outcome
        .failures
        .iter()
        .filter_map(|report| {
            let broken = report.failure.as_ref()?;
            Some(json!({
                "seed": report.settings.seed,
                "block": report.height,
                "rule": broken.rule,
                "what": broken.what,
                "replay": report.settings.command(),
            }))
        })
        .collect();
    let result = json!({
        "worlds": outcome.worlds,
        "seconds": elapsed.as_secs_f64(),
        "counts": outcome.counts,
        "failures": failures,
    });
    println!("{result}");
}
