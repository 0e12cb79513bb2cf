// SPDX-License-Identifier: Apache-2.0

//! Opening a channel with a peer.
//!
//! ```text
//! proposer                                   acceptor
//!   Proposal: terms, where it is reached ──►   its policy decides
//!                                              writes terms and consent down (DA-2)
//!   ◄── Acceptance: consent, where it is reached
//!   writes everybody's consent down
//!   submits the opening; sending is its own consent
//! ```
//!
//! Both count the channel as open once the opening is final. The acceptor is bound until then or
//! until the terms' last block is over, whatever the proposer says, so it keeps the terms that long.
//! The proposer's consent never leaves before the submission, so it is bound by nothing until then.

use super::Node;
use crate::{
    error::CommandError,
    frame::{Frame, OpeningMessage, readable, reason},
    input::{CommandId, Millis, Ticket},
    live::Live,
    operation::{Deed, OperationKey, Progress},
    output::{Call, Notice, Output, Reply},
    peer::{Peer, binding_payload},
    records::{snapshot, terms_row},
    terms::{Stage, Terms},
    write::Write,
};
use codec::Encode;
use millrace_channels_store::Record;
use millrace_primitives_channels::{
    Balance, BlockNumber, ChannelAsset, ChannelId, ChannelParams, params::Amounts,
    state::Signatures, verify_account, verify_signer,
};
use polkadot_sdk::sp_runtime::{BoundedVec, MultiSignature};

/// A channel that is being opened.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    pub(crate) terms: Terms,
    /// The command that it answers.
    pub(crate) command: Option<CommandId>,
    /// What is to be written with everybody's consent.
    writes: Vec<Write>,
    since: Millis,
    pub(crate) ticket: Ticket,
}

impl Opening {
    /// An opening that was written down before a restart.
    pub(crate) fn restored(terms: Terms) -> Self {
        let (writes, ticket) = (Vec::new(), Ticket::default());
        Self { terms, command: None, writes, since: 0, ticket }
    }

    fn is_with(&self, peer: &Peer) -> bool {
        self.terms.position_of(peer).is_some()
    }
}

impl Node {
    /// Proposes a channel. `deposits`: this party's and the peer's.
    pub(crate) fn propose_opening(
        &mut self,
        id: CommandId,
        peer: Peer,
        deposits: [Balance; 2],
        challenge_blocks: BlockNumber,
        open_within: BlockNumber,
        operation: Option<OperationKey>,
    ) -> Result<(), CommandError> {
        let contact = self.contacts.get(&peer).ok_or(CommandError::NotConnected { peer })?;
        let hello = contact.hello.as_ref().ok_or(CommandError::NotIntroduced { peer })?;
        let theirs = hello.participant.clone();
        self.verify_room(&peer).map_err(|(what, limit)| CommandError::Limit { what, limit })?;
        if deposits == [0, 0] {
            return Err(CommandError::NothingDeposited { ours: 0, theirs: 0 });
        }
        let mut seats =
            vec![(self.keys.participant(), deposits[0], self.me), (theirs, deposits[1], peer)];
        seats.sort_by(|one, other| one.0.account.cmp(&other.0.account));
        let position = seats.iter().position(|(_, _, seat)| *seat == self.me).unwrap_or(0);
        let params = ChannelParams {
            participants: BoundedVec::truncate_from(
                seats.iter().map(|(participant, _, _)| participant.clone()).collect(),
            ),
            asset: ChannelAsset::Native,
            challenge_blocks,
            open_by: self.in_blocks(open_within),
            nonce: self.draw(),
        };
        let terms = Terms {
            params,
            deposits: Amounts::truncate_from(seats.iter().map(|(_, it, _)| *it).collect()),
            position: u8::try_from(position).unwrap_or(u8::MAX),
            peers: seats.into_iter().map(|(_, _, peer)| peer).collect(),
            stage: Stage::Proposed,
        };
        let channel = terms.agreement(&self.genesis)?.id();
        let (command, since) = (Some(id), self.now);
        let ticket = Ticket::default();
        let writes = match operation {
            Some(key) => self.begin_operation(channel, key, Deed::Opening),
            None => Vec::new(),
        };
        let opening = Opening { terms, command, writes, since, ticket };
        let proposal = self.proposal(channel, &opening);
        self.openings.insert(channel, opening);
        self.send_frame(peer, &proposal);
        Ok(())
    }

