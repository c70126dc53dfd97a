//! The table of convolution tiles, and which of its rows a layer takes.

use super::wgsl::wgsl;

/// How a convolution's sums are spread over invocations.
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
    /// 8 x 16 invocations share their reads through workgroup memory.
    Shared {
        /// Output pixels per invocation.
        pixels: u32,
    },
}

/// As in ops/conv_shared.wgsl.
const ROWS: u32 = 8;
const COLUMNS: u32 = 16;
const DEPTH: u32 = 4;

/// Workgroups that keep the cores of a common GPU busy.
const ENOUGH: u32 = 64;

/// The most workgroups along one dimension, by WebGPU's default limits.
const MAX_GROUPS: u32 = 65_535;

/// Workgroups for `count` invocations, over two dimensions where one is not enough.
pub(super) fn flat(count: u32, group: u32) -> [u32; 2] {
    let groups = count.div_ceil(group);
    let rows = groups.div_ceil(MAX_GROUPS).max(1);
    [groups.div_ceil(rows), rows]
}

impl Tile {
    /// The row for an output of `pixels` positions of `quads` vec4s of channels. Software adapters keep workgroup memory
    /// in the same caches as storage, so copying into it only costs; larger tiles
    /// than theirs run no faster and take longer to compile. Others get tiles that are smaller the fewer
    /// workgroups there would be: a GPU without work for all its cores waits.
    pub fn choose(software: bool, pixels: u32, quads: u32) -> Self {
        match (software, pixels) {
            (true, 1..=4) => Self::Direct { pixels: 1, quads: 1, group: 8 },
            (true, _) => Self::Direct { pixels: 8, quads: 3, group: 8 },
            (false, 1..=4) => Self::Direct { pixels: 1, quads: 1, group: 64 },
            // More than one dimension holds: the only tile that is spread over two.
            (false, _) if pixels.div_ceil(ROWS * 8) > MAX_GROUPS => Self::Direct { pixels: 8, quads: 3, group: 64 },
            (false, _) => [8, 4]
                .map(|pixels| Self::Shared { pixels })
                .into_iter()
                .find(|tile| tile.workgroups(pixels, quads).iter().product::<u32>() >= ENOUGH)
                .unwrap_or(Self::Shared { pixels: 2 }),
        }
    }

    /// Workgroups for `pixels` positions of `quads` vec4s.
    pub fn workgroups(self, pixels: u32, quads: u32) -> [u32; 2] {
        match self {
            Self::Direct { pixels: p, quads: q, group } => flat(pixels.div_ceil(p) * quads.div_ceil(q), group),
            Self::Shared { pixels: p } => [quads.div_ceil(COLUMNS), pixels.div_ceil(ROWS * p)],
        }
    }

    /// The shader with the tile written out: a line with `$p` once per pixel, with `$q` once per vec4 of channels, or per
    /// value that an invocation copies.
    pub fn source(self) -> String {
        let (text, pixels, quads) = match self {
            Self::Direct { pixels, quads, .. } => (wgsl!("ops/conv.wgsl"), pixels, quads),
            Self::Shared { pixels } => (wgsl!("ops/conv_shared.wgsl"), pixels, (pixels * DEPTH).div_ceil(COLUMNS)),
        };
        let lines = text.lines().flat_map(|line| {
            let p = if line.contains("$p") { pixels } else { 1 };
            let q = if line.contains("$q") { quads } else { 1 };
            let filled = move |p: u32, q: u32| line.replace("$p", &p.to_string()).replace("$q", &q.to_string());
            (0..p).flat_map(move |p| (0..q).map(move |q| filled(p, q)))
        });
        let sizes = format!("const PIXELS = {pixels}u;\nconst QUADS = {quads}u;");
        std::iter::once(sizes).chain(lines).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_GROUPS, Tile};

    /// Of the largest pictures too, GoogLeNet's first convolution of 4096 x 4096 among them.
    #[test]
    fn no_dimension_has_more_workgroups_than_webgpu_allows() {
        for software in [false, true] {
            for pixels in [1, 4, 5, 12_544, 2048 * 2048 - 64, 2048 * 2048, 4096 * 4096, 1 << 26] {
                for quads in [1, 16, 384] {
                    let tile = Tile::choose(software, pixels, quads);
                    let [x, y] = tile.workgroups(pixels, quads);
                    assert!(x <= MAX_GROUPS && y <= MAX_GROUPS, "{tile:?}: {x} x {y} for {pixels} of {quads}");
                }
            }
        }
    }
}
