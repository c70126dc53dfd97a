// The logistic function of a vector, in one workgroup an image; of a single value, `p`, where SECOND says so, the pair `1 - p, p`.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) image: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let first = params.in_base + image.x * params.in_stride;
    let to = params.out_base + image.x * params.out_stride;
    for (var quad = lane; quad < params.out_quads; quad += 64u) {
        let x = arena[first + quad];
        let inside = vec4<u32>(quad * 4u) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(params.channels);
        let value = 1.0 / (1.0 + exp(-x));
        if (params.flags & SECOND) != 0u {
            arena[to] = vec4<f32>(1.0 / (1.0 + exp(x.x)), value.x, 0.0, 0.0);
        } else {
            arena[to + quad] = select(vec4<f32>(0.0), value, inside);
        }
    }
}
