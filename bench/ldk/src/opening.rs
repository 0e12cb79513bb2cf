// SPDX-License-Identifier: Apache-2.0

//! A channel between two nodes, on a chain whose blocks are made for it.

use crate::node::{GENESIS_TIME, Node};
use anyhow::{Context, anyhow, bail, ensure};
use lightning::{
    bitcoin::{
        Amount, BlockHash, CompactTarget, Network, OutPoint, ScriptBuf, Sequence, Transaction,
        TxIn, TxMerkleNode, TxOut, Txid, Witness,
        absolute::LockTime,
        block::{self, Header},
        blockdata::constants::genesis_block,
        hashes::Hash,
        transaction::Version,
    },
    events::Event,
    ln::msgs::{BaseMessageHandler, Init},
};

/// What is in the channel, in satoshis: more than any measurement pays.
const SATOSHIS: u64 = 1_000_000_000_000;

/// Blocks until both sides take the channel for open.
const BLOCKS: u32 = 6;

/// Opens a channel that `payer` funds.
pub fn open(payer: &Node, payee: &Node) -> anyhow::Result<()> {
    meet(payer, payee)?;
    let created = payer.manager.create_channel(payee.id(), SATOSHIS, 0, 0, None, None);
    created.map_err(|error| anyhow!("not created: {error:?}"))?;
    let transaction = settle(payer, payee)?.into_iter().find_map(|event| match event {
        Event::FundingGenerationReady { temporary_channel_id, output_script, .. } => {
            Some((temporary_channel_id, funding(output_script)))
        }
        _ => None,
    });
    let (channel, transaction) = transaction.context("LDK did not ask for funds")?;
    let funded =
        payer.manager.funding_transaction_generated(channel, payee.id(), transaction.clone());
    funded.map_err(|error| anyhow!("not funded: {error:?}"))?;
    settle(payer, payee)?;
    let mut before = genesis_block(Network::Regtest).block_hash();
    for height in 1..=BLOCKS {
        let header = header(before, height);
        before = header.block_hash();
        let transaction = (height == 1).then_some(&transaction);
        payer.block(&header, height, transaction);
        payee.block(&header, height, transaction);
        settle(payer, payee)?;
    }
    let is_usable = |node: &Node| node.manager.list_channels().iter().any(|it| it.is_usable);
    ensure!(is_usable(payer) && is_usable(payee), "the channel is not usable");
    Ok(())
}

fn meet(payer: &Node, payee: &Node) -> anyhow::Result<()> {
    for (node, peer, is_inbound) in [(payer, payee, false), (payee, payer, true)] {
        let features = peer.manager.provided_init_features(node.id());
        let init = Init { features, networks: None, remote_network_address: None };
        let met = node.manager.peer_connected(peer.id(), &init, is_inbound);
        met.map_err(|()| anyhow!("two nodes do not go together"))?;
    }
    Ok(())
}

/// A transaction that pays for the channel. What it spends is nobody's business here.
fn funding(output_script: ScriptBuf) -> Transaction {
    let input = TxIn {
        previous_output: OutPoint::new(Txid::from_byte_array([7; 32]), 0),
        script_sig: ScriptBuf::new(),
        sequence: Sequence::MAX,
        witness: Witness::from_slice(&[[1_u8]]),
    };
    let output = TxOut { value: Amount::from_sat(SATOSHIS), script_pubkey: output_script };
    let (version, lock_time) = (Version::TWO, LockTime::ZERO);
    Transaction { version, lock_time, input: vec![input], output: vec![output] }
}

fn header(prev_blockhash: BlockHash, height: u32) -> Header {
    Header {
        version: block::Version::NO_SOFT_FORK_SIGNALLING,
        prev_blockhash,
        merkle_root: TxMerkleNode::all_zeros(),
        time: GENESIS_TIME + height,
        bits: CompactTarget::from_consensus(0x207f_ffff),
        nonce: height,
    }
}

/// Passes messages until neither node has anything left to say, and returns what happened.
pub fn settle(one: &Node, other: &Node) -> anyhow::Result<Vec<Event>> {
    let mut events = Vec::new();
    // Opening takes far fewer turns; a dialogue without end would otherwise go unnoticed.
    for _ in 0..10_000 {
        let mut is_quiet = true;
        for (from, to) in [(one, other), (other, one)] {
            for message in from.messages() {
                to.take(from.id(), message)?;
                is_quiet = false;
            }
            let news = to.events();
            is_quiet &= news.is_empty();
            events.extend(news);
        }
        if is_quiet {
            return Ok(events);
        }
    }
    bail!("two nodes do not come to an end")
}
