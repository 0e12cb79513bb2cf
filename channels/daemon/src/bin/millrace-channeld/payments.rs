// SPDX-License-Identifier: Apache-2.0

//! Invoices, payments over several channels, the graph and fees, behind the interface.

use crate::{
    peers::peer_of,
    refusing::{no_channel, refusal, stopped},
    running::now,
    service::{Daemon, LOOK, key, seconds},
    views,
};
use core::time::Duration;
use millrace_channels_api::{
    Amount, ApiError, Code, Operation, Page, Result,
    types::{
        ChannelFees, CreateInvoice, DecodeInvoice, DecodedInvoice, Direction, FeePolicies,
        FeePolicy, GraphChannel, GraphQuery, GraphSide, Invoice, InvoiceFilter, InvoiceState,
        PayInvoice, Payment, PaymentState, SetFees,
    },
    values::{
        ChannelId as Id, Cursor, InvoiceText, Note, PaymentHash, PaymentId, Peer as PeerName,
        Preimage, Wait,
    },
};
use millrace_channels_daemon::{
    Command, CommandError, Node, Peer, Reply,
    routed::{Issued, Payment as Known, PaymentProgress},
};
use millrace_channels_routing::{
    Direction as Way, Invoice as Signed, NodeId, Terms,
    invoices::{Description, InvoiceTerms},
};
use millrace_primitives_channels::{Balance, ChannelId, Hash};
use tokio::time::{Instant, interval, timeout_at};

/// For how long an invoice counts unless its maker says otherwise, in seconds: a day.
const LIFETIME: u32 = 24 * 60 * 60;

/// What a payment may cost unless its payer says otherwise: a hundredth of the amount, and at least
/// this, in the smallest unit.
const LEAST_FEE: Balance = 1_000;

/// How long a payment is waited for at least.
const LEAST_WAIT: Duration = Duration::from_millis(200);

/// Until when a request waits for a payment.
pub fn until(wait: Wait) -> Instant {
    let wait = Duration::from_secs(u64::from(wait.get())).max(LEAST_WAIT);
    let now = Instant::now();
    now.checked_add(wait).unwrap_or(now)
}

/// Whether a request that waits until then is answered by this.
pub fn is_told(payment: &Payment, until: Instant) -> bool {
    payment.state != PaymentState::UnderWay || Instant::now() >= until
}

fn fee_limit(asked: Option<Amount>, amount: Balance) -> Balance {
    asked.map_or_else(|| (amount / 100).max(LEAST_FEE), |limit| limit.0)
}

fn node_name(node: &NodeId) -> Option<PeerName> {
    views::peer_name(Peer(node.0))
}

pub fn note_of(terms: &InvoiceTerms) -> Option<Note> {
    terms.description.as_words().filter(|words| !words.is_empty())?.parse().ok()
}

fn expires_at(terms: &InvoiceTerms) -> u64 {
    terms.created_at.saturating_add(terms.lifetime.into())
}

fn text_of(invoice: &Signed) -> Result<InvoiceText> {
    invoice
        .to_text()
        .parse()
        .map_err(|_| ApiError::new(Code::Internal, "the invoice has no text", "Report this."))
}

/// An invoice as programs see it.
fn invoice_view(signed: &Signed, issued: Option<&Issued>) -> Result<Invoice> {
    let terms = signed.terms();
    let receipt = issued.and_then(|issued| issued.paid.as_ref());
    let state = match receipt {
        Some(_) => InvoiceState::Paid,
        None if terms.has_expired(seconds(now())) => InvoiceState::Expired,
        None => InvoiceState::Open,
    };
    Ok(Invoice {
        invoice: text_of(signed)?,
        qr: signed.to_qr(),
        hash: PaymentHash(terms.hashlock.0),
        state,
        amount: terms.amount().map(Amount),
        paid: receipt.map(|receipt| Amount(receipt.amount)),
        note: note_of(terms),
        created_at: terms.created_at,
        expires_at: expires_at(terms),
    })
}

