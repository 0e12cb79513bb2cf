// SPDX-License-Identifier: Apache-2.0

//! Payments over a channel, one thread a node.
//!
//! The payee makes an invoice for each payment and claims what comes in for it; a payment is made when
//! its payer has the preimage. What LDK's own background thread would do later or at random times is
//! done at once.

use crate::node::Node;
use anyhow::{Context, anyhow, bail, ensure};
use lightning::{
    events::Event,
    ln::{
        channelmanager::{PaymentId, RecipientOnionFields},
        msgs::MessageSendEvent,
    },
    routing::router::{Path, Route, RouteHop},
    types::{features::ChannelFeatures, payment::PaymentHash},
};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

/// How many blocks the payee has at the end of a payment.
const FINAL_BLOCKS: u32 = 42;

/// How long an invoice is good for, in seconds of the chain's time.
const INVOICE_SECONDS: u32 = 86_400;

/// How long a thread with nothing to do waits for a message.
const PAUSE: Duration = Duration::from_millis(1);

/// How long the last payments may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was paid.
pub struct Payments {
    /// When each payment was made, since the first began, and how long it took.
    pub made: Vec<(Duration, Duration)>,
    /// Syncs of both nodes.
    pub syncs: u64,
}

/// One end of a wire that passes messages as they are.
struct Wire {
    to: Sender<MessageSendEvent>,
    from: Receiver<MessageSendEvent>,
}

/// Pays for a time, with `depth` payments under way.
pub fn pay(
    payer: &Arc<Node>,
    payee: &Arc<Node>,
    depth: usize,
    amount: u64,
    span: Duration,
) -> anyhow::Result<Payments> {
    let before = spendable(payer)?;
    let syncs = || payer.journal.syncs() + payee.journal.syncs();
    let synced = syncs();
    let ((to_payee, of_payer), (to_payer, of_payee)) = (mpsc::channel(), mpsc::channel());
    let is_over = Arc::new(AtomicBool::new(false));
    let serving = {
        let (payee, peer, is_over) = (payee.clone(), payer.id(), is_over.clone());
        let wire = Wire { to: to_payer, from: of_payer };
        thread::spawn(move || serve(&payee, peer, &wire, &is_over))
    };
    let wire = Wire { to: to_payee, from: of_payee };
    let made = drive(payer, payee, &wire, depth, amount, span);
    is_over.store(true, Ordering::Relaxed);
    serving.join().ok().context("the payee panicked")??;
    let (made, syncs) = (made?, syncs() - synced);
    // What every payment owes to both sides' states is exchanged, so that nothing is left out.
    for message in wire.from.try_iter() {
        payer.take(payee.id(), message)?;
    }
    crate::opening::settle(payer, payee)?;
    let paid = before.saturating_sub(spendable(payer)?);
    let told = amount * u64::try_from(made.len())?;
    ensure!(paid == told, "the channel paid {paid}, and payments of {told} were told");
    Ok(Payments { made, syncs })
}

/// What the payer has left, in thousandths of a satoshi.
fn spendable(payer: &Node) -> anyhow::Result<u64> {
    let channels = payer.manager.list_channels();
    Ok(channels.first().context("the channel is gone")?.outbound_capacity_msat)
}

fn route(payer: &Node, payee: &Node, amount: u64) -> anyhow::Result<Route> {
    let channels = payer.manager.list_channels();
    let channel = channels.first().context("there is no channel")?;
    let hop = RouteHop {
        pubkey: payee.id(),
        node_features: payee.manager.node_features(),
        short_channel_id: channel.get_outbound_payment_scid().context("the channel has no name")?,
        channel_features: ChannelFeatures::empty(),
        fee_msat: amount,
        cltv_expiry_delta: FINAL_BLOCKS,
        maybe_announced_channel: false,
    };
    let path = Path { hops: vec![hop], blinded_tail: None };
    Ok(Route { paths: vec![path], route_params: None })
}

/// The payer's thread.
fn drive(
    payer: &Node,
    payee: &Node,
    wire: &Wire,
    depth: usize,
    amount: u64,
    span: Duration,
) -> anyhow::Result<Vec<(Duration, Duration)>> {
    let route = route(payer, payee, amount)?;
    let began = Instant::now();
    let mut under_way: HashMap<PaymentHash, Instant> = HashMap::new();
    let mut made = Vec::new();
    loop {
        while began.elapsed() < span && under_way.len() < depth {
            let start = Instant::now();
            let hash = send(payer, payee, &route, amount)?;
            under_way.insert(hash, start);
        }
        for event in turn(payer, payee.id(), wire)? {
            match event {
                Event::PaymentSent { payment_hash, .. } => {
                    let start = under_way.remove(&payment_hash).context("an unknown payment")?;
                    made.push((began.elapsed(), start.elapsed()));
                }
                Event::PaymentFailed { reason, .. } => bail!("a payment failed: {reason:?}"),
                Event::PaymentPathFailed { failure, .. } => bail!("a payment failed: {failure:?}"),
                _ => {}
            }
        }
        if under_way.is_empty() && began.elapsed() >= span {
            return Ok(made);
        }
        let late = began.elapsed().saturating_sub(span);
        ensure!(late < PATIENCE, "{} payments are stuck", under_way.len());
    }
}

fn send(payer: &Node, payee: &Node, route: &Route, amount: u64) -> anyhow::Result<PaymentHash> {
    let invoice = payee.manager.create_inbound_payment(Some(amount), INVOICE_SECONDS, None);
    let (hash, secret) = invoice.map_err(|()| anyhow!("no invoice was made"))?;
    let recipient = RecipientOnionFields::secret_only(secret);
    let id = PaymentId(hash.0);
    let sent = payer.manager.send_payment_with_route(route.clone(), hash, recipient, id);
    sent.map_err(|error| anyhow!("not sent: {error:?}"))?;
    Ok(hash)
}

/// The payee's thread.
fn serve(
    payee: &Node,
    peer: lightning::bitcoin::secp256k1::PublicKey,
    wire: &Wire,
    is_over: &AtomicBool,
) -> anyhow::Result<()> {
    while !is_over.load(Ordering::Relaxed) {
        for event in turn(payee, peer, wire)? {
            if let Event::PaymentClaimable { purpose, .. } = event {
                let preimage = purpose.preimage().context("a payment without an invoice")?;
                payee.manager.claim_funds(preimage);
            }
        }
    }
    // What came last is taken, so that both sides can come to an end together.
    for message in wire.from.try_iter() {
        payee.take(peer, message)?;
    }
    Ok(())
}

/// Takes what has come, says what there is to say, and returns what happened. Waits a moment if there
/// is nothing to do.
fn turn(
    node: &Node,
    peer: lightning::bitcoin::secp256k1::PublicKey,
    wire: &Wire,
) -> anyhow::Result<Vec<Event>> {
    let mut is_busy = false;
    for message in wire.from.try_iter() {
        node.take(peer, message)?;
        is_busy = true;
    }
    let events = node.events();
    is_busy |= !events.is_empty();
    for message in node.messages() {
        // The other thread has ended only if it failed, which it tells by itself.
        let _ = wire.to.send(message);
        is_busy = true;
    }
    if !is_busy {
        match wire.from.recv_timeout(PAUSE) {
            Ok(message) => node.take(peer, message)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => bail!("the other node has stopped"),
        }
    }
    Ok(events)
}
