//! Shorter names for what WebAssembly and its script call one another: wasm-bindgen's carry digests and whole types, which no
//! compression makes small, once in each file.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use crate::stamp;

/// Hexadecimal digits of a digest that are kept: three tell two hundred names apart, as [`Names::add`] makes sure.
const DIGITS: usize = 3;
/// Hexadecimal digits of wasm-bindgen's digests.
const DIGEST: usize = 16;

/// The short form of a name; none where it is short already, or known to others.
fn short(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix("__wbindgen_generic_") {
        return Some(format!("g{}", number.trim_start_matches('0')));
    }
    // What calls a closure is named after its type.
    if name.starts_with("wasm_bindgen_") && name.contains("_invoke_") {
        return Some(format!("c{}", &stamp::sha256(name.as_bytes())[..2 * DIGITS]));
    }
    let (stem, digest) = name.strip_prefix("__wbg_")?.rsplit_once('_')?;
    let is_digest = digest.len() == DIGEST && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| format!("{}_{}", stem.trim_matches('_'), &digest[..DIGITS]))
}

/// Names with their short forms.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    /// The short form of a name, or the name itself.
    ///
    /// # Errors
    /// Where another name has this form.
    fn add<'a>(&mut self, name: &'a str) -> Result<std::borrow::Cow<'a, str>> {
        let Some(short) = short(name) else { return Ok(name.into()) };
        let other = self.0.entry(short.clone()).or_insert_with(|| name.to_owned());
        ensure!(other == name, "{name} and {other} would both be {short}");
        Ok(short.into())
    }
}

/// A WebAssembly module with short names.
pub fn shorten_module(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut module = walrus::Module::from_buffer(bytes).context("wasm-bindgen's module cannot be read")?;
    let mut names = Names::default();
    for import in module.imports.iter_mut() {
        import.name = names.add(&import.name)?.into_owned();
    }
    for export in module.exports.iter_mut() {
        export.name = names.add(&export.name)?.into_owned();
    }
    Ok(module.emit_wasm())
}

/// Its script with the same.
pub fn shorten_script(text: &str) -> Result<String> {
    let mut names = Names::default();
    let mut shorter = String::with_capacity(text.len());
    let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut rest = text;
    while let Some(start) = rest.find(is_inside) {
        shorter.push_str(&rest[..start]);
        let end = rest[start..].find(|c| !is_inside(c)).map_or(rest.len(), |length| start + length);
        shorter.push_str(&names.add(&rest[start..end])?);
        rest = &rest[end..];
    }
    shorter.push_str(rest);
    Ok(shorter)
}

#[cfg(test)]
mod tests {
    use super::{short, shorten_module, shorten_script};

    #[test]
    fn names_lose_what_nobody_reads() -> anyhow::Result<()> {
        for (name, wanted) in [
            ("__wbg_copyBufferToBuffer_0c93ff5b22a585e9", Some("copyBufferToBuffer_0c9")),
            ("__wbg___wbindgen_throw_4c88d8bf264fd984", Some("wbindgen_throw_4c8")),
            ("__wbindgen_generic_000000000000000b", Some("gb")),
            ("__wbg_loader_free", None),
            ("loader_add", None),
            ("memory", None),
        ] {
            assert_eq!(short(name).as_deref(), wanted, "{name}");
        }
        let closure = "wasm_bindgen_c357bade0fce1642___convert__closures_____invoke___wasm_bindgen_JsValue______true_";
        assert!(short(closure).is_some_and(|name| name.len() == 7 && name.starts_with('c')));
        Ok(())
    }

    #[test]
    fn script_and_module_have_the_same_names() -> anyhow::Result<()> {
        let script =
            "x = { __wbg_new_68957d2a912dfa0a: function() { return wasm.__wbg_new_68957d2a912dfa0a$1; }, memory };";
        let wanted = "x = { new_689: function() { return wasm.__wbg_new_68957d2a912dfa0a$1; }, memory };";
        assert_eq!(shorten_script(script)?, wanted);
        assert!(shorten_script("__wbg_new_68957d2a912dfa0a __wbg_new_689ffd2a912dfa0a").is_err());
        let mut module = walrus::Module::default();
        let kind = module.types.add(&[], &[]);
        let (function, _) = module.add_import_func("./x.js", "__wbg_new_68957d2a912dfa0a", kind);
        module.exports.add("__wbindgen_generic_0000000000000007", function);
        let shorter = walrus::Module::from_buffer(&shorten_module(&module.emit_wasm())?)?;
        assert!(shorter.imports.find("./x.js", "new_689").is_some());
        assert!(shorter.exports.iter().any(|export| export.name == "g7"));
        Ok(())
    }
}
