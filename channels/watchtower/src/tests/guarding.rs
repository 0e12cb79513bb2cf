// SPDX-License-Identifier: Apache-2.0

//! What is done about disputes, in whatever order news come.

use crate::guard::{Duty, Guard};
use millrace_primitives_channels::ChannelId;
use proptest::prelude::*;

fn channel(byte: u8) -> ChannelId {
    ChannelId::repeat_byte(byte)
}

/// A guard that knows of one dispute, and has an answer of version 9.
fn ready(shown: u64) -> (Guard, Option<Duty>) {
    let mut guard = Guard::default();
    assert_eq!(guard.disputed(channel(1), shown, 50), None);
    assert_eq!(guard.next_to_search(), Some(channel(1)));
    let duty = guard.searched(channel(1), Some(9));
    (guard, duty)
}

#[test]
fn stale_dispute_is_answered_once() {
    let (mut guard, duty) = ready(3);
    let expected = Duty { channel: channel(1), version: 9, against: 3, deadline: 50 };
    assert_eq!(duty, Some(expected));
    // Told again, of the final block.
    assert_eq!(guard.disputed(channel(1), 3, 50), None);
    guard.submitted(channel(1), true);
    assert_eq!(guard.disputed(channel(1), 3, 50), None);
}

#[test]
fn dispute_that_is_as_new_or_newer_is_let_alone() {
    assert_eq!(ready(9).1, None);
    assert_eq!(ready(10).1, None);
}

#[test]
fn answer_of_others_makes_ours_needless() {
    let mut guard = Guard::default();
    guard.disputed(channel(1), 3, 50);
    guard.next_to_search();
    guard.answered(channel(1), 9);
    assert_eq!(guard.searched(channel(1), Some(9)), None);
    // Unless the block with their answer vanishes, and the dispute is told again.
    guard.withdrawn(channel(1), 9);
    assert!(guard.disputed(channel(1), 3, 50).is_some());
}

#[test]
fn most_urgent_dispute_is_looked_into_first() {
    let mut guard = Guard::default();
    guard.disputed(channel(1), 0, 90);
    guard.disputed(channel(2), 0, 70);
    guard.disputed(channel(3), 0, 80);
    // A reorganisation moves a deadline.
    guard.disputed(channel(3), 0, 60);
    let order = [0; 4].map(|_| guard.next_to_search());
    assert_eq!(order, [Some(channel(3)), Some(channel(2)), Some(channel(1)), None]);
}

#[test]
fn failed_answer_is_tried_again_a_few_times() {
    let (mut guard, duty) = ready(3);
    assert!(duty.is_some());
    let mut attempts = 1;
    for _ in 0..20 {
        guard.submitted(channel(1), false);
        attempts += usize::from(guard.disputed(channel(1), 3, 50).is_some());
    }
    assert_eq!(attempts, 5);
}

#[test]
fn what_is_handed_in_during_a_dispute_counts() {
    let (mut guard, duty) = ready(9);
    assert_eq!(duty, None);
    guard.handed_in(channel(1));
    assert_eq!(guard.next_to_search(), Some(channel(1)));
    assert_eq!(guard.searched(channel(1), Some(12)).map(|duty| duty.version), Some(12));
    // While an answer is under way, the next one waits for it.
    guard.handed_in(channel(1));
    assert_eq!(guard.next_to_search(), None);
    guard.submitted(channel(1), true);
    assert_eq!(guard.next_to_search(), Some(channel(1)));
}

#[test]
fn dispute_that_is_over_is_forgotten() {
    let (mut guard, _) = ready(3);
    guard.ended(&channel(1));
    assert!(guard.is_empty());
    guard.submitted(channel(1), false);
    assert_eq!(guard.searched(channel(1), Some(9)), None);
    assert_eq!(guard.next_to_search(), None);
}

#[test]
fn dispute_is_over_with_its_deadline_even_if_nobody_says_so() {
    let (mut guard, _) = ready(3);
    assert_eq!(guard.expire(49), []);
    assert_eq!(guard.expire(50), [channel(1)]);
    assert!(guard.is_empty());
}

#[test]
fn search_that_comes_back_late_does_not_lead_to_a_second_answer() {
    // Given two searches for one channel, because its dispute ended and was told again meanwhile.
    let mut guard = Guard::default();
    assert_eq!(guard.disputed(channel(1), 1, 50), None);
    assert_eq!(guard.next_to_search(), Some(channel(1)));
    guard.ended(&channel(1));
    assert_eq!(guard.disputed(channel(1), 1, 50), None);
    assert_eq!(guard.next_to_search(), Some(channel(1)));
    // When the first of them leads to an answer, and something new is handed in.
    assert!(guard.searched(channel(1), Some(9)).is_some());
    guard.handed_in(channel(1));
    // Then the second changes nothing until the answer's outcome is known.
    assert_eq!(guard.searched(channel(1), Some(9)), None);
    assert_eq!(guard.next_to_search(), None);
    guard.submitted(channel(1), true);
    assert_eq!(guard.next_to_search(), Some(channel(1)));
}

proptest! {
    /// WT-2: whatever happens, nothing is shown that is not above what was shown, and never two
    /// answers for one channel at a time.
    #[test]
    fn duties_are_sound(
        steps in proptest::collection::vec((0u8..8, 0u8..3, 0u64..12, 1u32..100), 1..200),
    ) {
        let mut guard = Guard::default();
        let mut searching = Vec::new();
        let mut answering = [false; 3];
        for (kind, number, version, deadline) in steps {
            let (id, index) = (channel(number), usize::from(number));
            let duty = match kind {
                0 => guard.disputed(id, version, deadline),
                1 => {
                    guard.answered(id, version);
                    None
                }
                2 => {
                    guard.withdrawn(id, version);
                    None
                }
                3 => {
                    guard.ended(&id);
                    answering[index] = false;
                    None
                }
                4 => {
                    guard.submitted(id, version > 5);
                    answering[index] = false;
                    None
                }
                5 => {
                    guard.handed_in(id);
                    None
                }
                6 => {
                    searching.extend(guard.next_to_search());
                    None
                }
                _ => match searching.pop() {
                    Some(id) => guard.searched(id, (version > 2).then_some(version)),
                    None => None,
                },
            };
            if let Some(duty) = duty {
                prop_assert!(duty.version > duty.against);
                let index = usize::from(duty.channel.as_bytes()[0]);
                prop_assert!(!answering[index], "two answers at a time");
                answering[index] = true;
            }
        }
    }
}
