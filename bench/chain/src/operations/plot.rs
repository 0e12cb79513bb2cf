// SPDX-License-Identifier: Apache-2.0

//! All kinds as a picture: how many a second beside how many there is room for, and how full blocks
//! were.

use super::report::Report;
use crate::bars::{self, Bar};

/// The picture in SVG.
pub fn svg(report: &Report) -> anyhow::Result<String> {
    let rates = report.kinds.iter().map(|(figures, record)| Bar {
        name: record.name.to_owned(),
        value: figures.per_second.unwrap_or_default(),
        limit: figures.room,
    });
    let fills = report.kinds.iter().map(|(figures, record)| Bar {
        name: record.name.to_owned(),
        value: figures.weight.0 * 100.0,
        limit: Some(100.0),
    });
    bars::svg(&[
        bars::Chart {
            title: "Final and successful, a second",
            unit: "operations a second; the mark is how many there is room for by weight",
            bars: rates.collect(),
        },
        bars::Chart {
            title: "How full blocks are by weight",
            unit: "percent of a block's room, median",
            bars: fills.collect(),
        },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::report::tests::example;

    #[test]
    fn every_kind_is_drawn_with_its_figure() {
        let svg = svg(&example()).unwrap();
        assert!(svg.contains("settle") && svg.contains("101"), "{svg}");
    }
}
