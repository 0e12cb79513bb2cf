// SPDX-License-Identifier: Apache-2.0

//! Figures, and how they are shown.

use serde_json::{Value, json};
use std::fmt::{self, Display};

/// What a figure should reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aim {
    /// At least this much.
    AtLeast(f64),
    /// At most this much.
    AtMost(f64),
    /// At least this share of its limit.
    ShareAtLeast(f64),
}

/// One thing that was measured, in one or several rounds.
#[derive(Clone, Debug)]
pub struct Figure {
    name: String,
    unit: &'static str,
    values: Vec<f64>,
    /// What the figure is a part or a multiple of, and how much of it in each round.
    ratio: Option<(String, Vec<f64>)>,
    aim: Option<Aim>,
    note: Option<String>,
}

impl Figure {
    /// A figure with the value of each round.
    pub fn new(name: impl Into<String>, unit: &'static str, values: Vec<f64>) -> Self {
        Self { name: name.into(), unit, values, ratio: None, aim: None, note: None }
    }

    /// Compares it: `of` says with what, `values` how it compares in each round.
    pub fn ratio(self, of: impl Into<String>, values: Vec<f64>) -> Self {
        Self { ratio: Some((of.into(), values)), ..self }
    }

    /// What it should reach.
    pub fn aim(self, aim: Aim) -> Self {
        Self { aim: Some(aim), ..self }
    }

    /// What a reader has to know to judge it.
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    /// The middle of all rounds.
    pub fn median(&self) -> f64 {
        spread(&self.values).1
    }

    /// Whether it reaches its aim; nothing if it has none.
    pub fn is_reached(&self) -> Option<bool> {
        Some(match self.aim? {
            Aim::AtLeast(least) => self.median() >= least,
            Aim::AtMost(most) => self.median() <= most,
            Aim::ShareAtLeast(least) => {
                self.ratio.as_ref().is_some_and(|(_, values)| spread(values).1 >= least)
            }
        })
    }

    /// One row of a table: see [`Section::markdown`].
    fn row(&self) -> String {
        let (least, median, most) = spread(&self.values);
        let mut measured = format!("{} {}", number(median), self.unit);
        if self.values.len() > 1 {
            measured += &format!(" ({} to {})", number(least), number(most));
        }
        let beside = self.ratio.as_ref().map(|(of, values)| {
            let part = share(spread(values).1);
            format!("{part} of {of}")
        });
        let verdict = self.is_reached().map(|is_reached| match is_reached {
            true => "reached",
            false => "**missed**",
        });
        let name = match &self.note {
            Some(note) => format!("{}<br>{note}", self.name),
            None => self.name.clone(),
        };
        let aim = self.aim.map(|aim| aim.to_string());
        format!(
            "| {name} | {measured} | {} | {} | {} |\n",
            beside.unwrap_or_default(),
            aim.unwrap_or_default(),
            verdict.unwrap_or_default(),
        )
    }

    fn json(&self) -> Value {
        let (least, median, most) = spread(&self.values);
        let ratio = self.ratio.as_ref().map(|(of, values)| {
            let (least, median, most) = spread(values);
            json!({ "of": of, "least": least, "median": median, "most": most })
        });
        json!({
            "name": self.name,
            "unit": self.unit,
            "rounds": self.values,
            "least": least,
            "median": median,
            "most": most,
            "ratio": ratio,
            "aim": self.aim.map(|aim| aim.to_string()),
            "reached": self.is_reached(),
            "note": self.note,
        })
    }
}

impl Display for Aim {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(formatter, "at least {}", number(*least)),
            Self::AtMost(most) => write!(formatter, "at most {}", number(*most)),
            Self::ShareAtLeast(least) => write!(formatter, "at least {:.0} %", 100.0 * least),
        }
    }
}

/// Figures that belong together.
#[derive(Clone, Debug)]
pub struct Section {
    /// What was measured.
    pub title: String,
    /// The figures.
    pub figures: Vec<Figure>,
    /// Why there are none, or not all.
    pub not_yet: Option<String>,
}

impl Section {
    /// Figures under a title.
    pub fn new(title: impl Into<String>, figures: Vec<Figure>) -> Self {
        Self { title: title.into(), figures, not_yet: None }
    }

    /// What cannot be measured, and why.
    pub fn not_yet(title: impl Into<String>, why: impl Into<String>) -> Self {
        Self { title: title.into(), figures: Vec::new(), not_yet: Some(why.into()) }
    }

