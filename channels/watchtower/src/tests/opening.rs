// SPDX-License-Identifier: Apache-2.0

//! Sealing, opening, and which of the opened answers is chosen.

use super::{CHANNEL, GENESIS, answer, disputed, key, place};
use crate::{
    judging::{choose, is_enforceable},
    ledger::Name,
    receipt::{HandedIn, Promise, ReceiptError, TowerKey},
    sealing::{Answer, ChannelSecret, MAX_BLOB_BYTES, Place, SealError, Work, commitment},
};
use millrace_primitives_channels::{
    AppState, ChannelId, ChannelState, Hash, PendingTransfers, Stream, params::Amounts,
    state::Signatures,
};
use polkadot_sdk::{
    sp_core::{ecdsa, ed25519},
    sp_runtime::{BoundedVec, MultiSignature},
};

fn secret() -> ChannelSecret {
    ChannelSecret::derive(&place(), &CHANNEL).expect("enough memory")
}

fn name(client: u8) -> Name {
    Name { locator: secret().locator(), client: [client; 32] }
}

#[test]
fn what_is_sealed_opens_for_its_channel_only() {
    let blob = secret().seal(&answer(9)).expect("it fits");
    assert_eq!(secret().open(&blob), Ok(answer(9)));
    let others = [
        ChannelSecret::derive(&place(), &ChannelId::repeat_byte(8)),
        ChannelSecret::derive(&Place { tower: [9; 32], ..place() }, &CHANNEL),
        ChannelSecret::derive(&Place { genesis: Hash::zero(), ..place() }, &CHANNEL),
        ChannelSecret::derive(
            &Place { work: Work { memory_kib: 16, passes: 1 }, ..place() },
            &CHANNEL,
        ),
    ];
    for other in others {
        let other = other.expect("enough memory");
        assert_ne!(other.locator(), secret().locator());
        assert_eq!(other.open(&blob), Err(SealError::Unopenable));
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    let blob = secret().seal(&answer(9)).expect("it fits");
    for index in 0..blob.len() {
        let mut changed = blob.clone();
        changed[index] ^= 1;
        assert_eq!(secret().open(&changed), Err(SealError::Unopenable), "byte {index}");
    }
    for length in 0..blob.len() {
        assert_eq!(secret().open(&blob[..length]), Err(SealError::Unopenable));
    }
}

#[test]
fn length_does_not_tell_small_states_apart() {
    let plain = secret().seal(&answer(1)).expect("it fits");
    let mut busy = answer(u64::MAX);
    busy.state.pending = Some(PendingTransfers {
        root: Hash::zero(),
        totals: Amounts::truncate_from(vec![u128::MAX; 2]),
        count: 1_000,
        last_expiry: u32::MAX,
    });
    let busy = secret().seal(&busy).expect("it fits");
    assert_eq!(plain.len(), busy.len());
    assert_ne!(plain[..24], busy[..24], "no nonce is used twice");
}

#[test]
fn largest_state_fits() {
    let stream = Stream {
        payer: 0,
        payee: 1,
        epoch: u32::MAX,
        root: Hash::repeat_byte(1),
        unit: u128::MAX,
        chains: u32::MAX,
        links: u32::MAX,
    };
    let signature = MultiSignature::Ecdsa(ecdsa::Signature::from_raw([7; 65]));
    let largest = Answer {
        state: ChannelState {
            channel: CHANNEL,
            version: u64::MAX,
            balances: Amounts::truncate_from(vec![u128::MAX; 8]),
            pending: Some(PendingTransfers {
                root: Hash::zero(),
                totals: Amounts::truncate_from(vec![u128::MAX; 8]),
                count: u32::MAX,
                last_expiry: u32::MAX,
            }),
            streams: BoundedVec::truncate_from(vec![stream; 4]),
            app: Some(AppState {
                id: Hash::zero(),
                data: BoundedVec::truncate_from(vec![1; 1_024]),
            }),
            is_final: true,
        },
        signatures: Signatures::truncate_from(vec![signature; 8]),
    };
    let blob = secret().seal(&largest).expect("it fits");
    assert!(blob.len() <= MAX_BLOB_BYTES);
    assert_eq!(secret().open(&blob), Ok(largest));
}

#[test]
fn excessive_work_is_refused_before_it_is_done() {
    let work = Work { memory_kib: u32::MAX, passes: 1 };
    let refusal = ChannelSecret::derive(&Place { work, ..place() }, &CHANNEL).err();
    assert_eq!(refusal, Some(SealError::Work { memory_kib: u32::MAX, passes: 1 }));
}

#[test]
fn receipt_is_genuine_until_anything_in_it_changes() {
    let promise = Promise {
        genesis: GENESIS,
        tower: key().id(),
        locator: secret().locator(),
        sequence: 1,
        commitment: commitment(b"sealed"),
        from: 5,
        until: 50,
    };
    let receipt = key().sign(promise);
    assert!(receipt.is_genuine());
    let mut longer = receipt.clone();
    longer.promise.until += 1;
    assert!(!longer.is_genuine());
    let mut other = receipt;
    other.promise.commitment = commitment(b"another");
    assert!(!other.is_genuine());
}

#[test]
fn client_relies_on_a_receipt_for_what_it_asked_only() {
    let (place, locator, blob) = (place(), secret().locator(), b"sealed");
    let wanted = HandedIn { place: &place, locator, sequence: 4, blob, until: 50 };
    let promise = Promise {
        genesis: GENESIS,
        tower: key().id(),
        locator,
        sequence: 4,
        commitment: commitment(blob),
        from: 5,
        until: 50,
    };
    assert_eq!(key().sign(promise).verify(&wanted), Ok(()));
    assert_eq!(key().sign(Promise { until: 51, ..promise }).verify(&wanted), Ok(()));
    let short = key().sign(Promise { until: 49, ..promise }).verify(&wanted);
    assert_eq!(short, Err(ReceiptError::TooShort { promised: 49, wanted: 50 }));
    for other in [
        Promise { sequence: 3, ..promise },
        Promise { commitment: commitment(b"old"), ..promise },
        Promise { locator: Hash::zero(), ..promise },
    ] {
        let refusal = key().sign(other).verify(&wanted);
        assert_eq!(refusal, Err(ReceiptError::OtherAppointment));
    }
    let other_chain = key().sign(Promise { genesis: Hash::zero(), ..promise });
    assert_eq!(other_chain.verify(&wanted), Err(ReceiptError::OtherTower));
    // Signed by whoever passes for the tower.
    let forged = TowerKey::from_seed(&[9; 32]).sign(promise);
    assert_eq!(forged.verify(&wanted), Err(ReceiptError::Forged));
}

#[test]
fn highest_enforceable_version_is_chosen() {
    let forged = {
        let mut answer = answer(99);
        answer.state.version = 100;
        answer
    };
    let choice = choose(
        &GENESIS,
        &disputed(1),
        [
            (name(1), Some(answer(5))),
            (name(2), Some(forged)),
            (name(3), None),
            (name(4), Some(answer(8))),
            (name(5), Some(answer(6))),
        ],
    );
    assert_eq!(choice.best, Some((name(4), answer(8))));
    assert_eq!(choice.useless, [name(2), name(3)]);
    assert_eq!(choice.lower, [(name(1), 5), (name(5), 6)]);
}

#[test]
fn nothing_is_enforceable_that_the_judge_would_refuse() {
    let view = disputed(1);
    assert!(is_enforceable(&GENESIS, &view, &answer(5)));
    assert!(!is_enforceable(&Hash::zero(), &view, &answer(5)), "another chain");

    let mut other_channel = view.clone();
    other_channel.id = ChannelId::repeat_byte(8);
    assert!(!is_enforceable(&GENESIS, &other_channel, &answer(5)));

    let mut richer = view.clone();
    richer.deposit = 11;
    assert!(!is_enforceable(&GENESIS, &richer, &answer(5)), "CH-1");

    let mut rebased = view.clone();
    rebased.base_version = 6;
    assert!(!is_enforceable(&GENESIS, &rebased, &answer(5)), "below the base");

    let mut unsigned = answer(5);
    unsigned.signatures.pop();
    assert!(!is_enforceable(&GENESIS, &view, &unsigned));

    let mut forged = answer(5);
    let bad = MultiSignature::Ed25519(ed25519::Signature::from_raw([0; 64]));
    if let Some(signature) = forged.signatures.get_mut(1) {
        *signature = bad;
    }
    assert!(!is_enforceable(&GENESIS, &view, &forged));
}
