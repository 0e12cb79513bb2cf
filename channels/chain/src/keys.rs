// SPDX-License-Identifier: Apache-2.0

//! Keys of accounts that pay fees and authorise deposits.

use millrace_primitives_channels::{AccountId, Hash};
use polkadot_sdk::{
    sp_core::{Pair, sr25519},
    sp_runtime::MultiSignature,
};
use subxt::utils::{AccountId32, MultiSignature as SubxtSignature};

/// An account and its key, held in memory.
#[derive(Clone)]
pub struct AccountKey(sr25519::Pair);

impl AccountKey {
    /// A fresh key from the operating system's randomness.
    pub fn generate() -> Self {
        Self(sr25519::Pair::generate().0)
    }

    /// The key of these 32 secret bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(sr25519::Pair::from_seed(seed))
    }

    /// A key of the well-known development accounts, such as `Alice`. Everybody knows these keys.
    pub fn development(name: &str) -> Option<Self> {
        sr25519::Pair::from_string(&format!("//{name}"), None).ok().map(Self)
    }

    /// The account.
    pub fn account(&self) -> AccountId {
        AccountId::new(self.0.public().0)
    }

    /// Signs 32 bytes, for example the consent to open a channel.
    pub fn sign(&self, payload: &Hash) -> MultiSignature {
        self.0.sign(payload.as_bytes()).into()
    }

    pub(crate) fn subxt_account(&self) -> AccountId32 {
        AccountId32(self.0.public().0)
    }
}

impl<T> subxt::transactions::Signer<T> for AccountKey
where
    T: subxt::Config<AccountId = AccountId32, Signature = SubxtSignature>,
{
    fn account_id(&self) -> AccountId32 {
        self.subxt_account()
    }

    fn sign(&self, signer_payload: &[u8]) -> SubxtSignature {
        SubxtSignature::Sr25519(self.0.sign(signer_payload).0)
    }
}
