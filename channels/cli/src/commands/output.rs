// SPDX-License-Identifier: Apache-2.0

//! Tables for people, JSON for programs, progress on standard error.

use serde::Serialize;
use std::{
    io::{IsTerminal, Write, stderr, stdout},
    time::{SystemTime, UNIX_EPOCH},
};

/// Characters of an id that tables show.
const SHORT: usize = 10;

/// Where results go.
pub struct Output {
    json: bool,
    live: bool,
}

impl Output {
    pub fn new(json: bool) -> Self {
        Self { json, live: stderr().is_terminal() }
    }

    /// Writes a result: as JSON, or as `text` has it.
    pub fn result(
        &self,
        value: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        let text = if self.json { serde_json::to_string_pretty(value)? } else { text() };
        write(&text);
        Ok(())
    }

    /// Writes one of many results: as a line of JSON, or as `text` has it.
    pub fn line(
        &self,
        value: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        write(&if self.json { serde_json::to_string(value)? } else { text() });
        Ok(())
    }

    /// A line that tells how far it has come.
    pub fn progress(&self, text: &str) {
        let (dim, plain) = if self.live { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
        let _ = writeln!(stderr(), "{dim}{text}{plain}");
    }
}

/// Writes lines. A reader that went away, as `head` does, is no error.
fn write(text: &str) {
    let mut out = stdout().lock();
    let _ = writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush());
}

/// Rows of cells below headings, each column as wide as it has to be.
pub struct Table {
    rows: Vec<Vec<String>>,
    headings: usize,
}

impl Table {
    /// A table with headings. Those that begin with `>` stand above columns of numbers.
    pub fn new(headings: &[&str]) -> Self {
        let row = headings.iter().map(|heading| (*heading).to_owned()).collect();
        Self { rows: vec![row], headings: 1 }
    }

    /// Labels and values.
    pub fn facts() -> Self {
        Self { rows: Vec::new(), headings: 0 }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Adds a label and its value.
    pub fn fact(&mut self, label: &str, value: impl Into<String>) {
        self.row(vec![label.to_owned(), value.into()]);
    }

    /// The table as text; what to say instead if it has no rows.
    pub fn text(mut self, empty: &str) -> String {
        if self.rows.len() == self.headings {
            return empty.to_owned();
        }
        let columns = self.rows.first().map_or(0, Vec::len);
        let right: Vec<_> = (0..columns)
            .map(|column| self.headings == 1 && self.rows[0][column].starts_with('>'))
            .collect();
        if let Some(headings) = self.rows.first_mut().filter(|_| self.headings == 1) {
            headings
                .iter_mut()
                .for_each(|text| *text = text.trim_start_matches('>').to_uppercase());
        }
        let widths: Vec<_> = (0..columns)
            .map(|column| {
                self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).zip(&right).map(|((cell, width), right)| {
                if *right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
            text += cells.collect::<Vec<_>>().join("  ").trim_end();
            text.push('\n');
        }
        text
    }
}

/// The beginning of an id.
pub fn short(id: &impl ToString) -> String {
    let id = id.to_string();
    if id.chars().count() <= SHORT {
        id
    } else {
        id.chars().take(SHORT).collect::<String>() + "…"
    }
}

/// How long ago, or in how long, a time is.
pub fn ago(time: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    if time > now {
        format!("in {}", span(time - now))
    } else {
        format!("{} ago", span(now - time))
    }
}

fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

pub fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_have_to_be() {
        let mut table = Table::new(&["name", ">amount"]);
        table.row(vec!["a".to_owned(), "1.00".to_owned()]);
        table.row(vec!["grüezi".to_owned(), "100.00".to_owned()]);
        assert_eq!(table.text("none"), "NAME    AMOUNT\na         1.00\ngrüezi  100.00\n");
        assert_eq!(Table::new(&["name"]).text("none"), "none");
    }

    #[test]
    fn times_are_short() {
        assert_eq!(ago(0).split(' ').nth(1), Some("days"));
        assert_eq!(span(119), "119 s");
        assert_eq!(span(120), "2 min");
        assert_eq!(span(86_400), "24 h");
        assert_eq!(short(&"0x1234567890abcdef"), "0x12345678…");
        assert_eq!(short(&"short"), "short");
    }
}
