// SPDX-License-Identifier: Apache-2.0

//! Bars beside each other, each with its figure and, where one is known, with its limit.

use crate::theme::{Area, BLUE, Drawn, FAINT, FONT, GROUND, INK, picture};
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

/// The picture's width, the height of a bar's row, and of everything around the rows, in pixels.
const WIDTH: u32 = 1_080;
const ROW: u32 = 34;
const AROUND: u32 = 110;

/// The width of the bars' names.
const NAMES: u32 = 150;

/// One bar.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What it is called.
    pub name: String,
    /// How long it is.
    pub value: f64,
    /// How long it could be.
    pub limit: Option<f64>,
}

/// Bars of one unit.
pub struct Chart {
    /// Above them.
    pub title: &'static str,
    /// Below them: what they count.
    pub unit: &'static str,
    /// From top to bottom.
    pub bars: Vec<Bar>,
}

/// Charts beside each other, in SVG.
pub fn svg(charts: &[Chart]) -> anyhow::Result<String> {
    let rows = charts.iter().map(|it| it.bars.len()).max().unwrap_or_default();
    let height = AROUND + ROW * u32::try_from(rows.max(1))?;
    picture((WIDTH, height), |area| {
        let parts = area.split_evenly((1, charts.len().max(1)));
        parts.iter().zip(charts).try_for_each(|(part, chart)| draw_one(part, chart))
    })
}

fn draw_one(area: &Area<'_>, Chart { title, unit, bars }: &Chart) -> Drawn {
    let rows = bars.len().max(1) as f64;
    let lengths = bars.iter().flat_map(|it| [it.value, it.limit.unwrap_or_default()]);
    // Room for the figure beside the longest bar.
    let most = lengths.fold(f64::MIN_POSITIVE, f64::max) * 1.15;
    let mut chart = ChartBuilder::on(area)
        .caption(title, (FONT, 21).into_font().color(&INK))
        .margin(12)
        .x_label_area_size(46)
        .y_label_area_size(NAMES)
        .build_cartesian_2d(0.0..most, 0.0..rows)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .y_labels(0)
        .light_line_style(GROUND)
        .bold_line_style(FAINT)
        .axis_style(INK)
        .x_desc(*unit)
        .x_label_formatter(&|value: &f64| format!("{value:.0}"))
        .label_style((FONT, 15).into_font().color(&INK))
        .draw()?;
    let name = (FONT, 16).into_font().color(&INK).pos(Pos::new(HPos::Right, VPos::Center));
    let figure = (FONT, 16).into_font().color(&INK).pos(Pos::new(HPos::Left, VPos::Center));
    for (place, bar) in bars.iter().enumerate() {
        // The first is on top.
        let middle = rows - place as f64 - 0.5;
        let (top, bottom) = (middle + 0.3, middle - 0.3);
        let body = Rectangle::new([(0.0, bottom), (bar.value, top)], BLUE.filled());
        chart.draw_series([body])?;
        if let Some(limit) = bar.limit {
            let ends = [(limit, middle - 0.4), (limit, middle + 0.4)];
            chart.draw_series(LineSeries::new(ends, INK.stroke_width(2)))?;
        }
        let beside = most * 0.01;
        // A figure is never written over the mark of its limit.
        let is_near = |limit: f64| limit >= bar.value && limit < bar.value + most * 0.1;
        let begin = bar.limit.filter(|limit| is_near(*limit)).unwrap_or(bar.value);
        let value = format!("{:.0}", bar.value);
        chart.draw_series([Text::new(value, (begin + beside, middle), figure.clone())])?;
        chart.draw_series([Text::new(bar.name.clone(), (-beside, middle), name.clone())])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_has_its_name_its_figure_and_its_limit() {
        let bar = |name: &str, value| Bar { name: name.to_owned(), value, limit: Some(150.0) };
        let bars = vec![bar("open", 140.0), bar("settle", 97.0)];
        let svg = svg(&[Chart { title: "A title", unit: "a unit", bars }]).unwrap();
        for text in ["A title", "a unit", "open", "settle", "140", "97"] {
            assert!(svg.contains(text), "{text} is missing");
        }
        assert!(svg.matches("<polyline").count() >= 2, "two limits");
        assert!(svg.contains("prefers-color-scheme:dark"));
    }

    #[test]
    fn nothing_has_a_picture_too() {
        assert!(svg(&[]).is_ok());
        assert!(svg(&[Chart { title: "", unit: "", bars: Vec::new() }]).is_ok());
    }
}
