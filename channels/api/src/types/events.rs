// SPDX-License-Identifier: Apache-2.0

//! What happens, in order, with numbers by which a client goes on where it left off.

use super::{Channel, Payment, Stream, Timestamp};
use crate::{
    error::ApiError,
    values::{Amount, ChannelId, Limit, PaymentHash, Peer, StreamId, Wait},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that happened.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Event {
    /// Rises with every event, also over restarts of the daemon, and may leave numbers out.
    pub number: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    #[serde(with = "known_or_not")]
    #[schemars(with = "What")]
    pub what: What,
}

/// Lets a client of this release read what a later daemon tells.
mod known_or_not {
    use super::What;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value;

    pub fn serialize<S: Serializer>(what: &What, serializer: S) -> Result<S::Ok, S::Error> {
        match what {
            What::Unknown(value) => value.serialize(serializer),
            known => known.serialize(serializer),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<What, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(What::deserialize(&value).unwrap_or(What::Unknown(value)))
    }
}

/// What can happen.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// A channel is new, or has gone into another phase, or has another deposit.
    ChannelChanged(Box<Channel>),
    /// A payment is new, or was decided.
    PaymentChanged(Box<Payment>),
    /// An invoice was paid.
    InvoicePaid {
        /// The hash of its payment.
        hash: PaymentHash,
        /// What was paid, in the smallest unit.
        amount: Amount,
    },
    /// A stream began, paused, went on, or ended.
    StreamChanged(Box<Stream>),
    /// A peer folded what a stream has paid into the balances.
    StreamFolded {
        /// The stream.
        stream: StreamId,
        /// What it has paid so far, in the smallest unit.
        paid: Amount,
    },
    /// Somebody closes a channel alone.
    Disputed {
        /// The channel.
        channel: ChannelId,
        /// The version that is claimed on chain.
        version: u64,
        /// The newest co-signed version here.
        newest: u64,
        /// The first block in which it takes no answer any more.
        deadline: u32,
    },
    /// A dispute was answered by a newer state.
    Answered {
        /// The channel.
        channel: ChannelId,
        /// The version that is recorded on chain now.
        version: u64,
    },
    /// A peer is connected.
    PeerConnected {
        /// The peer.
        peer: Peer,
    },
    /// A peer is not connected any more.
    PeerDisconnected {
        /// The peer.
        peer: Peer,
        /// Why.
        reason: String,
    },
    /// The daemon has become ready.
    Ready {},
    /// The daemon is not ready any more.
    NotReady {
        /// Why.
        reason: String,
    },
    /// Something that this release does not know, as it came.
    #[serde(skip)]
    Unknown(serde_json::Value),
}

/// Asks for events after a number, oldest first.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EventQuery {
    /// The number of the last event that is known; 0 for all that are kept; without it only what
    /// happens from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// The size of a page.
    #[serde(default)]
    pub limit: Limit,
    /// How long to wait for an event if there is none yet, in seconds.
    #[serde(default)]
    pub wait_seconds: Wait,
}

/// Subscribes to events after a number.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EventsFrom {
    /// The number of the last event that is known; 0 for all that are kept; without it only what
    /// happens from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// Some events.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct EventPage {
    /// The events, oldest first.
    pub items: Vec<Event>,
    /// Send it as `after` to get those that follow.
    pub next: u64,
}

/// What a subscription delivers.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventNotice {
    /// An event.
    Event(Event),
    /// The subscription is over, for this reason. Nothing follows.
    End(ApiError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_of_a_later_release_is_passed_on_as_it_came() {
        let json = r#"{"number":7,"at":1,"what":{"eclipse":{"of":"18446744073709551616"}}}"#;
        let event: Event = serde_json::from_str(json).unwrap();
        assert!(matches!(event.what, What::Unknown(_)), "{event:?}");
        let known = r#"{"number":8,"at":1,"what":{"ready":{}}}"#;
        for json in [json, known] {
            let event: Event = serde_json::from_str(json).unwrap();
            let back: serde_json::Value = serde_json::to_value(&event).unwrap();
            assert_eq!(back, serde_json::from_str::<serde_json::Value>(json).unwrap());
        }
        assert_eq!(serde_json::from_str::<Event>(known).unwrap().what, What::Ready {});
    }
}
