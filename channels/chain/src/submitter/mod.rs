// SPDX-License-Identifier: Apache-2.0

//! Gets calls of one account into final blocks, whatever happens to nodes and connections.
//!
//! [`start`] gives a [`Submitter`] for one account. [`Submitter::submit`] queues a call and returns a
//! [`Ticket`], whose [`Outcome`] comes once and is final. Nonces go out without gaps, extrinsics are
//! mortal, and what a node forgets is submitted again. The nearer a deadline, the higher the tip.
//!
//! Whether a call was carried out is read from final blocks alone, by searching them for the hashes
//! of what was signed: no subscription has to survive.
//!
//! The queue lives in memory. Whoever restarts asks again for what it still wants; a call that was
//! carried out in the meantime is then [`Outcome::AlreadyDone`]. Only one submitter may use an
//! account's key at a time, or both will often lose their nonces to each other (nothing breaks, but
//! much is signed twice).
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`queue`] | which call has which nonce, and what to do next |
//! | [`tips`] | how much to offer, the nearer the deadline |
//! | `refusals` | what a node's pool says, and what that means |
//! | `task` | the task that signs, submits, and searches final blocks |

pub mod queue;
mod refusals;
mod task;
pub mod tips;

use crate::{
    aims::Overtaken,
    calls::Call,
    connection::{Chain, Head},
    keys::AccountKey,
    outcome::{DispatchFailure, Inclusion},
};
use millrace_primitives_channels::{AccountId, Balance, BlockNumber, Hash};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};

/// How many requests may wait for the task to read them.
const REQUESTS: usize = 256;

/// A call, until when it has to be in a block, and what that may cost.
#[derive(Clone, Debug)]
pub struct Request {
    /// The call.
    pub call: Call,
    /// It has to be in a block below this one; nothing tries for ever.
    pub deadline: Option<BlockNumber>,
    /// The largest tip, in the smallest unit of the native token. Nothing is offered in the first
    /// half of the time.
    pub tip_limit: Balance,
}

impl From<Call> for Request {
    /// Without haste: no deadline, no tip.
    fn from(call: Call) -> Self {
        Self { call, deadline: None, tip_limit: 0 }
    }
}

/// What became of a call.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It was carried out, in a final block.
    Done(Box<Inclusion>),
    /// It is in a final block, and the runtime refused it for the named reason.
    Failed(Box<DispatchFailure>),
    /// Somebody else was faster.
    AlreadyDone {
        /// What is so already.
        how: Overtaken,
        /// The runtime's refusal, if the call got as far as a block.
        refusal: Option<Box<DispatchFailure>>,
    },
    /// It is in a final block, but what came of it was thrown away by the node before it could be
    /// read: read the channel's state instead.
    Unreadable {
        /// The block.
        block: Head,
        /// Hash of the extrinsic.
        extrinsic: Hash,
    },
    /// No node can take it: its message says why.
    Refused(String),
    /// It was in no final block below its deadline, and cannot be in one any more.
    Expired {
        /// The deadline.
        deadline: BlockNumber,
        /// What stood in the way last.
        trouble: Option<String>,
    },
}

impl Outcome {
    /// Whether what the call was for is so, by whomever it was done.
    pub fn is_achieved(&self) -> bool {
        matches!(self, Self::Done(_) | Self::AlreadyDone { how: Overtaken::Done, .. })
    }
}

/// Why a call was not queued.
#[derive(Clone, Debug, Error)]
pub enum SubmitError {
    /// Too many calls wait.
    #[error(
        "{} calls of this account wait already\n  \
         Wait for some of them, or submit from another account.",
        queue::MAX_QUEUED
    )]
    Full,
    /// The task has ended.
    #[error("the submitter has ended\n  Start it again, and ask again for what is still wanted.")]
    Stopped,
}

/// Hears the outcome of one call.
#[derive(Debug)]
pub struct Ticket(oneshot::Receiver<Result<Outcome, SubmitError>>);

impl Ticket {
    /// Waits for the outcome. Dropping the ticket does not stop the call.
    pub async fn outcome(self) -> Result<Outcome, SubmitError> {
        self.0.await.map_err(|_| SubmitError::Stopped)?
    }
}

/// A request on its way to the task.
pub(crate) struct Asked {
    request: Request,
    answer: oneshot::Sender<Result<Outcome, SubmitError>>,
}

/// Submits calls of one account, from anywhere.
#[derive(Clone, Debug)]
pub struct Submitter {
    account: AccountId,
    requests: mpsc::Sender<Asked>,
}

impl Submitter {
    /// The account that pays.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// Queues a call. Waits while the task is busy.
    pub async fn submit(&self, request: impl Into<Request>) -> Result<Ticket, SubmitError> {
        let (answer, outcome) = oneshot::channel();
        let asked = Asked { request: request.into(), answer };
        self.requests.send(asked).await.map_err(|_| SubmitError::Stopped)?;
        Ok(Ticket(outcome))
    }
}

/// Starts to submit for one account, on the runtime that calls this. Ends, once everything has its
/// outcome, when all [`Submitter`]s are dropped.
///
/// `connection`: see [`crate::follower::Handle::connection`].
pub fn start(key: AccountKey, connection: watch::Receiver<Option<Chain>>) -> Submitter {
    let (requests, receiver) = mpsc::channel(REQUESTS);
    let account = key.account();
    tokio::spawn(task::Task::new(key, connection).run(receiver));
    Submitter { account, requests }
}
