// SPDX-License-Identifier: Apache-2.0

//! The calls a channel needs, with arguments in the encoding of our own types.

use crate::aims::Aim;
use codec::{Compact, Encode};
use millrace_channels_protocol::CoSignedState;
use millrace_primitives_channels::{
    AccountId, Balance, ChannelId, ChannelParams, ChannelState, MerkleProof, Resize, Transfer,
    params::Amounts,
    state::Signatures,
    stream::Link,
    transfer::{Preimage, hashlock},
};
use polkadot_sdk::sp_runtime::MultiSignature;
use subxt::ext::scale_encode::{EncodeAsFields, Error, FieldIter, TypeResolver};

/// How many channels one [`Call::settle_many`] settles at most.
pub const MAX_SETTLEMENTS: usize = 16;

/// A call of the runtime: where it is found by name, and its arguments as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pallet: &'static str,
    name: &'static str,
    arguments: Arguments,
    aim: Aim,
}

/// SCALE-encoded arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arguments(Vec<u8>);

impl Call {
    /// Any call, by name.
    pub fn new(pallet: &'static str, name: &'static str, arguments: &impl Encode) -> Self {
        Self { pallet, name, arguments: Arguments(arguments.encode()), aim: Aim::Unknown }
    }

    /// What the call is to bring about, as far as its constructor knows.
    pub fn aim(&self) -> &Aim {
        &self.aim
    }

    fn aiming_at(self, aim: Aim) -> Self {
        Self { aim, ..self }
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
            .aiming_at(Aim::End(newest.state().channel))
    }

    /// Pays out the final states of several channels, each as far as it goes; nothing if there are
    /// more than [`MAX_SETTLEMENTS`] or none.
    pub fn settle_many(newest: &[CoSignedState]) -> Option<Self> {
        if newest.is_empty() || newest.len() > MAX_SETTLEMENTS {
            return None;
        }
        let settlements: Vec<_> = newest.iter().map(|it| (it.state(), it.signatures())).collect();
        Some(Self::new("Channels", "settle_many", &settlements))
    }

    /// Adds funds to a channel or takes some out.
    /// `signatures`: one for each participant. `sender`: position of the participant whose account
    /// submits the call, if one does; its signature is left out.
    pub fn resize(resize: &Resize, signatures: &Signatures, sender: Option<usize>) -> Self {
        let aim = Aim::Resize { channel: resize.state.channel, version: resize.state.version };
        Self::new("Channels", "resize", &(resize, but_for(sender, signatures))).aiming_at(aim)
    }

    /// Makes a preimage public.
    pub fn reveal(preimage: &Preimage) -> Self {
        Self::new("Channels", "reveal", preimage).aiming_at(Aim::Reveal(hashlock(preimage)))
    }

    /// Pays a conditional transfer of a resolving channel to its payee.
    pub fn claim(channel: ChannelId, transfer: &Transfer, proof: &MerkleProof) -> Self {
        Self::new("Channels", "claim", &(channel, transfer, proof)).aiming_at(Aim::Resolve(channel))
    }

    /// Gives a conditional transfer of a resolving channel back to its payer.
    pub fn refund(channel: ChannelId, transfer: &Transfer, proof: &MerkleProof) -> Self {
        Self::new("Channels", "refund", &(channel, transfer, proof))
            .aiming_at(Aim::Resolve(channel))
    }

    /// Pays what a link proves of a stream of a resolving channel.
    /// `position`: the stream's place in the state. `depth`: the link's steps from the tip, from 1.
    pub fn claim_stream(
        channel: ChannelId,
        position: u8,
        link: &Link,
        depth: u32,
        proof: &MerkleProof,
    ) -> Self {
        Self::new("Channels", "claim_stream", &(channel, position, link, depth, proof))
            .aiming_at(Aim::Resolve(channel))
    }

    /// Forces a move in the application of a disputed channel.
    /// `signature`: by the signer of the participant whose move it is.
    pub fn progress(state: &ChannelState, signature: &MultiSignature) -> Self {
        Self::new("Channels", "progress", &(state, signature))
    }

