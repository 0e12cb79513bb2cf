// SPDX-License-Identifier: Apache-2.0

//! The parties, states and transfers of all tests, made from small numbers by rules that any
//! implementation can follow.

use crate::{
    params::Amounts,
    resize::{Deltas, Resize},
    stream::{self, Link, Salt},
    transfer::{self, Preimage},
    *,
};
use polkadot_sdk::{
    sp_core::{Pair, ecdsa, ed25519, sr25519},
    sp_runtime::{BoundedVec, MultiSignature, MultiSigner, traits::IdentifyAccount},
};

/// A key of any of the three kinds.
pub struct Key {
    /// 1 is sr25519, 2 is ed25519, 3 is ecdsa.
    kind: u8,
    seed: [u8; 32],
}

impl Key {
    /// The key whose seed is 32 times `byte`.
    pub fn new(kind: u8, byte: u8) -> Self {
        Self { kind, seed: [byte; 32] }
    }

    pub fn sign(&self, bytes: &[u8]) -> MultiSignature {
        match self.kind {
            1 => sr25519::Pair::from_seed(&self.seed).sign(bytes).into(),
            2 => ed25519::Pair::from_seed(&self.seed).sign(bytes).into(),
            _ => ecdsa::Pair::from_seed(&self.seed).sign(bytes).into(),
        }
    }

    pub fn public(&self) -> MultiSigner {
        match self.kind {
            1 => sr25519::Pair::from_seed(&self.seed).public().into(),
            2 => ed25519::Pair::from_seed(&self.seed).public().into(),
            _ => ecdsa::Pair::from_seed(&self.seed).public().into(),
        }
    }

    pub fn account(&self) -> AccountId {
        self.public().into_account()
    }
}

/// Account key of the party with this number.
pub fn account_key(number: u8) -> Key {
    Key::new(1, number)
}

/// Signs states of the party with this number; each party has a key of another kind.
pub fn signer_key(number: u8) -> Key {
    Key::new(number, number + 100)
}

/// Numbers of the three parties in the order of their accounts.
pub fn order() -> [u8; 3] {
    let mut numbers = [1, 2, 3];
    numbers.sort_by_key(|it| account_key(*it).account());
    numbers
}

pub fn genesis() -> Hash {
    Hash::repeat_byte(0x9e)
}

pub fn amounts(amounts: &[Balance]) -> Amounts {
    Amounts::truncate_from(amounts.to_vec())
}

pub fn params() -> ChannelParams {
    let participants = order()
        .map(|it| Participant {
            account: account_key(it).account(),
            signer: signer_key(it).public(),
        })
        .to_vec();
    ChannelParams {
        participants: BoundedVec::truncate_from(participants),
        asset: ChannelAsset::Native,
        challenge_blocks: 1_800,
        open_by: 43_200,
        nonce: 7,
    }
}

pub fn channel() -> ChannelId {
    channel_id(&genesis(), &params())
}

pub fn deposits() -> Amounts {
    amounts(&[1_000_000_000_000, 500, 0])
}

/// Sum of [`deposits`].
pub const DEPOSIT: Balance = 1_000_000_000_500;

/// A plain state, and one that uses every field.
pub fn states() -> [ChannelState; 2] {
    let opening = ChannelState::opening(channel(), deposits());
    let plain = ChannelState {
        version: 10_000,
        balances: amounts(&[1, 2, 1_000_000_000_497]),
        is_final: true,
        ..opening.clone()
    };
    let full = ChannelState {
        version: u64::MAX,
        balances: amounts(&[999_999_997_000, 396, 0]),
        pending: Some(PendingTransfers {
            root: transfer::root(&transfers(3)),
            totals: amounts(&[1_000, 1_001, 1_002]),
            count: 3,
            last_expiry: 50_002,
        }),
        streams: BoundedVec::truncate_from(vec![stream(), small_stream()]),
        app: Some(AppState {
            id: Hash::repeat_byte(3),
            data: BoundedVec::truncate_from(vec![1, 2, 3]),
        }),
        ..opening
    };
    [plain, full]
}

/// The first participant adds funds, the second takes some out, the third does neither.
pub fn resize() -> Resize {
    let state = ChannelState {
        version: 10_001,
        balances: amounts(&[1_000_000_001_000, 0, 10]),
        is_final: false,
        ..ChannelState::opening(channel(), deposits())
    };
    Resize { state, deltas: Deltas::truncate_from(vec![1_000, -490, 0]), valid_until: 60_000 }
}

/// The preimage with this number: the number in its first four bytes, the lowest first.
pub fn preimage(number: u32) -> Preimage {
    let mut preimage = Preimage::default();
    preimage[..4].copy_from_slice(&number.to_le_bytes());
    preimage
}

/// The transfer with this number.
pub fn transfer(number: u32) -> Transfer {
    let position = |number: u32| (number % 3) as u8;
    Transfer {
        id: number.into(),
        payer: position(number),
        payee: position(number + 1),
        amount: 1_000 + Balance::from(number),
        hashlock: transfer::hashlock(&preimage(number)),
        expiry: 50_000 + number,
    }
}

/// The transfers with the numbers below `count`.
pub fn transfers(count: u32) -> Vec<Transfer> {
    (0..count).map(transfer).collect()
}

/// A stream of five chains with four links each.
pub fn stream() -> Stream {
    let mut stream =
        Stream { payer: 0, payee: 2, epoch: 3, root: Hash::zero(), unit: 5, chains: 5, links: 4 };
    stream.root = stream::root(&tips(&stream));
    stream
}

/// The smallest stream there can be.
pub fn small_stream() -> Stream {
    let mut stream =
        Stream { payer: 2, payee: 1, epoch: 0, root: Hash::zero(), unit: 1, chains: 1, links: 1 };
    stream.root = stream::root(&tips(&stream));
    stream
}

pub fn salt(stream: &Stream) -> Salt {
    stream::salt(&genesis(), &channel(), stream.payer, stream.payee, stream.epoch)
}

/// The innermost link of a chain: what its payer keeps secret longest. Its number in the first four
/// bytes, the lowest first, then 0x5a.
pub fn innermost(chain: u32) -> Link {
    let mut link = [0x5a; 32];
    link[..4].copy_from_slice(&chain.to_le_bytes());
    link
}

/// Link `depth` of a chain: `depth` steps from the tip.
pub fn link(stream: &Stream, chain: u32, depth: u32) -> Link {
    stream::steps(&salt(stream), innermost(chain), stream.links - depth)
}

/// The tips of all chains.
pub fn tips(stream: &Stream) -> Vec<Link> {
    (0..stream.chains).map(|chain| link(stream, chain, 0)).collect()
}
