// SPDX-License-Identifier: Apache-2.0

//! What a person asks of a daemon.
//!
//! Results go to standard output, as tables or as JSON; progress and errors to standard error.

pub mod arguments;
mod channels;
mod network;
mod node;
mod output;
mod payments;
#[cfg(test)]
mod tests;
mod towers;

use anyhow::{Context, bail};
use arguments::{DaemonOptions, Key, Task};
use millrace_channels_api::{
    Amount, Client, ClientError, ClientOptions, Code, IdempotencyKey, Token,
    tokens::{self, FULL_FILE},
    types::Empty,
};
use output::Output;
use serde_json::json;

/// Something else failed.
const FAILED: u8 = 1;
/// Nobody answers at the daemon's address.
const UNREACHABLE: u8 = 3;
/// The daemon refuses the token.
const UNAUTHORISED: u8 = 4;
/// The daemon refuses the request.
const REFUSED: u8 = 5;
/// What was asked for may have happened.
const DOUBTFUL: u8 = 6;
/// The payment failed: nothing was paid.
const NOT_PAID: u8 = 7;
/// The daemon cannot do this.
const NOT_SUPPORTED: u8 = 8;

/// A payment that came to nothing, or is not decided.
#[derive(Debug)]
struct Unpaid {
    text: String,
    code: u8,
}

impl std::fmt::Display for Unpaid {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for Unpaid {}

/// What the shell learns from an error.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if let Some(unpaid) = error.downcast_ref::<Unpaid>() {
        return unpaid.code;
    }
    let Some(error) = error.downcast_ref::<ClientError>() else { return FAILED };
    match (error, error.code()) {
        (_, Some(Code::Unauthorised | Code::Forbidden)) => UNAUTHORISED,
        (_, Some(Code::NotSupported)) => NOT_SUPPORTED,
        (ClientError::Unreachable { .. } | ClientError::Turned { .. }, _) => UNREACHABLE,
        _ if error.is_doubtful() => DOUBTFUL,
        (ClientError::Refused(_), _) => REFUSED,
        _ => FAILED,
    }
}

/// An error as programs read it: what the daemon says, or at least a message.
pub fn error_as_json(error: &anyhow::Error) -> String {
    let said = match error.downcast_ref::<ClientError>() {
        Some(ClientError::Refused(said)) => serde_json::to_value(said).ok(),
        _ => None,
    };
    let said = said.unwrap_or_else(|| json!({ "message": format!("{error:#}") }));
    json!({ "error": said, "exit_code": exit_code(error) }).to_string()
}

/// An error and its causes for people, without those that repeat what was said.
pub fn told(error: &anyhow::Error) -> String {
    let mut said: Vec<String> = error.chain().map(ToString::to_string).collect();
    said.dedup();
    said.join(": ")
}

/// Does what a person asked for.
pub async fn run(task: Task, options: &DaemonOptions) -> anyhow::Result<()> {
    let desk = Desk::connect(options).await?;
    match task {
        Task::Status => node::status(&desk).await,
        Task::Statistics => node::statistics(&desk).await,
        Task::Balance { account } => node::balance(&desk, account).await,
        Task::Watchtowers => towers::list(&desk).await,
        Task::Backup { name } => node::backup(&desk, name).await,
        Task::Events { after, count } => node::events(&desk, after, count).await,
        Task::Open(open) => channels::open(&desk, open).await,
        Task::List(list) => channels::list(&desk, list).await,
        Task::Show(one) => channels::show(&desk, one.channel).await,
        Task::Resize(resize) => channels::resize(&desk, resize).await,
        Task::Close(closing) => channels::close(&desk, &closing).await,
        Task::ForceClose(closing) => channels::force_close(&desk, &closing).await,
        Task::Pay(pay) => payments::pay(&desk, pay).await,
        Task::PayStream(task) => payments::stream(&desk, task).await,
        Task::Invoice(task) => payments::invoice(&desk, task).await,
        Task::Payments(list) => payments::list(&desk, list).await,
        Task::Peers { task } => network::peers(&desk, task).await,
        Task::Graph { peer, page } => network::graph(&desk, peer, page).await,
        Task::Fees { task } => network::fees(&desk, task).await,
    }
}

/// Reads an amount. A daemon that no node of the chain has answered yet does not know how many units a
/// token has: there, an amount in tokens would be taken for one in units.
fn amount(token: &Token, text: &str) -> anyhow::Result<Amount> {
    if token.symbol.is_empty() && !text.trim_end().ends_with('u') {
        bail!(
            "the daemon does not know the chain's token yet, because no node of the chain has \
             answered it: check that node, or write the amount in the smallest unit, as 1500u"
        );
    }
    Ok(token.parse(text)?)
}

/// A connection to a daemon, and where its answers go.
struct Desk {
    client: Client,
    token: Token,
    out: Output,
}

impl Desk {
    async fn connect(options: &DaemonOptions) -> anyhow::Result<Self> {
        let file = match &options.token_file {
            Some(file) => file.clone(),
            None => tokens::default_folder()
                .context(
                    "there is no home folder to look for a token in: name one by --token-file",
                )?
                .join(FULL_FILE),
        };
        let token = tokens::Token::read(&file).map_err(ClientError::Token).context(
            "no token of a daemon: is millrace-channeld started? If its folder is not the default \
             one, name the file by --token-file",
        )?;
        let client = Client::connect(&ClientOptions::new(&options.daemon, token)).await?;
        let token = client.status(&Empty {}).await?.node.network.token;
        Ok(Self { client, token, out: Output::new(options.json) })
    }

    /// Reads what a person wrote as an amount.
    fn amount(&self, text: &str) -> anyhow::Result<Amount> {
        amount(&self.token, text)
    }

    fn amount_if_any(&self, text: Option<&String>) -> anyhow::Result<Option<Amount>> {
        text.map(|text| self.amount(text)).transpose()
    }

    /// An amount for people.
    fn show(&self, amount: Amount) -> String {
        self.token.show(amount)
    }

    /// The key of a request that moves money: the one that was given, or a new one, which is shown
    /// before anything happens, so that it is there if nothing else comes back.
    fn key(&self, key: Key) -> anyhow::Result<IdempotencyKey> {
        if let Some(key) = key.key {
            return Ok(key);
        }
        let key = IdempotencyKey::random().context("the system gives no random bytes")?;
        self.out.progress(&format!("To repeat this without paying twice: --key {key}"));
        Ok(key)
    }
}
