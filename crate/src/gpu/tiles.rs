//! The table of tiles: how the products of convolutions and linear layers are spread over workgroups, and which row a
//! wave of them takes.

use super::wgsl::wgsl;
use crate::cpu::points;

/// How sums of products are spread over invocations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Tile {
    /// Each invocation reads storage directly.
    Direct {
        /// Output pixels per invocation.
        pixels: u32,
        /// Vec4s of output channels per invocation.
        quads: u32,
        /// Invocations per workgroup.
        group: u32,
    },
    /// Invocations share what they read through workgroup memory.
    Shared(Shared),
    /// The same by fewer multiplications, for convolutions with stride 1 of 3x3, 1x7 and 7x1.
    Winograd(Winograd),
    /// For a few pixels: a workgroup divides the inputs of four vec4s of output channels among all its invocations.
    Vector,
}

/// A tile of outputs that a workgroup computes through workgroup memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shared {
    /// Vec4s of output channels, each of another invocation.
    pub columns: u32,
    /// Invocations over pixels.
    pub rows: u32,
    /// Output pixels per invocation.
    pub pixels: u32,
    /// Parts into which the inputs are divided, each summed by other invocations.
    pub slices: u32,
    /// Vec4s of inputs that each part goes through from one barrier to the next.
    pub depth: u32,
}

/// A tile of outputs by Winograd's form: F(2x2, 3x3), F(4x4, 3x3), or F(4, 7) along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Winograd {
    /// Taps along each axis of the kernel.
    pub taps: u32,
    /// Neighbouring outputs along each of them that share their products: a patch.
    pub side: u32,
    /// Both of the axis that the kernel does not have: 1; of one with two axes as above.
    pub cross: [u32; 2],
    /// Patches.
    pub patches: u32,
    /// Vec4s of output channels.
    pub columns: u32,
    /// Patches and vec4s of output channels of which an invocation adds up the products of one place.
    pub own: [u32; 2],
    /// Of these patches, those that are transformed back at once.
    pub turn: u32,
}

/// The rows of Winograd's form, all within the same limits.
pub(super) const WINOGRAD: [Winograd; 3] = [
    Winograd { taps: 3, side: 2, cross: [3, 2], patches: 32, columns: 8, own: [4, 4], turn: 1 },
    Winograd { taps: 3, side: 4, cross: [3, 4], patches: 12, columns: 4, own: [4, 2], turn: 2 },
    Winograd { taps: 7, side: 4, cross: [1, 1], patches: 32, columns: 8, own: [4, 4], turn: 1 },
];

/// The rows, from the largest tile to the smallest. All are 256 invocations and within 16 KiB of workgroup memory, WebGPU's
/// default limits; each step takes 32 inputs (64 in the smallest).
pub(super) const SHARED: [Shared; 6] = [
    Shared { columns: 16, rows: 8, pixels: 16, slices: 2, depth: 2 },
    Shared { columns: 16, rows: 8, pixels: 8, slices: 2, depth: 4 },
    Shared { columns: 8, rows: 8, pixels: 8, slices: 4, depth: 2 },
    Shared { columns: 16, rows: 4, pixels: 8, slices: 4, depth: 2 },
    Shared { columns: 8, rows: 4, pixels: 8, slices: 8, depth: 1 },
    Shared { columns: 8, rows: 4, pixels: 4, slices: 8, depth: 2 },
];

/// Convolutions and linear layers of one dispatch at most, by the length of the shader's table.
pub(super) const TASKS: usize = 8;

/// Pixels up to which a product is one of a vector.
const FEW_PIXELS: u32 = 4;

/// Vec4s of output channels of a workgroup of [`Tile::Vector`].
const VECTOR_QUADS: u32 = 4;

/// Cores of a common GPU, each at one workgroup: there should be work for all.
const CORES: f64 = 32.0;

/// The most parts into which workgroups divide the inputs of a product among one another.
const MOST_SPLITS: u32 = 8;

/// What a vec4 costs that a workgroup reads from storage, in multiply-adds of an invocation: 64 bytes come to a core while it
/// does 128 of them.
const READ: f64 = 0.125;

/// What a workgroup waits at each step besides its own work, in the same unit.
const STEP: f64 = 75.0;

/// What an invocation takes to transform a line, for the square of its length, in the same unit.
const TRANSFORM: f64 = 2.5;

