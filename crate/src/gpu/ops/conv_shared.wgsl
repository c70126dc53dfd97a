// Convolutions as implicit GEMM through workgroup memory, for GPUs with caches of their own per workgroup. A dispatch has
// several tasks, none of which waits for another; a workgroup computes ROWS * PIXELS pixels of COLUMNS vec4s of output
// channels of one of them, over all of its inputs or over one of its splits. At each step it copies CHUNK vec4s of inputs,
// which run on from one tap into the next, while it works on those of the step before. Its invocations divide these into
// SLICES, whose sums they add up at the end, in order. A line with $p stands for one line per pixel of an invocation's
// tile, with $q for one per value that it copies, with $w for one per vec4 of weights. Weights are [tap][input][output].
const TILE = ROWS * PIXELS;
const CHUNK = SLICES * DEPTH;
const PLACES = COLUMNS * ROWS;
const LANES = PLACES * SLICES;

// Whether every window is one position, and whether some tasks pool what they read.
override POINT: bool;
override POOLED: bool;

// Input by pixel; the pixels of a row are moved about so that invocations side by side never want the same bank.
var<workgroup> values: array<vec4<f32>, CHUNK * TILE>;
var<workgroup> panel: array<Packed, 4u * CHUNK * COLUMNS>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let index = group.y * groups.x + group.x;
    let here = task_of(index);
    task = here;
    let splits = tasks[here].splits;
    let column_tiles = (tasks[here].out_quads + COLUMNS - 1u) / COLUMNS;
    let own = (index - tasks[here].first_group) / column_tiles;
    let first_quad = (index - tasks[here].first_group - own * column_tiles) * COLUMNS;
    let split = own % splits;
    let first_pixel = own / splits * TILE;
    let pixels = out_pixels();
    let depth = tasks[here].depth;
    let chunks = (depth + CHUNK - 1u) / CHUNK;
    let begin = split * chunks / splits * CHUNK;
    let end = (split + 1u) * chunks / splits * CHUNK;

    // What this invocation copies: a CHUNK of invocations copies one pixel.
    let k = lane % CHUNK;
    let copied$q = lane / CHUNK + $qu * (LANES / CHUNK);
    let pixel$q = first_pixel + copied$q;
    let at$q = position(min(pixel$q, pixels - 1u));
    let y$q = at$q.row * params.stride_y - params.top;
    let x$q = at$q.column * params.stride_x - params.left;
    let from$q = at$q.image + select(0u, (y$q * params.in_width + x$q) * params.in_stride, POINT);
    var c = begin + k;
    var ky = 0u;
    var kx = 0u;
    if !POINT && !is_pooled() {
        let tap = c / params.in_quads;
        c -= tap * params.in_quads;
        ky = tap / params.kernel_width;
        kx = tap - ky * params.kernel_width;
    }
    var value$q = near(from$q, y$q, x$q, ky, kx, c, pixel$q < pixels && begin + k < depth);
    let column = lane % COLUMNS;
    let row$w = lane / COLUMNS + $wu * (LANES / COLUMNS);
    var weight$w = row_of(begin * 4u + row$w, first_quad + column);

    let slice = lane / PLACES;
    let place = lane % PLACES;
    let x = place % COLUMNS;
    let y = place / COLUMNS;
    var sum$p = vec4<f32>(0.0);
    for (var start = begin; start < end; start += CHUNK) {
        workgroupBarrier();
        values[k * TILE + (copied$q ^ k)] = value$q;
        panel[row$w * COLUMNS + column] = weight$w;
        workgroupBarrier();
        c += CHUNK;
        if !POINT && !is_pooled() {
            while c >= params.in_quads {
                c -= params.in_quads;
                kx++;
                if kx == params.kernel_width {
                    kx = 0u;
                    ky++;
                }
            }
        }
        let next = start + CHUNK;
        value$q = near(from$q, y$q, x$q, ky, kx, c, pixel$q < pixels && next + k < depth && next < end);
        weight$w = row_of(next * 4u + row$w, first_quad + column);
        for (var d = 0u; d < DEPTH; d++) {
            let quad = slice * DEPTH + d;
            let at = quad * 4u * COLUMNS + x;
            let matrix = mat4x4<f32>(unpacked(panel[at]), unpacked(panel[at + COLUMNS]), unpacked(panel[at + 2u * COLUMNS]), unpacked(panel[at + 3u * COLUMNS]));
            sum$p += matrix * values[quad * TILE + (($pu * ROWS + y) ^ quad)];
        }
    }
    // As many sums at a time as there is room for, those of a slice's invocations side by side.
    let pixel = first_pixel + y;
    let quad = first_quad + x;
    if $pu % COPIED == 0u { workgroupBarrier(); } values[($pu % COPIED * SLICES + slice) * PLACES + place] = sum$p; if $pu % COPIED == COPIED - 1u { workgroupBarrier(); added($pu + 1u - COPIED + slice, slice, place, pixel, quad, split, pixels); }
}

// Adds up what the slices have of an invocation's pixel `p`, of the `round` of those that are there, and stores it.
fn added(p: u32, round: u32, place: u32, first: u32, quad: u32, split: u32, pixels: u32) {
    let pixel = first + p * ROWS;
    if round >= COPIED || pixel >= pixels || quad >= params.out_quads {
        return;
    }
    var sum = vec4<f32>(0.0);
    for (var slice = 0u; slice < SLICES; slice++) {
        sum += values[(round * SLICES + slice) * PLACES + place];
    }
    if params.splits > 1u {
        arena[params.partial + (split * pixels + pixel) * params.out_quads + quad] = sum;
    } else {
        store(pixel, quad, sum);
    }
}

fn is_pooled() -> bool {
    return POOLED && (params.flags & POOL) != 0u;
}

// A vec4 of the input, or of what a pool makes of it, or zeros outside of it.
fn near(image: u32, y: u32, x: u32, ky: u32, kx: u32, c: u32, wanted: bool) -> vec4<f32> {
    if !wanted {
        return vec4<f32>(0.0);
    }
    if POINT {
        return arena[image + c];
    }
    if is_pooled() {
        return pooled(image, y, x, c);
    }
    if y + ky < params.in_height && x + kx < params.in_width {
        return arena[image + ((y + ky) * params.in_width + x + kx) * params.in_stride + c];
    }
    return vec4<f32>(0.0);
}

// A vec4 of a row of weights.
fn row_of(row: u32, quad: u32) -> Packed {
    if row < params.depth * 4u && quad < params.out_quads {
        return weights[params.weights + row * params.out_quads + quad];
    }
    return Packed();
}
