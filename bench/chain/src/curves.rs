// SPDX-License-Identifier: Apache-2.0

//! Curves over something that grows by powers of ten.

use crate::theme::{Area, BLUE, Drawn, FAINT, FONT, GREEN, GREY, GROUND, INK, RED, picture};
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

/// The picture's width, and the height of each chart, in pixels.
const WIDTH: u32 = 960;
const HEIGHT: u32 = 330;

/// What is left beside a chart for the names of its lines.
const LEGEND: u32 = 220;

/// Where those names begin, from above, and the height of one.
const TOP: i32 = 50;
const LINE: i32 = 20;

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A figure, by its place among the figures of its chart.
    Figure(usize),
    /// What figures are compared with.
    Limit,
}

/// One line.
#[derive(Clone, Debug)]
pub struct Curve {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its points, from left to right; whatever grows is above zero.
    pub points: Vec<(f64, f64)>,
    /// Whether the points belong together, or stand alone, as rings in the colour of a line that has
    /// the name.
    pub is_line: bool,
}

/// Curves of one unit.
pub struct Chart {
    /// Above them.
    pub title: &'static str,
    /// What grows, below them.
    pub grows: &'static str,
    /// What they measure, beside them.
    pub unit: &'static str,
    /// All of them.
    pub curves: Vec<Curve>,
}

/// Charts below each other, in SVG.
pub fn svg(charts: &[Chart]) -> anyhow::Result<String> {
    let height = HEIGHT * u32::try_from(charts.len().max(1))?;
    picture((WIDTH, height), |area| {
        let parts = area.split_evenly((charts.len().max(1), 1));
        parts.iter().zip(charts).try_for_each(|(part, chart)| draw_one(part, chart))
    })
}

fn colour(role: Role) -> RGBColor {
    match role {
        Role::Limit => GREY,
        Role::Figure(place) => [BLUE, RED, GREEN][place % 3],
    }
}

fn draw_one(area: &Area<'_>, Chart { title, grows, unit, curves }: &Chart) -> Drawn {
    let points = || curves.iter().flat_map(|it| &it.points);
    let most = points().map(|it| it.1).fold(f64::MIN_POSITIVE, f64::max) * 1.15;
    let powers = points().map(|it| it.0.max(1.0).log10());
    let (least, greatest) = powers.fold((f64::MAX, 0.0), |(least, greatest), it| {
        (f64::min(least, it), f64::max(greatest, it))
    });
    // Whole powers of ten, at least one apart.
    let begin = if least == f64::MAX { 0.0 } else { least.floor() };
    let end = greatest.ceil().max(begin + 1.0);
    let mut chart = ChartBuilder::on(area)
        .caption(title, (FONT, 21).into_font().color(&INK))
        .margin(12)
        .margin_right(LEGEND)
        .x_label_area_size(44)
        .y_label_area_size(70)
        .build_cartesian_2d(begin - 0.1..end + 0.1, 0.0..most)?;
    chart
        .configure_mesh()
        .light_line_style(GROUND)
        .bold_line_style(FAINT)
        .axis_style(INK)
        .x_labels((end - begin) as usize + 1)
        .x_desc(*grows)
        .y_desc(*unit)
        .x_label_formatter(&power)
        .y_label_formatter(&|value: &f64| {
            if most < 10.0 { format!("{value:.1}") } else { format!("{value:.0}") }
        })
        .label_style((FONT, 15).into_font().color(&INK))
        .draw()?;
    let name = (FONT, 15).into_font().color(&INK).pos(Pos::new(HPos::Left, VPos::Center));
    for curve in curves {
        let colour = colour(curve.role);
        let width = if curve.role == Role::Limit { 1 } else { 2 };
        let places: Vec<_> = curve.points.iter().map(|(x, y)| (x.max(1.0).log10(), *y)).collect();
        if curve.is_line {
            let line = LineSeries::new(places.iter().copied(), colour.stroke_width(width));
            chart.draw_series(line)?;
        }
        let style = if curve.is_line { colour.filled() } else { colour.stroke_width(2) };
        let dots = places.iter().map(|place| Circle::new(*place, 4, style));
        chart.draw_series(dots)?;
    }
    // Names stand beside the chart, where they cover nothing.
    let left = i32::try_from(WIDTH - LEGEND)? + 14;
    let lines = curves.iter().filter(|it| it.is_line);
    for (curve, place) in lines.zip(0..) {
        let height = TOP + place * LINE;
        area.draw(&Circle::new((left, height), 4, colour(curve.role).filled()))?;
        area.draw(&Text::new(curve.name.clone(), (left + 12, height), name.clone()))?;
    }
    Ok(())
}

/// A power of ten, written out; nothing between two of them.
fn power(value: &f64) -> String {
    let whole = value.round();
    if (value - whole).abs() > 0.01 {
        return String::new();
    }
    let digits = format!("{:.0}", 10_f64.powf(whole));
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
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
    fn powers_of_ten_are_written_out() {
        assert_eq!(power(&6.0), "1,000,000");
        assert_eq!(power(&2.0), "100");
        assert_eq!(power(&4.5), "");
    }

    #[test]
    fn every_curve_is_in_the_picture() {
        let curve = |name: &str, role, is_line| Curve {
            name: name.to_owned(),
            role,
            points: vec![(10_000.0, 12.0), (1_000_000.0, 15.0)],
            is_line,
        };
        let curves = vec![
            curve("measured", Role::Figure(0), true),
            curve("alone", Role::Figure(1), false),
            curve("allowed", Role::Limit, true),
        ];
        let chart = Chart { title: "A title", grows: "accounts", unit: "ms", curves };
        let svg = svg(&[chart]).unwrap();
        for text in ["A title", "accounts", "ms", "measured", "allowed", "10,000"] {
            assert!(svg.contains(text), "{text} is missing");
        }
        assert!(svg.matches("<circle").count() >= 6);
    }

    #[test]
    fn nothing_has_a_picture_too() {
        assert!(svg(&[Chart { title: "", grows: "", unit: "", curves: Vec::new() }]).is_ok());
    }
}