/// What a second pass costs, in the same unit: the launch of a dispatch, some microseconds.
const PASS: f64 = 8000.0;

/// The most workgroups along one dimension, by WebGPU's default limits.
const MAX_GROUPS: u32 = 65_535;

/// Workgroups for `count` invocations, over two dimensions where one is not enough.
pub(super) fn flat(count: u32, group: u32) -> [u32; 2] {
    let groups = count.div_ceil(group);
    let rows = groups.div_ceil(MAX_GROUPS).max(1);
    [groups.div_ceil(rows), rows]
}

/// The size of a product: for each pixel and each vec4 of output channels, a sum over vec4s of inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Product {
    /// Output positions of all images.
    pub pixels: u32,
    /// Vec4s of output channels.
    pub quads: u32,
    /// Vec4s of inputs of a sum, all taps of a window.
    pub depth: u32,
    /// Positions that each input is made of, by a pool.
    pub pooled: u32,
    /// The patches of each row of [`WINOGRAD`]; none where it is for other convolutions.
    pub patches: [u32; WINOGRAD.len()],
}

impl Product {
    /// Whether it is one of a vector.
    pub fn is_vector(self) -> bool {
        self.pixels <= FEW_PIXELS
    }
}

impl Shared {
    /// Output pixels.
    pub fn tile(self) -> u32 {
        self.rows * self.pixels
    }

    /// Vec4s of inputs from one barrier to the next.
    pub fn step(self) -> u32 {
        self.slices * self.depth
    }

    fn lanes(self) -> u32 {
        self.columns * self.rows * self.slices
    }

    /// Barriers of a workgroup after its last step, to add up the sums of its slices.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn barriers(self) -> u32 {
        2 * self.pixels / (self.tile() * self.step() / self.lanes())
    }

    /// Workgroups over channels and over pixels.
    pub fn tiles(self, product: Product) -> [u32; 2] {
        [product.quads.div_ceil(self.columns), product.pixels.div_ceil(self.tile())]
    }

    /// Steps that a workgroup goes through, one after another, where each product is split into `splits`.
    pub fn steps(self, product: Product, splits: u32) -> u32 {
        product.depth.div_ceil(self.step()).div_ceil(splits)
    }

    /// What a step takes: the multiply-adds of an invocation, what the workgroup reads, and what it waits besides.
    fn step_cost(self, product: Product) -> f64 {
        let read = (self.tile() * product.pooled + 4 * self.columns) * self.step();
        f64::from(16 * self.depth * self.pixels) + f64::from(read) * READ + STEP
    }

    /// What a workgroup takes for its part of a product.
    fn group_cost(self, product: Product, splits: u32) -> f64 {
        f64::from(self.steps(product, splits)) * self.step_cost(product)
    }
}

impl Winograd {
    /// Whether a convolution of that kernel, with stride 1, has the form.
    pub fn computes(self, kernel: [u32; 2]) -> bool {
        let [taps, cross] = [self.taps, self.cross[0]];
        kernel == [taps, cross] || kernel == [cross, taps]
    }

    /// Outputs of a patch of such a kernel, down and across.
    pub fn sides(self, kernel: [u32; 2]) -> [u32; 2] {
        let [side, cross] = [self.side, self.cross[1]];
        if kernel[0] == self.taps { [side, cross] } else { [cross, side] }
    }

    /// Inputs of a patch along an axis of the kernel, and the products that it takes along it.
    fn size(self) -> u32 {
        self.side + self.taps - 1
    }

    /// The same along the other axis.
    fn cross_size(self) -> u32 {
        self.cross[1] + self.cross[0] - 1
    }

    fn places(self) -> u32 {
        self.size() * self.cross_size()
    }

    fn all_taps(self) -> u32 {
        self.taps * self.cross[0]
    }

    /// Axes along which a patch is transformed.
    fn axes(self) -> u32 {
        if self.cross_size() > 1 { 2 } else { 1 }
    }

