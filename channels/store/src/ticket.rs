// SPDX-License-Identifier: Apache-2.0

//! A promise that something will be durable: waited for by a thread or by a task.

use crate::error::{Result, StoreError};
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// What becomes `Ok` once a batch is on the disk, and not earlier (ST-1).
///
/// A thread calls [`Ticket::wait`], a task of any runtime awaits the ticket. Whoever drops it waives
/// the answer, not the write.
#[derive(Debug)]
#[must_use = "nothing may leave the machine before the ticket says that it is written down"]
pub struct Ticket {
    shared: Arc<Shared>,
}

/// The writer's end of a ticket. Dropped without an answer, it says that the store was closed.
#[derive(Debug)]
pub(crate) struct Answer {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    answered: Condvar,
}

#[derive(Debug, Default)]
struct State {
    result: Option<Result<()>>,
    waker: Option<Waker>,
}

impl Shared {
    /// The state, even if a thread panicked while it held it: every write to it is one assignment.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A ticket and the writer's end of it.
pub(crate) fn ticket() -> (Ticket, Answer) {
    let shared = Arc::new(Shared::default());
    (Ticket { shared: shared.clone() }, Answer { shared })
}

impl Ticket {
    /// Blocks until the batch is durable or refused.
    pub fn wait(self) -> Result<()> {
        let mut state = self.shared.state();
        loop {
            if let Some(result) = state.result.take() {
                return result;
            }
            state = self.shared.answered.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether the answer is there.
    pub fn is_answered(&self) -> bool {
        self.shared.state().result.is_some()
    }
}

impl Future for Ticket {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.shared.state();
        match state.result.clone() {
            Some(result) => Poll::Ready(result),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Answer {
    /// Answers, once.
    pub(crate) fn give(self, result: Result<()>) {
        self.put(result);
    }

    fn put(&self, result: Result<()>) {
        let waker = {
            let mut state = self.shared.state();
            if state.result.is_some() {
                return;
            }
            state.result = Some(result);
            state.waker.take()
        };
        self.shared.answered.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        // Nothing happens if the answer was given: the first one stands. A ticket whose result was
        // taken by `wait` is gone, so that nobody can see a second one.
        self.put(Err(StoreError::Closed));
    }
}
