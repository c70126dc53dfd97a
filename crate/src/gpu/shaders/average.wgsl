// Average over windows that cover the input; of one output position, the global average.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let index = flat_index(id, groups, 64u);
    let quad = index % params.out_quads;
    let pixel = index / params.out_quads;
    if pixel >= params.out_height * params.out_width {
        return;
    }
    let row = pixel / params.out_width;
    let column = pixel % params.out_width;
    let top = row * params.in_height / params.out_height;
    let bottom = ((row + 1u) * params.in_height + params.out_height - 1u) / params.out_height;
    let left = column * params.in_width / params.out_width;
    let right = ((column + 1u) * params.in_width + params.out_width - 1u) / params.out_width;
    var sum = vec4<f32>(0.0);
    for (var y = top; y < bottom; y++) {
        for (var x = left; x < right; x++) {
            sum += input[params.in_base + (y * params.in_width + x) * params.in_stride + quad];
        }
    }
    output[params.out_base + pixel * params.out_stride + quad] = sum / f32((bottom - top) * (right - left));
}
