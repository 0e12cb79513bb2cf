// SPDX-License-Identifier: Apache-2.0

//! The golden vectors: what every implementation has to compute alike, and what it has to refuse.
//!
//! Numbers that may exceed 2⁵³ are text, because not every reader of JSON keeps them exact.

use super::cast::*;
use crate::{payload::wrapped, stream, transfer, *};
use codec::{Decode, Encode};
use polkadot_sdk::sp_runtime::MultiSignature;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Where the golden vectors are. Run the tests with `MILLRACE_BLESS=1` to write them anew.
const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/channels.json");

/// Numbers of transfers in the vectors' trees.
const TREES: [u32; 5] = [1, 2, 3, 5, 512];

/// Bytes as hexadecimal text.
fn text(bytes: impl AsRef<[u8]>) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn decimals(numbers: &[impl ToString]) -> Vec<String> {
    numbers.iter().map(ToString::to_string).collect()
}

/// A payload and what a browser wallet signs instead.
fn payload(payload: Hash) -> Value {
    json!({ "raw": text(payload), "wrapped": text(wrapped(&payload)) })
}

fn described_state(state: &ChannelState) -> Value {
    json!({
        "channel": text(state.channel),
        "version": state.version.to_string(),
        "balances": decimals(&state.balances),
        "pending": state.pending.as_ref().map(|pending| json!({
            "root": text(pending.root),
            "totals": decimals(&pending.totals),
            "count": pending.count,
            "last_expiry": pending.last_expiry,
        })),
        "streams": state.streams.iter().map(described_stream).collect::<Vec<_>>(),
        "app": state.app.as_ref().map(|app| json!({
            "id": text(app.id),
            "data": text(&app.data),
        })),
        "is_final": state.is_final,
    })
}

fn described_stream(stream: &Stream) -> Value {
    json!({
        "payer": stream.payer,
        "payee": stream.payee,
        "epoch": stream.epoch,
        "root": text(stream.root),
        "unit": stream.unit.to_string(),
        "chains": stream.chains,
        "links": stream.links,
    })
}

fn described_transfer(transfer: &Transfer) -> Value {
    json!({
        "id": transfer.id.to_string(),
        "payer": transfer.payer,
        "payee": transfer.payee,
        "amount": transfer.amount.to_string(),
        "hashlock": text(transfer.hashlock),
        "expiry": transfer.expiry,
    })
}

fn described_proof(proof: &MerkleProof) -> Value {
    json!({
        "index": proof.index,
        "siblings": proof.siblings.iter().map(text).collect::<Vec<_>>(),
        "scale": text(proof.encode()),
    })
}

/// Everything but signatures, which some schemes make anew each time.
fn computed() -> Value {
    let (params, resize) = (params(), resize());
    json!({
        "genesis": text(genesis()),
        "params": params,
        "params_scale": text(params.encode()),
        "channel_id": text(channel()),
        "deposits": decimals(&deposits()),
        "open_payload": payload(open_payload(&genesis(), &params, &deposits())),
        "account_seeds": order().map(|number| text([number; 32])),
        "signer_seeds": order().map(|number| text([number + 100; 32])),
        "states": states().map(|state| json!({
            "state": described_state(&state),
            "scale": text(state.encode()),
            "payload": payload(state_payload(&genesis(), &state)),
        })),
        "resize": {
            "state": described_state(&resize.state),
            "deltas": decimals(&resize.deltas),
            "valid_until": resize.valid_until,
            "scale": text(resize.encode()),
            "payload": payload(resize_payload(&genesis(), &resize)),
        },
        "transfers": transfers_computed(),
        "streams": [stream_computed(&stream()), stream_computed(&small_stream())],
    })
}

/// Hash locks, leaves, roots and proofs of transfers.
fn transfers_computed() -> Value {
    let numbers = [0, 1, 511];
    let hashlocks = numbers.map(|number| {
        json!({
            "preimage": text(preimage(number)),
            "hashlock": text(transfer::hashlock(&preimage(number))),
        })
    });
    let leaves = numbers.map(|number| {
        json!({
            "transfer": described_transfer(&transfer(number)),
            "leaf": text(transfer(number).leaf()),
        })
    });
    json!({
        "rule": "transfer n: id n, payer n mod 3, payee (n + 1) mod 3, amount 1000 + n, expiry \
                 50000 + n; its preimage is n in four bytes, the lowest first, and 28 zeros",
        "hashlocks": hashlocks,
        "leaves": leaves,
        "trees": TREES.map(tree_computed),
        "refused": refused_proofs(),
    })
}

