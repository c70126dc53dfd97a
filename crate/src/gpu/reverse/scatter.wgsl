// The gradient at each position of a strided convolution's input, from its group: the input of that call holds groups, the
// channels of all their positions after one another, `third_stride` vec4s apart. The first of them is the one at
// `kernel_height`, `kernel_width` of the padded map.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel >= out_pixels() {
        return;
    }
    let at = spot(here.pixel);
    let y = at.row + params.top;
    let x = at.column + params.left;
    let above = y / params.stride_y;
    let before = x / params.stride_x;
    // A group before the first is a large one here.
    let row = above - params.kernel_height;
    let column = before - params.kernel_width;
    var value = vec4<f32>(0.0);
    if row < params.in_height && column < params.in_width {
        let place = (y - above * params.stride_y) * params.stride_x + x - before * params.stride_x;
        value = gradient(row * params.in_width + column, place * params.third_stride + here.quad);
    }
    give(here.pixel, here.quad, value);
}
