// x ^ -beta.
fn power(x: f32, beta: f32) -> f32 {
    if beta == 0.75 {
        return 1.0 / (sqrt(x) * sqrt(sqrt(x)));
    }
    return pow(x, -beta);
}
