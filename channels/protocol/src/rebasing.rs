// SPDX-License-Identifier: Apache-2.0

//! What became of a resize: taken by the chain, or void.

use crate::{
    adopting::Made,
    agreement::CoSignedState,
    channel::Channel,
    effect::{Effect, Record},
    error::{ChannelError, ProposalError, ResizeError},
    ledger::Ledger,
    message::{ResizeProposal, ResizeWish, SignedResize},
    signing::Signer,
};
use millrace_primitives_channels::{Balance, resize_payload};

impl<S: Signer> Channel<S> {
    /// Forgets a resize whose last block is over, and goes on.
    pub(crate) fn lapse(&mut self) -> Vec<Effect> {
        let now = self.now;
        let next = self.agreed.version().saturating_add(1);
        let wish = self.resizing.wish.take_if(|wish| now > wish.valid_until);
        let Some(under_way) =
            self.resizing.under_way.take_if(|under_way| now > under_way.resize.valid_until)
        else {
            return wish.map(|_| Effect::Lapsed { version: next }).into_iter().collect();
        };
        self.pen.forget_resize();
        self.resizing.wanted = None;
        let version = under_way.resize.state.version;
        vec![Self::persist(Record::Lapsed { version }), Effect::Lapsed { version }]
    }

    /// The chain has taken the resize to `version`, and `deposit` is in the channel now.
    ///
    /// A party that does not know that resize has lost its memory; the others hand over the rest.
    pub fn resized(&mut self, version: u64, deposit: Balance) -> Result<Vec<Effect>, ChannelError> {
        if version <= self.resizing.base {
            return Ok(Vec::new());
        }
        let record = Record::Resized { version, deposit };
        let taken = self.signed_resize();
        Ok(match self.rebase(version, deposit) {
            Some((base, ledger)) => {
                self.resizing.taken = taken;
                let made = Made { changes: Default::default(), carries_own: false };
                // With all signatures under it, everything is written down anew, so that this party can
                // hand the base over even after a restart.
                let record = self.resizing.taken.is_none().then_some(record);
                let mut effects = self.adopt(base, ledger, Some(made), record);
                effects.insert(1, Effect::Resized { version });
                effects
            }
            None => {
                let mut effects = vec![Self::persist(record)];
                effects.extend(self.begin_lagging(version));
                effects
            }
        })
    }

    /// Changes the sum in the channel. Returns the new base if this party knows it.
    pub(crate) fn rebase(
        &mut self,
        version: u64,
        deposit: Balance,
    ) -> Option<(CoSignedState, Ledger)> {
        self.resizing.base = version;
        self.agreement.set_total(deposit);
        self.pen.forget_resize();
        self.resizing.wanted = None;
        self.in_flight = None;
        // What was asked for in place of this version is done, or void.
        if let Some(asked) = &mut self.outbox.asked {
            asked.resize = None;
        }
        let under_way =
            self.resizing.under_way.take().filter(|it| it.resize.state.version == version)?;
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
        resize
            .state
            .verify_conservation(self.agreement.size(), self.agreement.total())
            .map_err(|reason| ProposalError::NotConserved { version, reason })?;
        let ledger = Ledger::of(&resize.state, leaves.to_vec())?;
        let base = CoSignedState::base(resize.state.clone());
        self.pen.note(version, self.agreement.state_payload(base.state()));
        self.resizing.taken = Some(signed);
        Ok(self.adopt_foreign(base, ledger))
    }
}
