// SPDX-License-Identifier: Apache-2.0

//! A run as a picture: what was accepted and what became final a second, and what waited.

use crate::{
    figures::Window,
    theme::{Area, BLUE, Drawn, FAINT, FONT, GREY, GROUND, INK, RED, picture},
};
use plotters::{coord::types::RangedCoordf64, prelude::*};
use std::time::Duration;

/// The picture's width and height, and the height of its upper part, in pixels.
const SIZE: (u32, u32) = (960, 640);
const UPPER: u32 = 400;

/// The height of what is around a chart, of a line's name, and of the frame of all names, in pixels.
const AROUND: u32 = 95;
const NAME: u32 = 20;
const NAMES: u32 = 22;

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// A line: its name, its colour, and its points.
type Line<'a> = (&'a str, RGBColor, Vec<(f64, f64)>);

/// The picture in SVG. `load`: when sending ended.
pub fn svg(windows: &[Window], window: Duration, load: Duration) -> anyhow::Result<String> {
    picture(SIZE, |area| draw(area, windows, window, load.as_secs_f64()))
}

fn draw(area: &Area<'_>, windows: &[Window], window: Duration, load: f64) -> Drawn {
    let (upper, lower) = area.split_vertically(UPPER);
    let seconds = window.as_secs_f64();
    // A window's value stands in its middle.
    let points = |value: fn(&Window) -> u64, per: f64| {
        let places = windows.iter().enumerate();
        let middle = |place: usize| (place as f64 + 0.5) * seconds;
        places.map(|(place, it)| (middle(place), value(it) as f64 / per)).collect::<Vec<_>>()
    };
    let end = windows.len() as f64 * seconds;
    let rates = [
        ("accepted", GREY, points(|it| it.accepted, seconds)),
        ("in a block", BLUE, points(|it| it.included, seconds)),
        ("final", RED, points(|it| it.finalised, seconds)),
    ];
    chart(&upper, "Transactions a second", &rates, end, load)?;
    let waiting = [("accepted, in no block yet", INK, points(|it| it.waiting, 1.0))];
    chart(&lower, "Transactions that wait", &waiting, end, load)
}

fn chart(area: &Area<'_>, title: &str, lines: &[Line<'_>], end: f64, load: f64) -> Drawn {
    let most = lines.iter().flat_map(|it| &it.2).map(|it| it.1).fold(1.0, f64::max) * 1.05;
    // The names stand above the lines, so that they cover none.
    let names = f64::from(NAMES + NAME * u32::try_from(lines.len())?);
    let height = f64::from(area.dim_in_pixel().1.saturating_sub(AROUND));
    let most = most / (1.0 - (names / height).min(0.5));
    let mut chart: Chart<'_, '_> = ChartBuilder::on(area)
        .caption(title, (FONT, 21))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(60)
        .build_cartesian_2d(0.0..end.max(1.0), 0.0..most)?;
    let whole = |value: &f64| format!("{value:.0}");
    chart
        .configure_mesh()
        .light_line_style(GROUND)
        .x_desc("seconds since the load began")
        .x_label_formatter(&whole)
        .y_label_formatter(&whole)
        .label_style((FONT, 15))
        .draw()?;
    let ended = [(load, 0.0), (load, most)];
    chart.draw_series(LineSeries::new(ended, FAINT.stroke_width(2)))?;
    for (name, colour, points) in lines {
        let colour = *colour;
        chart
            .draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    let labels = &mut chart.configure_series_labels();
    labels.background_style(GROUND).border_style(FAINT);
    labels.label_font((FONT, 15)).position(SeriesLabelPosition::UpperRight).draw()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_and_its_name_are_in_the_picture() {
        let window = |count| Window { accepted: count, finalised: count / 2, ..Window::default() };
        let windows = [window(10), window(20), window(5)];
        let svg = svg(&windows, Duration::from_secs(10), Duration::from_secs(30)).unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        for name in ["accepted", "in a block", "final", "accepted, in no block yet"] {
            assert!(svg.contains(name), "{name} is missing");
        }
        // Four lines and two marks of the load's end, besides the axes.
        assert!(svg.matches("<polyline").count() >= 6);
    }

    #[test]
    fn a_run_without_windows_has_a_picture_too() {
        assert!(svg(&[], Duration::from_secs(1), Duration::ZERO).is_ok());
    }
}
