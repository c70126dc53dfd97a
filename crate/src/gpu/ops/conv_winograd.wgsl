// Convolutions with stride 1, of 3x3 or of seven taps along one axis, by fewer multiplications (Lavin and Gray 2016, "Fast
// algorithms for convolutional neural networks"): SIDE neighbouring outputs along each axis of the kernel, a patch, come of
// SIZE inputs and the weights, both transformed along that axis, by one product for each of the SIZE * CROSS places. A
// dispatch has several tasks; a workgroup computes PATCHES patches of COLUMNS vec4s of output channels of one of them. At each
// step it transforms a vec4 of input channels, and the weights that belong to it, down and then across (where the kernel has
// one axis, along that alone), in workgroup memory; so weights need no second form of their own. An invocation adds up the
// products of one place, for several patches and vec4s of output channels. A line with $p stands for one line per patch of an
// invocation, with $q for one per vec4 of output channels, with $w for one per value of a transform.
// Weights are [tap][input][output].
const SIZE = SIDE + TAPS - 1u;
// The same of the other axis.
const CROSS = CROSS_SIDE + CROSS_TAPS - 1u;
const IS_PLANE = CROSS > 1u;
// What there is of each place: inputs by patch, weights by row and vec4 of output channels.
const PLACE = PATCHES + 4u * COLUMNS;
const ACROSS = PATCHES / OWN_PATCHES;
// Invocations for each place.
const LANES = ACROSS * COLUMNS / OWN_QUADS;
// Results of an invocation that are transformed back at once, and those of all.
const RESULTS = TURN * OWN_QUADS;
const ITEMS = RESULTS * LANES;

alias Line = array<vec4<f32>, SIZE>;

var<workgroup> memory: array<vec4<f32>, SIZE * CROSS * PLACE>;

@compute @workgroup_size(SIZE * CROSS * LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let index = group.y * groups.x + group.x;
    let here = task_of(index);
    task = here;
    let splits = tasks[here].splits;
    let column_tiles = (tasks[here].out_quads + COLUMNS - 1u) / COLUMNS;
    let own = (index - tasks[here].first_group) / column_tiles;
    let first_quad = (index - tasks[here].first_group - own * column_tiles) * COLUMNS;
    let split = own % splits;
    let first = own / splits * PATCHES;
    let quads = tasks[here].in_quads;
    let begin = split * quads / splits;
    let end = (split + 1u) * quads / splits;

    // What this invocation transforms: first a line along the kernel's axis, or down, then one across, of a patch's inputs or of
    // the weights of one input.
    let is_input = lane < PATCHES * CROSS;
    let spare = lane - PATCHES * CROSS;
    let column = select(spare / (4u * COLUMNS), lane / PATCHES, is_input);
    let slot = select(PATCHES + spare % (4u * COLUMNS), lane % PATCHES, is_input);
    let quad = first_quad + spare % COLUMNS;
    let at = patch_of(first + lane % PATCHES);
    let y = at.row - params.top;
    let x = at.column - params.left + column;
    let is_flat = is_flat();
    let begins = select(0u, select(y, x, is_flat), is_input);
    let image = params.in_base + at.image * params.in_height * params.in_width * params.in_stride;
    let weight_row = params.weights + (column * params.in_quads * 4u + spare / COLUMNS % 4u) * params.out_quads + quad;
    let start = select(weight_row, image + (y * params.in_width + x) * params.in_stride, is_input);
    let length = select(TAPS, select(params.in_height, params.in_width, is_flat), is_input);
    let input_down = select(params.in_width, 1u, is_flat) * params.in_stride;
    let down = select(CROSS_TAPS * 4u * params.in_quads * params.out_quads, input_down, is_input);
    let deeper = select(4u * params.out_quads, 1u, is_input);
    let is_near = at.image < params.images && select(x < params.in_width, y < params.in_height, is_flat);
    let is_inside = select(column < CROSS_TAPS && quad < params.out_quads, is_near, is_input);
    var line: Line;
    line[$w] = near(start + $wu * down + begin * deeper, is_input, is_inside && begins + $wu < length && begin < end);

    let place = lane / LANES * PLACE;
    let own_patch = place + lane % ACROSS;
    let own_quad = place + PATCHES + lane % LANES / ACROSS;
    var sum$p_$q = vec4<f32>(0.0);
    for (var c = begin; c < end; c++) {
        workgroupBarrier();
        if is_input || column < CROSS_TAPS {
            line = transformed(line, is_input);
            memory[($wu * CROSS + column) * PLACE + slot] = line[$w];
        }
        workgroupBarrier();
        if IS_PLANE {
            if column < SIZE {
                line[$w] = memory[(column * SIZE + $wu) * PLACE + slot];
                line = transformed(line, is_input);
                memory[(column * SIZE + $wu) * PLACE + slot] = line[$w];
            }
            workgroupBarrier();
        }
        line[$w] = near(start + $wu * down + (c + 1u) * deeper, is_input, is_inside && begins + $wu < length && c + 1u < end);
        let value$p = memory[own_patch + $pu * ACROSS];
        let at$q = own_quad + $qu * (COLUMNS / OWN_QUADS);
        let matrix$q = mat4x4<f32>(memory[at$q], memory[at$q + COLUMNS], memory[at$q + 2u * COLUMNS], memory[at$q + 3u * COLUMNS]);
        sum$p_$q += matrix$q * value$p;
    }
    // As many results at a time as there is room for.
    let result = lane / LANES * ITEMS + lane % LANES;
    if $pu % TURN == 0u && $qu == 0u { workgroupBarrier(); } memory[result + ($pu % TURN * OWN_QUADS + $qu) * LANES] = sum$p_$q; if $pu % TURN == TURN - 1u && $qu == OWN_QUADS - 1u { workgroupBarrier(); if IS_PLANE { down_back(lane); workgroupBarrier(); } back($pu + 1u - TURN, lane, first, first_quad, split); }
}

