// SPDX-License-Identifier: Apache-2.0

//! Addresses in the form that clients take.

use polkadot_sdk::sc_network::{Multiaddr, multiaddr::Protocol};

/// The URL of an RPC server that listens on `address`; nothing if that is no IP address with a TCP port.
pub fn websocket_url(address: &Multiaddr) -> Option<String> {
    let mut host = None;
    let mut port = None;
    for protocol in address.iter() {
        match protocol {
            Protocol::Ip4(ip) => host = Some(ip.to_string()),
            Protocol::Ip6(ip) => host = Some(format!("[{ip}]")),
            Protocol::Tcp(number) => port = Some(number),
            _ => {}
        }
    }
    Some(format!("ws://{}:{}", host?, port?))
}

#[cfg(test)]
mod tests {
    use super::websocket_url;

    #[test]
    fn addresses_are_shown_as_clients_take_them() {
        let url = |text: &str| websocket_url(&text.parse().expect("a valid address"));
        assert_eq!(url("/ip4/127.0.0.1/tcp/9944").as_deref(), Some("ws://127.0.0.1:9944"));
        assert_eq!(url("/ip6/::1/tcp/9945").as_deref(), Some("ws://[::1]:9945"));
        assert_eq!(url("/dns/example.org"), None);
    }
}
