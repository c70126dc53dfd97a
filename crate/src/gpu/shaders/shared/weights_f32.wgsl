alias Packed = vec4<f32>;
@group(0) @binding(2) var<storage, read> weights: array<Packed>;

fn unpacked(value: Packed) -> vec4<f32> {
    return value;
}

fn weight(index: u32) -> vec4<f32> {
    return weights[index];
}
