// SPDX-License-Identifier: Apache-2.0

//! Tests, and the small networks that they run on.

mod allowances;
mod announcing;
mod assembling;
mod attempts;
mod forwarding;
mod gossiping;
mod graphs;
mod invoices;
mod learning;
mod messages;
mod network;
mod onions;
mod probing;
mod searching;
mod splitting;
mod story;
mod syncing;
mod vectors;
