// SPDX-License-Identifier: Apache-2.0

//! All sizes as a picture: what blocks cost, and what nodes take.

use super::point::Point;
use crate::curves::{self, Chart, Curve, Role};

const MIB: f64 = 1_048_576.0;

/// What grows.
const GROWS: &str = "accounts and channels in the state; rings: a chain with channels";

/// The picture in SVG.
pub fn svg(points: &[Point]) -> anyhow::Result<String> {
    let times = [
        curve(points, "import, with transfers", Role::Figure(0), |it| it.loaded.0.mean()),
        curve(points, "built, with transfers", Role::Figure(1), |it| it.loaded.1.mean()),
        curve(points, "import, empty", Role::Figure(2), |it| it.empty.0.mean()),
        curve(points, "charged by weight", Role::Limit, Point::charged),
    ];
    let mib = |bytes: u64| Some(bytes as f64 / MIB);
    let sizes = [
        curve(points, "memory, who follows", Role::Figure(0), |it| mib(it.memory.1)),
        curve(points, "memory, who makes blocks", Role::Figure(1), |it| mib(it.memory.0)),
        curve(points, "disk, who follows", Role::Figure(2), |it| mib(it.disk.1)),
    ];
    curves::svg(&[
        Chart {
            title: "What a block costs",
            grows: GROWS,
            unit: "milliseconds a block, mean",
            curves: times.into_iter().flatten().collect(),
        },
        Chart {
            title: "What a node takes",
            grows: GROWS,
            unit: "MiB",
            curves: sizes.into_iter().flatten().collect(),
        },
    ])
}

/// A line through the chains without channels, and a ring for each that has some.
fn curve(
    points: &[Point],
    name: &str,
    role: Role,
    value: impl Fn(&Point) -> Option<f64>,
) -> Vec<Curve> {
    let some = |has_channels: bool| {
        let these = points.iter().filter(|it| (it.channels > 0) == has_channels);
        these.filter_map(|it| Some((it.entries(), value(it)?))).collect::<Vec<_>>()
    };
    let name = name.to_owned();
    let line = Curve { name: name.clone(), role, points: some(false), is_line: true };
    let rings = Curve { name, role, points: some(true), is_line: false };
    [line, rings].into_iter().filter(|it| !it.points.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::growth::metrics::Timed;

    #[test]
    fn chains_with_channels_stand_alone() {
        let timed = Timed { count: 2.0, seconds: 0.1 };
        let point = |accounts, channels| Point {
            accounts,
            channels,
            loaded: (timed, timed),
            ..Point::default()
        };
        let svg = svg(&[point(10_000, 0), point(1_000_000, 0), point(10_000, 90_000)]).unwrap();
        assert!(svg.contains("import, with transfers"));
        // Dots on the lines and beside their names, and rings.
        assert!(svg.matches("<circle").count() > 6);
        // Nothing was timed in empty blocks.
        assert!(!svg.contains("import, empty"));
    }
}
