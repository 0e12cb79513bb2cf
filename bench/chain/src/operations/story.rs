// SPDX-License-Identifier: Apache-2.0

//! Which kind comes after which: a channel has to be open before it is disputed, and a dispute has to
//! be over before its conditions are decided.

use super::{
    calls::Calls,
    channel::{ANSWERED, CLAIMS, Channel, Conditions, DISPUTED, preimage},
    measuring::{Job, Record, Session},
    options::Operations,
};
use crate::{chain::storage_key, load::on_all_cores, run::say};
use anyhow::{Context, ensure};
use millrace_primitives_channels::BlockNumber;
use serde_json::Value;
use std::collections::HashSet;

/// The challenge window of channels that are settled: a day, which no network can refuse.
const LONG_WINDOW: BlockNumber = 43_200;

/// That of channels with conditions, which nobody answers.
const SHORT_WINDOW: BlockNumber = 10;

/// How many blocks after a set of channels is made the last of it may be opened: six hours.
const OPEN_BLOCKS: BlockNumber = 10_800;

/// How many disputes the chain concludes in a block without a transaction, when it has nothing else
/// to do; and fewer, to be sure that it has done so.
const BY_ITSELF: u32 = 64;
const AT_LEAST: u32 = 40;

/// For how many blocks conditions can be claimed at least: more than an hour.
const CLAIM_BLOCKS: BlockNumber = 3_000;

/// Keys of the state in one request.
const KEYS: usize = 500;

/// What every kind needs.
struct Story<'a> {
    session: &'a Session<'a>,
    calls: Calls,
    options: &'a Operations,
    count: u32,
}

/// Measures every kind, one after the other.
/// Errors: what one kind needs of those before it did not happen.
pub async fn measure(session: &Session<'_>, options: &Operations) -> anyhow::Result<Vec<Record>> {
    let calls = Calls::find(&session.chain)?;
    let story = Story { session, calls, options, count: options.count };
    let mut records = Vec::new();

    let with_conditions = story.count.div_ceil(CLAIMS);
    let mut channels = story.channels(0, story.count, LONG_WINDOW).await?;
    channels.extend(story.channels(1, with_conditions, SHORT_WINDOW).await?);
    let (settled, conditional) =
        channels.split_at_checked(story.count as usize).context("channels are missing")?;
    let opened = story.open("open", &channels).await?;
    let window = window(&opened, story.count);
    all_of(&opened)?;
    records.push(opened);
    records.push(story.settle(settled).await?);
    records.extend(story.conditions(conditional).await?);
    records.extend(story.disputes(window).await?);
    Ok(records)
}

/// A window within which twice as many disputes and answers find room as channels were opened in the
/// same time, and some blocks more, in which others are signed and become final.
fn window(opened: &Record, count: u32) -> BlockNumber {
    let used = opened.blocks.iter().filter(|it| it.succeeded > 0).count() as u64;
    let in_a_block = (opened.succeeded / used.max(1)).max(1);
    let blocks = u64::from(count) / in_a_block * 2 + 30;
    u32::try_from(blocks).unwrap_or(LONG_WINDOW).min(LONG_WINDOW)
}

/// Errors: something of it did not succeed.
fn all_of(record: &Record) -> anyhow::Result<()> {
    ensure!(
        record.succeeded == record.signed,
        "{}: {} of {} succeeded, and what comes next needs all; failed: {:?}, refused: {:?}",
        record.name,
        record.succeeded,
        record.signed,
        record.failed,
        record.refused
    );
    Ok(())
}

