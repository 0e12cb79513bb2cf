// SPDX-License-Identifier: Apache-2.0

//! Authors who make two blocks in one slot.
//!
//! The chain believes a proof of it by the seals that end both headers. The library's block import looks
//! for such authors itself, but after the seal has been taken off the header, and what it then reports, the
//! chain refuses (`InvalidEquivocationProof`; `sc-consensus-babe` 0.60). So the node looks once more, at
//! whole headers, with the library's own means, and keeps what it saw under keys of its own.

use crate::Header;
use polkadot_sdk::{
    sc_client_api::AuxStore,
    sc_consensus_slots::check_equivocation,
    sp_blockchain::Result,
    sp_consensus_babe::{AuthorityId, EquivocationProof, Slot},
};

/// What begins the keys of what this module stores.
const PREFIX: &[u8] = b"millrace_whole_headers:";

/// Remembers who made which block, and tells when an author made another one in a slot: the proof holds
/// the first block's header that was seen, and `header`, which ends in its seal. Slots more than a thousand
/// before `now` are not looked at, and two thousand are kept at most.
///
/// Errors: the database cannot be read or written, or holds something else under these keys.
pub fn other_block(
    store: &impl AuxStore,
    now: Slot,
    slot: Slot,
    header: &Header,
    author: &AuthorityId,
) -> Result<Option<EquivocationProof<Header>>> {
    check_equivocation(&Apart(store), now, slot, header, author)
}

/// A part of a store whose keys nobody else uses.
struct Apart<'a, A>(&'a A);

/// The key that stands for `key` in the whole store.
fn apart(key: &[u8]) -> Vec<u8> {
    [PREFIX, key].concat()
}

impl<A: AuxStore> AuxStore for Apart<'_, A> {
    fn insert_aux<
        'a,
        'b: 'a,
        'c: 'a,
        I: IntoIterator<Item = &'a (&'c [u8], &'c [u8])>,
        D: IntoIterator<Item = &'a &'b [u8]>,
    >(
        &self,
        insert: I,
        delete: D,
    ) -> Result<()> {
        let insert: Vec<_> = insert.into_iter().map(|(key, value)| (apart(key), *value)).collect();
        let delete: Vec<_> = delete.into_iter().map(|key| apart(key)).collect();
        let insert: Vec<_> = insert.iter().map(|(key, value)| (&key[..], *value)).collect();
        let delete: Vec<_> = delete.iter().map(|key| &key[..]).collect();
        self.0.insert_aux(&insert, &delete)
    }

    fn get_aux(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.0.get_aux(&apart(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::{
        sp_consensus_babe::{
            AuthorityPair, check_equivocation_proof,
            digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest},
        },
        sp_core::{H256, Pair},
        sp_runtime::{Digest, DigestItem, traits::Header as _},
    };
    use std::{cell::RefCell, collections::BTreeMap};

    /// A store in memory.
    #[derive(Default)]
    struct Memory(RefCell<BTreeMap<Vec<u8>, Vec<u8>>>);

    impl AuxStore for Memory {
        fn insert_aux<
            'a,
            'b: 'a,
            'c: 'a,
            I: IntoIterator<Item = &'a (&'c [u8], &'c [u8])>,
            D: IntoIterator<Item = &'a &'b [u8]>,
        >(
            &self,
            insert: I,
            delete: D,
        ) -> Result<()> {
            let mut entries = self.0.borrow_mut();
            entries.extend(insert.into_iter().map(|(key, value)| (key.to_vec(), value.to_vec())));
            for key in delete {
                entries.remove(*key);
            }
            Ok(())
        }

        fn get_aux(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
            Ok(self.0.borrow().get(key).cloned())
        }
    }

    /// A header of the only author in this slot, which differs by its state, with its seal.
    fn sealed(pair: &AuthorityPair, slot: Slot, state: u8) -> Header {
        let claim = SecondaryPlainPreDigest { authority_index: 0, slot };
        let digest =
            Digest { logs: vec![DigestItem::babe_pre_digest(PreDigest::SecondaryPlain(claim))] };
        let (state, other) = (H256::repeat_byte(state), H256::zero());
        let mut header = Header::new(1, other, state, other, digest);
        let seal = pair.sign(header.hash().as_ref());
        header.digest_mut().push(DigestItem::babe_seal(seal));
        header
    }

    #[test]
    fn chain_believes_the_proof_of_two_whole_headers() {
        let (store, pair) = (Memory::default(), AuthorityPair::from_seed(&[1; 32]));
        let (author, slot) = (pair.public(), Slot::from(7));
        let (first, second) = (sealed(&pair, slot, 1), sealed(&pair, slot, 2));
        assert!(other_block(&store, slot, slot, &first, &author).unwrap().is_none());
        // The same block once more, and one of the next slot, are no second block.
        assert!(other_block(&store, slot, slot, &first, &author).unwrap().is_none());
        let next = sealed(&pair, slot + 1, 2);
        assert!(other_block(&store, slot + 1, slot + 1, &next, &author).unwrap().is_none());

        let proof = other_block(&store, slot + 1, slot, &second, &author).unwrap().unwrap();
        assert_eq!((&proof.first_header, &proof.second_header), (&first, &second));
        assert!(check_equivocation_proof(proof.clone()));

        // As the library reports it.
        let mut bare = proof;
        bare.first_header.digest_mut().pop();
        bare.second_header.digest_mut().pop();
        assert!(!check_equivocation_proof(bare));
    }

    #[test]
    fn another_author_in_the_slot_proves_nothing() {
        let store = Memory::default();
        let slot = Slot::from(7);
        for seed in [1, 2] {
            let pair = AuthorityPair::from_seed(&[seed; 32]);
            let header = sealed(&pair, slot, seed);
            assert!(other_block(&store, slot, slot, &header, &pair.public()).unwrap().is_none());
        }
    }

    #[test]
    fn what_the_library_remembers_is_not_touched() {
        let (store, pair) = (Memory::default(), AuthorityPair::from_seed(&[1; 32]));
        let slot = Slot::from(7);
        let whole = sealed(&pair, slot, 1);
        let mut bare = whole.clone();
        bare.digest_mut().pop();
        let author = pair.public();
        assert!(check_equivocation(&store, slot, slot, &bare, &author).unwrap().is_none());
        assert!(other_block(&store, slot, slot, &whole, &author).unwrap().is_none());
        assert!(check_equivocation(&store, slot, slot, &bare, &author).unwrap().is_none());
    }
}
