// SPDX-License-Identifier: Apache-2.0

//! A daemon of an earlier release is replaced by this one while a channel is open.
//!
//! ```text
//! MILLRACE_CHANNELD_BEFORE=/path/to/earlier/millrace-channeld MILLRACE_NODE=/path/to/millrace \
//!     cargo test -p millrace-channels-daemon --test live -- --ignored upgraded
//! ```

use crate::{
    TOKEN,
    node::Node,
    open,
    party::{Party, look, pay, reach},
    settled, wait_for,
};
use millrace_channels_api::{
    Client,
    types::{ChannelQuery, Payment, PaymentQuery, PaymentState, Phase},
    values::ChannelId,
};
use std::{env, path::PathBuf};

/// One token each way; nothing changes. Returns what each was told.
async fn to_and_fro(one: &Client, other: &Client, channel: ChannelId, when: &str) -> Vec<Payment> {
    wait_for("both", async || {
        let both = look(one, channel).await.connected && look(other, channel).await.connected;
        both.then_some(())
    })
    .await;
    let mut made = Vec::new();
    for (client, who) in [(one, "one"), (other, "other")] {
        let paid = pay(client, channel, TOKEN, &format!("{when}-{who}")).await;
        assert_eq!(paid.state, PaymentState::Succeeded, "{when}, {who}");
        made.push(paid);
    }
    settled(one, channel, 20 * TOKEN).await;
    settled(other, channel, 10 * TOKEN).await;
    made
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a built node and an earlier daemon; see the top of the file"]
async fn daemon_is_upgraded_with_a_channel_open() {
    let before = env::var_os("MILLRACE_CHANNELD_BEFORE").map(PathBuf::from);
    let before = before.expect("MILLRACE_CHANNELD_BEFORE names an earlier daemon");
    let node = Node::start();
    let mut alice = Party::start_program(&before, node.url(), "Alice", Vec::new());
    let mut bob = Party::start_program(&before, node.url(), "Bob", Vec::new());
    let (one, other, channel) = open(&alice, &bob).await;
    let mut made = to_and_fro(&one, &other, channel, "before").await;
    let version = look(&one, channel).await.version;

    // One of them after a sudden death; the other is of the earlier release for some time yet.
    alice.kill();
    alice.replace(&Party::program());
    alice.restart();
    let one = alice.client().await;
    assert_eq!(look(&one, channel).await.version, version, "nothing is lost");
    made.extend(to_and_fro(&one, &other, channel, "between").await);
    assert!(bob.stop());
    bob.replace(&Party::program());
    bob.restart();
    let other = bob.client().await;
    to_and_fro(&one, &other, channel, "after").await;

    // Payments of the earlier release are known, and are not made again.
    for (payment, client) in made.iter().zip([&one, &other].into_iter().cycle()) {
        let query = PaymentQuery { payment: payment.payment };
        assert_eq!(client.payments_get(&query).await.expect("it is known"), *payment);
    }
    pay(&one, channel, TOKEN, "before-one").await;
    settled(&one, channel, 20 * TOKEN).await;

    // The way back: an earlier release goes on, or says that it cannot read the store's format, and
    // touches nothing.
    assert!(alice.stop());
    alice.replace(&before);
    match alice.try_restart().await {
        Ok(()) => {
            let one = alice.client().await;
            to_and_fro(&one, &other, channel, "back").await;
            assert!(alice.stop());
        }
        Err(said) => {
            let is_told = said.contains("format") && said.contains("use the release that wrote it");
            assert!(is_told, "{said}");
        }
    }
    alice.replace(&Party::program());
    alice.restart();
    let one = alice.client().await;
    to_and_fro(&one, &other, channel, "again").await;
    one.channels_close(&ChannelQuery { channel }).await.expect("it is taken");
    for client in [&one, &other] {
        reach(client, channel, Phase::Closed).await;
    }
}
