// SPDX-License-Identifier: Apache-2.0

//! Transfers that are offered with a packet: before they leave, and when they end.
//!
//! # Why who forwards never loses (DA-9)
//!
//! The transfer and what it is for are written down before the offer leaves. When its preimage
//! shows, off chain or on chain, that is written in the same batch, and the transfer that pays for it
//! is fulfilled at once; after a restart it is fulfilled again from what was written. That one
//! expires later, by the expiry delta, which covers the time to reveal it on chain; the machine of
//! its channel does that by itself.
//!
//! What came in is given back only when nobody can claim what went out: its payee gave it back, it
//! was never signed or asked for, or a final block at or above its expiry has shown no reveal. A
//! reveal counts only in blocks below the expiry, and everything that they show is told before.

use super::{Node, routing::Work};
use crate::{
    error::CommandError,
    frame::{FailureFrame, Frame, PacketFrame, TransferName},
    live::{Fate, Live, Slot, Waiting, Wanted},
    output::Notice,
    records::snapshot,
    routed::{Handed, Origin, Part},
    write::Write,
};
use millrace_channels_protocol::{Change, ChangeError, ChannelError, PaymentError, TransferError};
use millrace_channels_routing::{
    NodeId,
    onion::{Failure, failure::wrap_foreign},
};
use millrace_primitives_channels::{BlockNumber, ChannelId, Hash, Transfer, transfer::Preimage};
use polkadot_sdk::sp_runtime::BoundedVec;
use std::collections::BTreeSet;

/// A packet on its way to the next hop.
pub(crate) fn packet_frame((channel, id): Part, packet: &[u8]) -> Frame {
    let packet = BoundedVec::truncate_from(packet.to_vec());
    Frame::Packet(Box::new(PacketFrame { transfer: TransferName { channel, id }, packet }))
}

impl Node {
    /// Offers a transfer with a packet to a channel's other participant. `writes`: what belongs to
    /// it. Everything is durable before anything leaves.
    pub(crate) fn hand(
        &mut self,
        channel: ChannelId,
        handed: Handed,
        writes: Vec<Write>,
    ) -> Result<Part, CommandError> {
        self.verify_may_sign()?;
        let limit = self.config.routing.transfers;
        if self.routing.handed.len() >= limit {
            return Err(CommandError::Limit { what: "transfers with a packet", limit });
        }
        self.with_channel(channel, |node, live| node.hand_to(live, handed, writes))?
    }

    fn hand_to(
        &mut self,
        live: &mut Live,
        handed: Handed,
        mut writes: Vec<Write>,
    ) -> Result<Part, CommandError> {
        let payee = self.reachable_payee(live, None)?;
        let peer = live.terms.peers.get(usize::from(payee)).copied().unwrap_or_default();
        let (needed, available) = (handed.amount, live.channel.spendable());
        if live.fate != Fate::Open || live.channel.newest().state().is_final {
            return Err(CommandError::NotPossible);
        }
        if needed > available {
            let error = PaymentError::Insufficient { needed, available };
            return Err(ChannelError::from(error).into());
        }
        let part = (live.id, live.channel.next_transfer_id());
        let transfer = Transfer {
            id: part.1,
            payer: live.terms.position,
            payee,
            amount: handed.amount,
            hashlock: handed.hashlock,
            expiry: handed.expiry,
        };
        writes.push(Write::PutHanded { part, handed: Box::new(handed.clone()) });
        live.ticket = self.journal.write(writes);
        live.touched = self.now;
        // The packet is there before the transfer.
        self.send_later(live, peer, &packet_frame(part, &handed.packet));
        self.follow_lock(handed.hashlock);
        self.routing.insert(part, handed);
        let wanted = Wanted::Change(Change::Offer(transfer));
        live.waiting.push_back(Waiting { command: None, operation: None, wanted, is_out: false });
        let offered = self.act(live, |it| {
            let Transfer { amount, hashlock, expiry, .. } = transfer;
            it.offer(payee, amount, hashlock, expiry).map(|(_, effects)| effects)
        });
        if let Err(error) = offered {
            // Nobody has heard of it.
            let wanted = Change::Offer(transfer);
            live.take_waiting(&wanted);
            let write = self.forget_handed(part).map(|(_, write)| write);
            live.ticket = self.journal.write(write.into_iter().collect());
            return Err(error.into());
        }
        Ok(part)
    }

    /// Forgets a transfer with a packet; returns what forgets it on the disk.
    pub(crate) fn forget_handed(&mut self, part: Part) -> Option<(Handed, Write)> {
        let (handed, write) = self.routing.remove(part)?;
        self.unfollow_lock(handed.hashlock);
        Some((handed, write))
    }

