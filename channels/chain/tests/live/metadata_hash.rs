// SPDX-License-Identifier: Apache-2.0

//! Signatures over a hash of the metadata: a runtime that was built with its hash takes them, any other
//! one refuses.
//!
//! The variable `MILLRACE_METADATA_HASH` says which it is: `yes` if the node's runtime was built with the
//! feature `on-chain-release-build`. Whoever says it wrongly sees these tests fail.

use crate::{Diary, PATIENCE, Parties, TOKEN, connected, node::Node, outcome};
use millrace_channels_chain::{
    AccountKey, Call, Chain, ChainError, News, Outcome,
    follower::{self, Options},
    submitter,
    trust::Distrust,
};
use millrace_primitives_channels::AccountId;
use std::{env, fs};
use tokio::time::timeout;

/// Whether the node's runtime knows the hash of its metadata.
fn knows_hash() -> bool {
    env::var("MILLRACE_METADATA_HASH").is_ok_and(|said| said == "yes")
}

fn why(result: Result<Chain, ChainError>) -> Distrust {
    match result {
        Err(ChainError::Distrusted(reason)) => reason,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("such signatures are accepted"),
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a built node; see the top of the file"]
async fn signatures_over_the_metadata_hash_are_taken_where_the_runtime_knows_it() {
    let node = Node::start();
    let chain = connected(&node).await;
    let options = Options { metadata_hash: true, ..Options::new(vec![node.url()]) };
    let (handle, mut news) = follower::start(options);
    let mut diary = Diary::default();
    if !knows_hash() {
        let reason = why(chain.with_metadata_hash().await);
        assert_eq!(reason, Distrust::NoMetadataHash);
        diary.until(&mut news, "a refusal", |news| matches!(news, News::Refused { .. })).await;
        assert!(handle.chain().is_none(), "nobody follows a chain that takes no signatures");
        return;
    }

    let alice = AccountKey::development("Alice").expect("everybody knows it");
    let checked = chain.with_metadata_hash().await.expect("it compares the hash");
    let call = Call::transfer(&AccountId::new([55; 32]), TOKEN);
    let mut submission = checked.submit(&call, &alice).await.expect("it is taken");
    let done = timeout(PATIENCE, submission.finalised()).await.expect("in time").expect("final");
    assert!(done.failure.is_none(), "{:?}", done.failure);

    // A channel is opened by a queue of calls, as the daemon does it.
    diary.until(&mut news, "a node", |news| matches!(news, News::CaughtUp { .. })).await;
    let parties = Parties::agree(&checked, 1).await;
    let queue = submitter::start(alice, handle.connection());
    let opened = outcome(&queue, parties.open()).await;
    assert!(matches!(&opened, Outcome::Done(_)), "{opened:?}");
    let head = checked.finalised_head().await.expect("there is one");
    let channel = checked.channel(parties.id(), &head).await.expect("readable");
    assert!(channel.is_some(), "it is open");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a built node; see the top of the file"]
async fn node_that_describes_another_token_gets_no_signature_that_counts() {
    // given a node that says that its token has six decimals
    let folder = tempfile::tempdir().expect("a folder");
    let specification = folder.path().join("lying.json");
    let honest = Node::specification("dev");
    let lying = honest.replace(r#""tokenDecimals": 12"#, r#""tokenDecimals": 6"#);
    assert_ne!(honest, lying, "the specification names the decimals");
    fs::write(&specification, lying).expect("the folder is ours");
    let node = Node::start_on(&specification);
    let chain = connected(&node).await;
    assert_eq!(chain.identity().decimals, 6);
    // when it is tried to sign by what it describes, then the runtime's own hash is another
    let reason = why(chain.with_metadata_hash().await);
    match knows_hash() {
        true => assert!(matches!(reason, Distrust::OtherMetadata { .. }), "{reason}"),
        false => assert_eq!(reason, Distrust::NoMetadataHash),
    }
}
