// Of averages over windows that cover the input: each input gathers from those that it lies in.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel >= out_pixels() {
        return;
    }
    let at = spot(here.pixel);
    var sum = vec4<f32>(0.0);
    for (var row = 0u; row < params.in_height; row++) {
        let top = row * params.out_height / params.in_height;
        let bottom = ((row + 1u) * params.out_height + params.in_height - 1u) / params.in_height;
        for (var column = 0u; column < params.in_width; column++) {
            let left = column * params.out_width / params.in_width;
            let right = ((column + 1u) * params.out_width + params.in_width - 1u) / params.in_width;
            if at.row >= top && at.row < bottom && at.column >= left && at.column < right {
                sum += gradient(row * params.in_width + column, here.quad) / f32((bottom - top) * (right - left));
            }
        }
    }
    give(here.pixel, here.quad, sum);
}
