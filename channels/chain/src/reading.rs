// SPDX-License-Identifier: Apache-2.0

//! Channels, accounts and constants, read at one block.

use crate::{
    connection::{Chain, Head},
    error::ChainError,
};
use codec::{Decode, DecodeAll, Encode};
use millrace_primitives_channels::{
    AccountId, ChannelId,
    api::{AccountView, ChannelView},
};

impl Chain {
    /// The channel with this id at `block`; nothing before it opens and after it is closed.
    pub async fn channel(
        &self,
        id: ChannelId,
        block: &Head,
    ) -> Result<Option<ChannelView>, ChainError> {
        self.runtime_api("ChannelsApi_channel", &id, block).await
    }

    /// What an account owns at `block`, inside channels and outside.
    pub async fn account(
        &self,
        account: &AccountId,
        block: &Head,
    ) -> Result<AccountView, ChainError> {
        self.runtime_api("ChannelsApi_account", account, block).await
    }

    /// Calls a method of a runtime API and decodes what it returns.
    pub(crate) async fn runtime_api<T: Decode>(
        &self,
        method: &'static str,
        arguments: &impl Encode,
        block: &Head,
    ) -> Result<T, ChainError> {
        let bytes = self
            .rpc
            .state_call(method, Some(&arguments.encode()), Some(block.hash))
            .await
            .map_err(ChainError::request(method))?;
        T::decode_all(&mut &*bytes).map_err(|error| ChainError::Unreadable {
            what: format!("the result of {method}"),
            reason: error.to_string(),
        })
    }

    /// A constant of a pallet, as the metadata at `block` gives it; nothing if there is none.
    pub async fn constant<T: Decode>(
        &self,
        pallet: &str,
        name: &str,
        block: &Head,
    ) -> Result<Option<T>, ChainError> {
        let at = self.at(block.hash).await?;
        let metadata = at.metadata();
        let constant =
            metadata.pallet_by_name(pallet).and_then(|pallet| pallet.constant_by_name(name));
        match constant {
            None => Ok(None),
            Some(constant) => T::decode_all(&mut constant.value()).map(Some).map_err(|error| {
                ChainError::Unreadable {
                    what: format!("the constant {pallet}.{name}"),
                    reason: error.to_string(),
                }
            }),
        }
    }
}
