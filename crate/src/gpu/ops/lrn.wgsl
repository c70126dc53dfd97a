// x / (bias + alpha / size * sum of squares over size channels) ^ beta; the spare lanes of the last vec4 hold zeros.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel >= out_pixels() {
        return;
    }
    let size = params.kernel_width;
    let reach = size / 2u;
    let scale = params.reals.x / f32(size);
    let row = params.in_base + here.pixel * params.in_stride;
    let value = arena[row + here.quad];
    var result = vec4<f32>(0.0);
    for (var lane = 0u; lane < 4u; lane++) {
        let c = here.quad * 4u + lane;
        var squares = 0.0;
        for (var k = max(c, reach) - reach; k < min(c + reach + 1u, params.channels); k++) {
            let near = arena[row + k / 4u][k % 4u];
            squares += near * near;
        }
        result[lane] = value[lane] * power(params.third_real + scale * squares, params.reals.y);
    }
    arena[params.out_base + here.pixel * params.out_stride + here.quad] = result;
}
