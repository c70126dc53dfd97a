// Batch norm or bias, the residual sum and ReLU over four output channels of one pixel, then the store.
fn store(pixel: u32, quad: u32, sum: vec4<f32>) {
    let at = params.factors + 2u * quad;
    var value = sum * factors[at] + factors[at + 1u];
    if (params.flags & SECOND) != 0u {
        value = arena[params.second_base + pixel * params.second_stride + quad] + params.reals.x * value;
    }
    if (params.flags & RELU) != 0u {
        value = max(value, vec4<f32>(0.0));
    }
    arena[params.out_base + pixel * params.out_stride + quad] = value;
}
