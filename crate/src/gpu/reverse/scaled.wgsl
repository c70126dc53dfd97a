// Each channel by its factor and the sum's: of batch norm alone, a residual sum, a part of a concatenation.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel < out_pixels() {
        let factor = params.reals.x * factors[params.factors + 2u * here.quad];
        give(here.pixel, here.quad, factor * gradient(here.pixel, here.quad));
    }
}
