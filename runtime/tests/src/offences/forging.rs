// SPDX-License-Identifier: Apache-2.0

//! Bob contradicts himself with his real keys, and somebody reports it.

use crate::chain::{Chain, pre_digest};
use codec::Encode;
use finality_grandpa::{Equivocation, Message, Precommit, Prevote};
use millrace_runtime::*;
use polkadot_sdk::{
    frame_support::traits::KeyOwnerProofSystem,
    pallet_babe, pallet_beefy, pallet_grandpa, sp_consensus_babe,
    sp_consensus_babe::{BABE_ENGINE_ID, Slot},
    sp_consensus_beefy::{
        self, Commitment, DoubleVotingProof, Payload, VoteMessage, ecdsa_crypto, known_payloads,
    },
    sp_consensus_grandpa,
    sp_core::{
        Pair,
        crypto::{KeyTypeId, Wraps},
    },
    sp_io::hashing::keccak_256,
    sp_keyring::Sr25519Keyring,
    sp_runtime::{Digest, DigestItem, traits::Header as _},
    sp_session::MembershipProof,
};

/// Four validators: the fewest of which one may be disabled.
pub const VALIDATORS: [Sr25519Keyring; 4] =
    [Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie, Sr25519Keyring::Dave];

/// The seed of Bob's session keys, of every kind.
const BOB: &str = "//Bob";

/// A chain that has made some blocks.
pub fn running_chain() -> Chain {
    let mut chain = Chain::with_validators(&VALIDATORS);
    chain.empty_blocks(3);
    chain
}

/// Bob's key pair of some kind.
fn bob<P: Pair>() -> P {
    P::from_string(BOB, None).expect("a well-known seed")
}

/// That a key belongs to a validator of this session.
fn ownership(kind: KeyTypeId, key: impl AsRef<[u8]>) -> MembershipProof {
    <Historical as KeyOwnerProofSystem<(KeyTypeId, Vec<u8>)>>::prove((kind, key.as_ref().to_vec()))
        .expect("the key is in the session")
}

/// A header for `slot`, sealed by the authority at `index`.
fn sealed_header(
    author: &sp_consensus_babe::AuthorityPair,
    index: u32,
    slot: u64,
    state_root: Hash,
) -> Header {
    let digest = Digest { logs: vec![pre_digest(slot, index)] };
    let mut header = Header::new(1, Hash::zero(), state_root, Hash::zero(), digest);
    let signature = author.sign(header.hash().as_ref());
    header.digest_mut().push(DigestItem::Seal(BABE_ENGINE_ID, signature.encode()));
    header
}

/// A report that Bob made two blocks in one slot; their state roots are these bytes repeated.
pub fn babe_report(chain: &mut Chain, roots: [u8; 2]) -> RuntimeCall {
    let bob = bob::<sp_consensus_babe::AuthorityPair>();
    let slot = chain.slot();
    chain.read(|| {
        let index = Babe::authorities().iter().position(|(key, _)| *key == bob.public());
        let index = index.expect("Bob is a validator") as u32;
        let header = |byte| sealed_header(&bob, index, slot, Hash::repeat_byte(byte));
        let first_header = header(roots[0]);
        // Sealed again, a header would differ from itself: sr25519 signs anew each time.
        let second_header =
            if roots[0] == roots[1] { first_header.clone() } else { header(roots[1]) };
        let equivocation_proof = Box::new(sp_consensus_babe::EquivocationProof {
            offender: bob.public(),
            slot: Slot::from(slot),
            first_header,
            second_header,
        });
        let key_owner_proof = ownership(sp_consensus_babe::KEY_TYPE, bob.public());
        pallet_babe::Call::report_equivocation_unsigned { equivocation_proof, key_owner_proof }
            .into()
    })
}

/// What both finality votes of Bob are about: blocks with these bytes repeated as their hash.
type Targets = [u8; 2];

