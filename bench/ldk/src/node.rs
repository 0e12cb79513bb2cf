// SPDX-License-Identifier: Apache-2.0

//! One node, on LDK's crate: its channel manager, its monitors, its keys, and an outside world in
//! which nothing happens that nobody makes happen.

use crate::keeping::Journal;
use anyhow::bail;
use lightning::{
    bitcoin::{Network, Transaction, block::Header, secp256k1::PublicKey},
    blinded_path::payment::{BlindedPaymentPath, ReceiveTlvs},
    chain::{
        BestBlock, Confirm, Filter,
        chaininterface::{BroadcasterInterface, ConfirmationTarget, FeeEstimator},
        chainmonitor::ChainMonitor,
    },
    events::{Event, EventsProvider, ReplayEvent},
    ln::{
        channel_state::ChannelDetails,
        channelmanager::{ChainParameters, ChannelManager},
        msgs::{BaseMessageHandler, ChannelMessageHandler, CommitmentUpdate, MessageSendEvent},
    },
    onion_message::messenger::NullMessageRouter,
    routing::router::{InFlightHtlcs, Route, RouteParameters, Router},
    sign::{InMemorySigner, KeysManager, NodeSigner},
    util::{
        config::UserConfig,
        logger::{Level, Logger, Record},
    },
};
use std::{cell::RefCell, path::Path, sync::Arc};

/// Satoshis for 1,000 units of weight: the least that LDK takes.
const FEE: u32 = 253;

/// When the first block of the test network was made, in seconds since 1970.
pub const GENESIS_TIME: u32 = 1_296_688_602;

type Monitors = ChainMonitor<
    InMemorySigner,
    Arc<dyn Filter + Send + Sync>,
    Arc<Outside>,
    Arc<Outside>,
    Arc<Outside>,
    Arc<Journal>,
    Arc<KeysManager>,
>;

type Manager = ChannelManager<
    Arc<Monitors>,
    Arc<Outside>,
    Arc<KeysManager>,
    Arc<KeysManager>,
    Arc<KeysManager>,
    Arc<Outside>,
    Arc<NoRoutes>,
    Arc<NullMessageRouter>,
    Arc<Outside>,
>;

/// Everything around a node: a chain that takes transactions, fees that stay, a log of errors.
pub struct Outside;

impl BroadcasterInterface for Outside {
    fn broadcast_transactions(&self, _: &[&Transaction]) {}
}

impl FeeEstimator for Outside {
    fn get_est_sat_per_1000_weight(&self, _: ConfirmationTarget) -> u32 {
        FEE
    }
}

impl Logger for Outside {
    fn log(&self, record: Record) {
        if record.level >= Level::Error {
            eprintln!("{} {}", record.module_path, record.args);
        }
    }
}

/// Routes are given with each payment.
pub struct NoRoutes;

impl Router for NoRoutes {
    fn find_route(
        &self,
        _: &PublicKey,
        _: &RouteParameters,
        _: Option<&[&ChannelDetails]>,
        _: InFlightHtlcs,
    ) -> Result<Route, &'static str> {
        Err("routes are given")
    }

    fn create_blinded_payment_paths<
        T: lightning::bitcoin::secp256k1::Signing + lightning::bitcoin::secp256k1::Verification,
    >(
        &self,
        _: PublicKey,
        _: Vec<ChannelDetails>,
        _: ReceiveTlvs,
        _: Option<u64>,
        _: &lightning::bitcoin::secp256k1::Secp256k1<T>,
    ) -> Result<Vec<BlindedPaymentPath>, ()> {
        Err(())
    }
}

/// One node.
pub struct Node {
    /// Its channel manager.
    pub manager: Manager,
    /// What it has written down.
    pub journal: Arc<Journal>,
    monitors: Arc<Monitors>,
}

