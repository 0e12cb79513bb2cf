// SPDX-License-Identifier: Apache-2.0

//! What the owner wants.

use super::Node;
use crate::{
    error::CommandError,
    input::{Command, CommandId},
    keys::ChannelKey,
    live::{Fate, Live, Waiting, Wanted},
    operation::{Deed, OperationKey},
    output::{Output, Reply},
};
use millrace_channels_protocol::{
    Change, Channel, ChannelError, Effect, Payment, Source, StreamFold, StreamName, StreamTerms,
    error::StreamError,
};
use millrace_primitives_channels::{Balance, BlockNumber, ChannelId, Resize, Transfer};

type Outcome = Result<(), CommandError>;

impl Node {
    /// Carries a command out, or answers why not.
    pub(crate) fn command(&mut self, id: CommandId, command: Command) {
        self.stats.commands = self.stats.commands.saturating_add(1);
        if let Err(error) = self.try_command(id, command) {
            self.reply(id, Err(error));
        }
    }

    fn try_command(&mut self, id: CommandId, command: Command) -> Outcome {
        match command {
            Command::AddInvoice(invoice) => {
                self.add_invoice(id, invoice);
                Ok(())
            }
            Command::RemoveInvoice { hashlock } => {
                self.remove_invoice(id, hashlock);
                Ok(())
            }
            // Closing alone needs nobody: not the peer, not the disk, and as for the chain, the
            // submitter waits for it.
            Command::ForceClose { channel } => {
                self.with_channel(channel, |node, live| node.force_close(id, live))?
            }
            command => {
                self.verify_may_sign()?;
                self.try_signing(id, command)
            }
        }
    }

    /// Commands that lead to signatures.
    fn try_signing(&mut self, id: CommandId, command: Command) -> Outcome {
        match command {
            Command::Open {
                peer,
                deposit,
                their_deposit,
                challenge_blocks,
                open_within,
                operation,
            } => {
                if operation.is_some_and(|key| self.was_given(id, key)) {
                    return Ok(());
                }
                let deposits = [deposit, their_deposit];
                self.propose_opening(id, peer, deposits, challenge_blocks, open_within, operation)
            }
            Command::Pay { channel, payee, amount, operation } => {
                if operation.is_some_and(|key| self.was_given(id, key)) {
                    return Ok(());
                }
                self.with_channel(channel, |node, live| {
                    node.pay(id, live, payee, amount, operation)
                })?
            }
            Command::Offer { channel, payee, amount, hashlock, expiry } => {
                self.with_channel(channel, |node, live| {
                    let payee = node.reachable_payee(live, payee)?;
                    let transfer = Transfer {
                        id: live.channel.next_transfer_id(),
                        payer: live.terms.position,
                        payee,
                        amount,
                        hashlock,
                        expiry,
                    };
                    let wanted = Wanted::Change(Change::Offer(transfer));
                    node.want(id, live, wanted, |it| {
                        it.offer(payee, amount, hashlock, expiry).map(|(_, effects)| effects)
                    })
                })?
            }
            Command::Fulfil { channel, id: transfer, preimage } => {
                self.with_channel(channel, |node, live| {
                    node.act(live, |it| it.fulfil(transfer, preimage))?;
                    node.answer(live, id, Reply::Done);
                    Ok(())
                })?
            }
            Command::Fail { channel, id: transfer } => {
                // What was forwarded may yet be claimed further on (DA-9).
                if self.routing.by_incoming.contains_key(&(channel, transfer)) {
                    return Err(CommandError::NotPossible);
                }
                self.with_channel(channel, |node, live| {
                    let wanted = Wanted::Change(Change::Fail { id: transfer });
                    node.want(id, live, wanted, |it| it.fail(transfer))
                })?
            }
            Command::OpenStream { channel, source } => {
                self.with_channel(channel, |node, live| node.open_stream(id, live, *source.0))?
            }
            Command::Pulse { channel, stream, count } => {
                self.with_channel(channel, |node, live| node.pulse(id, live, stream, count))?
            }
            Command::FoldStream { channel, stream } => {
                self.with_channel(channel, |node, live| {
                    let units = live.channel.released(stream).unwrap_or(0);
                    let fold = StreamFold { stream, units };
                    let wanted = Wanted::Change(Change::FoldStream(fold));
                    node.want(id, live, wanted, |it| it.fold_stream(stream))
                })?
            }
            Command::Resize { channel, deltas, within, operation } => {
                if operation.is_some_and(|key| self.was_given(id, key)) {
                    return Ok(());
                }
                self.with_channel(channel, |node, live| {
                    node.resize(id, live, deltas, within, operation)
                })?
            }
            Command::Consent { channel, version } => self.with_channel(channel, |node, live| {
                // Only the machine knows which resize that is; whether it adds funds decides whose
                // signature it takes.
                node.consent_to(live, version)?;
                node.answer(live, id, Reply::Done);
                Ok(())
            })?,
            Command::Close { channel } => self.with_channel(channel, |node, live| {
                node.want(id, live, Wanted::Close, |it| it.close())
            })?,
            Command::WriteInvoice { amount, description, lifetime } => {
                self.write_invoice(id, amount, description, lifetime)
            }
            Command::PayInvoice { invoice, amount, max_fee, operation } => {
                self.pay_invoice(id, &invoice, amount, max_fee, operation)
            }
            Command::PayNode { payee, amount, max_fee, operation } => {
                self.pay_node(id, payee, amount, max_fee, operation)
            }
            Command::SetFees { channel, terms } => self.set_fees(id, channel, terms),
            Command::Announce { channel } => self.announce(id, channel),
            // Taken above.
            Command::ForceClose { .. } | Command::AddInvoice(_) | Command::RemoveInvoice { .. } => {
                Ok(())
            }
        }
    }

