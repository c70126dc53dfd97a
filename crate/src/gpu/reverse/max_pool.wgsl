// A maximum passes its gradient on to the first place of its window that has it, row by row: each input looks at the windows
// that it lies in. What the pool gave lies at `third_base`.
fn comes_before(y: u32, x: u32, top: u32, left: u32, quad: u32, largest: vec4<f32>) -> vec4<bool> {
    var found = vec4<bool>(false);
    for (var row = top; row <= y + params.top; row++) {
        let end = select(left + params.kernel_width, x + params.left, row == y + params.top);
        for (var column = left; column < end; column++) {
            // A padded place before the map is a large one here.
            let is_inside = row - params.top < params.out_height && column - params.left < params.out_width;
            if is_inside {
                found |= second((row - params.top) * params.out_width + column - params.left, quad) == largest;
            }
        }
    }
    return found;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel >= out_pixels() {
        return;
    }
    let y = here.pixel / params.out_width;
    let x = here.pixel - y * params.out_width;
    let value = second(here.pixel, here.quad);
    var sum = vec4<f32>(0.0);
    let bottom = min((y + params.top) / params.stride_y + 1u, params.in_height);
    let right = min((x + params.left) / params.stride_x + 1u, params.in_width);
    for (var row = first_window(y + params.top, params.kernel_height, params.stride_y); row < bottom; row++) {
        for (var column = first_window(x + params.left, params.kernel_width, params.stride_x); column < right; column++) {
            let window = row * params.in_width + column;
            let largest = arena[params.third_base + window * params.third_stride + here.quad];
            var is = value == largest;
            if any(is) {
                is &= !comes_before(y, x, row * params.stride_y, column * params.stride_x, here.quad, largest);
                sum += select(vec4<f32>(0.0), gradient(window, here.quad), is);
            }
        }
    }
    give(here.pixel, here.quad, sum);
}
