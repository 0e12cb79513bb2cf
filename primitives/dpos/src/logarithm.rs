// SPDX-License-Identifier: Apache-2.0

//! Binary logarithms in integers.
//!
//! Consensus cannot use floating point: its last bits may differ from machine to machine. The
//! fraction comes bit by bit from squaring, which doubles a logarithm: whenever the square reaches
//! two, the next bit is one and the square is halved.
//!
//! Source: Clay S. Turner, *A Fast Binary Logarithm Algorithm*, IEEE Signal Processing Magazine,
//! September 2010.

/// Bits after the binary point of a logarithm.
pub const FRACTION_BITS: u32 = 60;

/// `2^FRACTION_BITS` times the binary logarithm of `x`; nothing for zero.
///
/// Never above the exact value, and below it by less than `2^-58`: a square loses less than `2^-63`
/// of its value, and what it loses counts half with every further bit.
pub fn log2(x: u64) -> Option<u128> {
    let whole = x.checked_ilog2()?;
    // One to two, with 63 bits after the point.
    let mut mantissa = u128::from(x) << 63u32.saturating_sub(whole);
    let mut logarithm = u128::from(whole);
    for _ in 0..FRACTION_BITS {
        let square = mantissa.saturating_mul(mantissa) >> 63;
        let bit = square >> 64;
        mantissa = square >> bit;
        logarithm = (logarithm << 1) | bit;
    }
    Some(logarithm)
}

/// `2^FRACTION_BITS` times `−log2(u)`, where `u = (bits + 1) / 2^64` is uniform in `(0, 1]`.
pub fn minus_log2_of_uniform(bits: u64) -> u128 {
    let whole = 64u128 << FRACTION_BITS;
    // One more than the largest number is 2^64, whose logarithm is 64.
    let logarithm = bits.checked_add(1).and_then(log2).unwrap_or(whole);
    whole.saturating_sub(logarithm)
}
