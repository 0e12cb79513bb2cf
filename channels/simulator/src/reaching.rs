// SPDX-License-Identifier: Apache-2.0

//! A record of every signature that somebody keeps: no version twice (SI-6).
//!
//! A signature is *kept* once it can be used: a villain keeps whatever arrives, an honest machine
//! what it takes, and the chain what it is shown. What was on its way when its connection broke, or
//! came too early and was thrown away, is kept by nobody. A party that comes back from a backup may
//! have forgotten that it signed such a version, nobody can tell it, and it may rightly sign that
//! version again. Whatever is kept, others tell it, so for that there is no excuse.
//!
//! Keys are Ed25519 and sign deterministically, so two signatures of one key under one version differ
//! exactly if the states differ.

use crate::{
    failing::{Broken, ensure},
    room::{At, Seat},
};
use codec::Encode;
use millrace_channels_protocol::{CoSignedState, Message};
use polkadot_sdk::sp_runtime::MultiSignature;
use std::collections::BTreeMap;

/// A version and the signature of one party under it.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    version: u64,
    signature: MultiSignature,
}

impl Signed {
    /// The signature of the seat at `position` in a message of its own.
    pub(crate) fn in_message(position: usize, message: &Message) -> Option<Self> {
        let (version, signature) = match message {
            Message::Proposal(it) => (it.state.version, &it.signature),
            Message::Acceptance(it) => (it.version, &it.signature),
            Message::Newest(it) => (it.state.version, it.signatures.get(position)?),
            _ => return None,
        };
        Some(Self { version, signature: signature.clone() })
    }

    /// The signature of the seat at `position` under a state; nobody signs a base.
    pub(crate) fn under_state(position: usize, state: &CoSignedState) -> Option<Self> {
        let signature = state.signatures().get(position)?.clone();
        Some(Self { version: state.version(), signature })
    }

    /// Whether a seat has it on its disk: records hold signatures as they are.
    pub(crate) fn is_written_at(&self, seat: &Seat) -> bool {
        let bytes = self.signature.encode();
        seat.disk.iter().any(|record| record.windows(bytes.len()).any(|part| part == bytes))
    }
}

/// The signatures of one seat that others keep, by version.
#[derive(Debug, Default)]
pub(crate) struct Reached(BTreeMap<u64, MultiSignature>);

impl Reached {
    /// Nobody keeps another signature under this version. `by`: whose it is.
    pub(crate) fn verify(&self, by: At, signed: &Signed) -> Result<(), Broken> {
        let known = self.0.get(&signed.version);
        ensure(known.is_none_or(|known| *known == signed.signature), "SI-6", || {
            format!("{by:?} signed version {} twice", signed.version)
        })
    }

    /// Somebody keeps it from now on.
    pub(crate) fn keep(&mut self, signed: Signed) {
        self.0.entry(signed.version).or_insert(signed.signature);
    }
}
