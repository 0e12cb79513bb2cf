// SPDX-License-Identifier: Apache-2.0

//! Wishes, waits and bans, without clock or socket.

use crate::{
    ConnectError, DialProblem, Multiaddr, NodeKey, PeerId,
    book::{Book, Retry},
};
use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_secs(1);
const MAX: Duration = Duration::from_secs(300);

fn book() -> Book {
    Book::new(Retry { first: FIRST, max: MAX }, 100)
}

fn peer() -> PeerId {
    NodeKey::generate().expect("the system has randomness").peer_id()
}

fn addresses() -> Vec<Multiaddr> {
    vec!["/ip4/192.0.2.1/tcp/9740".parse().expect("it is well formed")]
}

fn problem() -> DialProblem {
    DialProblem::Unreachable { cause: "nobody there".into() }
}

#[test]
fn waits_double_up_to_the_longest_and_chance_takes_at_most_half() {
    for chance in [0, u32::MAX / 2, u32::MAX] {
        let (mut book, peer, mut now) = (book(), peer(), Instant::now());
        book.want(peer, addresses(), false, now).expect("there is room");
        for failures in 1..50_u32 {
            assert_eq!(book.take_due(16, now), vec![(peer, addresses())]);
            assert_eq!(book.take_due(16, now), vec![], "it is being dialled");
            book.note_failure(&peer, problem(), now, chance);
            let wait = book.next_due(now).expect("it is tried again") - now;
            let full = FIRST.saturating_mul(1 << (failures - 1).min(20)).min(MAX);
            assert!(full / 2 <= wait && wait <= full, "failure {failures}: {wait:?} of {full:?}");
            assert!(book.take_due(16, now + wait - Duration::from_millis(1)).is_empty());
            now += wait;
        }
        assert_eq!(book.get(&peer).expect("it is wanted").problem(), Some(&problem()));
    }
}

#[test]
fn a_connection_that_lasted_starts_the_waits_anew_and_a_short_one_does_not() {
    let (mut book, peer, mut now) = (book(), peer(), Instant::now());
    book.want(peer, addresses(), false, now).expect("there is room");
    for (lasts, wait) in [(1, 1), (1, 2), (1, 4), (29, 8), (30, 1), (1000, 1), (0, 2)] {
        assert_eq!(book.take_due(16, now).len(), 1);
        book.note_connection(&peer);
        book.note_lane(&peer, now);
        assert_eq!(book.next_due(now), None, "it is connected");
        now += Duration::from_secs(lasts);
        book.note_end(&peer, problem(), now, u32::MAX);
        assert_eq!(book.next_due(now), Some(now + Duration::from_secs(wait)), "after {lasts} s");
        now += Duration::from_secs(wait);
    }
}

#[test]
fn a_connection_without_frames_counts_as_a_failure_however_long_it_lasts() {
    let (mut book, peer, mut now) = (book(), peer(), Instant::now());
    book.want(peer, addresses(), false, now).expect("there is room");
    for wait in [1, 2, 4] {
        assert_eq!(book.take_due(16, now).len(), 1);
        book.note_connection(&peer);
        now += Duration::from_secs(1000);
        book.note_end(&peer, problem(), now, u32::MAX);
        assert_eq!(book.next_due(now), Some(now + Duration::from_secs(wait)));
        now += Duration::from_secs(wait);
    }
}

#[test]
fn a_dial_that_fails_after_the_peer_came_by_itself_does_not_count() {
    let (mut book, peer, now) = (book(), peer(), Instant::now());
    book.want(peer, addresses(), false, now).expect("there is room");
    assert_eq!(book.take_due(16, now).len(), 1);
    book.note_connection(&peer);
    book.note_failure(&peer, problem(), now, 0);
    assert_eq!(book.next_due(now), None);
    assert_eq!(book.get(&peer).expect("it is wanted").problem(), None);
}

#[test]
fn a_new_wish_is_tried_at_once_but_not_twice() {
    let (mut book, peer, now) = (book(), peer(), Instant::now());
    book.want(peer, addresses(), false, now).expect("there is room");
    assert_eq!(book.take_due(16, now).len(), 1);
    book.want(peer, addresses(), false, now).expect("it has its room");
    assert_eq!(book.take_due(16, now), vec![], "it is being dialled");
    book.note_failure(&peer, problem(), now, 0);
    assert_eq!(book.take_due(16, now), vec![], "it waits");
    book.want(peer, addresses(), false, now).expect("it has its room");
    assert_eq!(book.take_due(16, now).len(), 1, "whoever asks again does not wait");
}

#[test]
fn a_peer_without_addresses_is_only_waited_for() {
    let (mut book, peer, now) = (book(), peer(), Instant::now());
    book.want(peer, vec![], false, now).expect("there is room");
    assert_eq!(book.take_due(16, now + MAX), vec![]);
    assert_eq!(book.next_due(now), None);
    // It came, and went, and is waited for again.
    book.note_connection(&peer);
    book.note_end(&peer, problem(), now, 0);
    assert_eq!(book.take_due(16, now + MAX), vec![]);
}

#[test]
fn only_so_many_are_dialled_at_once() {
    let (mut book, now) = (book(), Instant::now());
    for _ in 0..10 {
        book.want(peer(), addresses(), false, now).expect("there is room");
    }
    let first = book.take_due(4, now);
    assert_eq!(first.len(), 4);
    assert_eq!(book.take_due(4, now), vec![]);
    book.note_connection(&first[0].0);
    book.note_failure(&first[1].0, problem(), now, 0);
    assert_eq!(book.take_due(4, now).len(), 2);
}

#[test]
fn only_so_many_are_wanted() {
    let now = Instant::now();
    let mut book = Book::new(Retry { first: FIRST, max: MAX }, 1);
    let (a, b) = (peer(), peer());
    book.want(a, vec![], false, now).expect("there is room");
    let full = book.want(b, vec![], false, now);
    assert_eq!(full, Err(ConnectError::TooManyWanted { limit: 1 }));
    book.forget(&a);
    book.want(b, vec![], false, now).expect("there is room again");
}

#[test]
fn a_banned_peer_is_not_dialled_until_its_time_is_over() {
    let (mut book, peer, now) = (book(), peer(), Instant::now());
    let until = now + Duration::from_secs(10);
    book.want(peer, addresses(), false, now).expect("there is room");
    book.ban(peer, until, now);
    assert!(book.is_banned(&peer, now));
    assert_eq!(book.take_due(16, now), vec![]);
    assert_eq!(book.next_due(now), Some(until));
    assert!(!book.is_banned(&peer, until));
    assert_eq!(book.take_due(16, until).len(), 1);
}

#[test]
fn bans_are_bounded_and_the_first_to_end_gives_way() {
    let (mut book, now) = (book(), Instant::now());
    let peers: Vec<PeerId> = (0..4097_u32)
        .map(|number| {
            // An identity hash of four bytes is a peer id as any other.
            let bytes = [&[0, 4], number.to_be_bytes().as_slice()].concat();
            PeerId::from_bytes(&bytes).expect("it is well formed")
        })
        .collect();
    for (number, peer) in peers.iter().enumerate() {
        book.ban(*peer, now + Duration::from_secs(1 + number as u64), now);
    }
    assert!(!book.is_banned(&peers[0], now));
    assert!(peers[1..].iter().all(|peer| book.is_banned(peer, now)));
    // Those that are over make room for others.
    let later = now + Duration::from_secs(4000);
    book.ban(peers[0], later + MAX, later);
    assert!(book.is_banned(&peers[0], later) && book.is_banned(&peers[4096], later));
}
