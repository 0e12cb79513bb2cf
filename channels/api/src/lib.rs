// SPDX-License-Identifier: Apache-2.0

//! What the daemon of channels offers to programs: JSON-RPC, REST, and a client.
