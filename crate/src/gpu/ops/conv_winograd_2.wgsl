// Transforms of two outputs of three taps: the points 0, 1, -1 and infinity, as in cpu/toom_cook.rs.
fn transformed(d: Line, is_input: bool) -> Line {
    if is_input {
        return Line(d[2] - d[0], d[2] + d[1], d[2] - d[1], d[3] - d[1]);
    }
    let even = 0.5 * (d[0] + d[2]);
    let odd = 0.5 * d[1];
    return Line(-d[0], even + odd, even - odd, d[2]);
}

fn back_of(m: Line) -> Line {
    return Line(m[0] + m[1] + m[2], m[3] + m[1] - m[2], m[2], m[3]);
}
