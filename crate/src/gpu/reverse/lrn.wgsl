// Of y_i = x_i s_i^-beta, where s_i = bias + alpha / size * sum of squares around i, the gradient at x_i is
// g_i s_i^-beta - 2 alpha beta / size * x_i * sum of g_j x_j s_j^(-beta - 1) around i.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel >= out_pixels() {
        return;
    }
    let reach = params.kernel_width / 2u;
    let scale = params.reals.x / f32(params.kernel_width);
    let first = here.quad * 4u;
    var result = vec4<f32>(0.0);
    var around = vec4<f32>(0.0);
    for (var j = max(first, reach) - reach; j < min(first + 4u + reach, params.channels); j++) {
        var squares = 0.0;
        for (var k = max(j, reach) - reach; k < min(j + reach + 1u, params.channels); k++) {
            let near = second(here.pixel, k / 4u)[k % 4u];
            squares += near * near;
        }
        let base = params.third_real + scale * squares;
        let own = gradient(here.pixel, j / 4u)[j % 4u] * power(base, params.reals.y);
        let joint = own * second(here.pixel, j / 4u)[j % 4u] / base;
        for (var lane = 0u; lane < 4u; lane++) {
            let c = first + lane;
            result[lane] += select(0.0, own, j == c);
            around[lane] += select(0.0, joint, max(j, c) - min(j, c) <= reach);
        }
    }
    give(here.pixel, here.quad, result - 2.0 * scale * params.reals.y * second(here.pixel, here.quad) * around);
}
