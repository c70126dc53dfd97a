//! One script for several artefacts of one source. wasm-bindgen writes one for each, and they are the same but for what threads take:
//! those with threads get a memory and have functions of their own. What an artefact without threads has otherwise is added to the
//! script of those with threads, and used where it is started with `memory: null`. So that a worker that may start any of them holds
//! one script and not three.
//!
//! A script of wasm-bindgen's holds its instance for as long as the page lives. Ours is a function, each call of which makes a script of its
//! own: an instance, and its memory, can go once nobody holds what the call gave.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::{finish, names};

/// Around the functions that WebAssembly imports.
const IMPORTS: &str = "    const import0 = {\n        __proto__: null,\n";
const END_OF_IMPORTS: &str = "    };\n";
/// What gives an artefact with threads its memory.
const MEMORY: &str = "        memory: memory || ";
/// Around what fetches, compiles and starts a module in all ways that there are.
const STARTS: [&str; 2] = ["async function __wbg_load(", "export { initSync, __wbg_init as default };\n"];
/// Around what writes any value out for whoever looks for a fault.
const DEBUG_STRING: [&str; 2] = ["function debugString(val) {\n", "\n}\n"];
/// What starts a module that is compiled already, the only way that the package takes.
const START: &str = "async function __wbg_init({ module_or_path, memory }) {
    return __wbg_finalize_init(await WebAssembly.instantiate(module_or_path, __wbg_get_imports(memory)), module_or_path);
}

export { __wbg_init as default };
";

/// Writes the script of artefacts, of which wasm-bindgen wrote these.
pub fn write(scripts: &[PathBuf], to: &Path) -> Result<()> {
    let texts: Vec<String> = scripts
        .iter()
        .map(|path| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display())))
        .collect::<Result<_>>()?;
    let Some(first) = scripts.first() else { return Ok(()) };
    let merged = first.with_extension("merged.js");
    fs::write(&merged, names::shorten_script(&with_short_debugging(&with_one_start(&merge(&texts)?)?)?)?)
        .with_context(|| format!("cannot write {}", merged.display()))?;
    finish::minify(&merged, to)?;
    let text = fs::read_to_string(to).with_context(|| format!("cannot read {}", to.display()))?;
    fs::write(to, per_call(&text)?).with_context(|| format!("cannot write {}", to.display()))
}

/// A script that starts a compiled module, and knows no other way.
fn with_one_start(script: &str) -> Result<String> {
    replaced(script, STARTS, START).context("the script does not start as it did")
}

/// A script that names values as strings name them.
fn with_short_debugging(script: &str) -> Result<String> {
    let [first, last] = DEBUG_STRING;
    match script.contains(first) {
        true => replaced(script, DEBUG_STRING, &format!("{first}    return String(val);{last}"))
            .context("the script does not write values out as it did"),
        false => Ok(script.to_owned()),
    }
}

/// The text with `text` in place of the first `first`, the `last` after it, and what is between.
fn replaced(script: &str, [first, last]: [&str; 2], text: &str) -> Option<String> {
    let (before, rest) = script.split_once(first)?;
    let (_, after) = rest.split_once(last)?;
    Some([before, text, after].concat())
}

/// A minified script as a function that gives what the script exports.
fn per_call(script: &str) -> Result<String> {
    let (body, exports) = script.rsplit_once("export{").context("the script does not end with its exports")?;
    let exports = exports.trim_end().trim_end_matches([';', '}']);
    let fields: Vec<String> = exports
        .split(',')
        .map(|export| {
            export.split_once(" as ").map_or_else(|| export.to_owned(), |(own, name)| format!("{name}:{own}"))
        })
        .collect();
    ensure!(
        !body.contains("export ") && !body.contains("export{"),
        "the script exports in other places than at its end"
    );
    Ok(format!("export default()=>{{{body}return{{{}}}}};\n", fields.join(",")))
}

