// SPDX-License-Identifier: Apache-2.0

//! The list of payments: made and received, over one channel or several, newest first.
//!
//! | book | what is in it | how many, the oldest forgotten first |
//! |---|---|---|
//! | routed | payments of this party over several channels | 20,000 |
//! | direct | named payments of this party over one channel | 20,000, with other named requests |
//! | invoices | invoices of this party that were paid | 10,000 invoices |
//! | received | what came over several channels without an invoice | 10,000 |
//! | history | what came over one channel, on the disk | 10,000 versions, each with all of its payments |
//!
//! What is under way is never forgotten. The rows of all books have one order, by a number that is given
//! when a payment is asked for or comes and is kept with its row. Those that are older than that number
//! follow, by time, book and their number there.
//!
//! The first four books are in memory. The history is read from its newest row on, only as far as a page
//! needs. A cursor says how far a page went in both, so that no payment is on two pages and none is left
//! out, even if the clock was set back.

use crate::{
    paying::{direct_state, direct_view, payee_of},
    payments::{no_cursor, note_of, payment_view},
    service::{Daemon, seconds},
};
use millrace_channels_api::{
    Amount, ApiError, Code, Page, Result,
    types::{Direction, Payment, PaymentFilter, PaymentState},
    values::{Cursor, PaymentHash, PaymentId, Peer as PeerName, Preimage},
};
use millrace_channels_daemon::{
    Node,
    history::{Entry, Line},
    operation::{Deed, Operation, OperationId},
    order::Order,
    routed::{Issued, Payment as Routed, PaymentProgress, Receipt, Received},
    write::HISTORY,
};
use millrace_channels_store::{Store, StoreError};
use millrace_primitives_channels::{ChannelId, Hash};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, iter::Peekable};
use tokio::task::spawn_blocking;

/// The place of a payment among those in memory; later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// What decides, unless both are older than that.
    order: Order,
    /// In milliseconds since 1970.
    at: u64,
    book: u8,
    number: u64,
}

/// The place of a payment in the history: the number of its row, and its line there.
type HistoryPlace = (u64, u32);

/// How far a page went: what follows is below both places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    memory: Place,
    history: HistoryPlace,
}

impl Mark {
    /// Above everything.
    const START: Self = Self {
        memory: Place { order: Order::LAST, at: u64::MAX, book: u8::MAX, number: u64::MAX },
        history: (u64::MAX, u32::MAX),
    };

    /// From a cursor; without one, the start.
    fn read(cursor: Option<&Cursor>) -> Result<Self> {
        let Some(cursor) = cursor else { return Ok(Self::START) };
        let numbers = cursor.as_str().split('.').map(str::parse::<u64>);
        let numbers = numbers.collect::<Result<Vec<_>, _>>().map_err(|_| no_cursor())?;
        let (order, at, book, number, row, line) = match numbers[..] {
            [order, at, book, number, row, line] => (order, at, book, number, row, line),
            // By an earlier release, whose pages had no payment with a place in the order.
            [at, book, number, row, line] => (0, at, book, number, row, line),
            _ => return Err(no_cursor()),
        };
        let order = Order::new(order);
        let book = u8::try_from(book).map_err(|_| no_cursor())?;
        let line = u32::try_from(line).map_err(|_| no_cursor())?;
        Ok(Self { memory: Place { order, at, book, number }, history: (row, line) })
    }

    fn cursor(self) -> Option<Cursor> {
        let (Place { order, at, book, number }, (row, line)) = (self.memory, self.history);
        let order = order.number();
        format!("{order}.{at}.{book}.{number}.{row}.{line}").parse().ok()
    }
}

/// A payment in memory.
enum Known<'a> {
    Routed(&'a Hash, &'a Routed),
    Direct(&'a OperationId, &'a Operation),
    Invoice(&'a Hash, &'a Issued, &'a Receipt),
    Received(&'a Hash, &'a Received),
}

impl Known<'_> {
    fn place(&self) -> Place {
        let (order, at, book, number) = match self {
            Self::Routed(_, it) => (it.order, it.at, 0, it.number),
            Self::Direct(_, it) => (it.order, it.at, 1, it.number),
            Self::Invoice(_, it, receipt) => (receipt.order, receipt.at, 2, it.number),
            Self::Received(_, it) => (it.order, it.at, 3, it.number),
        };
        Place { order, at, book, number }
    }

    fn direction(&self) -> Direction {
        match self {
            Self::Routed(..) | Self::Direct(..) => Direction::Outgoing,
            Self::Invoice(..) | Self::Received(..) => Direction::Incoming,
        }
    }

    fn state(&self) -> PaymentState {
        match self {
            Self::Routed(_, it) => match it.progress {
                PaymentProgress::UnderWay => PaymentState::UnderWay,
                PaymentProgress::Done { .. } => PaymentState::Succeeded,
                PaymentProgress::Failed { .. } => PaymentState::Failed,
            },
            Self::Direct(_, it) => direct_state(it.progress),
            Self::Invoice(..) | Self::Received(..) => PaymentState::Succeeded,
        }
    }

    /// As programs see it. `payees`: those of channels and positions that were looked up before.
    fn view(&self, node: &Node, payees: &mut Payees) -> Option<Payment> {
        match self {
            Self::Routed(key, it) => Some(payment_view(node, key, it)),
            Self::Direct(id, it) => {
                let Deed::Payment(paid) = it.deed else { return None };
                let payee = payees.entry((it.channel, paid.payee));
                let payee = payee.or_insert_with(|| payee_of(node, it)).clone();
                direct_view(**id, it, payee)
            }
            Self::Invoice(lock, it, receipt) => Some(invoice_view(lock, it, receipt)),
            Self::Received(lock, it) => Some(received_view(lock, it)),
        }
    }
}

