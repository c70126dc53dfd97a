@group(0) @binding(4) var<storage, read> weights: array<vec2<u32>>;

fn weight(index: u32) -> vec4<f32> {
    let pair = weights[index];
    return vec4<f32>(unpack2x16float(pair.x), unpack2x16float(pair.y));
}
