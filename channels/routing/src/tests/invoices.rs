// SPDX-License-Identifier: Apache-2.0

//! Invoices survive paper, phones and strangers.

use crate::{
    invoices::{
        Description, HUMAN_READABLE_PART, Hint, HintHop, Invoice, InvoiceError, InvoiceTerms,
        MAX_TEXT_CHARS,
        invoice::{MAX_LIFETIME, network_id},
    },
    names::{Direction, NodeSigner},
    onion::OnionPublic,
    tests::network::{GENESIS, party},
};
use bech32::{Bech32, Bech32m, Hrp};
use codec::{Compact, Encode};
use millrace_primitives_channels::{ChannelAsset, ChannelId, Hash, transfer::hashlock};
use proptest::prelude::*;

pub fn terms() -> InvoiceTerms {
    let payee = party(1);
    InvoiceTerms {
        payee: payee.id(),
        onion_key: payee.onion.public(),
        asset: ChannelAsset::Native,
        amount: Some(Compact(123_456_789)),
        hashlock: hashlock(&[1; 32]),
        secret: [2; 32],
        created_at: 1_800_000_000,
        lifetime: 3_600,
        final_delta: 200,
        description: Description::words("Zwei Brötchen").unwrap(),
        hints: Default::default(),
    }
}

fn hint_hop(number: u32) -> HintHop {
    let node = party(number);
    HintHop {
        node: node.id(),
        onion_key: Some(node.onion.public()),
        channel: ChannelId::repeat_byte(number as u8),
        direction: Direction::Back,
        base_fee: 5,
        fee_ppm: 100,
        expiry_delta: 40,
        max_amount: 1_000_000_000,
    }
}

fn sign(terms: InvoiceTerms) -> Result<Invoice, InvoiceError> {
    Invoice::sign(terms, &GENESIS, &party(1).node)
}

fn read(text: &str) -> Result<Invoice, InvoiceError> {
    Invoice::from_text(text, &GENESIS)
}

/// A text with a right checksum around any bytes.
fn around(bytes: &[u8]) -> String {
    bech32::encode::<Bech32m>(Hrp::parse(HUMAN_READABLE_PART).unwrap(), bytes).unwrap()
}

#[test]
fn an_invoice_comes_back_from_its_text_and_from_its_qr_code() {
    let mut with_hints = terms();
    let hint = |numbers: &[u32]| -> Hint {
        numbers.iter().map(|number| hint_hop(*number)).collect::<Vec<_>>().try_into().unwrap()
    };
    with_hints.hints = vec![hint(&[5, 6])].try_into().unwrap();
    let mut open = terms();
    open.amount = None;
    open.description = Description::Digest(Hash::repeat_byte(9));
    for terms in [terms(), with_hints, open] {
        let invoice = sign(terms.clone()).unwrap();
        let text = invoice.to_text();
        assert!(text.starts_with("mrpay1") && text.len() <= MAX_TEXT_CHARS, "{}", text.len());
        assert_eq!(read(&text).unwrap(), invoice);
        assert_eq!(read(&format!(" \n{text}\t")).unwrap().terms(), &terms);
        let qr = invoice.to_qr();
        assert!(qr.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()));
        assert_eq!(read(&qr).unwrap(), invoice);
    }
}

#[test]
fn a_mistyped_character_is_noticed_wherever_it_is() {
    let text = sign(terms()).unwrap().to_text();
    for place in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[place] = if bytes[place] == b'q' { b'p' } else { b'q' };
        let mistyped = String::from_utf8(bytes).unwrap();
        assert!(read(&mistyped).is_err(), "character {place}");
    }
    for cut in 0..text.len() {
        assert!(read(&text[..cut]).is_err(), "cut at {cut}");
    }
    let mixed = format!("{}{}", &text[..20], text[20..].to_uppercase());
    assert!(matches!(read(&mixed), Err(InvoiceError::NotBech32m(_))));
    assert!(matches!(read(&"q".repeat(1_024)), Err(InvoiceError::TooLong { chars: 1_024, .. })));
}

