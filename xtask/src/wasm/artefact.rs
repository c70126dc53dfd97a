//! The artefacts and what tells them apart.

/// One way of building a crate for the browser.
pub struct Artefact {
    /// The name of its files.
    pub name: &'static str,
    /// The crate.
    pub package: &'static str,
    /// The target folder: artefacts whose flags and features differ would rebuild each other in a common one.
    pub target: &'static str,
    /// The name of its script, which artefacts that pages load have in common; those have to keep the size budget.
    pub glue: &'static str,
    /// Cargo features of the crate, comma-separated.
    pub features: &'static str,
    /// Whether the crate is optimised for speed: where its loops are left to the compiler.
    pub is_fast: bool,
    /// What follows `-C target-feature=`.
    pub target_features: &'static str,
    /// Arguments for the linker.
    pub link_arguments: &'static [&'static str],
    /// WebAssembly proposals that wasm-opt may see and use beside the common ones.
    pub proposals: &'static [&'static str],
}

impl Artefact {
    /// Every WebAssembly proposal that wasm-opt may see and use.
    pub fn all_proposals(&self) -> impl Iterator<Item = &'static str> {
        self.proposals.iter().chain(&COMMON).copied()
    }
}

/// The script of the artefacts that pages load.
pub const ENGINE: &str = "inception";

/// The artefact that decodes the pictures that few have, and its script.
pub const PICTURES: &str = "inception_pictures";

/// The artefact that trains heads, and its script.
pub const TEACH: &str = "inception_teach";

/// The artefact that makes pictures by gradients, and its script.
pub const LOOK: &str = "inception_look";

/// What every engine runs.
const COMMON: [&str; 6] =
    ["bulk-memory", "mutable-globals", "sign-ext", "nontrapping-float-to-int", "reference-types", "multivalue"];

/// What makes memory that threads share.
const THREADS: [&str; 7] = [
    "--shared-memory",
    "--max-memory=1073741824",
    "--import-memory",
    "--export=__wasm_init_tls",
    "--export=__tls_size",
    "--export=__tls_align",
    "--export=__tls_base",
];

/// What the compiler may use for most browsers.
const RELAXED: &str = "+simd128,+relaxed-simd,+atomics,+bulk-memory,+mutable-globals";

/// Every artefact that ships: single-threaded for any browser; with threads for cross-origin isolated pages, with relaxed SIMD
/// and, for Safari, without; the reader of other formats; the decoder of rare pictures; what trains heads; and what makes pictures by
/// gradients.
pub const ARTEFACTS: [Artefact; 7] = [
    Artefact {
        name: "inception_simd128",
        package: "inception",
        target: "inception_simd128",
        features: "run,gpu",
        glue: ENGINE,
        is_fast: false,
        target_features: "+simd128",
        link_arguments: &[],
        proposals: &["simd"],
    },
    Artefact {
        name: "inception_simd128_threads",
        package: "inception",
        target: "inception_simd128_threads",
        features: "run,gpu,threads",
        glue: ENGINE,
        is_fast: false,
        target_features: "+simd128,+atomics,+bulk-memory,+mutable-globals",
        link_arguments: &THREADS,
        proposals: &["simd", "threads"],
    },
    Artefact {
        name: "inception_relaxed",
        package: "inception",
        target: "inception_relaxed",
        features: "run,gpu,threads",
        glue: ENGINE,
        is_fast: false,
        target_features: RELAXED,
        link_arguments: &THREADS,
        proposals: &["simd", "relaxed-simd", "threads"],
    },
    Artefact {
        name: "inception_convert",
        package: "inception",
        // The flags are those of the first, so the standard library is there already.
        target: "inception_simd128",
        glue: "inception_convert",
        features: "convert",
        is_fast: false,
        target_features: "+simd128",
        link_arguments: &[],
        proposals: &["simd"],
    },
    Artefact {
        name: PICTURES,
        package: "inception",
        // As above: the standard library is there already.
        target: "inception_simd128",
        glue: PICTURES,
        features: "pictures",
        is_fast: false,
        target_features: "+simd128",
        link_arguments: &[],
        proposals: &["simd"],
    },
    Artefact {
        name: TEACH,
        package: "inception",
        // As above: the standard library is there already.
        target: "inception_simd128",
        glue: TEACH,
        features: "teach",
        is_fast: true,
        target_features: "+simd128",
        link_arguments: &[],
        proposals: &["simd"],
    },
    Artefact {
        name: LOOK,
        package: "inception",
        // As above: the standard library is there already.
        target: "inception_simd128",
        glue: LOOK,
        features: "look",
        is_fast: true,
        target_features: "+simd128",
        link_arguments: &[],
        proposals: &["simd"],
    },
];

/// The checks of the kernels, for tests: in the instruction sets of the artefacts that pages load, with their flags, so that what these
/// are made of is there already. Threads need no browser to be checked.
pub const KERNEL_CHECKS: [Artefact; 2] = [
    Artefact {
        name: "kernels_simd128",
        package: "inception-kernel-checks",
        target: "inception_simd128",
        glue: "kernels_simd128",
        features: "",
        is_fast: false,
        target_features: "+simd128",
        link_arguments: &[],
        proposals: &["simd"],
    },
    Artefact {
        name: "kernels_relaxed",
        package: "inception-kernel-checks",
        target: "inception_relaxed",
        glue: "kernels_relaxed",
        features: "",
        is_fast: false,
        target_features: RELAXED,
        link_arguments: &THREADS,
        proposals: &["simd", "relaxed-simd", "threads"],
    },
];