impl<'a> Story<'a> {
    /// Channels that are not open yet, each between an account and the next.
    async fn channels(
        &self,
        set: u64,
        count: u32,
        window: BlockNumber,
    ) -> anyhow::Result<Vec<Channel<'a>>> {
        let open_by = self.session.height().await?.saturating_add(OPEN_BLOCKS);
        let genesis = self.session.chain.genesis;
        let accounts = self.session.accounts;
        on_all_cores(count, |number| {
            let opener = self.sender(number);
            let other = self.sender(opener + 1);
            let at = |place: u32| accounts.get(place as usize).context("an account is missing");
            let name = (set << 32) | u64::from(number);
            Ok(Channel::new(genesis, (at(opener)?, at(other)?), name, window, open_by))
        })
    }

    /// The account that opens the channel of this number.
    fn sender(&self, number: u32) -> u32 {
        number % self.options.accounts
    }

    /// One call for each channel, sent by the account that opened it.
    fn of_each<'c>(
        &self,
        channels: &'c [Channel<'a>],
        call: impl Fn(&'c Channel<'a>) -> Vec<u8> + Sync,
    ) -> anyhow::Result<Vec<Job>> {
        on_all_cores(u32::try_from(channels.len())?, |number| {
            let channel = channels.get(number as usize).context("a channel is missing")?;
            // Channels of another set begin with the first account again.
            let account = u32::try_from(channel.params.nonce & u64::from(u32::MAX))?;
            Ok(Job { account: self.sender(account), call: call(channel) })
        })
    }

    async fn open(&self, name: &'static str, channels: &[Channel<'a>]) -> anyhow::Result<Record> {
        let jobs = self.of_each(channels, |channel| self.calls.open(channel))?;
        self.session.measure(name, jobs).await
    }

    async fn settle(&self, channels: &[Channel<'a>]) -> anyhow::Result<Record> {
        let settle = |channel: &Channel<'a>| {
            let state = channel.plain(DISPUTED, true);
            self.calls.settle(channel, &state)
        };
        self.session.measure("settle", self.of_each(channels, settle)?).await
    }

    /// Preimages, and after a dispute what is decided by them: transfers and streams.
    async fn conditions(&self, channels: &[Channel<'a>]) -> anyhow::Result<Vec<Record>> {
        let count = u32::try_from(channels.len())?;
        let of = |number: u32| {
            let channel = channels.get((number % count.max(1)) as usize);
            channel.context("a channel is missing")
        };
        // Transfers at even places are claimed, and need their preimages.
        let reveal = |number: u32| -> anyhow::Result<Job> {
            let call = self.calls.reveal(&preimage(&of(number)?.id, number / count * 2));
            Ok(Job { account: self.sender(number), call })
        };
        let revealed =
            self.session.measure("reveal", on_all_cores(count * CLAIMS, reveal)?).await?;
        all_of(&revealed)?;

        let concluding = SHORT_WINDOW + count / AT_LEAST + 10;
        let expiry = self.session.height().await? + concluding;
        let conditions = on_all_cores(count, |number| {
            Ok(Conditions::new(of(number)?, expiry, expiry + CLAIM_BLOCKS))
        })?;
        let conditions = |number: u32| {
            let found = conditions.get((number % count.max(1)) as usize);
            found.context("a channel has no conditions")
        };
        let dispute = |number: u32| -> anyhow::Result<Job> {
            let channel = of(number)?;
            let state = channel.conditional(conditions(number)?);
            Ok(Job { account: self.sender(number), call: self.calls.dispute(channel, &state) })
        };
        let jobs = on_all_cores(count, dispute)?;
        all_of(&self.session.measure("dispute, with conditions", jobs).await?)?;
        let waiting = usize::try_from(concluding)?;
        let concluded = self.session.watch("conclude, with conditions", waiting).await?;
        let done: usize = concluded.blocks.iter().map(|it| it.by_itself).sum();
        ensure!(
            done == channels.len(),
            "the chain has concluded {done} of {count} disputes by itself in time"
        );

        let decide = |number: u32, call: Option<Vec<u8>>| -> anyhow::Result<Job> {
            let call = call.context("a condition is missing")?;
            Ok(Job { account: self.sender(number), call })
        };
        let claim = |number: u32| -> anyhow::Result<Job> {
            let place = number / count * 2;
            decide(number, self.calls.claim(&of(number)?.id, conditions(number)?, place))
        };
        let claimed = self.session.measure("claim", on_all_cores(count * CLAIMS, claim)?).await?;
        self.session.reach(expiry).await?;
        let refund = |number: u32| -> anyhow::Result<Job> {
            let place = number / count * 2 + 1;
            decide(number, self.calls.refund(&of(number)?.id, conditions(number)?, place))
        };
        let refunded =
            self.session.measure("refund", on_all_cores(count * CLAIMS, refund)?).await?;
        // Each claim of a stream goes further than the one before, so one account sends them all.
        let stream = |number: u32| -> anyhow::Result<Job> {
            let (id, place) = (&of(number)?.id, number / count);
            decide(number % count, self.calls.claim_stream(id, conditions(number)?, place))
        };
        let streamed =
            self.session.measure("claim_stream", on_all_cores(count * CLAIMS, stream)?).await?;
        Ok(vec![revealed, claimed, refunded, streamed])
    }

    /// Disputes, their answers, and their ends: those that the chain brings about by itself, and
    /// those that transactions do.
    async fn disputes(&self, window: BlockNumber) -> anyhow::Result<Vec<Record>> {
        let channels = self.channels(2, self.count, window).await?;
        all_of(&self.open("open, to be disputed", &channels).await?)?;
        say(&format!("disputes can be answered for {window} blocks"));
        let dispute = |channel: &Channel<'a>| {
            let state = channel.plain(DISPUTED, false);
            self.calls.dispute(channel, &state)
        };
        let jobs = self.of_each(&channels, dispute)?;
        let disputed = self.session.measure("dispute", jobs).await?;
        let answer = |channel: &Channel<'a>| {
            let state = channel.plain(ANSWERED, false);
            self.calls.answer(channel, &state)
        };
        let mut jobs = self.of_each(&channels, answer)?;
        // The other party answers.
        jobs.iter_mut().for_each(|job| job.account = self.sender(job.account + 1));
        let answered = self.session.measure("answer", jobs).await?;

        let used = disputed.blocks.iter().filter(|it| it.succeeded > 0);
        let last = used.map(|it| it.number).max().context("nothing was disputed")?;
        say("waiting until the disputes can be concluded");
        self.session.reach(last + window).await?;
        let idle = self.options.idle_blocks.min(self.count / BY_ITSELF / 2).max(3);
        let alone = self.session.watch("conclude, by itself", usize::try_from(idle)?).await?;
        let left = self.left(&channels).await?;
        let conclude = |number: u32| -> anyhow::Result<Job> {
            let place = *left.get(number as usize).context("a channel is missing")?;
            let channel = channels.get(place).context("a channel is missing")?;
            let call = self.calls.conclude(&channel.id);
            Ok(Job { account: self.sender(u32::try_from(place)?), call })
        };
        let jobs = on_all_cores(u32::try_from(left.len())?, conclude)?;
        let concluded = self.session.measure("conclude", jobs).await?;
        Ok(vec![disputed, answered, alone, concluded])
    }

    /// Places of the channels that the chain still has.
    async fn left(&self, channels: &[Channel<'a>]) -> anyhow::Result<Vec<usize>> {
        let prefix = storage_key("Channels", "Channels");
        let key = |it: &Channel<'_>| {
            format!("0x{}", hex::encode([&prefix[..], it.id.as_bytes()].concat()))
        };
        let mut there = HashSet::new();
        for some in channels.chunks(KEYS) {
            let keys: Vec<_> = some.iter().map(key).collect();
            let found: Value =
                self.session.observer.ask("state_queryStorageAt", &[keys.into()]).await?;
            let found = found.pointer("/0/changes").and_then(Value::as_array);
            let found = found.context("the node does not tell what the state has")?;
            let has_value = |it: &&Value| it.get(1).is_some_and(|it| !it.is_null());
            let names = found.iter().filter(has_value).filter_map(|it| it.get(0)?.as_str());
            there.extend(names.map(str::to_owned));
        }
        let places = channels.iter().enumerate();
        let left = places.filter(|(_, it)| there.contains(&key(it))).map(|(place, _)| place);
        Ok(left.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_follows_from_how_fast_channels_were_opened() {
        let none = Record::default();
        assert_eq!(window(&none, 1_000), 2_030);
        assert_eq!(window(&none, u32::MAX), LONG_WINDOW);
        let bad = Record { signed: 2, succeeded: 1, ..Record::default() };
        assert!(all_of(&bad).is_err() && all_of(&none).is_ok());
    }
}
