// SPDX-License-Identifier: Apache-2.0

//! The numbered rules of a party, as far as its memory shows them.
//!
//! - **CP-1**: a party signs at most one state of each version, before and after a restart.
//! - **CP-2**: a party never signs a state that is worth less to it than the agreed one minus what
//!   it asked to pay. Worth counts what it owns, transfers to it that it can still enforce, and
//!   links that it holds.
//! - **CP-3**: a party holds at most one half-signed successor of its newest agreed state.
//! - **CP-4**: every state that is signed distributes exactly what is in the channel (CH-1).
//! - **CP-5**: the version of the newest agreed state only rises, and nothing follows a final one.
//! - **CP-6**: every agreed state carries all signatures, or is a base that the chain knows, so that
//!   each party can close alone at any time.
//! - **CP-7**: what is behind a state's roots is known: each transfer of the agreed state can be
//!   proven, by the chain's own rules.
//! - **CP-8**: while a resize is signed, no later state is.
//! - **CP-9**: links prove what they are counted for, and no fold that is signed pays less.
//! - **CP-10**: a transfer is decided by nobody but whose loss it is, and queued for it only once.
//! - **CP-11**: a party that may have forgotten what it signed signs nothing, and one that closes
//!   alone signs nothing.
//!
//! CP-1, CP-5 and CP-11 are about a party's history: [`crate::signing::Pen`] checks CP-1 and CP-8
//! where a signature is made, and the property tests check all of them over everything that parties
//! write down.

use crate::{
    changes::{Change, StreamName},
    channel::Channel,
    ledger::Ledger,
    signing::Signer,
};
use millrace_primitives_channels::{
    Balance, ChannelState,
    stream::{proven_units, salt},
    transfer,
};

/// A rule that is broken, by its number.
pub type Broken = &'static str;

fn ensure(holds: bool, broken: Broken) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(broken) }
}

/// Checks every rule. Costs hashes for all transfers: for tests and simulations.
pub fn verify<S: Signer>(channel: &Channel<S>) -> Result<(), Broken> {
    channel.verify_pen()?;
    channel.verify_agreed()?;
    channel.verify_in_flight()?;
    channel.verify_contents(channel.agreed.state(), &channel.ledger)?;
    channel.verify_links()?;
    channel.verify_queue()
}

impl<S: Signer> Channel<S> {
    /// CP-1, CP-3 and CP-8, from the pen's side.
    fn verify_pen(&self) -> Result<(), Broken> {
        let agreed = self.agreed.version();
        if let Some((version, payload)) = self.pen.signed() {
            ensure(version <= agreed.saturating_add(1), "CP-3: signed beyond the successor")?;
            let state = match &self.in_flight {
                Some(half) => Some(&half.state),
                None => Some(self.agreed.state()),
            };
            if let Some(state) = state.filter(|state| state.version == version) {
                let same = self.agreement.state_payload(state) == payload;
                ensure(same, "CP-1: the pen has signed something else")?;
            }
        }
        let resize = self.resizing.signed().map(|(version, _)| version);
        ensure(self.pen.resize() == resize, "CP-8: the pen knows another resize")?;
        ensure(resize.is_none() || self.in_flight.is_none(), "CP-8: a resize and a state")
    }

    /// CP-4 and CP-6.
    fn verify_agreed(&self) -> Result<(), Broken> {
        let (state, size) = (self.agreed.state(), self.agreement.size());
        let is_known_base = state.version == 0 || state.version == self.resizing.base;
        // Between the news of a resize and the state after it, the old one counts no more.
        if self.lacks_base() {
            return Ok(());
        }
        let count = self.agreed.signatures().len();
        ensure(count == size || (is_known_base && count == 0), "CP-6: signatures are missing")?;
        let conserved = state.verify_conservation(size, self.agreement.total());
        ensure(conserved.is_ok(), "CP-4: the agreed state does not add up")
    }

    /// CP-2 to CP-5.
    fn verify_in_flight(&self) -> Result<(), Broken> {
        let Some(half) = &self.in_flight else { return Ok(()) };
        let next = self.agreed.version().saturating_add(1);
        ensure(half.state.version == next, "CP-3: not the successor")?;
        ensure(!self.agreed.state().is_final, "CP-5: something follows a final state")?;
        ensure(!half.state.is_final || half.state.is_plain(), "CP-5: a final state is not plain")?;
        let (size, total) = (self.agreement.size(), self.agreement.total());
        let conserved = half.state.verify_conservation(size, total);
        ensure(conserved.is_ok(), "CP-4: the state in flight does not add up")?;
        ensure(half.signature(self.me).is_some(), "CP-3: held but not signed")?;
        self.verify_contents(&half.state, &half.ledger)?;
        let after = self.worth(&half.ledger).saturating_add(self.folded_to_me(&half.changes));
        let before = self.worth(&self.ledger).saturating_sub(half.cost);
        ensure(after >= before, "CP-2: the state in flight is worth less")
    }

