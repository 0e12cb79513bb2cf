// SPDX-License-Identifier: Apache-2.0

//! What the runtime API shows of a channel.

use crate::{ChannelId, Channels, Config, Pallet, Phase};
use millrace_primitives_channels::{
    AccountId, Balance,
    api::{ChannelView, PhaseView},
};

impl<T: Config> Pallet<T> {
    /// The channel with this id, while it is open or disputed.
    pub fn view(id: ChannelId) -> Option<ChannelView> {
        let channel = Channels::<T>::get(id)?;
        let deposits = Self::deposits(id, &channel.participants);
        let phase = match channel.phase {
            Phase::Open => PhaseView::Open,
            Phase::Disputed(dispute) => PhaseView::Disputed {
                version: dispute.version,
                balances: dispute.balances.into_inner(),
                deadline: dispute.deadline,
                is_concludable: Self::now() >= dispute.deadline,
            },
        };
        Some(ChannelView {
            id,
            participants: channel.participants.into_inner(),
            deposits,
            asset: channel.asset,
            challenge_blocks: channel.challenge_blocks,
            opened_at: channel.opened_at,
            phase,
        })
    }

    /// What the recorded state of a disputed channel pays to `account`; nothing if the channel is
    /// not disputed or the account is no participant.
    pub fn disputed_share(id: ChannelId, account: &AccountId) -> Option<Balance> {
        let channel = Channels::<T>::get(id)?;
        let Phase::Disputed(dispute) = channel.phase else { return None };
        let position = channel.participants.iter().position(|it| it.account == *account)?;
        dispute.balances.get(position).copied()
    }
}
