// SPDX-License-Identifier: Apache-2.0

//! What a call is to bring about, and whether somebody else has done so already.
//!
//! Most calls of channels may be sent by anybody, so two honest parties often send the same one. The
//! second must neither pay for it nor take its refusal for a failure.

use crate::calls::Call;
use millrace_primitives_channels::{
    ChannelId, Hash,
    api::{ChannelView, PhaseView},
};

/// What a call is to bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Its constructor does not know.
    Unknown,
    /// The channel ends.
    End(ChannelId),
    /// The channel is disputed, with whatever state.
    Dispute(ChannelId),
    /// The newest state shown in the channel's dispute has at least this version.
    Answer {
        /// The channel.
        channel: ChannelId,
        /// The version.
        version: u64,
    },
    /// The channel's base state has at least this version.
    Resize {
        /// The channel.
        channel: ChannelId,
        /// The version.
        version: u64,
    },
    /// Something that is pending in the channel is decided.
    Resolve(ChannelId),
    /// The preimage of this lock is public.
    Reveal(Hash),
}

/// How a call was overtaken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overtaken {
    /// What it was to bring about is so.
    Done,
    /// The channel is over: nothing can be done about it any more.
    Over,
}

impl Aim {
    /// The channel whose state tells whether the aim is reached.
    pub fn channel(&self) -> Option<ChannelId> {
        match self {
            Self::End(channel)
            | Self::Dispute(channel)
            | Self::Answer { channel, .. }
            | Self::Resize { channel, .. }
            | Self::Resolve(channel) => Some(*channel),
            Self::Unknown | Self::Reveal(_) => None,
        }
    }

    /// Whether the aim is reached in a final state of the channel; nothing if the call is still
    /// needed. All aims are about channels that were open before.
    pub fn overtaken_by(&self, state: Option<&ChannelView>) -> Option<Overtaken> {
        self.channel()?;
        let Some(state) = state else { return Some(Overtaken::Over) };
        let is_reached = match (self, &state.phase) {
            (Self::Dispute(_), PhaseView::Disputed(_)) => true,
            (Self::Answer { version, .. }, PhaseView::Disputed(dispute)) => {
                dispute.version >= *version
            }
            (Self::Resize { version, .. }, _) => state.base_version >= *version,
            _ => false,
        };
        is_reached.then_some(Overtaken::Done)
    }
}

impl Call {
    /// Whether the runtime's refusal means that somebody else was faster.
    /// `error`: the name of an error of the pallet `Channels`.
    pub fn overtaken_if_refused_by(&self, error: &str) -> Option<Overtaken> {
        match (self.name(), error) {
            ("open", "ChannelExists")
            | ("dispute", "AlreadyDisputed")
            | ("answer" | "resize", "StaleVersion")
            | ("claim" | "refund", "AlreadyDecided")
            | ("claim_stream", "NothingNew") => Some(Overtaken::Done),
            ("open", _) => None,
            (_, "ChannelNotFound") => Some(Overtaken::Over),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use millrace_primitives_channels::{AccountId, ChannelAsset, api::DisputeView};

    const ID: ChannelId = ChannelId::repeat_byte(7);

    fn view(phase: PhaseView) -> ChannelView {
        ChannelView {
            id: ID,
            at: 9,
            participants: Vec::new(),
            asset: ChannelAsset::Native,
            deposit: 10,
            locked: Vec::new(),
            challenge_blocks: 10,
            opened_at: 1,
            opener: AccountId::new([1; 32]),
            base_version: 4,
            phase,
            conclusion: None,
        }
    }

    fn disputed(version: u64) -> ChannelView {
        view(PhaseView::Disputed(DisputeView {
            by: AccountId::new([1; 32]),
            bond: 0,
            reward: 0,
            reward_to: None,
            disputed_version: 1,
            version,
            balances: Vec::new(),
            pending: None,
            streams: Vec::new(),
            app: None,
            mover: None,
            deadline: 20,
            free_answers: 4,
        }))
    }

    #[test]
    fn answer_is_overtaken_by_the_same_version_and_by_later_ones_only() {
        let aim = Aim::Answer { channel: ID, version: 5 };
        assert_eq!(aim.overtaken_by(Some(&disputed(4))), None);
        assert_eq!(aim.overtaken_by(Some(&disputed(5))), Some(Overtaken::Done));
        assert_eq!(aim.overtaken_by(Some(&disputed(6))), Some(Overtaken::Done));
        assert_eq!(aim.overtaken_by(Some(&view(PhaseView::Open))), None);
        assert_eq!(aim.overtaken_by(None), Some(Overtaken::Over));
    }

    #[test]
    fn settling_is_overtaken_when_the_channel_is_gone() {
        assert_eq!(Aim::End(ID).overtaken_by(Some(&view(PhaseView::Open))), None);
        assert_eq!(Aim::End(ID).overtaken_by(None), Some(Overtaken::Over));
    }

    #[test]
    fn resize_is_overtaken_by_its_base() {
        let aim = |version| Aim::Resize { channel: ID, version };
        assert_eq!(aim(4).overtaken_by(Some(&view(PhaseView::Open))), Some(Overtaken::Done));
        assert_eq!(aim(5).overtaken_by(Some(&view(PhaseView::Open))), None);
    }

    #[test]
    fn reveal_is_about_no_channel() {
        assert_eq!(Aim::Reveal(Hash::zero()).overtaken_by(None), None);
    }

    #[test]
    fn refusals_that_mean_somebody_was_faster_are_told_from_failures() {
        let conclude = Call::conclude(ID);
        assert_eq!(conclude.overtaken_if_refused_by("ChannelNotFound"), Some(Overtaken::Over));
        assert_eq!(conclude.overtaken_if_refused_by("DeadlineNotReached"), None);
        let reveal = Call::reveal(&[0; 32]);
        assert_eq!(reveal.overtaken_if_refused_by("StaleVersion"), None);
    }
}
