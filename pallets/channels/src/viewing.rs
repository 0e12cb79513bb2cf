// SPDX-License-Identifier: Apache-2.0

//! What the runtime API shows of a channel.

use crate::{
    Balance, Channel, ChannelFunds, ChannelId, ChannelOf, ChannelState, Channels, Config, Dispute,
    Hash, Pallet, Phase, Recorded, Resolution, Resolutions,
};
use alloc::vec::Vec;
use millrace_primitives_channels::{
    ChannelApps,
    api::{ChannelView, ConclusionView, DisputeView, PhaseView, ResolutionView, StreamView},
};

impl<T: Config> Pallet<T> {
    /// The channel with this id, until it is closed.
    pub fn view(id: ChannelId) -> Option<ChannelView> {
        let channel = Channels::<T>::get(id)?;
        let locked: Vec<Balance> = channel
            .participants
            .iter()
            .map(|participant| T::Funds::locked(id, &participant.account).unwrap_or(0))
            .collect();
        let (phase, conclusion) = match channel.phase.clone() {
            Phase::Open => (PhaseView::Open, None),
            Phase::Disputed(dispute) => {
                let state = Recorded::<T>::get(id)?;
                let conclusion = Self::view_conclusion(&channel, &dispute, &state);
                let reward = Self::reward(dispute.bond);
                (PhaseView::Disputed(view_dispute(dispute, reward, state)), Some(conclusion))
            }
            Phase::Resolving => {
                let resolution = Resolutions::<T>::get(id)?;
                let left = resolution.leftovers(channel.participants.len())?;
                let conclusion =
                    ConclusionView { from: resolution.until, payouts: left.into_inner() };
                (PhaseView::Resolving(view_resolution(resolution)), Some(conclusion))
            }
        };
        let Channel { participants, asset, challenge_blocks, opened_at, opener, base, .. } =
            channel;
        Some(ChannelView {
            id,
            at: Self::now(),
            participants: participants.into_inner(),
            asset,
            // All that is in the channel is on hold, whatever phase it is in (CH-2).
            deposit: locked.iter().fold(0, |sum: Balance, amount| sum.saturating_add(*amount)),
            locked,
            challenge_blocks,
            opened_at,
            opener,
            base_version: base.version,
            phase,
            conclusion,
        })
    }

    /// Ids of the applications that the chain can judge.
    pub fn app_ids() -> Vec<Hash> {
        T::Apps::ids()
    }

    /// What concluding a dispute would do if nothing new is shown.
    fn view_conclusion(
        channel: &ChannelOf<T>,
        dispute: &Dispute,
        state: &ChannelState,
    ) -> ConclusionView {
        ConclusionView {
            from: dispute.concludable_from(channel.challenge_blocks),
            payouts: Self::final_balances(state, dispute.mover).into_inner(),
        }
    }
}

fn view_dispute(dispute: Dispute, reward: Balance, state: ChannelState) -> DisputeView {
    DisputeView {
        by: dispute.by,
        bond: dispute.bond,
        reward,
        reward_to: dispute.reward_to,
        disputed_version: dispute.disputed_version,
        version: state.version,
        balances: state.balances.into_inner(),
        pending: state.pending,
        streams: state.streams.into_inner(),
        app: state.app,
        mover: dispute.mover,
        deadline: dispute.deadline,
        free_answers: dispute.free_answers,
    }
}

fn view_resolution(resolution: Resolution) -> ResolutionView {
    ResolutionView {
        version: resolution.version,
        until: resolution.until,
        undecided: resolution.pending.as_ref().map_or(0, |pending| pending.undecided()),
        pending: resolution.pending.map(|pending| pending.transfers),
        streams: resolution
            .streams
            .iter()
            .map(|entry| StreamView { stream: entry.stream, paid_units: entry.paid })
            .collect(),
    }
}
