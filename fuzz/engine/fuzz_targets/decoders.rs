// SPDX-License-Identifier: Apache-2.0

//! Every decoder of the off-chain engine; the first byte says which. With `FUZZ_SEEDS` naming a folder,
//! it writes there what fuzzing begins with; with `FUZZ_TELL` set, it writes the name of each decoder that
//! took an input, one a line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::{
    env, fs,
    path::Path,
    sync::{LazyLock, Once},
};

static SEEDED: Once = Once::new();

static TELL: LazyLock<bool> = LazyLock::new(|| env::var_os("FUZZ_TELL").is_some());

fn write_seeds() {
    let Some(folder) = env::var_os("FUZZ_SEEDS") else { return };
    for (number, seed) in millrace_fuzz_decoders::seeds().enumerate() {
        let file = Path::new(&folder).join(format!("seed-{number:02}"));
        fs::write(&file, seed).expect("the folder of the seeds exists and can be written");
    }
}

fuzz_target!(|bytes: &[u8]| {
    SEEDED.call_once(write_seeds);
    if let Some(name) = millrace_fuzz_decoders::check(bytes)
        && *TELL
    {
        println!("{name}");
    }
});
