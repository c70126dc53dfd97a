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

struct Spot {
    row: u32,
    column: u32,
}

fn spot(pixel: u32) -> Spot {
    let row = pixel / params.out_width;
    return Spot(row, pixel - row * params.out_width);
}

struct Span {
    begin: u32,
    end: u32,
}

// The windows along an axis that a padded position lies in.
fn windows(at: u32, kernel: u32, stride: u32, count: u32) -> Span {
    return Span((max(at + 1u, kernel) - kernel + stride - 1u) / stride, min(at / stride + 1u, count));
}

// Those of a position, down and across.
fn down(at: Spot) -> Span {
    return windows(at.row + params.top, params.kernel_height, params.stride_y, params.in_height);
}

fn across(at: Spot) -> Span {
    return windows(at.column + params.left, params.kernel_width, params.stride_x, params.in_width);
}
