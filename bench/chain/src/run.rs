// SPDX-License-Identifier: Apache-2.0

//! One run: a chain, a load, the wait until all of it is final, and the report.

use crate::{
    accounts::Account,
    chain::Chain,
    figures::Figures,
    following::follow,
    ledger::{Ledger, Shared},
    leftovers,
    load::{Plan, Prepared, Senders},
    network::Network,
    options::Run,
    plot,
    report::Report,
    resources::{Samples, Watched},
    rpc::{Header, Node},
    signing::Writer,
    submitting::{Pace, submit},
};
use anyhow::{Context, ensure};
use millrace_bench_machine::{self as machine, About};
use polkadot_sdk::sp_core::crypto::{AccountId32, Ss58Codec};
use std::{collections::VecDeque, path::Path, sync::Arc, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

/// How often a run looks whether everything is final.
const LOOK: Duration = Duration::from_millis(500);

/// How long the chain is watched before the load, so that it is in its stride.
const BEFORE: Duration = Duration::from_secs(6);

/// Tells how far a run has come.
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}

/// Runs, and prints the report.
/// Errors: a node cannot be reached or goes away, or a transaction was lost.
pub async fn run(options: &Run) -> anyhow::Result<()> {
    let about = About::this_run();
    let folder = options.folder.clone().unwrap_or_else(std::env::temp_dir);
    let machine = (machine::describe(&folder), machine::json(&folder));
    let mut network = match &options.node {
        Some(binary) => {
            say(&format!("starting a new chain; validators: {}", options.validators));
            Some(Network::start(options, binary).await?)
        }
        None => None,
    };
    let (urls, watched) = targets(options, network.as_ref());
    let nodes = connect(&urls, options.connections).await?;
    let observer = Node::connect(urls.first().context("name a node")?).await?;
    let chain = Arc::new(Chain::ask(&observer).await?);
    let (ledger, queues) = sign(options, &chain, &observer, nodes.len()).await?;
    sleep(BEFORE).await;
    if let Some(network) = &mut network {
        network.check()?;
    }

    let window = Duration::from_secs(options.window.into());
    let samples = Samples::default();
    let head: Header = observer.ask("chain_getHeader", &[finalised_hash(&observer).await?]).await?;
    let shared = Shared::begin(ledger);
    samples.take(&watched, Duration::ZERO);
    let mut background = JoinSet::new();
    background.spawn(follow(observer.clone(), chain.clone(), shared.clone(), head.number));
    let sampling = samples.clone().take_regularly(watched.clone(), window, shared.clone());
    background.spawn(async move {
        sampling.await;
        Ok(())
    });
    let unsent = tokio::select! {
        unsent = send(options, &nodes, queues, &shared) => unsent?,
        failed = failure(&mut background) => return Err(failed),
    };
    let span = shared.now().min(options.span());
    tokio::select! {
        () = wait(options, &shared) => {}
        failed = failure(&mut background) => return Err(failed),
    }
    background.shutdown().await;
    samples.take(&watched, shared.now());
    let leftovers = leftovers::find(&nodes, &shared).await?;
    if let Some(network) = &mut network {
        network.check()?;
    }

    let mut ledger = shared.ledger();
    ledger.count_unannounced();
    let (refused, failed, full, unannounced) = Report::counts(&ledger);
    let report = Report {
        about,
        machine,
        chain: (chain.runtime.clone(), chain.node.clone(), urls.len()),
        load: describe(options),
        span,
        window,
        figures: Figures::new(&ledger, span, window),
        refused,
        failed,
        full,
        unannounced,
        unsent,
        leftovers,
        blocks: ledger.blocks.clone(),
        nodes: watched.into_iter().zip(samples.all()).collect(),
    };
    drop(ledger);
    tell(options, &report)?;
    ensure!(
        report.leftovers.has_reasons(),
        "{} accepted transactions are lost without a reason",
        report.leftovers.lost.len()
    );
    Ok(())
}

/// Where the load goes, and whose memory and disk are measured.
fn targets(options: &Run, network: Option<&Network>) -> (Vec<String>, Vec<Watched>) {
    let Some(network) = network else {
        let watched = options.watch.iter().map(|(process, folder)| Watched {
            name: format!("process {process}"),
            process: *process,
            folder: folder.clone(),
        });
        return (options.url.clone(), watched.collect());
    };
    let validators = &network.validators;
    let watched = validators.iter().map(|it| Watched {
        name: it.name.to_owned(),
        process: it.process(),
        folder: it.data.clone(),
    });
    (validators.iter().map(|it| it.url.clone()).collect(), watched.collect())
}

/// Connections in the order in which accounts are shared out: one to each node, then the next.
pub(crate) async fn connect(urls: &[String], each: u32) -> anyhow::Result<Vec<Node>> {
    let mut nodes = Vec::new();
    for _ in 0..each {
        for url in urls {
            nodes.push(Node::connect(url).await?);
        }
    }
    Ok(nodes)
}

