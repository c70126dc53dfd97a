// Transforms of four outputs of seven taps: the points 0, A, -A, B, -B, C, -C, D, -D and infinity, as in cpu/toom_cook.rs.
const AA = A * A;
const BB = B * B;
const CC = C * C;
const DD = D * D;

fn transformed(d: Line, is_input: bool) -> Line {
    let a = pair(d, A, BB, CC, DD, is_input);
    let b = pair(d, B, AA, CC, DD, is_input);
    let c = pair(d, C, AA, BB, DD, is_input);
    let e = pair(d, D, AA, BB, CC, is_input);
    var ends = array<vec4<f32>, 2>(d[0] / (AA * BB * CC * DD), d[6]);
    if is_input {
        ends = array<vec4<f32>, 2>(product(d[0], d[2], d[4], d[6], d[8]), product(d[1], d[3], d[5], d[7], d[9]));
    }
    return Line(ends[0], a[0], a[1], b[0], b[1], c[0], c[1], e[0], e[1], ends[1]);
}

// Of the polynomial with the squares of all points as roots, times the values.
fn product(x0: vec4<f32>, x1: vec4<f32>, x2: vec4<f32>, x3: vec4<f32>, x4: vec4<f32>) -> vec4<f32> {
    let one = AA + BB + CC + DD;
    let two = AA * (BB + CC + DD) + BB * (CC + DD) + CC * DD;
    let three = AA * BB * (CC + DD) + (AA + BB) * CC * DD;
    return x4 - one * x3 + two * x2 - three * x1 + AA * BB * CC * DD * x0;
}

// The values at the points p and -p; q, r and s are the squares of the others.
fn pair(d: Line, p: f32, q: f32, r: f32, s: f32, is_input: bool) -> array<vec4<f32>, 2> {
    let square = p * p;
    let scale = 0.5 / (square * (square - q) * (square - r) * (square - s));
    var even = scale * (d[0] + square * (d[2] + square * (d[4] + square * d[6])));
    var odd = scale * p * (d[1] + square * (d[3] + square * d[5]));
    if is_input {
        even = d[8] - (q + r + s) * d[6] + (q * r + q * s + r * s) * d[4] - q * r * s * d[2];
        odd = p * (d[7] - (q + r + s) * d[5] + (q * r + q * s + r * s) * d[3] - q * r * s * d[1]);
    }
    return array<vec4<f32>, 2>(even + odd, even - odd);
}

fn back_of(m: Line) -> Line {
    let sum = array<vec4<f32>, 4>(m[1] + m[2], m[3] + m[4], m[5] + m[6], m[7] + m[8]);
    let a = A * (m[1] - m[2]);
    let b = B * (m[3] - m[4]);
    let c = C * (m[5] - m[6]);
    let d = D * (m[7] - m[8]);
    return Line(
        m[0] + sum[0] + sum[1] + sum[2] + sum[3], a + b + c + d, AA * sum[0] + BB * sum[1] + CC * sum[2] + DD * sum[3],
        m[9] + AA * a + BB * b + CC * c + DD * d, m[4], m[5], m[6], m[7], m[8], m[9],
    );
}
