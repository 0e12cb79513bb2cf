// SPDX-License-Identifier: Apache-2.0

//! Daemons in processes of their own, beside a real node: everything that people do with them.
//!
//! Ignored unless asked for, because they need a built node and some minutes:
//!
//! ```text
//! MILLRACE_NODE=/path/to/millrace cargo test -p millrace-channels-daemon --test live -- --ignored
//! ```
//!
//! Without the variable, `millrace` is looked for beside the test's own build, then in `PATH`.

mod listing;
#[path = "../../../chain/tests/live/node.rs"]
mod node;
mod party;
mod tower;
mod upgrading;

use millrace_channels_api::{
    Amount, Client, Code,
    types::{
        AccountQuery, ChannelQuery, Empty, OpenChannel, PaymentState, Phase, Resize,
        ResizeDirection, StartStream, StreamQuery, StreamState,
    },
    values::ChannelId,
};
use millrace_ports::free_port;
use node::Node;
use party::{Party, is_offline, key, look, pay, reach, try_pay};
use std::time::{Duration, Instant};

/// One token, in its smallest unit.
const TOKEN: u128 = 1_000_000_000_000;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(180);

/// Waits until something is there.
pub async fn wait_for<T>(what: &str, mut find: impl AsyncFnMut() -> Option<T>) -> T {
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        if let Some(found) = find().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    panic!("waited too long for {what}");
}

/// Opens a channel with 20 tokens of one and 10 of the other, and waits until it is open.
async fn open(from: &Party, to: &Party) -> (Client, Client, ChannelId) {
    let (one, other) = (from.client().await, to.client().await);
    let (peer, address) = to.name().await;
    let request = OpenChannel {
        peer,
        addresses: vec![address],
        ours: Amount(20 * TOKEN),
        theirs: Amount(10 * TOKEN),
        challenge_blocks: None,
        public: false,
    };
    let opened = one.channels_open(&key("open"), &request).await.expect("the peer agrees");
    let channel = opened.channel;
    for client in [&one, &other] {
        let open = reach(client, channel, Phase::Open).await;
        assert_eq!(open.deposit, Amount(30 * TOKEN));
    }
    (one, other, channel)
}

/// Waits until both sides agree on what one of them has.
async fn settled(client: &Client, channel: ChannelId, ours: u128) {
    let what = format!("{ours} in {channel}");
    wait_for(&what, async || (look(client, channel).await.ours == Amount(ours)).then_some(()))
        .await;
}

