// Convolution as implicit GEMM: each invocation keeps a tile of PIXELS x QUADS sums in registers and reads storage
// directly. A line with $p stands for one line per pixel of the tile, with $q for one per vec4 of output channels.
// Weights are [tap][input channel][output channel].
override GROUP: u32;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let index = flat_index(id, groups, GROUP);
    let pixels = out_pixels();
    let tiles = (params.out_quads + QUADS - 1u) / QUADS;
    let quad = index % tiles * QUADS;
    let pixel = index / tiles * PIXELS;
    if pixel >= pixels {
        return;
    }
    let pixel$p = min(pixel + $pu, pixels - 1u);
    let at$p = position(pixel$p);
    let y$p = at$p.row * params.stride_y - params.top;
    let x$p = at$p.column * params.stride_x - params.left;
    let quad$q = min(quad + $qu, params.out_quads - 1u);
    var sum$p_$q = vec4<f32>(0.0);
    var row = params.weights;
    for (var ky = 0u; ky < params.kernel_height; ky++) {
        for (var kx = 0u; kx < params.kernel_width; kx++) {
            let inside$p = y$p + ky < params.in_height && x$p + kx < params.in_width;
            let from$p = select(0u, at$p.image + ((y$p + ky) * params.in_width + x$p + kx) * params.in_stride, inside$p);
            for (var c = 0u; c < params.in_quads; c++) {
                let value$p = select(vec4<f32>(0.0), arena[from$p + c], inside$p);
                let row1 = row + params.out_quads;
                let row2 = row1 + params.out_quads;
                let row3 = row2 + params.out_quads;
                let matrix$q = mat4x4<f32>(weight(row + quad$q), weight(row1 + quad$q), weight(row2 + quad$q), weight(row3 + quad$q));
                sum$p_$q += matrix$q * value$p;
                row = row3 + params.out_quads;
            }
        }
    }
    if pixel + $pu < pixels && quad + $qu < params.out_quads { store(pixel$p, quad$q, sum$p_$q); }
}
