// SPDX-License-Identifier: Apache-2.0

//! The chain, the terminal, and what every chapter does with both.

use super::cast::{Cast, Person};
use crate::{amounts::Token, arguments::StoryOptions, terminal::Terminal};
use anyhow::{Context, bail};
use millrace_channels_chain::{AccountKey, Call, Chain, Head, Inclusion, Submission};
use millrace_channels_protocol::Agreement;
use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelAsset, ChannelParams, params::Amounts,
    state::Signatures,
};
use polkadot_sdk::sp_runtime::BoundedVec;
use std::collections::BTreeMap;

/// What each account is given to start with, in thousandths of a token.
const FUNDING: Balance = 100_000;

/// How long the parties give the chain to open a channel, in blocks.
const OPEN_WITHIN: BlockNumber = 100;

/// The challenge window unless the chain wants a longer one, in blocks: long enough for a busy
/// machine to answer, short enough to wait for.
const DEFAULT_CHALLENGE_BLOCKS: BlockNumber = 10;

/// Where the story is told, and what it has cost so far.
pub struct Stage<'a> {
    pub chain: Chain,
    pub terminal: &'a Terminal,
    pub token: Token,
    pub challenge_blocks: BlockNumber,
    fees: BTreeMap<AccountId, Balance>,
    channels: u64,
}

impl<'a> Stage<'a> {
    /// Connects and shows what the chain is.
    pub async fn connect(
        options: &StoryOptions,
        terminal: &'a Terminal,
    ) -> anyhow::Result<Stage<'a>> {
        terminal.step("Connect to a node of the chain");
        let chain = Chain::connect(&options.url).await?;
        let identity = chain.identity();
        let best = chain.best_head().await?;
        let finalised = chain.finalised_head().await?;
        terminal.fact("node", &format!("{} at {}", identity.node, options.url));
        terminal.fact("chain", &identity.chain);
        terminal.fact("genesis", &format!("{:?}", identity.genesis));
        terminal.fact("runtime", &format!("version {}", identity.spec_version));
        terminal.fact("best block", &best.to_string());
        terminal.fact("final block", &finalised.to_string());

