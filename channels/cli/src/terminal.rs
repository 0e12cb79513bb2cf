// SPDX-License-Identifier: Apache-2.0

//! Output for people: numbered steps, aligned facts, colour only where it is wanted.

use std::{
    cell::Cell,
    io::{IsTerminal, Write, stdout},
};

/// Width of the column of labels.
const LABEL_WIDTH: usize = 14;

/// Indentation of everything below a step's title.
const INDENT: &str = "     ";

/// Where the story is told.
pub struct Terminal {
    colour: bool,
    live: bool,
    step: Cell<u32>,
    checks: Cell<u32>,
    failed_checks: Cell<u32>,
    progress_shown: Cell<bool>,
}

impl Terminal {
    /// Looks at standard output and at `NO_COLOR`.
    pub fn new() -> Self {
        let live = stdout().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            colour: live && !no_colour,
            live,
            step: Cell::new(0),
            checks: Cell::new(0),
            failed_checks: Cell::new(0),
            progress_shown: Cell::new(false),
        }
    }

    /// The title of it all, or of a chapter.
    pub fn title(&self, text: &str) {
        self.line(&format!("\n{}", self.painted("1", text)));
    }

    /// The next numbered step.
    pub fn step(&self, text: &str) {
        let number = self.step.get().saturating_add(1);
        self.step.set(number);
        let number = self.painted("1;36", &format!("{number:>3}"));
        self.line(&format!("\n{number}  {}", self.painted("1", text)));
    }

    /// A labelled value.
    pub fn fact(&self, label: &str, value: &str) {
        let label = self.painted("2", &format!("{label:<LABEL_WIDTH$}"));
        self.line(&format!("{INDENT}{label}  {value}"));
    }

    /// A sentence that explains.
    pub fn note(&self, text: &str) {
        self.line(&format!("{INDENT}{text}"));
    }

    /// Something that must be so; a failure is counted and shown.
    pub fn check(&self, holds: bool, text: &str) {
        self.checks.set(self.checks.get().saturating_add(1));
        let mark = if holds {
            self.painted("32", "ok")
        } else {
            self.failed_checks.set(self.failed_checks.get().saturating_add(1));
            self.painted("1;31", "FAILED")
        };
        self.line(&format!("{INDENT}{mark}  {text}"));
    }

    /// Number of checks made, and of those that failed.
    pub fn checks(&self) -> (u32, u32) {
        (self.checks.get(), self.failed_checks.get())
    }

    /// A line that the next one replaces. Only a terminal shows it.
    pub fn progress(&self, text: &str) {
        if self.live {
            print!("\r\x1b[2K{INDENT}{}", self.painted("2", text));
            let _ = stdout().flush();
            self.progress_shown.set(true);
        }
    }

    /// An error and its remedy, on standard error.
    pub fn error(&self, text: &str) {
        self.clear_progress();
        let mark = if self.colour { "\x1b[1;31merror\x1b[0m" } else { "error" };
        eprintln!("\n{mark}: {text}");
    }

    /// The end by Ctrl-C.
    pub fn interrupted(&self) {
        self.clear_progress();
        eprintln!(
            "\nInterrupted. What is on chain stays there; the daemons of the story are gone, and so are their keys."
        );
    }

    /// Writes a line. A reader that went away, as `head` does, is no error.
    fn line(&self, text: &str) {
        self.clear_progress();
        let mut out = stdout().lock();
        let _ = writeln!(out, "{text}").and_then(|()| out.flush());
    }

    fn clear_progress(&self) {
        if self.progress_shown.replace(false) {
            print!("\r\x1b[2K");
        }
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
