// SPDX-License-Identifier: Apache-2.0

//! The only place where ids and signed bytes are computed.
//!
//! Every kind of message has a tag of its own, and every digest covers the genesis hash, so that
//! nothing signed for one purpose, channel or chain means anything for another.
//! `vectors/channels.json` holds golden vectors that every implementation is tested against.

use crate::{
    AccountId, Balance, ChannelId, Hash, params::ChannelParams, resize::Resize, state::ChannelState,
};
use alloc::vec::Vec;
use codec::Encode;
use polkadot_sdk::{
    sp_io::hashing::blake2_256,
    sp_runtime::{MultiSignature, MultiSigner, traits::Verify},
};

/// Tag of a channel id.
pub const CHANNEL_TAG: &[u8] = b"millrace/channel/1";
/// Tag of the consent to lock deposits and open a channel.
pub const OPEN_TAG: &[u8] = b"millrace/open/1";
/// Tag of a channel state.
pub const STATE_TAG: &[u8] = b"millrace/state/1";

/// Tag of the consent to change a channel's deposits.
pub const RESIZE_TAG: &[u8] = b"millrace/resize/1";

/// What a browser wallet puts around bytes before it signs them.
const WRAPPER: (&[u8], &[u8]) = (b"<Bytes>", b"</Bytes>");

/// `blake2_256(tag ++ genesis ++ SCALE(message))`.
fn digest(tag: &[u8], genesis: &Hash, message: &impl Encode) -> Hash {
    let mut bytes = Vec::with_capacity(tag.len() + 32 + message.size_hint());
    bytes.extend_from_slice(tag);
    bytes.extend_from_slice(genesis.as_bytes());
    message.encode_to(&mut bytes);
    Hash::from(blake2_256(&bytes))
}

/// Id of the channel that `params` describe on the chain with this genesis hash.
pub fn channel_id(genesis: &Hash, params: &ChannelParams) -> ChannelId {
    digest(CHANNEL_TAG, genesis, params)
}

/// What each participant's **account** key signs to lock its deposit and open the channel.
/// `deposits`: one amount per participant, in the order of the parameters.
pub fn open_payload(genesis: &Hash, params: &ChannelParams, deposits: &[Balance]) -> Hash {
    digest(OPEN_TAG, genesis, &(params, deposits))
}

/// What each participant's **signer** key signs to agree to a state.
pub fn state_payload(genesis: &Hash, state: &ChannelState) -> Hash {
    digest(STATE_TAG, genesis, state)
}

/// What participants sign to change a channel's deposits while it lives: those who add funds with
/// their **account** key, because a hot key must not lock a cold account's money, all others with
/// their **signer** key.
///
/// It is no state payload: the state in it means nothing unless the chain takes the whole.
pub fn resize_payload(genesis: &Hash, resize: &Resize) -> Hash {
    digest(RESIZE_TAG, genesis, resize)
}

/// What was signed to agree to a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The payload's bytes.
    Raw,
    /// The bytes between `<Bytes>` and `</Bytes>`, as browser wallets do.
    Wrapped,
}

/// Whether the holder of `signer` signed `payload`, raw or wrapped as browser wallets do.
pub fn verify_signer(signature: &MultiSignature, signer: &MultiSigner, payload: &Hash) -> bool {
    signer_form(signature, signer, payload).is_some()
}

/// In which form the holder of `signer` signed `payload`; nothing if it did not.
///
/// Signature and key must be of one kind. A second valid signature by the same key (ECDSA and
/// Schnorr schemes allow it) proves nothing new and gains nobody anything.
pub fn signer_form(
    signature: &MultiSignature,
    signer: &MultiSigner,
    payload: &Hash,
) -> Option<Form> {
    raw_or_wrapped(payload, |bytes| match (signature, signer) {
        (MultiSignature::Ed25519(signature), MultiSigner::Ed25519(key)) => {
            signature.verify(bytes, key)
        }
        (MultiSignature::Sr25519(signature), MultiSigner::Sr25519(key)) => {
            signature.verify(bytes, key)
        }
        (MultiSignature::Ecdsa(signature), MultiSigner::Ecdsa(key)) => signature.verify(bytes, key),
        _ => false,
    })
}

/// Whether the key behind `account` signed `payload`, raw or wrapped as browser wallets do.
pub fn verify_account(signature: &MultiSignature, account: &AccountId, payload: &Hash) -> bool {
    account_form(signature, account, payload).is_some()
}

/// In which form the key behind `account` signed `payload`; nothing if it did not.
pub fn account_form(
    signature: &MultiSignature,
    account: &AccountId,
    payload: &Hash,
) -> Option<Form> {
    raw_or_wrapped(payload, |bytes| signature.verify(bytes, account))
}

/// Tries `verify` on the payload itself, then on its wrapped form.
fn raw_or_wrapped(payload: &Hash, verify: impl Fn(&[u8]) -> bool) -> Option<Form> {
    if verify(payload.as_bytes()) {
        Some(Form::Raw)
    } else {
        verify(&wrapped(payload)).then_some(Form::Wrapped)
    }
}

/// `<Bytes>` ++ payload ++ `</Bytes>`.
pub fn wrapped(payload: &Hash) -> Vec<u8> {
    [WRAPPER.0, payload.as_bytes(), WRAPPER.1].concat()
}