        let token = Token { symbol: identity.token.clone(), decimals: identity.decimals };
        let least: Option<BlockNumber> =
            chain.constant("Channels", "MinChallengeBlocks", &best).await?;
        let challenge_blocks =
            options.challenge_blocks.unwrap_or(least.unwrap_or(0).max(DEFAULT_CHALLENGE_BLOCKS));
        let (fees, channels) = (BTreeMap::new(), 0);
        Ok(Self { chain, terminal, token, challenge_blocks, fees, channels })
    }

    /// Gives two fresh accounts something to deposit.
    pub async fn fund(&mut self) -> anyhow::Result<Cast> {
        let alice = AccountKey::development("Alice").context("the development key of Alice")?;
        let cast = Cast::new();
        let amount = self.token.thousandths(FUNDING);
        self.terminal.step(&format!("Give two new accounts {} each", self.token.show(amount)));
        let best = self.chain.best_head().await?;
        let wealth = self.chain.account(&alice.account(), &best).await?.native.free;
        if wealth < amount.saturating_mul(3) {
            bail!(
                "Alice has only {} on this chain\n  \
                 The story spends money of the well-known development account: run it against a \
                 chain started with --dev.",
                self.token.show(wealth)
            );
        }
        for person in cast.people() {
            self.terminal.fact(person.name, &person.account().to_string());
        }
        let mut submissions = Vec::new();
        for person in cast.people() {
            let call = Call::transfer(&person.account(), amount);
            submissions.push((person, self.chain.submit(&call, &alice).await?));
        }
        for (person, mut submission) in submissions {
            let inclusion = self.included(&mut submission).await?;
            self.terminal.note(&format!(
                "Alice sends {} to {}:",
                self.token.show(amount),
                person.name
            ));
            self.show(&inclusion, "she");
        }
        Ok(cast)
    }

    /// Terms of a new channel between both people.
    pub async fn agree(
        &mut self,
        cast: &Cast,
        deposits: [Balance; 2],
    ) -> anyhow::Result<Agreement> {
        let mut seats: Vec<_> = cast.people().into_iter().zip(deposits).collect();
        seats.sort_by_key(|(person, _)| person.account());
        let best = self.chain.best_head().await?;
        self.channels = self.channels.saturating_add(1);
        let params = ChannelParams {
            participants: BoundedVec::truncate_from(
                seats.iter().map(|(person, _)| person.participant()).collect(),
            ),
            asset: ChannelAsset::Native,
            challenge_blocks: self.challenge_blocks,
            open_by: best.number.saturating_add(OPEN_WITHIN),
            nonce: self.channels,
        };
        let deposits = Amounts::truncate_from(seats.iter().map(|(_, deposit)| *deposit).collect());
        Ok(Agreement::verify(self.chain.genesis(), params, deposits)?)
    }

    /// Opens a channel: both accounts sign, `payer` pays the fee of the only extrinsic.
    pub async fn open(
        &mut self,
        cast: &Cast,
        agreement: &Agreement,
        payer: &Person,
    ) -> anyhow::Result<Inclusion> {
        self.terminal.fact("channel", &format!("{:?}", agreement.id()));
        for person in cast.people() {
            let position = self.position(agreement, person)?;
            let deposit = agreement.deposits().get(position).copied().unwrap_or(0);
            self.terminal.fact(
                person.name,
                &format!("deposits {} and signs with the account's key", self.token.show(deposit)),
            );
        }
        let payload = agreement.open_payload();
        let mut signatures = Signatures::new();
        for participant in &agreement.params().participants {
            let person = cast
                .people()
                .into_iter()
                .find(|person| person.account() == participant.account)
                .context("the channel names an account that nobody holds")?;
            signatures
                .try_push(person.key.sign(&payload))
                .map_err(|_| anyhow::anyhow!("too many signatures"))?;
        }
        agreement.verify_consent(&signatures)?;
        let sender = self.position(agreement, payer).ok();
        let call = Call::open(agreement.params(), agreement.deposits(), &signatures, sender);
        let inclusion = self.submit(&call, payer).await?;
        let view = self.chain.channel(agreement.id(), &inclusion.block).await?;
        self.terminal.check(
            view.is_some_and(|view| view.locked == agreement.deposits().to_vec()),
            "the chain knows the channel and both deposits",
        );
        Ok(inclusion)
    }

    /// Submits a call for `payer`, waits for its block and shows it.
    pub async fn submit(&mut self, call: &Call, payer: &Person) -> anyhow::Result<Inclusion> {
        let mut submission = self.chain.submit(call, &payer.key).await?;
        let inclusion = self.included(&mut submission).await?;
        self.charge(payer, &inclusion);
        self.show(&inclusion, payer.name);
        Ok(inclusion)
    }

    /// Waits for a submission's block; a refusal by the runtime is an error.
    pub async fn included(&self, submission: &mut Submission) -> anyhow::Result<Inclusion> {
        self.terminal.progress("waiting for the next block ...");
        Ok(submission.included().await?.success()?)
    }

    /// Notes what `payer` paid for an extrinsic.
    pub fn charge(&mut self, payer: &Person, inclusion: &Inclusion) {
        let fees = self.fees.entry(payer.account()).or_default();
        *fees = fees.saturating_add(inclusion.fee);
    }

    /// All that a person has paid in fees since the story began.
    pub fn fees_of(&self, person: &Person) -> Balance {
        self.fees.get(&person.account()).copied().unwrap_or(0)
    }

    /// Shows where an extrinsic is found and what `payer` paid for it.
    pub fn show(&self, inclusion: &Inclusion, payer: &str) {
        let terminal = self.terminal;
        terminal.fact("extrinsic", &format!("{:?}", inclusion.extrinsic));
        terminal.fact("in block", &inclusion.block.to_string());
        let fee = match (inclusion.fee, inclusion.fee_estimate) {
            (0, Some(estimate)) => format!("its fee of {} came back", self.token.show(estimate)),
            (fee, _) => format!("{payer} pays a fee of {}", self.token.show(fee)),
        };
        terminal.fact("call", &format!("{}; {fee}", inclusion.call));
    }

    /// A person's position in a channel.
    pub fn position(&self, agreement: &Agreement, person: &Person) -> anyhow::Result<usize> {
        agreement
            .params()
            .position(&person.account())
            .with_context(|| format!("{} is not in the channel", person.name))
    }

    /// Reads what both people own at `block` and shows it.
    pub async fn balances(&self, cast: &Cast, block: &Head) -> anyhow::Result<Ledger> {
        let token = &self.token;
        // Three columns of six digits, a point and all decimals, with a space in between.
        let width = self.token.decimals as usize + 8;
        let columns = format!("   {:<width$}{:<width$}in channels", "total", "free");
        self.terminal.fact(&format!("at #{}", block.number), &columns);
        for person in cast.people() {
            let view = self.chain.account(&person.account(), block).await?;
            self.terminal.fact(
                person.name,
                format!(
                    "{} {} {}",
                    token.column(view.native.total),
                    token.column(view.native.free),
                    token.column(view.native.in_channels)
                )
                .trim_end(),
            );
        }
        self.ledger(cast, block).await
    }

    /// Reads what both people own at `block`.
    pub async fn ledger(&self, cast: &Cast, block: &Head) -> anyhow::Result<Ledger> {
        let mut totals = Vec::new();
        for person in cast.people() {
            let total = self.chain.account(&person.account(), block).await?.native.total;
            totals.push(Wealth { total, fees: self.fees_of(person) });
        }
        Ok(Ledger { totals })
    }
}

