// SPDX-License-Identifier: Apache-2.0

//! What accounts have on chain.

use crate::{refusing::unreachable, service::Daemon};
use millrace_channels_api::{
    Amount, ApiError, Code, Result, Token,
    types::{AccountQuery, Balance as Owned},
};
use millrace_primitives_channels::{AccountId, Balance};

impl Daemon {
    /// What an account has, in the newest best block.
    pub async fn owned(&self, request: AccountQuery) -> Result<Owned> {
        let account: AccountId = request.account.as_str().parse().map_err(|_| {
            let message = format!("{} is no account", request.account);
            ApiError::new(Code::InvalidParams, message, "Copy it from a wallet or from `status`.")
        })?;
        let chain = self.follower.chain().ok_or_else(unreachable)?;
        let best = chain.best_head().await.map_err(|_| unreachable())?;
        let view = chain.account(&account, &best).await.map_err(|_| unreachable())?;
        let in_channels = view.native.in_channels;
        Ok(Owned {
            account: request.account,
            free: Amount(view.native.free),
            in_channels: Amount(in_channels),
            staked: Amount(view.staked),
            total: Amount(view.native.total.saturating_add(view.staked)),
            height: view.at,
        })
    }

    /// Errors if this party's account cannot lock an amount: the chain would refuse it later, and
    /// nobody would see why.
    pub async fn verify_owned(&self, amount: Balance) -> Result<()> {
        let chain = self.follower.chain().ok_or_else(unreachable)?;
        let best = chain.best_head().await.map_err(|_| unreachable())?;
        let account = &self.participant.account;
        let owned = chain.account(account, &best).await.map_err(|_| unreachable())?.native.free;
        if owned > amount {
            return Ok(());
        }
        let (owned, amount) = (self.show(owned), self.show(amount));
        let message = format!(
            "account {account} has {owned} on chain, and {amount} and the fee of a call are needed"
        );
        let remedy = "Send it some tokens, or choose a smaller amount.";
        Err(ApiError::new(Code::InsufficientFunds, message, remedy))
    }

    /// An amount for people; in the smallest unit while the token is not known.
    pub fn show(&self, amount: Balance) -> String {
        let chain = self.follower.chain();
        chain.map_or_else(
            || amount.to_string(),
            |chain| {
                let identity = chain.identity();
                let token = Token { symbol: identity.token.clone(), decimals: identity.decimals };
                token.show(Amount(amount))
            },
        )
    }
}
