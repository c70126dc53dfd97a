@group(0) @binding(4) var<storage, read> weights: array<vec4<f32>>;

fn weight(index: u32) -> vec4<f32> {
    return weights[index];
}
