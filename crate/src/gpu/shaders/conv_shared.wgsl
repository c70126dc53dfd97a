// Convolution as implicit GEMM through workgroup memory, for GPUs with caches of their own per workgroup: 8 x 16
// invocations share 8 * PIXELS pixels and 16 vec4s of output channels, sixteen input channels at a time.
// A line with $p stands for one line per pixel of an invocation's tile. Weights are [tap][input channel][output channel].
const ROWS = 8u;
const COLUMNS = 16u;
const DEPTH = 4u;

var<workgroup> values: array<vec4<f32>, ROWS * PIXELS * DEPTH>;
var<workgroup> panel: array<vec4<f32>, DEPTH * 4u * COLUMNS>;

@compute @workgroup_size(COLUMNS, ROWS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let lane = local.y * COLUMNS + local.x;
    let pixels = params.out_height * params.out_width;
    let first_pixel = group.y * ROWS * PIXELS;
    let quad = group.x * COLUMNS + local.x;
    var sum$p = vec4<f32>(0.0);
    for (var ky = 0u; ky < params.kernel_height; ky++) {
        for (var kx = 0u; kx < params.kernel_width; kx++) {
            let tap = (ky * params.kernel_width + kx) * params.in_quads * 4u;
            for (var depth = 0u; depth < params.in_quads; depth += DEPTH) {
                workgroupBarrier();
                for (var i = lane; i < ROWS * PIXELS * DEPTH; i += ROWS * COLUMNS) {
                    let pixel = first_pixel + i / DEPTH;
                    let c = depth + i % DEPTH;
                    let y = pixel / params.out_width * params.stride_y + ky - params.top;
                    let x = pixel % params.out_width * params.stride_x + kx - params.left;
                    var value = vec4<f32>(0.0);
                    if pixel < pixels && c < params.in_quads && y < params.in_height && x < params.in_width {
                        value = input[params.in_base + (y * params.in_width + x) * params.in_stride + c];
                    }
                    values[i] = value;
                }
                for (var i = lane; i < DEPTH * 4u * COLUMNS; i += ROWS * COLUMNS) {
                    let channel = depth * 4u + i / COLUMNS;
                    let column = group.x * COLUMNS + i % COLUMNS;
                    var value = vec4<f32>(0.0);
                    if channel < params.in_quads * 4u && column < params.out_quads {
                        value = weight(params.weights + (tap + channel) * params.out_quads + column);
                    }
                    panel[i] = value;
                }
                workgroupBarrier();
                for (var c = 0u; c < DEPTH; c++) {
                    let at = c * 4u * COLUMNS + local.x;
                    let matrix = mat4x4<f32>(panel[at], panel[at + COLUMNS], panel[at + 2u * COLUMNS], panel[at + 3u * COLUMNS]);
                    sum$p += matrix * values[(local.y * PIXELS + $pu) * DEPTH + c];
                }
            }
        }
    }
    let pixel = first_pixel + local.y * PIXELS;
    if pixel + $pu < pixels && quad < params.out_quads { store(pixel + $pu, quad, sum$p); }
}
