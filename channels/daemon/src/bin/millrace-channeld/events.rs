// SPDX-License-Identifier: Apache-2.0

//! What programs can follow: the newest events, by rising numbers.

use crate::{births::Births, running::now, views};
use millrace_channels_api::{
    Amount, ApiError, Code, Result,
    types::{Channel, Event, What},
    values::PaymentHash,
};
use millrace_channels_daemon::{Notice, shell::Handle};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// How many are kept.
const KEPT: usize = 10_000;

/// The newest events. They live in memory: a program that reads on after a restart is told that what
/// came before is gone.
pub struct Events {
    kept: Mutex<VecDeque<Event>>,
    newest: watch::Sender<u64>,
}

impl Events {
    /// None yet. Numbers rise over restarts, because they begin with the time.
    pub fn new() -> Self {
        let seconds = now().checked_div(1_000).unwrap_or(0);
        let (newest, _) = watch::channel(seconds << 20);
        Self { kept: Mutex::new(VecDeque::new()), newest }
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Event>> {
        // Each use is a few steps that cannot fail.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the newest, and its changes.
    pub fn newest(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// Events after a number.
    pub fn after(&self, after: u64, limit: u32) -> Result<Vec<Event>> {
        let kept = self.kept();
        let first = kept.front().map_or(u64::MAX, |event| event.number);
        let newest = *self.newest.borrow();
        let is_gone = after > 0 && after < newest && after.saturating_add(1) < first;
        if is_gone {
            let message = format!("events up to {} are not kept any more", first.saturating_sub(1));
            let remedy = "Look at the channels, then follow what happens from now on.";
            return Err(ApiError::new(Code::EventsGone, message, remedy));
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(kept.iter().filter(|event| event.number > after).take(limit).cloned().collect())
    }

    /// Keeps what is of use to programs.
    pub async fn note(&self, node: &Handle, births: &Births, notice: Notice) {
        let what = match notice {
            Notice::InvoicePaid { hashlock, amount, .. } => {
                What::InvoicePaid { hash: PaymentHash(hashlock.0), amount: Amount(amount) }
            }
            Notice::Opened { channel, .. }
            | Notice::Disputed { channel, .. }
            | Notice::Resized { channel, .. }
            | Notice::Over { channel } => {
                let looked = node.look(move |node| views::channel(node, channel)).await;
                let Ok(Some(view)) = looked else { return };
                births.note(channel);
                let created_at = births.of(channel);
                What::ChannelChanged(Box::new(Channel { created_at, ..view }))
            }
            // Nobody can ask for it any more.
            Notice::NotOpened { channel, .. } | Notice::Forgotten { channel } => {
                births.forget(channel);
                return;
            }
            _ => return,
        };
        self.push(what);
    }

    /// Keeps an event.
    pub fn push(&self, what: What) {
        let at = now().checked_div(1_000).unwrap_or(0);
        let mut kept = self.kept();
        let number = self.newest.borrow().saturating_add(1);
        kept.push_back(Event { number, at, what });
        if kept.len() > KEPT {
            kept.pop_front();
        }
        self.newest.send_replace(number);
    }
}
