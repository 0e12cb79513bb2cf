// SPDX-License-Identifier: Apache-2.0

//! Applications that a channel can carry: the rules by which the chain judges a forced move.
//!
//! A state names its application by an id ([`crate::AppState`]). An application is a set of pure
//! functions over states: whose move it is, which moves are allowed, and what is paid if nobody
//! moves. Games, escrows and contracts share these.

use crate::{ChannelState, Hash, params::Amounts};
use alloc::vec::Vec;
use polkadot_sdk::sp_runtime::Weight;

/// One application. Its functions are deterministic, never panic, and take bounded time.
pub trait ChannelApp {
    /// Names the application for ever: the hash of its rules' name and version.
    fn id() -> Hash;

    /// The longest time that one call of any function below takes.
    fn weight() -> Weight;

    /// Position of the participant whose move it is; nothing if the application is over, or if its
    /// data makes no sense.
    fn mover(state: &ChannelState) -> Option<u8>;

    /// Whether the participant at `mover` may turn `from` into `to` alone.
    ///
    /// The judge has checked before that it is this participant's move, that versions follow each
    /// other, that both states belong to one channel and distribute the same sum, and that pending
    /// transfers and streams are the same in both.
    fn is_valid_move(from: &ChannelState, to: &ChannelState, mover: u8) -> bool;

    /// What each participant gets if `mover` lets its time run out. The default is what the state
    /// says. The judge pays it only if the sum is the state's sum of balances.
    fn abandoned(state: &ChannelState, mover: u8) -> Amounts {
        let _ = mover;
        state.balances.clone()
    }
}

/// The applications that a chain knows. A state with an application that the chain does not know is
/// paid by its balances, and nobody can force a move.
pub trait ChannelApps {
    /// The longest time that one judgement takes, over all applications.
    fn max_weight() -> Weight;
    /// Ids of all applications.
    fn ids() -> Vec<Hash>;
    /// See [`ChannelApp::mover`]; nothing for an unknown application.
    fn mover(state: &ChannelState) -> Option<u8>;
    /// See [`ChannelApp::is_valid_move`]; false for an unknown application.
    fn is_valid_move(from: &ChannelState, to: &ChannelState, mover: u8) -> bool;
    /// See [`ChannelApp::abandoned`]; the state's balances for an unknown application.
    fn abandoned(state: &ChannelState, mover: u8) -> Amounts;
}

/// No application at all.
impl ChannelApps for () {
    fn max_weight() -> Weight {
        Weight::zero()
    }
    fn ids() -> Vec<Hash> {
        Vec::new()
    }
    fn mover(_: &ChannelState) -> Option<u8> {
        None
    }
    fn is_valid_move(_: &ChannelState, _: &ChannelState, _: u8) -> bool {
        false
    }
    fn abandoned(state: &ChannelState, _: u8) -> Amounts {
        state.balances.clone()
    }
}

/// A list of applications: `(First, (Second, ()))`.
impl<First: ChannelApp, Others: ChannelApps> ChannelApps for (First, Others) {
    fn max_weight() -> Weight {
        First::weight().max(Others::max_weight())
    }
    fn ids() -> Vec<Hash> {
        let mut ids = Others::ids();
        ids.insert(0, First::id());
        ids
    }
    fn mover(state: &ChannelState) -> Option<u8> {
        if is_of::<First>(state) { First::mover(state) } else { Others::mover(state) }
    }
    fn is_valid_move(from: &ChannelState, to: &ChannelState, mover: u8) -> bool {
        if is_of::<First>(from) {
            is_of::<First>(to) && First::is_valid_move(from, to, mover)
        } else {
            Others::is_valid_move(from, to, mover)
        }
    }
    fn abandoned(state: &ChannelState, mover: u8) -> Amounts {
        if is_of::<First>(state) {
            First::abandoned(state, mover)
        } else {
            Others::abandoned(state, mover)
        }
    }
}

/// Whether the state carries application `App`.
fn is_of<App: ChannelApp>(state: &ChannelState) -> bool {
    state.app.as_ref().is_some_and(|app| app.id == App::id())
}
