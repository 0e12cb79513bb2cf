// SPDX-License-Identifier: Apache-2.0

//! Where peers were reached, so that a restart finds them again.

use millrace_channels_daemon::Peer;
use millrace_channels_store::{Batch, Store, StoreError, Table};
use millrace_channels_transport::Multiaddr;

/// Addresses by node key. As many peers as may be connected.
const ADDRESSES: Table<[u8; 32], Vec<String>> = Table::new("addresses", 10_000);

/// Keeps where a peer is, in place of what was kept before.
pub fn keep(store: &Store, peer: Peer, addresses: &[Multiaddr]) -> Result<(), StoreError> {
    let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    store.submit(Batch::new().put(&ADDRESSES, &peer.0, &texts, None))?.wait()
}

/// Where a peer was; nothing if that is not known.
pub fn of(store: &Store, peer: Peer) -> Vec<Multiaddr> {
    let texts = store.get(&ADDRESSES, &peer.0).ok().flatten().unwrap_or_default();
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}
