//! What the artefacts' scripts are called with, as wasm-bindgen reads it from the engine's code: `pkg/src/engine/*glue.d.ts`, kept
//! with the package's sources, so that the type check needs no artefact and holds every call against the code.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::ENGINE;
use crate::paths;

/// After the classes and functions come those that every module of wasm-bindgen has, and the module's own exports.
const REST: &str = "export type InitInput";

const HEAD: &str = "// Written by wasm-bindgen from crate/src/web: cargo xtask build\n";

/// Writes the types of a script, of which wasm-bindgen wrote these; gives the file where it was another.
pub fn write(name: &str, scripts: &[PathBuf]) -> Result<Option<PathBuf>> {
    let text = |script: &PathBuf| {
        let path = script.with_extension("d.ts");
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let texts = scripts.iter().map(text).collect::<Result<Vec<_>>>()?;
    // An artefact with threads has all that one without has.
    let all = texts.iter().map(|text| classes_and_functions(text)).max_by_key(String::len).unwrap_or_default();
    let file = match name.strip_prefix(ENGINE).and_then(|rest| rest.strip_prefix('_')) {
        None => "glue.d.ts".to_owned(),
        Some(artefact) => format!("{artefact}-glue.d.ts"),
    };
    update(&paths::root().join("pkg/src/engine").join(file), &all)
}

fn update(path: &Path, text: &str) -> Result<Option<PathBuf>> {
    if fs::read_to_string(path).is_ok_and(|before| before == text) {
        return Ok(None);
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Some(path.to_owned()))
}

fn classes_and_functions(text: &str) -> String {
    let ours = text.split(REST).next().unwrap_or_default();
    let lines = ours.lines().filter(|line| !line.starts_with("/* "));
    HEAD.to_owned() + lines.collect::<Vec<_>>().join("\n").trim_end() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_module_is_left_out() {
        let text = "/* tslint:disable */\n/* eslint-disable */\n\nexport function a(): number;\n\nexport type InitInput = URL;\n";
        assert_eq!(classes_and_functions(text), format!("{HEAD}\nexport function a(): number;\n"));
    }
}