    fn proposal(&self, channel: ChannelId, opening: &Opening) -> Frame {
        Frame::Opening(Box::new(OpeningMessage::Proposal {
            params: opening.terms.params.clone(),
            deposits: opening.terms.deposits.clone(),
            binding: self.binding(channel).signature,
        }))
    }

    fn acceptance(&self, channel: ChannelId, consent: MultiSignature) -> Frame {
        let binding = self.binding(channel).signature;
        Frame::Opening(Box::new(OpeningMessage::Acceptance { channel, consent, binding }))
    }

    fn refusal(&mut self, peer: Peer, channel: ChannelId, why: &str) {
        let refused = OpeningMessage::Refused { channel, reason: reason(why) };
        self.send_frame(peer, &Frame::Opening(Box::new(refused)));
    }

    /// Whether one more opening has room; else what is full and its limit.
    fn verify_room(&self, peer: &Peer) -> Result<(), (&'static str, usize)> {
        let limits = &self.config.limits;
        let with_peer = self.openings.values().filter(|it| it.is_with(peer)).count();
        let open = self.by_peer.get(peer).map_or(0, |channels| channels.len());
        let counts = [
            ("channels", self.channels.len(), limits.channels),
            ("channels with this peer", open, limits.channels_per_peer),
            ("openings", self.openings.len(), limits.openings),
            ("openings with this peer", with_peer, limits.openings_per_peer),
        ];
        match counts.into_iter().find(|(_, count, limit)| count >= limit) {
            Some((what, _, limit)) => Err((what, limit)),
            None => Ok(()),
        }
    }

    /// A message about an opening.
    pub(crate) fn opening_message(&mut self, peer: Peer, message: OpeningMessage) {
        if !self.may_handle_messages() {
            return;
        }
        match message {
            OpeningMessage::Proposal { params, deposits, binding } => {
                self.proposed(peer, params, deposits, &binding);
            }
            OpeningMessage::Acceptance { channel, consent, binding } => {
                self.accepted(peer, channel, consent, &binding);
            }
            OpeningMessage::Refused { channel, reason } => {
                self.refused(peer, channel, readable(&reason));
            }
        }
    }

    /// A peer proposes a channel: accepts it if the policy does.
    fn proposed(
        &mut self,
        peer: Peer,
        params: ChannelParams,
        deposits: Amounts,
        binding: &MultiSignature,
    ) {
        let channel = millrace_primitives_channels::channel_id(&self.genesis, &params);
        if let Some(known) = self.openings.get(&channel) {
            let is_same = known.terms.params == params && known.terms.deposits == deposits;
            match (&known.terms.stage, is_same && known.is_with(&peer)) {
                (Stage::Accepted { consent }, true) => {
                    let (after, frame) = (known.ticket, self.acceptance(channel, consent.clone()));
                    self.send_after(after, peer, &frame);
                }
                // One channel, one opening (DA-2).
                _ => self.refusal(peer, channel, "another opening of this channel is under way"),
            }
            return;
        }
        if self.channels.contains_key(&channel) {
            return;
        }
        match self.judge(peer, channel, params, deposits, binding) {
            Ok(terms) => self.accept(peer, channel, terms),
            Err(why) => self.refusal(peer, channel, &why),
        }
    }

