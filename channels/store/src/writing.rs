// SPDX-License-Identifier: Apache-2.0

//! The writer: one thread that makes what many threads wait for durable with one sync.
//!
//! While the disk syncs one group, the next one gathers in the queue. So nobody is made to wait for
//! company, and the more threads write, the more share a sync (group commit: DeWitt et al.,
//! "Implementation techniques for main memory database systems", 1984).

use crate::{
    batch::Batch,
    error::{Doing, Result, StoreError},
    ground::DiskFailed,
    layers::{Changed, Layers},
    log::{Frame, Log},
    marks::{Marks, Stamp},
    moving::Moving,
    passphrase::Header,
    recent::Recent,
    rows,
    sealing::Keys,
    ticket::{Answer, Ticket, ticket},
    witness::Witness,
};
use redb::Database;
use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, SyncSender, TrySendError},
    },
    thread::{self, JoinHandle},
};

/// How many requests may share a sync: more would make the first wait for the last.
const MAX_GROUP: usize = 4096;

/// How many bytes may share a sync.
const MAX_GROUP_BYTES: usize = 16 * 1024 * 1024;

/// What the writer is asked to make durable.
pub(crate) enum Request {
    Write(Batch),
    Header(Header),
}

impl Request {
    fn bytes(&self) -> usize {
        match self {
            Self::Write(batch) => batch.bytes(),
            Self::Header(_) => 0,
        }
    }
}

/// What both ends of the queue can see.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The first failure of the disk; nothing is written after it.
    failure: OnceLock<StoreError>,
    commits: AtomicU64,
    requests: AtomicU64,
}

impl Progress {
    /// Refuses once the disk has failed.
    pub(crate) fn check(&self) -> Result<()> {
        self.failure.get().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Groups that became durable since the store was opened.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Requests that became durable since the store was opened.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// From now on nothing is accepted.
    fn fail(&self, error: StoreError) -> StoreError {
        self.failure.get_or_init(|| error.into_failed()).clone()
    }
}

/// The end of the queue that requests are put in.
pub(crate) struct Queue {
    /// Taken when the store is closed.
    requests: Option<SyncSender<(Request, Answer)>>,
    thread: Option<JoinHandle<()>>,
    progress: Arc<Progress>,
}

impl Queue {
    /// Puts a request in the queue, and waits while the queue is full.
    pub(crate) fn submit(&self, request: Request) -> Result<Ticket> {
        self.progress.check()?;
        let (ticket, answer) = ticket();
        let requests = self.requests.as_ref().ok_or(StoreError::Closed)?;
        match requests.send((request, answer)) {
            Ok(()) => Ok(ticket),
            Err(_) => Err(self.progress.check().err().unwrap_or(StoreError::Closed)),
        }
    }

    /// Puts a request in the queue, or gives it back if the queue is full.
    pub(crate) fn try_submit(&self, request: Request) -> Result<Ticket, (StoreError, Request)> {
        if let Err(error) = self.progress.check() {
            return Err((error, request));
        }
        let Some(requests) = &self.requests else {
            return Err((StoreError::Closed, request));
        };
        let (ticket, answer) = ticket();
        match requests.try_send((request, answer)) {
            Ok(()) => Ok(ticket),
            Err(TrySendError::Full((request, _))) => Err((StoreError::Busy, request)),
            Err(TrySendError::Disconnected((request, _))) => Err((StoreError::Closed, request)),
        }
    }

    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Lets the writer finish what is in the queue, and waits for it.
    pub(crate) fn close(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has answered everybody: answers that are dropped say so.
            let _ = thread.join();
        }
    }
}

/// The thread's side: it alone writes.
pub(crate) struct Writer {
    pub(crate) database: Database,
    pub(crate) layers: Arc<Layers>,
    pub(crate) log: Log,
    pub(crate) moving: Option<Moving>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) marks: Marks,
    pub(crate) witness: Box<dyn Witness>,
    pub(crate) disk_failed: DiskFailed,
    pub(crate) recent: Recent,
}

impl Writer {
    /// Starts the thread. `capacity`: how many requests may wait.
    pub(crate) fn start(self, capacity: usize) -> Result<Queue> {
        let (sender, receiver) = mpsc::sync_channel(capacity.max(1));
        let progress = Arc::new(Progress::default());
        let seen = progress.clone();
        let thread = thread::Builder::new()
            .name("millrace-store".into())
            .spawn(move || self.run(&receiver, &seen))
            .doing("start the store's thread")?;
        Ok(Queue { requests: Some(sender), thread: Some(thread), progress })
    }

    fn run(mut self, requests: &Receiver<(Request, Answer)>, progress: &Progress) {
        while let Some(group) = next_group(requests) {
            if let Err(error) = self.write_group(group, progress) {
                progress.fail(error);
                // At once, because the process may be killed before it can close the store.
                let stamp = Stamp { disk_failed: true, ..self.marks.stamp() };
                let _ = self.witness.write(&stamp, true);
            }
        }
        // Whatever the disk has refused, the log still holds what was acknowledged.
        if progress.check().is_ok()
            && let Err(error) = self.commit_all()
        {
            progress.fail(error);
        }
        let stamp = self.marks.stamp();
        self.moving = None;
        self.layers.close();
        drop(self.database);
        // The database writes a last time when it is closed, and tells nobody whether that worked.
        let disk_failed = self.disk_failed.get() || progress.check().is_err();
        // Nobody is left to hear that this failed. The witness then knows less, and the next opening
        // asks the peers once more than it had to.
        let _ = self.witness.write(&Stamp { disk_failed, ..stamp }, true);
    }

