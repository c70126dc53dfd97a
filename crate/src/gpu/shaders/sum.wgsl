// What workgroups have summed of the splits of convolutions' inputs, added up in order; then what follows the sum.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let index = group.y * groups.x + group.x;
    task = task_of(index);
    let pixels = out_pixels();
    let own = (index - params.first_group) * 64u + lane;
    let pixel = own / params.out_quads;
    let quad = own - pixel * params.out_quads;
    if pixel >= pixels {
        return;
    }
    var sum = vec4<f32>(0.0);
    for (var split = 0u; split < params.splits; split++) {
        sum += arena[params.partial + (split * pixels + pixel) * params.out_quads + quad];
    }
    store(pixel, quad, sum);
}
