// SPDX-License-Identifier: Apache-2.0

//! The tower without chain, disk and network; storage on a real disk.

mod guarding;
mod keeping;
mod messages;
mod opening;
mod storing;

use crate::{
    ledger::Ledger,
    message::{Blob, Terms},
    receipt::TowerKey,
    sealing::{Answer, Place, Work},
};
use millrace_primitives_channels::{
    AccountId, ChannelAsset, ChannelId, ChannelState, Hash, Participant,
    api::{ChannelView, DisputeView, PhaseView},
    params::Amounts,
    state::Signatures,
    state_payload,
};
use polkadot_sdk::sp_core::{Pair as _, ed25519};

pub(crate) const GENESIS: Hash = Hash::repeat_byte(0xaa);
pub(crate) const CHANNEL: ChannelId = ChannelId::repeat_byte(7);

pub(crate) fn key() -> TowerKey {
    TowerKey::from_seed(&[3; 32])
}

pub(crate) fn place() -> Place {
    Place { genesis: GENESIS, tower: key().id(), work: Work::LEAST }
}

pub(crate) fn terms() -> Terms {
    Terms { place: place(), per_client: 3, in_total: 5, max_blocks: 1_000 }
}

pub(crate) fn ledger() -> Ledger {
    Ledger::new(terms(), key(), Vec::new())
}

pub(crate) fn blob(byte: u8) -> Blob {
    Blob::truncate_from(vec![byte; 100])
}

pub(crate) fn signers() -> [ed25519::Pair; 2] {
    [1, 2].map(|byte| ed25519::Pair::from_seed(&[byte; 32]))
}

/// A state of the channel that both participants signed.
pub(crate) fn answer(version: u64) -> Answer {
    let balances = Amounts::truncate_from(vec![4, 6]);
    let state = ChannelState { version, ..ChannelState::opening(CHANNEL, balances) };
    let payload = state_payload(&GENESIS, &state);
    let signatures = signers().iter().map(|key| key.sign(payload.as_bytes()).into()).collect();
    Answer { state, signatures: Signatures::truncate_from(signatures) }
}

/// The channel, disputed with this version.
pub(crate) fn disputed(version: u64) -> ChannelView {
    let participants = signers().map(|key| Participant {
        account: AccountId::new(key.public().0),
        signer: key.public().into(),
    });
    ChannelView {
        id: CHANNEL,
        at: 50,
        participants: participants.to_vec(),
        asset: ChannelAsset::Native,
        deposit: 10,
        locked: vec![5, 5],
        challenge_blocks: 20,
        opened_at: 1,
        opener: AccountId::new([1; 32]),
        base_version: 0,
        phase: PhaseView::Disputed(DisputeView {
            by: AccountId::new([1; 32]),
            bond: 8,
            reward: 4,
            reward_to: None,
            disputed_version: version,
            version,
            balances: vec![5, 5],
            pending: None,
            streams: Vec::new(),
            app: None,
            mover: None,
            deadline: 70,
            free_answers: 4,
        }),
        conclusion: None,
    }
}
