// SPDX-License-Identifier: Apache-2.0

//! Signed transactions, as bytes.
//!
//! They are written directly in SCALE, in format 4, with whatever the chain's metadata says that a
//! transaction carries: hundreds of thousands are signed before a load begins.

use crate::{accounts::Account, chain::Chain};
use anyhow::bail;
use codec::{Compact, Encode};
use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelAsset, ChannelParams, Hash, Participant, open_payload,
    params::Amounts, state::Signatures,
};
use polkadot_sdk::{
    sp_core::Pair,
    sp_io::hashing::blake2_256,
    sp_runtime::{BoundedVec, MultiSignature},
};

/// Format 4, signed.
const SIGNED: u8 = 0x84;

/// Variants of an address that is an account's 32 bytes, and of a signature by sr25519.
const ADDRESS_ID: u8 = 0;
const SR25519: u8 = 1;

/// What is longer than this is hashed before it is signed.
const SIGNED_BYTES: usize = 256;

/// What each transfer moves, in the smallest unit. Sender and recipient have far more.
const AMOUNT: Balance = 1_000_000;

/// What each participant puts into a channel: a hundredth of a MILL.
const DEPOSIT: Balance = 10_000_000_000;

/// How many blocks after the beginning of a load its last channel may be opened: six hours.
const OPEN_BLOCKS: BlockNumber = 10_800;

/// How long their challenge windows are: a day, which no network can refuse.
const CHALLENGE_BLOCKS: BlockNumber = 43_200;

/// Writes transactions of one chain.
pub struct Writer {
    genesis: Hash,
    /// What every transaction carries before and after its nonce.
    carried: (Vec<u8>, Vec<u8>),
    /// What every signature covers besides.
    implied: Vec<u8>,
    transfer: [u8; 2],
    /// How a channel is opened; nothing if none is.
    channels: Option<Channels>,
}

struct Channels {
    open: [u8; 2],
    challenge_blocks: BlockNumber,
    open_by: BlockNumber,
}

impl Writer {
    /// Writes for this chain. `height`: its best block; nothing if no channels are opened.
    /// Errors: the chain's transactions carry something that this program does not know.
    pub fn new(chain: &Chain, height: Option<BlockNumber>) -> anyhow::Result<Self> {
        let (mut carried, mut implied) = ((Vec::new(), Vec::new()), Vec::new());
        let mut has_nonce = false;
        for extension in chain.extensions()? {
            let side = if has_nonce { &mut carried.1 } else { &mut carried.0 };
            match extension.name {
                "CheckSpecVersion" => chain.spec_version.encode_to(&mut implied),
                "CheckTxVersion" => chain.transaction_version.encode_to(&mut implied),
                "CheckGenesis" => chain.genesis.encode_to(&mut implied),
                // A transaction that never expires: it names no block, and its signature the first.
                "CheckMortality" | "CheckEra" => {
                    side.push(0);
                    chain.genesis.encode_to(&mut implied);
                }
                "CheckNonce" => has_nonce = true,
                "ChargeTransactionPayment" => Compact(0u128).encode_to(side),
                // Not asked for: no mode, and no hash.
                "CheckMetadataHash" => {
                    side.push(0);
                    implied.push(0);
                }
                _ if extension.is_empty => {}
                other => bail!("transactions of this chain carry {other}, which is not known here"),
            }
        }
        let channels = height.map(|height| -> anyhow::Result<_> {
            Ok(Channels {
                open: chain.call("Channels", "open")?,
                challenge_blocks: CHALLENGE_BLOCKS,
                open_by: height.saturating_add(OPEN_BLOCKS),
            })
        });
        Ok(Self {
            genesis: chain.genesis,
            carried,
            implied,
            transfer: chain.call("Balances", "transfer_keep_alive")?,
            channels: channels.transpose()?,
        })
    }

    /// A transfer between two accounts.
    pub fn transfer(&self, from: &Account, to: &Account, nonce: u32) -> Vec<u8> {
        let call = (self.transfer, ADDRESS_ID, to.id(), Compact(AMOUNT)).encode();
        self.signed(from, nonce, &call)
    }

