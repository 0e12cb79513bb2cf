// SPDX-License-Identifier: Apache-2.0

//! What a channel's secret costs on this machine: a tower pays it for each dispute, a client for each
//! channel, and whoever wants to know whom a tower guards for each channel of the chain.
//!
//! ```text
//! cargo run -p millrace-channels-watchtower --example work
//! ```

use millrace_channels_watchtower::sealing::{ChannelSecret, Place, Work};
use millrace_primitives_channels::{ChannelId, Hash};
use std::time::Instant;

const SECRETS: u8 = 10;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let place = Place { genesis: Hash::zero(), tower: [1; 32], work: Work::RECOMMENDED };
    let start = Instant::now();
    for number in 0..SECRETS {
        ChannelSecret::derive(&place, &ChannelId::repeat_byte(number))?;
    }
    let each = start.elapsed() / u32::from(SECRETS);
    let Work { memory_kib, passes } = place.work;
    println!("{} ms a secret ({memory_kib} KiB, {passes} passes, one core)", each.as_millis());
    println!("{:.1} hours for 100,000 channels", each.as_secs_f64() * 100_000.0 / 3_600.0);
    Ok(())
}