#[test]
fn an_invoice_of_another_network_says_so() {
    let elsewhere = Hash::repeat_byte(1);
    let invoice = Invoice::sign(terms(), &elsewhere, &party(1).node).unwrap();
    let expected = hex::encode(network_id(&GENESIS));
    let found = "01".repeat(8);
    assert_eq!(read(&invoice.to_text()), Err(InvoiceError::OtherNetwork { found, expected }));
    // A network whose id is the same by chance or design is told apart by the signature.
    let mut twin = GENESIS;
    twin.0[31] ^= 1;
    let invoice = Invoice::sign(terms(), &twin, &party(1).node).unwrap();
    assert!(matches!(read(&invoice.to_text()), Err(InvoiceError::BadSignature { .. })));
}

#[test]
fn only_the_payee_can_sign() {
    let forged = Invoice::sign(terms(), &GENESIS, &party(2).node);
    assert_eq!(forged, Err(InvoiceError::BadSignature { payee: party(1).id() }));
    let honest = sign(terms()).unwrap();
    let mut dearer = terms();
    dearer.amount = Some(Compact(999_999_999));
    let changed = (network_id(&GENESIS), dearer, honest.signature());
    let text = around(&[vec![1], changed.encode()].concat());
    assert_eq!(read(&text), Err(InvoiceError::BadSignature { payee: party(1).id() }));
}

#[test]
fn one_invoice_has_one_text() {
    let invoice = sign(terms()).unwrap();
    let text = invoice.to_text();
    // The same bytes with spare bits set, under a right checksum.
    let bytes =
        [vec![1], (invoice.network(), invoice.terms(), invoice.signature()).encode()].concat();
    assert_eq!(around(&bytes), text);
    assert_ne!(bytes.len() * 8 % 5, 0, "the example has spare bits");
    let hrp = Hrp::parse(HUMAN_READABLE_PART).unwrap();
    use bech32::primitives::iter::{ByteIterExt, Fe32IterExt};
    let mut digits: Vec<bech32::Fe32> = bytes.iter().copied().bytes_to_fes().collect();
    let last = digits.pop().unwrap();
    digits.push(bech32::Fe32::try_from(last.to_u8() | 1).unwrap());
    let other: String = digits.iter().copied().with_checksum::<Bech32m>(&hrp).chars().collect();
    assert_ne!(other, text);
    assert_eq!(read(&other), Err(InvoiceError::NotCanonical));
}

#[test]
fn other_texts_are_told_what_they_are() {
    let bytes = [0; 40];
    let other = bech32::encode::<Bech32m>(Hrp::parse("lnbc").unwrap(), &bytes).unwrap();
    let kind = InvoiceError::OtherKind { found: "lnbc".into(), expected: "mrpay" };
    assert_eq!(read(&other), Err(kind));
    let old = bech32::encode::<Bech32>(Hrp::parse("mrpay").unwrap(), &bytes).unwrap();
    assert!(matches!(read(&old), Err(InvoiceError::NotBech32m(_))), "the older checksum");
    let newer = around(&[2, 0, 0]);
    assert_eq!(read(&newer), Err(InvoiceError::UnknownVersion { received: 2, spoken: 1 }));
    assert!(matches!(read(&around(&[])), Err(InvoiceError::Malformed(_))));
    assert!(matches!(read(&around(&[1, 0])), Err(InvoiceError::Malformed(_))));
    for text in ["", "1", "mrpay", "mrpay1", "ÄÖÜ", "mrpay1\u{0}", "🦀"] {
        assert!(read(text).is_err());
    }
}

#[test]
fn what_nobody_could_pay_is_no_invoice() {
    type Change = fn(&mut InvoiceTerms);
    let changes: [(&str, Change); 7] = [
        ("nothing", |terms| terms.amount = Some(Compact(0))),
        ("no time", |terms| terms.lifetime = 0),
        ("an age", |terms| terms.lifetime = MAX_LIFETIME + 1),
        ("a locked age", |terms| terms.final_delta = 14_401),
        ("control characters", |terms| {
            terms.description = Description::Words(b"a\nb".to_vec().try_into().unwrap());
        }),
        ("no key", |terms| terms.onion_key = OnionPublic([5; 33])),
        ("an empty hint", |terms| terms.hints = vec![Hint::default()].try_into().unwrap()),
    ];
    for (what, change) in changes {
        let mut terms = terms();
        change(&mut terms);
        assert!(matches!(sign(terms), Err(InvoiceError::Unpayable(_))), "{what}");
    }
    assert_eq!(Description::words("a\nb"), None);
    assert_eq!(Description::words(&"x".repeat(161)), None);
}

