// SPDX-License-Identifier: Apache-2.0

//! Adding money to a channel and taking some out while it lives.

use crate::{
    refusing::{no_channel, refusal, stopped},
    service::{Daemon, key},
};
use core::time::Duration;
use millrace_channels_api::{
    ApiError, Code, Operation, Result,
    types::{Channel, Resize, ResizeDirection},
};
use millrace_channels_daemon::{Command, CommandError, shell::Stopped};
use millrace_primitives_channels::{ChannelId, resize::Deltas};
use tokio::time::timeout;

/// Within how many blocks the chain has to take it. Until then payments wait.
const WITHIN: u32 = 200;

/// How long the answer waits for the chain's final word.
const PATIENCE: Duration = Duration::from_secs(55);

impl Daemon {
    /// Changes this party's deposit, and answers when the chain has decided.
    pub async fn change_deposit(&self, operation: Operation, request: Resize) -> Result<Channel> {
        let (id, channel) = (request.channel, ChannelId::from(request.channel.0));
        let amount = i128::try_from(request.amount.0).ok().filter(|amount| *amount > 0);
        let amount = amount.ok_or_else(|| {
            let message = format!("{} cannot be added or taken out", request.amount.0);
            ApiError::new(Code::InvalidParams, message, "Choose an amount above 0.")
        })?;
        let delta = match request.direction {
            ResizeDirection::Add => amount,
            ResizeDirection::Take => amount.saturating_neg(),
        };
        let view = self.look(move |node| node.channel(channel)).await?;
        let view = view.ok_or_else(|| no_channel(&id))?;
        let is_known = self.look(move |node| node.operation(&operation.id).is_some()).await?;
        if !is_known {
            match request.direction {
                ResizeDirection::Add => self.verify_owned(request.amount.0).await?,
                ResizeDirection::Take if request.amount.0 > view.spendable => {
                    let (wanted, there) = (self.show(request.amount.0), self.show(view.spendable));
                    let message = format!("{wanted} is to be taken out and {there} is free there");
                    let remedy = "Take less, or wait until what is pending is decided.";
                    return Err(ApiError::new(Code::InsufficientFunds, message, remedy));
                }
                ResizeDirection::Take => {}
            }
        }
        let mut deltas = vec![0; view.accounts.len()];
        if let Some(own) = deltas.get_mut(usize::from(view.position)) {
            *own = delta;
        }
        let deltas = Deltas::truncate_from(deltas);
        let operation = Some(key(&operation));
        let command = Command::Resize { channel, deltas, within: WITHIN, operation };
        let node = self.node.clone();
        let running = tokio::spawn(async move { node.command(command).await });
        match timeout(PATIENCE, running).await {
            Ok(done) => match done.map_err(|_| stopped(Stopped))?.map_err(stopped)? {
                Ok(_) => self.view(id).await,
                Err(CommandError::UnderWay) => Err(under_way()),
                Err(error) => Err(refusal(&error)),
            },
            Err(_) => Err(under_way()),
        }
    }
}

fn under_way() -> ApiError {
    let message = "the chain has not taken it yet";
    let remedy =
        "Ask again under the same key: it says what became of it, and moves nothing twice.";
    ApiError::new(Code::TimedOut, message, remedy)
}
