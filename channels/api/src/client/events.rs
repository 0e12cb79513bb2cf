// SPDX-License-Identifier: Apache-2.0

//! Events, as a client follows them.

use super::{Client, ClientError, Failing, Params};
use crate::types::{Event, EventNotice, EventsFrom};
use jsonrpsee_core::client::{Subscription, SubscriptionClientT, SubscriptionCloseReason};

const METHOD: &str = "events_subscribe";

impl Client {
    /// Follows events after a number; `None` begins with what happens from now on, 0 with the oldest
    /// that are kept.
    ///
    /// Errors: as [`Client::call`]; the daemon refuses if events after that number are gone.
    pub async fn events(&self, after: Option<u64>) -> Result<Events, ClientError> {
        let subscription = self.subscribe(after).await?;
        Ok(Events { client: self.clone(), subscription, after })
    }

    async fn subscribe(
        &self,
        after: Option<u64>,
    ) -> Result<Subscription<EventNotice>, ClientError> {
        let failing = Failing { url: &self.url, method: METHOD, after: self.call_time };
        let params = Params::new(&EventsFrom { after }, None)?;
        let subscription = self.socket.subscribe(METHOD, params, "events_unsubscribe").await;
        subscription.map_err(|error| failing.with(error))
    }
}

/// Events, one after the other, without gaps.
#[derive(Debug)]
pub struct Events {
    client: Client,
    subscription: Subscription<EventNotice>,
    after: Option<u64>,
}

impl Events {
    /// The number of the last event that was returned: where to go on after an error.
    pub fn last(&self) -> Option<u64> {
        self.after
    }

    /// Waits for the next event. A reader that was too slow for the connection's buffer is subscribed
    /// anew after the last event it got.
    ///
    /// Errors: the connection broke, the daemon ends, or the events that follow are gone; go on with
    /// [`Client::events`] and [`Events::last`].
    pub async fn next(&mut self) -> Result<Event, ClientError> {
        loop {
            match self.subscription.next().await {
                Some(Ok(EventNotice::Event(event))) => {
                    self.after = Some(event.number);
                    return Ok(event);
                }
                Some(Ok(EventNotice::End(error))) => {
                    return Err(ClientError::Refused(Box::new(error)));
                }
                Some(Err(error)) => {
                    return Err(ClientError::Protocol { cause: error.to_string() });
                }
                None => match self.subscription.close_reason() {
                    Some(SubscriptionCloseReason::Lagged) => {
                        self.subscription = self.client.subscribe(self.after).await?;
                    }
                    _ => {
                        return Err(ClientError::Lost {
                            url: self.client.url.clone(),
                            method: METHOD,
                            cause: "the daemon closed it".to_owned(),
                        });
                    }
                },
            }
        }
    }
}
