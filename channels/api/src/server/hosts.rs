// SPDX-License-Identifier: Apache-2.0

//! Requests that web pages make behind their reader's back.
//!
//! A page of a stranger can make a browser send requests to this machine. With a name of its own
//! that suddenly resolves to 127.0.0.1 it could even read the answers ("DNS rebinding"). So a
//! request has to be addressed to a name of this machine, and one that a page makes, which browsers
//! mark by `Origin`, has to come from a page that was allowed.

use super::Options;
use crate::error::{ApiError, Code, Result};
use hyper::{
    HeaderMap,
    header::{HOST, HeaderName, ORIGIN},
};
use std::net::IpAddr;

/// The names and the pages that are allowed.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    names: Vec<String>,
    addresses: Vec<IpAddr>,
    origins: Vec<String>,
}

impl Hosts {
    /// Those of the options, and the names that this machine has for itself.
    pub fn new(options: &Options) -> Self {
        let mut names: Vec<_> = options.hosts.iter().map(|name| name.to_lowercase()).collect();
        names.push("localhost".to_owned());
        Self {
            names,
            addresses: vec![options.listen.ip()],
            origins: options.origins.iter().map(|origin| origin.to_lowercase()).collect(),
        }
    }

    /// Refuses requests for other hosts and from other pages. The origin of a page that is allowed
    /// is returned.
    ///
    /// Errors: [`Code::HostRefused`], with what was found.
    pub fn check(&self, headers: &HeaderMap) -> Result<Option<String>> {
        let host = single(headers, HOST)?.unwrap_or_default();
        if !self.knows(host) {
            return Err(ApiError::new(
                Code::HostRefused,
                format!("requests for the host {host:.80?} are not answered"),
                "Use 127.0.0.1 or localhost, or add the name to the daemon's `hosts`.",
            )
            .with("host", host));
        }
        let Some(origin) = single(headers, ORIGIN)? else { return Ok(None) };
        if !self.origins.contains(&origin.to_lowercase()) {
            return Err(ApiError::new(
                Code::HostRefused,
                format!("web pages of {origin:.80?} may not make requests"),
                "If you trust that page with your money, add it to the daemon's `origins`.",
            )
            .with("origin", origin));
        }
        Ok(Some(origin.to_owned()))
    }

    /// Whether a host, with or without a port, is this machine.
    fn knows(&self, host: &str) -> bool {
        let Some(name) = without_port(host) else { return false };
        let literal =
            name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        match literal.parse::<IpAddr>() {
            Ok(address) => address.is_loopback() || self.addresses.contains(&address),
            Err(_) => self.names.contains(&name.to_lowercase()),
        }
    }
}

/// A host's name or address, without its port; nothing if the port is none.
fn without_port(host: &str) -> Option<&str> {
    let end = match host.rfind(']') {
        Some(bracket) => bracket + 1,
        None => host.find(':').unwrap_or(host.len()),
    };
    let (name, port) = host.split_at_checked(end)?;
    match port.strip_prefix(':') {
        Some(digits) => digits.parse::<u16>().is_ok().then_some(name),
        None => port.is_empty().then_some(name),
    }
}

/// The value of a header that may appear once.
fn single(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>> {
    let mut values = headers.get_all(&name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    match (values.next(), value.to_str()) {
        (None, Ok(text)) => Ok(Some(text)),
        _ => Err(ApiError::new(
            Code::HostRefused,
            format!("the header {name} is there twice, or is no text"),
            "Send it once.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn hosts() -> Hosts {
        let mut options = Options::new("/nowhere");
        options.hosts = vec!["Node.Example".to_owned()];
        options.origins = vec!["https://wallet.example".to_owned()];
        options.listen = "10.1.2.3:9966".parse().unwrap();
        Hosts::new(&options)
    }

    fn asked(host: &str, origin: Option<&str>) -> Result<Option<String>> {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_str(host).unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        hosts().check(&headers)
    }

    #[test]
    fn names_of_this_machine_are_answered() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:9966",
            "127.9.9.9:1",
            "localhost:80",
            "LOCALHOST",
            "[::1]:9966",
            "[::1]",
            "node.example",
            "NODE.example:443",
            "10.1.2.3:9966",
        ] {
            assert!(asked(host, None).is_ok(), "{host}");
        }
    }

    #[test]
    fn other_names_are_refused() {
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.1.2.4",
            "0.0.0.0",
            "127.0.0.1:",
            "127.0.0.1:port",
            "localhost:99999",
            "[::1",
            "::1",
            "[evil]",
            "localhost:80:80",
            "user@localhost",
            "xn--node.example",
        ] {
            assert_eq!(asked(host, None).unwrap_err().code, Code::HostRefused, "{host}");
        }
        assert!(hosts().check(&HeaderMap::new()).is_err(), "no host at all");
    }

    #[test]
    fn pages_are_refused_unless_they_were_allowed() {
        for origin in
            ["https://evil.example", "null", "http://localhost:9966", "https://wallet.example.evil"]
        {
            assert!(asked("localhost", Some(origin)).is_err(), "{origin}");
        }
        let origin = asked("localhost", Some("https://wallet.example")).unwrap();
        assert_eq!(origin.as_deref(), Some("https://wallet.example"));
    }

    #[test]
    fn a_second_host_is_refused() {
        let mut headers = HeaderMap::new();
        headers.append(HOST, HeaderValue::from_static("localhost"));
        headers.append(HOST, HeaderValue::from_static("evil.example"));
        assert!(hosts().check(&headers).is_err());
    }
}
