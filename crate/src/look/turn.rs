//! Cosines and sines.

use std::f64::consts::TAU;

/// Cosine and sine of so many turns, as a series within an eighth of a turn: the standard library's would be several
/// kilobytes more in the browser.
pub fn turn(turns: f64) -> [f64; 2] {
    let quarters = (turns * 4.0 + 0.5).floor();
    let angle = (turns - quarters / 4.0) * TAU;
    let mut sums = [0.0; 2];
    let mut term = 1.0;
    for power in 0..18 {
        sums[power % 2] += if power % 4 < 2 { term } else { -term };
        term *= angle / (power + 1) as f64;
    }
    let [cos, sin] = sums;
    match quarters as i64 & 3 {
        0 => [cos, sin],
        1 => [-sin, cos],
        2 => [-cos, -sin],
        _ => [sin, -cos],
    }
}
