// Of softmax: p (g - the mean of g by p).
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
    var largest = -3.4028234e38;
    for (var c = 0u; c < params.channels; c++) {
        largest = max(largest, second(0u, c / 4u)[c % 4u]);
    }
    var sum = 0.0;
    var product = 0.0;
    for (var quad = lane; quad < params.out_quads; quad += 64u) {
        let power = exp(second(0u, quad) - largest) * present(quad);
        sum += dot(power, vec4<f32>(1.0));
        product += dot(power, gradient(0u, quad));
    }
    sum = total(lane, sum);
    let mean = total(lane, product) / sum;
    for (var quad = lane; quad < params.out_quads; quad += 64u) {
        give(0u, quad, exp(second(0u, quad) - largest) / sum * (gradient(0u, quad) - mean) * present(quad));
    }
}