    /// Outputs of a workgroup, all channels of a position counted as one.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn tile(self) -> u32 {
        self.patches * self.side * self.cross[1]
    }

    /// Products for each of those that the outputs are sums of.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn products(self) -> f64 {
        f64::from(self.places()) / f64::from(self.all_taps() * self.side * self.cross[1])
    }

    /// Vec4s that a workgroup reads at each step.
    fn reads(self) -> u32 {
        self.patches * self.places() + 4 * self.all_taps() * self.columns
    }

    /// Barriers of a workgroup: at each step and, for each turn, at its end.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn barriers(self, steps: u32) -> u32 {
        (1 + self.axes()) * (steps + self.turns())
    }

    fn turns(self) -> u32 {
        self.own[0] / self.turn
    }

    /// Workgroups over channels and over patches.
    pub fn tiles(self, product: Product) -> [u32; 2] {
        let own = WINOGRAD.iter().zip(product.patches).find(|(row, _)| **row == self);
        [product.quads.div_ceil(self.columns), own.map_or(0, |(_, patches)| patches.div_ceil(self.patches))]
    }

    /// Steps that a workgroup goes through, one after another, where each product is split into `splits`.
    pub fn steps(self, product: Product, splits: u32) -> u32 {
        (product.depth / self.all_taps()).div_ceil(splits)
    }

    /// What a workgroup takes for its part of a product.
    fn group_cost(self, product: Product, splits: u32) -> f64 {
        let transform = TRANSFORM * f64::from(self.axes() * self.size() * self.size());
        let waits = f64::from(1 + self.axes()) * STEP / 2.0;
        let step = f64::from(16 * self.own[0] * self.own[1]) + transform + f64::from(self.reads()) * READ;
        let end = f64::from(self.turns()) * (transform + waits);
        f64::from(self.steps(product, splits)) * (step + waits) + end
    }
}

/// How a wave of products may be computed: a tile, and into how many parts the inputs of each are divided among workgroups.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Way {
    pub tile: Tile,
    pub splits: Vec<u32>,
}

impl Way {
    /// A single product, in one part.
    pub fn whole(tile: Tile) -> Self {
        Self { tile, splits: vec![1] }
    }
}

