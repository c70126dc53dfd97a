// Softmax of a vector, in one workgroup an image.
var<workgroup> partial: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) image: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let first = params.in_base + image.x * params.in_stride;
    var largest = -3.4028234e38;
    for (var c = lane; c < params.channels; c += 64u) {
        largest = max(largest, arena[first + c / 4u][c % 4u]);
    }
    partial[lane] = largest;
    workgroupBarrier();
    for (var i = 0u; i < 64u; i++) {
        largest = max(largest, partial[i]);
    }
    workgroupBarrier();
    var sum = 0.0;
    for (var c = lane; c < params.channels; c += 64u) {
        sum += exp(arena[first + c / 4u][c % 4u] - largest);
    }
    partial[lane] = sum;
    workgroupBarrier();
    sum = 0.0;
    for (var i = 0u; i < 64u; i++) {
        sum += partial[i];
    }
    for (var quad = lane; quad < params.out_quads; quad += 64u) {
        let value = exp(arena[first + quad] - largest) / sum;
        let inside = vec4<u32>(quad * 4u) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(params.channels);
        arena[params.out_base + image.x * params.out_stride + quad] = select(vec4<f32>(0.0), value, inside);
    }
}
