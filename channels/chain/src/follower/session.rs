// SPDX-License-Identifier: Apache-2.0

//! One connection: heads come in, news go out.

use super::courier::{Courier, End};
use crate::{
    connection::Chain,
    error::ChainError,
    news::{News, Stall},
    observing::{Header, Link},
    tracker::{Block, MAX_UNFINAL, TrackerError},
    trust::{self, Distrust, Expected},
};
use core::{future::Future, time::Duration};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use subxt::rpcs::client::RpcSubscription;

/// How often it is looked whether the heads still move.
const LOOK: Duration = Duration::from_secs(1);

/// The heads of a node, as it announces them.
struct Heads {
    best: RpcSubscription<Header>,
    finalised: RpcSubscription<Header>,
}

/// When heads moved.
struct Pulse {
    best: Instant,
    finalised: Instant,
    said_final_stall: bool,
}

impl From<TrackerError> for End {
    fn from(error: TrackerError) -> Self {
        Self::Lost(error.to_string())
    }
}

impl Courier {
    /// Follows one node until it is lost. `tolerant`: an old head is no reason to refuse it.
    pub(super) async fn follow(&mut self, url: &str, tolerant: bool) -> End {
        match self.follow_or_end(url, tolerant).await {
            Ok(end) | Err(end) => end,
        }
    }

    async fn follow_or_end(&mut self, url: &str, tolerant: bool) -> Result<End, End> {
        let chain = self.within(Chain::connect(url)).await?;
        let told = self.tracker.as_ref().map(|tracker| tracker.final_head());
        let checkpoint = told.or(self.options.known);
        let report = self.within(chain.report(checkpoint.map(|head| head.number))).await?;
        let expected =
            Expected { genesis: self.genesis, checkpoint, max_age: self.options.max_age };
        match trust::verify(&report, &expected, now_millis()) {
            Ok(()) => {}
            Err(reason) if tolerant && reason.may_be_our_clock() => {
                self.tell(News::Doubtful { url: url.to_owned(), reason }).await?;
            }
            Err(reason) => return Err(reason.into()),
        }
        let chain = match self.options.metadata_hash {
            true => self.within(chain.with_metadata_hash()).await?,
            false => chain,
        };
        self.genesis = Some(report.genesis);
        let mut heads = self.subscribe(&chain).await?;
        self.tell(News::Back { url: url.to_owned(), head: report.finalised }).await?;
        self.connected.send_replace(Some(chain.clone()));

        self.tracker_from(report.finalised);
        self.catch_up(&chain, report.finalised).await?;
        self.report_states(&chain).await?;
        self.tell(News::CaughtUp { head: self.final_head() }).await?;
        self.follow_heads(&chain, &mut heads).await
    }

    async fn subscribe(&self, chain: &Chain) -> Result<Heads, End> {
        let what = "new blocks";
        let subscribe = async {
            let best = chain.rpc.chain_subscribe_new_heads().await;
            let finalised = chain.rpc.chain_subscribe_finalized_heads().await;
            Ok(Heads {
                best: best.map_err(ChainError::request(what))?,
                finalised: finalised.map_err(ChainError::request(what))?,
            })
        };
        self.within(subscribe).await
    }