/// Bob's two votes of one kind in round 1, made by `vote` from a block's hash and put into a
/// `message` to be signed.
fn grandpa_votes<V: Clone>(
    targets: Targets,
    vote: impl Fn(Hash) -> V,
    message: impl Fn(V) -> Message<Hash, BlockNumber>,
) -> Equivocation<sp_consensus_grandpa::AuthorityId, V, sp_consensus_grandpa::AuthoritySignature> {
    let bob = bob::<sp_consensus_grandpa::AuthorityPair>();
    let set_id = Grandpa::current_set_id();
    let [first, second] = targets.map(|byte| {
        let vote = vote(Hash::repeat_byte(byte));
        let payload = sp_consensus_grandpa::localized_payload(1, set_id, &message(vote.clone()));
        (vote, bob.sign(&payload))
    });
    Equivocation { round_number: 1, identity: bob.public(), first, second }
}

/// A report about finality votes.
fn grandpa_report(
    equivocation: sp_consensus_grandpa::Equivocation<Hash, BlockNumber>,
) -> RuntimeCall {
    let key_owner_proof = ownership(sp_consensus_grandpa::KEY_TYPE, equivocation.offender());
    let equivocation_proof = Box::new(sp_consensus_grandpa::EquivocationProof::new(
        Grandpa::current_set_id(),
        equivocation,
    ));
    pallet_grandpa::Call::report_equivocation_unsigned { equivocation_proof, key_owner_proof }
        .into()
}

/// A report that Bob prevoted for two blocks in one round.
fn prevote_report(chain: &mut Chain, targets: Targets) -> RuntimeCall {
    chain.read(|| {
        let vote = |target_hash| Prevote { target_hash, target_number: 2 };
        grandpa_report(grandpa_votes(targets, vote, Message::Prevote).into())
    })
}

/// A report that Bob precommitted to two blocks in one round.
fn precommit_report(chain: &mut Chain, targets: Targets) -> RuntimeCall {
    chain.read(|| {
        let vote = |target_hash| Precommit { target_hash, target_number: 2 };
        grandpa_report(grandpa_votes(targets, vote, Message::Precommit).into())
    })
}

/// A report that Bob signed two mountain range roots for one block.
fn beefy_report(chain: &mut Chain, roots: [u8; 2]) -> RuntimeCall {
    let bob = bob::<ecdsa_crypto::Pair>();
    chain.read(|| {
        let [first, second] = roots.map(|byte| {
            let commitment = Commitment {
                payload: Payload::from_single_entry(known_payloads::MMR_ROOT_ID, vec![byte; 32]),
                block_number: 2u32,
                validator_set_id: pallet_beefy::ValidatorSetId::<Runtime>::get(),
            };
            let digest = keccak_256(&commitment.encode());
            let signature = bob.as_inner_ref().sign_prehashed(&digest).into();
            VoteMessage { commitment, id: bob.public(), signature }
        });
        let equivocation_proof = Box::new(DoubleVotingProof { first, second });
        let key_owner_proof = ownership(sp_consensus_beefy::KEY_TYPE, bob.public());
        pallet_beefy::Call::report_double_voting_unsigned { equivocation_proof, key_owner_proof }
            .into()
    })
}

/// Puts the report into a block, which Bob does not make himself, and says whether the block took it.
pub fn is_taken(chain: &mut Chain, report: RuntimeCall) -> bool {
    let bob = Sr25519Keyring::Bob.to_account_id();
    let index = chain.read(|| Session::validators().iter().position(|who| *who == bob));
    chain.pass_turns_of(index.expect("Bob is a validator") as u32);
    let outcome = chain.block(vec![UncheckedExtrinsic::new_bare(report)]).pop();
    matches!(outcome, Some(Ok(Ok(()))))
}

/// Makes a report in which the two things that Bob signed are told apart by two bytes.
pub type Reporter = fn(&mut Chain, [u8; 2]) -> RuntimeCall;

/// Every way in which a validator can contradict itself.
pub const REPORTERS: [(&str, Reporter); 4] = [
    ("two blocks in one slot", babe_report),
    ("two prevotes in one round", prevote_report),
    ("two precommits in one round", precommit_report),
    ("two roots for one block", beefy_report),
];
