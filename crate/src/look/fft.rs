//! Discrete Fourier transforms of any length, many at once.

use super::turn::turn;

/// Real and imaginary part.
pub type Complex = [f32; 2];

/// A transform of one length.
pub struct Fft {
    /// exp(2 pi i k / length).
    roots: Vec<Complex>,
}

impl Fft {
    pub fn new(length: usize) -> Self {
        Self { roots: (0..length).map(|k| turn(k as f64 / length as f64).map(|v| v as f32)).collect() }
    }

    /// Of `[length, batch]` along the first axis: the sums over j of value j times exp(2 pi i j k / length), for each k.
    ///
    /// Stockham's order, by fours where they divide what is left, then by prime factors in plain sums.
    pub fn run(&self, values: &mut Vec<Complex>, batch: usize) {
        let length = self.roots.len();
        let mut results = vec![[0.0; 2]; values.len()];
        let (mut rest, mut stride) = (length, 1);
        while rest > 1 {
            let radix = if rest.is_multiple_of(4) {
                4
            } else {
                (2..rest).find(|radix| rest.is_multiple_of(*radix)).unwrap_or(rest)
            };
            let parts = rest / radix;
            let row = stride * batch;
            for (part, out) in results.chunks_exact_mut(radix * row).enumerate() {
                let input = |j: usize| &values[(part + parts * j) * row..][..row];
                let root = |k: usize, j: usize| self.roots[stride * k * (part + parts * j) % length];
                if radix == 4 {
                    by_four([0, 1, 2, 3].map(input), out, [1, 2, 3].map(|k| root(k, 0)));
                    continue;
                }
                for (k, out) in out.chunks_exact_mut(row).enumerate() {
                    out.fill([0.0; 2]);
                    for j in 0..radix {
                        let root = root(k, j);
                        for (out, &value) in out.iter_mut().zip(input(j)) {
                            *out = add(*out, product(value, root));
                        }
                    }
                }
            }
            std::mem::swap(values, &mut results);
            rest = parts;
            stride *= radix;
        }
    }
}

fn add(a: Complex, b: Complex) -> Complex {
    [a[0] + b[0], a[1] + b[1]]
}

fn less(a: Complex, b: Complex) -> Complex {
    [a[0] - b[0], a[1] - b[1]]
}

fn product(a: Complex, b: Complex) -> Complex {
    [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
}

/// Four rows transformed, the last three times a root each.
fn by_four(rows: [&[Complex]; 4], out: &mut [Complex], roots: [Complex; 3]) {
    let row = rows[0].len();
    let (first, rest) = out.split_at_mut(row);
    let (second, rest) = rest.split_at_mut(row);
    let (third, fourth) = rest.split_at_mut(row);
    let rows = rows.map(|values| &values[..row]);
    let fourth = &mut fourth[..row];
    for i in 0..row {
        let [a, b, c, d] = rows.map(|values| values[i]);
        let (even, odd) = (add(a, c), less(a, c));
        let (sum, difference) = (add(b, d), less(b, d));
        let turned = [-difference[1], difference[0]];
        first[i] = add(even, sum);
        second[i] = product(add(odd, turned), roots[0]);
        third[i] = product(less(even, sum), roots[1]);
        fourth[i] = product(less(odd, turned), roots[2]);
    }
}