    /// Whether the policy accepts a proposal; else why not.
    fn judge(
        &mut self,
        peer: Peer,
        channel: ChannelId,
        params: ChannelParams,
        deposits: Amounts,
        binding: &MultiSignature,
    ) -> Result<Terms, String> {
        let policy = self.config.acceptance.clone();
        let ensure = |holds: bool, why: &str| if holds { Ok(()) } else { Err(why.to_owned()) };
        ensure(policy.is_open, "this node accepts no channels")?;
        self.verify_may_sign().map_err(|_| "this node signs nothing at the moment")?;
        self.verify_room(&peer).map_err(|(what, limit)| format!("no room: {limit} {what}"))?;
        ensure(params.participants.len() == 2, "only channels of two are accepted")?;
        ensure(params.asset == ChannelAsset::Native, "only the chain's own token is accepted")?;
        let own = self.keys.participant();
        let position = params.participants.iter().position(|it| *it == own);
        let position = position.ok_or("this node is no participant")?;
        let other = 1_usize.saturating_sub(position);
        let theirs = params.participants.get(other).ok_or("the proposer is no participant")?;
        let payload = binding_payload(&self.genesis, &channel, &peer);
        if !verify_signer(binding, &theirs.signer, &payload) {
            self.strike(peer, Some(channel), "a wrong binding in a proposal".to_owned());
            return Err("the binding is not by the proposer's signer".to_owned());
        }
        let amount = |at: usize| deposits.get(at).copied().unwrap_or(0);
        let (ours, range) = (amount(position), &policy.their_deposit);
        ensure(
            range.contains(&amount(other)),
            &format!("the proposer has to deposit {} to {}", range.start(), range.end()),
        )?;
        ensure(
            ours <= policy.own_deposit_max,
            &format!("this node deposits at most {}", policy.own_deposit_max),
        )?;
        let range = &policy.challenge_blocks;
        ensure(
            range.contains(&params.challenge_blocks),
            &format!("the challenge window has to be {} to {}", range.start(), range.end()),
        )?;
        let (from, to) = (self.in_blocks(1), self.in_blocks(policy.open_within));
        ensure(
            (from..=to).contains(&params.open_by),
            &format!("the last block of the opening has to be {from} to {to}"),
        )?;
        let peers = match position {
            0 => vec![self.me, peer],
            _ => vec![peer, self.me],
        };
        let position = u8::try_from(position).unwrap_or(u8::MAX);
        let terms = Terms { params, deposits, position, peers, stage: Stage::Proposed };
        terms.agreement(&self.genesis).map_err(|error| error.to_string())?;
        Ok(terms)
    }

    /// Writes the consent down, then gives it.
    fn accept(&mut self, peer: Peer, channel: ChannelId, terms: Terms) {
        let Ok(agreement) = terms.agreement(&self.genesis) else { return };
        let consent = self.keys.sign_consent(&agreement.open_payload());
        let stage = Stage::Accepted { consent: consent.clone() };
        let terms = Terms { stage, ..terms };
        let record = terms_row(&terms);
        let ticket = self.journal.write(vec![Write::Append { channel, record }]);
        let (command, since) = (None, self.now);
        let opening = Opening { terms, command, writes: Vec::new(), since, ticket };
        self.openings.insert(channel, opening);
        self.journal.release(ticket, Output::Watch(channel), &mut self.out);
        let frame = self.acceptance(channel, consent);
        self.send_after(ticket, peer, &frame);
    }

    fn send_after(&mut self, ticket: Ticket, peer: Peer, frame: &Frame) {
        self.stats.frames_sent = self.stats.frames_sent.saturating_add(1);
        let output = Output::Send { peer, bytes: frame.to_bytes() };
        self.journal.release(ticket, output, &mut self.out);
    }