    /// Makes a group durable, then answers everybody in it.
    ///
    /// Error: the disk failed; everybody has been told.
    fn write_group(&mut self, group: Vec<(Request, Answer)>, progress: &Progress) -> Result<()> {
        let mut accepted = Vec::with_capacity(group.len());
        let written = match progress.check() {
            Ok(()) => self.commit(group, &mut accepted),
            Err(error) => {
                group.into_iter().for_each(|(_, answer)| answer.give(Err(error.clone())));
                return Ok(());
            }
        };
        let outcome = match written {
            Ok(()) => Ok(()),
            Err(error) => Err(progress.fail(error)),
        };
        if outcome.is_ok() && !accepted.is_empty() {
            let requests = u64::try_from(accepted.len()).unwrap_or(u64::MAX);
            progress.commits.fetch_add(1, Ordering::Relaxed);
            progress.requests.fetch_add(requests, Ordering::Relaxed);
        }
        for answer in accepted {
            answer.give(outcome.clone());
        }
        outcome?;
        // After the sync, so that the witness never runs ahead of the store. What was acknowledged
        // stays so if this fails, but nothing follows it: the disk is failing.
        self.witness.write(&self.marks.stamp(), false).doing("write the store's witness")?;
        self.move_some()
    }

    /// Writes a group and syncs. Requests that break a rule are answered at once and leave no
    /// trace; `accepted` gets the answers of all others, which are due when this returns.
    fn commit(&mut self, group: Vec<(Request, Answer)>, accepted: &mut Vec<Answer>) -> Result<()> {
        let mut group = group.into_iter();
        let result = self.commit_accepted(&mut group, accepted);
        if result.is_err() {
            self.recent.clear();
        }
        // Whoever was not reached when the disk failed shares the fate of the others.
        accepted.extend(group.map(|(_, answer)| answer));
        result
    }

    fn commit_accepted(
        &mut self,
        group: &mut impl Iterator<Item = (Request, Answer)>,
        accepted: &mut Vec<Answer>,
    ) -> Result<()> {
        let mut new_header = None;
        let mut rows = self.layers.group(&self.keys);
        for (request, answer) in group {
            let result = match request {
                Request::Write(batch) => {
                    let generation = self.marks.generation;
                    batch.write(&mut rows, &mut self.recent, &self.keys, generation)
                }
                Request::Header(header) => {
                    new_header = Some(header);
                    Ok(())
                }
            };
            match result {
                Ok(()) => accepted.push(answer),
                Err(error) if error.is_fatal() => {
                    accepted.push(answer);
                    return Err(error);
                }
                Err(error) => answer.give(Err(error)),
            }
        }
        let decided = rows.decided();
        if accepted.is_empty() {
            return Ok(());
        }
        let mut marks = self.marks.clone();
        marks.sequence = marks.sequence.saturating_add(1);
        let frame = Frame::new(&self.keys, &marks, &decided.changed)?;
        if new_header.is_some() || !self.log.takes(&frame) {
            // Too rare to have frames of their own, or too large for one.
            self.commit_beside_the_log(&decided.changed, new_header.as_ref(), marks.clone())?;
        } else {
            if !self.log.has_room(&frame) {
                self.turn()?;
            }
            self.log.append(&frame)?;
            self.layers.show(decided);
        }
        self.marks = marks;
        Ok(())
    }

    /// Goes on in the other half of the log. What this one holds begins to move into the database.
    fn turn(&mut self) -> Result<()> {
        // The other half is free once what it held is durable there.
        self.finish_moving()?;
        let frozen = self.layers.freeze();
        self.moving = Some(Moving::begin(&self.database, &frozen, self.marks.clone())?);
        self.log.turn();
        Ok(())
    }

    /// Moves as many rows as the log's half is filled, and a third more, so that all are moved when a
    /// quarter of it is left.
    fn move_some(&mut self) -> Result<()> {
        let Some(moving) = &mut self.moving else { return Ok(()) };
        let soon = (self.log.half() / 4).saturating_mul(3);
        moving.advance(&self.keys, self.log.filled(), soon)?;
        if moving.is_done() { self.finish_moving() } else { Ok(()) }
    }

    /// Makes durable in the database what is on its way there.
    fn finish_moving(&mut self) -> Result<()> {
        let Some(moving) = self.moving.take() else { return Ok(()) };
        moving.finish(&self.keys)?;
        self.layers.settle(&self.database)
    }

    /// Makes all durable in the database: what the log holds, and this. `marks`: those after it.
    fn commit_beside_the_log(
        &mut self,
        changed: &Changed,
        header: Option<&Header>,
        marks: Marks,
    ) -> Result<()> {
        self.finish_moving()?;
        let frozen = self.layers.freeze();
        let mut moving = Moving::begin(&self.database, &frozen, marks)?;
        moving.add(&self.keys, changed)?;
        if let Some(header) = header {
            rows::write_header(moving.write(), header)?;
        }
        moving.finish(&self.keys)?;
        self.layers.settle(&self.database)?;
        self.log.turn();
        Ok(())
    }

    /// Makes the database durable as it is, so that the log is not needed any more.
    fn commit_all(&mut self) -> Result<()> {
        self.finish_moving()?;
        let frozen = self.layers.freeze();
        Moving::begin(&self.database, &frozen, self.marks.clone())?.finish(&self.keys)
    }
}

/// What waits in the queue, at least one request; nothing once the store is closed.
fn next_group(requests: &Receiver<(Request, Answer)>) -> Option<Vec<(Request, Answer)>> {
    let first = requests.recv().ok()?;
    let mut bytes = first.0.bytes();
    let mut group = vec![first];
    while group.len() < MAX_GROUP && bytes < MAX_GROUP_BYTES {
        let Ok(next) = requests.try_recv() else { break };
        bytes = bytes.saturating_add(next.0.bytes());
        group.push(next);
    }
    Some(group)
}
