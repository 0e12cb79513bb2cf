// SPDX-License-Identifier: Apache-2.0

//! What was found, and what the runtime had to say meanwhile.

use log::{Level, LevelFilter, Log, Metadata, Record};
use std::sync::Mutex;

/// What has been found so far. Each line is printed as soon as it is known.
#[derive(Default)]
pub struct Report {
    passed: u32,
    failed: u32,
}

impl Report {
    /// Notes what a check found: what is well, or what speaks against the upgrade.
    pub fn note(&mut self, what: &str, finding: Result<String, String>) {
        let (mark, text) = match finding {
            Ok(text) => {
                self.passed += 1;
                ("  ok", text)
            }
            Err(text) => {
                self.failed += 1;
                ("FAIL", text)
            }
        };
        println!("{mark}  {what}: {text}");
        for line in heard() {
            println!("      {line}");
        }
    }

    /// Whether nothing speaks against the upgrade.
    pub fn is_clear(&self) -> bool {
        self.failed == 0
    }

    /// Prints the verdict.
    pub fn close(&self) {
        if self.is_clear() {
            println!("{} checks, and nothing speaks against this upgrade.", self.passed);
        } else {
            println!(
                "{} of {} checks failed: do not enact this.",
                self.failed,
                self.passed + self.failed
            );
        }
    }
}

/// Warnings and errors of the runtime that were not printed yet.
static HEARD: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// At most so many lines are kept of one check.
const MOST_LINES: usize = 20;

/// Listens to the runtime from now on.
pub fn listen() {
    if log::set_logger(&Listener).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
}

/// What was heard since the last call.
fn heard() -> Vec<String> {
    HEARD.lock().map(|mut lines| std::mem::take(&mut *lines)).unwrap_or_default()
}

struct Listener;

impl Log for Listener {
    fn enabled(&self, metadata: &Metadata) -> bool {
        // The executor also returns what it complains about.
        metadata.level() <= Level::Warn && metadata.target() != "wasm-runtime"
    }

    fn log(&self, record: &Record) {
        if !self.enabled(record.metadata()) {
            return;
        }
        if let Ok(mut lines) = HEARD.lock()
            && lines.len() < MOST_LINES
        {
            lines.push(format!("{} {}: {}", record.level(), record.target(), record.args()));
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_among_passes_is_enough_to_stop() {
        let mut report = Report::default();
        report.note("size", Ok("small".into()));
        assert!(report.is_clear());
        report.note("version", Err("does not rise".into()));
        report.note("weight", Ok("light".into()));
        assert!(!report.is_clear());
    }
}