    /// The chain shows a preimage. What was offered under its lock and is not agreed yet may be
    /// claimed by it as well, although its channel has not heard of it.
    pub(crate) fn handed_revealed(&mut self, lock: Hash, preimage: Preimage, at: BlockNumber) {
        if self.failing.is_some() {
            return;
        }
        let owed = self.routing.handed.iter_mut().filter(|(_, handed)| {
            handed.hashlock == lock && handed.preimage.is_none() && at < handed.expiry
        });
        let mut writes = Vec::new();
        for (part, handed) in owed {
            handed.preimage = Some(preimage);
            handed.packet.clear();
            writes.push(Write::PutHanded { part: *part, handed: Box::new(handed.clone()) });
            self.routing.work.push_back(Work::Fulfilled(*part));
        }
        if !writes.is_empty() {
            self.journal.write(writes);
        }
    }

    /// A preimage was shown for what this party has offered: whoever owes it for that is shown it.
    pub(crate) fn handed_fulfilled(&mut self, part: Part) {
        let Some(handed) = self.routing.handed.get(&part) else { return };
        let Some(preimage) = handed.preimage else { return };
        match &handed.origin {
            Origin::Forwarded { part: incoming, .. } => {
                let incoming = *incoming;
                self.fulfil_part(incoming, preimage);
            }
            Origin::Own => {
                let hashlock = handed.hashlock;
                self.payment_delivered(hashlock, preimage);
            }
        }
    }

    /// Shows the payer of a transfer its preimage, or the chain if that is needed.
    pub(crate) fn fulfil_part(&mut self, (channel, id): Part, preimage: Preimage) {
        let _ = self.with_channel(channel, |node, live| {
            match node.act(live, |it| it.fulfil(id, preimage)) {
                // It is decided already.
                Ok(())
                | Err(ChannelError::Change(ChangeError::Transfer(TransferError::Unknown {
                    ..
                }))) => {}
                Err(error) => {
                    let what = format!("transfer {id} cannot be claimed any more: {error}");
                    node.notify(live, Notice::Trouble { channel, what });
                }
            }
        });
    }

    /// What this party has offered can be claimed by nobody any more.
    pub(crate) fn handed_returned(&mut self, part: Part) {
        let Some(handed) = self.routing.handed.get(&part) else { return };
        if handed.is_back {
            return;
        }
        if handed.preimage.is_some() || self.verify_may_sign().is_err() {
            // Either it is owed, or this is looked at again when something may be signed.
            self.routing.unsure.insert(part.0);
            return;
        }
        let error = self.routing.errors.remove(&part);
        let Some(handed) = self.routing.handed.get_mut(&part) else { return };
        handed.is_back = true;
        match &handed.origin {
            Origin::Forwarded { part: incoming, secret, .. } => {
                let error = match error {
                    Some(error) => wrap_foreign(secret, &error),
                    // The next node says nothing: only the channel to it can be blamed.
                    None => Failure::ChannelDisabled.wrap(secret),
                };
                let incoming = *incoming;
                self.note_failure(incoming.0);
                self.give_back(incoming, Some(error));
            }
            Origin::Own => self.own_part_returned(part, error),
        }
    }

    /// A transfer from this channel has failed, here or further on.
    pub(crate) fn note_failure(&mut self, channel: ChannelId) {
        if let Some(peer) = self.peer_of(channel) {
            self.routing.guard.failed(NodeId(peer.0), self.now);
        }
    }

    /// Gives a transfer back to its payer, with an error for the payer at the beginning of the way.
    pub(crate) fn give_back(&mut self, (channel, id): Part, error: Option<Vec<u8>>) {
        self.routing.unread.remove(&(channel, id));
        self.routing.gathered.remove(&(channel, id));
        let _ = self.with_channel(channel, |node, live| {
            let counterpart = live.terms.counterpart().map(usize::from);
            let peer = counterpart.and_then(|at| live.terms.peers.get(at).copied());
            if let (Some(error), Some(peer)) = (error, peer) {
                let transfer = TransferName { channel, id };
                let error = BoundedVec::truncate_from(error);
                let frame = Frame::Failure(Box::new(FailureFrame { transfer, error }));
                node.send_later(live, peer, &frame);
            }
            // What cannot be given back now is decided by its expiry.
            let _ = node.act(live, |it| it.fail(id));
        });
    }

    /// The machine of a channel starts again: what was forwarded from it and is back is given back once
    /// more.
    pub(crate) fn give_back_again(&mut self, channel: ChannelId) {
        let incoming = (channel, u64::MIN)..=(channel, u64::MAX);
        for outgoing in self.routing.by_incoming.range(incoming).map(|it| *it.1) {
            let handed = self.routing.handed.get_mut(&outgoing).filter(|it| it.is_back);
            if let Some(handed) = handed {
                handed.is_back = false;
                self.routing.work.push_back(Work::Returned(outgoing));
            }
        }
    }

