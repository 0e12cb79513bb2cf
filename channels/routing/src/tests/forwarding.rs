// SPDX-License-Identifier: Apache-2.0

//! Who forwards keeps its fee and its time; who is paid gets what it expects.

#![expect(clippy::result_large_err, reason = "as where failures are made")]

use crate::{
    fees::Terms,
    gossip::ChannelUpdate,
    names::Direction,
    onion::{
        Deliver, Failure, Forward, Incoming,
        forwarding::{Expected, TimeLimits, verify_delivery, verify_forward, verify_spontaneous},
    },
    tests::network::{NOW, free, party, update},
};
use millrace_primitives_channels::{ChannelId, transfer::hashlock};

const CHANNEL: ChannelId = ChannelId::repeat_byte(5);
const BLOCK: u32 = 1_000;
const LIMITS: TimeLimits = TimeLimits { least: 100, most: 5_000 };

fn own() -> ChannelUpdate {
    let terms = Terms {
        base_fee: 10,
        fee_ppm: 10_000,
        expiry_delta: 50,
        min_amount: 100,
        max_amount: 10_000,
        ..free()
    };
    update(&party(1), CHANNEL, Direction::Forth, NOW.millis, terms)
}

const FORWARD: Forward = Forward { channel: CHANNEL, amount: 1_000, expiry: 2_000 };
const INCOMING: Incoming = Incoming { amount: 1_020, expiry: 2_050 };

fn judge(incoming: Incoming, forward: Forward, own: ChannelUpdate) -> Result<(), Failure> {
    verify_forward(&incoming, &forward, &own, &LIMITS, BLOCK)
}

#[test]
fn a_node_forwards_for_its_fee_and_its_delta_and_not_for_less() {
    let own = own();
    assert_eq!(judge(INCOMING, FORWARD, own), Ok(()));
    let poor = Incoming { amount: 1_019, ..INCOMING };
    assert_eq!(judge(poor, FORWARD, own), Err(Failure::FeeTooLow(Some(own))));
    let late = Incoming { expiry: 2_049, ..INCOMING };
    assert_eq!(judge(late, FORWARD, own), Err(Failure::ExpiryDeltaTooSmall(Some(own))));
    let huge = Forward { amount: u128::MAX, ..FORWARD };
    assert_eq!(judge(INCOMING, huge, own), Err(Failure::AmountOutOfRange(Some(own))));
    let endless = Forward { expiry: u32::MAX, ..FORWARD };
    assert_eq!(judge(INCOMING, endless, own), Err(Failure::ExpiryDeltaTooSmall(Some(own))));
}

#[test]
fn a_node_forwards_within_its_limits_only() {
    let own = own();
    for amount in [99, 10_001] {
        let forward = Forward { amount, ..FORWARD };
        let incoming = Incoming { amount: 20_000, ..INCOMING };
        assert_eq!(judge(incoming, forward, own), Err(Failure::AmountOutOfRange(Some(own))));
    }
    let elsewhere = Forward { channel: ChannelId::zero(), ..FORWARD };
    assert_eq!(judge(INCOMING, elsewhere, own), Err(Failure::UnknownChannel));
    let mut disabled = own;
    disabled.offer.terms.is_disabled = true;
    assert_eq!(judge(INCOMING, FORWARD, disabled), Err(Failure::ChannelDisabled));
    let at = |expiry| {
        judge(Incoming { expiry: expiry + 50, ..INCOMING }, Forward { expiry, ..FORWARD }, own)
    };
    assert_eq!(at(1_100), Ok(()));
    assert_eq!(at(1_099), Err(Failure::ExpiryTooSoon));
    assert_eq!(at(5_950), Ok(()));
    assert_eq!(at(5_951), Err(Failure::ExpiryTooFar));
}

const SECRET: [u8; 32] = [3; 32];

fn deliver() -> Deliver {
    Deliver { amount: 400, total: 1_000, expiry: 1_200, secret: SECRET, preimage: None }
}

#[test]
fn a_payee_takes_what_its_invoice_says() {
    let expected =
        Expected { secret: SECRET, amount: Some(1_000), final_delta: 100, has_expired: false };
    let incoming = Incoming { amount: 400, expiry: 1_200 };
    let judge = |incoming, deliver, expected| verify_delivery(&incoming, &deliver, expected, BLOCK);
    assert_eq!(judge(incoming, deliver(), Some(&expected)), Ok(()));
    assert_eq!(judge(incoming, deliver(), None), Err(Failure::UnknownPayment));
    let other = Deliver { secret: [4; 32], ..deliver() };
    assert_eq!(judge(incoming, other, Some(&expected)), Err(Failure::UnknownPayment));
    let expired = Expected { has_expired: true, ..expected };
    assert_eq!(judge(incoming, deliver(), Some(&expired)), Err(Failure::UnknownPayment));
    for (total, verdict) in [
        (999, Err(Failure::UnknownPayment)),
        (2_000, Ok(())),
        (2_001, Err(Failure::UnknownPayment)),
    ] {
        let deliver = Deliver { total, ..deliver() };
        assert_eq!(judge(incoming, deliver, Some(&expected)), verdict, "{total}");
    }
    let any = Expected { amount: None, ..expected };
    assert_eq!(judge(incoming, Deliver { total: 1, ..deliver() }, Some(&any)), Ok(()));
    let stolen = Incoming { amount: 399, ..incoming };
    assert_eq!(judge(stolen, deliver(), Some(&expected)), Err(Failure::ChangedOnTheWay));
    let hurried = Incoming { expiry: 1_199, ..incoming };
    assert_eq!(judge(hurried, deliver(), Some(&expected)), Err(Failure::ChangedOnTheWay));
    let patient = Expected { final_delta: 201, ..expected };
    assert_eq!(judge(incoming, deliver(), Some(&patient)), Err(Failure::ExpiryTooSoon));
}

#[test]
fn a_spontaneous_payment_brings_its_preimage_and_comes_whole() {
    let preimage = [8; 32];
    let lock = hashlock(&preimage);
    let incoming = Incoming { amount: 400, expiry: 1_200 };
    let whole = Deliver { total: 400, preimage: Some(preimage), ..deliver() };
    let judge = |deliver: Deliver| verify_spontaneous(&incoming, &deliver, &lock, 100, BLOCK);
    assert_eq!(judge(whole), Ok(()));
    let wrong = Deliver { preimage: Some([9; 32]), ..whole };
    assert_eq!(judge(wrong), Err(Failure::UnknownPayment));
    assert_eq!(judge(Deliver { preimage: None, ..whole }), Err(Failure::UnknownPayment));
    assert_eq!(judge(Deliver { total: 401, ..whole }), Err(Failure::UnknownPayment));
    assert_eq!(judge(Deliver { amount: 0, total: 0, ..whole }), Err(Failure::ChangedOnTheWay));
}
