// SPDX-License-Identifier: Apache-2.0

//! Opening a channel.

use crate::{
    peers::{parsed, peer_of},
    refusing::{refusal, stopped},
    service::{Daemon, LOOK, key},
    views,
};
use core::time::Duration;
use millrace_channels_api::{
    ApiError, Code, Operation, Result,
    types::{Channel, OpenChannel},
    values::ChannelId as Id,
};
use millrace_channels_daemon::{Command, CommandError, Reply, shell::Stopped};
use millrace_primitives_channels::ChannelId;
use tokio::time::timeout;

/// Within how many blocks the chain has to take an opening.
const OPEN_WITHIN: u32 = 500;

/// How long it may take until an opening survives a restart, before it is answered as still under
/// way.
const OPENING_TIME: Duration = Duration::from_secs(60);

impl Daemon {
    /// Opens a channel, and answers as soon as the opening survives a restart.
    pub async fn open(&self, operation: Operation, request: OpenChannel) -> Result<Channel> {
        let (id, peer) = peer_of(&request.peer)?;
        if !request.addresses.is_empty() {
            self.connect(&request.peer, parsed(&request.addresses)?).await?;
            // The peer is there and has introduced itself, or the command says why not.
            let _ = timeout(Duration::from_secs(5), self.network.ready(id)).await;
            tokio::time::sleep(LOOK).await;
        }
        let is_known = self.look(move |node| node.operation(&operation.id).is_some()).await?;
        if !is_known {
            self.verify_owned(request.ours.0).await?;
        }
        let command = Command::Open {
            peer,
            deposit: request.ours.0,
            their_deposit: request.theirs.0,
            challenge_blocks: request.challenge_blocks.unwrap_or(self.challenge_blocks),
            open_within: OPEN_WITHIN,
            operation: Some(key(&operation)),
        };
        let node = self.node.clone();
        let mut running = tokio::spawn(async move { node.command(command).await });
        let began = tokio::time::Instant::now();
        loop {
            if let Ok(done) = timeout(LOOK, &mut running).await {
                let done = done.map_err(|_| stopped(Stopped))?.map_err(stopped)?;
                return match done {
                    Ok(Reply::Opened { channel }) => {
                        self.announce(request.public, channel).await?;
                        self.view(Id(channel.0)).await
                    }
                    Err(CommandError::UnderWay) => self.opening(&operation).await,
                    Err(error) => Err(refusal(&error)),
                    Ok(_) => self.opening(&operation).await,
                };
            }
            let id = operation.id;
            let survives = self.look(move |node| node.survives(&id)).await?;
            if survives || began.elapsed() > OPENING_TIME {
                let opening = self.opening(&operation).await?;
                self.announce(request.public, ChannelId::from(opening.channel.0)).await?;
                return Ok(opening);
            }
        }
    }

    /// Announces a channel that its owner wants to be public.
    async fn announce(&self, is_wanted: bool, channel: ChannelId) -> Result<()> {
        if !is_wanted {
            return Ok(());
        }
        let command = Command::Announce { channel };
        let answer = self.node.command(command).await.map_err(stopped)?;
        answer.map(|_| ()).map_err(|error| refusal(&error))
    }

    /// The channel that a named opening opens.
    async fn opening(&self, operation: &Operation) -> Result<Channel> {
        let id = operation.id;
        let channel = self
            .look(move |node| {
                let known = node.operation(&id)?;
                views::channel(node, known.channel)
            })
            .await?;
        let channel = channel.map(|channel| {
            let id = ChannelId::from(channel.channel.0);
            self.births.note(id);
            Channel { created_at: self.births.of(id), ..channel }
        });
        channel.ok_or_else(|| {
            let message = "the opening is not known any more";
            ApiError::new(Code::NotFound, message, "List the channels.")
        })
    }
}
