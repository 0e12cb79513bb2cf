// SPDX-License-Identifier: Apache-2.0

//! Conservation of every unit on the chain (SI-1).

use super::*;
use crate::failing::{Broken, ensure};

impl Chain {
    /// Checks the channels that were touched since the last check, and with `whole` every channel and
    /// the sum of all money.
    pub(crate) fn verify(&mut self, whole: bool) -> Result<(), Broken> {
        for channel in std::mem::take(&mut self.touched) {
            self.verify_channel(channel)?;
        }
        if !whole {
            return Ok(());
        }
        let mut sum = self.treasury;
        for channel in 0..self.channels.len() {
            self.verify_channel(channel)?;
            sum += self.channels[channel].held;
        }
        for money in &self.accounts {
            sum += money.free + money.bonds;
        }
        let issuance = self.issuance;
        ensure(sum == issuance, "SI-1", || {
            format!("block {}: {sum} units exist, {issuance} were issued", self.height)
        })
    }

    /// What a channel holds is what its phase distributes.
    fn verify_channel(&self, channel: usize) -> Result<(), Broken> {
        let on_chain = &self.channels[channel];
        let expected = match &on_chain.phase {
            Phase::Open => on_chain.deposit,
            Phase::Disputed(dispute) => {
                let total = dispute.state.total();
                ensure(total == Some(on_chain.deposit), "SI-1", || {
                    format!("channel {channel} has a disputed state that does not add up")
                })?;
                on_chain.deposit
            }
            Phase::Resolving(resolution) => {
                resolution.leftovers(on_chain.paid.len()).into_iter().sum()
            }
            Phase::Over => {
                let paid: Balance = on_chain.paid.iter().sum();
                ensure(paid == on_chain.deposit, "SI-1", || {
                    format!("channel {channel} paid {paid} of {}", on_chain.deposit)
                })?;
                0
            }
        };
        let held = on_chain.held;
        ensure(held == expected, "SI-1", || {
            format!("channel {channel} holds {held}, its phase distributes {expected}")
        })
    }
}
