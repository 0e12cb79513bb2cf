// SPDX-License-Identifier: Apache-2.0

//! Short hashes without asking the node.
//!
//! Where a value lies in the state is said by xxHash of the names of its pallet and of itself, and
//! FRAME computes both anew for each value of a map. To hash these few bytes takes a small part of
//! what it takes to ask the node for it: a call out of the runtime, memory in it for the answer, and
//! another call to release that. So the runtime hashes them itself. BLAKE2 is left to the node, whose
//! vector instructions are worth the way.

use twox_hash::XxHash64;

/// As [`polkadot_sdk::sp_io::hashing::twox_64`].
fn twox_64(data: &[u8]) -> [u8; 8] {
    XxHash64::oneshot(0, data).to_le_bytes()
}

/// As [`polkadot_sdk::sp_io::hashing::twox_128`].
fn twox_128(data: &[u8]) -> [u8; 16] {
    let [low, high] = [0, 1].map(|seed| XxHash64::oneshot(seed, data));
    (u128::from(high) << 64 | u128::from(low)).to_le_bytes()
}

/// Hashes keys of the state here from now on, until the call into the runtime ends.
///
/// A call has an instance of its own, so each that touches much of the state says this first.
#[cfg(substrate_runtime)]
pub fn stay_inside() {
    use core::sync::atomic::{AtomicBool, Ordering};
    use polkadot_sdk::sp_io::hashing::{host_twox_64, host_twox_128};

    static IS_INSIDE: AtomicBool = AtomicBool::new(false);
    if !IS_INSIDE.swap(true, Ordering::Relaxed) {
        // What comes back would restore the node's functions when it is dropped.
        core::mem::forget(host_twox_64.replace_implementation(twox_64));
        core::mem::forget(host_twox_128.replace_implementation(twox_128));
    }
}

#[cfg(test)]
mod tests {
    use polkadot_sdk::sp_io::hashing;

    #[test]
    fn hashes_are_those_of_the_node() {
        let data: Vec<u8> =
            (0..=255).cycle().map(|byte: u8| byte.wrapping_mul(167)).take(1_000).collect();
        for from in [0, 1, 7, 500] {
            for length in (0..200).chain([400, 500]) {
                let part = &data[from..from + length];
                assert_eq!(super::twox_64(part), hashing::twox_64(part));
                assert_eq!(super::twox_128(part), hashing::twox_128(part));
            }
        }
        // The key of the newest block's number, which explorers know by heart.
        let key = [super::twox_128(b"System"), super::twox_128(b"Number")].concat();
        let known = "26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac";
        assert_eq!(hex::encode(key), known);
    }
}