#[test]
fn an_invoice_that_would_be_too_long_is_not_made() {
    let mut long = terms();
    long.description = Description::words(&"x".repeat(160)).unwrap();
    let hint: Hint = vec![hint_hop(5), hint_hop(6)].try_into().unwrap();
    long.hints = vec![hint; 3].try_into().unwrap();
    let Err(InvoiceError::TooLong { chars, limit }) = sign(long) else {
        panic!("it is too long");
    };
    assert!(chars > limit && limit == MAX_TEXT_CHARS);
}

#[test]
fn an_invoice_counts_for_its_time() {
    let terms = terms();
    assert!(!terms.has_expired(1_800_003_599));
    assert!(terms.has_expired(1_800_003_600));
    assert!(terms.expected(1_800_003_600).has_expired);
    let mut endless = terms;
    endless.created_at = u64::MAX;
    assert!(!endless.has_expired(u64::MAX - 1));
}

#[test]
fn hints_become_edges_that_end_at_the_payee() {
    let mut terms = terms();
    terms.hints = vec![vec![hint_hop(5), hint_hop(6)].try_into().unwrap()].try_into().unwrap();
    let edges = terms.hint_edges();
    let ends: Vec<_> = edges.iter().map(|edge| (edge.from, edge.to)).collect();
    let [five, six, payee] = [5, 6, 1].map(|number| party(number).id());
    assert_eq!(ends, [(five, six), (six, payee)]);
    assert_eq!((edges[0].terms.base_fee, edges[0].terms.expiry_delta), (5, 40));
    assert_eq!(terms.onion_key_of(&six), Some(party(6).onion.public()));
    assert_eq!(terms.onion_key_of(&payee), Some(terms.onion_key));
    assert_eq!(terms.onion_key_of(&party(9).node.node()), None);
}

proptest! {
    #[test]
    fn arbitrary_text_does_no_harm(text in ".{0,300}") {
        prop_assert!(read(&text).is_err());
    }

    #[test]
    fn arbitrary_bytes_under_a_right_checksum_do_no_harm(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        is_versioned: bool,
    ) {
        let bytes = if is_versioned { [vec![1], bytes].concat() } else { bytes };
        prop_assert!(read(&around(&bytes)).is_err());
    }

    #[test]
    fn changed_invoices_under_a_right_checksum_are_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 1_u8..), 1..5),
    ) {
        let invoice = sign(terms()).unwrap();
        let honest =
            [vec![1], (invoice.network(), invoice.terms(), invoice.signature()).encode()].concat();
        let mut bytes = honest.clone();
        for (place, change) in changes {
            let place = place.index(bytes.len());
            bytes[place] ^= change;
        }
        prop_assume!(bytes != honest);
        prop_assert!(read(&around(&bytes)).is_err());
    }

    #[test]
    fn whatever_is_asked_for_comes_back(
        amount: Option<u128>,
        created_at: u64,
        lifetime in 1_u32..=MAX_LIFETIME,
        final_delta in 0_u32..14_000,
        words in "[^\\p{C}]{0,40}",
        hints in 0_usize..3,
    ) {
        let mut terms = terms();
        terms.amount = amount.filter(|amount| *amount > 0).map(Compact);
        (terms.created_at, terms.lifetime, terms.final_delta) = (created_at, lifetime, final_delta);
        terms.description = Description::words(&words).unwrap();
        let hint: Hint = vec![hint_hop(5)].try_into().unwrap();
        terms.hints = vec![hint; hints].try_into().unwrap();
        let invoice = sign(terms).unwrap();
        prop_assert_eq!(read(&invoice.to_text()).unwrap(), invoice);
    }
}
