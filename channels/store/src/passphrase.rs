// SPDX-License-Identifier: Apache-2.0

//! The passphrase, and the header that it opens.
//!
//! What encrypts the rows is a random secret. The passphrase only wraps that secret, so that it can
//! be changed without writing anything else.

use crate::{
    error::{Result, StoreError},
    sealing::{Seal, Secret, random},
};
use argon2::{Algorithm, Argon2, Params, Version};
use codec::{Decode, Encode};
use std::fmt;
use zeroize::Zeroizing;

/// What a person types to open the store. It leaves no trace in memory and is never shown.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a passphrase over. Its strength is all that protects a stolen file.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passphrase(..)")
    }
}

/// What one guess of the passphrase costs (Argon2id, RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct GuessCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
    /// Lanes that an attacker could compute side by side; here they are computed one by one.
    pub lanes: u32,
}

impl GuessCost {
    /// The second recommendation of RFC 9106, section 4: 64 MiB, three passes, four lanes.
    pub const RECOMMENDED: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

    /// The least that Argon2 takes. For tests, and for passphrases that are random keys already.
    pub const LEAST: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    /// No header may ask for more than this (4 GiB), or a damaged one could exhaust the machine.
    const MAX_MEMORY_KIB: u32 = 4 * 1024 * 1024;

    /// The same for passes.
    const MAX_PASSES: u32 = 1024;

    fn params(&self) -> Result<Params> {
        if self.memory_kib > Self::MAX_MEMORY_KIB || self.passes > Self::MAX_PASSES {
            return Err(StoreError::corrupted(format!("a guess must not cost {self:?}")));
        }
        Params::new(self.memory_kib, self.passes, self.lanes, Some(32))
            .map_err(|error| StoreError::corrupted(format!("{self:?}: {error}")))
    }
}

/// What stands at the front of the store, in plain.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Header {
    cost: GuessCost,
    salt: [u8; 16],
    wrapped: Vec<u8>,
}

impl Header {
    /// Wraps a store's secret.
    pub(crate) fn wrap(secret: &Secret, passphrase: &Passphrase, cost: GuessCost) -> Result<Self> {
        let salt = random()?;
        let seal = wrapping_seal(passphrase, cost, &salt)?;
        let wrapped = seal.seal(&wrapping_place(cost, &salt), secret.as_slice())?;
        Ok(Self { cost, salt, wrapped })
    }

    /// The store's secret.
    ///
    /// Errors: `WrongPassphrase`; `Corrupted` if the header asks for what no header of ours does.
    pub(crate) fn unwrap(&self, passphrase: &Passphrase) -> Result<Secret> {
        let seal = wrapping_seal(passphrase, self.cost, &self.salt)?;
        let place = wrapping_place(self.cost, &self.salt);
        let secret = seal.open(&place, &self.wrapped).ok_or(StoreError::WrongPassphrase)?;
        let secret = Zeroizing::new(secret);
        let secret: [u8; 32] =
            secret.as_slice().try_into().map_err(|_| StoreError::corrupted("the wrapped key"))?;
        Ok(Zeroizing::new(secret))
    }
}

/// The seal under the key that Argon2id makes of the passphrase.
fn wrapping_seal(passphrase: &Passphrase, cost: GuessCost, salt: &[u8; 16]) -> Result<Seal> {
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params()?)
        .hash_password_into(passphrase.0.as_bytes(), salt, key.as_mut_slice())
        .map_err(|error| StoreError::corrupted(error.to_string()))?;
    Ok(Seal::new(&key))
}

fn wrapping_place(cost: GuessCost, salt: &[u8; 16]) -> Vec<u8> {
    (b"millrace/store/header/1", cost, salt).encode()
}
