// SPDX-License-Identifier: Apache-2.0

//! Adding funds to the channel and taking them out while it lives.
//!
//! A resize takes the place of one version: whoever may propose that version proposes the resize, so
//! that it never competes with payments. Whoever has signed it signs nothing else, because no state
//! is safe under both deposits, until the chain has taken it or its last block is over. Then either
//! its state is the new base, which needs no signatures, or everything goes on as before.
//!
//! Between two, nobody signs a resize before the other one has agreed to it: whoever wants one asks for
//! it in a version that the other proposes. The other signs first, or goes on without it, which is a
//! refusal and holds nothing up. Whoever asked can tell a refusal from a version that was proposed
//! before the other heard of the wish, because it asks ahead of a version of its own:
//!
//! ```text
//! who wants a resize                       the other
//!   asks for it in v + 1    ── Request ──►
//!   proposes v              ── Proposal ─►  signs v, and proposes v + 1: the resize,
//!   signs it, or is refused ◄── v + 1 ────  or a version without it
//! ```
//!
//! Whoever adds funds signs with its account, which this machine does not have: its owner is asked
//! for consent. So is the owner of whoever takes out without having asked for it.

use crate::{
    changes::Changes,
    channel::Channel,
    effect::{Effect, Record},
    error::{ChannelError, ProposalError, ResizeError},
    ledger::Ledger,
    message::{Acceptance, Message, Request, ResizeProposal, ResizeWish, SignedResize},
    policy::{MAX_RESIZE, MAX_SKEW},
    signing::Signer,
};
use millrace_primitives_channels::{
    Balance, BlockNumber, Hash, Resize, resize::Deltas, resize_payload, state::Signatures,
    verify_account, verify_signer,
};
use polkadot_sdk::sp_runtime::MultiSignature;

/// In how many blocks a resize that others want may end.
const FOREIGN: BlockNumber = MAX_RESIZE.saturating_add(MAX_SKEW);

/// What this party knows about resizes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resizing {
    /// What this party wants and has not proposed or asked for.
    pub(crate) wish: Option<ResizeWish>,
    /// What this party wants, until it is decided: it needs no further consent to take out.
    pub(crate) wanted: Option<ResizeWish>,
    /// The version that was asked to be a resize before its proposer could propose it. Without the
    /// resize it is a refusal.
    pub(crate) ahead: Option<u64>,
    pub(crate) under_way: Option<UnderWay>,
    /// The newest base that the chain has shown.
    pub(crate) base: u64,
    /// What the chain keeps of that base, if this party does not know its state and was told.
    pub(crate) digest: Option<Hash>,
    /// The signed resize that made the newest agreed state, for others that missed it.
    pub(crate) taken: Option<SignedResize>,
}

#[derive(Clone, Debug)]
pub(crate) struct UnderWay {
    pub(crate) resize: Resize,
    pub(crate) payload: Hash,
    /// What its state distributes.
    pub(crate) ledger: Ledger,
    /// By position; nothing where a signature is missing.
    pub(crate) signatures: Vec<Option<MultiSignature>>,
    pub(crate) is_signed: bool,
}

impl UnderWay {
    /// Whether it is what somebody wished for.
    pub(crate) fn is_wished_by(&self, wish: &ResizeWish) -> bool {
        self.resize.deltas == wish.deltas && self.resize.valid_until == wish.valid_until
    }
}

impl Resizing {
    /// What this party wants to ask for.
    pub(crate) fn wish(&self) -> Option<&ResizeWish> {
        self.wish.as_ref()
    }

    /// It was asked for.
    pub(crate) fn take_wish(&mut self) {
        self.wish = None;
    }

    /// A version went by without the resize that was asked for in its place.
    pub(crate) fn wish_again(&mut self, wish: Option<ResizeWish>) {
        if self.wish.is_none() {
            self.wish = wish;
        }
    }

    /// Errors while this party has signed a resize that may still be taken.
    pub(crate) fn verify_none_signed(&self) -> Result<(), ChannelError> {
        match &self.under_way {
            Some(UnderWay { resize, is_signed: true, .. }) => {
                Err(ChannelError::Resizing { valid_until: resize.valid_until })
            }
            _ => Ok(()),
        }
    }

    /// The resize that this party has signed, by version and last block.
    pub(crate) fn signed(&self) -> Option<(u64, BlockNumber)> {
        let under_way = self.under_way.as_ref().filter(|it| it.is_signed)?;
        Some((under_way.resize.state.version, under_way.resize.valid_until))
    }
}

/// The ledger after a change of deposits; nothing if somebody takes out more than it has.
fn resized_ledger(ledger: &Ledger, deltas: &Deltas) -> Option<Ledger> {
    let mut after = ledger.clone();
    if deltas.len() != after.balances.len() {
        return None;
    }
    for (balance, delta) in after.balances.iter_mut().zip(deltas) {
        *balance = if *delta < 0 {
            balance.checked_sub(delta.unsigned_abs())?
        } else {
            balance.checked_add(delta.unsigned_abs())?
        };
    }
    Some(after)
}

