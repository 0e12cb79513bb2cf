// SPDX-License-Identifier: Apache-2.0

//! Who signs, and what a signature says nothing about.

use super::cast::*;
use crate::*;
use codec::{Encode, MaxEncodedLen};
use polkadot_sdk::{
    sp_core::{Pair, ed25519, sr25519},
    sp_runtime::{MultiSignature, MultiSigner},
};

#[test]
fn signature_of_one_kind_says_nothing_about_a_key_of_another() {
    // given an ed25519 signature, and an sr25519 key with the same 32 bytes
    let pair = ed25519::Pair::from_seed(&[1; 32]);
    let payload = Hash::repeat_byte(5);
    let signature: MultiSignature = pair.sign(payload.as_bytes()).into();
    let other_kind = MultiSigner::Sr25519(sr25519::Public::from_raw(pair.public().0));

    // then
    assert!(verify_signer(&signature, &pair.public().into(), &payload));
    assert!(!verify_signer(&signature, &other_kind, &payload));
}

#[test]
fn signature_for_one_purpose_says_nothing_about_another() {
    let [plain, _] = states();
    let resize = Resize { state: plain.clone(), ..resize() };
    let payloads = [
        state_payload(&genesis(), &plain),
        resize_payload(&genesis(), &resize),
        open_payload(&genesis(), &params(), &deposits()),
        channel(),
        state_payload(&Hash::zero(), &plain),
    ];
    for kind in [1, 2, 3] {
        let key = Key::new(kind, 9);
        for (nth, signed) in payloads.iter().enumerate() {
            let signature = key.sign(signed.as_bytes());
            for (other, payload) in payloads.iter().enumerate() {
                let is_same = nth == other;
                assert_eq!(verify_signer(&signature, &key.public(), payload), is_same);
                assert_eq!(verify_account(&signature, &key.account(), payload), is_same);
            }
        }
    }
}

#[test]
fn wrapped_twice_is_not_wrapped() {
    let payload = Hash::repeat_byte(5);
    let twice = [b"<Bytes>", &payload::wrapped(&payload)[..], b"</Bytes>"].concat();
    let key = Key::new(2, 9);
    assert!(verify_signer(&key.sign(&payload::wrapped(&payload)), &key.public(), &payload));
    assert!(!verify_signer(&key.sign(&twice), &key.public(), &payload));
}

#[test]
fn longest_participant_fits_its_declared_length() {
    for kind in [1, 2, 3] {
        let signer = Key::new(kind, 9).public();
        let participant = Participant { account: AccountId::new([0; 32]), signer };
        assert!(participant.encode().len() <= Participant::max_encoded_len());
    }
}

#[test]
fn params_name_what_is_wrong() {
    let good = params();
    assert_eq!(good.verify(), Ok(()));
    let mut single = good.clone();
    single.participants.truncate(1);
    assert_eq!(single.verify(), Err(ParamsError::TooFewParticipants));
    let mut swapped = good.clone();
    swapped.participants.as_mut().swap(0, 1);
    assert_eq!(swapped.verify(), Err(ParamsError::ParticipantsNotAscending));
    let mut shared = good;
    shared.participants[2].signer = shared.participants[0].signer.clone();
    assert_eq!(shared.verify(), Err(ParamsError::DuplicateSigner));
    let mut unsupported = params();
    unsupported.participants[1].signer = MultiSigner::Eth([2; 33].into());
    assert_eq!(unsupported.verify(), Err(ParamsError::UnsupportedSigner));
}

#[test]
fn participant_named_twice_is_refused() {
    let mut twice = params();
    twice.participants[1].account = twice.participants[0].account.clone();
    assert_eq!(twice.verify(), Err(ParamsError::ParticipantsNotAscending));
}
