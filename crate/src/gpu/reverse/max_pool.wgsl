// A maximum passes its gradient on to the first place of its window that has it, row by row: each input looks at the windows
// that it lies in. What the pool gave lies at `third_base`.
fn comes_before(at: Spot, top: u32, left: u32, quad: u32, largest: vec4<f32>) -> vec4<bool> {
    var found = vec4<bool>(false);
    for (var row = top; row <= at.row + params.top; row++) {
        let end = select(left + params.kernel_width, at.column + params.left, row == at.row + params.top);
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
    let at = spot(here.pixel);
    let value = second(here.pixel, here.quad);
    let rows = down(at);
    let columns = across(at);
    var sum = vec4<f32>(0.0);
    for (var row = rows.begin; row < rows.end; row++) {
        for (var column = columns.begin; column < columns.end; column++) {
            let window = row * params.in_width + column;
            let largest = arena[params.third_base + window * params.third_stride + here.quad];
            var is = value == largest;
            if any(is) {
                is &= !comes_before(at, row * params.stride_y, column * params.stride_x, here.quad, largest);
                sum += select(vec4<f32>(0.0), gradient(window, here.quad), is);
            }
        }
    }
    give(here.pixel, here.quad, sum);
}
