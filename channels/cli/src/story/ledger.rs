// SPDX-License-Identifier: Apache-2.0

//! What everybody owned, moved, paid in fees, and owns in the end.

use super::{party::Party, stage::Stage, tower::Tower};
use anyhow::{Context, bail};
use millrace_channels_chain::{AccountKey, Call, Head};
use millrace_primitives_channels::{AccountId, Balance};
use std::collections::BTreeMap;

/// What each person is given to start with, in thousandths of a token.
const FUNDING: Balance = 200_000;

/// What the tower is given, in thousandths of a token: enough for the fees that it gets back.
const TOWER_FUNDING: Balance = 1_000;

/// Somebody with an account, and what the story says about it.
struct Entry {
    name: &'static str,
    account: AccountId,
    /// What the account owned in the beginning.
    before: Balance,
    /// What was won in channels and by disputes.
    won: Balance,
    /// What was lost there.
    lost: Balance,
}

/// Everybody's account.
pub struct Ledger {
    entries: Vec<Entry>,
    since: Head,
    /// What went to the treasury.
    treasury: Balance,
}

impl Ledger {
    /// Gives everybody something to begin with, from the chain's development account.
    pub async fn fund(stage: &Stage<'_>, cast: &[Party; 4], tower: &Tower) -> anyhow::Result<Self> {
        let bank = AccountKey::development("Alice").context("the development key of Alice")?;
        let (each, towers) =
            (stage.token.thousandths(FUNDING), stage.token.thousandths(TOWER_FUNDING));
        stage.terminal.step(&format!(
            "Give everybody {}, and the tower {}",
            stage.show(each),
            stage.show(towers)
        ));
        let best = stage.chain.best_head().await?;
        let wealth = stage.chain.account(&bank.account(), &best).await?.native.free;
        if wealth < each.saturating_mul(5) {
            bail!(
                "the development account has only {} on this chain\n  \
                 The story spends money of the well-known account //Alice: run it against a chain \
                 started with --dev.",
                stage.show(wealth)
            );
        }
        let people = cast.iter().map(|party| (party.name, party.account.clone(), each));
        let all: Vec<_> = people.chain([("the tower", tower.account.clone(), towers)]).collect();
        let mut submissions = Vec::new();
        for (_, account, amount) in &all {
            submissions.push(stage.chain.submit(&Call::transfer(account, *amount), &bank).await?);
        }
        let mut since = best;
        for (submission, (name, ..)) in submissions.iter_mut().zip(&all) {
            stage.terminal.progress("waiting for the next blocks ...");
            let inclusion = submission.finalised().await?.success()?;
            since = inclusion.block;
            stage.terminal.fact(name, &format!("extrinsic {:?}", inclusion.extrinsic));
        }
        stage.terminal.fact("final", &since.to_string());
        let mut entries = Vec::new();
        for (name, account, _) in all {
            let before = stage.chain.account(&account, &since).await?.native.total;
            entries.push(Entry { name, account, before, won: 0, lost: 0 });
        }
        Ok(Self { entries, since, treasury: 0 })
    }

    /// Notes that somebody paid somebody else.
    pub fn paid(&mut self, payer: &str, payee: &str, amount: Balance) {
        self.lost(payer, amount);
        self.won(payee, amount);
    }

    /// Notes that a dispute cost somebody the bond, of which somebody else got a part.
    pub fn forfeited(&mut self, cheat: &str, bond: Balance, winner: &str, reward: Balance) {
        self.lost(cheat, bond);
        self.won(winner, reward);
        self.treasury = self.treasury.saturating_add(bond.saturating_sub(reward));
    }

    fn won(&mut self, name: &str, amount: Balance) {
        for entry in self.entries.iter_mut().filter(|entry| entry.name == name) {
            entry.won = entry.won.saturating_add(amount);
        }
    }

    fn lost(&mut self, name: &str, amount: Balance) {
        for entry in self.entries.iter_mut().filter(|entry| entry.name == name) {
            entry.lost = entry.lost.saturating_add(amount);
        }
    }

    /// What every account has paid in fees since the beginning, as the blocks say, up to `until`.
    async fn fees(
        &self,
        stage: &Stage<'_>,
        until: &Head,
    ) -> anyhow::Result<BTreeMap<AccountId, Balance>> {
        let mut fees = BTreeMap::<AccountId, Balance>::new();
        for number in self.since.number.saturating_add(1)..=until.number {
            let hash = stage.chain.hash_at(number).await?;
            let hash = hash.with_context(|| format!("block {number} is gone"))?;
            for (payer, fee) in stage.chain.fees_in(hash).await? {
                let sum = fees.entry(payer).or_default();
                *sum = sum.saturating_add(fee);
            }
        }
        Ok(fees)
    }

    /// Explains everybody's change by channels, disputes and fees, and checks that nothing else
    /// changed.
    pub async fn explain(&self, stage: &Stage<'_>) -> anyhow::Result<()> {
        let (terminal, token) = (stage.terminal, &stage.token);
        terminal.step("Compare with the chain");
        let until = stage.chain.finalised_head().await?;
        let fees = self.fees(stage, &until).await?;
        let width = token.decimals as usize + 8;
        terminal.fact(
            &format!("at #{}", until.number),
            &format!("   {:<width$}{:<width$}in channels", "total", "free"),
        );
        let (mut afters, mut held) = (Vec::new(), 0);
        for entry in &self.entries {
            let view = stage.chain.account(&entry.account, &until).await?;
            held += view.storage_deposits;
            let view = view.native;
            let columns =
                [view.total, view.free, view.in_channels].map(|amount| token.column(amount));
            terminal.fact(entry.name, columns.join(" ").trim_end());
            terminal
                .check(view.in_channels == 0, &format!("{} has nothing in channels", entry.name));
            afters.push(view.total);
        }
        if held > 0 {
            terminal.note(&format!(
                "{} of it is held for ids of channels, which are used once, and comes back.",
                stage.show(held)
            ));
        }
        let (mut before, mut after, mut paid) = (0, 0, 0);
        for (entry, now) in self.entries.iter().zip(afters) {
            let fee = fees.get(&entry.account).copied().unwrap_or(0);
            let expected = entry
                .before
                .saturating_add(entry.won)
                .saturating_sub(entry.lost)
                .saturating_sub(fee);
            terminal.check(
                now == expected,
                &format!(
                    "{}: {} = {} won - {} lost - {} in fees",
                    entry.name,
                    token.show_change(entry.before, now),
                    token.digits(entry.won),
                    token.digits(entry.lost),
                    token.digits(fee)
                ),
            );
            before += entry.before;
            after += now;
            paid += fee;
        }
        terminal.check(
            before == after + paid + self.treasury,
            &format!(
                "nothing lost, nothing made: {} before = {} after + {} fees + {} for the treasury",
                token.digits(before),
                token.digits(after),
                token.digits(paid),
                token.digits(self.treasury)
            ),
        );
        Ok(())
    }
}
