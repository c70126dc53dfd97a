// Average over windows that cover the input; of one output position, the global average.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel >= out_pixels() {
        return;
    }
    let at = position(here.pixel);
    let top = at.row * params.in_height / params.out_height;
    let bottom = ((at.row + 1u) * params.in_height + params.out_height - 1u) / params.out_height;
    let left = at.column * params.in_width / params.out_width;
    let right = ((at.column + 1u) * params.in_width + params.out_width - 1u) / params.out_width;
    var sum = vec4<f32>(0.0);
    for (var y = top; y < bottom; y++) {
        for (var x = left; x < right; x++) {
            sum += arena[at.image + (y * params.in_width + x) * params.in_stride + here.quad];
        }
    }
    arena[params.out_base + here.pixel * params.out_stride + here.quad] = sum / f32((bottom - top) * (right - left));
}
