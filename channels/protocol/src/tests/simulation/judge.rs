// SPDX-License-Identifier: Apache-2.0

//! The small chain: blocks, reveals, one dispute, claims and refunds.

use super::*;
use millrace_primitives_channels::{MerkleProof, transfer};

impl Simulation {
    /// Makes blocks. Everybody looks at each of them.
    pub(super) fn mine(&mut self, blocks: u32) {
        for _ in 0..blocks {
            self.judge.height += 1;
            if self.judge.shown.is_some() && self.judge.height == self.judge.deadline {
                self.judge.is_concluded = true;
            }
            for party in 0..self.world.parties.len() {
                self.tell(party, false);
            }
            self.judge();
        }
    }

    /// Tells a party what the chain shows: everything, or what is new.
    pub(super) fn tell(&mut self, party: usize, everything: bool) {
        let height = self.judge.height;
        for (preimage, at) in self.judge.reveals.clone() {
            if at == height || (everything && at < height) {
                self.world.act(party, |it| Ok(it.revealed(preimage, at))).unwrap();
            }
        }
        if let Some(shown) = &self.judge.shown {
            let version = shown.version();
            self.world.act(party, |it| Ok(it.disputed(version))).unwrap();
            if self.judge.is_concluded {
                self.world.act(party, |it| it.concluded(version, Some(100_000))).unwrap();
            }
        }
        self.world.act(party, |it| Ok(it.block(height))).unwrap();
    }

    /// Carries out what parties want from the chain, in the next block.
    pub(super) fn judge(&mut self) {
        for party in 0..self.world.parties.len() {
            while let Some(effect) = self.world.done[party].get(self.seen[party]).cloned() {
                self.seen[party] += 1;
                self.submit(party, effect);
            }
        }
    }

    fn submit(&mut self, party: usize, effect: Effect) {
        let next = self.judge.height + 1;
        match effect {
            Effect::Reveal { preimage, before } => {
                assert!(next < before, "a reveal that comes too late was asked for");
                if !self.judge.reveals.iter().any(|(known, _)| *known == preimage) {
                    self.judge.reveals.push((preimage, next));
                }
            }
            Effect::Dispute(state) => {
                self.verify_need(party, &state);
                self.show(state);
            }
            Effect::Answer(state) => self.show(state),
            Effect::Claim { transfer, proof } => {
                self.verify_proof(&transfer, &proof);
                assert!(self.is_revealed(&transfer));
                assert!(self.judge.claimed.insert(transfer.id));
            }
            Effect::Refund { transfer, proof } => {
                self.verify_proof(&transfer, &proof);
                assert!(!self.is_revealed(&transfer) && self.judge.height >= transfer.expiry);
                assert!(self.judge.refunded.insert(transfer.id));
            }
            _ => {}
        }
    }

    fn show(&mut self, state: CoSignedState) {
        let terms = self.world.parties[0].agreement();
        let (content, signatures) = (state.state().clone(), state.signatures().clone());
        if content.version > 0 {
            CoSignedState::verify(terms, content, signatures).expect("the chain takes it");
        }
        if self.judge.is_concluded {
            return;
        }
        if self.judge.shown.is_none() {
            self.judge.deadline = self.judge.height + 10;
        }
        if self.judge.shown.as_ref().is_none_or(|shown| shown.version() < state.version()) {
            self.judge.shown = Some(state);
        }
    }

    pub(super) fn is_revealed(&self, transfer: &Transfer) -> bool {
        let mut reveals = self.judge.reveals.iter();
        reveals
            .any(|(preimage, at)| hashlock(preimage) == transfer.hashlock && *at < transfer.expiry)
    }

    fn verify_proof(&self, transfer: &Transfer, proof: &MerkleProof) {
        let shown = self.judge.shown.as_ref().expect("something is decided");
        let pending = shown.state().pending.as_ref().expect("something is pending");
        assert!(transfer::verify(&pending.root, pending.count, transfer, proof));
    }
}
