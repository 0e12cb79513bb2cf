// SPDX-License-Identifier: Apache-2.0

//! A record of every signature that reached somebody: no version twice (SI-6).
//!
//! What was on its way when its connection broke reaches nobody; a party that forgot such a signature
//! may sign its version again, and has to ask over new connections first.
//!
//! Keys are Ed25519 and sign deterministically, so two signatures of one key under one version differ
//! exactly if the states differ.

use crate::failing::{Broken, ensure};
use millrace_channels_protocol::{CoSignedState, Message};
use polkadot_sdk::sp_runtime::MultiSignature;
use std::collections::BTreeMap;

/// What of one seat's reached anybody.
#[derive(Debug, Default)]
pub(crate) struct Reached(BTreeMap<u64, MultiSignature>);

impl Reached {
    /// A message of the seat at `position` arrives.
    pub(crate) fn note(&mut self, position: usize, message: &Message) -> Result<(), Broken> {
        match message {
            Message::Proposal(proposal) => {
                self.note_signature(proposal.state.version, &proposal.signature)
            }
            Message::Acceptance(acceptance) => {
                self.note_signature(acceptance.version, &acceptance.signature)
            }
            Message::Newest(newest) => match newest.signatures.get(position) {
                Some(own) => self.note_signature(newest.state.version, own),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// The seat at `position` shows a state to the chain.
    pub(crate) fn note_state(
        &mut self,
        position: usize,
        state: &CoSignedState,
    ) -> Result<(), Broken> {
        match state.signatures().get(position) {
            Some(own) => self.note_signature(state.version(), own),
            None => Ok(()),
        }
    }

    fn note_signature(&mut self, version: u64, own: &MultiSignature) -> Result<(), Broken> {
        let known = self.0.entry(version).or_insert_with(|| own.clone());
        ensure(known == own, "SI-6", || format!("version {version} was signed twice"))
    }
}
