// Maximum or average over a window.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let here = item(id, groups);
    if here.pixel >= out_pixels() {
        return;
    }
    let at = position(here.pixel);
    let value = pooled(at.image, at.row * params.stride_y - params.top, at.column * params.stride_x - params.left, here.quad);
    arena[params.out_base + here.pixel * params.out_stride + here.quad] = value;
}
