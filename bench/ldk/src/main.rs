// SPDX-License-Identifier: Apache-2.0

//! How fast two nodes of LDK pay each other: what channels are compared with.
//!
//! ```text
//! millrace-bench-ldk FOLDER SECONDS DEPTH MILLISATOSHIS
//! ```
//!
//! `millrace-bench` starts it, once a round. Two nodes in one process, a thread each, open a channel,
//! and one pays the other for `SECONDS`, with `DEPTH` payments under way. Every update of a channel's
//! monitor is appended to a file in `FOLDER` and synced before LDK goes on. It prints one JSON object:
//! `payments`, when each was made and how long it took, in seconds; `syncs`; and `signatures`, how
//! many pairs of sign and verify one core does a second.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`node`] | one node, on LDK's crate |
//! | [`keeping`] | what it writes down |
//! | [`opening`] | a channel between two nodes |
//! | [`paying`] | payments over it |
//! | [`signing`] | the limit of its signatures |

mod keeping;
mod node;
mod opening;
mod paying;
mod signing;

use anyhow::{Context, ensure};
use node::Node;
use serde_json::json;
use std::{path::PathBuf, sync::Arc, time::Duration};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().context("name a folder")?);
    let mut number = |what| -> anyhow::Result<f64> {
        let text = arguments.next().with_context(|| format!("say how many {what}"))?;
        let number: f64 = text.to_string_lossy().parse()?;
        ensure!(number > 0.0, "{what} have to be more than 0");
        Ok(number)
    };
    let span = Duration::from_secs_f64(number("seconds")?);
    let depth = number("payments under way")? as usize;
    let amount = number("millisatoshis")? as u64;
    let signatures = signing::pairs_per_second(span / 20)?;
    let payer = Arc::new(Node::new(1, &folder)?);
    let payee = Arc::new(Node::new(2, &folder)?);
    opening::open(&payer, &payee)?;
    let payments = paying::pay(&payer, &payee, depth, amount, span)?;
    let times: Vec<_> =
        payments.made.iter().map(|(at, took)| [at.as_secs_f64(), took.as_secs_f64()]).collect();
    let told = json!({ "payments": times, "syncs": payments.syncs, "signatures": signatures });
    println!("{told}");
    Ok(())
}
