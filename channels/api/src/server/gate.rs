// SPDX-License-Identifier: Apache-2.0

//! How many requests, and how fast. Each kind of token has a gate of its own, so that whoever may
//! only look cannot keep out who pays.

use super::Limits;
use crate::error::{ApiError, Code, Result};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The gate for one kind of token.
#[derive(Debug)]
pub(crate) struct Gate {
    calls: Arc<Semaphore>,
    waits: Arc<Semaphore>,
    in_flight: usize,
    waiting: usize,
    bucket: Mutex<Bucket>,
}

/// A token bucket: it holds up to `burst` requests and fills by `per_second`.
#[derive(Debug)]
struct Bucket {
    level: f64,
    at: Instant,
    per_second: f64,
    burst: f64,
}

impl Bucket {
    /// Takes one request out, or says after how many seconds there will be one.
    fn take(&mut self, now: Instant) -> Result<(), f64> {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.level = passed.mul_add(self.per_second, self.level).min(self.burst);
        self.at = now;
        if self.level < 1.0 {
            return Err((1.0 - self.level) / self.per_second);
        }
        self.level -= 1.0;
        Ok(())
    }
}

impl Gate {
    /// A gate with everything free.
    pub fn new(limits: &Limits) -> Self {
        let burst = f64::from(limits.burst.max(1));
        Self {
            calls: Arc::new(Semaphore::new(limits.in_flight)),
            waits: Arc::new(Semaphore::new(limits.waiting)),
            in_flight: limits.in_flight,
            waiting: limits.waiting,
            bucket: Mutex::new(Bucket {
                level: burst,
                at: Instant::now(),
                per_second: f64::from(limits.per_second.max(1)),
                burst,
            }),
        }
    }

    /// Lets a request in; it is under way until the permit is dropped.
    ///
    /// `waits`: whether it may wait for news, and is counted apart from those that want an answer.
    ///
    /// Errors: [`Code::RateLimited`] with the seconds after which to try again, [`Code::Busy`].
    pub fn admit(&self, waits: bool) -> Result<OwnedSemaphorePermit> {
        // A panic while the lock is held cannot leave half a change behind.
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(seconds) = bucket.take(Instant::now()) {
            let per_second = bucket.per_second;
            return Err(ApiError::new(
                Code::RateLimited,
                format!("more than {per_second:.0} requests a second"),
                "Wait as long as `retry_after_seconds` says, and send fewer.",
            )
            .with("retry_after_seconds", format!("{seconds:.3}")));
        }
        drop(bucket);
        let (permits, limit, what) = match waits {
            false => (&self.calls, self.in_flight, "under way"),
            true => (&self.waits, self.waiting, "waiting for events"),
        };
        permits.clone().try_acquire_owned().map_err(|_| {
            ApiError::new(
                Code::Busy,
                format!("{limit} requests are {what}, as many as allowed"),
                "Wait for answers before asking for more.",
            )
            .with("limit", limit)
        })
    }

    /// How many requests are under way.
    pub fn under_way(&self) -> usize {
        self.in_flight.saturating_sub(self.calls.available_permits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn gate(in_flight: usize, per_second: u32, burst: u32) -> Gate {
        Gate::new(&Limits { in_flight, waiting: 1, per_second, burst, ..Limits::default() })
    }

    #[test]
    fn as_many_requests_as_allowed_are_under_way() {
        let gate = gate(2, 1_000, 1_000);
        let first = gate.admit(false).unwrap();
        let _second = gate.admit(false).unwrap();
        assert_eq!(gate.admit(false).unwrap_err().code, Code::Busy);
        let _waiting = gate.admit(true).unwrap();
        assert_eq!(gate.admit(true).unwrap_err().code, Code::Busy);
        drop(first);
        assert!(gate.admit(false).is_ok());
    }

    #[test]
    fn a_burst_is_taken_and_then_the_rate() {
        let start = Instant::now();
        let mut bucket = Bucket { level: 3.0, at: start, per_second: 10.0, burst: 3.0 };
        for _ in 0..3 {
            bucket.take(start).unwrap();
        }
        let wait = bucket.take(start).unwrap_err();
        assert!((wait - 0.1).abs() < 1e-9, "{wait}");
        assert!(bucket.take(start + Duration::from_millis(101)).is_ok());
        assert!(bucket.take(start + Duration::from_millis(102)).is_err());
        // A long pause gives a burst and no more.
        let later = start + Duration::from_secs(3_600);
        assert_eq!((0..10).filter(|_| bucket.take(later).is_ok()).count(), 3);
    }

    #[test]
    fn too_many_requests_say_when_to_come_back() {
        let gate = gate(100, 1, 1);
        let _first = gate.admit(false).unwrap();
        let error = gate.admit(false).unwrap_err();
        assert_eq!(error.code, Code::RateLimited);
        let seconds: f64 = error.details["retry_after_seconds"].parse().unwrap();
        assert!(seconds > 0.0 && seconds <= 1.0, "{seconds}");
    }
}
