// SPDX-License-Identifier: Apache-2.0

//! Values that appear in many requests and answers, each with one way to write it.

mod amounts;
pub(crate) mod bounds;
mod hashes;
mod paging;
mod texts;

pub use amounts::{Amount, AmountError, Token};
pub use hashes::{
    BackupHash, BlockHash, Bytes, ChannelId, HexError, PaymentHash, PaymentId, Preimage, StreamId,
    TransactionHash,
};
pub use paging::{Cursor, Limit, Page, Wait};
pub use texts::{Account, Address, FileName, IdempotencyKey, InvoiceText, Note, Peer, TextError};