/// The script of all of these.
///
/// # Errors
/// Where they are not the same but for what threads take, or not as wasm-bindgen writes them today.
fn merge(texts: &[String]) -> Result<String> {
    let (threaded, plain): (Vec<&String>, Vec<&String>) = texts.iter().partition(|text| text.contains(MEMORY));
    let (Some(base), Some(other)) = (threaded.first(), plain.first()) else {
        ensure!(texts.len() == 1, "scripts that are all with threads or all without");
        return Ok(texts[0].clone());
    };
    // Those with threads may begin with memories of different sizes: the largest suits all.
    let is_same = |group: &[&String]| group.windows(2).all(|pair| without_memory(pair[0]).eq(without_memory(pair[1])));
    ensure!(is_same(&threaded) && is_same(&plain), "scripts of artefacts differ");
    let base = threaded.iter().max_by_key(|text| initial_pages(text)).unwrap_or(base);
    let (with, without) = (Script::of(base)?, Script::of(other)?);
    let mut own = String::new();
    for (name, text) in &without.imports {
        if with.imports.get(name) != Some(text) {
            own.push_str(text);
        }
    }
    let mut functions = String::new();
    for (name, text) in &without.functions {
        match with.functions.get(name) {
            None => functions.push_str(text),
            Some(same) => ensure!(same == text, "{name} differs between artefacts"),
        }
    }
    let memory =
        with.memory.context("there is no memory for threads")?.trim().trim_end_matches(',').replacen("memory: ", "", 1);
    let choice = format!(
        "    if (memory === null) Object.assign(import0, {{\n{own}    }});\n    else import0.memory = {memory};\n"
    );
    let text =
        base.replacen(&format!("{}{END_OF_IMPORTS}", with.memory_line()), &format!("{END_OF_IMPORTS}{choice}"), 1);
    ensure!(text.contains(&choice), "the memory is not the last import");
    Ok(text + &functions)
}

fn without_memory(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with(MEMORY))
}

/// What the memory of an artefact with threads begins with.
fn initial_pages(text: &str) -> Option<u32> {
    text.split_once("initial:")?.1.split(',').next()?.parse().ok()
}

/// The parts of a script that differ from artefact to artefact.
struct Script<'a> {
    /// What WebAssembly imports, with its lines.
    imports: BTreeMap<&'a str, &'a str>,
    /// The line that gives the memory.
    memory: Option<&'a str>,
    /// Functions that call closures of Rust, with their lines.
    functions: BTreeMap<&'a str, &'a str>,
}

impl<'a> Script<'a> {
    fn of(text: &'a str) -> Result<Self> {
        let start = text.find(IMPORTS).context("there are no imports")? + IMPORTS.len();
        let length = text[start..].find(&format!("\n{END_OF_IMPORTS}")).context("the imports do not end")? + 1;
        let imports = &text[start..start + length];
        let is_start = |line: &str| {
            line.starts_with("        ") && !line.starts_with("         ") && !line.starts_with("        }")
        };
        let mut found = Self { imports: BTreeMap::new(), memory: None, functions: BTreeMap::new() };
        for part in blocks(imports, is_start) {
            let name = part.trim_start().split(':').next().unwrap_or_default();
            match name {
                "memory" => found.memory = Some(part),
                _ => drop(found.imports.insert(name, part)),
            }
        }
        ensure!(found.imports.len() > 20, "only {} imports are found", found.imports.len());
        let after = &text[start + length..];
        for part in blocks(after, |line| line.starts_with("function wasm_bindgen_")) {
            let Some(body) = part.strip_prefix("function ").filter(|_| part.starts_with("function wasm_bindgen_"))
            else {
                continue;
            };
            let name = body.split('(').next().unwrap_or_default();
            let end = part.find("\n}\n").context("a function does not end")? + "\n}\n".len();
            found.functions.insert(name, &part[..end]);
        }
        Ok(found)
    }

    fn memory_line(&self) -> &str {
        self.memory.unwrap_or_default()
    }
}

/// A text in parts that begin with such lines.
fn blocks(text: &str, is_start: impl Fn(&str) -> bool) -> Vec<&str> {
    let mut starts: Vec<usize> = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if at > 0 && is_start(line) {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(&start, end)| &text[start..end]).collect()
}

#[cfg(test)]
mod tests {
    use super::{merge, per_call, with_one_start, with_short_debugging};