/// Root over the first `count` transfers, and the proofs of some of them.
fn tree_computed(count: u32) -> Value {
    let transfers = transfers(count);
    let proofs: Vec<_> = (0..count)
        .filter(|index| *index < 5 || [255, 256, 511].contains(index))
        .filter_map(|index| transfer::proof(&transfers, index))
        .map(|proof| described_proof(&proof))
        .collect();
    json!({ "count": count, "root": text(transfer::root(&transfers)), "proofs": proofs })
}

/// Proofs that a careless verifier accepts.
fn refused_proofs() -> Vec<Value> {
    let transfers = transfers(5);
    let last = transfer::proof(&transfers, 4).expect("there are five");
    let first = transfer::proof(&transfers, 0).expect("there are five");
    let mut longer = last.clone();
    longer.siblings.try_push(Hash::zero()).expect("there is room");
    let mut shorter = first.clone();
    shorter.siblings.pop();
    [
        ("the last of five, whose path is short, at place 1", 4, MerkleProof { index: 1, ..last.clone() }),
        ("the last of five at place 3", 4, MerkleProof { index: 3, ..last.clone() }),
        ("a place that does not exist", 4, MerkleProof { index: 5, ..last.clone() }),
        ("another transfer at the place", 1, first),
        ("one hash too many", 4, longer),
        ("one hash too few", 0, shorter),
    ]
    .map(|(why, number, proof)| {
        json!({ "why": why, "count": 5, "transfer": number, "proof": described_proof(&proof) })
    })
    .to_vec()
}

/// A claim and what it proves.
fn claim(stream: &Stream, link: stream::Link, depth: u32, proof: &MerkleProof) -> Value {
    json!({
        "link": text(link),
        "depth": depth,
        "proof": described_proof(proof),
        "units": stream::proven_units(stream, &salt(stream), link, depth, proof),
    })
}

/// Salt, tips, root and claims of a stream.
fn stream_computed(stream: &Stream) -> Value {
    let tips = tips(stream);
    let proof = |chain: u32| stream::proof(&tips, chain).expect("it is there");
    let right =
        (0..stream.chains).flat_map(|chain| (1..=stream.links).map(move |depth| (chain, depth)));
    let first = link(stream, 0, 1);
    let last = stream.chains - 1;
    // Every one of these proves nothing: their units are null.
    let mut refused = vec![
        claim(stream, tips[0], 0, &proof(0)),
        claim(stream, tips[0], 1, &proof(0)),
        claim(stream, first, 2, &proof(0)),
        claim(stream, first, stream.links + 1, &proof(0)),
        claim(stream, first, 1, &MerkleProof { index: last + 1, ..proof(0) }),
    ];
    if last > 1 {
        let elsewhere = MerkleProof { index: 1, ..proof(last) };
        refused.push(claim(stream, link(stream, last, 1), 1, &elsewhere));
    }
    json!({
        "rule": "the innermost link of chain n is n in four bytes, the lowest first, and 28 times \
                 0x5a; a tip is as many steps further as a chain has links",
        "stream": described_stream(stream),
        "reserve": stream.reserve().expect("it is small").to_string(),
        "salt": text(salt(stream)),
        "innermost": (0..stream.chains).map(|chain| text(innermost(chain))).collect::<Vec<_>>(),
        "tips": tips.iter().map(text).collect::<Vec<_>>(),
        "claims": right.map(|(chain, depth)| {
            claim(stream, link(stream, chain, depth), depth, &proof(chain))
        }).collect::<Vec<_>>(),
        "refused": refused,
    })
}

/// One signature for each participant over a payload, by the key that `key` gives.
fn signatures(over: Hash, key: impl Fn(usize, u8) -> Key) -> Value {
    let sign = |bytes: &[u8]| -> Vec<String> {
        let keys = order().into_iter().enumerate();
        keys.map(|(at, number)| text(key(at, number).sign(bytes).encode())).collect()
    };
    json!({ "raw": sign(over.as_bytes()), "wrapped": sign(&wrapped(&over)) })
}

/// Who signs a resize: whoever adds funds with the account's key, all others with their signers.
fn resize_key(at: usize, number: u8) -> Key {
    if resize().deltas[at] > 0 { account_key(number) } else { signer_key(number) }
}

/// Signatures over the vectors' payloads, raw and wrapped.
fn signed() -> Value {
    let opening = open_payload(&genesis(), &params(), &deposits());
    let accounts = [1, 2, 3].map(|kind| {
        let key = Key::new(kind, kind + 200);
        json!({
            "seed": text([kind + 200; 32]),
            "signer": key.public(),
            "account": text(key.account()),
            "raw": text(key.sign(opening.as_bytes()).encode()),
            "wrapped": text(key.sign(&wrapped(&opening)).encode()),
        })
    });
    json!({
        "open": signatures(opening, |_, number| account_key(number)),
        "states": states().map(|state| {
            signatures(state_payload(&genesis(), &state), |_, number| signer_key(number))
        }),
        "resize": signatures(resize_payload(&genesis(), &resize()), resize_key),
        // Accounts behind keys of every kind, over the payload of the opening.
        "accounts": accounts,
    })
}

