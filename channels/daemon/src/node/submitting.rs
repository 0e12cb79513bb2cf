// SPDX-License-Identifier: Apache-2.0

//! Calls on their way to the chain: who submits what one submission is enough for, and what is
//! tried again.

use super::{Node, next_id};
use crate::{
    input::{Outcome, SubmissionId},
    live::Live,
    output::{Call, Notice, Output},
};
use millrace_primitives_channels::{BlockNumber, ChannelId};
use std::collections::BTreeMap;

/// How often a call is handed to the submitter, which by itself tries for as long as that makes
/// sense.
const TRIES: u8 = 10;

/// A call, and how often it was tried.
#[derive(Clone, Debug)]
pub(crate) struct Submission {
    pub(crate) channel: ChannelId,
    pub(crate) call: Call,
    deadline: Option<BlockNumber>,
    tries: u8,
}

/// Calls that are under way or will be.
#[derive(Debug, Default)]
pub(crate) struct Submissions {
    last: SubmissionId,
    under_way: BTreeMap<SubmissionId, Submission>,
    /// By the block from which on they are submitted.
    later: BTreeMap<(BlockNumber, SubmissionId), Submission>,
}

impl Submissions {
    /// Forgets everything about a channel.
    pub(crate) fn forget(&mut self, channel: ChannelId) {
        self.under_way.retain(|_, it| it.channel != channel);
        self.later.retain(|_, it| it.channel != channel);
    }

    /// How many are under way.
    pub(crate) fn len(&self) -> usize {
        self.under_way.len()
    }

    /// Whether a call of this name is under way or will be.
    pub(crate) fn has(&self, channel: ChannelId, name: &str) -> bool {
        let mut all = self.under_way.values().chain(self.later.values());
        all.any(|it| it.channel == channel && it.call.name() == name)
    }

    /// Whether this very call is under way or will be.
    fn has_same(&self, channel: ChannelId, call: &Call) -> bool {
        let mut all = self.under_way.values().chain(self.later.values());
        all.any(|it| it.channel == channel && it.call == *call)
    }

    /// Forgets resizes that wait for their turn and that the chain has passed by.
    pub(crate) fn pass_by(&mut self, channel: ChannelId, version: u64) {
        self.later.retain(|_, it| match &it.call {
            Call::Resize(signed) => it.channel != channel || signed.resize.state.version > version,
            _ => true,
        });
    }

    fn wait(&mut self, from: BlockNumber, submission: Submission) {
        let id = next_id(&mut self.last);
        self.later.insert((from, id), submission);
    }

    /// Takes what is to be submitted at this height.
    fn take_due(&mut self, height: BlockNumber) -> Vec<Submission> {
        let rest = self.later.split_off(&(height.saturating_add(1), 0));
        core::mem::replace(&mut self.later, rest).into_values().collect()
    }
}

impl Node {
    /// Submits a call once everything that the channel has written is durable.
    pub(crate) fn submit(&mut self, live: &Live, call: Call, deadline: Option<BlockNumber>) {
        let submission = Submission { channel: live.id, call, deadline, tries: 0 };
        let output = self.start(submission);
        self.release(live, output);
    }

    /// Submits what everybody could: whoever proposed the version does at once, all others if that
    /// has had no effect after a while.
    pub(crate) fn submit_by(
        &mut self,
        live: &Live,
        version: u64,
        call: Call,
        deadline: Option<BlockNumber>,
    ) {
        // It is asked for again whenever a message repeats what completed it.
        if self.submissions.has_same(live.id, &call) {
            return;
        }
        if live.channel.agreement().proposer(version) == usize::from(live.terms.position) {
            return self.submit(live, call, deadline);
        }
        let from = self.best.saturating_add(self.config.patience.others_submit);
        // What has a deadline leaves half of the time to others.
        let left = deadline.map(|deadline| deadline.saturating_sub(self.best) / 2);
        let from = left.map_or(from, |left| from.min(self.best.saturating_add(left)));
        let submission = Submission { channel: live.id, call, deadline, tries: 0 };
        self.submissions.wait(from, submission);
    }

    /// Notes that a call is under way, and returns what hands it to the submitter.
    pub(crate) fn start(&mut self, submission: Submission) -> Output {
        let id = next_id(&mut self.submissions.last);
        let Submission { channel, call, deadline, .. } = submission.clone();
        self.submissions.under_way.insert(id, submission);
        self.stats.submissions = self.stats.submissions.saturating_add(1);
        Output::Submit { id, channel, call: Box::new(call), deadline }
    }

    /// Submits a call that depends on nothing that is not durable.
    pub(crate) fn submit_opening(
        &mut self,
        channel: ChannelId,
        call: Call,
        by: BlockNumber,
    ) -> Output {
        let deadline = Some(by.saturating_add(1));
        self.start(Submission { channel, call, deadline, tries: 0 })
    }

    /// Submits what was to wait until now.
    pub(crate) fn submit_due(&mut self) {
        for submission in self.submissions.take_due(self.best) {
            let output = self.start(submission);
            if self.failing.is_none() || super::survives(&output) {
                self.out.push(output);
            }
        }
    }

    /// What became of a submission.
    pub(crate) fn submitted(&mut self, id: SubmissionId, outcome: Outcome) {
        let Some(mut submission) = self.submissions.under_way.remove(&id) else { return };
        let Outcome::Failed { reason } = outcome else { return };
        let (channel, call) = (submission.channel, submission.call.name());
        if matches!(submission.call, Call::Open { .. }) {
            return self.opening_failed(channel, reason);
        }
        submission.tries = submission.tries.saturating_add(1);
        let from = self.best.saturating_add(self.config.patience.submit_again);
        let is_late = submission.deadline.is_some_and(|deadline| from >= deadline);
        let again = submission.tries < TRIES && !is_late && self.channels.contains_key(&channel);
        if again {
            self.submissions.wait(from, submission);
        }
        self.out.push(Output::Notice(Notice::NotSubmitted { channel, call, reason, again }));
    }
}
