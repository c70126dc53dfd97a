//! Short names for what WebAssembly and its script call one another: wasm-bindgen's carry digests and whole types, which no
//! compression makes small, once in each file. They are digests of those, so that every artefact has the same for the same.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use crate::stamp;

/// Letters and digits of a short name: four tell two hundred names apart, as [`Names::add`] makes sure. Where it does not, [`SALT`] is changed.
const LENGTH: u32 = 4;
/// Goes before every name that is digested.
const SALT: &str = "";
const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
const DIGITS_TOO: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// Hexadecimal digits of wasm-bindgen's digests.
const DIGEST: usize = 16;

/// The short form of a name; none where it is short already, or known to others.
fn short(name: &str) -> Option<String> {
    // What calls a closure is named after its type.
    let is_closure = name.starts_with("wasm_bindgen_") && name.contains("_invoke_");
    let is_import = || {
        let digest = name.strip_prefix("__wbg_").and_then(|rest| rest.rsplit_once('_')).map(|(_, digest)| digest);
        digest.is_some_and(|digest| digest.len() == DIGEST && digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    (is_closure || name.starts_with("__wbindgen_generic_") || is_import()).then(|| digested(name))
}

/// A letter, and letters or digits.
fn digested(name: &str) -> String {
    let digest = stamp::sha256(format!("{SALT}{name}").as_bytes());
    let mut number = u64::from_str_radix(&digest[..15], 16).unwrap_or_default();
    let mut next = |from: &[u8]| {
        let count = from.len() as u64;
        let letter = from[(number % count) as usize];
        number /= count;
        char::from(letter)
    };
    (0..LENGTH).map(|at| if at == 0 { next(LETTERS) } else { next(DIGITS_TOO) }).collect()
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
    use std::collections::BTreeSet;

    use anyhow::Context;

    use super::{Names, short, shorten_module, shorten_script};

    #[test]
    fn names_lose_what_nobody_reads() -> anyhow::Result<()> {
        for name in ["__wbg_loader_free", "loader_add", "memory"] {
            assert_eq!(short(name), None, "{name}");
        }
        let long = [
            "__wbg_copyBufferToBuffer_0c93ff5b22a585e9",
            "__wbg_copyBufferToBuffer_0c93ff5b22a585e8",
            "__wbg___wbindgen_throw_4c88d8bf264fd984",
            "__wbindgen_generic_000000000000000b",
            "wasm_bindgen_c357bade0fce1642___convert__closures_____invoke___wasm_bindgen_JsValue______true_",
        ];
        let names: BTreeSet<String> = long.iter().filter_map(|name| short(name)).collect();
        assert_eq!(names.len(), long.len(), "{names:?}");
        assert!(
            names.iter().all(|name| name.len() == 4 && name.starts_with(|c: char| c.is_ascii_lowercase())),
            "{names:?}"
        );
        Ok(())
    }

    #[test]
    fn script_and_module_have_the_same_names() -> anyhow::Result<()> {
        let script =
            "x = { __wbg_new_68957d2a912dfa0a: function() { return wasm.__wbg_new_68957d2a912dfa0a$1; }, memory };";
        let name = short("__wbg_new_68957d2a912dfa0a").context("it is not shortened")?;
        let wanted = format!("x = {{ {name}: function() {{ return wasm.__wbg_new_68957d2a912dfa0a$1; }}, memory }};");
        assert_eq!(shorten_script(script)?, wanted);
        let mut module = walrus::Module::default();
        let kind = module.types.add(&[], &[]);
        let (function, _) = module.add_import_func("./x.js", "__wbg_new_68957d2a912dfa0a", kind);
        module.exports.add("__wbindgen_generic_0000000000000007", function);
        let shorter = walrus::Module::from_buffer(&shorten_module(&module.emit_wasm())?)?;
        assert!(shorter.imports.find("./x.js", &name).is_some());
        let generic = short("__wbindgen_generic_0000000000000007").context("it is not shortened")?;
        assert!(shorter.exports.iter().any(|export| export.name == generic));
        Ok(())
    }

    #[test]
    fn one_name_for_two_things_is_an_error() -> anyhow::Result<()> {
        let mut names = Names::default();
        let name = "__wbg_new_68957d2a912dfa0a";
        let short = names.add(name)?.into_owned();
        assert_eq!(names.add(name)?, short);
        names.0.insert(short, "__wbg_other_68957d2a912dfa0a".to_owned());
        assert!(names.add(name).is_err());
        Ok(())
    }
}
