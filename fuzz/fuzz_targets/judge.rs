// SPDX-License-Identifier: Apache-2.0

//! The judge of channels against a simple one. With `FUZZ_TELL` set, it writes what the judge told,
//! one name a line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::{env, sync::LazyLock};

static TELL: LazyLock<bool> = LazyLock::new(|| env::var_os("FUZZ_TELL").is_some());

fuzz_target!(|bytes: &[u8]| {
    let told = millrace_fuzz::judge(bytes);
    if *TELL {
        told.iter().for_each(|event| println!("{}", millrace_fuzz::name(event)));
    }
});
