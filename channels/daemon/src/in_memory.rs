// SPDX-License-Identifier: Apache-2.0

//! A wire and a chain in memory, for tests and measurements of the [`crate::shell`].
//!
//! The chain judges nothing: it opens what is submitted to it, and settles what is final. Everything
//! else fails. What judges is tested with a court of its own.

use crate::{
    News, Peer,
    input::{Outcome, Phase, Seen, Sight, Standing, SubmissionId},
    output::Call,
    shell::{Ledger, LedgerEvent, Wire, WireEvent},
};
use core::time::Duration;
use millrace_primitives_channels::{Balance, BlockNumber, ChannelId, Hash};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::mpsc;

/// Frames that may wait on their way. More are lost, as on a real wire.
const MAX_ON_THE_WAY: usize = 65_536;

/// One end of a wire between two nodes that are always connected.
#[derive(Debug)]
pub struct MemoryWire {
    me: Peer,
    other: Peer,
    to_other: mpsc::Sender<WireEvent>,
    events: mpsc::Receiver<WireEvent>,
}

/// Both ends of a wire.
pub fn wire(one: Peer, other: Peer) -> (MemoryWire, MemoryWire) {
    let (to_one, of_one) = mpsc::channel(MAX_ON_THE_WAY);
    let (to_other, of_other) = mpsc::channel(MAX_ON_THE_WAY);
    // There is room: nothing was sent yet.
    let _ = to_one.try_send(WireEvent::Connected(other));
    let _ = to_other.try_send(WireEvent::Connected(one));
    (
        MemoryWire { me: one, other, to_other: to_other.clone(), events: of_one },
        MemoryWire { me: other, other: one, to_other: to_one, events: of_other },
    )
}

impl Wire for MemoryWire {
    fn send(&mut self, peer: Peer, bytes: Vec<u8>) {
        if peer == self.other {
            // What does not fit is lost.
            let _ = self.to_other.try_send(WireEvent::Frame(self.me, bytes));
        }
    }

    fn disconnect(&mut self, _: Peer) {}

    fn ban(&mut self, _: Peer, _: Duration) {}

    async fn next(&mut self) -> Option<WireEvent> {
        self.events.recv().await
    }
}

/// A chain without judge. Clones are the same chain.
#[derive(Clone, Debug, Default)]
pub struct MemoryChain(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    height: BlockNumber,
    open: BTreeMap<ChannelId, Balance>,
    listeners: Vec<mpsc::UnboundedSender<LedgerEvent>>,
}

/// One node's side of the chain.
#[derive(Debug)]
pub struct MemoryLedger {
    chain: MemoryChain,
    events: mpsc::UnboundedReceiver<LedgerEvent>,
    own: mpsc::UnboundedSender<LedgerEvent>,
}

impl MemoryChain {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A node's side, which is caught up as soon as it has told everything.
    pub fn ledger(&self) -> MemoryLedger {
        let (own, events) = mpsc::unbounded_channel();
        let mut state = self.state();
        let block = News::Block { number: state.height, seen: Seen::Final };
        for news in [block, News::CaughtUp] {
            // The receiver is right here.
            let _ = own.send(LedgerEvent::News(news));
        }
        state.listeners.push(own.clone());
        MemoryLedger { chain: self.clone(), events, own }
    }

    /// Takes for open what was opened on this chain earlier.
    pub fn assume_open(&self, channel: ChannelId, deposit: Balance) {
        self.state().open.insert(channel, deposit);
    }
}

impl State {
    fn tell(&mut self, what: &[News]) {
        self.listeners.retain(|listener| {
            what.iter().all(|news| listener.send(LedgerEvent::News(news.clone())).is_ok())
        });
    }

    /// Makes a block with one thing in it.
    fn block(&mut self, id: ChannelId, what: Sight) {
        self.height = self.height.saturating_add(1);
        let seen = Seen::Final;
        let number = self.height;
        self.tell(&[News::Channel { id, what, seen }, News::Block { number, seen }]);
    }
}

impl Ledger for MemoryLedger {
    fn watch(&mut self, id: ChannelId) {
        let state = self.chain.state();
        let deposit = state.open.get(&id).copied();
        let standing =
            deposit.map(|deposit| Standing { base_version: 0, deposit, phase: Phase::Open });
        let news = News::State { id, standing, at: state.height };
        // The receiver is right here.
        let _ = self.own.send(LedgerEvent::News(news));
    }

    fn unwatch(&mut self, _: ChannelId) {}

    fn watch_lock(&mut self, _: Hash) {}

    fn unwatch_lock(&mut self, _: Hash) {}

    fn submit(&mut self, id: SubmissionId, channel: ChannelId, call: Call, _: Option<BlockNumber>) {
        let mut state = self.chain.state();
        let outcome = match call {
            Call::Open { deposits, .. } => {
                let deposit = deposits.iter().fold(0, |sum: Balance, it| sum.saturating_add(*it));
                state.open.insert(channel, deposit);
                state.block(channel, Sight::Opened);
                Outcome::Final
            }
            Call::Settle(newest) if newest.state().is_final => {
                state.open.remove(&channel);
                state.block(channel, Sight::Over);
                Outcome::Final
            }
            call => Outcome::Failed { reason: format!("{} is not judged here", call.name()) },
        };
        // The receiver is right here.
        let _ = self.own.send(LedgerEvent::Submitted(id, outcome));
    }

    async fn next(&mut self) -> Option<LedgerEvent> {
        self.events.recv().await
    }
}
