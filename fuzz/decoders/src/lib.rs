// SPDX-License-Identifier: Apache-2.0

//! What every decoder of the off-chain engine has to keep, whatever bytes it reads.
//!
//! Each [`Decoder`] reads bytes that a stranger may have written and, if it takes them, checks that
//! nothing was taken that should not be: that they are within the stated bound, that what was read has
//! these very bytes and no others (or, for texts that may be written in several ways, that it comes
//! back from its own text), and that nobody passes for somebody else. A broken rule is a panic.
//!
//! Two things run them: the tests of this crate, within seconds and always with the same inputs, and
//! the fuzzer in `fuzz/engine`, guided by the code that its inputs reach.
//!
//! | chapter | who writes the bytes |
//! |---|---|
//! | `peers` | peers of a channel, and whoever connects |
//! | `routes` | nodes of the network: gossip, packets, errors, invoices |
//! | `towers` | clients of a watchtower, and the tower |
//! | `programs` | programs that use the daemon's interface, and daemons that answer them |

mod peers;
mod programs;
mod routes;
mod towers;

#[cfg(test)]
mod tests;

/// A decoder, and what has to hold of it.
#[derive(Clone, Copy, Debug)]
pub struct Decoder {
    /// Its name.
    pub name: &'static str,
    /// Reads bytes, and says whether they were taken. Panics if a rule is broken.
    pub check: fn(&[u8]) -> bool,
    /// Bytes that are taken.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every decoder. The fuzzer names them by their place: new ones are added at the end.
pub const DECODERS: [Decoder; 13] = [
    Decoder { name: "message", check: peers::message, seeds: peers::messages },
    Decoder { name: "frame", check: peers::frame, seeds: peers::frames },
    Decoder { name: "record", check: peers::record, seeds: peers::records },
    Decoder { name: "binding", check: peers::binding, seeds: peers::bindings },
    Decoder { name: "gossip", check: routes::gossip, seeds: routes::all_gossip },
    Decoder { name: "packet", check: routes::packet, seeds: routes::packets },
    Decoder { name: "error", check: routes::error, seeds: routes::errors },
    Decoder { name: "invoice", check: routes::invoice, seeds: routes::invoices },
    Decoder { name: "tower request", check: towers::request, seeds: towers::requests },
    Decoder { name: "tower response", check: towers::response, seeds: towers::responses },
    Decoder { name: "appointment", check: towers::appointment, seeds: towers::appointments },
    Decoder { name: "interface", check: programs::json, seeds: programs::all_json },
    Decoder { name: "texts", check: programs::text, seeds: programs::texts },
];

/// Lets the decoder read that the first byte names. Returns its name if it took the bytes; bytes that
/// name none do nothing.
pub fn check(bytes: &[u8]) -> Option<&'static str> {
    let (place, rest) = bytes.split_first()?;
    let decoder = DECODERS.get(usize::from(*place))?;
    (decoder.check)(rest).then_some(decoder.name)
}

/// What the fuzzer begins with: every seed, behind the place of its decoder.
pub fn seeds() -> impl Iterator<Item = Vec<u8>> {
    (0u8..).zip(DECODERS).flat_map(|(place, decoder)| {
        (decoder.seeds)().into_iter().map(move |seed| [&[place][..], &seed].concat())
    })
}