    /// Lets the channel try something, and answers the command when it is done.
    fn want(
        &mut self,
        id: CommandId,
        live: &mut Live,
        wanted: Wanted,
        act: impl FnOnce(&mut Channel<ChannelKey>) -> Result<Vec<Effect>, ChannelError>,
    ) -> Outcome {
        live.touched = self.now;
        let command = Some(id);
        live.waiting.push_back(Waiting::new(id, wanted));
        self.act(live, act).map_err(|error| {
            // The command is answered by the error alone (DA-5).
            live.waiting.retain(|waiting| waiting.command != command);
            error.into()
        })
    }

    fn pay(
        &mut self,
        id: CommandId,
        live: &mut Live,
        payee: Option<u8>,
        amount: Balance,
        operation: Option<OperationKey>,
    ) -> Outcome {
        let payee = self.reachable_payee(live, payee)?;
        let payment = Payment { payer: live.terms.position, payee, amount };
        let wanted = Wanted::Change(Change::Pay(payment));
        let Some(key) = operation else {
            return self.want(id, live, wanted, |it| it.pay(payee, amount));
        };
        let (command, operation) = (Some(id), Some(key.id));
        live.touched = self.now;
        live.waiting.push_back(Waiting { command, operation, wanted, is_out: false });
        live.writes = self.begin_operation(live.id, key, Deed::Payment(payment));
        self.act(live, |it| it.pay(payee, amount)).map_err(|error| {
            // Nothing was begun: the same name may be tried again.
            live.waiting.retain(|waiting| waiting.command != command);
            live.writes.clear();
            self.operations.remove(&key.id);
            error.into()
        })
    }

    /// The payee's position, if everybody whose signature a payment needs is connected: it would
    /// wait for an unknown time otherwise.
    pub(crate) fn reachable_payee(
        &self,
        live: &Live,
        payee: Option<u8>,
    ) -> Result<u8, CommandError> {
        let participants = live.terms.peers.len();
        let payee = live.payee(payee).ok_or(CommandError::PayeeNeeded { participants })?;
        match live.terms.others().find(|peer| !self.contacts.contains_key(peer)) {
            Some(peer) => Err(CommandError::NotConnected { peer }),
            None => Ok(payee),
        }
    }

    fn open_stream(&mut self, id: CommandId, live: &mut Live, source: Source) -> Outcome {
        let stream = *source.stream();
        let is_agreed = live.channel.streams().contains(&stream);
        live.sources.retain(|known| known.stream() != &stream);
        live.sources.push(source);
        if is_agreed {
            self.answer(live, id, Reply::Done);
            return Ok(());
        }
        let wanted = Wanted::Change(Change::OpenStream(stream));
        self.want(id, live, wanted, |it| it.open_stream(stream))
            .inspect_err(|_| live.sources.retain(|known| known.stream() != &stream))
    }

