// SPDX-License-Identifier: Apache-2.0

//! Both parties of a channel at one table: their messages pass as bytes, their machines do the
//! rest.

use anyhow::{Context, bail, ensure};
use millrace_channels_protocol::{
    Agreement, Channel, CoSignedState, Effect, Message, Record, Signer,
};
use millrace_primitives_channels::Balance;
use polkadot_sdk::sp_core::ed25519;
use std::collections::VecDeque;

/// Two machines and what passes between them.
pub struct Table {
    parties: Vec<Channel<ed25519::Pair>>,
    /// From, to, bytes.
    wire: VecDeque<(usize, usize, Vec<u8>)>,
    /// Every state that participant 0 agreed to, oldest first.
    history: Vec<CoSignedState>,
    /// Bytes sent so far.
    bytes: u64,
    keep_history: bool,
}

impl Table {
    /// Seats the owners of `signers` at the channel. `keep_history` keeps every agreed state, which
    /// only somebody who plans to cheat would do.
    pub fn new(
        agreement: &Agreement,
        signers: [&ed25519::Pair; 2],
        keep_history: bool,
    ) -> anyhow::Result<Self> {
        let mut parties = Vec::new();
        for position in 0..agreement.size() {
            let signer = signers
                .into_iter()
                .find(|signer| agreement.signer(position) == Some(&signer.public_key()))
                .context("the channel names a signer that nobody holds")?;
            parties.push(Channel::new(agreement.clone(), *signer)?);
        }
        Ok(Self { parties, wire: VecDeque::new(), history: Vec::new(), bytes: 0, keep_history })
    }

    /// Pays, and returns once both parties hold the new state with both signatures.
    pub fn pay(&mut self, payer: usize, payee: usize, amount: Balance) -> anyhow::Result<()> {
        let before = self.newest().version();
        let effects = self.party(payer)?.pay(u8::try_from(payee)?, amount)?;
        self.carry_out(payer, effects)?;
        self.deliver()?;
        for party in &self.parties {
            let version = party.newest().version();
            ensure!(
                version == before.saturating_add(1) && party.is_idle(),
                "the payment after version {before} stopped at version {version}",
            );
        }
        Ok(())
    }

    /// One party asks to settle; returns the final state with both signatures.
    pub fn close(&mut self, closer: usize) -> anyhow::Result<CoSignedState> {
        let effects = self.party(closer)?.close()?;
        self.carry_out(closer, effects)?;
        self.deliver()?;
        let newest = self.newest().clone();
        ensure!(newest.state().is_final, "version {} is not final", newest.version());
        Ok(newest)
    }

    /// The party at `position` sees a dispute with `version` and says what to answer it with.
    pub fn answer_to(&mut self, position: usize, version: u64) -> anyhow::Result<CoSignedState> {
        for effect in self.party(position)?.disputed(version) {
            if let Effect::Answer(newest) = effect {
                return Ok(newest);
            }
        }
        bail!("version {version} needs no answer, the newest is {}", self.newest().version())
    }

    /// The newest state that both hold.
    pub fn newest(&self) -> &CoSignedState {
        self.parties.first().expect("a channel has at least two participants").newest()
    }

    /// An agreed state of the past, if it was kept.
    pub fn kept(&self, version: u64) -> Option<&CoSignedState> {
        self.history.iter().find(|state| state.version() == version)
    }

    /// Bytes that passed between the parties.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    fn party(&mut self, position: usize) -> anyhow::Result<&mut Channel<ed25519::Pair>> {
        self.parties.get_mut(position).context("no such participant")
    }

    /// Passes messages until nobody has anything left to say.
    fn deliver(&mut self) -> anyhow::Result<()> {
        while let Some((from, to, bytes)) = self.wire.pop_front() {
            let message = Message::from_bytes(&bytes)?;
            let effects = self.party(to)?.receive(from, message)?;
            self.carry_out(to, effects)?;
        }
        Ok(())
    }

    fn carry_out(&mut self, party: usize, effects: Vec<Effect>) -> anyhow::Result<()> {
        for effect in effects {
            match effect {
                Effect::Send { to, message } => {
                    let bytes = message.to_bytes();
                    self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len())?);
                    self.wire.push_back((party, to, bytes));
                }
                Effect::Persist(Record::Agreed(newest)) if self.keep_history && party == 0 => {
                    self.history.push(newest);
                }
                // The story's channels live as long as the process: memory is their store. That
                // both parties agreed is read from their machines.
                Effect::Persist(_) | Effect::Agreed { .. } | Effect::Settle(_) => {}
                Effect::Unpaid(changes) => bail!("{} payments were not made", changes.len()),
                other => bail!("nobody in the story asks for this: {other:?}"),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::cast::Cast;
    use millrace_primitives_channels::{ChannelAsset, ChannelParams, Hash, params::Amounts};
    use polkadot_sdk::sp_runtime::BoundedVec;

    fn table(keep_history: bool) -> Table {
        let cast = Cast::new();
        let mut participants: Vec<_> =
            cast.people().into_iter().map(|person| person.participant()).collect();
        participants.sort_by(|one, other| one.account.cmp(&other.account));
        let params = ChannelParams {
            participants: BoundedVec::truncate_from(participants),
            asset: ChannelAsset::Native,
            challenge_blocks: 10,
            open_by: 100,
            nonce: 1,
        };
        let deposits = Amounts::truncate_from(vec![1_000, 1_000]);
        let agreement = Agreement::verify(Hash::zero(), params, deposits).expect("valid terms");
        Table::new(&agreement, [&cast.ada.signer, &cast.ben.signer], keep_history)
            .expect("both signers")
    }

    #[test]
    fn each_payment_is_one_co_signed_version() {
        let mut table = table(true);
        for _ in 0..10 {
            table.pay(0, 1, 3).expect("covered");
        }
        for _ in 0..5 {
            table.pay(1, 0, 1).expect("covered");
        }
        assert_eq!(table.newest().version(), 15);
        assert_eq!(table.newest().state().balances.to_vec(), [975, 1_025]);
        assert_eq!(table.kept(4).expect("kept").state().balances.to_vec(), [988, 1_012]);
        assert!(table.bytes() > 0);
        assert!(table.pay(0, 1, 976).is_err());
    }

    #[test]
    fn close_and_answer_use_the_newest_state() {
        for closer in [0, 1] {
            let mut table = table(false);
            table.pay(0, 1, 3).expect("covered");
            table.pay(0, 1, 3).expect("covered");
            assert_eq!(table.answer_to(1, 1).expect("newer").version(), 2);
            assert!(table.answer_to(1, 2).is_err());

            let mut table = self::table(false);
            table.pay(0, 1, 3).expect("covered");
            let last = table.close(closer).expect("both sign");
            assert_eq!(last.version(), 2);
            assert_eq!(last.state().balances.to_vec(), [997, 1_003]);
        }
    }
}
