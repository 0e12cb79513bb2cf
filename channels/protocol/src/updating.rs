// SPDX-License-Identifier: Apache-2.0

//! Paying: from a wish to a proposal that carries it.

use crate::{
    changes::{Change, Changes},
    channel::{Channel, HalfSigned},
    effect::{Effect, Record},
    error::{ChannelError, PaymentError},
    ledger::Ledger,
    message::{Message, Proposal, Request},
    outbox::{MAX_WAITING, cost},
    payments::Payment,
    proposal::ValidatedRequest,
    signing::Signer,
};
use millrace_primitives_channels::Balance;
use polkadot_sdk::sp_runtime::MultiSignature;

impl<S: Signer> Channel<S> {
    /// Pays `amount` to the participant at `payee` with the next version that can carry it.
    ///
    /// The payment is made once [`Effect::Agreed`] names it. Errors when the amount is zero or
    /// exceeds [`Channel::spendable`], when the channel is closing, final or disputed, and when too
    /// many changes wait.
    pub fn pay(&mut self, payee: u8, amount: Balance) -> Result<Vec<Effect>, ChannelError> {
        self.verify_updatable()?;
        let payment = Payment { payer: self.my_position(), payee, amount };
        payment.verify(self.agreement.size())?;
        self.verify_spendable(amount)?;
        self.want(Change::Pay(payment))
    }

    /// Whether this party has `needed` left.
    pub(crate) fn verify_spendable(&self, needed: Balance) -> Result<(), PaymentError> {
        let available = self.spendable();
        if needed > available {
            return Err(PaymentError::Insufficient { needed, available });
        }
        Ok(())
    }

    /// Queues a change and starts the next version with it if nothing is in the way.
    pub(crate) fn want(&mut self, change: Change) -> Result<Vec<Effect>, ChannelError> {
        if self.outbox.waiting() >= MAX_WAITING {
            return Err(ChannelError::QueueFull { limit: MAX_WAITING });
        }
        self.outbox.push(change);
        self.advance().inspect_err(|_| self.outbox.pop())
    }

    /// Whether this party may still ask for updates.
    pub(crate) fn verify_updatable(&self) -> Result<(), ChannelError> {
        self.verify_open()?;
        let final_in_flight = self.in_flight.as_ref().is_some_and(|half| half.state.is_final);
        let close_asked = self.outbox.asked.as_ref().is_some_and(|asked| asked.close);
        if self.outbox.close_wanted || self.peer_closing || close_asked || final_in_flight {
            return Err(ChannelError::Closing);
        }
        Ok(())
    }

    /// Whether the channel lives, so that later states can be signed some time (CP-5).
    fn verify_open(&self) -> Result<(), ChannelError> {
        if self.agreed.state().is_final {
            return Err(ChannelError::Final { version: self.agreed.version() });
        }
        self.chain.verify_open()
    }

    /// Whether a later state may be signed now.
    pub(crate) fn verify_signable(&self) -> Result<(), ChannelError> {
        self.verify_open()?;
        self.verify_remembering()?;
        self.resizing.verify_none_signed()
    }

    /// Whether this party knows all that it has signed, and which ids and epochs it has used.
    pub(crate) fn verify_remembering(&self) -> Result<(), ChannelError> {
        if self.lagging.is_some() { Err(ChannelError::Lagging) } else { Ok(()) }
    }

    /// Starts the next version if there is a reason and nothing is in the way: proposes it if it is
    /// this party's turn, else asks the one whose turn it is.
    pub(crate) fn advance(&mut self) -> Result<Vec<Effect>, ChannelError> {
        if self.in_flight.is_some() || self.verify_signable().is_err() {
            return Ok(Vec::new());
        }
        let Some(next) = self.agreed.version().checked_add(1) else {
            return Ok(Vec::new());
        };
        self.drain_streams();
        let proposer = self.agreement.proposer(next);
        if proposer != self.me {
            return Ok(self.ask(next, proposer));
        }
        if let Some(effects) = self.propose_resize(next)? {
            return Ok(effects);
        }
        let ahead = self.outbox.asked.is_none().then(|| self.wish_ahead(next)).flatten();
        let is_ahead = ahead.is_some() || self.outbox.asked.is_some();
        let proposed = self.propose(next, is_ahead)?;
        let Some(request) = ahead else { return Ok(proposed) };
        // The other one has to hear of it before it proposes.
        self.resizing.ahead = Some(request.version);
        self.resizing.take_wish();
        let to = self.agreement.proposer(request.version);
        let mut effects = self.send_request(to, request);
        effects.extend(proposed);
        Ok(effects)
    }

    /// Writes a request down and sends it: whoever asked has to know its own words when they come back.
    fn send_request(&mut self, to: usize, request: Request) -> Vec<Effect> {
        self.outbox.asked = Some(request.clone());
        vec![
            Self::persist(Record::Asked(request.clone())),
            Effect::Send { to, message: Message::Request(request) },
        ]
    }

