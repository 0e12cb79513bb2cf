// SPDX-License-Identifier: Apache-2.0

//! What is worked out about frames before the core takes them, and needs nothing of it: whether
//! signatures are true, and what packets have for their hop.
//!
//! # Many signatures verified together
//!
//! For Ed25519 one equation over a random combination of many signatures holds if all of them are
//! valid, and practically never otherwise (Bernstein et al., "High-speed high-security signatures",
//! 2012, section 5). One multiplication of many points at once is much cheaper than one for each
//! signature, and signatures by one key share that key's part: what a peer sends for all of its
//! channels is signed by one key.
//!
//! Some libraries take signatures together that they would refuse one by one. Such a state would
//! seem agreed, and the chain would refuse it. The chain verifies Ed25519 by the rules of ZIP 215,
//! under which both ways always agree, and `ed25519-zebra`, which it does so with, is used here, too.

use crate::{
    frame::{Frame, FrameError},
    peer::Peer,
};
use ed25519_zebra::{
    Signature, VerificationKeyBytes,
    batch::{Item, Verifier},
};
use millrace_channels_protocol::Claim;
use millrace_channels_routing::onion::{OnionKey, Opened, Packet};
use polkadot_sdk::sp_runtime::{MultiSignature, MultiSigner};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use std::sync::Arc;

/// Fewer signatures than this are verified one by one.
const MIN_TOGETHER: usize = 3;

/// A frame, and who sent it.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) peer: Peer,
    pub(crate) frame: Result<Frame, FrameError>,
    pub(crate) aside: Aside,
}

/// What can be worked out about a frame, or has been.
#[derive(Debug, Default)]
pub(crate) enum Aside {
    /// Nothing.
    #[default]
    Nothing,
    /// The signature that its message stands on.
    Claim(Claim),
    /// What its packet has for the hop with this key.
    Packet(Arc<OnionKey>),
    /// The same, found.
    Opened(Box<Opened>),
}

/// How many packets are to be opened among these.
pub(crate) fn packets_to_open(frames: &[Read]) -> usize {
    frames.iter().filter(|it| matches!(it.aside, Aside::Packet(_))).count()
}

/// Frames that a node has read ([`Node::read`](crate::Node::read)). It need not be there while they are
/// verified.
#[derive(Debug)]
pub struct Unverified {
    frames: Vec<Read>,
    /// Nothing if there are too few signatures to be verified together.
    seed: Option<[u8; 32]>,
}

impl Unverified {
    /// `seed`: 32 bytes that no signer can know.
    pub(crate) fn new(frames: Vec<Read>, seed: impl FnOnce() -> [u8; 32]) -> Self {
        let is_signed = |it: &&Read| matches!(it.aside, Aside::Claim(_));
        let signatures = frames.iter().filter(is_signed).count();
        Self { frames, seed: (signatures >= MIN_TOGETHER).then(seed) }
    }

    /// Whether [`Self::verify`] has enough to do for another thread.
    pub fn has_work(&self) -> bool {
        self.seed.is_some() || self.packets() > 0
    }

    /// How many packets [`Self::verify`] opens.
    pub(crate) fn packets(&self) -> usize {
        packets_to_open(&self.frames)
    }

    /// Verifies what can be verified together, and opens packets. Nothing is refused here: whatever was
    /// not found true the node verifies by itself.
    pub fn verify(mut self) -> Verified {
        let claims = self.frames.iter_mut().map(|it| match core::mem::take(&mut it.aside) {
            Aside::Claim(claim) => Some(claim),
            other => {
                it.aside = other;
                None
            }
        });
        let mut claims: Vec<_> = claims.collect();
        keep_verified(&mut claims, self.seed);
        for (read, claim) in self.frames.iter_mut().zip(claims) {
            if let Some(claim) = claim {
                read.aside = Aside::Claim(claim);
            } else if let (Aside::Packet(key), Ok(Frame::Packet(it))) = (&read.aside, &read.frame) {
                let opened = Packet::from_bytes(&it.packet).and_then(|packet| packet.open(key));
                read.aside = opened.map_or(Aside::Nothing, |it| Aside::Opened(Box::new(it)));
            }
        }
        Verified(self.frames)
    }
}

/// Frames with the signatures that were found true.
#[derive(Debug)]
pub struct Verified(Vec<Read>);

impl Verified {
    pub(crate) fn into_frames(self) -> Vec<Read> {
        self.0
    }
}

/// Verifies what can be verified together, and drops every claim that was not found true: all of them
/// if one is wrong or if they are too few, and those of other kinds in any case. Whoever needs one of
/// those verifies it by itself.
///
/// `seed`: 32 bytes that no signer can know. Whoever knew them could make wrong signatures that
/// cancel each other out. Without them nothing is verified.
fn keep_verified(claims: &mut [Option<Claim>], seed: Option<[u8; 32]>) {
    let mut batch = Verifier::new();
    let mut count = 0_usize;
    for place in claims.iter_mut() {
        match place.as_ref().and_then(item) {
            Some(item) => {
                batch.queue(item);
                count = count.saturating_add(1);
            }
            None => *place = None,
        }
    }
    let verify = |seed| batch.verify(ChaCha20Rng::from_seed(seed)).is_ok();
    if count < MIN_TOGETHER || !seed.is_some_and(verify) {
        claims.fill(None);
    }
}