    /// What a ledger is worth to this party for certain.
    fn worth(&self, ledger: &Ledger) -> Balance {
        let me = self.my_position();
        let transfers = ledger.transfers().list().iter().filter(|it| it.payee == me);
        let enforceable = transfers.filter(|it| {
            let known = self.preimages.get(it.id);
            known.is_some_and(|known| known.is_in_time(it) || self.now < it.expiry)
        });
        let owed = enforceable.fold(0, |sum: Balance, it| sum.saturating_add(it.amount));
        let streams = ledger.streams.iter().filter(|it| it.payee == me);
        let links = streams.fold(0, |sum: Balance, it| {
            let units = self.received(StreamName::of(it));
            sum.saturating_add(it.unit.saturating_mul(units.into()))
        });
        ledger.balance(self.me).saturating_add(owed).saturating_add(links)
    }

    /// What this party gives up by its own word in the changes: transfers that it fails.
    fn folded_to_me(&self, changes: &[Change]) -> Balance {
        changes
            .iter()
            .filter_map(|change| match change {
                Change::Fail { id } => self.ledger.transfers().get(*id),
                _ => None,
            })
            .filter(|it| usize::from(it.payee) == self.me)
            .fold(0, |sum: Balance, it| sum.saturating_add(it.amount))
    }

    /// CP-7: a state commits to what is in memory, by the chain's own rules.
    fn verify_contents(&self, state: &ChannelState, ledger: &Ledger) -> Result<(), Broken> {
        ensure(state.balances == ledger.balances, "CP-7: other balances")?;
        ensure(state.streams == ledger.streams, "CP-7: other streams")?;
        let list = ledger.transfers().list();
        let Some(pending) = &state.pending else {
            return ensure(list.is_empty(), "CP-7: transfers that the state does not know");
        };
        ensure(pending.root == transfer::root(list), "CP-7: another root")?;
        ensure(usize::try_from(pending.count) == Ok(list.len()), "CP-7: another count")?;
        for transfer in list {
            let proof = ledger.transfers().proof(transfer.id);
            let is_proven = proof.is_some_and(|proof| {
                transfer::verify(&pending.root, pending.count, transfer, &proof)
            });
            ensure(is_proven, "CP-7: a transfer cannot be proven")?;
            ensure(transfer.expiry <= pending.last_expiry, "CP-7: a later expiry")?;
        }
        Ok(())
    }

    /// CP-9.
    fn verify_links(&self) -> Result<(), Broken> {
        let id = self.agreement.id();
        for till in &self.streaming.tills {
            let stream = till.stream();
            let salt =
                salt(self.agreement.genesis(), &id, stream.payer, stream.payee, stream.epoch);
            let proven = till.mark().and_then(|mark| {
                let (link, proof) = (*mark.links.first()?, mark.proof?);
                proven_units(stream, &salt, link, mark.depth, &proof)
            });
            ensure(proven.unwrap_or(0) == till.units(), "CP-9: links prove something else")?;
            let half = self.in_flight.as_ref();
            let folds = half.map_or(&[][..], |half| &half.changes[..]);
            let is_short = folds.iter().any(|change| {
                matches!(change, Change::FoldStream(fold)
                    if fold.stream == StreamName::of(stream) && fold.units < till.units())
            });
            ensure(!is_short, "CP-9: a fold pays less than the links")?;
        }
        Ok(())
    }

    /// CP-10 and CP-11.
    fn verify_queue(&self) -> Result<(), Broken> {
        for (id, known) in &self.preimages.0 {
            // The chain may carry out the agreed state, or the one in flight.
            let half = self.in_flight.as_ref().map(|half| &half.ledger);
            let ledgers = [Some(&self.ledger), self.chain.resolving(), half];
            let lock = transfer::hashlock(&known.preimage);
            let fits = ledgers.into_iter().flatten().any(|ledger| {
                ledger.transfers().get(*id).is_some_and(|transfer| transfer.hashlock == lock)
            });
            ensure(fits, "CP-10: a preimage of nothing")?;
        }
        ensure(self.outbox.decides_once(), "CP-10: a transfer is decided twice")
    }
}
