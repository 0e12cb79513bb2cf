// SPDX-License-Identifier: Apache-2.0

//! From a dispute to an answer in a final block.

use super::{Tower, TowerError};
use crate::{
    guard::Duty,
    judging::{Choice, choose, dispute_of},
    ledger::{Ledger, Name},
    message::{MAX_REASON_BYTES, Report},
    sealing::{ChannelSecret, Locator},
    storage::Storage,
};
use millrace_channels_chain::{
    Call, Chain, Outcome,
    submitter::{Request, SubmitError},
};
use millrace_primitives_channels::{ChannelId, api::ChannelView};
use polkadot_sdk::sp_runtime::BoundedVec;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::{error, info, warn};

/// What came of looking into a dispute.
pub(super) type Searched = (ChannelId, Result<(Option<Locator>, Choice), String>);

/// What came of submitting an answer.
pub(super) type Submitted = (ChannelId, Name, u64, Result<Outcome, SubmitError>);

impl Tower {
    /// Looks into the most urgent disputes, a few at a time: each costs time and memory.
    pub(super) fn search(&mut self) {
        while self.searches.len() < self.settings.searchers {
            let Some(chain) = self.handle.chain() else { return };
            let Some(channel) = self.guard.next_to_search() else { return };
            let (ledger, storage) = (self.ledger.clone(), self.storage.clone());
            self.searches
                .spawn(async move { (channel, look_into(channel, &chain, ledger, storage).await) });
        }
    }

    /// Takes in what came of looking into a dispute.
    pub(super) fn searched(&mut self, (channel, result): Searched) -> Result<(), TowerError> {
        let (locator, choice) = match result {
            Ok(found) => found,
            Err(reason) => {
                warn!(?channel, %reason, "a dispute could not be looked into; it is tried again");
                self.guard.search_again(channel);
                return Ok(());
            }
        };
        self.metrics.disputes_searched = self.metrics.disputes_searched.saturating_add(1);
        self.located.extend(locator.map(|locator| (locator, channel)));
        for name in &choice.useless {
            warn!(?channel, "an appointment does not open, or the chain would refuse it");
            self.metrics.useless = self.metrics.useless.saturating_add(1);
            self.report(*name, Report::Useless)?;
        }
        for (name, version) in &choice.lower {
            self.report(*name, Report::NotNeeded { version: *version })?;
        }
        let version = choice.best.as_ref().map(|(_, answer)| answer.state.version);
        if let Some(best) = choice.best {
            self.answers.insert(channel, best);
        }
        let duty = self.guard.searched(channel, version);
        self.fulfil(duty)?;
        self.search();
        Ok(())
    }

    /// WT-2: submits an answer that is due.
    pub(super) fn fulfil(&mut self, duty: Option<Duty>) -> Result<(), TowerError> {
        let Some(Duty { channel, version, against, deadline }) = duty else { return Ok(()) };
        let Some((name, answer)) = self.answers.get(&channel) else { return Ok(()) };
        info!(?channel, version, against, deadline, "a dispute is answered");
        let name = *name;
        let call = Call::answer_with(&answer.state, &answer.signatures, &self.settings.reward_to);
        let tip_limit = self.settings.tip_limit;
        let request = Request { call, deadline: Some(deadline), tip_limit };
        let submitter = self.submitter.clone();
        self.submissions.spawn(async move {
            let result = match submitter.submit(request).await {
                Ok(ticket) => ticket.outcome().await,
                Err(error) => Err(error),
            };
            (channel, name, version, result)
        });
        self.report(name, Report::Answering { version, against })
    }

