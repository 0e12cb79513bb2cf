// SPDX-License-Identifier: Apache-2.0

//! What the daemon of channels offers to programs: JSON-RPC, REST, and a client.
//!
//! A daemon implements [`Service`] and hands it to [`Server::start`]. Programs in Rust use
//! [`Client`]; others read `/openapi.json`, or `docs/reference/channels-api.md` in the project's
//! repository.
//!
//! ```no_run
//! use millrace_channels_api::{Client, ClientOptions, tokens::Token, types::Empty};
//!
//! # async fn look() -> Result<(), millrace_channels_api::ClientError> {
//! let token = Token::read("/var/lib/millrace-channeld/api/read-token".as_ref())?;
//! let client = Client::connect(&ClientOptions::new("ws://127.0.0.1:9966", token)).await?;
//! let status = client.status(&Empty {}).await?;
//! println!("{} open channels", status.node.channels.open);
//! # Ok(())
//! # }
//! ```
//!
//! # What always holds
//!
//! - **AP-1** A request that moves money has a key, and under one key money moves once: repeating the
//!   request, at the same time or later, gets what the first one made. A key that was used for another
//!   request is refused.
//! - **AP-2** A request that moves money, once begun, runs to its end, whoever hangs up.
//! - **AP-3** Nothing but `/health/live`, `/health/ready` and `/openapi.json` is answered without a
//!   token, and the token that may look changes nothing.
//! - **AP-4** A request for another host, or from a web page that was not allowed, is refused before
//!   anything else is looked at.
//! - **AP-5** REST, JSON-RPC, `status` and `/openapi.json` come from one table, so that they offer the
//!   same; what a daemon lacks, none of them promises.
//! - **AP-6** Whatever a client sends, or refuses to read, takes bounded memory: bodies, connections,
//!   requests under way, batches, subscriptions and remembered keys have limits, and events are never
//!   queued for a slow reader.
//! - **AP-7** An event's number only rises, and a reader either gets every event after the number it
//!   names or is told that some are gone.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`types`] | requests and answers |
//! | [`values`] | amounts, ids, texts and pages |
//! | [`error`](ApiError) | codes, what happened, what to do |
//! | [`Service`] | what a daemon implements |
//! | [`operation`](Operation) | requests that move money |
//! | `watching` | reading events |
//! | [`mod@routes`] | the table of everything, and its OpenAPI document |
//! | [`server`] | sockets, limits, JSON-RPC and REST |
//! | [`tokens`] | who may do what |
//! | [`client`] | for programs in Rust |

pub mod client;
mod error;
mod operation;
pub mod routes;
pub mod server;
mod service;
pub mod tokens;
pub mod types;
pub mod values;
mod watching;

pub use client::{Client, ClientError, ClientOptions, Events};
pub use error::{ApiError, Code, Result};
pub use operation::Operation;
pub use routes::{Access, RouteInfo, Verb, routes};
pub use server::{DEFAULT_LISTEN, Limits, Options, Server, ServerError, Stopped};
pub use service::Service;
pub use values::{Amount, IdempotencyKey, Page, Token};
