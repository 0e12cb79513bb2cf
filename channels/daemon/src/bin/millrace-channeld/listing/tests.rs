// SPDX-License-Identifier: Apache-2.0

//! Pages, cursors, and what is read of the history.

use super::*;
use codec::Compact;
use millrace_channels_store::{Batch, GuessCost, Options, Passphrase};

fn came(order: u64, at: u64, row: u64, line: u32) -> Came {
    ((Order::new(order), at), (row, line), incoming(PaymentId([9; 32]), row.into(), at))
}

fn kept(order: u64, at: u64, number: u64) -> (Place, Payment) {
    let place = Place { order: Order::new(order), at, book: 0, number };
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
    // Rows of an earlier release.
    let memory = [kept(0, 9_000, 4), kept(0, 7_000, 3), kept(0, 7_000, 2), kept(0, 1_000, 0)];
    // The clock was set back between the rows 5 and 6.
    let history =
        [came(0, 8_000, 7, 1), came(0, 8_000, 7, 0), came(0, 3_000, 6, 0), came(0, 5_000, 5, 3)];
    let older = [1_004, 7, 7, 1_003, 1_002, 6, 5, 1_000];
    assert_eq!(paged(&memory, &history, 100), older);
    // What came after them within one second, while the clock was set back once more.
    let newer_kept = [kept(5, 2_000, 9), kept(4, 2_000, 5), kept(1, 2_000, 8)];
    let newer_came = [came(6, 1_000, 9, 0), came(3, 2_000, 8, 1), came(3, 2_000, 8, 0)];
    let memory = [&newer_kept[..], &memory].concat();
    let history = [&newer_came[..], &history].concat();
    let whole = paged(&memory, &history, 100);
    assert_eq!(whole[..6], [9, 1_009, 1_005, 8, 8, 1_008]);
    assert_eq!(whole[6..], older);
    for limit in 1..15 {
        assert_eq!(paged(&memory, &history, limit), whole, "pages of {limit}");
    }
}

#[test]
fn payments_of_several_kinds_within_one_second_come_in_the_order_in_which_they_came_to_be() {
    let place = |order, book| Place { order: Order::new(order), at: 5_000, book, number: 0 };
    let mut places = [place(3, 0), place(1, 3), place(2, 1), place(4, 2), place(0, 3)];
    places.sort_unstable();
    let found = places.map(|it| (it.order.number(), it.book));
    assert_eq!(found, [(0, 3), (1, 3), (2, 1), (3, 0), (4, 2)]);
}

#[test]
fn cursor_that_is_none_is_refused() {
    for text in ["1", "1.2.3.4", "1.2.3.4.5.6.7", "9.1.256.3.4.5", "9.1.2.3.4.x", "-9.1.2.3.4.5"] {
        assert!(Mark::read(Some(&text.parse().unwrap())).is_err(), "{text}");
    }
    let memory = Place { order: Order::new(9), at: 1, book: 2, number: 3 };
    let mark = Mark { memory, history: (4, 5) };
    assert_eq!(Mark::read(mark.cursor().as_ref()), Ok(mark));
    // One by an earlier release goes on among the payments that it knew.
    let memory = Place { order: Order::NONE, ..memory };
    let earlier = "1.2.3.4.5".parse().unwrap();
    assert_eq!(Mark::read(Some(&earlier)), Ok(Mark { memory, ..mark }));
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
        let (at, order) = (number * 1_000, Order::new(number));
        Entry { number, at, channel, version: number, lines, order }
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