    /// Takes in what came of an answer.
    pub(super) async fn submitted(
        &mut self,
        (channel, name, version, result): Submitted,
    ) -> Result<(), TowerError> {
        let report = match result {
            Ok(Outcome::Done(inclusion)) => {
                info!(?channel, version, block = inclusion.block.number, "an answer is final");
                self.metrics.answers = self.metrics.answers.saturating_add(1);
                let reward_to = self.settings.reward_to.clone();
                Report::Answered { version, block: inclusion.block.number, reward_to }
            }
            Ok(Outcome::AlreadyDone { .. }) => {
                info!(?channel, version, "others were as good");
                self.metrics.answers_not_needed = self.metrics.answers_not_needed.saturating_add(1);
                Report::NotNeeded { version }
            }
            other => {
                let reason = reason_of(other);
                error!(?channel, version, %reason, "an answer failed");
                self.metrics.answers_failed = self.metrics.answers_failed.saturating_add(1);
                let reason = reason.into_bytes().into_iter().take(MAX_REASON_BYTES as usize);
                Report::Failed { version, reason: BoundedVec::truncate_from(reason.collect()) }
            }
        };
        let has_succeeded = !matches!(report, Report::Failed { .. });
        self.guard.submitted(channel, has_succeeded);
        self.report(name, report)?;
        if !has_succeeded {
            self.look_again(channel).await?;
        }
        self.search();
        Ok(())
    }

    /// Reads whether a dispute whose answer failed is still there.
    async fn look_again(&mut self, channel: ChannelId) -> Result<(), TowerError> {
        let Some(chain) = self.handle.chain() else { return Ok(()) };
        let Ok(Some(view)) = view_of(&chain, channel).await else { return Ok(()) };
        let dispute = dispute_of(&view).map(|dispute| (dispute.version, dispute.deadline));
        let duty =
            dispute.and_then(|(version, deadline)| self.guard.disputed(channel, version, deadline));
        self.fulfil(duty)
    }

    fn report(&mut self, name: Name, report: Report) -> Result<(), TowerError> {
        let change = self.ledger().report(name, report);
        match change {
            Some(change) => self.write(&[change]),
            None => Ok(()),
        }
    }
}

/// Makes a disputed channel's secret, and chooses among the appointments that it leads to.
async fn look_into(
    channel: ChannelId,
    chain: &Chain,
    ledger: Arc<Mutex<Ledger>>,
    storage: Arc<Storage>,
) -> Result<(Option<Locator>, Choice), String> {
    let place = ledger.lock().unwrap_or_else(PoisonError::into_inner).terms().place;
    let secret = tokio::task::spawn_blocking(move || ChannelSecret::derive(&place, &channel))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())?;
    let locator = secret.locator();
    let names = ledger.lock().unwrap_or_else(PoisonError::into_inner).at(locator);
    if names.is_empty() {
        return Ok((Some(locator), Choice::default()));
    }
    let Some(view) = view_of(chain, channel).await? else {
        return Ok((Some(locator), Choice::default()));
    };
    let choose = move || {
        let opened = names
            .into_iter()
            .map(|name| {
                let blob = storage.blob(&name).map_err(|error| error.to_string())?;
                Ok((name, blob.and_then(|blob| secret.open(&blob).ok())))
            })
            .collect::<Result<Vec<_>, String>>()?;
        Ok((Some(locator), choose(&place.genesis, &view, opened)))
    };
    tokio::task::spawn_blocking(choose).await.map_err(|error| error.to_string())?
}

/// The channel at the best block.
async fn view_of(chain: &Chain, channel: ChannelId) -> Result<Option<ChannelView>, String> {
    let best = chain.best_head().await.map_err(|error| error.to_string())?;
    chain.channel(channel, &best).await.map_err(|error| error.to_string())
}

fn reason_of(result: Result<Outcome, SubmitError>) -> String {
    match result {
        Ok(Outcome::Failed(failure)) => failure.path(),
        Ok(Outcome::Refused(reason)) => reason,
        Ok(Outcome::Expired { trouble, .. }) => {
            trouble.unwrap_or_else(|| "it was in no block before the deadline".to_owned())
        }
        Ok(Outcome::Unreadable { block, .. }) => format!("nothing is known of block {block}"),
        Ok(other) => format!("{other:?}"),
        Err(error) => error.to_string(),
    }
}
