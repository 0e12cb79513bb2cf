// SPDX-License-Identifier: Apache-2.0

//! Colours of all pictures, and the same for whoever reads in the dark.
//!
//! A picture is drawn in light colours on an opaque ground, so it can be read anywhere. A style at its
//! beginning replaces each colour where the reader's system prefers dark ones.

use anyhow::anyhow;
use plotters::{coord::Shift, prelude::*};

/// The font of everything, which every viewer has.
pub const FONT: &str = "sans-serif";

/// A picture while it is drawn, or a part of one.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// What comes of drawing.
pub type Drawn = Result<(), Box<dyn std::error::Error>>;

/// The ground.
pub const GROUND: RGBColor = RGBColor(255, 255, 255);
/// Axes, marks and everything that is written.
pub const INK: RGBColor = RGBColor(40, 40, 40);
/// What frames and separates.
pub const FAINT: RGBColor = RGBColor(210, 210, 210);
/// What is compared with: less important than the other lines.
pub const GREY: RGBColor = RGBColor(150, 150, 150);
/// The first series.
pub const BLUE: RGBColor = RGBColor(60, 120, 200);
/// The second.
pub const RED: RGBColor = RGBColor(200, 60, 40);
/// The third.
pub const GREEN: RGBColor = RGBColor(50, 140, 90);

/// Each colour as it is written in a picture, and what stands for it in the dark.
const DARK: [(&str, &str); 9] = [
    ("#FFFFFF", "#15181C"),
    ("#000000", "#E4E6E8"),
    ("#282828", "#E4E6E8"),
    ("#D2D2D2", "#3C4147"),
    ("#969696", "#8A9098"),
    ("#3C78C8", "#6EA8FE"),
    ("#C83C28", "#FF8A73"),
    ("#328C5A", "#63C691"),
    // Axes of the library's own colour.
    ("#0A0A0A", "#E4E6E8"),
];

/// A picture in SVG of this width and height, in pixels, with what `draw` puts on its ground.
pub fn picture(size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Drawn) -> anyhow::Result<String> {
    let mut text = String::new();
    let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
    let drawn = || -> Drawn {
        area.fill(&GROUND)?;
        draw(&area)?;
        area.present()?;
        Ok(())
    };
    drawn().map_err(|error| anyhow!("a plot: {error}"))?;
    // The picture is written when the area ends.
    drop(area);
    Ok(with_dark(&text))
}

/// The same picture with a style for dark surroundings. What is no picture stays as it is.
fn with_dark(svg: &str) -> String {
    let rules = DARK.iter().map(|(light, dark)| {
        format!("[fill=\"{light}\"]{{fill:{dark}}}[stroke=\"{light}\"]{{stroke:{dark}}}")
    });
    let rules: String = rules.collect();
    let style = format!("\n<style>@media (prefers-color-scheme:dark){{{rules}}}</style>");
    match svg.find("<svg").and_then(|begin| Some(begin + svg.get(begin..)?.find('>')? + 1)) {
        Some(end) => {
            let (head, rest) = svg.split_at(end);
            [head, &style, rest].concat()
        }
        None => svg.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_has_one_for_the_dark() {
        for RGBColor(red, green, blue) in [GROUND, INK, FAINT, GREY, BLUE, RED, GREEN] {
            let written = format!("#{red:02X}{green:02X}{blue:02X}");
            assert!(DARK.iter().any(|(light, _)| *light == written), "{written}");
        }
    }

    #[test]
    fn the_style_comes_first() {
        let svg = with_dark("<svg width=\"1\"><rect fill=\"#FFFFFF\"/></svg>");
        assert!(svg.starts_with("<svg width=\"1\">\n<style>@media") && svg.ends_with("</svg>"));
        assert_eq!(with_dark("no picture"), "no picture");
    }
}
