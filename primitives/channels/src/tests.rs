// SPDX-License-Identifier: Apache-2.0

//! The golden vectors, and the checks that need no chain.

use crate::*;
use codec::{Encode, MaxEncodedLen};
use params::Amounts;
use polkadot_sdk::{
    sp_core::{Pair, ecdsa, ed25519, sr25519},
    sp_runtime::{BoundedVec, MultiSignature, MultiSigner, traits::IdentifyAccount},
};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Where the golden vectors are. Run the tests with `MILLRACE_BLESS=1` to write them anew.
const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/channels.json");

/// Account key of the party with this number.
fn account_key(number: u8) -> sr25519::Pair {
    sr25519::Pair::from_seed(&[number; 32])
}

/// Signs states of the party with this number; each has a key of another kind.
fn sign_state(number: u8, bytes: &[u8]) -> MultiSignature {
    match number {
        1 => sr25519::Pair::from_seed(&[101; 32]).sign(bytes).into(),
        2 => ed25519::Pair::from_seed(&[102; 32]).sign(bytes).into(),
        _ => ecdsa::Pair::from_seed(&[103; 32]).sign(bytes).into(),
    }
}

/// The key behind [`sign_state`].
fn signer(number: u8) -> MultiSigner {
    match number {
        1 => sr25519::Pair::from_seed(&[101; 32]).public().into(),
        2 => ed25519::Pair::from_seed(&[102; 32]).public().into(),
        _ => ecdsa::Pair::from_seed(&[103; 32]).public().into(),
    }
}

/// Numbers of the three parties in the order of their accounts.
fn order() -> [u8; 3] {
    let mut numbers = [1, 2, 3];
    numbers.sort_by_key(|it| account_key(*it).public().0);
    numbers
}

fn genesis() -> Hash {
    Hash::repeat_byte(0x9e)
}

fn params() -> ChannelParams {
    let participants = order()
        .into_iter()
        .map(|number| Participant {
            account: MultiSigner::from(account_key(number).public()).into_account(),
            signer: signer(number),
        })
        .collect::<Vec<_>>();
    ChannelParams {
        participants: BoundedVec::truncate_from(participants),
        asset: ChannelAsset::Native,
        challenge_blocks: 1_800,
        open_by: 43_200,
        nonce: 7,
    }
}

fn deposits() -> Amounts {
    BoundedVec::truncate_from(vec![1_000_000_000_000, 500, 0])
}

/// A plain state, and one that uses every field.
fn states() -> [ChannelState; 2] {
    let opening = ChannelState::opening(channel_id(&genesis(), &params()), deposits());
    let plain = ChannelState {
        version: 10_000,
        balances: BoundedVec::truncate_from(vec![1, 2, 1_000_000_000_497]),
        is_final: true,
        ..opening.clone()
    };
    let full = ChannelState {
        version: u64::MAX,
        balances: BoundedVec::truncate_from(vec![1_000_000_000_000, 100, 0]),
        pending: Some(PendingTransfers { root: Hash::repeat_byte(1), total: 300, count: 2 }),
        streams: BoundedVec::truncate_from(vec![Stream {
            payer: 0,
            payee: 2,
            root: Hash::repeat_byte(2),
            unit: 1,
            chains: 10,
            links: 10,
        }]),
        app: Some(AppState {
            id: Hash::repeat_byte(3),
            data: BoundedVec::truncate_from(vec![1, 2, 3]),
        }),
        ..opening
    };
    [plain, full]
}

/// Bytes as hexadecimal text.
fn text(bytes: impl AsRef<[u8]>) -> String {
    format!("0x{}", hex::encode(bytes))
}