type Payees = BTreeMap<(ChannelId, u8), Option<PeerName>>;

/// A payment that came in.
fn incoming(payment: PaymentId, amount: u128, at: u64) -> Payment {
    let (direction, state, at) = (Direction::Incoming, PaymentState::Succeeded, seconds(at));
    Payment { decided_at: Some(at), ..Payment::new(payment, direction, state, Amount(amount), at) }
}

fn invoice_view(lock: &Hash, issued: &Issued, receipt: &Receipt) -> Payment {
    Payment {
        hash: Some(PaymentHash(lock.0)),
        preimage: Some(Preimage(issued.preimage)),
        parts: u32::try_from(receipt.parts.len()).unwrap_or(u32::MAX),
        note: note_of(&issued.terms),
        ..incoming(PaymentId(lock.0), receipt.amount, receipt.at)
    }
}

fn received_view(lock: &Hash, received: &Received) -> Payment {
    Payment {
        hash: Some(PaymentHash(lock.0)),
        preimage: Some(Preimage(received.preimage)),
        ..incoming(PaymentId(lock.0), received.amount, received.at)
    }
}

/// The id of a payment in the history: where it is, and a hash that no other payment there has.
fn line_id(entry: &Entry, line: u32) -> PaymentId {
    let hash = Sha256::new()
        .chain_update(b"millrace/api/received/1")
        .chain_update(entry.channel)
        .chain_update(entry.version.to_le_bytes())
        .chain_update(line.to_le_bytes());
    let mut id: [u8; 32] = hash.finalize().into();
    let place = entry.number.to_be_bytes().into_iter().chain(line.to_be_bytes());
    id.iter_mut().zip(place).for_each(|(to, from)| *to = from);
    PaymentId(id)
}

/// Where the history has a payment with this id, if it has it.
fn line_place(id: &[u8; 32]) -> Option<HistoryPlace> {
    let number = u64::from_be_bytes(id.get(..8)?.try_into().ok()?);
    let line = u32::from_be_bytes(id.get(8..12)?.try_into().ok()?);
    Some((number, line))
}

/// What a row of the history says was paid to this party, the last line first.
fn lines(entry: &Entry) -> impl Iterator<Item = (u32, Payment)> + '_ {
    let all = (0_u32..).zip(&entry.lines).collect::<Vec<_>>().into_iter().rev();
    all.filter_map(move |(line, what)| match what {
        Line::Received { amount, .. } => {
            Some((line, incoming(line_id(entry, line), amount.0, entry.at)))
        }
        _ => None,
    })
}

/// Whether payments of a kind are wanted.
fn fits(filter: &PaymentFilter, direction: Direction, state: PaymentState) -> bool {
    filter.direction.is_none_or(|it| it == direction) && filter.state.is_none_or(|it| it == state)
}

/// The newest payments in memory below a place, at most `most`, newest first.
fn in_memory(
    node: &Node,
    filter: &PaymentFilter,
    below: Place,
    most: usize,
) -> Vec<(Place, Payment)> {
    let routed = node.payments().map(|(key, it)| Known::Routed(key, it));
    let direct = node.operations().filter(|(_, it)| matches!(it.deed, Deed::Payment(_)));
    let direct = direct.map(|(id, it)| Known::Direct(id, it));
    let invoices = node
        .issued()
        .filter_map(|it| Some(Known::Invoice(&it.terms.hashlock, it, it.paid.as_ref()?)));
    let received = node.received().map(|(lock, it)| Known::Received(lock, it));
    let all = routed.chain(direct).chain(invoices).chain(received);
    let wanted = all.filter(|it| fits(filter, it.direction(), it.state()) && it.place() < below);
    let mut wanted: Vec<_> = wanted.map(|it| (core::cmp::Reverse(it.place()), it)).collect();
    if wanted.len() > most {
        // Only what is shown is put in order: others wait for this.
        wanted.select_nth_unstable_by_key(most, |(place, _)| *place);
        wanted.truncate(most);
    }
    wanted.sort_unstable_by_key(|(place, _)| *place);
    let mut payees = Payees::new();
    wanted
        .into_iter()
        .filter_map(|(place, it)| Some((place.0, it.view(node, &mut payees)?)))
        .collect()
}

