// Weights as pairs of f16, which stay packed until they are multiplied.
alias Packed = vec2<u32>;
@group(0) @binding(2) var<storage, read> weights: array<Packed>;

fn unpacked(pair: Packed) -> vec4<f32> {
    return vec4<f32>(unpack2x16float(pair.x), unpack2x16float(pair.y));
}

fn weight(index: u32) -> vec4<f32> {
    return unpacked(weights[index]);
}
