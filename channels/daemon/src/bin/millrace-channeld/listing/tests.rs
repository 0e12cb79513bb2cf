// SPDX-License-Identifier: Apache-2.0

//! Pages, cursors, and what is read of the history.

use super::*;
use codec::Compact;
use millrace_channels_store::{Batch, GuessCost, Options, Passphrase};

fn came(at: u64, row: u64, line: u32) -> Came {
    (at, (row, line), incoming(PaymentId([9; 32]), row.into(), at))
}

fn kept(at: u64, number: u64) -> (Place, Payment) {
    let place = Place { at, book: 0, number };
    (place, incoming(PaymentId([8; 32]), u128::from(number) + 1_000, at))
}

/// All pages of `limit`, by what each payment is about.
fn paged(memory: &[(Place, Payment)], history: &[Came], limit: usize) -> Vec<u128> {
    let (mut mark, mut seen) = (Mark::START, Vec::new());
    loop {
        let below = memory.iter().filter(|it| it.0 < mark.memory).cloned().collect();
        let older = history.iter().filter(|it| it.1 < mark.history).cloned().collect();
        let page = merged(mark, below, older, limit);
        assert!(page.items.len() <= limit);
        seen.extend(page.items.iter().map(|it| it.amount.0));
        let Some(next) = page.next else { return seen };
        assert_eq!(page.items.len(), limit, "only the last page is short");
        mark = Mark::read(Some(&next)).unwrap();
    }
}

#[test]
fn pages_of_any_size_have_every_payment_once_and_newest_first() {
    let memory = [kept(9_000, 4), kept(7_000, 3), kept(7_000, 2), kept(1_000, 0)];
    // The clock was set back between the rows 5 and 6.
    let history = [came(8_000, 7, 1), came(8_000, 7, 0), came(3_000, 6, 0), came(5_000, 5, 3)];
    let whole = paged(&memory, &history, 100);
    assert_eq!(whole, [1_004, 7, 7, 1_003, 1_002, 6, 5, 1_000]);
    for limit in 1..9 {
        assert_eq!(paged(&memory, &history, limit), whole, "pages of {limit}");
    }
}

#[test]
fn cursor_that_is_none_is_refused() {
    for text in ["1", "1.2.3.4", "1.2.3.4.5.6", "1.256.3.4.5", "1.2.3.4.x", "-1.2.3.4.5"] {
        assert!(Mark::read(Some(&text.parse().unwrap())).is_err(), "{text}");
    }
    let mark = Mark { memory: Place { at: 1, book: 2, number: 3 }, history: (4, 5) };
    assert_eq!(Mark::read(mark.cursor().as_ref()), Ok(mark));
}

#[test]
fn history_is_read_line_by_line_and_a_row_that_is_overwritten_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { guess_cost: GuessCost::LEAST, ..Options::default() };
    let store = Store::create(folder.path(), &Passphrase::new("test"), &options).unwrap();
    let received = |amount| Line::Received { payer: 0, amount: Compact(amount) };
    let sent = Line::Paid { payer: 1, payee: 0, amount: Compact(1) };
    let entry = |number, lines| {
        let channel = ChannelId::repeat_byte(7);
        Entry { number, at: number * 1_000, channel, version: number, lines }
    };
    let entries = [
        (0, entry(10, vec![received(1), sent.clone(), received(2)])),
        // The row 11 would be here and is not durable.
        (1, entry(1, vec![received(100)])),
        (2, entry(12, vec![sent, received(3)])),
    ];
    let batch = entries
        .iter()
        .fold(Batch::new(), |batch, (slot, entry)| batch.put(&HISTORY, slot, entry, None));
    store.submit(batch).unwrap().wait().unwrap();
    let rows = [(12, 2), (11, 1), (10, 0)];
    let amounts = |below, most| {
        let found = in_history(&store, &rows, below, most).unwrap();
        found.iter().map(|it| it.2.amount.0).collect::<Vec<_>>()
    };
    assert_eq!(amounts(Mark::START.history, 9), [3, 2, 1]);
    assert_eq!(amounts(Mark::START.history, 2), [3, 2]);
    assert_eq!(amounts((10, 2), 9), [1]);
    // Each has an id that leads back to it.
    let found = in_history(&store, &rows, Mark::START.history, 9).unwrap();
    for (_, place, payment) in &found {
        assert_eq!(line_place(&payment.payment.0), Some(*place));
    }
}
