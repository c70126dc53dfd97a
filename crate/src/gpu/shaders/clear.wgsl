// Zeros.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let index = flat_index(id, groups, 64u);
    let quad = index % params.out_quads;
    let pixel = index / params.out_quads;
    if pixel < out_pixels() {
        output[params.out_base + pixel * params.out_stride + quad] = vec4<f32>(0.0);
    }
}
