// first + scale * second where there is a second, then ReLU where asked for.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel >= out_pixels() {
        return;
    }
    var value = arena[params.in_base + here.pixel * params.in_stride + here.quad];
    if (params.flags & SECOND) != 0u {
        value += params.reals.x * arena[params.second_base + here.pixel * params.second_stride + here.quad];
    }
    if (params.flags & RELU) != 0u {
        value = max(value, vec4<f32>(0.0));
    }
    arena[params.out_base + here.pixel * params.out_stride + here.quad] = value;
}
