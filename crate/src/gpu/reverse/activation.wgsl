// By the slope of a function of each value: which one is in `kernel_width` (Activation::coded), its number in `reals.x`.
fn slope(x: f32) -> f32 {
    let number = params.reals.x;
    let s = 1.0 / (1.0 + exp(-x));
    let power = exp(min(x, 0.0));
    switch params.kernel_width {
        case 1u: { return select(0.0, 1.0, x > 0.0); }
        case 2u: { return select(0.0, 1.0, x > 0.0 && x < 6.0); }
        case 3u: { return select(number, 1.0, x > 0.0); }
        case 4u: { return select(number * power, 1.0, x > 0.0); }
        case 5u: { return 1.05070098 * select(1.67326324 * power, 1.0, x > 0.0); }
        case 6u: { let t = hyperbolic(x); return 1.0 - t * t; }
        case 7u: { return s * (1.0 - s); }
        case 8u: { return s; }
        case 9u: { return 0.5 * (1.0 + error_function(x * 0.70710678)) + x * 0.39894228 * exp(-0.5 * x * x); }
        case 10u: {
            let t = hyperbolic(0.79788456 * (x + 0.044715 * x * x * x));
            return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * 0.79788456 * (1.0 + 0.134145 * x * x);
        }
        case 11u: { return s + x * s * (1.0 - s); }
        case 12u: { return select(clamp(2.0 * x + 3.0, 0.0, 6.0) / 6.0, select(0.0, 1.0, x > 0.0), abs(x) >= 3.0); }
        default: { return 1.0; }
    }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel < out_pixels() {
        let x = second(here.pixel, here.quad);
        give(here.pixel, here.quad, vec4<f32>(slope(x.x), slope(x.y), slope(x.z), slope(x.w)) * gradient(here.pixel, here.quad));
    }
}
