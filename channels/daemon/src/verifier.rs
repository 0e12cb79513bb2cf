// SPDX-License-Identifier: Apache-2.0

//! A thread that verifies signatures and opens packets while the core does something else.
//!
//! The core is one task. With many payments under way it has more to do than anything else in a node.
//! A seventh of that would be to verify what peers have signed, and for payments over several channels
//! more than a third to open packets. Nothing of the core is needed for either.

use crate::verifying::{Unverified, Verified};
use std::{sync::mpsc, thread};
use tokio::sync::oneshot;

/// The thread; it ends when this is dropped.
pub(crate) struct Verifier {
    /// Nothing if the system has no thread left: then everything is verified in place.
    jobs: Option<mpsc::Sender<(Unverified, oneshot::Sender<Verified>)>>,
}

impl Verifier {
    pub(crate) fn start() -> Self {
        let (jobs, receiver) = mpsc::channel::<(Unverified, oneshot::Sender<Verified>)>();
        let thread = thread::Builder::new().name("millrace-verify".into()).spawn(move || {
            for (frames, answer) in receiver {
                // Nobody waits for it if the node has stopped.
                let _ = answer.send(frames.verify());
            }
        });
        Self { jobs: thread.is_ok().then_some(jobs) }
    }

    /// Begins to verify, or gives back what is verified sooner in place.
    pub(crate) fn begin(
        &self,
        frames: Unverified,
    ) -> Result<oneshot::Receiver<Verified>, Unverified> {
        match &self.jobs {
            Some(jobs) if frames.has_work() => {
                let (answer, promise) = oneshot::channel();
                jobs.send((frames, answer)).map_err(|returned| returned.0.0)?;
                Ok(promise)
            }
            _ => Err(frames),
        }
    }
}
