// SPDX-License-Identifier: Apache-2.0

//! Few streams over one connection, each with a small fixed window.
//!
//! The library's own adapter leaves a connection up to 512 streams and windows that grow to a
//! gibibyte in total. Parties of channels need one stream for frames and a few for pings and the
//! like, so this adapter sets both limits: what a connection may hold unread is
//! [`MAX_STREAMS`] × [`WINDOW_BYTES`], whatever the peer sends.

use futures::{AsyncRead, AsyncWrite, future};
use libp2p::core::{
    muxing::{StreamMuxer, StreamMuxerEvent},
    upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade, UpgradeInfo},
};
use std::{
    collections::VecDeque,
    convert::Infallible,
    iter,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};
use yamux::{Connection, ConnectionError, Mode, Stream};

/// Streams that a connection may have at once: frames, pings and identification each way, and some
/// that are just ending. A peer that opens more loses the connection.
pub(crate) const MAX_STREAMS: usize = 10;

/// What a peer may send on one stream before this side has read it, in bytes. The protocol fixes it.
pub(crate) const WINDOW_BYTES: usize = yamux::DEFAULT_CREDIT as usize;

/// Upgrades an encrypted connection to one that carries streams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Multiplexing;

impl Multiplexing {
    fn apply<C: AsyncRead + AsyncWrite + Unpin>(socket: C, mode: Mode) -> Muxer<C> {
        let mut config = yamux::Config::default();
        config.set_max_num_streams(MAX_STREAMS);
        config.set_max_connection_receive_window(Some(MAX_STREAMS * WINDOW_BYTES));
        Muxer {
            connection: Connection::new(socket, config, mode),
            opened: VecDeque::new(),
            waker: None,
        }
    }
}

impl UpgradeInfo for Multiplexing {
    type Info = &'static str;
    type InfoIter = iter::Once<Self::Info>;

    fn protocol_info(&self) -> Self::InfoIter {
        iter::once("/yamux/1.0.0")
    }
}

impl<C: AsyncRead + AsyncWrite + Unpin> InboundConnectionUpgrade<C> for Multiplexing {
    type Output = Muxer<C>;
    type Error = Infallible;
    type Future = future::Ready<Result<Self::Output, Self::Error>>;

    fn upgrade_inbound(self, socket: C, _: Self::Info) -> Self::Future {
        future::ready(Ok(Self::apply(socket, Mode::Server)))
    }
}

impl<C: AsyncRead + AsyncWrite + Unpin> OutboundConnectionUpgrade<C> for Multiplexing {
    type Output = Muxer<C>;
    type Error = Infallible;
    type Future = future::Ready<Result<Self::Output, Self::Error>>;

    fn upgrade_outbound(self, socket: C, _: Self::Info) -> Self::Future {
        future::ready(Ok(Self::apply(socket, Mode::Client)))
    }
}

/// A connection that carries streams.
pub(crate) struct Muxer<C> {
    connection: Connection<C>,
    /// Streams that the peer opened while nobody asked for any. They count as streams, so that their
    /// number is bounded.
    opened: VecDeque<Stream>,
    /// Whoever asked for a stream of the peer last.
    waker: Option<Waker>,
}

impl<C: AsyncRead + AsyncWrite + Unpin> Muxer<C> {
    /// Moves the connection on until the peer opens a stream. Nothing else moves it.
    fn poll_connection(&mut self, cx: &mut Context<'_>) -> Poll<Result<Stream, ConnectionError>> {
        match ready!(self.connection.poll_next_inbound(cx)) {
            Some(stream) => Poll::Ready(stream),
            None => Poll::Ready(Err(ConnectionError::Closed)),
        }
    }
}

impl<C: AsyncRead + AsyncWrite + Unpin> StreamMuxer for Muxer<C> {
    type Substream = Stream;
    type Error = ConnectionError;

    fn poll_inbound(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Self::Substream, Self::Error>> {
        let this = self.get_mut();
        if let Some(stream) = this.opened.pop_front() {
            return Poll::Ready(Ok(stream));
        }
        if let Poll::Ready(stream) = this.poll_connection(cx) {
            return Poll::Ready(stream);
        }
        this.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn poll_outbound(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Self::Substream, Self::Error>> {
        self.get_mut().connection.poll_new_outbound(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.get_mut().connection.poll_close(cx)
    }

    fn poll(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<StreamMuxerEvent, Self::Error>> {
        let this = self.get_mut();
        let stream = ready!(this.poll_connection(cx))?;
        this.opened.push_back(stream);
        if let Some(waker) = this.waker.take() {
            waker.wake();
        }
        // There may be more; others get their turn first.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
