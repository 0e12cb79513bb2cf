// SPDX-License-Identifier: Apache-2.0

//! The one table of everything that can be asked for.
//!
//! REST, JSON-RPC, the list of capabilities and the OpenAPI document all come from it, so that none
//! of them can have what another lacks.

mod fields;
mod matching;
pub mod openapi;
mod table;

pub(crate) use fields::Fields;
pub(crate) use matching::{decoded_query, find};
pub(crate) use table::table;

use crate::{error::Result, operation::Operation, service::Service};
use futures::future::BoxFuture;
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;
use std::sync::Arc;

/// What a token allows.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Access {
    /// To look.
    Read,
    /// To look, to change and to pay.
    Full,
}

impl Access {
    /// Its name in logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Full => "full",
        }
    }
}

/// The HTTP methods in use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    /// Looks.
    Get,
    /// Makes something, or starts something.
    Post,
    /// Sets something.
    Put,
    /// Ends something.
    Delete,
}

impl Verb {
    /// As HTTP writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Whether its parameters come in the body, and not in the query.
    pub(crate) fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put)
    }
}

/// What is public about a route.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RouteInfo {
    /// Its name in JSON-RPC.
    pub method: &'static str,
    /// Its HTTP method.
    pub verb: Verb,
    /// Its path in REST; parts in braces are parameters.
    pub path: &'static str,
    /// The least access that it needs.
    pub access: Access,
    /// Whether it moves money, and so needs an idempotency key.
    pub moves_money: bool,
    /// What it does: a sentence.
    pub summary: &'static str,
}

/// Everything that can be asked for, in the order of the documents.
pub fn routes() -> Vec<RouteInfo> {
    table().into_iter().map(|route| route.info).collect()
}

/// How a route calls the daemon. The parameters are an object without the key.
type Call = Box<
    dyn Fn(Arc<dyn Service>, Option<Operation>, Value) -> BoxFuture<'static, Result<Value>>
        + Send
        + Sync,
>;

/// Something that can be asked for.
pub(crate) struct Route {
    /// What is public about it.
    pub info: RouteInfo,
    /// Its parameters: what they are called, and of what kind.
    pub fields: Fields,
    /// The schema of its parameters.
    pub request: fn(&mut SchemaGenerator) -> Schema,
    /// The schema of its answer.
    pub response: fn(&mut SchemaGenerator) -> Schema,
    /// Whether it may wait for news, and so is not counted among the requests under way.
    pub waits: bool,
    /// Calls the daemon.
    pub call: Call,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.info, formatter)
    }
}
