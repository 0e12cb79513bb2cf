// SPDX-License-Identifier: Apache-2.0

//! What became of a resize: taken by the chain, or void.

use crate::{
    adopting::Made,
    agreement::CoSignedState,
    channel::Channel,
    effect::{Effect, Record},
    error::{ChannelError, ProposalError, ResizeError},
    ledger::Ledger,
    message::{Newest, ResizeProposal, ResizeWish, SignedResize},
    resizing::UnderWay,
    signing::Signer,
};
use millrace_primitives_channels::{Balance, ChannelState, Hash, Transfer, resize_payload};

impl<S: Signer> Channel<S> {
    /// Forgets a resize whose last block is over, and goes on.
    pub(crate) fn lapse(&mut self) -> Vec<Effect> {
        let now = self.now;
        let next = self.agreed.version().saturating_add(1);
        self.resizing.wish.take_if(|wish| now > wish.valid_until);
        let wanted = self.resizing.wanted.take_if(|wanted| now > wanted.valid_until);
        let Some(under_way) =
            self.resizing.under_way.take_if(|under_way| now > under_way.resize.valid_until)
        else {
            return wanted.map(|_| Effect::Lapsed { version: next }).into_iter().collect();
        };
        self.pen.forget_resize();
        let version = under_way.resize.state.version;
        vec![Self::persist(Record::Lapsed { version }), Effect::Lapsed { version }]
    }

    /// The chain has taken the resize to `version`, and `deposit` is in the channel now.
    ///
    /// A party that does not know that resize has lost its memory; the others hand over the rest.
    pub fn resized(&mut self, version: u64, deposit: Balance) -> Result<Vec<Effect>, ChannelError> {
        if version <= self.resizing.base {
            return Ok(self.need_base());
        }
        let taken = self.signed_resize();
        Ok(match self.rebase(version, deposit) {
            // Everything is written down anew: with all signatures under the base, so that this party
            // can hand it over even after a restart.
            Some((base, ledger)) => {
                self.resizing.taken = taken;
                let made = Made { changes: Default::default(), carries_own: false };
                let mut effects = self.adopt(base, ledger, Some(made), None);
                effects.insert(1, Effect::Resized { version });
                effects
            }
            None => {
                let asks = self.begin_lagging(version);
                let mut effects = vec![Self::persist(self.snapshot())];
                effects.extend(asks);
                effects.extend(self.need_base());
                effects
            }
        })
    }

    /// Whether the chain has a base whose state this party does not know. No state that it knows counts.
    pub(crate) fn lacks_base(&self) -> bool {
        self.agreed.version() < self.resizing.base
    }

    /// Asks what the chain keeps of a base whose state is not known.
    pub(crate) fn need_base(&self) -> Vec<Effect> {
        let version = self.resizing.base;
        let is_needed = self.lacks_base() && self.resizing.digest.is_none();
        is_needed.then_some(Effect::NeedBase { version }).into_iter().collect()
    }

    /// The chain keeps `digest` of the base at `version`, the payload of its state.
    ///
    /// A party that does not know that state asks the others for it, and believes whoever hands over
    /// the one with this digest.
    pub fn base_is(&mut self, version: u64, digest: Hash) -> Vec<Effect> {
        if version != self.resizing.base || !self.lacks_base() {
            return Vec::new();
        }
        self.resizing.digest = Some(digest);
        self.ask_all()
    }

    /// Changes the sum in the channel. Returns the new base if this party knows it: it has signed that
    /// resize, and has signed no other one since. A party that may have forgotten something cannot tell.
    pub(crate) fn rebase(
        &mut self,
        version: u64,
        deposit: Balance,
    ) -> Option<(CoSignedState, Ledger)> {
        let before = self.agreement.total();
        (self.resizing.base, self.resizing.digest) = (version, None);
        self.agreement.set_total(deposit);
        self.pen.forget_resize();
        self.in_flight = None;
        let is_known = |it: &UnderWay| {
            let resize = &it.resize;
            it.is_signed
                && resize.state.version == version
                && resize.deposit_after(before) == Some(deposit)
        };
        let under_way = self.resizing.under_way.take().filter(is_known);
        let under_way = under_way.filter(|_| self.lagging.is_none());
        // What was asked for in place of this version is done, or void, and is not wanted again.
        let asked = self.outbox.asked.as_mut().filter(|asked| asked.version <= version);
        let asked = asked.and_then(|asked| asked.resize.take());
        let is_done = |wanted: &mut ResizeWish| {
            asked.as_ref() == Some(wanted)
                || under_way.as_ref().is_some_and(|it| it.is_wished_by(wanted))
        };
        self.resizing.wanted.take_if(is_done);
        let under_way = under_way?;
        let state = under_way.resize.state;
        self.pen.note(version, self.agreement.state_payload(&state));
        Some((CoSignedState::base(state), under_way.ledger))
    }

