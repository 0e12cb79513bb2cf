// SPDX-License-Identifier: Apache-2.0

//! The network hears which block is the best one after finality has changed it.
//!
//! A node greets its peers with its best block. The SDK tells the network of each new best block that is imported. But a
//! block that becomes final on another fork makes the best one invalid, and the best block is then an older one,
//! of which nobody tells the network. From then on the node greets with a block that it does not have any more. Its
//! peers ask it for that block, get nothing, and disconnect; as long as they do, it imports no new best block,
//! and so it stays alone until it is started again.

use crate::{BlockNumber, Hash};
use futures::{Stream, StreamExt};
use polkadot_sdk::sc_network::NetworkBlock;

/// Runs until nothing can become final any more.
///
/// `finalities`: for each block that becomes final, whether other blocks have become invalid by that. `best`: the best block
/// and its height.
pub async fn follow(
    finalities: impl Stream<Item = bool>,
    best: impl Fn() -> (Hash, BlockNumber),
    network: &impl NetworkBlock<Hash, BlockNumber>,
) {
    let mut finalities = std::pin::pin!(finalities);
    while let Some(invalidated) = finalities.next().await {
        if invalidated {
            let (hash, number) = best();
            network.new_best_block_imported(hash, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{executor::block_on, stream};
    use std::sync::Mutex;

    #[derive(Default)]
    struct Network(Mutex<Vec<(Hash, BlockNumber)>>);

    impl NetworkBlock<Hash, BlockNumber> for Network {
        fn announce_block(&self, _: Hash, _: Option<Vec<u8>>) {
            panic!("it is no new block")
        }

        fn new_best_block_imported(&self, hash: Hash, number: BlockNumber) {
            self.0.lock().unwrap().push((hash, number));
        }
    }

    #[test]
    fn the_best_block_is_told_when_others_have_become_invalid() {
        let network = Network::default();
        let best = (Hash::repeat_byte(7), 12);
        block_on(follow(stream::iter([false, true, false]), || best, &network));
        assert_eq!(*network.0.lock().unwrap(), [best]);
    }
}