    /// The peer agrees: everybody's consent is written down, then submitted.
    fn accepted(
        &mut self,
        peer: Peer,
        channel: ChannelId,
        consent: MultiSignature,
        binding: &MultiSignature,
    ) {
        let Some(opening) = self.openings.get(&channel) else { return };
        let Some(from) = opening.terms.position_of(&peer) else { return };
        if opening.terms.stage != Stage::Proposed || self.verify_may_sign().is_err() {
            return;
        }
        let mut terms = opening.terms.clone();
        let Ok(agreement) = terms.agreement(&self.genesis) else { return };
        let payload = agreement.open_payload();
        let place = binding_payload(&self.genesis, &channel, &peer);
        let is_right = terms.params.participants.get(from).is_some_and(|participant| {
            verify_account(&consent, &participant.account, &payload)
                && verify_signer(binding, &participant.signer, &place)
        });
        if !is_right {
            return self.strike(peer, Some(channel), "a wrong consent to an opening".to_owned());
        }
        let own = self.keys.sign_consent(&payload);
        let consents = match from {
            0 => vec![consent, own],
            _ => vec![own, consent],
        };
        let consents = Signatures::truncate_from(consents);
        terms.stage = Stage::Submitted { consents };
        let record = terms_row(&terms);
        let opening = self.openings.get_mut(&channel);
        let mut writes = opening.map(|it| core::mem::take(&mut it.writes)).unwrap_or_default();
        writes.push(Write::Append { channel, record });
        let ticket = self.journal.write(writes);
        if let Some(opening) = self.openings.get_mut(&channel) {
            (opening.terms, opening.ticket) = (terms, ticket);
        }
        self.journal.release(ticket, Output::Watch(channel), &mut self.out);
        self.submit_consents(channel);
    }

    fn submit_consents(&mut self, channel: ChannelId) {
        let Some(opening) = self.openings.get(&channel) else { return };
        let (ticket, terms) = (opening.ticket, opening.terms.clone());
        let Stage::Submitted { consents } = terms.stage else { return };
        let open_by = terms.params.open_by;
        let call = Call::Open {
            params: Box::new(terms.params),
            deposits: terms.deposits,
            signatures: consents,
            sender: terms.position.into(),
        };
        let output = self.submit_opening(channel, call, open_by);
        self.journal.release(ticket, output, &mut self.out);
    }

    /// The peer does not agree. Whoever has consented already stays bound.
    fn refused(&mut self, peer: Peer, channel: ChannelId, why: String) {
        let is_undone = self
            .openings
            .get(&channel)
            .is_some_and(|it| it.is_with(&peer) && it.terms.stage == Stage::Proposed);
        if is_undone {
            self.end_opening(channel, CommandError::PeerRefused { peer, reason: why });
        }
    }

    /// Removes an opening that binds nobody any more.
    fn end_opening(&mut self, channel: ChannelId, error: CommandError) {
        let Some(opening) = self.openings.remove(&channel) else { return };
        let reason = error.to_string();
        let named = self.operations.under_way(channel);
        if opening.terms.stage == Stage::Proposed {
            // Nothing was at stake: the same name may be tried again.
            for (id, _) in &named {
                self.operations.remove(id);
            }
        } else {
            let mut writes = vec![Write::Forget { channel }];
            for (id, _) in named {
                writes.extend(self.decide_operation(id, Progress::Failed));
            }
            if self.failing.is_none() {
                self.journal.write(writes);
            }
            self.out.push(Output::Unwatch(channel));
        }
        self.submissions.forget(channel);
        if let Some(id) = opening.command {
            self.reply(id, Err(error));
        }
        self.out.push(Output::Notice(Notice::NotOpened { channel, reason }));
    }

    /// The chain did not take the submission. It may be in somebody's pool for as long as it is
    /// valid, so the terms are kept until then.
    pub(crate) fn opening_failed(&mut self, channel: ChannelId, reason: String) {
        let Some(opening) = self.openings.get_mut(&channel) else { return };
        let command = opening.command.take();
        let peers: Vec<_> = opening.terms.others().collect();
        if let Some(id) = command {
            self.reply(id, Err(CommandError::NotOpened { reason: reason.clone() }));
        }
        for peer in peers {
            self.refusal(peer, channel, "the chain did not take the opening");
        }
        self.out.push(Output::Notice(Notice::NotOpened { channel, reason }));
    }