    fn script(imports: &str, functions: &str) -> String {
        let filler: String =
            (0..20).map(|i| format!("        f{i}: function() {{\n            return {i};\n        }},\n")).collect();
        format!(
            "export class Loader {{}}\nfunction __wbg_get_imports(memory) {{\n    const import0 = {{\n        __proto__: null,\n{filler}{imports}    }};\n    \
             return {{ './x': import0 }};\n}}\n\n{functions}\nlet wasm;\n"
        )
    }

    const SHARED: &str = "        g1: function(a) {\n            return a;\n        },\n";
    const LINK: &str =
        "        link: function() {\n            const text = `\n                };\n            `;\n        },\n";
    const MEMORY: &str = "        memory: memory || new WebAssembly.Memory({shared:true}),\n";

    #[test]
    fn what_differs_is_used_without_memory() -> anyhow::Result<()> {
        let one = "function wasm_bindgen_a(x) {\n    wasm.wasm_bindgen_a(x);\n}\n";
        let two = "function wasm_bindgen_b(x) {\n    wasm.wasm_bindgen_b(x);\n}\n";
        let odd = "        g2: function(a) {\n            return wasm_bindgen_b(a);\n        },\n";
        let threaded = script(
            &format!("{SHARED}        g2: function(a) {{\n            return 1;\n        }},\n{LINK}{MEMORY}"),
            one,
        );
        let plain = script(&format!("{SHARED}{odd}"), &format!("{one}\n{two}"));
        let merged = merge(&[plain.clone(), threaded.clone(), threaded.clone()])?;
        let choice = format!(
            "    }};\n    if (memory === null) Object.assign(import0, {{\n{odd}    }});\n    else import0.memory = memory || new WebAssembly.Memory({{shared:true}});\n"
        );
        assert!(merged.contains(&choice), "{merged}");
        assert_eq!(merged.matches("function wasm_bindgen_a").count(), 1);
        assert_eq!(merged.matches("function wasm_bindgen_b").count(), 1);
        assert_eq!(merge(std::slice::from_ref(&plain))?, plain);
        Ok(())
    }

    #[test]
    fn a_script_is_made_anew_by_each_call() -> anyhow::Result<()> {
        let script = "let a;class b{}function c(){return a}export{b as Loader,c as default,run};\n";
        let wanted = "export default()=>{let a;class b{}function c(){return a}return{Loader:b,default:c,run}};\n";
        assert_eq!(per_call(script)?, wanted);
        assert!(per_call("let a;").is_err());
        assert!(per_call("export class A{}export{b as c};").is_err());
        Ok(())
    }

    #[test]
    fn a_script_starts_what_is_compiled() -> anyhow::Result<()> {
        let script = "let wasm;\nasync function __wbg_load(module) {\n}\nfunction initSync() {\n}\nexport { initSync, __wbg_init as default };\nfunction wasm_bindgen_b() {\n}\n";
        let lean = with_one_start(script)?;
        assert!(lean.starts_with("let wasm;\nasync function __wbg_init({ module_or_path, memory }) {\n"), "{lean}");
        assert!(lean.ends_with("export { __wbg_init as default };\nfunction wasm_bindgen_b() {\n}\n"), "{lean}");
        assert!(!lean.contains("initSync"), "{lean}");
        assert!(with_one_start("let wasm;").is_err());
        let debugging =
            "function debugString(val) {\n    if (val == null) {\n        return `${val}`;\n    }\n}\nlet a;\n";
        assert_eq!(
            with_short_debugging(debugging)?,
            "function debugString(val) {\n    return String(val);\n}\nlet a;\n"
        );
        assert_eq!(with_short_debugging("let a;")?, "let a;");
        Ok(())
    }

    #[test]
    fn what_cannot_be_merged_is_an_error() -> anyhow::Result<()> {
        let threaded = script(MEMORY, "");
        assert!(merge(&[threaded.clone(), script(SHARED, ""), script(&format!("{SHARED}{MEMORY}"), "")]).is_err());
        assert!(merge(&[threaded.clone(), "something else".into()]).is_err());
        assert!(merge(&[threaded.clone(), threaded]).is_err());
        let [a, b] = ["1", "2"].map(|value| format!("function wasm_bindgen_a() {{\n    return {value};\n}}\n"));
        assert!(merge(&[script(MEMORY, &a), script("", &b)]).is_err());
        Ok(())
    }
}
