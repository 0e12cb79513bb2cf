// SPDX-License-Identifier: Apache-2.0

//! Reading the daemon's events page by page, and waiting for the next one.
//!
//! Nothing is queued for anybody: a reader asks for what follows a number whenever it has room, and
//! a slow one merely falls behind. One that falls behind further than the daemon keeps events is
//! told so.

use crate::{
    error::{ApiError, Result},
    service::Service,
    types::{EventPage, EventQuery},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

/// A place in the daemon's events.
pub(crate) struct Reader {
    service: Arc<dyn Service>,
    newest: watch::Receiver<u64>,
    after: u64,
}

impl Reader {
    /// Begins after an event, or with what happens from now on.
    ///
    /// Errors: `not_supported` if the daemon has no events.
    pub fn new(service: Arc<dyn Service>, after: Option<u64>) -> Result<Self> {
        let Some(mut newest) = service.newest_event() else {
            return Err(ApiError::not_supported("events_list", "it keeps no events"));
        };
        let after = after.unwrap_or_else(|| *newest.borrow_and_update());
        Ok(Self { service, newest, after })
    }

    /// The events that follow, at least one, at most `limit`.
    pub async fn next(&mut self, limit: u32) -> Result<EventPage> {
        loop {
            // Looking at the number before the events: one that comes in between wakes the wait.
            self.newest.borrow_and_update();
            let page = self.now(limit).await?;
            if !page.items.is_empty() {
                return Ok(page);
            }
            if self.newest.changed().await.is_err() {
                return Err(shutting_down());
            }
        }
    }

    /// The events that follow and are there, perhaps none.
    pub async fn now(&mut self, limit: u32) -> Result<EventPage> {
        let items = self.service.events(self.after, limit).await?;
        if let Some(last) = items.last() {
            self.after = last.number;
        }
        Ok(EventPage { items, next: self.after })
    }
}

/// Answers a request for events, waiting as long as it is willing to.
pub(crate) async fn page(service: Arc<dyn Service>, query: EventQuery) -> Result<EventPage> {
    let mut reader = Reader::new(service, query.after)?;
    let limit = query.limit.get();
    let until = Instant::now() + Duration::from_secs(query.wait_seconds.get().into());
    match timeout_at(until, reader.next(limit)).await {
        Ok(page) => page,
        Err(_) => reader.now(limit).await,
    }
}

fn shutting_down() -> ApiError {
    ApiError::new(
        crate::Code::ShuttingDown,
        "the daemon keeps no more events, because it is shutting down",
        "Subscribe again after the last number when it is back.",
    )
}