    /// Does nothing: takes the place of a call that is not wanted any more, so that those behind it
    /// can go on.
    pub fn nothing() -> Self {
        Self::new("System", "remark", &Vec::<u8>::new())
    }

    /// Starts the challenge window of a channel with the newest state that the submitter has.
    pub fn dispute(newest: &CoSignedState) -> Self {
        Self::new("Channels", "dispute", &(newest.state(), newest.signatures()))
            .aiming_at(Aim::Dispute(newest.state().channel))
    }

    /// Answers a dispute with a later state.
    /// `reward_to`: who is rewarded if this proves that the disputed state was stale.
    pub fn answer(newest: &CoSignedState, reward_to: &AccountId) -> Self {
        Self::answer_with(newest.state(), newest.signatures(), reward_to)
    }

    /// Answers a dispute with a state and its signatures, as a watchtower has them.
    pub fn answer_with(
        state: &ChannelState,
        signatures: &Signatures,
        reward_to: &AccountId,
    ) -> Self {
        let aim = Aim::Answer { channel: state.channel, version: state.version };
        Self::new("Channels", "answer", &(state, signatures, reward_to)).aiming_at(aim)
    }

    /// Pays out a disputed channel after its deadline.
    pub fn conclude(channel: ChannelId) -> Self {
        Self::new("Channels", "conclude", &channel).aiming_at(Aim::End(channel))
    }

    /// Transfers `amount` to `to`, unless that would remove the sender's account.
    pub fn transfer(to: &AccountId, amount: Balance) -> Self {
        // Variant 0 of an address is an account's 32 bytes.
        Self::new("Balances", "transfer_keep_alive", &(0u8, to, Compact(amount)))
    }

    /// Name of the call in its pallet.
    pub fn name(&self) -> &'static str {
        self.name
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
    fn claims_name_channel_leaf_and_place() {
        let channel = ChannelId::repeat_byte(9);
        let proof = MerkleProof { index: 3, siblings: BoundedVec::new() };
        let transfer = Transfer {
            id: 1,
            payer: 0,
            payee: 1,
            amount: 5,
            hashlock: Hash::repeat_byte(2),
            expiry: 7,
        };
        let claim = Call::claim(channel, &transfer, &proof);
        assert_eq!(claim.call_data().0, (channel, transfer, &proof).encode());
        let refund = Call::refund(channel, &transfer, &proof);
        assert_eq!(refund.call_data(), claim.call_data());
        assert_eq!(
            (claim.path(), refund.path()),
            ("Channels.claim".into(), "Channels.refund".into())
        );
        let stream = Call::claim_stream(channel, 1, &[4; 32], 6, &proof);
        assert_eq!(stream.call_data().0, (channel, 1u8, [4u8; 32], 6u32, proof).encode());
    }

    #[test]
    fn reveal_takes_the_plain_preimage() {
        let call = Call::reveal(&[8; 32]);
        assert_eq!(call.call_data().0, [8; 32]);
        assert_eq!(call.aim(), &Aim::Reveal(hashlock(&[8; 32])));
    }

    #[test]
    fn settle_many_takes_one_to_sixteen() {
        assert_eq!(Call::settle_many(&[]), None);
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
        let agreement = Agreement::verify(Hash::zero(), params, deposits).expect("valid terms");
        let one = CoSignedState::opening(&agreement);
        assert_eq!(Call::settle_many(&vec![one.clone(); 17]), None);
        let call = Call::settle_many(&[one.clone(), one.clone()]).expect("two are few");
        let pair = (one.state(), one.signatures());
        assert_eq!(call.call_data().0, vec![pair, pair].encode());
    }

    #[test]
    fn conclude_takes_the_plain_id() {
        let call = Call::conclude(ChannelId::repeat_byte(9));
        assert_eq!(call.call_data().0, [9; 32]);
        assert_eq!((call.pallet_name(), call.call_name()), ("Channels", "conclude"));
    }
}
