// A picture of 8-bit levels to the network's input: each channel's value of each level comes from a table, so that it is
// the very value that the CPU computes. The fourth lane holds zeros.
@group(0) @binding(2) var<storage, read> pixels: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let pixel = flat_index(id, groups, 64u);
    if pixel >= out_pixels() {
        return;
    }
    let levels = (vec3<u32>(pixels[pixel]) >> vec3<u32>(0u, 8u, 16u)) & vec3<u32>(255u);
    let value = vec4<f32>(factors[levels.x].x, factors[levels.y].y, factors[levels.z].z, 0.0);
    arena[params.out_base + pixel * params.out_stride] = value;
}