    /// Compares what was written down about transfers with what their channels remember: after a
    /// restart, and when a peer has handed a state over.
    pub(crate) fn compare_memories(&mut self) {
        if self.verify_may_sign().is_err() {
            return;
        }
        for channel in core::mem::take(&mut self.routing.unsure) {
            let first = (channel, u64::MIN);
            let parts: Vec<Part> =
                self.routing.handed.range(first..=(channel, u64::MAX)).map(|it| *it.0).collect();
            let is_damaged = matches!(self.channels.get(&channel), Some(Slot::Damaged(_)));
            // What a damaged channel has signed is not known: the expiry decides.
            if parts.is_empty() || is_damaged {
                continue;
            }
            let compared = self.with_channel(channel, |_, live| remembered(live, &parts));
            let gone = match compared {
                Ok(Some(gone)) => gone,
                // Its peers are asked first what was signed.
                Ok(None) => {
                    self.routing.unsure.insert(channel);
                    continue;
                }
                // The channel is forgotten. If all of its end was seen, the chain has decided it, and
                // every reveal was told before; otherwise it ends by its expiry.
                Err(_) if self.settlement(channel).is_some() => parts.clone(),
                Err(_) => Vec::new(),
            };
            for part in parts {
                let is_owed =
                    self.routing.handed.get(&part).is_some_and(|it| it.preimage.is_some());
                if is_owed {
                    self.routing.work.push_back(Work::Fulfilled(part));
                } else if gone.contains(&part) {
                    self.routing.work.push_back(Work::Returned(part));
                }
            }
        }
    }

    /// A channel is forgotten: what nobody else can hold this party's signature for is back. The rest
    /// is compared with what the chain has paid.
    pub(crate) fn end_handed(&mut self, live: &Live) {
        self.routing.unsure.insert(live.id);
        let known = snapshot(&live.channel);
        if known.lagging.is_some() {
            return;
        }
        let signed = known.signed.iter().flat_map(|it| it.changes.iter());
        let offered = signed.filter_map(|change| match change {
            Change::Offer(transfer) => Some(transfer.id),
            _ => None,
        });
        let enforceable: BTreeSet<u64> =
            known.transfers.iter().map(|it| it.id).chain(offered).collect();
        let parts = self.routing.handed.range((live.id, u64::MIN)..=(live.id, u64::MAX));
        let back = parts
            .filter(|((_, id), handed)| handed.preimage.is_none() && !enforceable.contains(id));
        let back: Vec<_> = back.map(|(part, _)| Work::Returned(*part)).collect();
        self.routing.work.extend(back);
    }

    /// Closes channels in which an expired transfer of this party's is not given back.
    pub(crate) fn close_stuck(&mut self) {
        if !self.sees_now() {
            return;
        }
        let limit = self.height.saturating_sub(self.config.patience.stuck);
        let stuck: Vec<_> = self
            .awake
            .iter()
            .filter(|id| match self.channels.get(*id) {
                Some(Slot::Awake(live)) => {
                    let me = live.terms.position;
                    let is_stuck = |it: &Transfer| it.payer == me && it.expiry < limit;
                    live.fate == Fate::Open && live.channel.transfers().iter().any(is_stuck)
                }
                _ => false,
            })
            .copied()
            .collect();
        for channel in stuck {
            let _ = self.with_channel(channel, |node, live| {
                let what = "its peer gives an expired transfer back no more: it is closed alone";
                node.notify(live, Notice::Trouble { channel, what: what.to_owned() });
                node.act(live, |it| Ok(it.force_close()))
            });
        }
    }
}

/// The transfers among `parts` that the channel knows nothing of; nothing while it may have forgotten
/// some.
fn remembered(live: &mut Live, parts: &[Part]) -> Option<Vec<Part>> {
    let snapshot = snapshot(&live.channel);
    if snapshot.lagging.is_some() {
        return None;
    }
    let signed = snapshot.signed.iter().flat_map(|it| it.changes.iter());
    let asked = snapshot.asked.iter().flat_map(|it| it.changes.iter());
    let mut under_way: Vec<Transfer> = Vec::new();
    for change in signed.chain(asked) {
        if let Change::Offer(transfer) = change
            && parts.contains(&(live.id, transfer.id))
            && !under_way.contains(transfer)
        {
            under_way.push(*transfer);
        }
    }
    for transfer in &under_way {
        let wanted = Wanted::Change(Change::Offer(*transfer));
        if !live.waiting.iter().any(|it| it.wanted == wanted) {
            let waiting = Waiting { command: None, operation: None, wanted, is_out: true };
            live.waiting.push_back(waiting);
        }
    }
    let waits = |id: u64| {
        let mut waiting = live.waiting.iter();
        waiting.any(|it| matches!(&it.wanted, Wanted::Change(Change::Offer(it)) if it.id == id))
    };
    let is_agreed = |id: u64| snapshot.transfers.iter().any(|it| it.id == id);
    let gone = parts.iter().filter(|(_, id)| !is_agreed(*id) && !waits(*id));
    Some(gone.copied().collect())
}