/// Everything but signatures, which some schemes make anew each time.
fn computed() -> Value {
    let params = params();
    let opening = open_payload(&genesis(), &params, &deposits());
    json!({
        "genesis": text(genesis()),
        "params": params,
        "params_scale": text(params.encode()),
        "channel_id": text(channel_id(&genesis(), &params)),
        "deposits": deposits().iter().map(u128::to_string).collect::<Vec<_>>(),
        "open_payload": text(opening),
        "open_payload_wrapped": text(payload::wrapped(&opening)),
        "account_seeds": order().map(|number| text([number; 32])),
        "signer_seeds": order().map(|number| text([number + 100; 32])),
        "states": states().map(|state| json!({
            "scale": text(state.encode()),
            "payload": text(state_payload(&genesis(), &state)),
            "payload_wrapped": text(payload::wrapped(&state_payload(&genesis(), &state))),
        })),
    })
}

/// Signatures over the vectors' payloads, raw and wrapped.
fn signed() -> Value {
    let opening = open_payload(&genesis(), &params(), &deposits());
    json!({
        "open": order().map(|it| {
            text(MultiSignature::from(account_key(it).sign(opening.as_bytes())).encode())
        }),
        "states": states().map(|state| {
            let payload = state_payload(&genesis(), &state);
            json!({
                "raw": order().map(|it| text(sign_state(it, payload.as_bytes()).encode())),
                "wrapped": order()
                    .map(|it| text(sign_state(it, &payload::wrapped(&payload)).encode())),
            })
        }),
    })
}

/// The signature that the vectors have at this place.
fn signature(value: &Value) -> MultiSignature {
    let digits = value.as_str().expect("a signature is text").trim_start_matches("0x");
    let bytes = hex::decode(digits).expect("a signature is hexadecimal");
    codec::Decode::decode(&mut &bytes[..]).expect("a signature decodes")
}

/// The golden vectors, first written anew if that is asked for.
static GOLDEN: LazyLock<Value> = LazyLock::new(|| {
    if std::env::var_os("MILLRACE_BLESS").is_some() {
        let vectors = json!({ "computed": computed(), "signatures": signed() });
        let text = serde_json::to_string_pretty(&vectors).expect("vectors are JSON");
        std::fs::write(VECTORS, text + "\n").expect("the vectors' folder can be written");
    }
    let text = std::fs::read_to_string(VECTORS).expect("the golden vectors are there");
    serde_json::from_str(&text).expect("the golden vectors are JSON")
});

#[test]
fn ids_payloads_and_encodings_are_those_of_the_golden_vectors() {
    assert_eq!(GOLDEN["computed"], computed());
}

#[test]
fn signatures_of_the_golden_vectors_are_valid_raw_and_wrapped() {
    let params = params();
    let opening = open_payload(&genesis(), &params, &deposits());
    for (at, participant) in params.participants.iter().enumerate() {
        let consent = signature(&GOLDEN["signatures"]["open"][at]);
        assert!(verify_account(&consent, &participant.account, &opening));
        for (nth, state) in states().iter().enumerate() {
            let payload = state_payload(&genesis(), state);
            for form in ["raw", "wrapped"] {
                let signature = signature(&GOLDEN["signatures"]["states"][nth][form][at]);
                assert!(verify_signer(&signature, &participant.signer, &payload));
                assert!(!verify_signer(&signature, &participant.signer, &opening));
            }
        }
    }
}

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
fn longest_participant_fits_its_declared_length() {
    for number in [1, 2, 3] {
        let participant = Participant { account: AccountId::new([0; 32]), signer: signer(number) };
        assert!(participant.encode().len() <= Participant::max_encoded_len());
    }
}

#[test]
fn conservation_counts_balances_pending_transfers_and_streams() {
    let [plain, full] = states();
    let deposit: Balance = deposits().iter().sum();
    for state in [&plain, &full] {
        assert_eq!(state.verify_conservation(3, deposit), Ok(()));
        assert_eq!(state.verify_conservation(3, deposit + 1), Err(StateError::SumMismatch));
        assert_eq!(state.verify_conservation(2, deposit), Err(StateError::WrongBalanceCount));
    }
    let mut overflowing = full;
    overflowing.streams[0].unit = Balance::MAX;
    assert_eq!(overflowing.verify_conservation(3, deposit), Err(StateError::Overflow));
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
