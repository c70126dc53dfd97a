// x * scale + shift per channel of a vector.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let quad = id.x;
    if quad < params.out_quads {
        let at = params.factors + 2u * quad;
        output[params.out_base + quad] = input[params.in_base + quad] * factors[at] + factors[at + 1u];
    }
}