async fn total(client: &Client) -> u128 {
    let account = client.identity(&Empty {}).await.expect("it knows").account;
    let balance = client.accounts_balance(&AccountQuery { account }).await;
    balance.expect("the node answers").total.0
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a built node; see the top of the file"]
async fn channel_is_paid_over_resized_streamed_over_and_closed_through_sudden_death() {
    let node = Node::start();
    let mut alice = Party::start(node.url(), "Alice", Vec::new());
    let mut bob = Party::start(node.url(), "Bob", Vec::new());
    let (one, other, channel) = open(&alice, &bob).await;

    // Both ways, and a repetition pays nothing.
    for _ in 0..2 {
        let paid = pay(&one, channel, 3 * TOKEN, "first").await;
        assert_eq!(paid.state, PaymentState::Succeeded);
        let paid = pay(&other, channel, TOKEN, "second").await;
        assert_eq!(paid.state, PaymentState::Succeeded);
    }
    settled(&one, channel, 18 * TOKEN).await;
    settled(&other, channel, 12 * TOKEN).await;

    // One of them dies in the middle of a payment, and comes back.
    let paying = {
        let one = one.clone();
        tokio::spawn(async move { try_pay(&one, channel, TOKEN, "third").await })
    };
    bob.kill();
    bob.restart();
    let other = bob.client().await;
    // It may have been too late for the payment to begin: then it was refused, and begins now.
    if let Err(refused) = paying.await.expect("it is answered") {
        assert!(is_offline(&refused), "{refused}");
    }
    let third = wait_for("the payment's end", async || {
        let paid = try_pay(&one, channel, TOKEN, "third").await.ok()?;
        (paid.state != PaymentState::UnderWay).then_some(paid.state)
    })
    .await;
    let ours = if third == PaymentState::Succeeded { 17 } else { 18 };
    settled(&one, channel, ours * TOKEN).await;
    settled(&other, channel, (30 - ours) * TOKEN).await;

    // More money, and less; the same key moves it once.
    let resize = |direction, amount| Resize { channel, direction, amount: Amount(amount) };
    let (add, take) = (ResizeDirection::Add, ResizeDirection::Take);
    for _ in 0..2 {
        let resized = one.channels_resize(&key("add"), &resize(add, 5 * TOKEN)).await;
        assert_eq!(resized.expect("it is taken").deposit, Amount(35 * TOKEN));
    }
    let resized = other.channels_resize(&key("take"), &resize(take, 2 * TOKEN)).await;
    assert_eq!(resized.expect("it is taken").deposit, Amount(33 * TOKEN));
    settled(&one, channel, (ours + 5) * TOKEN).await;
    let too_much = other.channels_resize(&key("much"), &resize(take, 50 * TOKEN)).await;
    assert_eq!(too_much.expect_err("it is not there").code(), Some(Code::InsufficientFunds));

    stream(&mut alice, &mut bob, channel, (ours + 5) * TOKEN).await;

    // The end: everybody has on chain what the channel said.
    let (one, other) = (alice.client().await, bob.client().await);
    let before = total(&one).await;
    let mine = look(&one, channel).await.ours.0;
    one.channels_close(&ChannelQuery { channel }).await.expect("it is taken");
    for client in [&one, &other] {
        reach(client, channel, Phase::Closed).await;
    }
    let (after, expected) = (total(&one).await, before - 25 * TOKEN + mine);
    assert!(after.abs_diff(expected) < TOKEN, "{before} became {after} by {mine} in the channel");
    assert!(bob.stop(), "it stops in good order");
}

/// A stream whose payee dies and whose payer is restarted; it goes on, is stopped, and pays what its
/// pulses say.
async fn stream(alice: &mut Party, bob: &mut Party, channel: ChannelId, ours: u128) {
    let unit = 1_000_000;
    let request = StartStream {
        channel,
        unit: Amount(unit),
        pulses_per_second: 200,
        total: Amount(100_000 * unit),
    };
    let one = alice.client().await;
    let started = one.streams_start(&key("stream"), &request).await.expect("the peer agrees");
    let again = one.streams_start(&key("stream"), &request).await.expect("it is the same");
    assert_eq!(started.stream, again.stream);
    let pulses = async |client: &Client| {
        let streams = client.streams_list(&Empty {}).await.expect("they are known").items;
        streams.iter().find(|it| it.stream == started.stream).map_or(0, |it| it.pulses)
    };
    wait_for("pulses", async || (pulses(&one).await > 300).then_some(())).await;
    bob.kill();
    bob.restart();
    let other = bob.client().await;
    let before = pulses(&one).await;
    wait_for("more pulses", async || (pulses(&one).await > before + 200).then_some(())).await;
    let received = other.streams_list(&Empty {}).await.expect("they are known").items;
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].stream, started.stream, "both sides name it alike");

    assert!(alice.stop(), "it stops in good order");
    alice.restart();
    let one = alice.client().await;
    let before = pulses(&other).await;
    wait_for("more pulses", async || (pulses(&other).await > before + 200).then_some(())).await;

    let stopped = StreamQuery { stream: started.stream };
    one.streams_stop(&stopped).await.expect("it is known");
    wait_for("the fold", async || {
        let streams = one.streams_list(&Empty {}).await.expect("they are known");
        streams.items.is_empty().then_some(())
    })
    .await;
    let ended = one.streams_start(&key("stream"), &request).await.expect("it is remembered");
    assert_eq!(ended.state, StreamState::Ended);
    assert_eq!(ended.paid, Amount(u128::from(ended.pulses) * unit));
    assert!(ended.pulses > 700, "{ended:?}");
    settled(&one, channel, ours - ended.paid.0).await;
    assert_eq!(look(&one, channel).await.reserved, Amount(0));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a built node; see the top of the file"]
