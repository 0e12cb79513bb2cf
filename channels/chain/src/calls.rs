// SPDX-License-Identifier: Apache-2.0

//! The calls a channel needs, with arguments in the encoding of our own types.

use codec::{Compact, Encode};
use millrace_channels_protocol::CoSignedState;
use millrace_primitives_channels::{
    AccountId, Balance, ChannelId, ChannelParams, params::Amounts, state::Signatures,
};
use subxt::ext::scale_encode::{EncodeAsFields, Error, FieldIter, TypeResolver};

/// A call of the runtime: where it is found by name, and its arguments as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pallet: &'static str,
    name: &'static str,
    arguments: Arguments,
}

/// SCALE-encoded arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arguments(Vec<u8>);

impl Call {
    /// Any call, by name.
    pub fn new(pallet: &'static str, name: &'static str, arguments: &impl Encode) -> Self {
        Self { pallet, name, arguments: Arguments(arguments.encode()) }
    }

    /// Opens a channel with everybody's deposit.
    /// `signatures`: each account's consent, see `Agreement::open_payload`. `sender`: position of the
    /// participant whose account submits the call, if one does; its signature is left out.
    pub fn open(
        params: &ChannelParams,
        deposits: &Amounts,
        signatures: &Signatures,
        sender: Option<usize>,
    ) -> Self {
        Self::new("Channels", "open", &(params, deposits, but_for(sender, signatures)))
    }

    /// Pays out a final state and closes its channel.
    /// `sender`: position of the participant whose account submits the call, if one does; its
    /// signature is left out.
    pub fn settle(newest: &CoSignedState, sender: Option<usize>) -> Self {
        let signatures = but_for(sender, newest.signatures());
        Self::new("Channels", "settle", &(newest.state(), signatures))
    }

    /// Starts the challenge window of a channel with the newest state that the submitter has.
    pub fn dispute(newest: &CoSignedState) -> Self {
        Self::with_state("dispute", newest)
    }

    /// Answers a dispute with a later state.
    /// `reward_to`: who is rewarded if this proves that the disputed state was stale.
    pub fn answer(newest: &CoSignedState, reward_to: &AccountId) -> Self {
        Self::new("Channels", "answer", &(newest.state(), newest.signatures(), reward_to))
    }

    /// Pays out a disputed channel after its deadline.
    pub fn conclude(channel: ChannelId) -> Self {
        Self::new("Channels", "conclude", &channel)
    }

    /// Transfers `amount` to `to`, unless that would remove the sender's account.
    pub fn transfer(to: &AccountId, amount: Balance) -> Self {
        // Variant 0 of an address is an account's 32 bytes.
        Self::new("Balances", "transfer_keep_alive", &(0u8, to, Compact(amount)))
    }

    fn with_state(name: &'static str, newest: &CoSignedState) -> Self {
        Self::new("Channels", name, &(newest.state(), newest.signatures()))
    }

    /// Pallet and call, as users know them.
    pub fn path(&self) -> String {
        format!("{}.{}", self.pallet, self.name)
    }
}

/// What has to be shown if the participant at `sender` submits a call: it agrees by submitting.
fn but_for(sender: Option<usize>, signatures: &Signatures) -> Signatures {
    let mut shown = signatures.clone();
    if let Some(position) = sender.filter(|position| *position < shown.len()) {
        shown.remove(position);
    }
    shown
}

impl subxt::transactions::Payload for Call {
    type CallData = Arguments;

    fn pallet_name(&self) -> &str {
        self.pallet
    }

    fn call_name(&self) -> &str {
        self.name
    }

    fn call_data(&self) -> &Arguments {
        &self.arguments
    }
}

impl EncodeAsFields for Arguments {
    fn encode_as_fields_to<R: TypeResolver>(
        &self,
        _fields: &mut dyn FieldIter<'_, R::TypeId>,
        _types: &R,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        out.extend_from_slice(&self.0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use millrace_channels_protocol::Agreement;
    use millrace_primitives_channels::{ChannelAsset, ChannelState, Hash, Participant};
    use polkadot_sdk::{
        sp_core::ed25519,
        sp_runtime::{BoundedVec, MultiSignature},
    };
    use subxt::transactions::Payload;

    #[test]
    fn answer_ends_with_who_gets_the_bond() {
        let participants = [1, 2].map(|byte| Participant {
            account: AccountId::new([byte; 32]),
            signer: ed25519::Public::from_raw([byte; 32]).into(),
        });
        let params = ChannelParams {
            participants: BoundedVec::truncate_from(participants.to_vec()),
            asset: ChannelAsset::Native,
            challenge_blocks: 10,
            open_by: 100,
            nonce: 0,
        };
        let deposits = Amounts::truncate_from(vec![1, 1]);
        let agreement =
            Agreement::verify(Hash::zero(), params, deposits.clone()).expect("valid terms");
        let call = Call::answer(&CoSignedState::opening(&agreement), &AccountId::new([9; 32]));
        let state = ChannelState::opening(agreement.id(), deposits).encode();
        assert_eq!(call.call_data().0, [&state[..], &[0], &[9; 32]].concat());
        assert_eq!(call.path(), "Channels.answer");
    }

    #[test]
    fn who_submits_shows_the_signatures_of_the_others() {
        let [one, two] =
            [1, 2].map(|byte| MultiSignature::from(ed25519::Signature::from_raw([byte; 64])));
        let all = Signatures::truncate_from(vec![one.clone(), two.clone()]);
        assert_eq!(but_for(Some(0), &all), vec![two]);
        assert_eq!(but_for(Some(1), &all), vec![one]);
        assert_eq!(but_for(Some(2), &all), all);
        assert_eq!(but_for(None, &all), all);
    }

    #[test]
    fn transfer_takes_an_address_and_a_compact_amount() {
        let call = Call::transfer(&AccountId::new([7; 32]), 1);
        let expected = [&[0u8][..], &[7; 32], &[4]].concat();
        assert_eq!(call.call_data().0, expected);
        assert_eq!(call.path(), "Balances.transfer_keep_alive");
    }

    #[test]
    fn conclude_takes_the_plain_id() {
        let call = Call::conclude(ChannelId::repeat_byte(9));
        assert_eq!(call.call_data().0, [9; 32]);
        assert_eq!((call.pallet_name(), call.call_name()), ("Channels", "conclude"));
    }
}
