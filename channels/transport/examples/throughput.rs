// SPDX-License-Identifier: Apache-2.0

//! How many frames a second go through one connection over the loopback interface, and how long a
//! frame and its answer take; beside them the same over a bare TCP socket, in the same run.
//!
//! ```text
//! cargo run --release -p millrace-channels-transport --example throughput [seconds]
//! ```
//!
//! `seconds`: how long each measurement takes; 3 unless it is given. Both ends run in one process,
//! each in a runtime with one thread of its own, so that two cores are used at most.

use millrace_channels_transport::{
    Handle, Incoming, NodeKey, Options, PeerEvent, PeerId, Transport,
};
use std::{
    error::Error,
    thread,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::oneshot,
};

type Anything = Box<dyn Error + Send + Sync>;

/// Lengths of frames: a pulse, a small message, a large one, the longest of the protocol.
const LENGTHS: [usize; 4] = [64, 512, 4 * 1024, 40 * 1024];

/// The length of a frame whose answer is waited for: about a proposal with a few payments.
const ROUND_TRIP_LENGTH: usize = 512;

fn main() -> Result<(), Anything> {
    let seconds = std::env::args().nth(1).map_or(Ok(3), |argument| argument.parse())?;
    let time = Duration::from_secs(seconds);
    println!("| what | frame | frames/s | MiB/s |");
    println!("|---|---:|---:|---:|");
    for length in LENGTHS {
        report_rate("bare TCP", length, bare_rate(length, time)?);
        report_rate("transport", length, rate(length, time)?);
    }
    println!("\n| what | frame | p50 | p99 | round trips/s |");
    println!("|---|---:|---:|---:|---:|");
    report_times("bare TCP", bare_round_trips(time)?);
    report_times("transport", round_trips(time)?);
    Ok(())
}

fn report_rate(what: &str, length: usize, frames: f64) {
    let mebibytes = frames * length as f64 / 1024.0 / 1024.0;
    println!("| {what} | {length} B | {frames:.0} | {mebibytes:.1} |");
}

fn report_times(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    let rate = times.len() as f64 / times.iter().sum::<Duration>().as_secs_f64();
    println!("| {what} | {ROUND_TRIP_LENGTH} B | {:?} | {:?} | {rate:.0} |", at(0.5), at(0.99));
}

/// One thread with a runtime of its own.
fn runtime() -> Result<Runtime, Anything> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Two nodes that are connected, in two threads: `near` runs here, `far` there.
fn between<T>(
    near: impl AsyncFnOnce(Handle, Incoming, PeerId) -> Result<T, Anything>,
    far: impl AsyncFnOnce(Handle, Incoming, PeerId) -> Result<(), Anything> + Send + 'static,
) -> Result<T, Anything> {
    let (tell, told) = oneshot::channel();
    let there = thread::spawn(move || {
        runtime()?.block_on(async move {
            let key = NodeKey::generate()?;
            let (handle, mut incoming) = Transport::start(Options::default(), &key).await?;
            let here = (handle.local_peer(), handle.addresses().await?.listening);
            tell.send(here).map_err(|_| "the other end has gone")?;
            let peer = connected(&mut incoming).await?;
            far(handle, incoming, peer).await
        })
    });
    let result = runtime()?.block_on(async {
        let (handle, mut incoming) =
            Transport::start(Options::default(), &NodeKey::generate()?).await?;
        let (peer, addresses) = told.await?;
        handle.connect(peer, addresses).await?;
        connected(&mut incoming).await?;
        near(handle, incoming, peer).await
    })?;
    there.join().map_err(|_| "the other end failed")??;
    Ok(result)
}

async fn connected(incoming: &mut Incoming) -> Result<PeerId, Anything> {
    match incoming.next().await {
        Some(PeerEvent::Connected { peer, .. }) => Ok(peer),
        other => Err(format!("no connection but {other:?}").into()),
    }
}