    async fn follow_heads(&mut self, chain: &Chain, heads: &mut Heads) -> Result<End, End> {
        let now = Instant::now();
        let mut pulse = Pulse { best: now, finalised: now, said_final_stall: false };
        let mut look = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                // Heads that wait come before the look at the clock: a slow reader of the news is no
                // stall of the node.
                biased;
                head = heads.best.next() => {
                    pulse.best = Instant::now();
                    let link = announced(head)?;
                    self.take_best(chain, link).await?;
                }
                head = heads.finalised.next() => {
                    let before = self.final_head();
                    let link = announced(head)?;
                    self.take_final(chain, link).await?;
                    if self.final_head() != before {
                        pulse.finalised = Instant::now();
                        pulse.said_final_stall = false;
                    }
                }
                Some(command) = self.commands.recv() => {
                    self.obey(command).await?;
                    self.report_states(chain).await?;
                }
                _ = look.tick() => self.look(&mut pulse).await?,
            }
        }
    }

    /// Says when heads stand still, and leaves a node that has no new blocks.
    async fn look(&self, pulse: &mut Pulse) -> Result<(), End> {
        let since = pulse.best.elapsed();
        if since > self.options.stall_after {
            self.tell(News::Stalled { what: Stall::Best, since }).await?;
            return Err(End::Lost(format!("{} for {} seconds", Stall::Best, since.as_secs())));
        }
        let since = pulse.finalised.elapsed();
        if since > self.options.final_stall_after && !pulse.said_final_stall {
            pulse.said_final_stall = true;
            self.tell(News::Stalled { what: Stall::Final, since }).await?;
        }
        // The reader may be gone while nothing happens.
        if self.is_unread() { Err(End::Stop) } else { Ok(()) }
    }

    /// A node's newest block. One that does not descend from the final head means nothing.
    async fn take_best(&mut self, chain: &Chain, link: Link) -> Result<(), End> {
        let Some((start, branch)) = self.branch_to(chain, link).await? else { return Ok(()) };
        let tracker = self.tracker_from(link.head);
        match tracker.extend(start, branch) {
            Ok(news) => self.tell_all(news).await,
            // Final blocks still count; they make room.
            Err(TrackerError::TooManyUnfinal(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A node's newest final block.
    async fn take_final(&mut self, chain: &Chain, link: Link) -> Result<(), End> {
        let known = self.final_head();
        if link.head == known {
            return Ok(());
        }
        if link.head.number < known.number {
            return Err(Distrust::FinalityBehind { found: link.head, known }.into());
        }
        // A subscription that missed much goes by heights.
        if link.head.number.saturating_sub(known.number) > MAX_UNFINAL {
            self.catch_up(chain, link.head).await?;
            // What was skipped is made up for before any later block is told.
            return self.report_states(chain).await;
        }
        let tracker = self.tracker_from(link.head);
        if !tracker.knows(&link.head.hash) {
            let Some((start, branch)) = self.branch_to(chain, link).await? else {
                let found = chain.hash_at(known.number).await?.unwrap_or_default();
                return Err(Distrust::FinalityRewritten { found, known }.into());
            };
            let news = self.tracker_from(link.head).extend(start, branch)?;
            self.tell_all(news).await?;
        }
        let news = self.tracker_from(link.head).finalise(link.head.hash)?;
        self.tell_all(news).await
    }

    /// The blocks from the tracked chain up to `tip`, and the hash that they start above; nothing if
    /// `tip` does not descend from the newest final block.
    async fn branch_to(
        &mut self,
        chain: &Chain,
        tip: Link,
    ) -> Result<Option<(millrace_primitives_channels::Hash, Vec<Block>)>, End> {
        let known = self.final_head();
        if tip.head.number.saturating_sub(known.number) > MAX_UNFINAL {
            return Ok(None);
        }
        let (mut at, mut branch) = (tip, Vec::new());
        loop {
            if self.tracker_from(known).knows(&at.head.hash) {
                branch.reverse();
                return Ok(Some((at.head.hash, branch)));
            }
            if at.head.number <= known.number {
                return Ok(None);
            }
            branch.push(self.read(chain, at).await?);
            at = self.parent_of(chain, at).await?;
        }
    }

    async fn parent_of(&self, chain: &Chain, link: Link) -> Result<Link, End> {
        let parent = self.within(chain.link(link.parent)).await?;
        parent.ok_or_else(|| End::Lost(format!("the node lacks the block below {}", link.head)))
    }

    /// A block with what it tells. What cannot be read is said, and stops nothing.
    pub(super) async fn read(&self, chain: &Chain, link: Link) -> Result<Block, End> {
        let (told, unreadable) = self.within(chain.told(link.head.hash)).await?;
        for (event, reason) in unreadable {
            self.tell(News::Unreadable { event, reason, at: link.head }).await?;
        }
        Ok(Block { head: link.head, parent: link.parent, told })
    }

    /// Waits for an answer of the node, but not for ever.
    pub(super) async fn within<T>(
        &self,
        answer: impl Future<Output = Result<T, ChainError>>,
    ) -> Result<T, End> {
        let limit = self.options.request_timeout;
        match tokio::time::timeout(limit, answer).await {
            Ok(answer) => Ok(answer?),
            Err(_) => {
                let seconds = limit.as_secs();
                Err(ChainError::TimedOut { what: "answer of the node", seconds }.into())
            }
        }
    }
}

/// The block that a subscription announces.
fn announced(head: Option<Result<Header, subxt::rpcs::Error>>) -> Result<Link, End> {
    match head {
        Some(Ok(header)) => Ok(Link::of(&header)?),
        Some(Err(error)) => Err(ChainError::request("new blocks")(error).into()),
        None => Err(End::Lost("the connection was closed".to_owned())),
    }
}

/// This machine's clock, in milliseconds since 1970.
fn now_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Head,
        follower::Options,
        news::Why,
        watch::{Item, Watch},
    };
    use millrace_primitives_channels::{ChannelId, Hash};
    use subxt::rpcs::{
        RpcClient, RpcClientT,
        client::{RawRpcFuture, RawRpcSubscription, RawValue},
    };
    use tokio::sync::{mpsc, watch};

    /// A node of a chain without any channel, which knows nothing else.
    struct Bare;

    impl RpcClientT for Bare {
        fn request_raw<'a>(
            &'a self,
            method: &'a str,
            _: Option<Box<RawValue>>,
        ) -> RawRpcFuture<'a, Box<RawValue>> {
            let answer = match method {
                "chain_getBlockHash" => format!("\"{:?}\"", Hash::repeat_byte(7)),
                // No channel, as SCALE writes it.
                "state_call" => "\"0x00\"".to_owned(),
                other => panic!("{other} is not asked for"),
            };
            Box::pin(async move { Ok(RawValue::from_string(answer).expect("it is JSON")) })
        }

        fn subscribe_raw<'a>(
            &'a self,
            sub: &'a str,
            _: Option<Box<RawValue>>,
            _: &'a str,
        ) -> RawRpcFuture<'a, RawRpcSubscription> {
            panic!("{sub} is not asked for")
        }
    }

    #[tokio::test]
    async fn state_follows_at_once_when_blocks_are_skipped_in_the_middle_of_a_connection() {
        // given a follower that has told everything, and watches a channel
        let chain = Chain::over(RpcClient::new(Bare)).await;
        let channel = ChannelId::repeat_byte(3);
        let from = Head { number: 10, hash: Hash::repeat_byte(10) };
        let mut watch = Watch::default();
        watch.insert(Item::Channel(channel));
        let options = Options { since: Some(from), watch, ..Options::new(Vec::new()) };
        let (news, mut told) = mpsc::channel(16);
        let (_, commands) = mpsc::channel(1);
        let (connected, _) = watch::channel(None);
        let mut courier = Courier::new(options, news, commands, connected);
        courier.to_report.clear();
        // when the next final head is further away than blocks are kept
        let number = from.number + MAX_UNFINAL + 1;
        let head = Head { number, hash: Hash::repeat_byte(11) };
        let link = Link { head, parent: Hash::repeat_byte(12) };
        assert!(courier.take_final(&chain, link).await.is_ok());
        drop(courier);
        // then the channel's state makes up for what is not told, and does not wait for the next
        // connection
        let mut all = Vec::new();
        while let Some(news) = told.recv().await {
            all.push(news);
        }
        let skipped = News::Skipped { from: from.number + 1, to: number };
        let state = News::State { id: channel, state: None, at: head, why: Why::Missed };
        assert_eq!(all, [skipped, state]);
    }
}
