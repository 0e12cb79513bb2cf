// SPDX-License-Identifier: Apache-2.0

//! The channels that are measured, and what their participants sign.

use crate::accounts::Account;
use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelAsset, ChannelId, ChannelParams, ChannelState, Hash,
    MerkleProof, Participant, PendingTransfers, Stream, Transfer, channel_id, open_payload,
    params::Amounts,
    state::Signatures,
    state_payload,
    stream::{self, Link},
    transfer::{self, Preimage, hashlock},
};
use polkadot_sdk::{
    sp_core::Pair,
    sp_io::hashing::blake2_256,
    sp_runtime::{BoundedVec, MultiSignature},
};

/// What each participant puts in: a hundredth of a MILL, in the smallest unit.
const DEPOSIT: Balance = 10_000_000_000;

/// What each conditional transfer moves.
const AMOUNT: Balance = 1_000_000;

/// Conditional transfers of a channel that has some: one half is claimed, the other given back.
pub const TRANSFERS: u32 = 32;

/// How many transfers of one channel are claimed, and how often its stream is.
pub const CLAIMS: u32 = TRANSFERS / 2;

/// Its stream: chains, links of each, and what a link pays.
const CHAINS: u32 = 256;
const LINKS: u32 = 64;
const UNIT: Balance = 1_000;

/// Version of the state with which a dispute begins, and of that which answers it.
pub const DISPUTED: u64 = 1;
/// One more: whoever disputed is not punished for it.
pub const ANSWERED: u64 = 2;

/// A channel of two.
pub struct Channel<'a> {
    genesis: Hash,
    /// Who opens it, and the other.
    pub parties: (&'a Account, &'a Account),
    /// Its rules.
    pub params: ChannelParams,
    /// Its name.
    pub id: ChannelId,
}

/// A party's account.
pub fn account(party: &Account) -> AccountId {
    AccountId::new(party.id())
}

impl<'a> Channel<'a> {
    /// A channel that is not open yet. `number` tells it apart; the two last are its challenge window
    /// and the last block in which it may be opened.
    pub fn new(
        genesis: Hash,
        parties: (&'a Account, &'a Account),
        number: u64,
        challenge_blocks: BlockNumber,
        open_by: BlockNumber,
    ) -> Self {
        let mut participants = [parties.0, parties.1]
            .map(|it| Participant { account: account(it), signer: it.signer.public().into() });
        participants.sort_by(|one, other| one.account.cmp(&other.account));
        let params = ChannelParams {
            participants: BoundedVec::truncate_from(participants.to_vec()),
            asset: ChannelAsset::Native,
            challenge_blocks,
            open_by,
            nonce: number,
        };
        Self { genesis, parties, id: channel_id(&genesis, &params), params }
    }

    /// What both put in.
    pub fn deposits(&self) -> Amounts {
        Amounts::truncate_from(vec![DEPOSIT; 2])
    }

    /// The other's consent to open it; who opens agrees by opening.
    pub fn consent(&self) -> Signatures {
        let payload = open_payload(&self.genesis, &self.params, &self.deposits());
        let consent = MultiSignature::from(self.parties.1.key.sign(payload.as_bytes()));
        Signatures::truncate_from(vec![consent])
    }

    /// A state of this version with nothing pending.
    pub fn plain(&self, version: u64, is_final: bool) -> ChannelState {
        ChannelState { version, is_final, ..ChannelState::opening(self.id, self.deposits()) }
    }

    /// The first state with [`TRANSFERS`] from the first participant to the second, and a stream back.
    pub fn conditional(&self, conditions: &Conditions) -> ChannelState {
        let (given, streamed) = (AMOUNT * Balance::from(TRANSFERS), conditions.stream.reserve());
        let left = [DEPOSIT - given, DEPOSIT - streamed.unwrap_or_default()];
        ChannelState {
            balances: Amounts::truncate_from(left.to_vec()),
            pending: Some(PendingTransfers {
                root: transfer::root(&conditions.transfers),
                totals: Amounts::truncate_from(vec![given, 0]),
                count: TRANSFERS,
                last_expiry: conditions.last_expiry,
            }),
            streams: BoundedVec::truncate_from(vec![conditions.stream]),
            ..self.plain(DISPUTED, false)
        }
    }

    /// Both signatures under a state, in the order of the participants.
    pub fn signed(&self, state: &ChannelState) -> Signatures {
        let signatures = self.in_order().map(|it| self.sign(it, state));
        Signatures::truncate_from(signatures.to_vec())
    }

    /// The signature of the other: who opened it sends the state, and need not sign it.
    pub fn signed_by_other(&self, state: &ChannelState) -> Signatures {
        Signatures::truncate_from(vec![self.sign(self.parties.1, state)])
    }

    fn sign(&self, party: &Account, state: &ChannelState) -> MultiSignature {
        party.signer.sign(state_payload(&self.genesis, state).as_bytes()).into()
    }