/// A claim as the library takes it; nothing if key and signature are not both of Ed25519.
fn item(claim: &Claim) -> Option<Item> {
    let (MultiSigner::Ed25519(key), MultiSignature::Ed25519(signature)) =
        (&claim.signer, &claim.signature)
    else {
        return None;
    };
    let signature = Signature::from_bytes(&signature.0);
    Some((VerificationKeyBytes::from(key.0), signature, claim.payload.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use millrace_primitives_channels::{Hash, verify_signer};
    use polkadot_sdk::sp_core::{Pair, ed25519, sr25519};

    fn claim(key: u8, payload: u8) -> Claim {
        let (pair, payload) = (ed25519::Pair::from_seed(&[key; 32]), Hash::repeat_byte(payload));
        let (signer, signature) = (pair.public().into(), pair.sign(payload.as_bytes()).into());
        Claim { signer, payload, signature }
    }

    fn kept(claims: &[Claim]) -> Vec<bool> {
        let mut claims: Vec<_> = claims.iter().cloned().map(Some).collect();
        keep_verified(&mut claims, Some([7; 32]));
        claims.iter().map(Option::is_some).collect()
    }

    /// Whether all are kept; otherwise none is.
    fn together(claims: &[Claim]) -> bool {
        let kept = kept(claims);
        assert!(kept.iter().all(|one| *one == kept[0]), "{kept:?}");
        kept[0]
    }

    #[test]
    fn one_wrong_claim_is_noticed_wherever_it_is() {
        // By one key, by a key each, and some of each.
        for keys in [1, 12, 5] {
            let claims: Vec<_> = (0..12).map(|number| claim(number % keys, number)).collect();
            assert!(together(&claims));
            for place in 0..claims.len() {
                let mut other_payload = claims.clone();
                other_payload[place].payload = Hash::repeat_byte(99);
                assert!(!together(&other_payload), "{place}");
                let mut other_key = claims.clone();
                other_key[place].signer = ed25519::Pair::from_seed(&[99; 32]).public().into();
                assert!(!together(&other_key), "{place}");
                let mut spoilt = claims.clone();
                if let MultiSignature::Ed25519(signature) = &mut spoilt[place].signature {
                    signature.0[place * 5] ^= 1;
                }
                assert!(!together(&spoilt), "{place}");
            }
        }
    }

    #[test]
    fn exchanged_signatures_do_not_make_up_for_each_other() {
        let mut claims: Vec<_> = (0..4).map(|number| claim(1, number)).collect();
        let first = claims[0].signature.clone();
        claims[0].signature = core::mem::replace(&mut claims[1].signature, first);
        assert!(!together(&claims));
    }

    #[test]
    fn what_was_found_true_stays_with_its_frame() {
        let asides = [Some(1), None, Some(2), Some(3), None].map(|payload| match payload {
            Some(payload) => Aside::Claim(claim(1, payload)),
            None => Aside::Nothing,
        });
        let read = |aside| Read { peer: Peer::default(), frame: Ok(Frame::Ping(1)), aside };
        let frames = asides.map(read).into_iter().collect();
        let verified = Unverified::new(frames, || [7; 32]).verify().into_frames();
        let kept = verified.iter().map(|it| match &it.aside {
            Aside::Claim(claim) => Some(claim.payload),
            _ => None,
        });
        let payloads = [Some(1), None, Some(2), Some(3), None].map(|it| it.map(Hash::repeat_byte));
        assert_eq!(kept.collect::<Vec<_>>(), payloads);
    }

    #[test]
    fn few_claims_are_left_to_others() {
        assert!(!together(&[claim(1, 1), claim(1, 2)]));
        let mut nothing = [None, None, None, None];
        keep_verified(&mut nothing, Some([7; 32]));
        assert_eq!(nothing, [None, None, None, None]);
    }

    #[test]
    fn claims_of_other_kinds_are_left_to_others_and_do_not_spoil_the_rest() {
        let pair = sr25519::Pair::from_seed(&[1; 32]);
        let payload = Hash::repeat_byte(3);
        let (signer, signature) = (pair.public().into(), pair.sign(payload.as_bytes()).into());
        let other = Claim { signer, payload, signature };
        // Key and signature of two kinds.
        let mixed = Claim { signature: other.signature.clone(), ..claim(1, 3) };
        let claims = [claim(1, 1), other, claim(1, 2), mixed, claim(2, 4)];
        assert_eq!(kept(&claims), [true, false, true, false, true]);
    }

    #[test]
    fn together_and_one_by_one_agree_where_rules_differ_among_libraries() {
        // The points of small order, in all of their encodings that ZIP 215 takes, as keys and in
        // signatures whose other half is 0: valid for every message by the equation with the
        // cofactor, and refused by libraries without it.
        let small = [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "0100000000000000000000000000000000000000000000000000000000000080",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            // None of them.
            "0200000000000000000000000000000000000000000000000000000000000000",
        ];
        let small: Vec<[u8; 32]> =
            small.iter().map(|point| hex::decode(point).unwrap().try_into().unwrap()).collect();
        let honest = [claim(1, 1), claim(1, 2), claim(2, 3)];
        let mut seen = [0, 0];
        for key in &small {
            for point in &small {
                let mut bytes = [0; 64];
                bytes[..32].copy_from_slice(point);
                let signer = ed25519::Public::from_raw(*key).into();
                let signature = ed25519::Signature::from_raw(bytes).into();
                let odd = Claim { signer, payload: Hash::repeat_byte(5), signature };
                let alone = verify_signer(&odd.signature, &odd.signer, &odd.payload);
                let mut claims = honest.to_vec();
                claims.push(odd);
                assert_eq!(together(&claims), alone);
                seen[usize::from(alone)] += 1;
            }
        }
        assert_eq!(seen, [21, 100], "both happen");
    }
}
