// SPDX-License-Identifier: Apache-2.0

//! What the chain says about stakes and validators, read by subxt alone: the chain's metadata tells what is
//! asked and what is answered, and only the fields that are wanted are named here.

use crate::{TOKEN, connected, node::Node};
use millrace_channels_chain::AccountKey;
use subxt::{
    OnlineClient, OnlineClientAtBlock, SubstrateConfig,
    dynamic::{At, Value, runtime_api_call},
    ext::{frame_decode::runtime_apis::IntoEncodableValues, scale_decode::DecodeAsType},
    rpcs::{RpcClient, rpc_params},
    utils::AccountId32,
};

type AtBlock = OnlineClientAtBlock<SubstrateConfig>;

#[derive(Debug, PartialEq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct ValidatorSet {
    era: u32,
    version: u32,
    hash: [u8; 32],
    validators: Vec<Seat>,
}

#[derive(Debug, PartialEq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Seat {
    account: AccountId32,
    total: u128,
    effective: u128,
}

#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Proposer {
    slot: u64,
    validator: AccountId32,
}

#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Quorum {
    validators: u32,
    threshold: u32,
    online: u32,
}

#[derive(Debug, PartialEq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Candidate {
    account: AccountId32,
    rank: Option<u32>,
    has_keys: bool,
    total: u128,
    own: u128,
    delegations: u32,
}

#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Delegator {
    at: u32,
    total: u128,
    delegations: Vec<Delegation>,
}

#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Delegation {
    candidate: AccountId32,
    stake: u128,
}

#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Network {
    at: u32,
    era: u32,
    candidates: u32,
    staked: u128,
    issuance: u128,
    params: Params,
}

#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Params {
    sessions_per_era: u32,
    max_validators: u32,
}

async fn ask<T: DecodeAsType>(at: &AtBlock, method: &str, of: impl IntoEncodableValues) -> T {
    let call = runtime_api_call::<_, T>("DposApi", method, of);
    let answer = at.runtime_apis().call(call).await;
    answer.unwrap_or_else(|error| panic!("DposApi_{method}: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a built node; see the top of the file"]
async fn stakes_and_validators_are_read_by_subxt() {
    let node = Node::start();
    connected(&node).await;
    let rpc = RpcClient::from_insecure_url(node.url()).await.expect("it answers");
    let client = OnlineClient::<SubstrateConfig>::from_rpc_client(rpc.clone());
    let at = client.await.expect("it answers").at_current_block().await.expect("there is one");
    let alice = AccountKey::development("Alice").expect("everybody knows it").account();
    let alice = AccountId32(*alice.as_ref());
    let hash = format!("{:?}", at.block_hash());

    let set: Option<ValidatorSet> = ask(&at, "validator_set", ()).await;
    let set = set.expect("somebody makes blocks");
    let accounts: Vec<_> = set.validators.iter().map(|seat| seat.account).collect();
    assert_eq!(accounts, [alice]);
    assert!(set.validators[0].effective <= set.validators[0].total);
    let told = rpc.request::<serde_json::Value>("dpos_validatorSet", rpc_params![(), &hash]);
    let told = told.await.expect("the node offers it");
    assert_eq!(told["hash"], format!("0x{}", hex::encode(set.hash)));
    assert_eq!(told["version"], set.version);
    let same: Option<ValidatorSet> = ask(&at, "validator_set_of", (set.era,)).await;
    assert_eq!(same, Some(set));
    let next: Option<ValidatorSet> = ask(&at, "next_set", ()).await;
    assert_eq!(next, None, "no election is decided so early");

    let schedule: Vec<Proposer> = ask(&at, "proposer_schedule", (4u32,)).await;
    assert_eq!(schedule.len(), 4);
    assert!(schedule.windows(2).all(|pair| pair[1].slot == pair[0].slot + 1));
    assert!(schedule.iter().all(|proposer| proposer.validator == alice));
    let quorum: Quorum = ask(&at, "quorum", ()).await;
    assert_eq!((quorum.validators, quorum.threshold, quorum.online), (1, 1, 1));

    let candidates: Vec<Candidate> = ask(&at, "candidates", (0u32, 10u32)).await;
    let one: Option<Candidate> = ask(&at, "candidate", (alice,)).await;
    let one = one.expect("it stands for election");
    assert_eq!((&one.account, one.rank, one.has_keys), (&alice, Some(1), true));
    assert!(one.own > 0 && one.own <= one.total && one.delegations > 0);
    assert_eq!(candidates, [one]);

    let delegator: Delegator = ask(&at, "delegator", (alice,)).await;
    assert_eq!(u64::from(delegator.at), at.block_number());
    assert_eq!(delegator.delegations.len(), 1);
    assert_eq!(delegator.delegations[0].candidate, alice);
    assert!(delegator.total >= delegator.delegations[0].stake);

    let network: Network = ask(&at, "network", ()).await;
    assert_eq!((u64::from(network.at), network.candidates), (at.block_number(), 1));
    assert!(network.staked >= TOKEN && network.staked < network.issuance);
    assert!(network.params.sessions_per_era >= 3 && network.params.max_validators >= 1);
    let told = rpc.request::<serde_json::Value>("dpos_network", rpc_params![&hash]);
    let told = told.await.expect("the node offers it");
    assert_eq!(told["era"], network.era);
    assert_eq!(told["staked"], network.staked.to_string());

    // Somebody who has staked nothing, with no type that is named here at all.
    let nobody: Value = ask(&at, "delegator", (AccountId32([9; 32]),)).await;
    assert_eq!(nobody.at("total").and_then(|total| total.as_u128()), Some(0), "{nobody}");
}
