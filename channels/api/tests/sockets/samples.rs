// SPDX-License-Identifier: Apache-2.0

//! Parameters for every route, and what the test double answers with.

use millrace_channels_api::{types::*, values::*};
use serde_json::{Value, json};

pub const PEER: &str = "12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo";
pub const ACCOUNT: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

/// An id of 32 equal bytes.
pub fn id(byte: u8) -> String {
    format!("0x{}", format!("{byte:02x}").repeat(32))
}

/// Parameters with which a method of the test double succeeds.
pub fn params(method: &str) -> Value {
    match method {
        "status"
        | "health"
        | "identity"
        | "statistics"
        | "peers_list"
        | "chain_head"
        | "transactions_pending"
        | "streams_list"
        | "watchtowers_list"
        | "fees_get" => json!({}),
        "backup_create" => json!({ "name": "before-upgrade" }),
        "peers_connect" => json!({ "peer": PEER, "addresses": ["/ip4/203.0.113.7/tcp/9955"] }),
        "peers_disconnect" => json!({ "peer": PEER }),
        "chain_block" => json!({ "block": "1024" }),
        "accounts_balance" => json!({ "account": ACCOUNT }),
        "accounts_history" => json!({ "account": ACCOUNT, "limit": 7, "after": "a/b+c=d%&" }),
        "transactions_submit" => json!({ "extrinsic": "0x280403000b" }),
        "channels_open" => json!({ "peer": PEER, "ours": "5000000000000", "public": true }),
        "channels_list" => json!({ "phase": "open", "peer": PEER, "limit": 1 }),
        "channels_get" | "channels_close" | "channels_force_close" => json!({ "channel": id(1) }),
        "channels_resize" => json!({ "channel": id(1), "direction": "add", "amount": "7" }),
        "payments_send" => {
            json!({ "to": { "peer": PEER }, "amount": "340282366920938463463374607431768211455", "note": "rent & more" })
        }
        "payments_pay_invoice" => json!({ "invoice": "mill1qqqq", "fee_limit": "9" }),
        "payments_list" => json!({ "direction": "outgoing", "state": "succeeded" }),
        "payments_get" => json!({ "payment": id(2) }),
        "streams_start" => {
            json!({ "channel": id(1), "unit": "1", "pulses_per_second": 1000, "total": "1000000" })
        }
        "streams_stop" => json!({ "stream": id(3) }),
        "invoices_create" => json!({ "amount": "12", "note": "tea", "expires_in_seconds": 60 }),
        "invoices_list" => json!({ "state": "open" }),
        "invoices_decode" => json!({ "invoice": "mill1qqqq" }),
        "graph_channels" => json!({ "peer": PEER }),
        "fees_set" => {
            json!({ "policy": { "base": "1", "millionths": 100, "expiry_delta_blocks": 40, "enabled": true } })
        }
        "events_list" => json!({ "after": 0, "limit": 10 }),
        other => panic!("no parameters for {other}"),
    }
}

pub fn hash(byte: u8) -> [u8; 32] {
    [byte; 32]
}

pub fn peer() -> Peer {
    PEER.parse().unwrap()
}

pub fn account() -> Account {
    ACCOUNT.parse().unwrap()
}

pub fn channel(id: ChannelId) -> Channel {
    Channel {
        channel: id,
        phase: Phase::Open,
        peer: Some(peer()),
        connected: true,
        shares: vec![Share { account: account(), balance: Amount(5), own: true }],
        deposit: Amount(10),
        ours: Amount(5),
        pending: Amount(0),
        reserved: Amount(0),
        sendable: Amount(4),
        receivable: Amount(u128::MAX),
        version: u64::from(u32::MAX) + 1,
        settled: false,
        challenge_blocks: 100,
        deadline: None,
        public: false,
        created_at: 1_800_000_000,
    }
}

pub fn payment(amount: Amount, note: Option<Note>) -> Payment {
    Payment {
        payment: PaymentId(hash(2)),
        direction: Direction::Outgoing,
        state: PaymentState::Succeeded,
        amount,
        fee: Amount(1),
        payee: Some(peer()),
        hash: Some(PaymentHash(hash(4))),
        preimage: Some(Preimage(hash(5))),
        parts: 1,
        failure: None,
        note,
        created_at: 1_800_000_000,
        decided_at: Some(1_800_000_001),
    }
}

pub fn stream(channel: ChannelId) -> Stream {
    Stream {
        stream: StreamId(hash(3)),
        channel,
        direction: Direction::Outgoing,
        state: StreamState::Running,
        unit: Amount(1),
        pulses_per_second: 1_000,
        pulses: 12,
        paid: Amount(12),
        total: Amount(1_000_000),
        started_at: 1_800_000_000,
    }
}

pub fn watchtowers(channel: ChannelId) -> Watchtowers {
    let covers = Cover { channel, newest: 8, version: Some(7), until: Some(1_000_000) };
    let tower = Watchtower {
        peer: peer(),
        address: "/ip4/203.0.113.7/tcp/9750".parse().unwrap(),
        connected: false,
        problem: Some("it is full".to_owned()),
        covered: 0,
        behind: 1,
        channels: vec![covers],
    };
    Watchtowers { client: peer(), items: vec![tower] }
}

pub fn invoice(amount: Option<Amount>, note: Option<Note>) -> Invoice {
    Invoice {
        invoice: "mill1qqqq".parse().unwrap(),
        qr: "MILL1QQQQ".to_owned(),
        hash: PaymentHash(hash(4)),
        state: InvoiceState::Open,
        amount,
        paid: None,
        note,
        created_at: 1_800_000_000,
        expires_at: 1_800_000_060,
    }
}

pub fn peer_info() -> PeerInfo {
    PeerInfo {
        peer: peer(),
        connected: true,
        direction: Direction::Incoming,
        addresses: vec!["/ip4/203.0.113.7/tcp/9955".parse().unwrap()],
        channels: 1,
        since: 1_800_000_000,
    }
}

pub fn fees() -> FeePolicy {
    FeePolicy {
        base: Amount(1),
        millionths: 100,
        expiry_delta_blocks: 40,
        least: Amount(0),
        enabled: true,
    }
}

pub fn head() -> ChainHead {
    ChainHead {
        height: 1_026,
        hash: BlockHash(hash(6)),
        final_height: 1_024,
        final_hash: BlockHash(hash(7)),
    }
}

pub fn health() -> Health {
    Health { live: true, ready: true, reasons: Vec::new() }
}