/// A payment of the history: its place in the order and when it came in milliseconds since 1970, where
/// it is, and what it was.
type Came = ((Order, u64), HistoryPlace, Payment);

/// The newest payments of these rows below a place, at most `most`, newest first.
fn in_history(
    store: &Store,
    rows: &[(u64, u32)],
    below: HistoryPlace,
    most: usize,
) -> Result<Vec<Came>, StoreError> {
    let mut found = Vec::new();
    for (number, slot) in rows {
        // A row that is not durable yet belongs to the next look.
        let entry = store.get(&HISTORY, slot)?.filter(|entry| entry.number == *number);
        let Some(entry) = entry else { continue };
        let when = (entry.order, entry.at);
        let came = lines(&entry).map(|(line, payment)| (when, (*number, line), payment));
        found.extend(came.filter(|(_, place, _)| *place < below));
        if found.len() >= most {
            break;
        }
    }
    found.truncate(most);
    Ok(found)
}

/// The next payment of both, newest first, and how far they have come with it.
fn next<M, H>(
    mark: Mark,
    memory: &mut Peekable<M>,
    history: &mut Peekable<H>,
) -> Option<(Mark, Payment)>
where
    M: Iterator<Item = (Place, Payment)>,
    H: Iterator<Item = Came>,
{
    let is_history = match (memory.peek(), history.peek()) {
        (Some((place, _)), Some((when, ..))) => *when > (place.order, place.at),
        (None, Some(_)) => true,
        _ => false,
    };
    if is_history {
        let (_, history, payment) = history.next()?;
        return Some((Mark { history, ..mark }, payment));
    }
    let (memory, payment) = memory.next()?;
    Some((Mark { memory, ..mark }, payment))
}

/// A page of both.
fn merged(
    mark: Mark,
    memory: Vec<(Place, Payment)>,
    history: Vec<Came>,
    limit: usize,
) -> Page<Payment> {
    let (mut memory, mut history) = (memory.into_iter().peekable(), history.into_iter().peekable());
    let (mut mark, mut items) = (mark, Vec::new());
    while items.len() < limit {
        let Some((reached, payment)) = next(mark, &mut memory, &mut history) else { break };
        mark = reached;
        items.push(payment);
    }
    let has_more = memory.peek().is_some() || history.peek().is_some();
    Page { items, next: if has_more { mark.cursor() } else { None } }
}

impl Daemon {
    /// Payments, newest first.
    pub(crate) async fn all_payments(&self, filter: PaymentFilter) -> Result<Page<Payment>> {
        let mark = Mark::read(filter.after.as_ref())?;
        let limit = usize::try_from(filter.limit.get()).unwrap_or(usize::MAX);
        // One more says whether there are more.
        let most = limit.saturating_add(1);
        let (memory, rows) = self
            .look(move |node| {
                let memory = in_memory(node, &filter, mark.memory, most);
                let rows: Vec<_> = match fits(&filter, Direction::Incoming, PaymentState::Succeeded)
                {
                    true => node.rows_received(mark.history.0).collect(),
                    false => Vec::new(),
                };
                (memory, rows)
            })
            .await?;
        let below = mark.history;
        let history = self.read(move |store| in_history(store, &rows, below, most)).await?;
        let page = merged(mark, memory, history, limit);
        let items = page.items.into_iter().map(|payment| self.noted(payment)).collect();
        Ok(Page { items, ..page })
    }

    /// A payment by its id, if it has no name.
    pub(crate) async fn nameless(&self, id: [u8; 32]) -> Result<Option<Payment>> {
        let lock = Hash::from(id);
        let (found, place) = self
            .look(move |node| {
                let issued = node.issued_under(&lock);
                let issued = issued.and_then(|it| Some(invoice_view(&lock, it, it.paid.as_ref()?)));
                let received = || Some(received_view(&lock, node.received_under(&lock)?));
                let made = || {
                    let known = node.payment(&lock).filter(|it| it.operation.is_none());
                    Some(payment_view(node, &lock, known?))
                };
                let place = line_place(&id).and_then(|(number, _)| node.row_slot(number));
                (issued.or_else(received).or_else(made), place)
            })
            .await?;
        let (None, Some(slot)) = (&found, place) else { return Ok(found) };
        self.read(move |store| {
            let entry = store.get(&HISTORY, &slot)?;
            Ok(entry.and_then(|entry| {
                lines(&entry).map(|(_, payment)| payment).find(|it| it.payment.0 == id)
            }))
        })
        .await
    }

    /// Reads from the disk.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T> {
        let store = self.store.clone();
        let failed = |cause: String| {
            let message = format!("the payments were not read: {cause}");
            ApiError::new(Code::DiskFailed, message, "Check the disk.")
        };
        spawn_blocking(move || read(&store))
            .await
            .map_err(|error| failed(error.to_string()))?
            .map_err(|error| failed(error.to_string()))
    }
}

#[cfg(test)]
mod tests;