/// The bytes that the vectors have at this place.
fn bytes(value: &Value) -> Vec<u8> {
    let digits = value.as_str().expect("bytes are text").trim_start_matches("0x");
    hex::decode(digits).expect("bytes are hexadecimal")
}

/// The signature that the vectors have at this place.
fn signature(value: &Value) -> MultiSignature {
    MultiSignature::decode(&mut &bytes(value)[..]).expect("a signature decodes")
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
    let (golden, computed) = (&GOLDEN["computed"], computed());
    for (part, value) in computed.as_object().expect("it has parts") {
        assert_eq!(golden[part], *value, "{part}");
    }
    assert_eq!(*golden, computed);
}

#[test]
fn encodings_of_the_golden_vectors_decode_to_what_they_encode() {
    for (nth, state) in states().into_iter().enumerate() {
        let scale = bytes(&GOLDEN["computed"]["states"][nth]["scale"]);
        assert_eq!(ChannelState::decode(&mut &scale[..]), Ok(state));
    }
    let scale = bytes(&GOLDEN["computed"]["resize"]["scale"]);
    assert_eq!(Resize::decode(&mut &scale[..]), Ok(resize()));
    let scale = bytes(&GOLDEN["computed"]["params_scale"]);
    assert_eq!(ChannelParams::decode(&mut &scale[..]), Ok(params()));
}

#[test]
fn signatures_of_the_golden_vectors_are_valid_raw_and_wrapped() {
    let opening = open_payload(&genesis(), &params(), &deposits());
    let golden = &GOLDEN["signatures"];
    for (at, participant) in params().participants.iter().enumerate() {
        for form in ["raw", "wrapped"] {
            let consent = signature(&golden["open"][form][at]);
            assert!(verify_account(&consent, &participant.account, &opening));
            for (nth, state) in states().iter().enumerate() {
                let payload = state_payload(&genesis(), state);
                let signature = signature(&golden["states"][nth][form][at]);
                assert!(verify_signer(&signature, &participant.signer, &payload));
                assert!(!verify_signer(&signature, &participant.signer, &opening));
            }
        }
    }
}

#[test]
fn golden_resize_is_signed_by_the_account_that_adds_and_by_signers_of_the_others() {
    let payload = resize_payload(&genesis(), &resize());
    for (at, participant) in params().participants.iter().enumerate() {
        let adds = resize().deltas[at] > 0;
        for form in ["raw", "wrapped"] {
            let signature = signature(&GOLDEN["signatures"]["resize"][form][at]);
            assert_eq!(verify_account(&signature, &participant.account, &payload), adds);
            assert_eq!(verify_signer(&signature, &participant.signer, &payload), !adds);
        }
    }
}

#[test]
fn accounts_behind_keys_of_every_kind_can_consent() {
    let opening = open_payload(&genesis(), &params(), &deposits());
    for golden in GOLDEN["signatures"]["accounts"].as_array().expect("there are three") {
        let account = AccountId::decode(&mut &bytes(&golden["account"])[..]).expect("32 bytes");
        for form in ["raw", "wrapped"] {
            let signature = signature(&golden[form]);
            assert!(verify_account(&signature, &account, &opening));
            assert!(!verify_account(&signature, &account, &channel()));
            assert!(!verify_account(&signature, &AccountId::new([0; 32]), &opening));
        }
    }
}

#[test]
fn what_the_golden_vectors_refuse_is_refused() {
    let computed = computed();
    let root = transfer::root(&transfers(5));
    for refused in computed["transfers"]["refused"].as_array().expect("there are some") {
        let number = refused["transfer"].as_u64().expect("it is a number") as u32;
        let proof = MerkleProof::decode(&mut &bytes(&refused["proof"]["scale"])[..]);
        let proof = proof.expect("it is a proof");
        assert!(!transfer::verify(&root, 5, &transfer(number), &proof), "{}", refused["why"]);
    }
    for stream in computed["streams"].as_array().expect("there are some") {
        for refused in stream["refused"].as_array().expect("there are some") {
            assert!(refused["units"].is_null(), "{refused}");
        }
        for claim in stream["claims"].as_array().expect("there are some") {
            assert!(claim["units"].is_u64(), "{claim}");
        }
    }
}
