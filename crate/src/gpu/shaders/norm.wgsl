// x * scale + shift per channel of a vector.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let index = flat_index(id, groups, 64u);
    let quad = index % params.out_quads;
    let image = index / params.out_quads;
    if image < params.images {
        let at = params.factors + 2u * quad;
        let value = input[params.in_base + image * params.in_stride + quad];
        output[params.out_base + image * params.out_stride + quad] = value * factors[at] + factors[at + 1u];
    }
}