pub(crate) async fn finalised_hash(node: &Node) -> anyhow::Result<serde_json::Value> {
    node.ask("chain_getFinalizedHead", &[]).await
}

/// Signs the load, with the nonces that the chain has for its accounts.
/// Errors: the chain has not funded the accounts.
async fn sign(
    options: &Run,
    chain: &Chain,
    observer: &Node,
    connections: usize,
) -> anyhow::Result<(Ledger, Vec<VecDeque<Prepared>>)> {
    let plan = Plan { count: options.presigned(), channels: options.channels };
    let accounts: Vec<_> = (0..options.accounts).map(Account::new).collect();
    let last = accounts.last().context("a load needs accounts")?;
    let is_funded = crate::chain::has_account(observer, &last.id()).await?;
    ensure!(
        is_funded,
        "the chain has not funded {} accounts: make its genesis with `millrace-load genesis`",
        accounts.len()
    );
    let mut nonces = Vec::with_capacity(accounts.len());
    for account in &accounts {
        let address = AccountId32::new(account.id()).to_ss58check();
        nonces.push(observer.ask("system_accountNextIndex", &[address.into()]).await?);
    }
    let head: Header = observer.ask("chain_getHeader", &[]).await?;
    let writer = Writer::new(chain, (plan.channels > 0).then_some(head.number))?;
    say(&format!("signing {} transactions", plan.count));
    let began = Instant::now();
    let signed = Senders::new(accounts, nonces).sign(&writer, plan, connections)?;
    say(&format!("signed in {:.1} s", began.elapsed().as_secs_f64()));
    Ok(signed)
}

/// Sends the load over all connections. Returns how many transactions were never accepted.
async fn send(
    options: &Run,
    nodes: &[Node],
    queues: Vec<VecDeque<Prepared>>,
    shared: &Shared,
) -> anyhow::Result<u64> {
    say(&format!("load: {}", describe(options)));
    let mut sending = JoinSet::new();
    for (node, queue) in nodes.iter().zip(queues) {
        let pace = Pace {
            rate: options.rate.map(|rate| f64::from(rate) / nodes.len() as f64),
            batch: usize::try_from(options.batch)?,
            waiting: options.waiting,
            until: options.span(),
        };
        sending.spawn(submit(node.clone(), queue, pace, shared.clone()));
    }
    let mut unsent = 0;
    let mut told = shared.now();
    while !sending.is_empty() {
        tokio::select! {
            Some(ended) = sending.join_next() => unsent += ended?? as u64,
            () = sleep(LOOK) => {}
        }
        if shared.now().saturating_sub(told) >= Duration::from_secs(options.window.into()) {
            told = shared.now();
            tell_progress(shared);
        }
    }
    Ok(unsent)
}

fn tell_progress(shared: &Shared) {
    let ledger = shared.ledger();
    let (accepted, open) = (ledger.accepted(), ledger.open());
    let seconds = shared.now().as_secs_f64();
    say(&format!("[{seconds:>5.0} s] {accepted} accepted, {} final", accepted - open));
}

/// Waits until everything that was accepted is final, or until the patience is at its end.
async fn wait(options: &Run, shared: &Shared) {
    say("the load has ended; waiting until it is final");
    let until = Instant::now() + Duration::from_secs(options.grace.into());
    let mut told = Instant::now();
    while shared.ledger().open() > 0 && Instant::now() < until {
        sleep(LOOK).await;
        if told.elapsed() >= Duration::from_secs(options.window.into()) {
            told = Instant::now();
            tell_progress(shared);
        }
    }
}

/// Why something in the background has ended, which nothing there does by itself.
pub(crate) async fn failure(background: &mut JoinSet<anyhow::Result<()>>) -> anyhow::Error {
    match background.join_next().await {
        Some(Ok(Err(error))) => error,
        Some(Err(error)) => error.into(),
        _ => anyhow::anyhow!("the chain is not followed any more"),
    }
}

/// What was asked for, in a few words.
fn describe(options: &Run) -> String {
    let rate = match options.rate {
        Some(rate) => format!("{rate} transactions a second"),
        None => "as fast as they are accepted".to_owned(),
    };
    format!(
        "{rate} for {} s from {} accounts, {} % of them open a channel, the others transfer; {} \
         connections to each node, {} transactions in a request at most, {} not final at most",
        options.seconds,
        options.accounts,
        options.channels,
        options.connections,
        options.batch,
        options.waiting
    )
}

fn tell(options: &Run, report: &Report) -> anyhow::Result<()> {
    let (document, text) = (format!("{:#}\n", report.json()), report.markdown());
    if let Some(folder) = &options.output {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        write(&folder.join("chain-load.json"), &document)?;
        write(&folder.join("chain-load.md"), &text)?;
        let svg = plot::svg(&report.figures.windows, report.window, report.span)?;
        write(&folder.join("chain-load.svg"), &svg)?;
    }
    print!("{}", if options.json { document } else { text });
    Ok(())
}

pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}