    fn pulse(&mut self, id: CommandId, live: &mut Live, stream: StreamName, count: u32) -> Outcome {
        let mut sources = core::mem::take(&mut live.sources);
        let source = sources.iter_mut().find(|it| StreamName::of(it.stream()) == stream);
        let result = match source {
            Some(source) => {
                // A source that was made again knows nothing of what was released.
                let before = live.channel.released(stream).unwrap_or(0);
                self.act(live, |it| {
                    it.release(source, count).map(|sent| sent.into_iter().collect())
                })
                .map(|()| (source.units(), source.units().saturating_sub(before)))
                .map_err(CommandError::from)
            }
            None => Err(CommandError::NoSource),
        };
        live.sources = sources;
        let (units, sent) = result?;
        let unit = live.sources.iter().find(|it| StreamName::of(it.stream()) == stream);
        let worth = unit.and_then(|it| it.stream().unit.checked_mul(sent.into())).unwrap_or(0);
        self.stats.pulses_sent = self.stats.pulses_sent.saturating_add(sent);
        self.stats.pulses_sent_amount = self.stats.pulses_sent_amount.saturating_add(worth);
        let sent = u32::try_from(sent).unwrap_or(u32::MAX);
        self.answer(live, id, Reply::Pulsed { units, sent });
        Ok(())
    }

    fn force_close(&mut self, id: CommandId, live: &mut Live) -> Outcome {
        self.act(live, |it| Ok(it.force_close()))?;
        if live.fate == Fate::Open && self.failing.is_none() {
            // The newest state is final: it is settled instead.
            live.waiting.push_back(Waiting::new(id, Wanted::Close));
            return Ok(());
        }
        let version = live.channel.newest().version();
        let reply = Output::Reply { id, result: Ok(Reply::Disputing { version }) };
        self.release(live, reply);
        Ok(())
    }

    /// Consents to the resize that the owner wanted.
    pub(crate) fn consent(&mut self, live: &mut Live, resize: &Resize) -> Outcome {
        let version = resize.state.version;
        let delta = resize.deltas.get(usize::from(live.terms.position)).copied().unwrap_or(0);
        let payload = millrace_primitives_channels::resize_payload(&self.genesis, resize);
        let signature = (delta > 0).then(|| self.keys.sign_consent(&payload));
        Ok(self.act(live, |it| it.consent(version, signature))?)
    }

    /// Consents to a resize that somebody else wanted. Nobody else can make this party add funds: it
    /// would have to be signed by its account.
    fn consent_to(&mut self, live: &mut Live, version: u64) -> Outcome {
        Ok(self.act(live, |it| it.consent(version, None))?)
    }

    /// What a stream would be made from, and the seed of its links, for
    /// `Source::generate`. That is work for another thread; hand the result to
    /// [`Command::OpenStream`].
    pub fn stream_terms(
        &mut self,
        channel: ChannelId,
        payee: Option<u8>,
        unit: Balance,
        chains: u32,
        links: u32,
    ) -> Result<(StreamTerms, [u8; 32]), CommandError> {
        let secret = self.keys.clone();
        self.with_channel(channel, |_, live| {
            let participants = live.terms.peers.len();
            let payee = live.payee(payee).ok_or(CommandError::PayeeNeeded { participants })?;
            let epochs = crate::records::snapshot(&live.channel).epochs;
            let epoch = epochs.iter().find(|(known, _)| *known == payee).map_or(0, |(_, it)| *it);
            let name = StreamName { payer: live.terms.position, payee, epoch };
            if chains == 0 || links == 0 || unit == 0 {
                return Err(CommandError::Channel(StreamError::Malformed { stream: name }.into()));
            }
            Ok((StreamTerms { name, unit, chains, links }, secret.stream_seed(&channel, name)))
        })?
    }

    /// The last block in which something with `within` blocks to go is in time.
    pub(crate) fn in_blocks(&self, within: BlockNumber) -> BlockNumber {
        self.best.max(self.height).saturating_add(within)
    }
}
