// SPDX-License-Identifier: Apache-2.0

//! Requests that move money: one at a time for each key, and to their end, whoever hangs up.
//!
//! This table spares the daemon most repetitions, and keeps two of them from running side by side.
//! That money moves once also after a restart, or when the table has forgotten a key, is kept by the
//! daemon, which writes the operation with the money.

use super::Limits;
use crate::{
    error::{ApiError, Code, Result},
    operation::Operation,
};
use futures::future::BoxFuture;
use serde_json::Value;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// What an operation came to, once it is there.
type Outcome = watch::Receiver<Option<Result<Value>>>;

/// The operations under way, and those that have succeeded lately.
#[derive(Clone, Debug)]
pub(crate) struct Once {
    table: Arc<Mutex<Table>>,
    capacity: usize,
    keep: Duration,
}

#[derive(Debug, Default)]
struct Table {
    entries: HashMap<[u8; 32], Entry>,
    /// The ids in the order in which they came; an id whose entry is gone is left behind.
    order: VecDeque<([u8; 32], Instant)>,
    running: usize,
}

#[derive(Debug)]
struct Entry {
    fingerprint: [u8; 32],
    begun: Instant,
    outcome: Outcome,
}

impl Once {
    /// An empty table.
    pub fn new(limits: &Limits) -> Self {
        Self {
            table: Arc::default(),
            capacity: limits.operations.max(1),
            keep: limits.operation_time,
        }
    }

    /// How many operations are under way.
    pub fn running(&self) -> usize {
        self.lock().running
    }

