// SPDX-License-Identifier: Apache-2.0

//! Origins that only a referendum can obtain. Each has its own track.

pub use pallet::*;

/// The pallet that defines the origins. It has no calls and no storage.
// The macros below write undocumented items of their own.
#[allow(missing_docs)]
#[polkadot_sdk::frame_support::pallet]
pub mod pallet {
    use crate::{Balance, constants::money::MILL};
    use polkadot_sdk::frame_support::{self, pallet_prelude::*};

    #[pallet::config]
    pub trait Config: polkadot_sdk::frame_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// An origin that a referendum obtained.
    #[derive(
        Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
    )]
    #[pallet::origin]
    pub enum Origin {
        /// May dispatch a call with root rights that the technical committee has whitelisted.
        WhitelistedCaller,
        /// May spend from the treasury, up to [`SPENDER_LIMIT`] a spend.
        Spender,
        /// May set the parameters that governance keeps.
        ParameterAdmin,
        /// May cancel a referendum and return its deposits.
        ReferendumCanceller,
        /// May kill a referendum and slash its deposits.
        ReferendumKiller,
    }

    /// What one spend by [`Origin::Spender`] may cost at the most.
    pub const SPENDER_LIMIT: Balance = 100_000 * MILL;

    /// Defines an `EnsureOrigin` for one of the origins above.
    macro_rules! ensure_origin {
        ($($name:ident: $success:ty = $value:expr;)*) => {$(
            #[doc = concat!("Passes only [`Origin::", stringify!($name), "`].")]
            pub struct $name;

            impl<O> EnsureOrigin<O> for $name
            where
                O: OriginTrait + From<Origin>,
                for<'a> &'a O::PalletsOrigin: TryInto<&'a Origin>,
            {
                type Success = $success;

                fn try_origin(o: O) -> Result<Self::Success, O> {
                    let is_it = matches!(o.caller().try_into(), Ok(Origin::$name));
                    if is_it { Ok($value) } else { Err(o) }
                }

                #[cfg(feature = "runtime-benchmarks")]
                fn try_successful_origin() -> Result<O, ()> {
                    Ok(O::from(Origin::$name))
                }
            }
        )*};
    }
    use frame_support::traits::OriginTrait;

    ensure_origin! {
        WhitelistedCaller: () = ();
        Spender: Balance = SPENDER_LIMIT;
        ParameterAdmin: () = ();
        ReferendumCanceller: () = ();
        ReferendumKiller: () = ();
    }
}