/// The ways of a wave, in an order that is always the same: each tile, whole and split for a common GPU and for a large
/// one; Winograd's where all of the wave can go it.
pub(super) fn ways(products: &[Product]) -> Vec<Way> {
    let mut ways = vec![];
    let winograd = (0..).zip(WINOGRAD).filter(|(i, _)| products.iter().all(|product| product.patches[*i] > 0));
    let winograd = winograd.map(|(_, row)| Tile::Winograd(row));
    for tile in SHARED.into_iter().map(Tile::Shared).chain(winograd) {
        let split = [CORES, 4.0 * CORES].map(|cores| tile.splits(products, cores));
        for splits in std::iter::once(vec![1; products.len()]).chain(split) {
            let way = Way { tile, splits };
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
    }
    ways
}

/// The index of the way that is likely to be the fastest: a larger tile reads less, a smaller one, or a split, has work for
/// more cores.
pub(super) fn predicted(products: &[Product], ways: &[Way]) -> usize {
    let cost = |i: &usize| ways[*i].tile.cost(products, &ways[*i].splits);
    (0..ways.len()).min_by(|a, b| cost(a).total_cmp(&cost(b))).unwrap_or(0)
}

impl Tile {
    /// The row where the processor plays the GPU: workgroup memory lies in the same caches as storage, so copying into it
    /// only costs; larger tiles run no faster and take longer to compile.
    pub fn software(product: Product) -> Self {
        match product.is_vector() {
            true => Self::Direct { pixels: 1, quads: 1, group: 8 },
            false => Self::Direct { pixels: 8, quads: 3, group: 8 },
        }
    }

    /// Workgroups of a product that is split into so many parts.
    pub fn workgroups(self, product: Product, splits: u32) -> u32 {
        let Product { pixels, quads, .. } = product;
        match self {
            Self::Direct { pixels: p, quads: q, group } => (pixels.div_ceil(p) * quads.div_ceil(q)).div_ceil(group),
            Self::Shared(tile) => tile.tiles(product).iter().product::<u32>() * splits,
            Self::Winograd(tile) => tile.tiles(product).iter().product::<u32>() * splits,
            Self::Vector => pixels * quads.div_ceil(VECTOR_QUADS),
        }
    }

    /// What a workgroup takes for its part of a product; only where it works through workgroup memory.
    fn group_cost(self, product: Product, splits: u32) -> f64 {
        match self {
            Self::Shared(tile) => tile.group_cost(product, splits),
            Self::Winograd(tile) => tile.group_cost(product, splits),
            Self::Direct { .. } | Self::Vector => 0.0,
        }
    }

    /// What the products of a wave take at once, in multiply-adds of an invocation.
    fn cost(self, products: &[Product], splits: &[u32]) -> f64 {
        let each = products.iter().zip(splits);
        let longest = each.clone().map(|(&p, &s)| self.group_cost(p, s)).fold(0.0, f64::max);
        let all: f64 = each.map(|(&p, &s)| f64::from(self.workgroups(p, s)) * self.group_cost(p, s)).sum();
        let second = if splits.iter().any(|&s| s > 1) { PASS } else { 0.0 };
        (all / CORES).max(longest) + second
    }

    /// How the products of a wave are split so that none takes much longer than all would if every one of so many cores
    /// were always at work.
    fn splits(self, products: &[Product], cores: f64) -> Vec<u32> {
        let all: f64 = products.iter().map(|&p| f64::from(self.workgroups(p, 1)) * self.group_cost(p, 1)).sum();
        let parts = |&p: &Product| (self.group_cost(p, 1) * cores / all).ceil() as u32;
        products.iter().map(|p| parts(p).clamp(1, MOST_SPLITS)).collect()
    }

    /// The shader with the tile written out: a line with `$p` once per pixel or patch, with `$q` once per vec4 of
    /// channels, or per value that an invocation copies, and with `$w` once per vec4 of weights that it copies, or value of a
    /// transform.
    pub fn source(self) -> String {
        let constants = |list: &[(&str, u32)]| -> String {
            list.iter().map(|(name, value)| format!("const {name} = {value}u;\n")).collect()
        };
        let (text, constants, [pixels, quads, weights]) = match self {
            Self::Direct { pixels, quads, .. } => {
                (wgsl!("ops/conv.wgsl"), constants(&[("PIXELS", pixels), ("QUADS", quads)]), [pixels, quads, 0])
            }
            Self::Shared(tile) => {
                let Shared { columns, rows, pixels, slices, depth } = tile;
                let copied = |all: u32| all.div_ceil(tile.lanes());
                let copies = [pixels, copied(tile.tile() * tile.step()), copied(4 * tile.step() * columns)];
                let sizes = [
                    ("COLUMNS", columns),
                    ("ROWS", rows),
                    ("PIXELS", pixels),
                    ("SLICES", slices),
                    ("DEPTH", depth),
                    ("COPIED", copies[1]),
                ];
                (wgsl!("ops/conv_shared.wgsl"), constants(&sizes), copies)
            }
            Self::Winograd(tile) => {
                let Winograd { taps, side, cross, patches, columns, own, turn } = tile;
                let sizes = [
                    ("TAPS", taps),
                    ("SIDE", side),
                    ("CROSS_TAPS", cross[0]),
                    ("CROSS_SIDE", cross[1]),
                    ("PATCHES", patches),
                    ("COLUMNS", columns),
                    ("OWN_PATCHES", own[0]),
                    ("OWN_QUADS", own[1]),
                    ("TURN", turn),
                ];
                let transforms = match tile.size() {
                    4 => wgsl!("ops/conv_winograd_2.wgsl"),
                    6 => wgsl!("ops/conv_winograd_4.wgsl"),
                    _ => wgsl!("ops/conv_winograd_7.wgsl"),
                };
                let points = ["A", "B", "C", "D"].into_iter().zip(points(tile.size()));
                let points: String = points.map(|(name, point)| format!("const {name} = {point:?};\n")).collect();
                let head = constants(&sizes) + &points + transforms;
                (wgsl!("ops/conv_winograd.wgsl"), head, [own[0], own[1], tile.size()])
            }
            Self::Vector => (wgsl!("ops/conv_vector.wgsl"), String::new(), [0; 3]),
        };
        let lines = text.lines().flat_map(|line| {
            let times = |mark: &str, count: u32| if line.contains(mark) { count } else { 1 };
            let (p, q, w) = (times("$p", pixels), times("$q", quads), times("$w", weights));
            let filled = move |i: u32| {
                let (p, q, w) = (i / (q * w), i / w % q, i % w);
                line.replace("$p", &p.to_string()).replace("$q", &q.to_string()).replace("$w", &w.to_string())
            };
            (0..p * q * w).map(filled)
        });
        constants + &lines.collect::<Vec<_>>().join("\n")
    }
}