/// A payment over several channels as programs see it. `key`: what it is kept under, which is its lock,
/// or its name if its invoice was tried again under another one.
pub fn payment_view(node: &Node, key: &Hash, known: &Known) -> Payment {
    let (state, fee, preimage, failure) = match &known.progress {
        PaymentProgress::UnderWay => (PaymentState::UnderWay, 0, None, None),
        PaymentProgress::Done { preimage, fee } => {
            (PaymentState::Succeeded, *fee, Some(Preimage(*preimage)), None)
        }
        PaymentProgress::Failed { reason } => {
            let reason = String::from_utf8_lossy(reason).into_owned();
            let failure = refusal(&CommandError::NotPaid { reason });
            (PaymentState::Failed, 0, None, Some(failure))
        }
    };
    let name = known.operation.map(|operation| operation.id);
    let (payment, amount) = (PaymentId(name.unwrap_or(key.0)), Amount(known.amount));
    let direction = Direction::Outgoing;
    Payment {
        fee: Amount(fee),
        payee: views::peer_name(known.payee),
        hash: (name != Some(key.0)).then_some(PaymentHash(key.0)),
        preimage,
        parts: node.parts_of(key, known),
        failure,
        decided_at: known.decided_at.map(seconds),
        ..Payment::new(payment, direction, state, amount, seconds(known.at))
    }
}

fn policy(terms: &Terms) -> FeePolicy {
    FeePolicy {
        base: Amount(terms.base_fee),
        millionths: terms.fee_ppm,
        expiry_delta_blocks: terms.expiry_delta,
        least: Amount(terms.min_amount),
        enabled: !terms.is_disabled,
    }
}

impl Daemon {
    fn parsed_invoice(&self, text: &InvoiceText) -> Result<Signed> {
        Signed::from_text(text.as_str(), &self.genesis).map_err(|error| {
            let message = error.to_string();
            ApiError::new(Code::InvalidParams, message, "Ask the payee for the invoice again.")
        })
    }

    pub(crate) async fn make_invoice(&self, request: CreateInvoice) -> Result<Invoice> {
        let words = request.note.as_ref().map_or("", |note| note.as_str());
        let description = Description::words(words).ok_or_else(|| {
            let message = "the note of an invoice has at most 160 bytes";
            ApiError::new(Code::InvalidParams, message, "Shorten it.")
        })?;
        let command = Command::WriteInvoice {
            amount: request.amount.map(|amount| amount.0),
            description,
            lifetime: request.expires_in_seconds.unwrap_or(LIFETIME),
        };
        match self.node.command(command).await.map_err(stopped)? {
            Ok(Reply::Written { invoice }) => invoice_view(&invoice, None),
            Ok(_) => Err(ApiError::new(Code::Internal, "no invoice was made", "Report this.")),
            Err(error) => Err(refusal(&error)),
        }
    }

    pub(crate) async fn own_invoices(&self, request: InvoiceFilter) -> Result<Page<Invoice>> {
        let (before, limit) = (number(request.after.as_ref())?, request.limit.get());
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut all: Vec<Issued> = self.look(|node| node.issued().cloned().collect()).await?;
        all.sort_by_key(|issued| core::cmp::Reverse(issued.number));
        let mut items = Vec::new();
        let mut last = None;
        for issued in all.iter().filter(|it| before.is_none_or(|before| it.number < before)) {
            let signed = issued.invoice(&self.genesis).map_err(|error| {
                ApiError::new(Code::Internal, error.to_string(), "Report this.")
            })?;
            let view = invoice_view(&signed, Some(issued))?;
            if request.state.is_some_and(|state| state != view.state) {
                continue;
            }
            if items.len() >= limit {
                return Ok(Page { items, next: last.and_then(cursor) });
            }
            last = Some(issued.number);
            items.push(view);
        }
        Ok(Page { items, next: None })
    }

