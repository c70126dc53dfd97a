// A function of each value: which one is in the flags (Activation::coded), its number in `reals.x`.
fn activated(x: f32) -> f32 {
    let number = params.reals.x;
    let grown = exp(min(x, 0.0)) - 1.0;
    switch params.flags {
        case 1u: { return max(x, 0.0); }
        case 2u: { return clamp(x, 0.0, 6.0); }
        case 3u: { return select(x * number, x, x > 0.0); }
        case 4u: { return select(number * grown, x, x > 0.0); }
        case 5u: { return 1.05070098 * select(1.67326324 * grown, x, x > 0.0); }
        case 6u: { return hyperbolic(x); }
        case 7u: { return 1.0 / (1.0 + exp(-x)); }
        case 8u: { return max(x, 0.0) + log(1.0 + exp(-abs(x))); }
        case 9u: { return 0.5 * x * (1.0 + error_function(x * 0.70710678)); }
        case 10u: { return 0.5 * x * (1.0 + hyperbolic(0.79788456 * (x + 0.044715 * x * x * x))); }
        case 11u: { return x / (1.0 + exp(-x)); }
        case 12u: { return x * clamp(x + 3.0, 0.0, 6.0) / 6.0; }
        default: { return x; }
    }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel >= out_pixels() {
        return;
    }
    let x = arena[params.in_base + here.pixel * params.in_stride + here.quad];
    let inside = vec4<u32>(here.quad * 4u) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(params.channels);
    let value = vec4<f32>(activated(x.x), activated(x.y), activated(x.z), activated(x.w));
    arena[params.out_base + here.pixel * params.out_stride + here.quad] = select(vec4<f32>(0.0), value, inside);
}
