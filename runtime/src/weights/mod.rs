// SPDX-License-Identifier: Apache-2.0

//! What every block and every payment needs of the SDK, as measured by `scripts/weigh`.
//!
//! The project's pallets carry their weights themselves. Other pallets keep the weights that they
//! were published with, which were measured on other machines; the fees of channels are compared
//! with those of plain transfers, so these are measured together, on one machine.

pub mod fees;
pub mod frame_system_extensions;
pub mod overhead;
pub mod pallet_balances;
pub mod pallet_transaction_payment;
pub mod storage;
