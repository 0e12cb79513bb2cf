// SPDX-License-Identifier: Apache-2.0

//! What a node measures of itself, as it tells Prometheus.

use anyhow::{Context, ensure};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

/// Verifying a block that somebody else made, and importing it.
pub const IMPORT: &str = "substrate_block_verification_and_import_time";

/// Making a block.
pub const BUILD: &str = "substrate_proposer_block_constructed";

/// How long a node may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often something was timed, and how long it took in all, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timed {
    /// How often.
    pub count: f64,
    /// How long.
    pub seconds: f64,
}

impl Timed {
    /// What was added since an earlier time.
    pub fn since(self, earlier: Self) -> Self {
        Self { count: self.count - earlier.count, seconds: self.seconds - earlier.seconds }
    }

    /// How long it took once, in milliseconds; nothing if it never happened.
    pub fn mean(self) -> Option<f64> {
        (self.count > 0.0).then(|| self.seconds / self.count * 1_000.0)
    }
}

/// Asks a node for all that it has measured. `address`: as 127.0.0.1:9615.
/// Errors: nobody answers there, or with something else.
pub fn ask(address: &str) -> anyhow::Result<String> {
    let asking = || format!("asking {address} for metrics");
    let mut stream = TcpStream::connect(address).with_context(asking)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // Of this version, so that the answer ends with the connection and comes in one piece. In one piece
    // itself, because whoever answers the first of several closes while the others are written.
    let request = format!("GET /metrics HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).with_context(asking)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).with_context(asking)?;
    let (head, body) = answer.split_once("\r\n\r\n").with_context(asking)?;
    ensure!(head.split(' ').nth(1) == Some("200"), "{address} does not tell its metrics: {head}");
    Ok(body.to_owned())
}

/// What a node has timed under this name, if it has.
pub fn timed(metrics: &str, name: &str) -> Option<Timed> {
    let value = |part: &str| {
        let name = format!("{name}_{part}");
        let line = metrics
            .lines()
            .find(|line| line.strip_prefix(&name).is_some_and(|rest| rest.starts_with(['{', ' '])));
        line?.rsplit(' ').next()?.parse().ok()
    };
    Some(Timed { count: value("count")?, seconds: value("sum")? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::TcpListener, thread};

    const METRICS: &str = "# HELP a_time What\n# TYPE a_time histogram\n\
                           a_time_bucket{chain=\"x\",le=\"0.1\"} 3\na_time_sum{chain=\"x\"} 1.5\n\
                           a_time_count{chain=\"x\"} 3\nb_time_sum 2\nb_time_count 4\n";

    #[test]
    fn what_was_timed_is_found_by_its_name() {
        assert_eq!(timed(METRICS, "a_time"), Some(Timed { count: 3.0, seconds: 1.5 }));
        let (now, before) = (timed(METRICS, "b_time").unwrap(), Timed { count: 3.0, seconds: 1.0 });
        assert_eq!(now.since(before).mean(), Some(1_000.0));
        assert_eq!((timed(METRICS, "time"), Timed::default().mean()), (None, None));
    }

    #[test]
    fn metrics_come_over_http() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let length = stream.read(&mut request).unwrap();
            assert!(request[..length].starts_with(b"GET /metrics HTTP/1.0\r\n"));
            write!(stream, "HTTP/1.0 200 OK\r\n\r\n{METRICS}").unwrap();
        });
        assert_eq!(ask(&address).unwrap(), METRICS);
        server.join().unwrap();
    }
}