    /// For people, as a table in Markdown: each figure beside its limit.
    pub fn markdown(&self) -> String {
        let mut text = format!("\n## {}\n\n", self.title);
        if let Some(why) = &self.not_yet {
            text += &format!("Not measured: {why}\n");
        }
        if !self.figures.is_empty() {
            text += "| what | measured | beside its limit | aim | |\n|---|---:|---|---|---|\n";
        }
        self.figures.iter().for_each(|figure| text += &figure.row());
        text
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let figures: Vec<_> = self.figures.iter().map(Figure::json).collect();
        json!({ "title": self.title, "figures": figures, "not_yet": self.not_yet })
    }
}

impl Display for Section {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "\n{}", self.title)?;
        if let Some(why) = &self.not_yet {
            writeln!(formatter, "  not yet: {why}")?;
        }
        let width = self.figures.iter().map(|it| it.name.chars().count()).max().unwrap_or(0);
        for figure in &self.figures {
            let (least, median, most) = spread(&figure.values);
            write!(
                formatter,
                "  {:width$}  {:>12} {:<10}",
                figure.name,
                number(median),
                figure.unit
            )?;
            if figure.values.len() > 1 {
                write!(formatter, " ({} to {})", number(least), number(most))?;
            }
            if let Some((of, values)) = &figure.ratio {
                write!(formatter, "  {} of {of}", share(spread(values).1))?;
            }
            if let (Some(aim), Some(is_reached)) = (figure.aim, figure.is_reached()) {
                let verdict = if is_reached { "reached" } else { "MISSED" };
                write!(formatter, "  [aim: {aim}: {verdict}]")?;
            }
            writeln!(formatter)?;
            if let Some(note) = &figure.note {
                writeln!(formatter, "  {:width$}      {note}", "")?;
            }
        }
        Ok(())
    }
}

/// Least, middle and most; zeros if there is nothing.
pub fn spread(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match (sorted.first(), sorted.get(sorted.len() / 2), sorted.last()) {
        (Some(least), Some(median), Some(most)) => (*least, *median, *most),
        _ => (0.0, 0.0, 0.0),
    }
}

/// A value below which `part` of the sorted `values` lie; zero if there are none.
pub fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = (sorted.len() as f64 * part) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

/// A part as per cent, a multiple as a factor.
fn share(ratio: f64) -> String {
    if ratio < 2.0 { format!("{:.0} %", 100.0 * ratio) } else { format!("{ratio:.1} times that") }
}

/// Three digits that count, with thousands apart.
fn number(value: f64) -> String {
    if value.abs() < 100.0 && value.fract() != 0.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        let rest = digits.len() - index;
        if index > 0 && rest.is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(number(1_234_567.8), "1,234,568");
        assert_eq!(number(999.0), "999");
        assert_eq!(number(1.5), "1.50");
        assert_eq!(number(-1000.0), "-1,000");
    }

    #[test]
    fn aims_are_judged_by_the_middle() {
        let figure = Figure::new("one", "/s", vec![1.0, 5.0, 3.0]);
        assert_eq!(figure.median(), 3.0);
        assert_eq!(figure.is_reached(), None);
        assert_eq!(figure.clone().aim(Aim::AtLeast(3.0)).is_reached(), Some(true));
        assert_eq!(figure.clone().aim(Aim::AtMost(2.0)).is_reached(), Some(false));
        let figure = figure.ratio("a limit", vec![0.7, 0.9]).aim(Aim::ShareAtLeast(0.8));
        assert_eq!(figure.is_reached(), Some(true));
    }

    #[test]
    fn a_table_shows_each_figure_beside_its_limit() {
        let figure = Figure::new("one", "/s", vec![1.0, 5.0, 3.0])
            .ratio("a limit", vec![0.7, 0.9, 0.75])
            .aim(Aim::ShareAtLeast(0.8))
            .note("why");
        let text = Section::new("Title", vec![figure]).markdown();
        let row = "| one<br>why | 3 /s (1 to 5) | 75 % of a limit | at least 80 % | **missed** |";
        assert!(text.starts_with("\n## Title\n") && text.contains(row), "{text}");
        let text = Section::not_yet("Title", "no disk").markdown();
        assert_eq!(text, "\n## Title\n\nNot measured: no disk\n");
    }

    #[test]
    fn quantiles_lie_within() {
        let values: Vec<_> = (0..100).map(f64::from).collect();
        assert_eq!((quantile(&values, 0.5), quantile(&values, 1.0)), (50.0, 99.0));
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
