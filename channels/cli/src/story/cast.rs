// SPDX-License-Identifier: Apache-2.0

//! Who plays.

use millrace_channels_chain::AccountKey;
use millrace_channels_protocol::Signer;
use millrace_primitives_channels::{AccountId, Participant};
use polkadot_sdk::sp_core::{Pair, ed25519};

/// A person with an account and a second key that only signs channel states.
pub struct Person {
    /// What the story calls them.
    pub name: &'static str,
    /// Owns the money. It signs extrinsics and the opening of channels, and could stay in a
    /// hardware wallet.
    pub key: AccountKey,
    /// Signs states all day long, and can do nothing else.
    pub signer: ed25519::Pair,
}

impl Person {
    /// Somebody with two fresh keys.
    pub fn new(name: &'static str) -> Self {
        Self { name, key: AccountKey::generate(), signer: ed25519::Pair::generate().0 }
    }

    /// The person's account.
    pub fn account(&self) -> AccountId {
        self.key.account()
    }

    /// The person as a channel's parameters name them.
    pub fn participant(&self) -> Participant {
        Participant { account: self.account(), signer: self.signer.public_key() }
    }
}

/// The two people of the story.
pub struct Cast {
    /// Pays honestly in both channels.
    pub ada: Person,
    /// Pays honestly in the first channel only.
    pub ben: Person,
}

impl Cast {
    /// Two people with fresh keys.
    pub fn new() -> Self {
        Self { ada: Person::new("Ada"), ben: Person::new("Ben") }
    }

    /// Both of them.
    pub fn people(&self) -> [&Person; 2] {
        [&self.ada, &self.ben]
    }
}
