// A linear layer, or a convolution of a few pixels, as a matrix-vector product: a workgroup has four vec4s of output
// channels of one pixel and divides the inputs among its invocations, four side by side at each. Their sums are added in
// order. Weights are [tap][input channel][output channel].
var<workgroup> partial: array<vec4<f32>, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let index = group.y * groups.x + group.x;
    let tiles = (params.out_quads + 3u) / 4u;
    let pixel = index / tiles;
    let quad = (index - pixel * tiles) * 4u + lane % 4u;
    let at = position(min(pixel, out_pixels() - 1u));
    let top = at.row * params.stride_y - params.top;
    let left = at.column * params.stride_x - params.left;
    let column = min(quad, params.out_quads - 1u);
    var sum = vec4<f32>(0.0);
    for (var k = lane / 4u; k < params.depth; k += 64u) {
        let tap = k / params.in_quads;
        let ky = tap / params.kernel_width;
        let y = top + ky;
        let x = left + tap - ky * params.kernel_width;
        if y < params.in_height && x < params.in_width {
            let value = arena[at.image + (y * params.in_width + x) * params.in_stride + k - tap * params.in_quads];
            let row = params.weights + k * 4u * params.out_quads + column;
            let matrix = mat4x4<f32>(weight(row), weight(row + params.out_quads), weight(row + 2u * params.out_quads), weight(row + 3u * params.out_quads));
            sum += matrix * value;
        }
    }
    partial[lane] = sum;
    workgroupBarrier();
    if lane < 32u {
        for (var i = lane + 32u; i < 256u; i += 32u) {
            sum += partial[i];
        }
        partial[lane] = sum;
    }
    workgroupBarrier();
    if lane < 4u && quad < params.out_quads && pixel < out_pixels() {
        for (var i = lane + 4u; i < 32u; i += 4u) {
            sum += partial[i];
        }
        store(pixel, quad, sum);
    }
}