    /// Starts an operation in a task of its own, or finds the one that was started before.
    ///
    /// An operation that failed is forgotten, so that repeating the request tries again. So is one that
    /// was answered before it was decided: repeating the request asks the daemon what became of it.
    ///
    /// Errors: [`Code::KeyConflict`] if the key was used for something else, [`Code::Busy`] if as many
    /// operations as are remembered are under way.
    pub fn begin(
        &self,
        operation: Operation,
        start: impl FnOnce() -> BoxFuture<'static, Result<Value>>,
    ) -> Result<Outcome> {
        let mut table = self.lock();
        if let Some(entry) = table.entries.get(&operation.id) {
            if entry.fingerprint != operation.fingerprint {
                return Err(conflict());
            }
            return Ok(entry.outcome.clone());
        }
        table.make_room(self.capacity, self.keep)?;
        let (sender, outcome) = watch::channel(None);
        let begun = Instant::now();
        let entry = Entry { fingerprint: operation.fingerprint, begun, outcome: outcome.clone() };
        table.entries.insert(operation.id, entry);
        table.order.push_back((operation.id, begun));
        table.running += 1;
        drop(table);
        let (once, work) = (self.clone(), start());
        tokio::spawn(async move {
            let result = work.await;
            let mut table = once.lock();
            table.running = table.running.saturating_sub(1);
            if result.as_ref().map_or(true, is_undecided) {
                table.entries.remove(&operation.id);
            }
            drop(table);
            sender.send_replace(Some(result));
        });
        Ok(outcome)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Nothing panics while the lock is held.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Forgets what is old, and if need be what is oldest.
    fn make_room(&mut self, capacity: usize, keep: Duration) -> Result<()> {
        for _ in 0..self.order.len() {
            let Some((id, begun)) = self.order.front().copied() else { break };
            if self.order.len() < capacity && begun.elapsed() < keep {
                break;
            }
            self.order.pop_front();
            match self.entries.get(&id) {
                // Of another operation with the same id, that came later.
                Some(entry) if entry.begun != begun => {}
                Some(entry) if entry.outcome.borrow().is_none() => {
                    self.order.push_back((id, begun))
                }
                Some(_) => drop(self.entries.remove(&id)),
                None => {}
            }
        }
        if self.order.len() < capacity {
            return Ok(());
        }
        Err(ApiError::new(
            Code::Busy,
            format!("{capacity} requests that move money are under way, as many as allowed"),
            "Wait for some to end, then repeat the request with the same key.",
        )
        .with("limit", capacity))
    }
}

/// Waits for what an operation comes to.
pub(crate) async fn outcome(mut outcome: Outcome) -> Result<Value> {
    let result = match outcome.wait_for(Option::is_some).await {
        Ok(result) => result.clone(),
        Err(_) => None,
    };
    result.unwrap_or_else(|| {
        Err(ApiError::internal("the request ended without an outcome, which is unknown"))
    })
}

/// Whether the answer says of a payment that it is still under way.
fn is_undecided(answer: &Value) -> bool {
    answer.get("state").and_then(Value::as_str) == Some("under_way")
}

fn conflict() -> ApiError {
    ApiError::new(
        Code::KeyConflict,
        "the idempotency key was used for another request",
        "Use a new key for a new request, and the same one only to repeat a request unchanged.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use serde_json::json;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::oneshot;

    fn once(operations: usize) -> Once {
        Once::new(&Limits { operations, ..Limits::default() })
    }

    fn operation(key: &str, amount: u32) -> Operation {
        Operation::new(&key.parse().unwrap(), "pay", &json!({ "amount": amount }))
    }

    #[tokio::test]
    async fn payment_that_was_under_way_is_asked_for_again() {
        let once = once(4);
        let mut seen = Vec::new();
        // What the third one would say is not asked for: it is decided.
        for state in ["under_way", "succeeded", "failed"] {
            let answer = Ok(json!({ "state": state }));
            let running = once.begin(operation("rent", 1), ready(answer)).unwrap();
            seen.push(outcome(running).await.unwrap()["state"].as_str().unwrap().to_owned());
        }
        assert_eq!(seen, ["under_way", "succeeded", "succeeded"]);
    }

    fn ready(result: Result<Value>) -> impl FnOnce() -> BoxFuture<'static, Result<Value>> {
        move || async move { result }.boxed()
    }

    #[tokio::test]
    async fn a_repetition_gets_the_first_outcome_and_starts_nothing() {
        let (once, starts) = (once(10), Arc::new(AtomicUsize::new(0)));
        let (go, wait) = oneshot::channel::<()>();
        let counted = starts.clone();
        let first = once.begin(operation("k", 1), || {
            counted.fetch_add(1, Ordering::SeqCst);
            async move {
                let _ = wait.await;
                Ok(json!("paid"))
            }
            .boxed()
        });
        let second = once.begin(operation("k", 1), || panic!("it was started twice"));
        assert_eq!(once.running(), 1);
        go.send(()).unwrap();
        assert_eq!(outcome(first.unwrap()).await.unwrap(), "paid");
        assert_eq!(outcome(second.unwrap()).await.unwrap(), "paid");
        let third = once.begin(operation("k", 1), || panic!("it was started again"));
        assert_eq!(outcome(third.unwrap()).await.unwrap(), "paid");
        assert_eq!((starts.load(Ordering::SeqCst), once.running()), (1, 0));
    }

    #[tokio::test]
    async fn a_key_is_for_one_request() {
        let once = once(10);
        once.begin(operation("k", 1), ready(Ok(json!(1)))).unwrap();
        let error = once.begin(operation("k", 2), ready(Ok(json!(2)))).unwrap_err();
        assert_eq!(error.code, Code::KeyConflict);
    }

    #[tokio::test]
    async fn what_failed_is_tried_again() {
        let once = once(10);
        let failed = once.begin(operation("k", 1), ready(Err(ApiError::internal("no")))).unwrap();
        assert!(outcome(failed).await.is_err());
        let again = once.begin(operation("k", 1), ready(Ok(json!("paid")))).unwrap();
        assert_eq!(outcome(again).await.unwrap(), "paid");
    }

    #[tokio::test]
    async fn what_was_begun_ends_although_nobody_waits() {
        let once = once(10);
        let (go, wait) = oneshot::channel::<()>();
        let (done, ended) = oneshot::channel::<()>();
        drop(once.begin(operation("k", 1), || {
            async move {
                let _ = wait.await;
                let _ = done.send(());
                Ok(json!(1))
            }
            .boxed()
        }));
        go.send(()).unwrap();
        ended.await.unwrap();
    }

    #[tokio::test]
    async fn the_table_is_bounded_and_forgets_the_oldest_that_ended() {
        let once = once(3);
        let (_go, wait) = oneshot::channel::<()>();
        let long = || {
            async move { wait.await.map(|()| json!(0)).map_err(|_| ApiError::internal("")) }.boxed()
        };
        let _running = once.begin(operation("long", 0), long).unwrap();
        for number in 0..100 {
            let key = format!("k{number}");
            // Half of them fail, and leave their ids behind.
            let result =
                if number % 2 == 0 { Ok(json!(number)) } else { Err(ApiError::internal("")) };
            let _ = outcome(once.begin(operation(&key, 1), ready(result)).unwrap()).await;
            let table = once.lock();
            assert!(table.order.len() <= 3 && table.entries.len() <= 3, "{table:?}");
        }
        assert!(once.lock().entries.contains_key(&operation("long", 0).id), "it is under way");
    }

    #[tokio::test]
    async fn too_many_under_way_are_refused() {
        let once = once(2);
        let forever = || futures::future::pending().boxed();
        once.begin(operation("a", 1), forever).unwrap();
        once.begin(operation("b", 1), forever).unwrap();
        let error = once.begin(operation("c", 1), forever).unwrap_err();
        assert_eq!(error.code, Code::Busy);
    }
}
