// SPDX-License-Identifier: Apache-2.0

//! What the chain has judged, and what is left to claim.
//!
//! After a dispute the chain pays balances by itself. Transfers and streams wait for proofs, which
//! only the participants can make. Each is asked for once; an owner that restarts tells the machine
//! again what the chain shows, and is asked again.

use crate::{
    channel::Channel, effect::Effect, error::ChannelError, ledger::Ledger, pulses::Till,
    signing::Signer,
};
use millrace_primitives_channels::BlockNumber;
use std::collections::BTreeSet;

/// Where the channel stands on chain, as far as this party knows.
#[derive(Clone, Debug)]
pub(crate) enum Chain {
    /// Payments go on.
    Open,
    /// This party disputes; the chain has not shown it yet.
    ClosingAlone,
    /// The chain shows a dispute.
    Disputed {
        /// The newest version shown there.
        version: u64,
    },
    /// Balances are paid; transfers and streams are being decided.
    Resolving(Box<Resolution>),
    /// The channel is gone.
    Over,
}

/// What is being decided.
#[derive(Clone, Debug)]
pub(crate) struct Resolution {
    /// What the concluded state distributes.
    ledger: Ledger,
    /// Claims count before this block.
    until: BlockNumber,
    /// Transfers that the owner was told to claim or refund.
    decided: BTreeSet<u64>,
    /// Units of each stream that the owner was told to claim, by place.
    claimed: Vec<u64>,
}

impl Chain {
    /// Whether payments go on.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }

    /// Errors when they do not.
    pub(crate) fn verify_open(&self) -> Result<(), ChannelError> {
        match self {
            Self::Open => Ok(()),
            Self::ClosingAlone => Err(ChannelError::ClosingAlone),
            Self::Disputed { .. } | Self::Resolving(_) => Err(ChannelError::Disputed),
            Self::Over => Err(ChannelError::Over),
        }
    }

    /// What the concluded state distributes, while it is being decided.
    pub(crate) fn resolving(&self) -> Option<&Ledger> {
        match self {
            Self::Resolving(resolution) => Some(&resolution.ledger),
            _ => None,
        }
    }
}

impl<S: Signer> Channel<S> {
    /// The chain concluded a dispute with `version` and paid its balances; what is conditional in
    /// it can be claimed before block `until`.
    ///
    /// Errors when this party does not have what is behind that state's roots: it was asleep for a
    /// whole challenge window, or has forgotten newer states.
    pub fn concluded(
        &mut self,
        version: u64,
        until: Option<BlockNumber>,
    ) -> Result<Vec<Effect>, ChannelError> {
        if let Chain::Resolving(_) | Chain::Over = self.chain {
            return Ok(Vec::new());
        }
        let Some(until) = until else { return Ok(self.over()) };
        let in_flight = self.in_flight.as_ref().filter(|half| half.state.version == version);
        let newest = self.agreed.version();
        let ledger = if newest == version {
            self.ledger.clone()
        } else {
            in_flight
                .map(|half| half.ledger.clone())
                .ok_or(ChannelError::UnknownVersion { version, newest })?
        };
        let claimed = vec![0; ledger.streams.len()];
        let decided = BTreeSet::new();
        self.chain = Chain::Resolving(Box::new(Resolution { ledger, until, decided, claimed }));
        Ok(self.pursue())
    }

    /// The channel is gone from the chain.
    pub fn over(&mut self) -> Vec<Effect> {
        self.chain = Chain::Over;
        crate::updating::unpaid(self.outbox.take_all())
    }

    /// Asks for everything that this party can get from the chain now.
    pub(crate) fn pursue(&mut self) -> Vec<Effect> {
        match &self.chain {
            Chain::Open | Chain::Over => Vec::new(),
            Chain::ClosingAlone | Chain::Disputed { .. } => self.reveal_all(),
            Chain::Resolving(_) => {
                let mut effects = self.reveal_all();
                effects.extend(self.decide());
                effects
            }
        }
    }

    /// Reveals every preimage that this party, the payee, has shown or may still use: nobody folds
    /// anything any more.
    fn reveal_all(&mut self) -> Vec<Effect> {
        let (me, now) = (self.my_position(), self.now);
        let ledger = self.chain.resolving().unwrap_or(&self.ledger);
        let preimages = &mut self.preimages;
        let mine = ledger.transfers().list().iter().filter(|transfer| transfer.payee == me);
        mine.filter_map(|transfer| preimages.reveal(transfer, now)).collect()
    }

    /// Claims and refunds what can be decided now.
    fn decide(&mut self) -> Vec<Effect> {
        let (me, now) = (self.my_position(), self.now);
        let Chain::Resolving(resolution) = &mut self.chain else { return Vec::new() };
        let Resolution { ledger, until, decided, claimed } = resolution.as_mut();
        // Half-open: the block in which the rest goes back accepts no claim.
        if now >= *until {
            return Vec::new();
        }
        let mut effects = Vec::new();
        for transfer in ledger.transfers().list() {
            let is_unlocked =
                self.preimages.get(transfer.id).is_some_and(|known| known.is_in_time(transfer));
            let is_claim = transfer.payee == me && is_unlocked;
            let is_refund = transfer.payer == me && !is_unlocked && now >= transfer.expiry;
            if !(is_claim || is_refund) || !decided.insert(transfer.id) {
                continue;
            }
            let (transfer, proof) = (*transfer, ledger.transfers().proof(transfer.id));
            effects.extend(proof.map(|proof| {
                if is_claim {
                    Effect::Claim { transfer, proof }
                } else {
                    Effect::Refund { transfer, proof }
                }
            }));
        }
        for (position, (stream, claimed)) in ledger.streams.iter().zip(claimed).enumerate() {
            let till = self.streaming.tills.iter().find(|till| till.stream() == stream);
            let Some(till) = till.filter(|till| till.units() > *claimed) else { continue };
            *claimed = till.units();
            effects.extend(claim_stream(position, till));
        }
        effects
    }
}

/// What claims all units that a till proves.
fn claim_stream(position: usize, till: &Till) -> Option<Effect> {
    let mark = till.mark()?;
    Some(Effect::ClaimStream {
        position: u8::try_from(position).ok()?,
        link: *mark.links.first()?,
        depth: mark.depth,
        proof: mark.proof?,
    })
}
