// A mean passes its gradient on evenly: each input gathers from the windows that it lies in.
fn places(window: u32, stride: u32, padding: u32, kernel: u32, inputs: u32) -> u32 {
    let begin = window * stride;
    return min(begin + kernel, inputs + padding) - max(begin, padding);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel >= out_pixels() {
        return;
    }
    let at = spot(here.pixel);
    let rows = down(at);
    let columns = across(at);
    var sum = vec4<f32>(0.0);
    for (var row = rows.begin; row < rows.end; row++) {
        let high = places(row, params.stride_y, params.top, params.kernel_height, params.out_height);
        for (var column = columns.begin; column < columns.end; column++) {
            let inside = high * places(column, params.stride_x, params.left, params.kernel_width, params.out_width);
            let all = params.kernel_height * params.kernel_width;
            let count = select(inside, all, (params.flags & COUNT_PADDING) != 0u);
            sum += gradient(row * params.in_width + column, here.quad) / f32(count);
        }
    }
    give(here.pixel, here.quad, sum);
}
