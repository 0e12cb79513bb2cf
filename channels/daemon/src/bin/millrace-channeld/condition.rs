// SPDX-License-Identifier: Apache-2.0

//! How the daemon is, who it is, what it has done, and its backups.

use crate::{
    naming::names_of,
    refusing::stopped,
    running::now,
    secrets,
    service::{Daemon, seconds},
    views,
};
use millrace_channels_api::{
    Amount, ApiError, Code, Result, Token,
    types::{
        Backup, ChainHead, CreateBackup, Health, Identity, Network, NodeStatus, Reason, Statistics,
        Tally,
    },
    values::{BackupHash, BlockHash},
};
use millrace_channels_daemon::{Node, shell::Stopped};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

impl Daemon {
    /// Whether a node works, and what stands in its way.
    pub fn health_of(node: &Node) -> Health {
        let mut reasons = Vec::new();
        let mut reason = |code: &str, message: &str, remedy: &str| {
            reasons.push(Reason {
                code: code.to_owned(),
                message: message.to_owned(),
                remedy: remedy.to_owned(),
            });
        };
        if node.has_failed() {
            let message = "the disk refused to write, so that nothing is signed any more";
            reason("disk_failed", message, "Free space or mend the disk, then start again.");
        }
        if !node.sees_the_chain() {
            let message = "the state of the chain is not known";
            reason("chain_unreachable", message, "Check the node of the chain.");
        }
        if node.is_congested() {
            reason("busy", "more waits for the disk than allowed", "Send less.");
        }
        Health { live: !node.has_failed(), ready: reasons.is_empty(), reasons }
    }

    /// How far the chain has come; nothing while no node of it is connected.
    pub async fn head(&self) -> Option<ChainHead> {
        let chain = self.follower.chain()?;
        let (best, last) = (chain.best_head().await.ok()?, chain.finalised_head().await.ok()?);
        Some(ChainHead {
            height: best.number,
            hash: BlockHash(best.hash.0),
            final_height: last.number,
            final_hash: BlockHash(last.hash.0),
        })
    }

    /// How the daemon is.
    pub async fn condition(&self) -> Result<NodeStatus> {
        let (health, channels, peers) = self
            .look(|node| (Self::health_of(node), views::counts(node), node.peers().count()))
            .await?;
        let told = self.follower.chain().map(|chain| names_of(chain.identity()));
        // No symbol tells that no node of the chain has answered yet.
        let (name, symbol, decimals) = told.or_else(|| self.naming.names()).unwrap_or_default();
        let token = Token { symbol, decimals };
        Ok(NodeStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            network: Network { name, genesis: BlockHash(self.genesis.0), token },
            started_at: seconds(self.started),
            health,
            chain: self.head().await,
            channels,
            peers_connected: u32::try_from(peers).unwrap_or(u32::MAX),
        })
    }

    /// Who the daemon is, and where it is reached.
    pub async fn introduction(&self) -> Result<Identity> {
        let wrong = || ApiError::new(Code::Internal, "a name has no text", "Report this.");
        let peer = self.network.local_peer().to_string().parse().map_err(|_| wrong())?;
        let account = views::account(&self.participant.account).ok_or_else(wrong)?;
        let signer = codec::Encode::encode(&self.participant.signer);
        // The first byte says which kind of key it is.
        let signer = format!("0x{}", hex::encode(signer.get(1..).unwrap_or_default()));
        let addresses = self.network.addresses().await.map_err(|_| stopped(Stopped))?;
        let addresses = addresses.listening.iter().filter_map(|it| it.to_string().parse().ok());
        Ok(Identity { peer, account, signer, addresses: addresses.collect() })
    }

    /// What the daemon has done since it was started.
    pub async fn counted(&self) -> Result<Statistics> {
        let since = seconds(self.started);
        self.look(move |node| {
            let stats = node.stats();
            let (mut deposits, mut sendable, mut receivable) = (0_u128, 0_u128, 0_u128);
            for id in node.channels() {
                let Some(view) = views::channel(node, id) else { continue };
                deposits = deposits.saturating_add(view.deposit.0);
                sendable = sendable.saturating_add(view.sendable.0);
                receivable = receivable.saturating_add(view.receivable.0);
            }
            let tally = |count, amount| Tally { count, amount: Amount(amount), fees: Amount(0) };
            Statistics {
                since,
                channels: views::counts(node),
                deposits: Amount(deposits),
                sendable: Amount(sendable),
                receivable: Amount(receivable),
                sent: tally(stats.payments_sent, stats.amount_sent),
                received: tally(stats.payments_received, stats.amount_received),
                forwarded: Tally {
                    fees: Amount(stats.fees_earned),
                    ..tally(stats.forwarded, stats.amount_forwarded)
                },
                failed: stats.payments_failed,
                pulses_sent: tally(stats.pulses_sent, stats.pulses_sent_amount),
                pulses_received: tally(stats.pulses_received, stats.pulses_received_amount),
                versions: stats.versions,
                disputes: stats.disputes,
            }
        })
        .await
    }

    /// Writes an encrypted copy of the store.
    pub async fn back_up(&self, request: CreateBackup) -> Result<Backup> {
        let created_at = seconds(now());
        let name = request.name.map_or_else(|| created_at.to_string(), |it| it.to_string());
        let file = self.backups.join(format!("{name}.backup"));
        let (store, path) = (self.store.clone(), file.clone());
        let made = spawn_blocking(move || -> anyhow::Result<(u64, [u8; 32], u64)> {
            secrets::make_folder(path.parent())?;
            store.backup(&path)?;
            let mut hash = Sha256::new();
            let bytes = std::io::copy(&mut std::fs::File::open(&path)?, &mut hash)?;
            Ok((bytes, hash.finalize().into(), store.stats()?.channels))
        });
        let failed = |cause: String| {
            let message = format!("the backup was not made: {cause}");
            ApiError::new(Code::DiskFailed, message, "Check space and permissions.")
        };
        let (bytes, hash, channels) = made
            .await
            .map_err(|error| failed(error.to_string()))?
            .map_err(|error| failed(error.to_string()))?;
        let (file, hash) = (file.display().to_string(), BackupHash(hash));
        Ok(Backup { file, bytes, hash, channels, created_at })
    }
}
