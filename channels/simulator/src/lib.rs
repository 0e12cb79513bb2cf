// SPDX-License-Identifier: Apache-2.0

//! Seeded worlds of many parties and faults, to prove what the off-chain engine promises.