impl<S: Signer> Channel<S> {
    /// Wants to change the channel's deposits in a block up to `valid_until`.
    ///
    /// Between two, the other one is asked first: [`Effect::ResizeRefused`] tells that it goes on
    /// without it. Once both have signed, payments wait until the chain has taken the resize or that
    /// block is over. Errors when nothing would change, when somebody has not what it would take out, and when
    /// `valid_until` is over or further away than [`crate::Policy::max_resize`].
    pub fn resize(
        &mut self,
        deltas: Deltas,
        valid_until: BlockNumber,
    ) -> Result<Vec<Effect>, ChannelError> {
        self.verify_updatable()?;
        let is_asked = self.outbox.asked.as_ref().is_some_and(|asked| asked.resize.is_some());
        if is_asked || self.resizing.wish.is_some() || self.resizing.under_way.is_some() {
            return Err(ResizeError::UnderWay.into());
        }
        let wish = ResizeWish { deltas, valid_until };
        self.verify_wish(&wish, self.policy.max_resize.min(MAX_RESIZE))?;
        self.resizing.wish = Some(wish.clone());
        let before = self.resizing.wanted.replace(wish);
        self.advance().inspect_err(|_| {
            self.resizing.wish = None;
            self.resizing.wanted = before;
        })
    }

    /// Whether a change of deposits is possible now. `longest`: in how many blocks it may end.
    fn verify_wish(&self, wish: &ResizeWish, longest: BlockNumber) -> Result<Balance, ResizeError> {
        let (deltas, participants) = (wish.deltas.len(), self.agreement.size());
        if deltas != participants {
            return Err(ResizeError::WrongDeltaCount { deltas, participants });
        }
        if wish.deltas.iter().all(|delta| *delta == 0) {
            return Err(ResizeError::Nothing);
        }
        let from = self.now.saturating_add(1);
        let to = self.now.saturating_add(longest);
        let valid_until = wish.valid_until;
        if valid_until < from || valid_until > to {
            return Err(ResizeError::BadEnd { valid_until, from, to });
        }
        let deposit =
            Resize { state: self.agreed.state().clone(), deltas: wish.deltas.clone(), valid_until }
                .deposit_after(self.agreement.total());
        let is_covered = resized_ledger(&self.ledger, &wish.deltas).is_some();
        deposit.filter(|deposit| *deposit > 0 && is_covered).ok_or(ResizeError::NotCovered)
    }

    /// Proposes a resize in place of version `next` if somebody wants one. Nothing if nobody does.
    pub(crate) fn propose_resize(
        &mut self,
        next: u64,
    ) -> Result<Option<Vec<Effect>>, ChannelError> {
        if self.resizing.under_way.is_some() {
            // It waits for its owner's consent, and so does this version.
            return Ok(Some(Vec::new()));
        }
        let asked = self.requests.iter().flatten().filter(|request| request.version == next);
        let asked = asked.filter_map(|request| request.resize.clone());
        // Between two, the other one has to agree first.
        let own = self.resizing.wish.iter().filter(|_| !self.is_between_two());
        let wishes: Vec<_> = own.cloned().chain(asked).collect();
        let Some(wish) = wishes.into_iter().find(|wish| self.verify_wish(wish, FOREIGN).is_ok())
        else {
            return Ok(None);
        };
        let under_way = self.under_way(next, &wish)?;
        let resize = under_way.resize.clone();
        self.resizing.under_way = Some(under_way);
        self.resizing.wish.take_if(|own| *own == wish);
        if self.needs_consent(&resize) {
            return Ok(Some(vec![Effect::NeedConsent(resize)]));
        }
        self.sign_resize(None).map(Some).inspect_err(|_| self.resizing.under_way = None)
    }

    /// Whether the channel has one other participant.
    pub(crate) fn is_between_two(&self) -> bool {
        self.agreement.size() == 2
    }

    /// Whether this party wants a resize or has signed one, and nobody has decided it yet. It has to
    /// hear of each final block until then.
    pub fn is_resizing(&self) -> bool {
        self.resizing.wanted.is_some() || self.resizing.under_way.is_some()
    }

    /// The request for a resize in the version after `next`, which this party proposes itself.
    pub(crate) fn wish_ahead(&self, next: u64) -> Option<Request> {
        let wish = self.resizing.wish.as_ref().filter(|_| self.is_between_two())?;
        Some(Request {
            channel: self.agreement.id(),
            version: next.checked_add(1)?,
            changes: Changes::default(),
            close: false,
            resize: Some(wish.clone()),
        })
    }

