// SPDX-License-Identifier: Apache-2.0

//! HTTP by hand, so that requests can be as wrong as they like.

use crate::World;
use millrace_channels_api::{ApiError, Code};
use serde_json::{Value, json};
use std::{collections::HashMap, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long any answer may take in these tests.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A request.
#[derive(Clone, Debug)]
pub struct Ask {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Ask {
    pub fn new(verb: &str, path: &str) -> Self {
        let headers = vec![("host".to_owned(), "localhost".to_owned())];
        Self { line: format!("{verb} {path} HTTP/1.1"), headers, body: String::new() }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: &str, body: &Value) -> Self {
        Self::new("POST", path).json(body)
    }

    /// A call of JSON-RPC.
    pub fn rpc(method: &str, params: &Value) -> Self {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        Self::post("/rpc", &call)
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(&body.to_string())
    }

    pub fn body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self
    }

    /// Sets a header, instead of one of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// The bytes of the request; the connection ends after it.
    pub fn bytes(&self) -> Vec<u8> {
        let mut text = format!("{}\r\nconnection: close\r\n", self.line);
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        if !self.body.is_empty() {
            text += &format!("content-length: {}\r\n", self.body.len());
        }
        (text + "\r\n" + &self.body).into_bytes()
    }

    pub async fn send(&self, world: &World) -> Answer {
        let mut stream = TcpStream::connect(world.address()).await.unwrap();
        stream.write_all(&self.bytes()).await.unwrap();
        Answer::read(&mut stream).await
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Answer {
    /// Reads an answer to the end of the connection.
    pub async fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        let read =
            timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("an answer in time");
        // A server that refuses a large request may close the connection before all of it was sent.
        if let Err(error) = read {
            assert!(!bytes.is_empty(), "no answer: {error}");
        }
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) =
            text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {text:?}"));
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        Self { status, headers, body: body.to_owned() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The error of REST.
    pub fn refusal(&self) -> ApiError {
        let error: ApiError = serde_json::from_value(self.json()).unwrap();
        assert_eq!(error.code.http_status(), self.status, "{error:?}");
        error
    }

    /// The code of an error of REST.
    pub fn code(&self) -> Code {
        self.refusal().code
    }

    /// The result of JSON-RPC, or its error.
    pub fn outcome(&self) -> Result<Value, ApiError> {
        outcome(&self.json())
    }
}

/// The result of a message of JSON-RPC, or its error.
pub fn outcome(message: &Value) -> Result<Value, ApiError> {
    assert_eq!(message["jsonrpc"], "2.0", "{message}");
    match message.get("error") {
        None => Ok(message["result"].clone()),
        Some(error) => {
            let data: ApiError = serde_json::from_value(error["data"].clone()).unwrap();
            assert_eq!(error["code"], data.code.rpc_number(), "{message}");
            Err(data)
        }
    }
}

/// Whether anything still answers there.
pub async fn answers(address: SocketAddr) -> bool {
    TcpStream::connect(address).await.is_ok()
}
