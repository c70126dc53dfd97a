// Of a vector divided by its norm, at least 1e-12: the gradient's part along the vector is lost.
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
    var squares = 0.0;
    var product = 0.0;
    for (var quad = lane; quad < params.out_quads; quad += 64u) {
        let value = second(0u, quad);
        squares += dot(value, value);
        product += dot(value, gradient(0u, quad));
    }
    squares = total(lane, squares);
    product = total(lane, product);
    let norm = sqrt(squares);
    for (var quad = lane; quad < params.out_quads; quad += 64u) {
        if norm <= 1e-12 {
            give(0u, quad, gradient(0u, quad) / 1e-12);
        } else {
            give(0u, quad, (gradient(0u, quad) - product / squares * second(0u, quad)) / norm);
        }
    }
}