    pub(crate) fn read_invoice(&self, request: &DecodeInvoice) -> Result<DecodedInvoice> {
        let signed = self.parsed_invoice(&request.invoice)?;
        let terms = signed.terms();
        let payee = node_name(&terms.payee).ok_or_else(|| {
            let message = "the payee's key is none";
            ApiError::new(Code::InvalidParams, message, "Ask the payee for a new invoice.")
        })?;
        Ok(DecodedInvoice {
            payee,
            hash: PaymentHash(terms.hashlock.0),
            amount: terms.amount().map(Amount),
            note: note_of(terms),
            created_at: terms.created_at,
            expires_at: expires_at(terms),
            expired: terms.has_expired(seconds(now())),
        })
    }

    /// What is noted of a payment of an invoice: the payer's words, or else those of the invoice.
    pub(crate) fn note_about(&self, request: &PayInvoice) -> Option<Note> {
        let asked = || note_of(self.parsed_invoice(&request.invoice).ok()?.terms());
        request.note.clone().or_else(asked)
    }

    pub(crate) async fn settle_invoice(
        &self,
        operation: Operation,
        request: PayInvoice,
    ) -> Result<Payment> {
        let invoice = Box::new(self.parsed_invoice(&request.invoice)?);
        let lock = invoice.terms().hashlock;
        let amount = invoice.terms().amount().or(request.amount.map(|it| it.0)).unwrap_or(0);
        let command = Command::PayInvoice {
            invoice,
            amount: request.amount.map(|amount| amount.0),
            max_fee: fee_limit(request.fee_limit, amount),
            operation: Some(key(&operation)),
        };
        let until = until(request.wait_seconds);
        self.run_payment(command, until).await?;
        self.routed(operation, Some(lock), until).await
    }

    /// Pays a peer to whom no channel leads directly.
    pub(crate) async fn pay_over_others(
        &self,
        operation: Operation,
        payee: &PeerName,
        amount: Balance,
        limit: Option<Amount>,
        until: Instant,
    ) -> Result<Payment> {
        let (_, payee) = peer_of(payee)?;
        let command = Command::PayNode {
            payee,
            amount,
            max_fee: fee_limit(limit, amount),
            operation: Some(key(&operation)),
        };
        self.run_payment(command, until).await?;
        self.routed(operation, None, until).await
    }

    /// Gives a command that pays, and waits for a while.
    async fn run_payment(&self, command: Command, until: Instant) -> Result<()> {
        let node = self.node.clone();
        let running = tokio::spawn(async move { node.command(command).await });
        let Ok(done) = timeout_at(until, running).await else { return Ok(()) };
        match done
            .map_err(|_| stopped(millrace_channels_daemon::shell::Stopped))?
            .map_err(stopped)?
        {
            // What became of it is told by the payment itself.
            Ok(_) | Err(CommandError::UnderWay | CommandError::NotPaid { .. }) => Ok(()),
            Err(error) => Err(refusal(&error)),
        }
    }

    /// What became of a payment by its name, or of the one that pays the same invoice. It is told
    /// once it is decided or the time is over, and not before it would be known after a restart.
    async fn routed(
        &self,
        operation: Operation,
        lock: Option<Hash>,
        until: Instant,
    ) -> Result<Payment> {
        let mut looks = interval(LOOK);
        loop {
            looks.tick().await;
            let found = self.look(move |node| {
                let named = node.payment_named(&operation.id);
                let under = || Some((lock.as_ref()?, node.payment(lock.as_ref()?)?));
                let found = named.or_else(under);
                let (key, known) = found?;
                let survives = node.payment_survives(key);
                Some((survives, node.has_failed(), payment_view(node, key, known)))
            });
            match found.await? {
                Some((true, _, payment)) if is_told(&payment, until) => return Ok(payment),
                Some((true, ..) | (false, false, _)) => {}
                Some((false, true, _)) => {
                    let message = "the disk refused to keep the payment";
                    let remedy = "Mend the disk, then start the daemon again.";
                    return Err(ApiError::new(Code::DiskFailed, message, remedy));
                }
                None => {
                    let message = "the payment was not begun";
                    let remedy = "Try again under the same key.";
                    return Err(ApiError::new(Code::NotReady, message, remedy));
                }
            }
        }
    }

