// x * scale + shift per channel of a vector.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel < out_pixels() {
        let at = params.factors + 2u * here.quad;
        let value = arena[params.in_base + here.pixel * params.in_stride + here.quad];
        arena[params.out_base + here.pixel * params.out_stride + here.quad] = value * factors[at] + factors[at + 1u];
    }
}