async fn channel_is_closed_alone_while_the_peer_is_away() {
    let node = Node::start();
    let alice = Party::start(node.url(), "Alice", Vec::new());
    let mut bob = Party::start(node.url(), "Bob", Vec::new());
    let (one, _, channel) = open(&alice, &bob).await;
    assert_eq!(pay(&one, channel, 3 * TOKEN, "first").await.state, PaymentState::Succeeded);
    bob.kill();
    one.channels_force_close(&ChannelQuery { channel }).await.expect("it needs nobody");
    let disputed = reach(&one, channel, Phase::Disputed).await;
    assert_eq!(disputed.ours, Amount(17 * TOKEN));
    let closed = reach(&one, channel, Phase::Closed).await;
    assert_eq!((closed.settled, closed.ours), (true, Amount(17 * TOKEN)), "as the chain has paid");
    // The peer finds out when it is back.
    bob.restart();
    let other = bob.client().await;
    reach(&other, channel, Phase::Closed).await;
    let account = one.identity(&Empty {}).await.expect("it knows").account;
    let balance = one.accounts_balance(&AccountQuery { account }).await.expect("it answers");
    assert_eq!(balance.in_channels, Amount(0));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a built node; see the top of the file"]
async fn tower_answers_for_a_daemon_that_is_away() {
    let node = Node::start();
    let mut guard = tower::start(&node.url(), free_port().expect("a port")).await;
    let mut alice = Party::start(node.url(), "Alice", vec![guard.address.clone()]);
    let mut bob = Party::start(node.url(), "Bob", Vec::new());
    let (one, _, channel) = open(&alice, &bob).await;

    // The cheat keeps a copy of everything from before it pays.
    assert!(bob.stop());
    let copy = tempfile::tempdir().expect("a folder");
    bob.copy(copy.path());
    bob.restart();
    let other = bob.client().await;
    wait_for("both", async || look(&one, channel).await.connected.then_some(())).await;
    for number in 0..5 {
        let paid = pay(&other, channel, TOKEN, &format!("payment-{number}")).await;
        assert_eq!(paid.state, PaymentState::Succeeded);
    }
    settled(&one, channel, 25 * TOKEN).await;
    let newest = look(&one, channel).await.version;
    let covered = wait_for("a tower that has signed for it", async || {
        let towers = one.watchtowers_list(&Empty {}).await.expect("they are known");
        let tower = &towers.items[0];
        let cover = tower.channels.iter().find(|it| it.channel == channel)?;
        (tower.behind == 0 && cover.version == Some(newest)).then_some(*cover)
    })
    .await;
    assert_eq!(covered.newest, newest);
    assert!(covered.until > Some(1_000));

    // It goes away, and the other shows an old state.
    let before = total(&one).await;
    alice.kill();
    assert!(bob.stop());
    bob.restore(copy.path());
    bob.restart();
    let cheat = bob.client().await;
    cheat.channels_force_close(&ChannelQuery { channel }).await.expect("it needs nobody");
    wait_for("the answer", async || guard.metrics.borrow_and_update().answers.checked_sub(1)).await;
    // The one who was away has everything that it was paid.
    alice.restart();
    let one = alice.client().await;
    reach(&one, channel, Phase::Closed).await;
    let after = total(&one).await;
    assert!(after.abs_diff(before + 5 * TOKEN) < TOKEN, "{before} became {after}");
    wait_for("the tower to forget it", async || {
        let towers = one.watchtowers_list(&Empty {}).await.expect("they are known");
        towers.items[0].channels.is_empty().then_some(())
    })
    .await;
}