struct Patch {
    image: u32,
    row: u32,
    column: u32,
}

// Whether the one axis of the kernel goes along a row.
fn is_flat() -> bool {
    return !IS_PLANE && params.kernel_height == 1u;
}

// Where a patch of all images lies among the outputs.
fn patch_of(at: u32) -> Patch {
    let sides = select(vec2<u32>(SIDE, CROSS_SIDE), vec2<u32>(CROSS_SIDE, SIDE), is_flat());
    let across = (params.out_width + sides.y - 1u) / sides.y;
    let all = across * ((params.out_height + sides.x - 1u) / sides.x);
    let image = at / all;
    let inside = at - image * all;
    let row = inside / across;
    return Patch(image, row * sides.x, (inside - row * across) * sides.y);
}

fn near(at: u32, is_input: bool, wanted: bool) -> vec4<f32> {
    if !wanted {
        return vec4<f32>(0.0);
    }
    if is_input {
        return arena[at];
    }
    return weight(at);
}

// Transforms a column of the products of each result back.
fn down_back(lane: u32) {
    if lane < ITEMS * SIZE {
        var line: Line;
        line[$w] = memory[lane + $wu * SIZE * ITEMS];
        line = back_of(line);
        if $wu < SIDE { memory[lane + $wu * SIZE * ITEMS] = line[$w]; }
    }
}

// Transforms a line of the products of each result back, and stores its outputs.
fn back(p: u32, lane: u32, first: u32, first_quad: u32, split: u32) {
    let item = lane % ITEMS;
    let row = lane / ITEMS;
    let own = item % LANES;
    let at = patch_of(first + own % ACROSS + (p + item / (LANES * OWN_QUADS)) * ACROSS);
    let quad = first_quad + own / ACROSS + item / LANES % OWN_QUADS * (COLUMNS / OWN_QUADS);
    let y = at.row + row;
    if row >= CROSS_SIDE || at.image >= params.images || y >= params.out_height || quad >= params.out_quads {
        return;
    }
    var line: Line;
    line[$w] = memory[(row * SIZE + $wu) * ITEMS + item];
    line = back_of(line);
    let is_row = IS_PLANE || is_flat();
    let left = select(params.out_height - y, params.out_width - at.column, is_row);
    let step = select(params.out_width, 1u, is_row);
    let pixel = (at.image * params.out_height + y) * params.out_width + at.column;
    for (var i = 0u; i < min(SIDE, left); i++) {
        if params.splits > 1u {
            arena[params.partial + (split * out_pixels() + pixel + i * step) * params.out_quads + quad] = line[i];
        } else {
            store(pixel + i * step, quad, line[i]);
        }
    }
}
