// Transforms of four outputs of three taps: the points 0, A, -A, B, -B and infinity, as in cpu/toom_cook.rs.
const AA = A * A;
const BB = B * B;

fn transformed(d: Line, is_input: bool) -> Line {
    if is_input {
        let even = d[4] - AA * d[2];
        let odd = d[3] - AA * d[1];
        let even_a = d[4] - BB * d[2];
        let odd_a = A * (d[3] - BB * d[1]);
        return Line(even - BB * (d[2] - AA * d[0]), even_a + odd_a, even_a - odd_a, even + B * odd, even - B * odd, d[5] - AA * d[3] - BB * odd);
    }
    let a = 0.5 / (AA * (AA - BB));
    let b = 0.5 / (BB * (BB - AA));
    let even_a = a * (d[0] + AA * d[2]);
    let odd_a = a * A * d[1];
    let even_b = b * (d[0] + BB * d[2]);
    let odd_b = b * B * d[1];
    return Line(d[0] / (AA * BB), even_a + odd_a, even_a - odd_a, even_b + odd_b, even_b - odd_b, d[2]);
}

fn back_of(m: Line) -> Line {
    let sum_a = m[1] + m[2];
    let sum_b = m[3] + m[4];
    let a = A * (m[1] - m[2]);
    let b = B * (m[3] - m[4]);
    return Line(m[0] + sum_a + sum_b, a + b, AA * sum_a + BB * sum_b, m[5] + AA * a + BB * b, m[4], m[5]);
}
