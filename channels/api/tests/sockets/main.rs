// SPDX-License-Identifier: Apache-2.0

//! The server, driven through real sockets, with a daemon that is a test double.

mod asking;
mod bounds;
mod ending;
mod events;
mod fake;
mod guarding;
mod lacking;
mod once;
mod parity;
mod samples;

use fake::Fake;
use millrace_channels_api::{
    Client, ClientOptions, Limits, Options, Server,
    tokens::{FULL_FILE, READ_FILE, Token},
};
use std::{net::SocketAddr, sync::Arc};
use tempfile::TempDir;

/// A server with its daemon and its tokens.
struct World {
    server: Server,
    daemon: Arc<Fake>,
    folder: TempDir,
}

impl World {
    /// A server as it is by default, on a port that is free.
    async fn new() -> Self {
        Self::with(Fake::default(), |_| {}).await
    }

    /// A server with some limits.
    async fn limited(change: impl FnOnce(&mut Limits)) -> Self {
        Self::with(Fake::default(), |options| change(&mut options.limits)).await
    }

    async fn with(daemon: Fake, change: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = Options::new(folder.path());
        options.listen.set_port(0);
        change(&mut options);
        let daemon = Arc::new(daemon);
        let server = Server::start(daemon.clone(), options).await.unwrap();
        Self { server, daemon, folder }
    }

    fn address(&self) -> SocketAddr {
        self.server.address()
    }

    fn full(&self) -> String {
        self.token(FULL_FILE).secret()
    }

    fn read(&self) -> String {
        self.token(READ_FILE).secret()
    }

    fn token(&self, file: &str) -> Token {
        Token::read(&self.folder.path().join(file)).unwrap()
    }

    async fn client(&self) -> Client {
        let url = format!("ws://{}", self.address());
        Client::connect(&ClientOptions::new(&url, self.token(FULL_FILE))).await.unwrap()
    }
}