    /// The opening of a channel by one of its two participants, with the other's consent. `number`
    /// tells it apart from their other channels. Nothing if this program opens no channels.
    pub fn open(
        &self,
        opener: &Account,
        other: &Account,
        number: u64,
        nonce: u32,
    ) -> Option<Vec<u8>> {
        let Channels { open, challenge_blocks, open_by } = *self.channels.as_ref()?;
        let mut participants = [opener, other].map(|account| Participant {
            account: AccountId::new(account.id()),
            signer: account.signer.public().into(),
        });
        participants.sort_by(|one, other| one.account.cmp(&other.account));
        let params = ChannelParams {
            participants: BoundedVec::truncate_from(participants.to_vec()),
            asset: ChannelAsset::Native,
            challenge_blocks,
            open_by,
            nonce: number,
        };
        let deposits = Amounts::truncate_from(vec![DEPOSIT; 2]);
        let payload = open_payload(&self.genesis, &params, &deposits);
        // Who opens agrees by opening.
        let consent = MultiSignature::from(other.key.sign(payload.as_bytes()));
        let signatures = Signatures::truncate_from(vec![consent]);
        let call = (open, params, deposits, signatures).encode();
        Some(self.signed(opener, nonce, &call))
    }

    /// A transaction that makes any call, which begins with the two bytes of its place.
    pub fn signed(&self, account: &Account, nonce: u32, call: &[u8]) -> Vec<u8> {
        let (before, after) = &self.carried;
        let extensions = [&before[..], &Compact(nonce).encode(), after].concat();
        let payload = [call, &extensions, &self.implied].concat();
        let signature = if payload.len() > SIGNED_BYTES {
            account.key.sign(&blake2_256(&payload))
        } else {
            account.key.sign(&payload)
        };
        let head = (SIGNED, ADDRESS_ID, account.id(), SR25519, signature.0).encode();
        [&head[..], &extensions, call].concat().encode()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use millrace_primitives_channels::verify_account;
    use polkadot_sdk::sp_core::sr25519;

    fn writer() -> Writer {
        Writer {
            genesis: Hash::repeat_byte(3),
            carried: (vec![0], vec![0, 0]),
            implied: vec![9; 73],
            transfer: [10, 3],
            channels: Some(Channels { open: [31, 0], challenge_blocks: 10, open_by: 100 }),
        }
    }

    /// A transaction's parts after its length and head: account, signature, and the rest.
    fn parts(transaction: &[u8]) -> ([u8; 32], sr25519::Signature, Vec<u8>) {
        let body = <Vec<u8> as codec::Decode>::decode(&mut &transaction[..]).unwrap();
        assert_eq!((body[0], body[1], body[34]), (SIGNED, ADDRESS_ID, SR25519));
        let signature = <[u8; 64]>::try_from(&body[35..99]).unwrap();
        (body[2..34].try_into().unwrap(), signature.into(), body[99..].to_vec())
    }

    #[test]
    fn transfer_is_signed_with_what_is_implied() {
        let (one, other) = (Account::new(1), Account::new(2));
        let (account, signature, rest) = parts(&writer().transfer(&one, &other, 5));
        assert_eq!(account, one.id());
        let (extensions, call) = rest.split_at(4);
        assert_eq!(extensions, [0, 5 << 2, 0, 0]);
        assert_eq!(call, (10u8, 3u8, 0u8, other.id(), Compact(AMOUNT)).encode());
        let payload = [call, extensions, &[9; 73]].concat();
        assert!(sr25519::Pair::verify(&signature, &payload, &one.key.public()));
    }

    #[test]
    fn long_payloads_are_hashed_and_the_other_agrees() {
        let (one, other) = (Account::new(1), Account::new(2));
        let (_, signature, rest) = parts(&writer().open(&one, &other, 77, 0).unwrap());
        let (extensions, call) = rest.split_at(4);
        let payload = [call, extensions, &[9; 73]].concat();
        assert!(payload.len() > SIGNED_BYTES);
        assert!(sr25519::Pair::verify(&signature, blake2_256(&payload), &one.key.public()));
        type Arguments = (ChannelParams, Amounts, Signatures);
        let (params, deposits, signatures) =
            <Arguments as codec::Decode>::decode(&mut &call[2..]).unwrap();
        assert_eq!(params.verify(), Ok(()));
        let consent = open_payload(&Hash::repeat_byte(3), &params, &deposits);
        let other = AccountId::new(other.id());
        assert!(signatures.len() == 1 && verify_account(&signatures[0], &other, &consent));
    }
}
