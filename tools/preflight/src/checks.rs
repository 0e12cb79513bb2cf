// SPDX-License-Identifier: Apache-2.0

//! What an upgrade has to pass.

use crate::{
    blocks,
    machine::{Blob, World},
    report::Report,
    state::State,
};
use anyhow::Context;
use polkadot_sdk::{sp_version::RuntimeVersion, sp_weights::Weight};
use std::time::Instant;

/// The largest blob, in bytes. A block takes five MiB, and `system.applyAuthorizedUpgrade` carries the
/// blob in one extrinsic of it.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// What the nodes' consensus asks a runtime. An upgrade that changes an answer changes who makes
/// blocks and who votes, or when, and nodes that go by what they asked before will disagree.
const CONSENSUS: [&str; 7] = [
    "BabeApi_configuration",
    "BabeApi_current_epoch",
    "BabeApi_next_epoch",
    "GrandpaApi_grandpa_authorities",
    "GrandpaApi_current_set_id",
    "BeefyApi_validator_set",
    "AuthorityDiscoveryApi_authorities",
];

/// How a runtime says that it can try its migrations: the first eight bytes of a hash of `TryRuntime`,
/// `blake2b` with that length, as every interface of a runtime is named.
const TRY_RUNTIME: [u8; 8] = [0xe0, 0x83, 0x7f, 0xce, 0x09, 0xf4, 0x82, 0x9a];

/// Which checks of its own a twin runs around its migrations, as `frame-try-runtime` numbers them.
#[derive(Clone, Copy)]
enum OwnChecks {
    /// None: what remains is what a block would do.
    None = 0,
    /// Those of each migration, and what follows.
    All = 1,
    /// Those of the state: everything decodes, and no rule of a pallet is broken.
    State = 3,
}

/// Runs all checks on copies of `state`.
pub fn run(
    report: &mut Report,
    state: &State,
    code: &Blob,
    twin: &Blob,
    count: u32,
) -> anyhow::Result<()> {
    let running = Blob::new(state.code()?).context("the chain's own code is no runtime")?;
    let world = World::new(state, &running)?;
    println!("state: {}", state.source);
    report.note("size", size(code.bytes.len()));
    report.note("version", rises(&running.version, &code.version));
    report.note("twin", twins(&code.version, &twin.version));

    let mut enacted = world.clone();
    enacted.enact(code);
    let before = (&world, &running);
    report.note("consensus before the migrations", agree(before, (&enacted, code)));

    let mut migrated = enacted.clone();
    let migrations = migrate(&mut migrated, twin);
    let have_migrated = migrations.is_ok();
    report.note("migrations", migrations);
    if have_migrated {
        report.note("consensus after the migrations", agree(before, (&migrated, code)));
        report.note("migrations a second time", changes_nothing(&mut migrated, twin));
    }
    let tried = try_upgrade(&mut enacted.clone(), twin, OwnChecks::All);
    report.note(
        "checks of the migrations and of the state",
        tried.map(|_| "before and after, everything decodes and every pallet's rules hold".into()),
    );

    let built = blocks::build(&mut enacted, code, state.hash, count);
    let are_built = built.is_ok();
    report.note("blocks of the new runtime", built);
    if are_built {
        let tried = try_upgrade(&mut enacted, twin, OwnChecks::State);
        report.note("state after these blocks", tried.map(|_| "every pallet's rules hold".into()));
    }
    Ok(())
}

/// Whether a blob fits into a block.
fn size(bytes: usize) -> Result<String, String> {
    let text = format!("{bytes} bytes of at most {MOST_BYTES}");
    if bytes <= MOST_BYTES {
        return Ok(text);
    }
    Err(format!("{text}: is it compressed? `*.compact.compressed.wasm` is"))
}

/// Whether the chain takes one version after another.
fn rises(running: &RuntimeVersion, next: &RuntimeVersion) -> Result<String, String> {
    let (old, new) = (running.spec_version, next.spec_version);
    if running.spec_name != next.spec_name {
        return Err(format!("{} is no {}", next.spec_name, running.spec_name));
    }
    if new <= old {
        return Err(format!("{new} is not above {old}, which runs: raise spec_version"));
    }
    if next.transaction_version < running.transaction_version {
        return Err("transaction_version falls".into());
    }
    if next.transaction_version > running.transaction_version {
        return Ok(format!(
            "{old} -> {new}; calls are encoded anew: signers offline need an update"
        ));
    }
    Ok(format!("{old} -> {new}"))
}

