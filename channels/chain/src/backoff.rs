// SPDX-License-Identifier: Apache-2.0

//! How long to wait before the next attempt.

use core::time::Duration;
use std::hash::{BuildHasher, Hasher, RandomState};

/// Doubles the pause with each failure, up to a limit, with a random part so that many clients do
/// not come back to a restarted node in the same instant.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    /// `first`: the pause after the first failure. `longest`: the limit.
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, failures: 0 }
    }

    /// The next pause: between half of what the failures so far have earned and all of it.
    pub fn next_pause(&mut self) -> Duration {
        let factor = 1u32.checked_shl(self.failures.min(31)).unwrap_or(u32::MAX);
        self.failures = self.failures.saturating_add(1);
        let full = self.first.checked_mul(factor).unwrap_or(self.longest).min(self.longest);
        let half = full / 2;
        half.saturating_add(half.mul_f64(random_share()))
    }

    /// Something worked: begin again with the first pause.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

/// From 0 to 1. The standard library seeds its hashers from the system's randomness, which is good
/// enough to spread attempts.
fn random_share() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 32;
    f64::from(u32::try_from(bits).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_limit_and_start_anew_after_success() {
        let (first, longest) = (Duration::from_millis(100), Duration::from_secs(1));
        let mut backoff = Backoff::new(first, longest);
        for full in [100, 200, 400, 800, 1_000, 1_000].map(Duration::from_millis) {
            let pause = backoff.next_pause();
            assert!(pause >= full / 2 && pause <= full, "{pause:?} of {full:?}");
        }
        backoff.reset();
        assert!(backoff.next_pause() <= first);
    }

    #[test]
    fn many_failures_do_not_overflow() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
        for _ in 0..100 {
            assert!(backoff.next_pause() <= Duration::from_secs(30));
        }
    }
}
