// Maximum or average of a vec4 over the window from (y, x) on; padding never wins a maximum.
fn pooled(image: u32, y: u32, x: u32, c: u32) -> vec4<f32> {
    let maximum = (params.flags & MAXIMUM) != 0u;
    var value = vec4<f32>(select(0.0, -3.4028234e38, maximum));
    var count = 0u;
    for (var ky = 0u; ky < params.kernel_height; ky++) {
        for (var kx = 0u; kx < params.kernel_width; kx++) {
            if y + ky < params.in_height && x + kx < params.in_width {
                let near = arena[image + ((y + ky) * params.in_width + x + kx) * params.in_stride + c];
                value = select(value + near, max(value, near), maximum);
                count++;
            }
        }
    }
    if (params.flags & COUNT_PADDING) != 0u {
        count = params.kernel_height * params.kernel_width;
    }
    return select(value / f32(count), value, maximum);
}