    /// Whether `version`, which carries no resize, refuses the one that this party asked for.
    pub(crate) fn is_refused_by(&self, version: u64) -> bool {
        let asked = self.outbox.asked.as_ref().filter(|asked| asked.version == version);
        let wished = asked.and_then(|asked| asked.resize.as_ref());
        self.resizing.ahead == Some(version)
            && wished.is_some()
            && wished == self.resizing.wanted.as_ref()
    }

    /// Whether a resize that may still be taken has the signature of the participant at `position`.
    pub(crate) fn is_resize_signed_by(&self, position: usize) -> bool {
        let under_way = self.resizing.under_way.as_ref();
        under_way.is_some_and(|it| it.signatures.get(position).is_some_and(Option::is_some))
    }

    /// The resize that a wish leads to.
    pub(crate) fn under_way(
        &self,
        version: u64,
        wish: &ResizeWish,
    ) -> Result<UnderWay, ResizeError> {
        let mut ledger =
            resized_ledger(&self.ledger, &wish.deltas).ok_or(ResizeError::NotCovered)?;
        let state = ledger.state(self.agreed.state(), version, false);
        let ResizeWish { deltas, valid_until } = wish.clone();
        let resize = Resize { state, deltas, valid_until };
        let payload = resize_payload(self.agreement.genesis(), &resize);
        Ok(UnderWay { resize, payload, ledger, signatures: self.slots([]), is_signed: false })
    }

    /// Whether this party's owner has to agree before it is signed.
    fn needs_consent(&self, resize: &Resize) -> bool {
        let wanted = self.resizing.wanted.as_ref();
        let is_wanted = wanted.is_some_and(|wanted| {
            wanted.deltas == resize.deltas && wanted.valid_until == resize.valid_until
        });
        match resize.deltas.get(self.me) {
            Some(0) => false,
            Some(delta) => *delta > 0 || !is_wanted,
            None => true,
        }
    }

    /// The owner agrees to the resize to `version`.
    ///
    /// `signature`: by the account under `resize_payload` if this party adds funds, else nothing.
    pub fn consent(
        &mut self,
        version: u64,
        signature: Option<MultiSignature>,
    ) -> Result<Vec<Effect>, ChannelError> {
        self.verify_signable()?;
        match &self.resizing.under_way {
            Some(it) if it.resize.state.version == version && self.in_flight.is_none() => {
                self.sign_resize(signature)
            }
            _ => Err(ResizeError::Unknown { version }.into()),
        }
    }

    /// Signs the resize under way, by the account's `signature` or this party's own key.
    fn sign_resize(
        &mut self,
        by_account: Option<MultiSignature>,
    ) -> Result<Vec<Effect>, ChannelError> {
        let Some(under_way) = &self.resizing.under_way else { return Ok(Vec::new()) };
        let (resize, payload) = (under_way.resize.clone(), under_way.payload);
        let version = resize.state.version;
        let signature = match by_account {
            Some(signature) => {
                self.verify_resize_signature(self.me, &signature, &resize, &payload)?;
                self.pen.note_resize(version, payload)?;
                signature
            }
            None if resize.deltas.get(self.me).is_some_and(|delta| *delta > 0) => {
                return Err(ResizeError::WrongSignature { signer: self.me }.into());
            }
            None => self.pen.sign_resize(version, payload)?,
        };
        let me = self.me;
        if let Some(under_way) = &mut self.resizing.under_way {
            under_way.is_signed = true;
            if let Some(slot) = under_way.signatures.get_mut(me) {
                *slot = Some(signature.clone());
            }
        }
        let own = ResizeProposal { resize, signature };
        let mut effects = vec![Self::persist(Record::ResizeSigned(own))];
        effects.extend(self.resize_messages());
        effects.extend(self.submit_if_complete());
        Ok(effects)
    }

    /// What this party said about the resize under way.
    pub(crate) fn resize_messages(&self) -> Vec<Effect> {
        let Some(under_way) = &self.resizing.under_way else { return Vec::new() };
        let Some(signature) = under_way.signatures.get(self.me).cloned().flatten() else {
            return Vec::new();
        };
        let resize = under_way.resize.clone();
        let version = resize.state.version;
        self.to_others(if self.agreement.proposer(version) == self.me {
            Message::ResizeProposal(ResizeProposal { resize, signature })
        } else {
            let channel = self.agreement.id();
            Message::ResizeAcceptance(Acceptance { channel, version, signature })
        })
    }

    /// As [`Channel::resize_messages`], for one participant.
    pub(crate) fn resize_answer(&self, to: usize) -> Vec<Effect> {
        let is_for =
            |effect: &Effect| matches!(effect, Effect::Send { to: other, .. } if *other == to);
        self.resize_messages().into_iter().filter(is_for).collect()
    }

