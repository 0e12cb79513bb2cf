// SPDX-License-Identifier: Apache-2.0

//! Moves frames between the stream of one connection and its two queues.
//!
//! Reading never waits for writing, so that two parties that both send without reading cannot block
//! each other for ever.
//!
//! A lane ends on purpose in four steps: one side writes what waits and says farewell; the other
//! reads all of it, writes what waits there and says farewell, too; each confirms that it has read the
//! other's farewell; whoever began closes the connection. Both may begin at once. A side that has the
//! confirmation knows that the other has read everything.

use crate::{
    event::EndReason,
    frame::{self, FRAME_OVERHEAD, Next, cost},
    inbox::{Abandoned, Door, Item},
    outbox::{Outbox, Turn},
};
use futures::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt,
    io::{BufReader, ReadHalf},
};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{sync::oneshot, time::timeout};

/// Small frames are read from the stream so many bytes at a time.
const READ_BYTES: usize = 8 * 1024;

/// Reads the stream of a connection.
type Reader<S> = BufReader<ReadHalf<S>>;

/// How a lane behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habits {
    /// The longest frame that is read, in bytes.
    pub(crate) max_frame: usize,
    /// How long a peer may take nothing of what is written.
    pub(crate) stall: Duration,
    /// How long the end may take once one side has said farewell.
    pub(crate) flush: Duration,
}

/// A lane before it runs.
pub(crate) struct Lane<S> {
    /// The stream that both sides agreed on.
    pub(crate) stream: S,
    /// Whether this side dialled.
    pub(crate) outgoing: bool,
    /// Where frames that come are put.
    pub(crate) door: Door,
    /// Where frames that go are taken from.
    pub(crate) outbox: Arc<Outbox>,
    /// Ends the lane at once.
    pub(crate) stop: oneshot::Receiver<EndReason>,
    /// How it behaves.
    pub(crate) habits: Habits,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Lane<S> {
    /// Moves frames until the connection is over, and says why it is.
    pub(crate) async fn run(self) -> EndReason {
        let Self { stream, outgoing, door, outbox, mut stop, habits } = self;
        let reason = {
            let moving = move_frames(stream, outgoing, &door, &outbox, habits);
            tokio::select! {
                biased;
                told = &mut stop => told.unwrap_or(EndReason::Stopped),
                reason = moving => reason,
            }
        };
        outbox.close(reason.clone());
        door.shut(reason.clone());
        reason
    }
}

/// Announces the connection, then reads and writes at the same time until one of both ends.
async fn move_frames<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    outgoing: bool,
    door: &Door,
    outbox: &Arc<Outbox>,
    habits: Habits,
) -> EndReason {
    // Twice, because the end of the connection takes room, too.
    if door.room_for(2 * FRAME_OVERHEAD).await == Err(Abandoned) {
        return EndReason::Stopped;
    }
    door.put(Item::Connected { outgoing, outbox: outbox.clone() });
    let (reader, writer) = stream.split();
    let mut reading = pin!(read_frames(reader, door, habits.max_frame));
    let mut writing = pin!(write_frames(writer, outbox, habits.stall));
    let (began, parting) = tokio::select! {
        read = &mut reading => match read {
            Ok(reader) => {
                let began = outbox.finish();
                let parting = async { confirm(reader, writing.await?).await };
                (began, timeout(habits.flush, parting).await)
            }
            Err(reason) => return reason,
        },
        written = &mut writing => match written {
            Ok(writer) => {
                let parting = async { confirm(reading.await?, writer).await };
                (true, timeout(habits.flush, parting).await)
            }
            Err(reason) => {
                // What came before the connection broke is read all the same.
                let _ = timeout(habits.flush, reading).await;
                return reason;
            }
        },
    };
    if began {
        EndReason::ClosedByUs { flushed: parting == Ok(Ok(())) }
    } else {
        EndReason::ClosedByPeer
    }
}

/// Reads frames until the peer's farewell.
async fn read_frames<S: AsyncRead + AsyncWrite + Unpin>(
    reader: ReadHalf<S>,
    door: &Door,
    max_frame: usize,
) -> Result<Reader<S>, EndReason> {
    let mut reader = BufReader::with_capacity(READ_BYTES, reader);
    loop {
        let length = match frame::read_next(&mut reader, max_frame).await? {
            Next::Frame(length) => length,
            Next::Farewell => return Ok(reader),
            Next::Confirmation => return Err(EndReason::OutOfTurn),
        };
        door.room_for(cost(length)).await.map_err(|Abandoned| EndReason::Stopped)?;
        let bytes = frame::read_body(&mut reader, length).await?;
        door.put(Item::Frame(bytes));
    }
}

/// Writes what waits until it is told to finish; then says farewell.
async fn write_frames<W: AsyncWrite + Unpin>(
    mut writer: W,
    outbox: &Outbox,
    stall: Duration,
) -> Result<W, EndReason> {
    let mut batch = Vec::new();
    loop {
        batch.clear();
        let is_last = match outbox.next_batch(&mut batch).await {
            Turn::Write => false,
            Turn::WriteLast => true,
            Turn::Stop(reason) => return Err(reason),
        };
        write_all(&mut writer, &batch, stall).await?;
        in_time(stall, writer.flush()).await?;
        if is_last {
            return Ok(writer);
        }
    }
}

/// After both farewells: confirms the peer's, and waits until it has confirmed this side's.
async fn confirm<S: AsyncRead + AsyncWrite + Unpin>(
    mut reader: Reader<S>,
    mut writer: impl AsyncWrite + Unpin,
) -> Result<(), EndReason> {
    let written = async {
        writer.write_all(&frame::CONFIRMATION_BYTES).await?;
        writer.close().await
    };
    written.await.map_err(|error| frame::lost(&error))?;
    match frame::read_next(&mut reader, 0).await? {
        Next::Confirmation => Ok(()),
        Next::Frame(_) | Next::Farewell => Err(EndReason::OutOfTurn),
    }
}

/// Writes all of `bytes`, as long as the peer takes some of them in time.
async fn write_all(
    writer: &mut (impl AsyncWrite + Unpin),
    mut bytes: &[u8],
    stall: Duration,
) -> Result<(), EndReason> {
    while !bytes.is_empty() {
        let written = in_time(stall, writer.write(bytes)).await?;
        if written == 0 {
            return Err(EndReason::Lost { cause: "nothing more can be written".into() });
        }
        bytes = &bytes[written..];
    }
    Ok(())
}

/// The result of `writing`, unless it takes longer than `stall`.
async fn in_time<T>(
    stall: Duration,
    writing: impl Future<Output = std::io::Result<T>>,
) -> Result<T, EndReason> {
    match timeout(stall, writing).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(frame::lost(&error)),
        Err(_) => Err(EndReason::Stalled { after: stall }),
    }
}