/// Whether two blobs are a runtime and its twin.
fn twins(code: &RuntimeVersion, twin: &RuntimeVersion) -> Result<String, String> {
    let can_try = |version: &RuntimeVersion| version.api_version(&TRY_RUNTIME).is_some();
    if can_try(code) {
        return Err(
            "the blob to enact is built with the feature `try-runtime`: never enact that".into()
        );
    }
    if !can_try(twin) {
        return Err("the twin is not built with the feature `try-runtime`".into());
    }
    let number = |version: &RuntimeVersion| {
        (version.spec_name.clone(), version.spec_version, version.transaction_version)
    };
    if number(code) != number(twin) {
        return Err(format!(
            "the blob has version {}, the twin {}: build both from one commit",
            code.spec_version, twin.spec_version
        ));
    }
    Ok(format!("both have version {}", code.spec_version))
}

/// Whether consensus hears the same from two runtimes, each in its own world.
fn agree(before: (&World, &Blob), after: (&World, &Blob)) -> Result<String, String> {
    let mut different = Vec::new();
    for function in CONSENSUS {
        let old = before.0.ask(before.1, function, &[]);
        let old = old.map_err(|error| format!("the running code fails at {function}: {error}"))?;
        match after.0.ask(after.1, function, &[]) {
            Ok(new) if new == old => {}
            Ok(_) => different.push(format!("{function} answers something else")),
            Err(error) => different.push(format!("{function} fails: {error}")),
        }
    }
    if different.is_empty() {
        return Ok(format!("{} answers are as before", CONSENSUS.len()));
    }
    Err(different.join("; "))
}

/// Runs migrations as a block would, with or without checks around them. Gives what they weigh, and
/// the most that a block can.
fn try_upgrade(
    world: &mut World,
    twin: &Blob,
    checks: OwnChecks,
) -> Result<(Weight, Weight), String> {
    world.run(twin, "TryRuntime_on_runtime_upgrade", checks as u8)
}

/// Whether the migrations fit into a block.
fn migrate(world: &mut World, twin: &Blob) -> Result<String, String> {
    let start = Instant::now();
    let (weight, most) = try_upgrade(world, twin, OwnChecks::None)?;
    let text = format!(
        "{:.3} ms of at most {:.0} by weight; {} ms here, compiling included",
        millis(weight),
        millis(most),
        start.elapsed().as_millis(),
    );
    if weight.all_lte(most) { Ok(text) } else { Err(text) }
}

/// The time that a weight stands for, in milliseconds.
fn millis(weight: Weight) -> f64 {
    // A unit is a picosecond.
    weight.ref_time() as f64 / 1e9
}

/// Whether migrations leave alone what they have done.
fn changes_nothing(world: &mut World, twin: &Blob) -> Result<String, String> {
    let root = world.root();
    try_upgrade(world, twin, OwnChecks::None)?;
    if world.root() == root {
        return Ok("change nothing".into());
    }
    Err("change the state again: guard them by a storage version".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(spec_version: u32) -> RuntimeVersion {
        RuntimeVersion {
            spec_name: "millrace".into(),
            spec_version,
            transaction_version: 1,
            system_version: 1,
            ..Default::default()
        }
    }

    /// The same, able to try its migrations.
    fn twin(spec_version: u32) -> RuntimeVersion {
        let apis = vec![(TRY_RUNTIME, 1)];
        RuntimeVersion { apis: apis.into(), ..version(spec_version) }
    }

    #[test]
    fn version_must_rise_under_the_same_name() {
        assert!(rises(&version(100), &version(101)).is_ok());
        assert!(rises(&version(100), &version(100)).is_err());
        assert!(rises(&version(100), &version(99)).is_err());
        let other = RuntimeVersion { spec_name: "another".into(), ..version(101) };
        assert!(rises(&version(100), &other).is_err());
    }

    #[test]
    fn changed_encoding_of_calls_is_told() {
        let changed = RuntimeVersion { transaction_version: 2, ..version(101) };
        assert!(rises(&version(100), &changed).unwrap().contains("signers"));
        assert!(rises(&changed, &version(102)).is_err());
    }

    #[test]
    fn twin_has_the_same_version_and_only_it_can_try() {
        assert!(twins(&version(101), &twin(101)).is_ok());
        assert!(twins(&version(101), &twin(102)).unwrap_err().contains("one commit"));
        assert!(twins(&twin(101), &twin(101)).unwrap_err().contains("never enact"));
        assert!(twins(&version(101), &version(101)).is_err());
    }

    #[test]
    fn blob_must_fit_into_a_block() {
        assert!(size(MOST_BYTES).is_ok());
        assert!(size(MOST_BYTES + 1).unwrap_err().contains("compressed"));
    }

    #[test]
    fn weight_is_told_as_time() {
        assert_eq!(millis(Weight::from_parts(1_500_000_000, 7)), 1.5);
    }
}