    /// The opening is final.
    pub(crate) fn opened(&mut self, channel: ChannelId) {
        let Some(opening) = self.openings.remove(&channel) else { return };
        self.submissions.forget(channel);
        let terms = Terms { stage: Stage::Open, ..opening.terms };
        let policy = self.config.policy;
        let mut live = match Live::new(terms, &self.genesis, &self.keys, policy) {
            Ok(live) => Box::new(live),
            Err(error) => {
                let what = error.to_string();
                return self.out.push(Output::Notice(Notice::Trouble { channel, what }));
            }
        };
        let rows = [terms_row(&live.terms), Record::agreed(0, snapshot(&live.channel).encode())];
        let mut writes: Vec<_> =
            rows.into_iter().map(|record| Write::Append { channel, record }).collect();
        // Nothing can have been signed in a channel that is new.
        writes.push(Write::Confirm { channel, known: 0 });
        for (id, _) in self.operations.under_way(channel) {
            writes.extend(self.decide_operation(id, Progress::Done { version: 0 }));
        }
        if self.failing.is_none() {
            live.ticket = self.journal.write(writes);
        }
        (live.touched, live.heard) = (self.now, self.now);
        self.stats.opened = self.stats.opened.saturating_add(1);
        if let Some(id) = opening.command {
            self.answer(&live, id, Reply::Opened { channel });
        }
        let peers: Vec<_> = live.terms.others().collect();
        if let Some(peer) = peers.first().copied() {
            self.notify(&live, Notice::Opened { channel, peer });
        }
        self.add_channel(live);
        for peer in peers {
            self.tell_neighbour(peer);
        }
    }

    /// Gives up proposals that were not answered.
    pub(crate) fn give_up_openings(&mut self) {
        let patience = self.config.patience.opening;
        let late: Vec<_> = self
            .openings
            .iter()
            .filter(|(_, it)| it.terms.stage == Stage::Proposed)
            .filter(|(_, it)| self.now.saturating_sub(it.since) > patience)
            .filter_map(|(channel, it)| Some((*channel, it.terms.others().next()?)))
            .collect();
        for (channel, peer) in late {
            self.refusal(peer, channel, "the proposer has waited long enough");
            let seconds = patience.checked_div(1_000).unwrap_or(0);
            self.end_opening(channel, CommandError::NoAnswer { peer, seconds });
        }
    }

    /// Forgets openings whose last block is over, finally.
    pub(crate) fn expire_openings(&mut self) {
        let expired: Vec<_> = self
            .openings
            .iter()
            .map(|(channel, it)| (*channel, it.terms.params.open_by))
            .filter(|(_, open_by)| *open_by < self.height)
            .collect();
        for (channel, open_by) in expired {
            self.end_opening(channel, CommandError::OpeningExpired { open_by });
        }
    }

    /// Says again what a peer may have missed.
    pub(crate) fn repeat_opening(&mut self, peer: Peer) {
        let with_peer: Vec<_> =
            self.openings.iter().filter(|(_, it)| it.is_with(&peer)).map(|(id, _)| *id).collect();
        for channel in with_peer {
            let Some(opening) = self.openings.get(&channel) else { continue };
            let frame = match &opening.terms.stage {
                Stage::Proposed => self.proposal(channel, opening),
                Stage::Accepted { consent } => self.acceptance(channel, consent.clone()),
                Stage::Submitted { .. } | Stage::Open => continue,
            };
            let ticket = opening.ticket;
            if self.failing.is_none() {
                self.send_after(ticket, peer, &frame);
            }
        }
    }

    /// Submits again what may have been lost while this node was away.
    pub(crate) fn resume_openings(&mut self) {
        for channel in self.openings.keys().copied().collect::<Vec<_>>() {
            if !self.submissions.has(channel, "open") && self.failing.is_none() {
                self.submit_consents(channel);
            }
        }
    }
}
