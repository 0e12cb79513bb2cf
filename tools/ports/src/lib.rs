// SPDX-License-Identifier: Apache-2.0

//! TCP ports of this machine for processes that tests and the demonstration start.
//!
//! A port that the kernel chooses (by listening on port 0) must not be given to a process that
//! starts to listen later: the kernel draws the ports of outgoing connections from the same range,
//! so another connection may have it by then. It may even be the one of somebody who calls the
//! absent process again and again, and so ends up connected to itself. Ports from here lie below
//! that range.

use std::{
    hash::{BuildHasher, RandomState},
    io::{Error, ErrorKind, Result},
    net::{Ipv4Addr, TcpListener},
    sync::{
        LazyLock,
        atomic::{AtomicU16, Ordering},
    },
};

/// The first port that may be given out: well-known servers listen below it.
const FIRST: u16 = 12_000;

/// How many ports may be given out. Linux takes those of outgoing connections from 32,768 up.
const COUNT: u16 = 18_000;

/// The number of the next port to look at. It begins anywhere, because programs that run side by
/// side give out ports too.
static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| {
    let random = RandomState::new().hash_one(std::process::id()) % u64::from(COUNT);
    AtomicU16::new(u16::try_from(random).expect("it is below COUNT"))
});

/// A port on which nobody listens on 127.0.0.1, and which this process was not given before
/// (until all have been).
///
/// # Errors
/// None of the ports is free, or the machine does not let this process listen.
pub fn free_port() -> Result<u16> {
    for _ in 0..COUNT {
        let port = FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => return Ok(port),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::new(ErrorKind::AddrInUse, "no port is free"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ports_are_free_differ_and_lie_below_those_of_connections() {
        let mut held = Vec::new();
        let mut taken = HashSet::new();
        for _ in 0..50 {
            let port = free_port().expect("a port");
            assert!((FIRST..32_768).contains(&port));
            assert!(taken.insert(port), "{port} was given out twice");
            held.push(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("it is free"));
        }
        // Where a listener is already, even if this process comes there once more.
        NEXT.fetch_sub(50, Ordering::Relaxed);
        for _ in 0..50 {
            assert!(!taken.contains(&free_port().expect("a port")));
        }
    }
}
