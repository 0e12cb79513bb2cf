// SPDX-License-Identifier: Apache-2.0

//! Authenticated, encrypted, bounded connections between the parties of channels.
