// SPDX-License-Identifier: Apache-2.0

//! What is to be paid, and what it may cost.

use crate::{
    fees::proportion,
    names::NodeId,
    paths::likelihood::{Doubt, FRACTION},
};
use millrace_primitives_channels::{Balance, BlockNumber, ChannelAsset};
use thiserror::Error;

/// The largest number of hops of one way, the payee's included: as many as an onion holds.
pub const MAX_HOPS: u8 = crate::onion::MAX_HOPS as u8;

/// The largest number of ways of one payment that may be under way at a time.
pub const MAX_PARTS: u16 = 16;

/// What a payer would rather pay for than put up with. All are prices in the payment's unit; they
/// decide which way is taken and are paid to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// What the payer would pay to have the chance of success doubled.
    pub doubt_base: Balance,
    /// The same, as millionths of the amount.
    pub doubt_ppm: u32,
    /// What the payer would pay to have an amount locked for one block less in the worst case, in
    /// thousandths of a millionth of the amount.
    pub block_ppb: u32,
}

impl Default for Preferences {
    /// A thousandth of the amount for twice the chance; 15 % a year for locked money, with blocks
    /// of six seconds.
    fn default() -> Self {
        Self { doubt_base: 0, doubt_ppm: 1_000, block_ppb: 30 }
    }
}

impl Preferences {
    /// The price of a doubt about `amount`.
    pub(crate) fn price_of_doubt(&self, amount: Balance, doubt: Doubt) -> Balance {
        let share = proportion(amount, self.doubt_ppm).unwrap_or(Balance::MAX);
        let price = self.doubt_base.saturating_add(share);
        price.saturating_mul(doubt.into()) >> FRACTION
    }

    /// The price of locking `amount` for `blocks`.
    pub(crate) fn price_of_time(&self, amount: Balance, blocks: BlockNumber) -> Balance {
        let rate = u64::from(self.block_ppb).saturating_mul(blocks.into());
        let rate = u32::try_from(rate).unwrap_or(u32::MAX);
        proportion(amount, rate).map_or(Balance::MAX, |thousandfold| thousandfold / 1_000)
    }
}

/// What is to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who pays.
    pub payer: NodeId,
    /// Who is paid.
    pub payee: NodeId,
    /// What it is denominated in.
    pub asset: ChannelAsset,
    /// What the payee gets, in the smallest unit.
    pub amount: Balance,
    /// The first block in which the payee's transfer has expired: the height now, and at least the
    /// delta that the payee asks for. A random number of blocks more hides from the hop before the
    /// payee that it is the last one.
    pub final_expiry: BlockNumber,
    /// The most that the fees of all ways together may be.
    pub max_fee: Balance,
    /// The latest expiry of the payer's own transfers: how long its money may be locked in the
    /// worst case.
    pub max_expiry: BlockNumber,
    /// The most hops of one way, at most [`MAX_HOPS`].
    pub max_hops: u8,
    /// The most ways at a time, at most [`MAX_PARTS`]; one forbids splitting.
    pub max_parts: u16,
    /// What the payer prefers.
    pub preferences: Preferences,
}

/// Why there is no way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PathError {
    /// Nothing is to be paid.
    #[error("nothing is to be paid: name an amount")]
    NoAmount,
    /// Payer and payee are one.
    #[error("node {node} would pay itself")]
    ToItself {
        /// The node.
        node: NodeId,
    },
    /// The payer has too little in its channels.
    #[error(
        "{amount} is to be paid, and the payer's channels can send {spendable} in all: \
         add funds, or wait for transfers to end"
    )]
    TooLittle {
        /// What is to be paid.
        amount: Balance,
        /// What the payer could send at the most.
        spendable: Balance,
    },
    /// No channel leads to the payee.
    #[error(
        "node {payee} is not on the map: it has no public channel, and the invoice has no hint"
    )]
    UnknownPayee {
        /// The payee.
        payee: NodeId,
    },
    /// No way within the limits is left.
    #[error(
        "no way for {left} of {amount} within a fee of {max_fee}, expiry {max_expiry} and {max_hops} hops: \
         allow more, or pay less"
    )]
    NoWay {
        /// What found no way.
        left: Balance,
        /// What is to be paid.
        amount: Balance,
        /// The fee that may be paid.
        max_fee: Balance,
        /// The latest expiry that is allowed.
        max_expiry: BlockNumber,
        /// The most hops that are allowed.
        max_hops: u8,
    },
}