impl Node {
    /// A node that writes to a file of its own in `folder`.
    pub fn new(number: u8, folder: &Path) -> anyhow::Result<Self> {
        let journal = Arc::new(Journal::new(&folder.join(format!("ldk-{number}")))?);
        let keys = Arc::new(KeysManager::new(&[number; 32], u64::from(number), 0, true));
        let outside = Arc::new(Outside);
        let monitors = Arc::new(ChainMonitor::new(
            None,
            outside.clone(),
            outside.clone(),
            outside.clone(),
            journal.clone(),
            keys.clone(),
            keys.get_peer_storage_key(),
        ));
        let mut config = UserConfig::default();
        // As many payments under way as the protocol allows, up to all that is in the channel.
        config.channel_handshake_config.our_max_accepted_htlcs = 483;
        config.channel_handshake_config.max_inbound_htlc_value_in_flight_percent_of_channel = 100;
        config.channel_handshake_config.minimum_depth = 1;
        config.channel_handshake_limits.max_funding_satoshis = u64::MAX;
        let best_block = BestBlock::from_network(Network::Regtest);
        let manager = ChannelManager::new(
            outside.clone(),
            monitors.clone(),
            outside.clone(),
            Arc::new(NoRoutes),
            Arc::new(NullMessageRouter {}),
            outside,
            keys.clone(),
            keys.clone(),
            keys,
            config,
            ChainParameters { network: Network::Regtest, best_block },
            GENESIS_TIME,
        );
        Ok(Self { manager, journal, monitors })
    }

    /// How its peer knows it.
    pub fn id(&self) -> PublicKey {
        self.manager.get_our_node_id()
    }

    /// Shows it a block.
    pub fn block(&self, header: &Header, height: u32, transaction: Option<&Transaction>) {
        if let Some(transaction) = transaction {
            let transactions = [(1, transaction)];
            self.monitors.transactions_confirmed(header, &transactions, height);
            self.manager.transactions_confirmed(header, &transactions, height);
        }
        self.monitors.best_block_updated(header, height);
        self.manager.best_block_updated(header, height);
    }

    /// What has happened in it, and what it is to do next.
    pub fn events(&self) -> Vec<Event> {
        if self.manager.needs_pending_htlc_processing() {
            self.manager.process_pending_htlc_forwards();
        }
        let events = RefCell::new(Vec::new());
        let keep = |event: Event| -> Result<(), ReplayEvent> {
            events.borrow_mut().push(event);
            Ok(())
        };
        self.manager.process_pending_events(&keep);
        events.into_inner()
    }

    /// What it wants sent.
    pub fn messages(&self) -> Vec<MessageSendEvent> {
        self.manager.get_and_clear_pending_msg_events()
    }

    /// Takes what its peer wants sent.
    pub fn take(&self, peer: PublicKey, message: MessageSendEvent) -> anyhow::Result<()> {
        use MessageSendEvent as Sent;
        let manager = &self.manager;
        match message {
            Sent::SendOpenChannel { msg, .. } => manager.handle_open_channel(peer, &msg),
            Sent::SendAcceptChannel { msg, .. } => manager.handle_accept_channel(peer, &msg),
            Sent::SendFundingCreated { msg, .. } => manager.handle_funding_created(peer, &msg),
            Sent::SendFundingSigned { msg, .. } => manager.handle_funding_signed(peer, &msg),
            Sent::SendChannelReady { msg, .. } => manager.handle_channel_ready(peer, &msg),
            Sent::SendChannelUpdate { msg, .. } => manager.handle_channel_update(peer, &msg),
            Sent::SendRevokeAndACK { msg, .. } => manager.handle_revoke_and_ack(peer, &msg),
            Sent::UpdateHTLCs { updates, .. } => self.take_updates(peer, updates)?,
            Sent::SendAnnouncementSignatures { .. }
            | Sent::BroadcastChannelUpdate { .. }
            | Sent::BroadcastChannelAnnouncement { .. } => {}
            other => bail!("a message that no payment needs: {other:?}"),
        }
        Ok(())
    }

    fn take_updates(&self, peer: PublicKey, updates: CommitmentUpdate) -> anyhow::Result<()> {
        for added in &updates.update_add_htlcs {
            self.manager.handle_update_add_htlc(peer, added);
        }
        for fulfilled in updates.update_fulfill_htlcs {
            self.manager.handle_update_fulfill_htlc(peer, fulfilled);
        }
        if let Some(failed) = updates.update_fail_htlcs.first() {
            bail!("a payment came back: {failed:?}");
        }
        if let Some(failed) = updates.update_fail_malformed_htlcs.first() {
            bail!("a payment was not understood: {failed:?}");
        }
        if let Some(fee) = &updates.update_fee {
            self.manager.handle_update_fee(peer, fee);
        }
        for signed in &updates.commitment_signed {
            self.manager.handle_commitment_signed(peer, signed);
        }
        Ok(())
    }
}
