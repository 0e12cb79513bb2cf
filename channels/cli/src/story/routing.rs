// SPDX-License-Identifier: Apache-2.0

//! Alice pays an invoice of Dave's, over Bob and Carol.

use super::{ledger::Ledger, opening::Line, party::Party, paying::verify_made, stage::Stage};
use millrace_channels_api::{
    Amount, IdempotencyKey,
    types::{CreateInvoice, GraphQuery, PayInvoice},
    values::Wait,
};
use millrace_primitives_channels::Balance;

/// What Dave asks for, in thousandths of a token.
const ASKED: Balance = 2_500;

/// What each of the line's channels holds for the one who pays into it.
async fn ours(cast: &[Party; 4], line: &Line) -> anyhow::Result<[Balance; 3]> {
    let mut all = [0; 3];
    for ((ours, party), channel) in all.iter_mut().zip(cast).zip(line) {
        let view = party.channel(*channel).await?;
        *ours = view.ours.0;
    }
    Ok(all)
}

/// Pays over the line.
pub async fn tell(
    stage: &Stage<'_>,
    cast: &[Party; 4],
    line: &Line,
    ledger: &mut Ledger,
) -> anyhow::Result<()> {
    let (terminal, [alice, bob, carol, dave]) = (stage.terminal, cast);
    terminal.step("Gossip tells Alice of the channels between the others");
    let graph = stage
        .wait_for("the graph", async || {
            let graph = alice.daemon()?.graph_channels(&GraphQuery::default()).await?;
            let knows_all = line.iter().all(|id| {
                graph.items.iter().any(|it| {
                    it.channel == *id && it.sides.iter().all(|side| side.policy.is_some())
                })
            });
            Ok(knows_all.then_some(graph))
        })
        .await?;
    terminal.fact("known", &format!("{} public channels", graph.items.len()));

    let asked = stage.token.thousandths(ASKED);
    terminal.step(&format!("Dave asks for {}", stage.show(asked)));
    let request = CreateInvoice { amount: Some(Amount(asked)), ..CreateInvoice::default() };
    let invoice = dave.daemon()?.invoices_create(&request).await?;
    terminal.fact("invoice", invoice.invoice.as_str());

    terminal.step("Alice pays it");
    let before = ours(cast, line).await?;
    let request = PayInvoice {
        invoice: invoice.invoice,
        amount: None,
        fee_limit: None,
        note: None,
        wait_seconds: Wait::nearest(60),
    };
    let payment =
        alice.daemon()?.payments_pay_invoice(&IdempotencyKey::random()?, &request).await?;
    verify_made(&payment)?;
    let fee = payment.fee.0;
    terminal.fact("fee", &format!("{}, for Bob and Carol together", stage.show(fee)));
    if let Some(preimage) = payment.preimage {
        terminal.fact("receipt", &format!("the preimage {preimage}"));
    }
    // Each hop folds the transfer into its balances after the payer knows that it is paid.
    let after = stage
        .wait_for("every hop to settle", async || {
            for (party, channel) in cast.iter().zip(line) {
                if party.channel(*channel).await?.pending.0 > 0 {
                    return Ok(None);
                }
            }
            let after = ours(cast, line).await?;
            let all_moved = before.iter().zip(&after).all(|(before, after)| after < before);
            Ok(all_moved.then_some(after))
        })
        .await?;
    let [from_alice, from_bob, from_carol] =
        [0, 1, 2].map(|hop: usize| before[hop].saturating_sub(after[hop]));
    terminal
        .check(from_alice == asked.saturating_add(fee), "Alice paid what was asked, and the fee");
    terminal.check(from_carol == asked, "Dave got what he asked for, to the last unit");
    terminal.check(
        from_alice >= from_bob && from_bob >= from_carol,
        &format!(
            "Bob kept {}, Carol {}",
            stage.show(from_alice.saturating_sub(from_bob)),
            stage.show(from_bob.saturating_sub(from_carol))
        ),
    );
    for (payer, payee, amount) in
        [(alice, bob, from_alice), (bob, carol, from_bob), (carol, dave, from_carol)]
    {
        ledger.paid(payer.name, payee.name, amount);
    }
    Ok(())
}
