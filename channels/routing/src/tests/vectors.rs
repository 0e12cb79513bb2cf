// SPDX-License-Identifier: Apache-2.0

//! The bytes that travel do not change by accident. Who changes them on purpose raises the version
//! that they begin with, and writes down the new ones here.

use crate::{
    invoices::Invoice,
    onion::Failure,
    tests::{
        invoices::terms,
        messages::examples,
        network::{GENESIS, party},
        onions::{layers, wrapped},
    },
};
use polkadot_sdk::sp_io::hashing::blake2_256;

fn fingerprint(bytes: &[u8]) -> String {
    hex::encode(&blake2_256(bytes)[..8])
}

#[test]
fn gossip_keeps_its_bytes() {
    let found: Vec<String> =
        examples().iter().map(|message| fingerprint(&message.to_bytes())).collect();
    let written = [
        "25cad8aeb6548780",
        "20b9417d04505ffe",
        "78fe9afae5179258",
        "13510e434c803ffb",
        "579d4b7becfb2ff8",
        "ea15f309f795e5a6",
    ];
    assert_eq!(found, written);
}

#[test]
fn packets_and_errors_keep_their_bytes() {
    let (parties, packet, _) = wrapped(3);
    let written = ["1eef50bc7e7be25e", "8246416cc899e122", "6985e6d66060c11a"];
    let first = fingerprint(&packet.to_bytes());
    let layers = layers(&parties, packet);
    let crate::onion::Peeled::Forward(_, next) = &layers[0].peeled else {
        panic!("the first hop forwards");
    };
    let error = Failure::ChannelBusy.wrap(&layers[1].secret);
    assert_eq!([first, fingerprint(&next.to_bytes()), fingerprint(&error)], written);
}

#[test]
fn an_invoice_keeps_its_text() {
    let text = Invoice::sign(terms(), &GENESIS, &party(1).node).unwrap().to_text();
    let written = "mrpay1qyrswpc8qurswp7m2tp0d065zzlm0jw7vf3ju6yqqd3hlzj9ptd4yzxr6gdwat0sqcpwha2p9c\
        4zcz6afzncm6t7k5k9k05tp0gdxjnhg9y67xu6a5xfp8qqq9trgmcawtxkappzcsrlkmgfs6g0zyct0h\
        khashh7hsaxz7e65slq9fkx7fsyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqsrqr\
        fyj66p8qssxqpctfmk26fqgfev8dn5vd5x2msqcanyy0jldnejw9p30309edh7c4f23m9e3rctkfqhcg\
        qyjhuk0rv7dltmn78t6txy99nzkjedjdhzytp5wus8sny6at7z73du8mw25rqre97wm";
    assert_eq!(text, written);
}