/// What one person owned at some point, and had paid in fees until then.
#[derive(Clone, Copy, Debug)]
struct Wealth {
    total: Balance,
    fees: Balance,
}

/// What both people owned at some point, in the order of [`Cast::people`].
#[derive(Clone, Debug)]
pub struct Ledger {
    totals: Vec<Wealth>,
}

impl Ledger {
    /// Explains each person's change since `earlier` by the channel and by fees, and checks that
    /// nothing else changed. `before` and `after`: what each person put into the channel and its
    /// dispute, and what it got out, in the order of [`Cast::people`].
    pub fn explain(
        &self,
        earlier: &Self,
        stage: &Stage<'_>,
        cast: &Cast,
        before: [Balance; 2],
        after: [Balance; 2],
    ) {
        let token = &stage.token;
        let mut sums = [0u128; 3];
        for (index, person) in cast.people().into_iter().enumerate() {
            let (Some(then), Some(now)) = (earlier.totals.get(index), self.totals.get(index))
            else {
                continue;
            };
            let (owed, got) = (before[index], after[index]);
            let fees = now.fees.saturating_sub(then.fees);
            for (sum, amount) in sums.iter_mut().zip([then.total, now.total, fees]) {
                *sum = sum.saturating_add(amount);
            }
            let expected = then.total.saturating_add(got).saturating_sub(owed).saturating_sub(fees);
            stage.terminal.check(
                expected == now.total,
                &format!(
                    "{}: {} = {} by the channel - {} in fees",
                    person.name,
                    token.show_change(then.total, now.total),
                    token.show_change(owed, got),
                    token.show(fees)
                ),
            );
        }
        let [then, now, fees] = sums;
        let [put_in, got_out] = [before, after].map(|it| it.iter().sum::<Balance>());
        // What nobody got out of the channel and its dispute went to the treasury.
        let treasury = put_in.saturating_sub(got_out);
        let share = match treasury {
            0 => String::new(),
            _ => format!(" + {} for the treasury", token.digits(treasury)),
        };
        stage.terminal.check(
            then == now.saturating_add(fees).saturating_add(treasury),
            &format!(
                "nothing lost, nothing made: {} before = {} after + {} fees{share}",
                token.digits(then),
                token.digits(now),
                token.digits(fees)
            ),
        );
    }
}
