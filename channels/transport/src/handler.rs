// SPDX-License-Identifier: Apache-2.0

//! Agrees on the one stream of frames that a connection has.

use crate::PROTOCOL;
use libp2p::{
    Stream, StreamProtocol,
    core::upgrade::ReadyUpgrade,
    swarm::{
        ConnectionHandler, ConnectionHandlerEvent, SubstreamProtocol,
        handler::{
            ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
        },
    },
};
use std::{
    collections::VecDeque,
    task::{Context, Poll},
    time::Duration,
};

/// The name that both sides have to agree on.
const NAME: StreamProtocol = StreamProtocol::new(PROTOCOL);

/// What the handler is told.
#[derive(Debug)]
pub(crate) enum Order {
    /// Open the stream. Only the side that opens is told so, once.
    Open,
}

/// What the handler tells.
#[derive(Debug)]
pub(crate) enum Report {
    /// Both sides have agreed on the stream.
    Stream(Stream),
    /// The peer does not agree.
    Refused(String),
    /// The peer opened a stream out of turn, or a second one.
    Intruded,
}

/// Agrees on the stream of one connection.
pub(crate) struct Handler {
    /// Whether it is this side that opens the stream.
    opens: bool,
    time_limit: Duration,
    /// Whether to ask for the stream now.
    asks: bool,
    has_stream: bool,
    intruded: bool,
    /// At most a stream or a refusal, and one intrusion.
    reports: VecDeque<Report>,
}

impl Handler {
    /// For a new connection.
    pub(crate) fn new(opens: bool, time_limit: Duration) -> Self {
        Self {
            opens,
            time_limit,
            asks: false,
            has_stream: false,
            intruded: false,
            reports: VecDeque::new(),
        }
    }

    /// The peer opened a stream, which is dropped unless it is the first and its turn.
    fn on_inbound(&mut self, stream: Stream) {
        if !self.opens && !self.has_stream {
            self.has_stream = true;
            self.reports.push_back(Report::Stream(stream));
        } else if !self.intruded {
            self.intruded = true;
            self.reports.push_back(Report::Intruded);
        }
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Order;
    type ToBehaviour = Report;
    type InboundProtocol = ReadyUpgrade<StreamProtocol>;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol, ()> {
        SubstreamProtocol::new(ReadyUpgrade::new(NAME), ()).with_timeout(self.time_limit)
    }

    /// Whoever drives the swarm decides when a connection is of no use.
    fn connection_keep_alive(&self) -> bool {
        true
    }

    fn on_behaviour_event(&mut self, Order::Open: Order) {
        self.asks = self.opens;
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, (), Report>> {
        if std::mem::take(&mut self.asks) {
            let protocol =
                SubstreamProtocol::new(ReadyUpgrade::new(NAME), ()).with_timeout(self.time_limit);
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
        }
        // The connection polls again after each order and each event, so that no waker is kept.
        match self.reports.pop_front() {
            Some(report) => Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(report)),
            None => Poll::Pending,
        }
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<'_, Self::InboundProtocol, Self::OutboundProtocol, (), ()>,
    ) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: stream,
                ..
            }) => self.on_inbound(stream),
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: stream,
                ..
            }) => {
                self.has_stream = true;
                self.reports.push_back(Report::Stream(stream));
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { error, .. }) => {
                self.reports.push_back(Report::Refused(error.to_string()));
            }
            _ => {}
        }
    }
}
