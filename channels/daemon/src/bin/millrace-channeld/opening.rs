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
use millrace_channels_daemon::{
    Command, CommandError, Peer, Reply,
    shell::{Handle, Stopped},
};
use millrace_primitives_channels::ChannelId;
use tokio::time::{Instant, interval, timeout};

/// Within how many blocks the chain has to take an opening.
const OPEN_WITHIN: u32 = 500;

/// How long it may take until an opening survives a restart, before it is answered as still under
/// way. The time for meeting the peer is part of it.
const OPENING_TIME: Duration = Duration::from_secs(60);

/// How long a peer whose addresses are given has to connect and to say who it is.
const MEETING_TIME: Duration = Duration::from_secs(20);

impl Daemon {
    /// Opens a channel, and answers as soon as the opening survives a restart.
    pub async fn open(&self, operation: Operation, request: OpenChannel) -> Result<Channel> {
        let began = Instant::now();
        let (_, peer) = peer_of(&request.peer)?;
        let is_known = self.look(move |node| node.operation(&operation.id).is_some()).await?;
        if !is_known {
            self.verify_owned(request.ours.0).await?;
        }
        if !request.addresses.is_empty() {
            self.connect(&request.peer, parsed(&request.addresses)?).await?;
            if !is_known {
                // If the peer does not come, the command says so.
                meet(&self.node, peer, MEETING_TIME).await?;
            }
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

/// Waits until a peer is connected and has said who it is. False if it has not after `patience`.
async fn meet(node: &Handle, peer: Peer, patience: Duration) -> Result<bool> {
    let since = Instant::now();
    let mut looks = interval(LOOK);
    loop {
        looks.tick().await;
        if node.look(move |node| node.is_introduced(&peer)).await.map_err(stopped)? {
            return Ok(true);
        }
        if since.elapsed() >= patience {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::store;
    use millrace_channels_daemon::{
        Config, Identity, Keys, Node,
        in_memory::{MemoryChain, MemoryWire, wire},
        shell::start,
    };
    use millrace_primitives_channels::Hash;
    use polkadot_sdk::sp_core::{Pair, ed25519};
    use tempfile::TempDir;

    const ONE: Peer = Peer([1; 32]);
    const OTHER: Peer = Peer([2; 32]);

    /// A node at one end of a wire.
    fn run(me: Peer, wire: MemoryWire, chain: &MemoryChain, folder: &TempDir) -> Handle {
        let pair = ed25519::Pair::from_seed(&me.0);
        let keys = Keys::new(pair, pair, me.0);
        let identity = Identity { genesis: Hash::repeat_byte(7), keys, me, seed: me.0 };
        let node = Node::new(Config::default(), identity);
        let (store, ledger) = (store(folder), chain.ledger());
        let (handle, task) = start(node, Vec::new(), store, wire, ledger, || 1_000);
        tokio::spawn(task);
        handle
    }

    #[tokio::test]
    async fn peer_that_comes_late_is_waited_for_and_one_that_does_not_come_not_for_ever() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let chain = MemoryChain::default();
        let (ours, theirs) = wire(ONE, OTHER);
        // given a peer whose connection is up, and that says nothing yet
        let node = run(ONE, ours, &chain, &folders[0]);
        assert_eq!(meet(&node, OTHER, Duration::from_millis(200)).await, Ok(false));
        // when it comes while it is waited for
        let waiting = {
            let node = node.clone();
            tokio::spawn(async move { meet(&node, OTHER, Duration::from_secs(20)).await })
        };
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!waiting.is_finished(), "it waits");
        let other = run(OTHER, theirs, &chain, &folders[1]);
        // then it is met
        assert_eq!(waiting.await.unwrap(), Ok(true));
        other.shutdown().await;
        node.shutdown().await;
    }
}
