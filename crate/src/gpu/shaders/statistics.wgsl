// Per vec4 of channels: mean, standard deviation, smallest, largest value and share of zeros over all positions of one
// image, in one workgroup. The mean comes first, so that the deviations lose nothing.
var<workgroup> partial: array<vec4<f32>, 64>;

fn total(lane: u32, value: vec4<f32>) -> vec4<f32> {
    workgroupBarrier();
    partial[lane] = value;
    workgroupBarrier();
    var sum = vec4<f32>(0.0);
    for (var i = 0u; i < 64u; i++) {
        sum += partial[i];
    }
    return sum;
}

fn largest(lane: u32, value: vec4<f32>) -> vec4<f32> {
    workgroupBarrier();
    partial[lane] = value;
    workgroupBarrier();
    var most = partial[0];
    for (var i = 1u; i < 64u; i++) {
        most = max(most, partial[i]);
    }
    return most;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let pixels = params.in_height * params.in_width;
    let first = params.in_base + group.y * pixels * params.in_stride + group.x;
    var sum = vec4<f32>(0.0);
    var zeros = vec4<f32>(0.0);
    var low = vec4<f32>(3.4028234e38);
    var high = vec4<f32>(-3.4028234e38);
    for (var pixel = lane; pixel < pixels; pixel += 64u) {
        let value = arena[first + pixel * params.in_stride];
        sum += value;
        zeros += select(vec4<f32>(0.0), vec4<f32>(1.0), value == vec4<f32>(0.0));
        low = min(low, value);
        high = max(high, value);
    }
    let count = f32(pixels);
    let mean = total(lane, sum) / count;
    var squares = vec4<f32>(0.0);
    for (var pixel = lane; pixel < pixels; pixel += 64u) {
        let difference = arena[first + pixel * params.in_stride] - mean;
        squares += difference * difference;
    }
    let deviation = sqrt(total(lane, squares) / count);
    let sparsity = total(lane, zeros) / count;
    low = -largest(lane, -low);
    high = largest(lane, high);
    if lane == 0u {
        let at = params.out_base + (group.y * params.out_quads + group.x) * 5u;
        arena[at] = mean;
        arena[at + 1u] = deviation;
        arena[at + 2u] = low;
        arena[at + 3u] = high;
        arena[at + 4u] = sparsity;
    }
}
