// SPDX-License-Identifier: Apache-2.0

//! Texts with bounds: names of accounts, peers and addresses, notes, invoices, keys.
//!
//! What is checked here is the shape alone, so that no unbounded or unprintable text goes any
//! further. Whether a peer exists or a checksum fits is the daemon's to say.

/// Why a text does not have the expected shape.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TextError {
    /// Its length in bytes is out of bounds.
    #[error("{what} has {least} to {most} bytes, this one has {found}: {remedy}")]
    Length {
        /// What was expected.
        what: &'static str,
        /// The least number of bytes.
        least: usize,
        /// The largest number of bytes.
        most: usize,
        /// The bytes that were found.
        found: usize,
        /// What to do.
        remedy: &'static str,
    },
    /// A byte that may not be in it.
    #[error("{what} has no {:?} in it: {remedy}", *byte as char)]
    Byte {
        /// What was expected.
        what: &'static str,
        /// The first byte that does not fit.
        byte: u8,
        /// What to do.
        remedy: &'static str,
    },
}

/// Makes types of texts: name, what errors call it, its length in bytes, what to do if a text does
/// not fit, and which bytes may be in it.
macro_rules! texts {
    ($($(#[$documentation:meta])*
        $name:ident, $what:literal, $least:literal..=$most:literal, $remedy:literal, |$byte:ident| $allowed:expr;)*) => {$(
        $(#[$documentation])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize, schemars::JsonSchema)]
        #[schemars(transparent, extend("minLength" = $least, "maxLength" = $most))]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::values::TextError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if !($least..=$most).contains(&text.len()) {
                    return Err(Self::Err::Length {
                        what: $what,
                        least: $least,
                        most: $most,
                        found: text.len(),
                        remedy: $remedy,
                    });
                }
                match text.bytes().find(|$byte| !($allowed)) {
                    Some(byte) => Err(Self::Err::Byte { what: $what, byte, remedy: $remedy }),
                    None => Ok(Self(text.to_owned())),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
pub(super) use texts;

texts! {
    /// An account of the chain: an SS58 address, or `0x` and 64 hexadecimal digits.
    Account, "an account", 40..=66, "write an SS58 address, or 0x and 64 hexadecimal digits",
        |byte| byte.is_ascii_alphanumeric();
    /// A peer: the id of its node key, as libp2p writes it (`12D3KooW…`).
    Peer, "a peer's id", 32..=64, "copy it from `millrace-channel status` of that peer",
        |byte| byte.is_ascii_alphanumeric();
    /// Where a peer can be reached: a multiaddress, as `/ip4/203.0.113.7/tcp/9955`.
    Address, "an address", 2..=256, "write a multiaddress, as /ip4/203.0.113.7/tcp/9955",
        |byte| byte.is_ascii_graphic();
    /// A note to oneself or to the payee. It is never interpreted.
    Note, "a note", 0..=256, "shorten it, and leave out control characters",
        |byte| *byte >= b' ' && *byte != 0x7f;
    /// An invoice, as text.
    InvoiceText, "an invoice", 1..=4_096, "copy all of it, and nothing around it",
        |byte| byte.is_ascii_graphic();
    /// The name of a file in the daemon's folder of backups; no folder can be named.
    FileName, "the name of a backup", 1..=64, "use letters, digits, - and _",
        |byte| byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_';
    /// A name that the client gives to a request that moves money, so that repeating the request
    /// never moves it twice. Any text that is not used for anything else, as a UUID.
    IdempotencyKey, "an idempotency key", 1..=128, "use up to 128 printable characters, as a UUID",
        |byte| byte.is_ascii_graphic();
}

impl IdempotencyKey {
    /// A new key of 128 random bits.
    ///
    /// Errors: the operating system gives no random bytes; nothing can be done without them.
    pub fn random() -> std::io::Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(Self(hex::encode(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_bounds() {
        assert!("x".repeat(256).parse::<Note>().is_ok());
        let long: Result<Note, _> = "x".repeat(257).parse();
        assert!(matches!(long, Err(TextError::Length { most: 256, found: 257, .. })), "{long:?}");
        assert!("grüezi".parse::<Note>().is_ok());
        assert!(matches!("a\nb".parse::<Note>(), Err(TextError::Byte { byte: b'\n', .. })));
        assert!("".parse::<IdempotencyKey>().is_err());
        assert!("two words".parse::<IdempotencyKey>().is_err());
    }

    #[test]
    fn the_name_of_a_backup_cannot_leave_its_folder() {
        for name in ["..", "../token", "a/b", ".hidden", "a.b", ""] {
            assert!(name.parse::<FileName>().is_err(), "{name}");
        }
        assert!("before-upgrade_2".parse::<FileName>().is_ok());
    }

    #[test]
    fn random_keys_differ() {
        assert_ne!(IdempotencyKey::random().unwrap(), IdempotencyKey::random().unwrap());
    }
}
