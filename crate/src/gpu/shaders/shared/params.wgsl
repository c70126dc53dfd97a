// What every kernel is told, and the buffers it works on. Bases, strides and channel counts are in vec4s of four channels.
struct Params {
    in_height: u32,
    in_width: u32,
    out_height: u32,
    out_width: u32,
    in_base: u32,
    in_stride: u32,
    out_base: u32,
    out_stride: u32,
    second_base: u32,
    second_stride: u32,
    in_quads: u32,
    out_quads: u32,
    kernel_height: u32,
    kernel_width: u32,
    stride_y: u32,
    stride_x: u32,
    top: u32,
    left: u32,
    weights: u32,
    factors: u32,
    // Channels, the spare lanes of the last vec4 left out.
    channels: u32,
    flags: u32,
    reals: vec2<f32>,
    third_real: f32,
    // Of a third map that is read.
    third_stride: u32,
    // Images that run at once, one after another in every buffer.
    images: u32,
    // Vec4s of inputs of a convolution's sum, all taps of the window.
    depth: u32,
    // The first workgroup of a task among those of its dispatch.
    first_group: u32,
    // Parts of a sum, each of another workgroup, and the first vec4 of what they come to.
    splits: u32,
    partial: u32,
    third_base: u32,
}

const RELU = 1u;
const SECOND = 2u;
const COUNT_PADDING = 4u;
const POOL = 8u;
const MAXIMUM = 16u;

// All activations. A call reads some and writes others.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> arena: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> factors: array<vec4<f32>>;

// Output positions of all images.
fn out_pixels() -> u32 {
    return params.images * params.out_height * params.out_width;
}

// An output position of all images, taken apart.
struct Position {
    // First vec4 of its image in the input.
    image: u32,
    row: u32,
    column: u32,
}

fn position(pixel: u32) -> Position {
    let area = params.out_height * params.out_width;
    let image = pixel / area;
    let inside = pixel - image * area;
    let row = inside / params.out_width;
    let base = params.in_base + image * params.in_height * params.in_width * params.in_stride;
    return Position(base, row, inside - row * params.out_width);
}

// The vec4 of the output that an invocation of 64 computes, where there is one invocation for each: its position among all
// images, and its vec4 of channels. Positions from out_pixels() on have nothing to do.
struct Item {
    pixel: u32,
    quad: u32,
}

fn item(id: vec3<u32>, groups: vec3<u32>) -> Item {
    let index = flat_index(id, groups, 64u);
    let pixel = index / params.out_quads;
    return Item(pixel, index - pixel * params.out_quads);
}

// Position of an invocation among all of a dispatch that may spread over two dimensions.
fn flat_index(id: vec3<u32>, groups: vec3<u32>, group_size: u32) -> u32 {
    return id.y * groups.x * group_size + id.x;
}
