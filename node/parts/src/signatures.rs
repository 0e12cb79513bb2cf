// SPDX-License-Identifier: Apache-2.0

//! Signatures that were found to be good, so that each is checked once.
//!
//! The runtime checks a transaction's signature when the transaction enters the pool, again when it is
//! put into a block, and again when a block with it comes from somebody else. The answer is always the
//! same, so the node remembers it; what the runtime computes is not changed by that. Only good signatures
//! are remembered: to remember bad ones would help nobody but whoever sends them.
//!
//! A node that measures weights does not do this, because a block may come with transactions that nobody
//! has seen before.

use polkadot_sdk::{
    sc_executor::sp_wasm_interface::ExtendedHostFunctions,
    sp_core::{Pair, sr25519},
    sp_io::{SubstrateHostFunctions, hashing::blake2_256},
};
use sp_runtime_interface::{
    pass_by::{PassFatPointerAndRead, PassPointerAndRead},
    runtime_interface,
};
use std::{
    collections::HashSet,
    mem,
    sync::{LazyLock, Mutex, PoisonError},
};

/// The host functions of the SDK, with signatures checked once.
pub type HostFunctions = ExtendedHostFunctions<SubstrateHostFunctions, crypto::HostFunctions>;

/// How many signatures the node remembers at least, after it has seen that many. Twice as many take less than
/// ten megabytes.
const REMEMBERED: usize = 65_536;

/// What this process remembers.
static GOOD: LazyLock<Good> = LazyLock::new(|| Good::new(REMEMBERED));

/// Takes the place of functions of the same names.
#[runtime_interface(no_tracing)]
pub trait Crypto {
    /// Whether an sr25519 signature is good, by the rules before version 2.
    fn sr25519_verify(
        sig: PassPointerAndRead<&sr25519::Signature, 64>,
        msg: PassFatPointerAndRead<&[u8]>,
        pubkey: PassPointerAndRead<&sr25519::Public, 32>,
    ) -> bool {
        sr25519::Pair::verify_deprecated(sig, msg, pubkey)
    }

    /// Whether an sr25519 signature is good.
    #[version(2)]
    fn sr25519_verify(
        sig: PassPointerAndRead<&sr25519::Signature, 64>,
        msg: PassFatPointerAndRead<&[u8]>,
        pub_key: PassPointerAndRead<&sr25519::Public, 32>,
    ) -> bool {
        GOOD.check(&pub_key.0, &sig.0, msg, || sr25519::Pair::verify(sig, msg, pub_key))
    }
}

/// A signature with its key and message: their BLAKE2b-256 hash.
type Digest = [u8; 32];

/// Good signatures: the newest, and those before them. When the newest are `limit`, they take the place of
/// those before.
struct Good {
    limit: usize,
    generations: Mutex<[HashSet<Digest>; 2]>,
}

impl Good {
    fn new(limit: usize) -> Self {
        Self { limit, generations: Mutex::default() }
    }

    /// What `verify` says about a signature, without asking it about one that was good before.
    fn check(
        &self,
        key: &[u8; 32],
        signature: &[u8; 64],
        message: &[u8],
        verify: impl FnOnce() -> bool,
    ) -> bool {
        // Key and signature have fixed lengths, so no two triples are the same bytes.
        let digest = blake2_256(&[key, &signature[..], message].concat());
        if self.holds(&digest) {
            return true;
        }
        let good = verify();
        if good {
            self.remember(digest);
        }
        good
    }

    fn holds(&self, digest: &Digest) -> bool {
        let generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.iter().any(|generation| generation.contains(digest))
    }

    fn remember(&self, digest: Digest) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let [newest, earlier] = &mut *generations;
        if newest.len() >= self.limit {
            mem::swap(newest, earlier);
            newest.clear();
        }
        newest.insert(digest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::sc_executor::HostFunctions as _;
    use std::collections::BTreeSet;

    /// Whether `good` had to verify a signature that differs by a number, and what it said.
    fn asks(good: &Good, number: u8, answer: bool) -> (bool, bool) {
        let mut asked = false;
        let said = good.check(&[1; 32], &[number; 64], b"message", || {
            asked = true;
            answer
        });
        (asked, said)
    }

    #[test]
    fn good_signatures_are_verified_once_and_bad_ones_always() {
        let good = Good::new(4);
        assert_eq!(asks(&good, 1, true), (true, true));
        assert_eq!(asks(&good, 1, false), (false, true));
        assert_eq!(asks(&good, 2, false), (true, false));
        assert_eq!(asks(&good, 2, false), (true, false));
        assert_eq!(asks(&good, 2, true), (true, true));
    }

    #[test]
    fn no_more_than_two_generations_are_remembered() {
        let good = Good::new(4);
        for number in 0..8 {
            assert_eq!(asks(&good, number, true), (true, true));
        }
        assert_eq!(asks(&good, 0, true), (false, true));
        asks(&good, 8, true);
        // The first four have gone, the others are there.
        assert_eq!(asks(&good, 4, true), (false, true));
        assert_eq!(asks(&good, 0, true), (true, true));
        let generations = good.generations.lock().unwrap();
        assert!(generations.iter().all(|generation| generation.len() <= 4));
    }

    #[test]
    fn whatever_differs_from_a_good_signature_is_verified() {
        let (pair, other) =
            (sr25519::Pair::from_seed(&[1; 32]), sr25519::Pair::from_seed(&[2; 32]));
        let (message, key) = (b"pay one".as_slice(), pair.public());
        let signature = pair.sign(message);
        assert!(crypto::sr25519_verify(&signature, message, &key));
        assert!(crypto::sr25519_verify(&signature, message, &key));
        assert!(!crypto::sr25519_verify(&signature, b"pay two", &key));
        assert!(!crypto::sr25519_verify(&signature, b"pay on", &key));
        assert!(!crypto::sr25519_verify(&signature, message, &other.public()));
        assert!(!crypto::sr25519_verify(&other.sign(message), message, &key));
        for bit in 0..512 {
            let mut changed = signature;
            changed.0[bit / 8] ^= 1 << (bit % 8);
            assert!(!crypto::sr25519_verify(&changed, message, &key), "bit {bit}");
        }
    }

    #[test]
    fn no_function_is_new_or_there_twice() {
        let names = |functions: Vec<
            &'static dyn polkadot_sdk::sc_executor::sp_wasm_interface::Function,
        >| {
            functions.iter().map(|function| function.name().to_owned()).collect::<Vec<_>>()
        };
        let ours = names(HostFunctions::host_functions());
        let theirs = names(SubstrateHostFunctions::host_functions());
        assert_eq!(ours.len(), theirs.len());
        assert_eq!(ours.iter().collect::<BTreeSet<_>>(), theirs.iter().collect());
    }
}
