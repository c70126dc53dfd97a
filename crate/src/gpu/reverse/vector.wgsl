// Of a vector that something makes another of: what belongs to the whole of it comes first. In one workgroup.
var<workgroup> partial: array<f32, 64>;

fn total(lane: u32, value: f32) -> f32 {
    workgroupBarrier();
    partial[lane] = value;
    workgroupBarrier();
    var sum = 0.0;
    for (var i = 0u; i < 64u; i++) {
        sum += partial[i];
    }
    return sum;
}

// Ones in the lanes of channels that there are.
fn present(quad: u32) -> vec4<f32> {
    let lanes = vec4<u32>(quad * 4u) + vec4<u32>(0u, 1u, 2u, 3u);
    return select(vec4<f32>(0.0), vec4<f32>(1.0), lanes < vec4<u32>(params.channels));
}