/// Frames a second that arrive at the far end, in order.
fn rate(length: usize, time: Duration) -> Result<f64, Anything> {
    between(
        async |handle, mut incoming, peer| {
            let end = Instant::now() + time;
            let mut number = 0_u64;
            let mut frame = numbered(number, length);
            while Instant::now() < end {
                match handle.send(peer, frame) {
                    Ok(()) => {
                        number += 1;
                        frame = numbered(number, length);
                    }
                    Err(error) => {
                        frame = error.into_frame().ok_or("too long")?;
                        if !handle.ready(peer).await {
                            return Err("the connection has ended".into());
                        }
                    }
                }
            }
            let start = end - time;
            handle.shutdown().await?;
            // The last word of the far end is the time when it had everything.
            while incoming.next().await.is_some() {}
            Ok(number as f64 / start.elapsed().as_secs_f64())
        },
        async |_handle, mut incoming, _| {
            let mut number = 0_u64;
            loop {
                match incoming.next().await {
                    Some(PeerEvent::Frame { bytes, .. }) => {
                        if bytes[..8] != number.to_be_bytes() {
                            return Err(format!("frame {number} is missing").into());
                        }
                        number += 1;
                    }
                    Some(PeerEvent::Disconnected { .. }) => return Ok(()),
                    other => return Err(format!("no frame but {other:?}").into()),
                }
            }
        },
    )
}

fn numbered(number: u64, length: usize) -> Vec<u8> {
    let mut frame = vec![0x5a; length];
    frame[..8].copy_from_slice(&number.to_be_bytes());
    frame
}

/// How long each frame and its answer took.
fn round_trips(time: Duration) -> Result<Vec<Duration>, Anything> {
    between(
        async |handle, mut incoming, peer| {
            let end = Instant::now() + time;
            let mut times = Vec::new();
            while Instant::now() < end {
                let start = Instant::now();
                handle.send(peer, vec![1; ROUND_TRIP_LENGTH])?;
                match incoming.next().await {
                    Some(PeerEvent::Frame { .. }) => times.push(start.elapsed()),
                    other => return Err(format!("no answer but {other:?}").into()),
                }
            }
            handle.shutdown().await?;
            Ok(times)
        },
        async |handle, mut incoming, peer| {
            while let Some(PeerEvent::Frame { bytes, .. }) = incoming.next().await {
                handle.send(peer, bytes)?;
            }
            Ok(())
        },
    )
}

/// A bare TCP connection with what `near` does here and `far` in another thread.
fn bare<T>(
    near: impl AsyncFnOnce(TcpStream) -> Result<T, Anything>,
    far: impl AsyncFnOnce(TcpStream) -> Result<(), Anything> + Send + 'static,
) -> Result<T, Anything> {
    let (tell, told) = oneshot::channel();
    let there = thread::spawn(move || {
        runtime()?.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            tell.send(listener.local_addr()?).map_err(|_| "the other end has gone")?;
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            far(socket).await
        })
    });
    let result = runtime()?.block_on(async {
        let socket = TcpStream::connect(told.await?).await?;
        socket.set_nodelay(true)?;
        near(socket).await
    })?;
    there.join().map_err(|_| "the other end failed")??;
    Ok(result)
}

/// Frames a second over a bare socket, each with its length, written in pieces of 16 KiB or one frame.
fn bare_rate(length: usize, time: Duration) -> Result<f64, Anything> {
    bare(
        async |mut socket| {
            let frame = [(length as u32).to_be_bytes().to_vec(), vec![0x5a; length]].concat();
            let in_batch = (16 * 1024 / frame.len()).max(1);
            let batch = frame.repeat(in_batch);
            let start = Instant::now();
            let mut number = 0_u64;
            while start.elapsed() < time {
                socket.write_all(&batch).await?;
                number += in_batch as u64;
            }
            socket.shutdown().await?;
            socket.read_to_end(&mut Vec::new()).await?;
            Ok(number as f64 / start.elapsed().as_secs_f64())
        },
        async move |socket| {
            let mut socket = tokio::io::BufReader::with_capacity(16 * 1024, socket);
            let mut frame = vec![0; length];
            while socket.read_u32().await.is_ok() {
                socket.read_exact(&mut frame).await?;
            }
            Ok(())
        },
    )
}

fn bare_round_trips(time: Duration) -> Result<Vec<Duration>, Anything> {
    bare(
        async |mut socket| {
            let end = Instant::now() + time;
            let mut times = Vec::new();
            let mut frame = [1; ROUND_TRIP_LENGTH];
            while Instant::now() < end {
                let start = Instant::now();
                socket.write_all(&frame).await?;
                socket.read_exact(&mut frame).await?;
                times.push(start.elapsed());
            }
            Ok(times)
        },
        async |mut socket| {
            let mut frame = [0; ROUND_TRIP_LENGTH];
            while socket.read_exact(&mut frame).await.is_ok() {
                socket.write_all(&frame).await?;
            }
            Ok(())
        },
    )
}
