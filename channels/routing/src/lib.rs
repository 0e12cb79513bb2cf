// SPDX-License-Identifier: Apache-2.0

//! Finding a way across channels: gossip, paths, onions, invoices.
