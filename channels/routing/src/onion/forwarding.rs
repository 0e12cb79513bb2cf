// SPDX-License-Identifier: Apache-2.0

//! Whether to forward a transfer, and whether to take it.

#![allow(
    clippy::result_large_err,
    reason = "a failure may carry terms, and is too rare for its size to matter"
)]

use crate::{
    gossip::updating::ChannelUpdate,
    onion::{
        failure::Failure,
        payload::{Deliver, Forward},
    },
};
use millrace_primitives_channels::{Balance, BlockNumber, Hash, transfer::hashlock};

/// A transfer that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// What it brings, in the smallest unit of its channel's asset.
    pub amount: Balance,
    /// The first block in which it has expired.
    pub expiry: BlockNumber,
}

/// How much time a node wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLimits {
    /// What goes out must have at least so many blocks left: the time to reveal a preimage.
    pub least: BlockNumber,
    /// What comes in must expire within so many blocks: how long money may be locked for others.
    pub most: BlockNumber,
}

impl Default for TimeLimits {
    /// For blocks of six seconds: ten minutes at least, a week at most.
    fn default() -> Self {
        Self { least: 100, most: 100_800 }
    }
}

/// Checks whether a node loses nothing by forwarding (RO-7): it keeps its fee, and has its expiry
/// delta to be paid after it has paid.
///
/// `own`: the node's own terms for the channel that the packet names. `now`: the height of the
/// newest final block. Whether the channel has the funds is for its owner to find out.
pub fn verify_forward(
    incoming: &Incoming,
    forward: &Forward,
    own: &ChannelUpdate,
    limits: &TimeLimits,
    now: BlockNumber,
) -> Result<(), Failure> {
    let terms = &own.offer.terms;
    if own.offer.channel != forward.channel {
        return Err(Failure::UnknownChannel);
    }
    if terms.is_disabled {
        return Err(Failure::ChannelDisabled);
    }
    if !(terms.min_amount..=terms.max_amount).contains(&forward.amount) {
        return Err(Failure::AmountOutOfRange(Some(*own)));
    }
    let needed = terms.fee(forward.amount).and_then(|fee| forward.amount.checked_add(fee));
    if needed.is_none_or(|needed| incoming.amount < needed) {
        return Err(Failure::FeeTooLow(Some(*own)));
    }
    let needed = forward.expiry.checked_add(terms.expiry_delta);
    if needed.is_none_or(|needed| incoming.expiry < needed) {
        return Err(Failure::ExpiryDeltaTooSmall(Some(*own)));
    }
    if forward.expiry < now.saturating_add(limits.least) {
        return Err(Failure::ExpiryTooSoon);
    }
    if incoming.expiry > now.saturating_add(limits.most) {
        return Err(Failure::ExpiryTooFar);
    }
    Ok(())
}

/// What a payee expects, from its invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// What only who has the invoice knows.
    pub secret: [u8; 32],
    /// What is to be paid; nothing if the payer decides.
    pub amount: Option<Balance>,
    /// How many blocks the transfer must have left.
    pub final_delta: BlockNumber,
    /// The invoice counts no more.
    pub has_expired: bool,
}

/// Checks whether a payee is paid what it expects.
pub fn verify_delivery(
    incoming: &Incoming,
    deliver: &Deliver,
    expected: Option<&Expected>,
    now: BlockNumber,
) -> Result<(), Failure> {
    verify_unchanged(incoming, deliver)?;
    let expected = expected.ok_or(Failure::UnknownPayment)?;
    if !is_same(&expected.secret, &deliver.secret) || expected.has_expired {
        return Err(Failure::UnknownPayment);
    }
    // Who pays more than twice by mistake should not.
    let fits = expected
        .amount
        .is_none_or(|amount| (amount..=amount.saturating_add(amount)).contains(&deliver.total));
    if !fits {
        return Err(Failure::UnknownPayment);
    }
    verify_time(incoming, expected.final_delta, now)
}

/// Checks whether a spontaneous payment can be taken: the packet brings the preimage of the lock.
pub fn verify_spontaneous(
    incoming: &Incoming,
    deliver: &Deliver,
    lock: &Hash,
    final_delta: BlockNumber,
    now: BlockNumber,
) -> Result<(), Failure> {
    verify_unchanged(incoming, deliver)?;
    // The first part would give away the preimage before the others have come.
    let is_whole = deliver.amount == deliver.total;
    let opens = deliver.preimage.is_some_and(|preimage| hashlock(&preimage) == *lock);
    if !opens || !is_whole {
        return Err(Failure::UnknownPayment);
    }
    verify_time(incoming, final_delta, now)
}

/// The hop before must have handed on what the payer sent.
fn verify_unchanged(incoming: &Incoming, deliver: &Deliver) -> Result<(), Failure> {
    let is_less = incoming.amount < deliver.amount || incoming.expiry < deliver.expiry;
    if is_less || deliver.amount == 0 { Err(Failure::ChangedOnTheWay) } else { Ok(()) }
}

fn verify_time(incoming: &Incoming, delta: BlockNumber, now: BlockNumber) -> Result<(), Failure> {
    if incoming.expiry < now.saturating_add(delta) { Err(Failure::ExpiryTooSoon) } else { Ok(()) }
}

/// Compares secrets in a time that does not depend on where they differ.
fn is_same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    let difference = one.iter().zip(other).fold(0, |sum, (one, other)| sum | (one ^ other));
    std::hint::black_box(difference) == 0
}
