// SPDX-License-Identifier: Apache-2.0

//! Which of the opened answers the chain would take, and which is the best.

use crate::{ledger::Name, sealing::Answer};
use millrace_primitives_channels::{
    Hash,
    api::{ChannelView, DisputeView, PhaseView},
    state_payload, verify_signer,
};

/// Whether the chain would take `answer` in the dispute about the channel of `view`, apart from its
/// version.
///
/// `genesis`: of the chain. The same checks as the judge's, so that no fee is paid for what a client
/// made up.
pub fn is_enforceable(genesis: &Hash, view: &ChannelView, answer: &Answer) -> bool {
    let Answer { state, signatures } = answer;
    let size = view.participants.len();
    let payload = state_payload(genesis, state);
    state.channel == view.id
        && state.version >= view.base_version
        && state.verify_shape(size).is_ok()
        && state.verify_conservation(size, view.deposit).is_ok()
        && signatures.len() == size
        && view
            .participants
            .iter()
            .zip(signatures.iter())
            .all(|(participant, signature)| verify_signer(signature, &participant.signer, &payload))
}

/// What came out of all appointments for one disputed channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The answer with the highest version of those that the chain would take, and whose it is.
    pub best: Option<(Name, Answer)>,
    /// Appointments that are of no use, because they do not open or the chain would refuse them.
    pub useless: Vec<Name>,
    /// Appointments with a lower version than the best.
    pub lower: Vec<(Name, u64)>,
}

/// Chooses among opened appointments; nothing stands for one that does not open.
pub fn choose(
    genesis: &Hash,
    view: &ChannelView,
    opened: impl IntoIterator<Item = (Name, Option<Answer>)>,
) -> Choice {
    let mut choice = Choice::default();
    for (name, answer) in opened {
        let Some(answer) = answer.filter(|answer| is_enforceable(genesis, view, answer)) else {
            choice.useless.push(name);
            continue;
        };
        let version = answer.state.version;
        let best_version = choice.best.as_ref().map(|(_, best)| best.state.version);
        if best_version.is_none_or(|best| version > best) {
            let before = choice.best.replace((name, answer));
            choice.lower.extend(before.map(|(name, answer)| (name, answer.state.version)));
        } else {
            choice.lower.push((name, version));
        }
    }
    choice
}

/// The dispute about a channel, if there is one.
pub fn dispute_of(view: &ChannelView) -> Option<&DisputeView> {
    match &view.phase {
        PhaseView::Disputed(dispute) => Some(dispute),
        PhaseView::Open | PhaseView::Resolving(_) => None,
    }
}
