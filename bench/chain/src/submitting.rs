// SPDX-License-Identifier: Apache-2.0

//! Sends the load, at a rate or as fast as it is accepted.
//!
//! Each connection sends one request after the other. What finds no room in a pool is sent again
//! before everything else, so that no account's transactions overtake each other.

use crate::{
    ledger::Shared,
    load::Prepared,
    rpc::{IS_IN_POOL, Node, POOL_IS_FULL, refusal},
};
use std::{
    collections::{HashSet, VecDeque},
    time::Duration,
};
use tokio::time::sleep;

/// How long a connection waits when a pool has no room, or when nothing is due.
const PAUSE: Duration = Duration::from_millis(50);

/// How many are accepted and not final at most, unless a run asks for something else: three quarters of
/// what a pool keeps, and more than are in full blocks until these are final.
pub const WAITING: u32 = 24_000;

/// How fast and how long one connection sends.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Transactions a second; as fast as they are accepted if there is none.
    pub rate: Option<f64>,
    /// Transactions in one request at most.
    pub batch: usize,
    /// How many may be accepted and not final, all connections together. A pool takes more than it
    /// keeps, and drops some of them without telling who sent them.
    pub waiting: u32,
    /// When the load ends, counted from its beginning.
    pub until: Duration,
}

impl Pace {
    /// How many may be sent now, if `sent` were sent since the beginning and `open` are not final.
    fn due(self, now: Duration, sent: usize, open: u64) -> usize {
        let room = u64::from(self.waiting).saturating_sub(open);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let due = match self.rate {
            Some(rate) => ((now.as_secs_f64() * rate) as usize).saturating_sub(sent),
            None => self.batch,
        };
        due.min(self.batch).min(room)
    }
}

/// Sends a queue over one connection until it is empty or the time is up. Returns how many were never
/// accepted: what is left, and what came after a refused one of the same account.
/// Errors: the connection broke.
pub async fn submit(
    node: Node,
    mut queue: VecDeque<Prepared>,
    pace: Pace,
    shared: Shared,
) -> anyhow::Result<usize> {
    let (mut sent, mut skipped) = (0, 0);
    // A nonce that is missing blocks all that follow.
    let mut blocked = HashSet::new();
    while !queue.is_empty() && shared.now() < pace.until {
        let open = shared.ledger().open();
        let due = pace.due(shared.now(), sent, open);
        if due == 0 {
            sleep(PAUSE).await;
            continue;
        }
        let taken: Vec<_> = queue.drain(..due.min(queue.len())).collect();
        let before = taken.len();
        let batch: Vec<_> = taken.into_iter().filter(|it| !blocked.contains(&it.account)).collect();
        skipped += before - batch.len();
        if batch.is_empty() {
            continue;
        }
        let without_room =
            send(&node, batch, &mut blocked, &mut sent, &mut skipped, &shared).await?;
        if !without_room.is_empty() {
            for prepared in without_room.into_iter().rev() {
                queue.push_front(prepared);
            }
            sleep(PAUSE).await;
        }
    }
    Ok(queue.len() + skipped)
}

/// Sends one request, and returns what found no room.
async fn send(
    node: &Node,
    batch: Vec<Prepared>,
    blocked: &mut HashSet<u32>,
    sent: &mut usize,
    skipped: &mut usize,
    shared: &Shared,
) -> anyhow::Result<Vec<Prepared>> {
    let now = shared.now();
    let texts: Vec<_> = batch.iter().map(|it| it.text.clone()).collect();
    {
        let mut ledger = shared.ledger();
        batch.iter().for_each(|it| ledger.send(it.number, now, it.text.clone()));
    }
    let answers = node.submit(&texts).await?;
    let now = shared.now();
    let mut ledger = shared.ledger();
    let mut without_room = Vec::new();
    for (prepared, answer) in batch.into_iter().zip(answers) {
        let code = answer.as_ref().err().map(|error| error.code());
        match (answer, code) {
            (Ok(_), _) | (_, Some(IS_IN_POOL)) => {
                ledger.accept(prepared.number, now);
                *sent += 1;
            }
            (_, Some(POOL_IS_FULL)) => {
                ledger.find_full(now);
                without_room.push(prepared);
            }
            // The nonce before it is missing, so the pool would keep it without ever using it.
            _ if blocked.contains(&prepared.account) => *skipped += 1,
            (Err(error), _) => {
                ledger.refuse(refusal(&error));
                blocked.insert(prepared.account);
                *skipped += 1;
            }
        }
    }
    Ok(without_room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_kept_and_a_late_sender_catches_up() {
        let pace = Pace { rate: Some(100.0), batch: 50, waiting: 90, until: Duration::MAX };
        let second = Duration::from_secs(1);
        assert_eq!(pace.due(Duration::ZERO, 0, 0), 0);
        assert_eq!(pace.due(second, 80, 0), 20);
        assert_eq!(pace.due(second, 120, 0), 0);
        assert_eq!(pace.due(10 * second, 80, 0), 50);
    }

    #[test]
    fn without_a_rate_every_request_is_full() {
        let pace = Pace { rate: None, batch: 50, waiting: 90, until: Duration::MAX };
        assert_eq!(pace.due(Duration::ZERO, 1_000, 0), 50);
    }

    #[test]
    fn no_more_is_sent_than_a_pool_keeps() {
        let pace = Pace { rate: None, batch: 50, waiting: 90, until: Duration::MAX };
        assert_eq!(pace.due(Duration::ZERO, 60, 60), 30);
        assert_eq!(pace.due(Duration::ZERO, 60, 95), 0);
    }
}