    fn in_order(&self) -> [&'a Account; 2] {
        let (one, other) = self.parties;
        if account(one) < account(other) { [one, other] } else { [other, one] }
    }
}

/// What a channel's state leaves to be decided after a dispute.
pub struct Conditions {
    /// Transfers, those with even places to be claimed.
    pub transfers: Vec<Transfer>,
    /// A stream from the second participant to the first.
    pub stream: Stream,
    /// Where its chains begin, and where they end.
    seeds: Vec<Link>,
    tips: Vec<Link>,
    /// When the last of the transfers might expire.
    last_expiry: BlockNumber,
}

/// A preimage that nobody else has to know how to guess: it follows from its place.
pub fn preimage(channel: &ChannelId, index: u32) -> Preimage {
    blake2_256(&[b"millrace/load/preimage", channel.as_bytes(), &index.to_le_bytes()].concat())
}

impl Conditions {
    /// The conditions of this channel. `expiry`: when its transfers expire, in blocks; `last_expiry`:
    /// when they might, up to which claims are taken at least.
    pub fn new(channel: &Channel<'_>, expiry: BlockNumber, last_expiry: BlockNumber) -> Self {
        let transfers = (0..TRANSFERS).map(|index| Transfer {
            id: index.into(),
            payer: 0,
            payee: 1,
            amount: AMOUNT,
            hashlock: hashlock(&preimage(&channel.id, index)),
            expiry,
        });
        let salt = stream::salt(&channel.genesis, &channel.id, 1, 0, 0);
        let seed = |chain: u32| {
            let chain = chain.to_le_bytes();
            blake2_256(&[b"millrace/load/link", channel.id.as_bytes(), &chain].concat())
        };
        let seeds: Vec<_> = (0..CHAINS).map(seed).collect();
        let tips: Vec<_> = seeds.iter().map(|seed| stream::steps(&salt, *seed, LINKS)).collect();
        let stream = Stream {
            payer: 1,
            payee: 0,
            epoch: 0,
            root: stream::root(&tips),
            unit: UNIT,
            chains: CHAINS,
            links: LINKS,
        };
        Self { transfers: transfers.collect(), stream, seeds, tips, last_expiry }
    }

    /// The transfer at this place, with its proof; nothing if there is none.
    pub fn transfer(&self, index: u32) -> Option<(Transfer, MerkleProof)> {
        let transfer = self.transfers.get(index as usize)?;
        Some((*transfer, transfer::proof(&self.transfers, index)?))
    }

    /// The last link of the chain at this place, its steps from the tip and the proof of that; nothing
    /// if there is none.
    pub fn link(&self, chain: u32) -> Option<(Link, u32, MerkleProof)> {
        let link = self.seeds.get(chain as usize)?;
        Some((*link, LINKS, stream::proof(&self.tips, chain)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use millrace_primitives_channels::{verify_account, verify_signer};

    const GENESIS: Hash = Hash::repeat_byte(3);

    #[test]
    fn both_agree_in_the_order_of_their_accounts() {
        let (one, other) = (Account::new(1), Account::new(2));
        for parties in [(&one, &other), (&other, &one)] {
            let channel = Channel::new(GENESIS, parties, 7, 10, 100);
            assert_eq!(channel.params.verify(), Ok(()));
            let state = channel.plain(ANSWERED, true);
            let payload = state_payload(&GENESIS, &state);
            let signed = channel.signed(&state);
            for (signature, participant) in signed.iter().zip(&channel.params.participants) {
                assert!(verify_signer(signature, &participant.signer, &payload));
            }
            let signer = parties.1.signer.public().into();
            let alone = channel.signed_by_other(&state);
            assert!(alone.len() == 1 && verify_signer(&alone[0], &signer, &payload));
            let payload = open_payload(&GENESIS, &channel.params, &channel.deposits());
            let consent = channel.consent();
            assert!(verify_account(&consent[0], &account(parties.1), &payload));
        }
    }

    #[test]
    fn conditions_can_be_decided_by_the_judge() {
        let (one, other) = (Account::new(1), Account::new(2));
        let channel = Channel::new(GENESIS, (&one, &other), 7, 10, 100);
        let conditions = Conditions::new(&channel, 50, 1_000);
        let state = channel.conditional(&conditions);
        assert_eq!(state.verify_shape(2), Ok(()));
        assert_eq!(state.verify_conservation(2, 2 * DEPOSIT), Ok(()));

        let pending = state.pending.unwrap();
        for index in 0..TRANSFERS {
            let (transfer, proof) = conditions.transfer(index).unwrap();
            assert!(transfer::verify(&pending.root, pending.count, &transfer, &proof));
        }
        assert!(conditions.transfer(TRANSFERS).is_none());
        let salt = stream::salt(&GENESIS, &channel.id, 1, 0, 0);
        let proven = |chain| {
            let (link, depth, proof) = conditions.link(chain).unwrap();
            stream::proven_units(&conditions.stream, &salt, link, depth, &proof)
        };
        assert_eq!((proven(0), proven(1)), (Some(64), Some(128)));
    }
}
