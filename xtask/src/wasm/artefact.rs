//! The artefacts and what tells them apart.

/// One way of building the engine for the browser.
pub struct Artefact {
    /// The name of its files and of its target folder.
    pub name: &'static str,
    /// Cargo features of crate `inception`, comma-separated.
    pub features: &'static str,
    /// What follows `-C target-feature=`.
    pub target_features: &'static str,
    /// Arguments for the linker.
    pub link_arguments: &'static [&'static str],
    /// WebAssembly proposals that wasm-opt may see and use.
    pub proposals: &'static [&'static str],
}

/// Every artefact: single-threaded for any browser, and with threads and relaxed SIMD for cross-origin isolated pages.
pub const ARTEFACTS: [Artefact; 2] = [
    Artefact {
        name: "inception_simd128",
        features: "gpu",
        target_features: "+simd128",
        link_arguments: &[],
        proposals: &[
            "simd",
            "bulk-memory",
            "mutable-globals",
            "sign-ext",
            "nontrapping-float-to-int",
            "reference-types",
            "multivalue",
        ],
    },
    Artefact {
        name: "inception_relaxed",
        features: "gpu,threads",
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
        proposals: &[
            "simd",
            "relaxed-simd",
            "threads",
            "bulk-memory",
            "mutable-globals",
            "sign-ext",
            "nontrapping-float-to-int",
            "reference-types",
            "multivalue",
        ],
    },
];
