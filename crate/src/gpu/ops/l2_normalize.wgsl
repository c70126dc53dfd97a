// A vector divided by its Euclidean norm, at least 1e-12, in one workgroup an image; spare lanes hold zeros.
var<workgroup> partial: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) image: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let first = params.in_base + image.x * params.in_stride;
    var sum = 0.0;
    for (var quad = lane; quad < params.out_quads; quad += 64u) {
        let value = arena[first + quad];
        sum += dot(value, value);
    }
    partial[lane] = sum;
    workgroupBarrier();
    sum = 0.0;
    for (var i = 0u; i < 64u; i++) {
        sum += partial[i];
    }
    let norm = max(sqrt(sum), 1e-12);
    for (var quad = lane; quad < params.out_quads; quad += 64u) {
        arena[params.out_base + image.x * params.out_stride + quad] = arena[first + quad] / norm;
    }
}
