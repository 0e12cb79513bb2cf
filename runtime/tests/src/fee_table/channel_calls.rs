// SPDX-License-Identifier: Apache-2.0

//! Calls of channels, as large as they may be.

use millrace_primitives_channels::{
    ChannelAsset, ChannelId, ChannelParams, ChannelState, MerkleProof, Participant, Resize,
    Transfer, params::Amounts, state::Signatures,
};
use millrace_runtime::{constants::money::MILL, *};
use polkadot_sdk::{
    sp_core::sr25519,
    sp_runtime::{BoundedVec, MultiSigner},
};

/// Parameters of a channel of `parties`.
fn params(parties: u8) -> ChannelParams {
    let participants = (1..=parties)
        .map(|number| Participant {
            account: AccountId::new([number; 32]),
            signer: MultiSigner::Sr25519(sr25519::Public::from_raw([number; 32])),
        })
        .collect::<Vec<_>>();
    ChannelParams {
        participants: BoundedVec::truncate_from(participants),
        asset: ChannelAsset::Native,
        challenge_blocks: 1_800,
        open_by: 43_200,
        nonce: u64::MAX,
    }
}

fn amounts(parties: u8) -> Amounts {
    BoundedVec::truncate_from(vec![1_000 * MILL; usize::from(parties)])
}

/// As many signatures as there are parties; what they say does not matter for the cost.
fn signatures(parties: u8) -> Signatures {
    let signature = Signature::Sr25519(sr25519::Signature::from_raw([0; 64]));
    BoundedVec::truncate_from(vec![signature; usize::from(parties)])
}

fn state(parties: u8) -> ChannelState {
    ChannelState {
        version: u64::MAX,
        ..ChannelState::opening(ChannelId::repeat_byte(1), amounts(parties))
    }
}

/// The calls of the table, for a channel of `parties`.
pub fn of_parties(parties: u8) -> Vec<(&'static str, RuntimeCall)> {
    let (state, signatures) = (state(parties), signatures(parties));
    let last = ChannelState { is_final: true, ..state.clone() };
    let channel = ChannelId::repeat_byte(1);
    let resize = Resize {
        state: state.clone(),
        deltas: BoundedVec::truncate_from(vec![MILL as i128; usize::from(parties)]),
        valid_until: 43_200,
    };
    let calls: Vec<(_, pallet_channels::Call<Runtime>)> = vec![
        (
            "open",
            pallet_channels::Call::open {
                params: params(parties),
                deposits: amounts(parties),
                signatures: signatures.clone(),
            },
        ),
        ("settle", pallet_channels::Call::settle { state: last, signatures: signatures.clone() }),
        ("resize", pallet_channels::Call::resize { resize, signatures: signatures.clone() }),
        (
            "dispute",
            pallet_channels::Call::dispute { state: state.clone(), signatures: signatures.clone() },
        ),
        (
            "answer",
            pallet_channels::Call::answer { state, signatures, reward_to: AccountId::new([9; 32]) },
        ),
        ("conclude", pallet_channels::Call::conclude { channel }),
    ];
    calls.into_iter().map(|(name, call)| (name, call.into())).collect()
}

/// Calls whose cost does not depend on the number of parties.
pub fn of_any_channel() -> Vec<(&'static str, RuntimeCall)> {
    let channel = ChannelId::repeat_byte(1);
    let proof = |siblings| MerkleProof {
        index: 0,
        siblings: BoundedVec::truncate_from(vec![Hash::repeat_byte(2); siblings]),
    };
    let transfer = Transfer {
        id: u64::MAX,
        payer: 0,
        payee: 1,
        amount: MILL,
        hashlock: Hash::repeat_byte(3),
        expiry: 43_200,
    };
    let calls: Vec<(_, pallet_channels::Call<Runtime>)> = vec![
        ("reveal", pallet_channels::Call::reveal { preimage: [1; 32] }),
        (
            "claim`, one of 512 transfers, `",
            pallet_channels::Call::claim { channel, transfer, proof: proof(9) },
        ),
        (
            "refund`, one of 512 transfers, `",
            pallet_channels::Call::refund { channel, transfer, proof: proof(9) },
        ),
        (
            "claimStream`, 64 links, 2¹⁴ chains, `",
            pallet_channels::Call::claim_stream {
                channel,
                stream: 0,
                link: [1; 32],
                depth: 64,
                proof: proof(14),
            },
        ),
    ];
    calls.into_iter().map(|(name, call)| (name, call.into())).collect()
}
