// Softmax of a vector, in one workgroup.
var<workgroup> partial: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
    var largest = -3.4028234e38;
    for (var c = lane; c < params.channels; c += 64u) {
        largest = max(largest, input[params.in_base + c / 4u][c % 4u]);
    }
    partial[lane] = largest;
    workgroupBarrier();
    for (var i = 0u; i < 64u; i++) {
        largest = max(largest, partial[i]);
    }
    workgroupBarrier();
    var sum = 0.0;
    for (var c = lane; c < params.channels; c += 64u) {
        sum += exp(input[params.in_base + c / 4u][c % 4u] - largest);
    }
    partial[lane] = sum;
    workgroupBarrier();
    sum = 0.0;
    for (var i = 0u; i < 64u; i++) {
        sum += partial[i];
    }
    for (var quad = lane; quad < params.out_quads; quad += 64u) {
        let value = exp(input[params.in_base + quad] - largest) / sum;
        let inside = vec4<u32>(quad * 4u) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(params.channels);
        output[params.out_base + quad] = select(vec4<f32>(0.0), value, inside);
    }
}
