// Maximum or average over a window; padding never wins a maximum.
override MAXIMUM: bool;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel >= out_pixels() {
        return;
    }
    let at = position(here.pixel);
    let top = at.row * params.stride_y - params.top;
    let left = at.column * params.stride_x - params.left;
    var value = vec4<f32>(select(0.0, -3.4028234e38, MAXIMUM));
    var count = 0u;
    for (var ky = 0u; ky < params.kernel_height; ky++) {
        for (var kx = 0u; kx < params.kernel_width; kx++) {
            let y = top + ky;
            let x = left + kx;
            if y < params.in_height && x < params.in_width {
                let near = input[at.image + (y * params.in_width + x) * params.in_stride + here.quad];
                value = select(value + near, max(value, near), MAXIMUM);
                count++;
            }
        }
    }
    if (params.flags & COUNT_PADDING) != 0u {
        count = params.kernel_height * params.kernel_width;
    }
    output[params.out_base + here.pixel * params.out_stride + here.quad] = select(value / f32(count), value, MAXIMUM);
}
