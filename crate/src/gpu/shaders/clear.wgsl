// Zeros.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel < out_pixels() {
        arena[params.out_base + here.pixel * params.out_stride + here.quad] = vec4<f32>(0.0);
    }
}
