// SPDX-License-Identifier: Apache-2.0

//! Updates and payments between two processes.

use crate::{
    report::{Aim, Figure, Section, spread},
    run::Bench,
    two::{Measured, Payers, Two},
};

/// Hydra's burst record, in payments a second.
const HYDRA_BURST: f64 = 2_211.0;

/// The part of what signatures allow that updates should reach.
const SHARE: f64 = 0.8;

/// Channels and payments under way in each, when payments share updates.
const SHARED: (usize, usize) = (32, 128);

const WHERE: &str = "two processes on 127.0.0.1, the daemon's shell and transport (libp2p, TCP, \
                     Noise), a store each, nothing sent before its record is synced";

fn each(rounds: &[Measured], value: impl Fn(&Measured) -> f64) -> Vec<f64> {
    rounds.iter().map(value).collect()
}

fn median(rounds: &[Measured], value: impl Fn(&Measured) -> f64) -> f64 {
    spread(&each(rounds, value)).1
}

/// What the cores did meanwhile.
fn note(rounds: &[Measured]) -> String {
    format!(
        "{:.1} cores busy; signatures one by one would take {:.0} % of that time; {:.0} syncs/s here, \
         {:.0} bare",
        median(rounds, |it| it.cores),
        100.0 * median(rounds, |it| it.on_signatures),
        median(rounds, |it| it.syncs),
        median(rounds, |it| it.bare_syncs),
    )
}

fn named(payers: Payers, channels: usize, depth: usize) -> String {
    let plural = |count| if count == 1 { "" } else { "s" };
    let (one, other) = (plural(channels), plural(depth));
    let of = match payers {
        Payers::Here => "",
        Payers::Both => " of each party",
    };
    format!("{channels} channel{one}, {depth} payment{other}{of} under way in each")
}

/// Measures co-signed updates, and the time that one payment takes.
pub async fn measure_updates(bench: &Bench) -> anyhow::Result<Vec<Section>> {
    let (many, more) = (bench.scale.many, 4 * bench.scale.many);
    let mut two = Two::start(bench, "updates", more).await?;
    let mut figures = Vec::new();
    for (payers, channels, depth) in [
        (Payers::Here, 1, 1),
        (Payers::Here, 1, 256),
        (Payers::Here, many / 8, 1),
        (Payers::Here, many, 1),
        (Payers::Here, many, 8),
        (Payers::Here, more, 1),
        (Payers::Here, more, 2),
        (Payers::Both, more, 1),
        (Payers::Both, more, 2),
    ] {
        let name = named(payers, channels, depth);
        let mut rounds = Vec::new();
        for _ in bench.rounds(&name) {
            rounds.push(two.pay(bench, payers, channels, depth, bench.scale.span).await?);
        }
        let ratio = each(&rounds, |it| it.updates / it.limit);
        let figure = Figure::new(name, "updates/s", each(&rounds, |it| it.updates))
            .ratio("what all cores sign and verify", ratio)
            .note(note(&rounds));
        // With one payment under way, a channel waits for its payer between versions, and half of its
        // versions are not the payer's to propose.
        let is_most = (channels, depth) == (more, 2);
        figures.push(if is_most { figure.aim(Aim::ShareAtLeast(SHARE)) } else { figure });
        if (channels, depth) == (1, 1) {
            for (name, part) in [("p50", 0.5), ("p99", 0.99)] {
                let took = each(&rounds, |it| it.round.milliseconds(part));
                // Two records are synced, one after the other, before a payment is agreed.
                let least = each(&rounds, |it| it.round.milliseconds(part) / (2e3 / it.bare_syncs));
                figures.push(
                    Figure::new(format!("a single payment takes, {name}"), "ms", took)
                        .ratio("two bare syncs", least),
                );
            }
        }
    }
    two.stop().await?;
    Ok(vec![Section::new(format!("Co-signed updates: {WHERE}"), figures)])
}

/// Measures payments that share updates, for long enough to be sustained.
pub async fn measure_payments(bench: &Bench) -> anyhow::Result<Vec<Section>> {
    let (channels, depth) = SHARED;
    let channels = channels.min(bench.scale.many);
    let mut two = Two::start(bench, "payments", channels).await?;
    let span = bench.scale.sustained;
    bench.say(&format!("payments for {span:?}"));
    let measured = [two.pay(bench, Payers::Here, channels, depth, span).await?];
    two.stop().await?;
    let round = &measured[0].round;
    let seconds = round.by_second();
    let values = if seconds.is_empty() { vec![round.per_second()] } else { seconds };
    let (least, _, _) = spread(&values);
    let figures = vec![
        Figure::new(
            format!("payments, {channels} channels, {depth} under way in each"),
            "/s",
            values,
        )
        .aim(Aim::AtLeast(HYDRA_BURST))
        .note(format!(
            "second by second over {:.0} s, the least {least:.0}; {} payments, {:.1} to an update",
            round.seconds(),
            round.count(),
            round.per_second() / measured[0].updates,
        )),
        Figure::new("each of them takes, p50", "ms", vec![round.milliseconds(0.5)]),
        Figure::new("each of them takes, p99", "ms", vec![round.milliseconds(0.99)])
            .note(note(&measured)),
    ];
    Ok(vec![Section::new(format!("Payments that share updates: {WHERE}"), figures)])
}
