// The gradient stops where a ReLU gave zero.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel < out_pixels() {
        let at = params.out_base + here.pixel * params.out_stride + here.quad;
        arena[at] = select(vec4<f32>(0.0), arena[at], second(here.pixel, here.quad) > vec4<f32>(0.0));
    }
}
