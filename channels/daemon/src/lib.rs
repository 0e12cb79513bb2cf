// SPDX-License-Identifier: Apache-2.0

//! A party of channels that runs by itself.
