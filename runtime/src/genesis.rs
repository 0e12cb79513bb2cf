// SPDX-License-Identifier: Apache-2.0

//! Genesis presets: what a new chain starts with.
//!
//! | preset | validators | for |
//! |---|---|---|
//! | `development` | Alice | one node on one machine |
//! | `local_testnet` | Alice, Bob | several nodes on one machine |
//! | `staging` | none: add your own | a network that others use; see `docs/operating/new-network.md` |
//!
//! On the first two, validators are candidates with stake of their own, eras last three sessions, and
//! Eve and Ferdie have delegated to the first validator.

use crate::{
    AccountId, BabeConfig, Balance, BalancesConfig, BlockNumber, DposConfig, NetworkConfig,
    RuntimeGenesisConfig, SessionConfig, SessionKeys, TechnicalCommitteeConfig,
    constants::money::MILL,
};
use alloc::{vec, vec::Vec};
use pallet_dpos::{Mode, Params};
use polkadot_sdk::{
    frame_support::build_struct_json_patch,
    sp_authority_discovery::AuthorityId as AuthorityDiscoveryId,
    sp_consensus_babe::{AllowedSlots, AuthorityId as BabeId, BabeEpochConfiguration},
    sp_consensus_beefy::ecdsa_crypto::AuthorityId as BeefyId,
    sp_consensus_grandpa::AuthorityId as GrandpaId,
    sp_core::crypto::get_public_from_string_or_panic,
    sp_genesis_builder::{self, PresetId},
    sp_keyring::Sr25519Keyring,
    sp_runtime::Perbill,
};
use serde_json::Value;

/// The preset of a network that others use.
pub const STAGING_PRESET: &str = "staging";

/// What each well-known development account starts with.
const ENDOWMENT: Balance = 10_000_000 * MILL;

/// Sessions of a development chain, in slots: one minute.
const DEV_EPOCH_SLOTS: u32 = 30;

/// Turns the 28 days of a referendum into one minute.
const DEV_PERIOD_DIVISOR: u32 = 40_320;

/// The shortest challenge window of a development chain, in blocks: ten seconds.
const DEV_MIN_CHALLENGE_BLOCKS: BlockNumber = 5;

/// What each validator of a development chain has staked itself.
const DEV_SELF_BOND: Balance = 100_000 * MILL;

/// The commission of each validator of a development chain.
const DEV_COMMISSION: Perbill = Perbill::from_percent(5);

/// To how many validators an idle development chain shrinks; fewer may be there from the start.
const DEV_MIN_VALIDATORS: u32 = 4;

/// To how many validators an idle network shrinks; fewer may be there from the start.
const MIN_VALIDATORS: u32 = 10;

/// Numbers of a development chain: eras of three minutes, and stake is back after four.
fn dev_params() -> Params {
    Params {
        sessions_per_era: 3,
        min_validators: DEV_MIN_VALIDATORS,
        bonding_eras: 4,
        slash_defer_eras: 2,
        commission_cooldown: 1,
        jail_eras: 1,
        ..Default::default()
    }
}

/// Delegators of a development chain, to its first validator: one is paid, one compounds.
fn dev_delegations(validators: &[Sr25519Keyring]) -> Vec<(AccountId, AccountId, Balance, Mode)> {
    let Some(first) = validators.first() else { return Vec::new() };
    [
        (Sr25519Keyring::Eve, 50_000 * MILL, Mode::Payout),
        (Sr25519Keyring::Ferdie, 25_000 * MILL, Mode::Compound),
    ]
    .map(|(delegator, amount, mode)| {
        (delegator.to_account_id(), first.to_account_id(), amount, mode)
    })
    .into()
}

/// How BABE gives out slots: a primary author by lottery, else a public secondary author.
pub const BABE_EPOCH_CONFIG: BabeEpochConfiguration = BabeEpochConfiguration {
    c: crate::constants::time::PRIMARY_PROBABILITY,
    allowed_slots: AllowedSlots::PrimaryAndSecondaryPlainSlots,
};

/// Session keys that all derive from one seed, such as `Alice`.
fn session_keys(seed: &str) -> SessionKeys {
    SessionKeys {
        babe: get_public_from_string_or_panic::<BabeId>(seed),
        grandpa: get_public_from_string_or_panic::<GrandpaId>(seed),
        beefy: get_public_from_string_or_panic::<BeefyId>(seed),
        authority_discovery: get_public_from_string_or_panic::<AuthorityDiscoveryId>(seed),
    }
}

/// A development chain with these validators.
pub fn development(validators: &[Sr25519Keyring]) -> Value {
    let accounts: Vec<AccountId> =
        Sr25519Keyring::well_known().map(|key| key.to_account_id()).collect();
    let committee = [Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie];
    build_struct_json_patch!(RuntimeGenesisConfig {
        network: NetworkConfig {
            epoch_slots: DEV_EPOCH_SLOTS,
            period_divisor: DEV_PERIOD_DIVISOR,
            min_challenge_blocks: Some(DEV_MIN_CHALLENGE_BLOCKS),
        },
        balances: BalancesConfig {
            balances: accounts.into_iter().map(|account| (account, ENDOWMENT)).collect(),
        },
        babe: BabeConfig { epoch_config: BABE_EPOCH_CONFIG },
        session: SessionConfig {
            keys: validators
                .iter()
                .map(|key| {
                    let account = key.to_account_id();
                    (account.clone(), account, session_keys(<&str>::from(*key)))
                })
                .collect(),
        },
        dpos: DposConfig {
            params: dev_params(),
            candidates: validators
                .iter()
                .map(|key| (key.to_account_id(), DEV_SELF_BOND, DEV_COMMISSION))
                .collect(),
            delegations: dev_delegations(validators),
        },
        technical_committee: TechnicalCommitteeConfig {
            members: committee.iter().map(|key| key.to_account_id()).collect(),
        },
    })
}

/// A network that others use: real periods, and no validators until its founders add theirs.
fn staging() -> Value {
    build_struct_json_patch!(RuntimeGenesisConfig {
        network: NetworkConfig {
            epoch_slots: crate::network::DEFAULT_EPOCH_SLOTS,
            period_divisor: 1,
        },
        babe: BabeConfig { epoch_config: BABE_EPOCH_CONFIG },
        dpos: DposConfig {
            params: Params { min_validators: MIN_VALIDATORS, ..Default::default() },
        },
    })
}

/// The preset of this name, as a JSON patch.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
    let patch = match id.as_ref() {
        sp_genesis_builder::DEV_RUNTIME_PRESET => development(&[Sr25519Keyring::Alice]),
        sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET => {
            development(&[Sr25519Keyring::Alice, Sr25519Keyring::Bob])
        }
        STAGING_PRESET => staging(),
        _ => return None,
    };
    serde_json::to_vec(&patch).ok()
}

/// Names of all presets.
pub fn preset_names() -> Vec<PresetId> {
    vec![
        PresetId::from(sp_genesis_builder::DEV_RUNTIME_PRESET),
        PresetId::from(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET),
        PresetId::from(STAGING_PRESET),
    ]
}