    /// Whether `signature` is by the key that the participant at `signer` has to use.
    pub(crate) fn verify_resize_signature(
        &self,
        signer: usize,
        signature: &MultiSignature,
        resize: &Resize,
        payload: &Hash,
    ) -> Result<(), ResizeError> {
        let wrong = ResizeError::WrongSignature { signer };
        let participant = self.agreement.params().participants.get(signer).ok_or(wrong)?;
        let is_right = if resize.deltas.get(signer).is_some_and(|delta| *delta > 0) {
            verify_account(signature, &participant.account, payload)
        } else {
            verify_signer(signature, &participant.signer, payload)
        };
        if is_right { Ok(()) } else { Err(wrong) }
    }

    /// Takes a resize from whoever may propose its version.
    pub(crate) fn receive_resize_proposal(
        &mut self,
        from: usize,
        proposal: ResizeProposal,
    ) -> Result<Vec<Effect>, ChannelError> {
        let ResizeProposal { resize, signature } = proposal;
        let version = resize.state.version;
        let missing = self.agreed.version().saturating_add(1);
        if version < missing {
            return Ok(Vec::new());
        }
        if version > missing {
            return Err(ChannelError::TooEarly { received: version, missing });
        }
        let expected = self.agreement.proposer(version);
        if from != expected {
            return Err(ProposalError::NotItsTurn { version, sender: from, expected }.into());
        }
        if let Some(known) = &self.resizing.under_way {
            if known.resize != resize {
                // The next resize, after this one has lapsed, is to the same version and valid for longer.
                // Whoever proposes it may have heard of the block that this party waits for, and says
                // it again; and what it said before that may come late.
                let valid_until = known.resize.valid_until;
                if resize.valid_until != valid_until {
                    return Err(ChannelError::Resizing { valid_until });
                }
                return Err(ProposalError::Equivocation { version, sender: from }.into());
            }
            let payload = known.payload;
            self.verify_resize_signature(from, &signature, &resize, &payload)?;
            // After a restart the other signatures have to come again.
            let under_way = self.resizing.under_way.as_mut();
            if let Some(slot) = under_way.and_then(|it| it.signatures.get_mut(from)) {
                *slot = Some(signature);
            }
            let mut effects = self.resize_answer(from);
            effects.extend(self.submit_if_complete());
            return Ok(effects);
        }
        // A state of this version is signed, so the resize is over for who proposed both, or it lies.
        if self.in_flight.is_some() {
            return Ok(Vec::new());
        }
        self.verify_signable()?;
        let wish = ResizeWish { deltas: resize.deltas.clone(), valid_until: resize.valid_until };
        self.verify_wish(&wish, FOREIGN)?;
        let mut under_way = self.under_way(version, &wish)?;
        if under_way.resize != resize {
            return Err(ResizeError::StateDiffers { version }.into());
        }
        self.verify_resize_signature(from, &signature, &resize, &under_way.payload)?;
        if let Some(slot) = under_way.signatures.get_mut(from) {
            *slot = Some(signature);
        }
        self.resizing.under_way = Some(under_way);
        if self.needs_consent(&resize) {
            return Ok(vec![Effect::NeedConsent(resize)]);
        }
        self.sign_resize(None).inspect_err(|_| self.resizing.under_way = None)
    }

    /// Takes a signature under the resize under way.
    pub(crate) fn receive_resize_acceptance(
        &mut self,
        from: usize,
        acceptance: Acceptance,
    ) -> Result<Vec<Effect>, ChannelError> {
        let version = acceptance.version;
        if version <= self.agreed.version() {
            return Ok(Vec::new());
        }
        let Some(under_way) =
            self.resizing.under_way.as_ref().filter(|it| it.resize.state.version == version)
        else {
            return Err(ResizeError::Unknown { version }.into());
        };
        let (resize, payload) = (&under_way.resize, &under_way.payload);
        self.verify_resize_signature(from, &acceptance.signature, resize, payload)?;
        let under_way = self.resizing.under_way.as_mut();
        if let Some(slot) = under_way.and_then(|it| it.signatures.get_mut(from)) {
            *slot = Some(acceptance.signature);
        }
        Ok(self.submit_if_complete())
    }

    fn submit_if_complete(&mut self) -> Vec<Effect> {
        self.signed_resize().map(Effect::SubmitResize).into_iter().collect()
    }

    /// The resize under way, if everybody has signed it.
    pub(crate) fn signed_resize(&self) -> Option<SignedResize> {
        let under_way = self.resizing.under_way.as_ref()?;
        let all: Option<Vec<_>> = under_way.signatures.iter().cloned().collect();
        Some(SignedResize {
            resize: under_way.resize.clone(),
            signatures: Signatures::try_from(all?).ok()?,
            leaves: under_way.ledger.transfers().list().to_vec().try_into().ok()?,
        })
    }
}
