// Of the logistic function; where one value answers two classes, of the second less the first.
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
    for (var quad = lane; quad < params.out_quads; quad += 64u) {
        let x = second(0u, quad);
        var g = gradient(0u, quad);
        if params.channels < 2u {
            g = vec4<f32>(g.y - g.x, 0.0, 0.0, 0.0);
        }
        give(0u, quad, g / (1.0 + exp(-x)) / (1.0 + exp(x)) * present(quad));
    }
}
