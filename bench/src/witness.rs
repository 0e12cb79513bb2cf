// SPDX-License-Identifier: Apache-2.0

//! The chain in memory, with an answer to what nodes ask about channels of others: without one they
//! believe no announcement, and find no route.

use millrace_channels_daemon::{
    in_memory::{MemoryChain, MemoryLedger},
    input::SubmissionId,
    output::Call,
    shell::{Ledger, LedgerEvent},
};
use millrace_channels_routing::{Lookup, gossip::announcing::ChannelFacts};
use millrace_primitives_channels::{Balance, BlockNumber, ChannelId, Hash};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc;

/// A chain whose channels everybody can see. Clones are the same chain.
#[derive(Clone, Default)]
pub struct PublicChain {
    chain: MemoryChain,
    deposits: Arc<Mutex<HashMap<ChannelId, Balance>>>,
}

impl PublicChain {
    /// A node's side of it.
    pub fn ledger(&self) -> Witness {
        let (answer, answers) = mpsc::unbounded_channel();
        Witness { ledger: self.chain.ledger(), chain: self.clone(), answer, answers }
    }

    fn note(&self, channel: ChannelId, deposit: Balance) {
        self.deposits.lock().unwrap_or_else(PoisonError::into_inner).insert(channel, deposit);
    }

    fn find(&self, channel: ChannelId) -> Lookup {
        let deposits = self.deposits.lock().unwrap_or_else(PoisonError::into_inner);
        deposits.get(&channel).map_or(Lookup::Absent, |deposit| {
            let deposit = *deposit;
            Lookup::Found(ChannelFacts { channel, deposit, opened_at: 0, at: 0, is_open: true })
        })
    }
}

/// One node's side of the chain.
pub struct Witness {
    ledger: MemoryLedger,
    chain: PublicChain,
    answer: mpsc::UnboundedSender<LedgerEvent>,
    answers: mpsc::UnboundedReceiver<LedgerEvent>,
}

impl Ledger for Witness {
    fn watch(&mut self, channel: ChannelId) {
        self.ledger.watch(channel);
    }

    fn unwatch(&mut self, channel: ChannelId) {
        self.ledger.unwatch(channel);
    }

    fn watch_lock(&mut self, lock: Hash) {
        self.ledger.watch_lock(lock);
    }

    fn unwatch_lock(&mut self, lock: Hash) {
        self.ledger.unwatch_lock(lock);
    }

    fn look_up(&mut self, channel: ChannelId) {
        // The receiver is right here.
        let _ = self.answer.send(LedgerEvent::LookedUp(channel, self.chain.find(channel)));
    }

    fn submit(
        &mut self,
        id: SubmissionId,
        channel: ChannelId,
        call: Call,
        deadline: Option<BlockNumber>,
    ) {
        if let Call::Open { deposits, .. } = &call {
            self.chain.note(channel, deposits.iter().sum());
        }
        self.ledger.submit(id, channel, call, deadline);
    }

    async fn next(&mut self) -> Option<LedgerEvent> {
        tokio::select! {
            event = self.answers.recv() => event,
            event = self.ledger.next() => event,
        }
    }
}
