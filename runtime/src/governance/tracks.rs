// SPDX-License-Identifier: Apache-2.0

//! The tracks on which referenda run. Periods are those of a live network; a development chain
//! divides them (see [`crate::network`]).

use crate::{
    Balance, BlockNumber, Network, OriginCaller, RuntimeOrigin,
    constants::{
        money::MILL,
        time::{DAYS, HOURS, MINUTES},
    },
    governance::origins::Origin,
};
use alloc::borrow::Cow;
use polkadot_sdk::{
    frame_support::traits::OriginTrait,
    frame_system::RawOrigin,
    pallet_referenda::{Curve, Track, TrackInfo, TracksInfo},
    sp_runtime::{FixedI64, str_array},
};

/// The tracks of this chain.
pub struct Tracks;

/// A percentage as a fixed-point number, for curves.
const fn percent(value: i32) -> FixedI64 {
    FixedI64::from_rational(value as u128, 100)
}

/// Approval that starts at certainty and falls to a simple majority over 28 days.
const APPROVAL: Curve = Curve::make_linear(28, 28, percent(50), percent(100));
/// Support that falls from half of all tokens to none over 28 days.
const SUPPORT: Curve = Curve::make_linear(28, 28, percent(0), percent(50));
/// Support for calls that experts have checked: it falls fast.
const LIGHT_SUPPORT: Curve = Curve::make_reciprocal(1, 28, percent(20), percent(1), percent(50));

/// A track as it is on a live network.
struct Rules {
    id: u16,
    name: &'static str,
    max_deciding: u32,
    deposit: Balance,
    prepare: BlockNumber,
    decide: BlockNumber,
    confirm: BlockNumber,
    enact: BlockNumber,
    approval: Curve,
    support: Curve,
}

const RULES: [Rules; 6] = [
    Rules {
        id: 0,
        name: "root",
        max_deciding: 1,
        deposit: 100_000 * MILL,
        prepare: 2 * HOURS,
        decide: 28 * DAYS,
        confirm: DAYS,
        enact: DAYS,
        approval: APPROVAL,
        support: SUPPORT,
    },
    Rules {
        id: 1,
        name: "whitelisted_caller",
        max_deciding: 100,
        deposit: 10_000 * MILL,
        prepare: 30 * MINUTES,
        decide: 28 * DAYS,
        confirm: 10 * MINUTES,
        enact: 10 * MINUTES,
        approval: APPROVAL,
        support: LIGHT_SUPPORT,
    },
    Rules {
        id: 10,
        name: "spender",
        max_deciding: 50,
        deposit: 1_000 * MILL,
        prepare: 2 * HOURS,
        decide: 28 * DAYS,
        confirm: 2 * DAYS,
        enact: DAYS,
        approval: APPROVAL,
        support: SUPPORT,
    },
    Rules {
        id: 11,
        name: "parameter_admin",
        max_deciding: 20,
        deposit: 5_000 * MILL,
        prepare: 2 * HOURS,
        decide: 28 * DAYS,
        confirm: DAYS,
        enact: DAYS,
        approval: APPROVAL,
        support: SUPPORT,
    },
    Rules {
        id: 20,
        name: "referendum_canceller",
        max_deciding: 1_000,
        deposit: 10_000 * MILL,
        prepare: 2 * HOURS,
        decide: 7 * DAYS,
        confirm: 3 * HOURS,
        enact: 10 * MINUTES,
        approval: APPROVAL,
        support: LIGHT_SUPPORT,
    },
    Rules {
        id: 21,
        name: "referendum_killer",
        max_deciding: 1_000,
        deposit: 50_000 * MILL,
        prepare: 2 * HOURS,
        decide: 28 * DAYS,
        confirm: 3 * HOURS,
        enact: 10 * MINUTES,
        approval: APPROVAL,
        support: LIGHT_SUPPORT,
    },
];

impl Rules {
    /// This track in blocks of this chain.
    fn track(&self) -> Track<u16, Balance, BlockNumber> {
        Track {
            id: self.id,
            info: TrackInfo {
                name: str_array(self.name),
                max_deciding: self.max_deciding,
                decision_deposit: self.deposit,
                prepare_period: Network::scaled(self.prepare),
                decision_period: Network::scaled(self.decide),
                confirm_period: Network::scaled(self.confirm),
                min_enactment_period: Network::scaled(self.enact),
                min_approval: self.approval.clone(),
                min_support: self.support.clone(),
            },
        }
    }
}

impl TracksInfo<Balance, BlockNumber> for Tracks {
    type Id = u16;
    type RuntimeOrigin = <RuntimeOrigin as OriginTrait>::PalletsOrigin;

    fn tracks() -> impl Iterator<Item = Cow<'static, Track<Self::Id, Balance, BlockNumber>>> {
        RULES.iter().map(|rules| Cow::Owned(rules.track()))
    }

    fn track_for(origin: &Self::RuntimeOrigin) -> Result<Self::Id, ()> {
        match origin {
            OriginCaller::system(RawOrigin::Root) => Ok(0),
            OriginCaller::Origins(Origin::WhitelistedCaller) => Ok(1),
            OriginCaller::Origins(Origin::Spender) => Ok(10),
            OriginCaller::Origins(Origin::ParameterAdmin) => Ok(11),
            OriginCaller::Origins(Origin::ReferendumCanceller) => Ok(20),
            OriginCaller::Origins(Origin::ReferendumKiller) => Ok(21),
            _ => Err(()),
        }
    }
}
