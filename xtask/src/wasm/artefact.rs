//! The artefacts and what tells them apart.

/// One way of building the engine for the browser.
pub struct Artefact {
    /// The name of its files and of its target folder.
    pub name: &'static str,
    /// Whether pages load it: it then has to keep the size budget.
    pub is_shipped_to_pages: bool,
    /// Cargo features of crate `inception`, comma-separated.
    pub features: &'static str,
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

/// What every engine runs.
const COMMON: [&str; 6] =
    ["bulk-memory", "mutable-globals", "sign-ext", "nontrapping-float-to-int", "reference-types", "multivalue"];

/// Every artefact: single-threaded for any browser, with threads and relaxed SIMD for cross-origin isolated pages, and the
/// converter of the package's command line.
pub const ARTEFACTS: [Artefact; 3] = [
    Artefact {
        name: "inception_simd128",
        features: "run,gpu",
        is_shipped_to_pages: true,
        target_features: "+simd128",
        link_arguments: &[],
        proposals: &["simd"],
    },
    Artefact {
        name: "inception_relaxed",
        features: "run,gpu,threads",
        is_shipped_to_pages: true,
        target_features: "+simd128,+relaxed-simd,+atomics,+bulk-memory,+mutable-globals",
        link_arguments: &[
            "--shared-memory",
            "--max-memory=1073741824",
            "--import-memory",
            "--export=__wasm_init_tls",
            "--export=__tls_size",
            "--export=__tls_align",
            "--export=__tls_base",
        ],
        proposals: &["simd", "relaxed-simd", "threads"],
    },
    Artefact {
        name: "inception_convert",
        is_shipped_to_pages: false,
        features: "convert",
        target_features: "+simd128",
        link_arguments: &[],
        proposals: &["simd"],
    },
];
