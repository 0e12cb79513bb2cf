// SPDX-License-Identifier: Apache-2.0

//! A real tower beside a real node: its client goes away, the other party cheats, the tower answers.
//!
//! Ignored unless asked for, because it needs a built node and two minutes:
//!
//! ```text
//! MILLRACE_NODE=/path/to/millrace cargo test -p millrace-channels-watchtower --test live -- --ignored
//! ```

#[path = "../../chain/tests/live/node.rs"]
mod node;

use millrace_channels_chain::{
    AccountKey, Call, Chain, Outcome, Submitter,
    follower::{self, Options},
    submitter,
};
use millrace_channels_protocol::{Agreement, CoSignedState};
use millrace_channels_transport::{
    Multiaddr, NodeKey, Options as TransportOptions, PeerEvent, PeerId, Transport,
};
use millrace_channels_watchtower::{
    message::{Blob, Frame, Refusal, Report, Request, Response},
    receipt::HandedIn,
    sealing::{Answer, ChannelSecret},
    serving::client_of,
};
use millrace_ports::free_port;
use millrace_primitives_channels::{
    AccountId, BlockNumber, ChannelAsset, ChannelParams, ChannelState, Participant,
    api::{DisputeView, PhaseView},
    params::Amounts,
    state::Signatures,
};
use node::Node;
use polkadot_sdk::{sp_core::sr25519, sp_runtime::BoundedVec};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    str::FromStr as _,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// One token, in its smallest unit.
const TOKEN: u128 = 1_000_000_000_000;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(180);

/// A tower in a folder of its own.
struct Tower {
    folder: TempDir,
    url: String,
    account: AccountId,
    peer: PeerId,
    port: u16,
    metrics_port: u16,
    process: Option<Child>,
}

fn watchtower() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_millrace-watchtower"));
    command.stderr(Stdio::inherit()).env("NO_COLOR", "1");
    command
}

impl Tower {
    fn make(url: String) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("passphrase"), "a passphrase\n").expect("written");
        let output = watchtower()
            .arg("make")
            .args(place(&folder))
            .args(["--url", &url])
            .output()
            .expect("it starts");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(output.status.success(), "{text}");
        let word_after = |label: &str| {
            let line = text.lines().find(|line| line.starts_with(label)).expect("a line");
            line.split_whitespace().nth(1).expect("a word").to_owned()
        };
        let account = AccountId::from_str(&word_after("account")).expect("an account");
        let peer = PeerId::from_str(&word_after("tower")).expect("a peer");
        let (port, metrics_port) = (free_port().expect("a port"), free_port().expect("a port"));
        Self { folder, url, account, peer, port, metrics_port, process: None }
    }

    fn start(&mut self) {
        let child = watchtower()
            .arg("run")
            .args(place(&self.folder))
            .args(["--url", &self.url, "--max-blocks", "1000"])
            .args(["--listen", &format!("/ip4/127.0.0.1/tcp/{}", self.port)])
            .args(["--metrics", &format!("127.0.0.1:{}", self.metrics_port)])
            .stdout(Stdio::null())
            .spawn()
            .expect("it starts");
        self.process = Some(child);
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Asks it to stop, and says whether it did so in good order.
    fn stop(&mut self) -> bool {
        let mut process = self.process.take().expect("it runs");
        let id = process.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().expect("kill exists");
        process.wait().expect("it ends").success()
    }

    fn address(&self) -> Multiaddr {
        format!("/ip4/127.0.0.1/tcp/{}", self.port).parse().expect("an address")
    }

    /// The value of a metric; nothing while the tower does not answer.
    fn metric(&self, name: &str) -> Option<u128> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.metrics_port)).ok()?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        let name = format!("millrace_watchtower_{name} ");
        text.lines().find_map(|line| line.strip_prefix(&name)?.parse().ok())
    }
}

impl Drop for Tower {
    fn drop(&mut self) {
        self.kill();
    }
}