    /// Signs and sends the next version with all that waits for it. `is_ahead`: it is needed even
    /// without anything in it, because something was asked for in the version after it.
    fn propose(&mut self, next: u64, is_ahead: bool) -> Result<Vec<Effect>, ChannelError> {
        let mut ledger = self.ledger.clone();
        let own = self.outbox.gather(&mut ledger, self.me);
        let carries_own = !own.changes.is_empty();
        let mut changes = own.changes;
        let (mut left_out, mut close_asked) = (is_ahead, false);
        for (sender, request) in self.requests.iter().enumerate() {
            let Some(request) = request.as_ref().filter(|request| request.version == next) else {
                continue;
            };
            // A request that is not possible is left out as a whole.
            match with_request(&ledger, &changes, request, sender) {
                Some((after, joined)) => {
                    (ledger, changes) = (after, joined);
                    close_asked |= request.close;
                    // A resize that is possible was proposed instead of all this.
                    left_out |= request.resize.is_some();
                }
                None => left_out = true,
            }
        }
        let wants_close = close_asked || self.peer_closing;
        let is_final =
            ledger.is_plain() && (wants_close || (self.outbox.close_wanted && own.is_all));
        // Somebody whose request cannot be met waits for a version without it. It gets one, even if
        // nothing else is to be done, and can go on.
        left_out |= close_asked && !is_final;
        if changes.is_empty() && !is_final && !left_out {
            self.outbox.forget(own.taken);
            self.peer_closing |= close_asked;
            return Ok(unpaid(own.dropped));
        }
        let state = ledger.state(self.agreed.state(), next, is_final);
        let payload = self.agreement.state_payload(&state);
        let signature = self.pen.sign(next, payload)?;
        self.outbox.forget(own.taken);
        self.outbox.close_wanted &= !is_final;
        self.peer_closing |= close_asked;
        let proposal = Proposal { state, changes, signature: signature.clone() };
        self.in_flight = Some(HalfSigned {
            state: proposal.state.clone(),
            changes: proposal.changes.clone(),
            ledger,
            cost: own.cost,
            carries_own,
            payload,
            signatures: self.slots([(self.me, signature)]),
        });
        let mut effects = unpaid(own.dropped);
        effects.push(Self::persist(Record::Signed(proposal.clone())));
        effects.extend(self.to_others(Message::Proposal(proposal)));
        Ok(effects)
    }

    /// One slot per participant, with these signatures in it.
    pub(crate) fn slots(
        &self,
        known: impl IntoIterator<Item = (usize, MultiSignature)>,
    ) -> Vec<Option<MultiSignature>> {
        let mut signatures = vec![None; self.agreement.size()];
        for (position, signature) in known {
            if let Some(slot) = signatures.get_mut(position) {
                *slot = Some(signature);
            }
        }
        signatures
    }

    /// Asks the proposer of the next version to include this party's changes, once per version.
    fn ask(&mut self, next: u64, proposer: usize) -> Vec<Effect> {
        let resize = self.resizing.wish().cloned();
        let is_nothing = self.outbox.is_empty() && !self.outbox.close_wanted && resize.is_none();
        if self.outbox.asked.is_some() || is_nothing {
            return Vec::new();
        }
        let mut ledger = self.ledger.clone();
        // A resize comes alone.
        let own = match &resize {
            Some(_) => Default::default(),
            None => self.outbox.gather(&mut ledger, self.me),
        };
        self.outbox.forget(own.taken);
        let mut effects = unpaid(own.dropped);
        let close = self.outbox.close_wanted && own.is_all && ledger.is_plain();
        if own.changes.is_empty() && !close && resize.is_none() {
            return effects;
        }
        self.outbox.close_wanted &= !close;
        let channel = self.agreement.id();
        let request = Request { channel, version: next, changes: own.changes, close, resize };
        self.resizing.take_wish();
        effects.extend(self.send_request(proposer, request));
        effects
    }

    /// Takes note of what another party wants in a version that this one proposes.
    pub(crate) fn receive_request(
        &mut self,
        from: usize,
        request: Request,
    ) -> Result<Vec<Effect>, ChannelError> {
        let agreed = self.agreed.version();
        if request.version <= agreed {
            return Ok(Vec::new());
        }
        let size = u64::try_from(self.agreement.size()).unwrap_or(u64::MAX);
        if request.version > agreed.saturating_add(size) {
            let missing = agreed.saturating_add(1);
            return Err(ChannelError::TooEarly { received: request.version, missing });
        }
        let proposer = self.agreement.proposer(request.version);
        if proposer != self.me {
            return Err(ChannelError::NotOurTurn { version: request.version, proposer });
        }
        let valid = request.verify(&self.agreement, from)?;
        self.on_request(valid)
    }

    fn on_request(&mut self, valid: ValidatedRequest) -> Result<Vec<Effect>, ChannelError> {
        let ValidatedRequest { request, sender } = valid;
        let Some(slot) = self.requests.get_mut(sender) else {
            return Err(ChannelError::UnknownSender { sender });
        };
        // The first request for a version stands, whatever comes after it.
        if slot.as_ref().is_none_or(|known| known.version < request.version) {
            *slot = Some(request);
        }
        self.advance()
    }
}

/// Reports changes that would have moved this party's money and are not possible any more.
pub(crate) fn unpaid(mut changes: Vec<Change>) -> Vec<Effect> {
    changes.retain(|change| cost(change) > 0);
    if changes.is_empty() { Vec::new() } else { vec![Effect::Unpaid(changes)] }
}

/// Ledger and changes with a request applied; nothing if it is not possible or does not fit.
fn with_request(
    ledger: &Ledger,
    changes: &Changes,
    request: &Request,
    sender: usize,
) -> Option<(Ledger, Changes)> {
    let (mut ledger, mut joined) = (ledger.clone(), changes.clone());
    for change in &request.changes {
        let author = ledger.apply(change).ok()?;
        if usize::from(author) != sender {
            return None;
        }
        joined.try_push(*change).ok()?;
    }
    Some((ledger, joined))
}
