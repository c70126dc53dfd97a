// The gradient at four channels of an input: written, or added to what has come there.
fn give(pixel: u32, quad: u32, value: vec4<f32>) {
    let at = params.out_base + pixel * params.out_stride + quad;
    if (params.flags & SECOND) != 0u {
        arena[at] += value;
    } else {
        arena[at] = value;
    }
}

// What the forward run has read, or given, at the same place.
fn second(pixel: u32, quad: u32) -> vec4<f32> {
    return arena[params.second_base + pixel * params.second_stride + quad];
}

// The gradient at the output at the same place.
fn gradient(pixel: u32, quad: u32) -> vec4<f32> {
    return arena[params.in_base + pixel * params.in_stride + quad];
}

// The first window along an axis that a padded position lies in.
fn first_window(at: u32, kernel: u32, stride: u32) -> u32 {
    return (max(at + 1u, kernel) - kernel + stride - 1u) / stride;
}
