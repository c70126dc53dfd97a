// Convolution as implicit GEMM through workgroup memory, for GPUs with caches of their own per workgroup: 8 x 16
// invocations share 8 * PIXELS pixels and 16 vec4s of output channels, four vec4s of taps and input channels at a time,
// which run on from one tap into the next. A line with $p stands for one line per pixel of an invocation's tile, with $q
// for one per value that an invocation copies. Weights are [tap][input channel][output channel].
const ROWS = 8u;
const COLUMNS = 16u;
const DEPTH = 4u;
const LANES = ROWS * COLUMNS;
const VALUES = ROWS * PIXELS * DEPTH;

var<workgroup> values: array<vec4<f32>, VALUES>;
var<workgroup> panel: array<vec4<f32>, DEPTH * 4u * COLUMNS>;

@compute @workgroup_size(COLUMNS, ROWS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let lane = local.y * COLUMNS + local.x;
    let pixels = out_pixels();
    let first_pixel = group.y * ROWS * PIXELS;
    let quad = group.x * COLUMNS + local.x;
    let depth = params.kernel_height * params.kernel_width * params.in_quads;
    let copied$q = lane + $qu * LANES;
    let pixel$q = first_pixel + copied$q / DEPTH;
    let at$q = position(min(pixel$q, pixels - 1u));
    let y$q = at$q.row * params.stride_y - params.top;
    let x$q = at$q.column * params.stride_x - params.left;
    let column = group.x * COLUMNS + lane % COLUMNS;
    // Where in the window the values lie that this invocation copies: a multiple of DEPTH invocations copy one pixel.
    var c = lane % DEPTH;
    var ky = 0u;
    var kx = 0u;
    var sum$p = vec4<f32>(0.0);
    for (var start = 0u; start < depth; start += DEPTH) {
        while c >= params.in_quads {
            c -= params.in_quads;
            kx++;
            if kx == params.kernel_width {
                kx = 0u;
                ky++;
            }
        }
        workgroupBarrier();
        if copied$q < VALUES { values[copied$q] = near(at$q.image, y$q + ky, x$q + kx, c, pixel$q < pixels && ky < params.kernel_height); }
        for (var row = lane / COLUMNS; row < DEPTH * 4u; row += ROWS) {
            var value = vec4<f32>(0.0);
            if start * 4u + row < depth * 4u && column < params.out_quads {
                value = weight(params.weights + (start * 4u + row) * params.out_quads + column);
            }
            panel[row * COLUMNS + lane % COLUMNS] = value;
        }
        workgroupBarrier();
        for (var k = 0u; k < DEPTH; k++) {
            let row = k * 4u * COLUMNS + local.x;
            let matrix = mat4x4<f32>(panel[row], panel[row + COLUMNS], panel[row + 2u * COLUMNS], panel[row + 3u * COLUMNS]);
            sum$p += matrix * values[(local.y * PIXELS + $pu) * DEPTH + k];
        }
        c += DEPTH;
    }
    let pixel = first_pixel + local.y * PIXELS;
    if pixel + $pu < pixels && quad < params.out_quads { store(pixel + $pu, quad, sum$p); }
}

// A vec4 of the input, or zeros outside of it.
fn near(image: u32, y: u32, x: u32, c: u32, wanted: bool) -> vec4<f32> {
    if wanted && y < params.in_height && x < params.in_width {
        return input[image + (y * params.in_width + x) * params.in_stride + c];
    }
    return vec4<f32>(0.0);
}