    pub(crate) async fn public_channels(&self, request: GraphQuery) -> Result<Page<GraphChannel>> {
        let after = request.after.as_ref().map(|cursor| cursor.as_str().parse::<Id>());
        let after = after.transpose().map_err(|_| no_cursor())?;
        let peer = request.peer.as_ref().map(peer_of).transpose()?.map(|(_, peer)| NodeId(peer.0));
        let limit = usize::try_from(request.limit.get()).unwrap_or(usize::MAX);
        let (items, has_more) = self
            .look(move |node| {
                let wanted = node.graph().channels().filter(|known| {
                    let channel = known.channel();
                    after.is_none_or(|after| channel.id().0 > after.0)
                        && peer.is_none_or(|peer| channel.nodes().contains(&peer))
                });
                let mut items: Vec<GraphChannel> = wanted
                    .take(limit.saturating_add(1))
                    .map(|known| {
                        let channel = known.channel();
                        let sides = Way::BOTH.into_iter().filter_map(|way| {
                            let (from, _) = way.ends(channel.nodes());
                            let update = known.update(way);
                            Some(GraphSide {
                                peer: node_name(&from)?,
                                policy: update.map(|update| policy(update.terms())),
                                updated_at: update.map(|update| seconds(update.sequence())),
                            })
                        });
                        GraphChannel {
                            channel: Id(channel.id().0),
                            capacity: Amount(channel.deposit()),
                            sides: sides.collect(),
                        }
                    })
                    .collect();
                let has_more = items.len() > limit;
                items.truncate(limit);
                (items, has_more)
            })
            .await?;
        let next = items.last().filter(|_| has_more).map(|it| it.channel.to_string());
        Ok(Page { items, next: next.and_then(|text| text.parse().ok()) })
    }

    pub(crate) async fn own_fees(&self) -> Result<FeePolicies> {
        let (default, channels) = self.look(|node| node.fees()).await?;
        let channels = channels
            .iter()
            .take(1_000)
            .map(|(channel, terms)| ChannelFees { channel: Id(channel.0), policy: policy(terms) });
        Ok(FeePolicies { default: policy(&default), channels: channels.collect() })
    }

    pub(crate) async fn change_fees(&self, request: SetFees) -> Result<FeePolicies> {
        let channel = request.channel.map(|id| ChannelId::from(id.0));
        let (default, channels) = self.look(|node| node.fees()).await?;
        let before = channels.iter().find(|(id, _)| Some(*id) == channel).map(|(_, terms)| *terms);
        let FeePolicy { base, millionths, expiry_delta_blocks, least, enabled } = request.policy;
        let terms = Terms {
            base_fee: base.0,
            fee_ppm: millionths,
            expiry_delta: expiry_delta_blocks,
            min_amount: least.0,
            is_disabled: !enabled,
            ..before.unwrap_or(default)
        };
        match self.node.command(Command::SetFees { channel, terms }).await.map_err(stopped)? {
            Ok(_) => self.own_fees().await,
            Err(CommandError::UnknownChannel { channel }) => Err(no_channel(&Id(channel.0))),
            Err(error) => Err(refusal(&error)),
        }
    }
}

pub fn no_cursor() -> ApiError {
    ApiError::new(Code::InvalidParams, "the cursor is not one", "Copy it from the page.")
}

fn number(cursor: Option<&Cursor>) -> Result<Option<u64>> {
    cursor.map(|cursor| cursor.as_str().parse().map_err(|_| no_cursor())).transpose()
}

fn cursor(number: u64) -> Option<Cursor> {
    number.to_string().parse().ok()
}