    /// Takes back a resize that this party signed before a restart.
    pub(crate) fn restore_resize(&mut self, own: ResizeProposal) -> Result<(), ChannelError> {
        let ResizeProposal { resize, signature } = own;
        let wish = ResizeWish { deltas: resize.deltas, valid_until: resize.valid_until };
        let mut under_way = self.under_way(resize.state.version, &wish)?;
        self.pen.note_resize(resize.state.version, under_way.payload)?;
        under_way.is_signed = true;
        if let Some(slot) = under_way.signatures.get_mut(self.me) {
            *slot = Some(signature);
        }
        self.resizing.under_way = Some(under_way);
        Ok(())
    }

    /// The resize that this party signed, as it was written down.
    pub(crate) fn own_resize(&self) -> Option<ResizeProposal> {
        let under_way = self.resizing.under_way.as_ref().filter(|it| it.is_signed)?;
        let signature = under_way.signatures.get(self.me).cloned().flatten()?;
        Some(ResizeProposal { resize: under_way.resize.clone(), signature })
    }

    /// Takes a base that the chain has shown and this party does not know.
    pub(crate) fn receive_resized(
        &mut self,
        signed: SignedResize,
    ) -> Result<Vec<Effect>, ChannelError> {
        let SignedResize { resize, signatures, leaves } = &signed;
        let version = resize.state.version;
        if version <= self.agreed.version() {
            return Ok(Vec::new());
        }
        if version != self.resizing.base {
            let missing = self.resizing.base;
            return Err(ChannelError::TooEarly { received: version, missing });
        }
        let payload = resize_payload(self.agreement.genesis(), resize);
        if signatures.len() != self.agreement.size() {
            return Err(ResizeError::WrongSignature { signer: signatures.len() }.into());
        }
        for (signer, signature) in signatures.iter().enumerate() {
            self.verify_resize_signature(signer, signature, resize, &payload)?;
        }
        let (state, leaves) = (resize.state.clone(), leaves.to_vec());
        self.adopt_base(state, leaves, Some(signed))
    }

    /// Takes a base that the chain has shown and this party does not know, by the digest that the chain
    /// keeps of it: from somebody who does not have all signatures under its resize.
    pub(crate) fn receive_base(&mut self, base: Newest) -> Result<Vec<Effect>, ChannelError> {
        let Newest { state, leaves, .. } = base;
        let version = state.version;
        let Some(digest) = self.resizing.digest else { return Ok(self.need_base()) };
        if self.agreement.state_payload(&state) != digest {
            return Err(ResizeError::NotTheBase { version }.into());
        }
        self.adopt_base(state, leaves.unwrap_or_default().into_inner(), None)
    }

    /// Goes on from a base that the chain knows.
    fn adopt_base(
        &mut self,
        state: ChannelState,
        leaves: Vec<Transfer>,
        taken: Option<SignedResize>,
    ) -> Result<Vec<Effect>, ChannelError> {
        let version = state.version;
        state
            .verify_conservation(self.agreement.size(), self.agreement.total())
            .map_err(|reason| ProposalError::NotConserved { version, reason })?;
        let ledger = Ledger::of(&state, leaves)?;
        let base = CoSignedState::base(state);
        self.pen.note(version, self.agreement.state_payload(base.state()));
        self.resizing.taken = taken;
        self.resizing.digest = None;
        Ok(self.adopt_foreign(base, ledger))
    }
}
