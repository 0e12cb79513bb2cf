// SPDX-License-Identifier: Apache-2.0

//! Answers stale disputes while their victims are away.
