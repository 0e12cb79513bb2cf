// SPDX-License-Identifier: Apache-2.0

//! The limit of LDK's signatures.

// Its errors are no standard ones, because it is built without its standard library.
use anyhow::Error;
use lightning::bitcoin::secp256k1::{Message, Secp256k1, SecretKey};
use std::time::{Duration, Instant};

/// Pairs of sign and verify that this thread does a second. LDK signs until the signature is short,
/// which takes two attempts on average, unless it is told not to.
///
/// Errors: a signature of its own is no good.
pub fn pairs_per_second(span: Duration) -> anyhow::Result<f64> {
    let (secp, secret) = (Secp256k1::new(), SecretKey::from_slice(&[1; 32]).map_err(Error::msg)?);
    let (public, mut digest) = (secret.public_key(&secp), [1_u8; 32]);
    let (began, mut count) = (Instant::now(), 0_u32);
    while count == 0 || began.elapsed() < span {
        digest[0] = digest[0].wrapping_add(1);
        let message = Message::from_digest(digest);
        let signature = secp.sign_ecdsa_low_r(&message, &secret);
        secp.verify_ecdsa(&message, &signature, &public).map_err(Error::msg)?;
        count += 1;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}