fn place(folder: &TempDir) -> [String; 4] {
    let path = |name: &str| folder.path().join(name).display().to_string();
    ["--folder".into(), path("store"), "--passphrase-file".into(), path("passphrase")]
}

/// A client's connection, for a few questions.
async fn ask(tower: &Tower, key: &NodeKey, requests: Vec<Request>) -> Vec<Response> {
    let options = TransportOptions { listen: Vec::new(), ..TransportOptions::default() };
    let (handle, mut incoming) = Transport::start(options, key).await.expect("it starts");
    handle.connect(tower.peer, vec![tower.address()]).await.expect("a fair wish");
    let mut responses = Vec::new();
    let asking = async {
        while let Some(event) = incoming.next().await {
            match event {
                PeerEvent::Connected { peer, .. } => {
                    for (number, body) in (0u32..).zip(requests.clone()) {
                        let frame = Frame { number, body }.to_bytes();
                        handle.send(peer, frame).expect("there is room");
                    }
                }
                PeerEvent::Frame { bytes, .. } => {
                    responses.push(Frame::<Response>::from_bytes(&bytes).expect("a response"));
                    if responses.len() == requests.len() {
                        return;
                    }
                }
                PeerEvent::Disconnected { .. } => responses.clear(),
            }
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("answers in time");
    let _ = handle.shutdown().await;
    responses.sort_by_key(|frame| frame.number);
    responses.into_iter().map(|frame| frame.body).collect()
}

/// Waits until something is there.
async fn wait_for<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("waited too long for {what}");
}

async fn done(submitter: &Submitter, call: Call) {
    let ticket = submitter.submit(call).await.expect("there is room");
    let outcome = tokio::time::timeout(PATIENCE, ticket.outcome()).await.expect("in time");
    assert!(matches!(&outcome, Ok(Outcome::Done(_))), "{outcome:?}");
}

struct Parties {
    keys: [AccountKey; 2],
    agreement: Agreement,
}

impl Parties {
    async fn agree(chain: &Chain) -> Self {
        let mut keys = ["Bob", "Charlie"].map(|name| AccountKey::development(name).expect("known"));
        keys.sort_by_key(AccountKey::account);
        let best = chain.best_head().await.expect("a best block");
        let least: Option<BlockNumber> =
            chain.constant("Channels", "MinChallengeBlocks", &best).await.expect("readable");
        let participants = keys.iter().map(|key| Participant {
            account: key.account(),
            signer: sr25519::Public::from_raw(*key.account().as_ref()).into(),
        });
        let params = ChannelParams {
            participants: BoundedVec::truncate_from(participants.collect()),
            asset: ChannelAsset::Native,
            challenge_blocks: least.unwrap_or(0).max(15),
            open_by: best.number + 100,
            nonce: 1,
        };
        let deposits = Amounts::truncate_from(vec![10 * TOKEN, 10 * TOKEN]);
        let agreement = Agreement::verify(chain.genesis(), params, deposits).expect("valid terms");
        Self { keys, agreement }
    }

    fn open(&self) -> Call {
        let payload = self.agreement.open_payload();
        let signatures = self.keys.iter().map(|key| key.sign(&payload)).collect();
        let (params, deposits) = (self.agreement.params(), self.agreement.deposits());
        Call::open(params, deposits, &Signatures::truncate_from(signatures), None)
    }

    /// A state in which the first has paid the second `version` tokens.
    fn state(&self, version: u64) -> CoSignedState {
        let paid = u128::from(version) * TOKEN;
        let state = ChannelState {
            version,
            balances: Amounts::truncate_from(vec![10 * TOKEN - paid, 10 * TOKEN + paid]),
            ..ChannelState::opening(self.agreement.id(), self.agreement.deposits().clone())
        };
        let payload = self.agreement.state_payload(&state);
        let signatures = self.keys.iter().map(|key| key.sign(&payload)).collect();
        CoSignedState::verify(&self.agreement, state, Signatures::truncate_from(signatures))
            .expect("everybody signed it")
    }

    async fn dispute(&self, chain: &Chain) -> Option<DisputeView> {
        let best = chain.best_head().await.expect("a best block");
        match chain.channel(self.agreement.id(), &best).await.expect("readable")?.phase {
            PhaseView::Disputed(dispute) => Some(dispute),
            PhaseView::Open | PhaseView::Resolving(_) => None,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a built node; see the top of the file"]
async fn tower_answers_for_a_client_who_is_away() {
    let node = Node::start();
    let (handle, mut news) = follower::start(Options::new(vec![node.url()]));
    tokio::spawn(async move { while news.next().await.is_some() {} });
    let chain = wait_for("a node", async || handle.chain()).await;
    let alice = AccountKey::development("Alice").expect("known");
    let funder = submitter::start(alice, handle.connection());
    let parties = Parties::agree(&chain).await;
    let cheat = submitter::start(parties.keys[0].clone(), handle.connection());

    let mut tower = Tower::make(node.url());
    done(&funder, Call::transfer(&tower.account, TOKEN)).await;
    done(&cheat, parties.open()).await;
    tower.start();
    wait_for("the tower", async || tower.metric("connected").filter(|it| *it == 1)).await;

    // The client learns the terms, hands in, and goes away.
    let key = NodeKey::generate().expect("randomness");
    let Some(Response::Terms(terms)) = ask(&tower, &key, vec![Request::Terms]).await.pop() else {
        panic!("no terms");
    };
    let peer = client_of(&tower.peer).expect("an ed25519 key");
    assert_eq!(terms.verify(&chain.genesis(), &peer), Ok(()));
    let secret = ChannelSecret::derive(&terms.place, &parties.agreement.id()).expect("memory");
    let newest = parties.state(5);
    let answer = Answer { state: newest.state().clone(), signatures: newest.signatures().clone() };
    let blob = Blob::truncate_from(secret.seal(&answer).expect("it fits"));
    let locator = secret.locator();
    let until = chain.best_head().await.expect("a best block").number + 500;
    let hand_in = Request::HandIn { locator, sequence: 1, blob: blob.clone(), until };
    let too_long = Request::Renew { locator, until: until + 10_000 };
    let responses = ask(&tower, &key, vec![hand_in, too_long]).await;
    let [Response::Accepted(receipt), Response::Refused(Refusal::BadTime { .. })] = &responses[..]
    else {
        panic!("{responses:?}");
    };
    let wanted = HandedIn { place: &terms.place, locator, sequence: 1, blob: &blob, until };
    assert_eq!(receipt.verify(&wanted), Ok(()));

    // What the tower has signed for survives its sudden death.
    tower.kill();
    tower.start();

    done(&cheat, Call::dispute(&parties.state(1))).await;
    let answered = wait_for("the answer", async || {
        parties.dispute(&chain).await.filter(|dispute| dispute.version == 5)
    })
    .await;
    assert_eq!(answered.reward_to, Some(tower.account.clone()));
    let status = wait_for("the report", async || {
        match ask(&tower, &key, vec![Request::Status { locator }]).await.pop() {
            Some(Response::Status(Some(status))) => match status.report {
                Some(Report::Answered { version, .. }) => Some(version),
                _ => None,
            },
            other => panic!("{other:?}"),
        }
    })
    .await;
    assert_eq!(status, 5);

    // The reward is the tower's, and the answer cost it nothing.
    let reward =
        wait_for("the reward", async || tower.metric("rewards_total").filter(|it| *it > 0));
    assert_eq!(reward.await, answered.reward);
    let best = chain.best_head().await.expect("a best block");
    let wealth = chain.account(&tower.account, &best).await.expect("readable").native.free;
    assert_eq!(wealth, TOKEN + answered.reward);
    assert_eq!(tower.metric("answers_total"), Some(1));
    assert_eq!(tower.metric("answers_failed_total"), Some(0));
    assert!(tower.stop(), "it stops in good order");
}
