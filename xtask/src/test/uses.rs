//! The folders of the engine use one another as the table in ARCHITECTURE.md says, and no modules of a folder go round in a
//! circle. Code for tests is left out: the module `tests` at the end of a file, and files that are for tests alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::paths;

/// A module, or what one names: `["cpu", "view", "ViewMut"]`.
type Names = Vec<String>;

/// What each folder and each file beside `lib.rs` may use.
type Table = BTreeMap<String, BTreeSet<String>>;

/// The circles that there are: TensorFlow's graphs call functions, which are graphs.
const CIRCLES: [&str; 1] = ["checkpoints/formats/foreign/tensorflow/{graph, layers, moves, operators}"];

/// The most names on the way to where something is from.
const MOST_STEPS: usize = 50;

/// A module of the crate, all that it names, and what those beside and below it find in it that is from elsewhere.
struct Module {
    path: Names,
    uses: Vec<Names>,
    exports: Vec<Export>,
}

/// A name in a module, and what it stands for, from the root.
struct Export {
    name: String,
    from: Names,
}

impl Module {
    fn new(path: Names, text: &str) -> Self {
        let code = code(text);
        Self { uses: uses(&code, &path), exports: exports(&code, &path), path }
    }
}

fn engine() -> Result<Vec<Module>> {
    let mut modules = Vec::new();
    collect(&paths::root().join("crate/src"), &[], &mut modules)?;
    Ok(modules)
}

fn collect(folder: &Path, path: &[String], modules: &mut Vec<Module>) -> Result<()> {
    let parent = fs::read_to_string(folder.join("mod.rs")).unwrap_or_default();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?.path();
        let name = entry.file_stem().and_then(|name| name.to_str()).context("a name that is not text")?.to_owned();
        let of = |name: &str| [path, &[name.to_owned()]].concat();
        let is_for_tests = |line: &str| line.ends_with(&format!("mod {name};"));
        if parent.split("#[cfg(test)]\n").skip(1).filter_map(|rest| rest.lines().next()).any(is_for_tests) {
            continue;
        }
        if entry.is_dir() {
            collect(&entry, &of(&name), modules)?;
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&entry).with_context(|| format!("cannot read {}", entry.display()))?;
            let path = if matches!(&name[..], "mod" | "lib") { path.to_vec() } else { of(&name) };
            modules.push(Module::new(path, &text));
        }
    }
    Ok(())
}

/// The text without comments and without what is for tests.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect()
}

/// A path from the root, of one that begins with `crate`, `super` or `self` in a module; none of another.
fn from_root(mut names: Names, module: &[String]) -> Option<Names> {
    let count = |word: &str| names.iter().take_while(|name| *name == word).count();
    let (root, own, parents) = (count("crate"), count("self"), count("super"));
    if root + own + parents == 0 {
        return None;
    }
    names.drain(..root + own + parents);
    // The command line is a crate of its own.
    let crate_root = if module.first().is_some_and(|name| name == "bin") { 2 } else { 0 };
    let depth = if root > 0 { crate_root } else { module.len().saturating_sub(parents) };
    Some([&module[..depth], &names].concat())
}

/// What a module's code names from the crate's root or through its parents, from the root.
fn uses(code: &str, module: &[String]) -> Vec<Names> {
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            // The second `super` of two belongs to the first, and `$crate` or `my_crate` is another word.
            if before.is_some_and(|c| c.is_alphanumeric() || "_:$".contains(c)) {
                continue;
            }
            found.extend(tree(&code[at..]).into_iter().filter_map(|(names, _)| from_root(names, module)));
        }
    }
    found
}

/// What a module has by `use`, for others or for itself: those below it find both.
fn exports(code: &str, module: &[String]) -> Vec<Export> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        // Indented ones are of a function, or of a module within the file.
        let before = code[..at].rsplit('\n').next().unwrap_or_default();
        if !(before.is_empty() || before == "pub " || before.starts_with("pub(") && before.ends_with(") ")) {
            continue;
        }
        for (mut names, alias) in tree(&code[at + "use ".len()..]) {
            if names.last().is_some_and(|name| name == "self") {
                names.pop();
            }
            // Of its own modules, or from elsewhere; names of other crates lead nowhere.
            let from = from_root(names.clone(), module).unwrap_or_else(|| [module, &names].concat());
            let Some(name) = alias.or_else(|| from.last().cloned()) else { continue };
            found.push(Export { name, from });
        }
    }
    found
}

/// Where what is named is from, if modules on the way have it from another.
fn origin(names: &[String], modules: &BTreeMap<&[String], &Module>) -> Names {
    let mut names = names.to_vec();
    let mut depth = 0;
    // A name that leads to itself would lead on for ever.
    for _ in 0..MOST_STEPS {
        let Some(here) = names.get(..=depth) else { break };
        if modules.keys().any(|path| path.starts_with(here)) {
            depth += 1;
            continue;
        }
        let exports = modules.get(&names[..depth]).map_or(&[][..], |module| &module.exports);
        let Some(export) = exports.iter().find(|export| export.name == names[depth]) else { break };
        names.splice(..=depth, export.from.iter().cloned());
        depth = 0;
    }
    names
}

/// The paths of `a::b::{c, d::{e, f as g}, h::*}`, with which the text begins, and what each is called where it is taken.
fn tree(text: &str) -> Vec<(Names, Option<String>)> {
    let word = |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let Some(inner) = text.strip_prefix('{') else {
        let name = if text.starts_with('*') { "*".to_owned() } else { word(text) };
        let after = &text[name.len()..];
        let rest = after.strip_prefix("::").map(tree).filter(|rest| !rest.is_empty());
        let alias = after.strip_prefix(" as ").map(word);
        let with = |(names, alias): (Names, _)| ([vec![name.clone()], names].concat(), alias);
        return rest.unwrap_or_else(|| vec![(vec![], alias)]).into_iter().map(with).collect();
    };
    let mut depth = 0;
    let mut branches = vec![0];
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => branches.push(at + 1),
            _ => {}
        }
    }
    let trees = branches.into_iter().flat_map(|at| tree(inner[at..].trim_start()));
    trees.filter(|(names, _)| !names[0].is_empty()).collect()
}

/// The table of ARCHITECTURE.md: each row's names in backticks, and names or `all of the above`.
fn table(text: &str) -> Result<Table> {
    let rows = text.lines().skip_while(|line| !line.contains("| may use |")).skip(2);
    let mut table = Table::new();
    for row in rows.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [names, _, may] = cells[..] else { bail!("a row with other than three cells: {row}") };
        let names: Vec<String> = names.split('`').skip(1).step_by(2).map(stem).collect();
        let above = || table.keys().chain(&names).cloned().collect();
        let mut may: BTreeSet<String> = match may {
            "all of the above" => above(),
            list => list.split(", ").filter(|name| !name.is_empty()).map(stem).collect(),
        };
        may.extend(names.iter().cloned());
        table.extend(names.into_iter().map(|name| (name, may.clone())));
    }
    Ok(table)
}

/// `cpu/` and `loader.rs` without what makes them a folder or a file.
fn stem(name: &str) -> String {
    name.trim_end_matches('/').trim_end_matches(".rs").to_owned()
}

/// Uses that the table does not allow, and names that are in the table or in the crate alone.
fn strangers(modules: &[Module], table: &Table) -> BTreeSet<String> {
    let units: BTreeSet<&String> = modules.iter().filter_map(|module| module.path.first()).collect();
    let listed: BTreeSet<&String> = table.keys().chain(table.values().flatten()).collect();
    let mut wrong: BTreeSet<String> = units
        .symmetric_difference(&listed)
        .map(|name| format!("{name} is in the table or in the crate alone"))
        .collect();
    for module in modules {
        let Some(own) = module.path.first() else { continue };
        for names in &module.uses {
            let used = names.first().filter(|used| *used != own && units.contains(used));
            if let Some(used) = used.filter(|used| !table.get(own).is_some_and(|may| may.contains(*used))) {
                wrong.insert(format!("{} uses {used}", module.path.join("/")));
            } else if names.first().is_some_and(|name| name.starts_with(char::is_uppercase)) {
                wrong.insert(format!("{} names crate::{} without its module", module.path.join("/"), names[0]));
            }
        }
    }
    wrong
}

/// Modules of one folder that use one another in a circle, through others or not.
fn circles(modules: &[Module]) -> BTreeSet<String> {
    // Of every folder, which of its modules uses which.
    let mut uses: BTreeMap<&[String], BTreeMap<&String, BTreeSet<String>>> = BTreeMap::new();
    let by_path: BTreeMap<&[String], &Module> = modules.iter().map(|module| (&module.path[..], module)).collect();
    for module in modules {
        for names in &module.uses {
            let names = origin(names, &by_path);
            let depth = module.path.iter().zip(&names).take_while(|(a, b)| a == b).count();
            let is_module = names.get(..=depth).is_some_and(|path| by_path.contains_key(path));
            if depth < module.path.len() && is_module {
                let folder = uses.entry(&module.path[..depth]).or_default();
                folder.entry(&module.path[depth]).or_default().insert(names[depth].clone());
            }
        }
    }
    // All that a module has is not followed.
    let all = |module: &Module| -> Option<String> {
        let star = module.exports.iter().find(|export| export.name == "*")?;
        let from = &star.from[..star.from.len() - 1];
        by_path.contains_key(from).then(|| format!("{} takes all of {}", module.path.join("/"), from.join("/")))
    };
    let mut found: BTreeSet<String> = modules.iter().filter_map(all).collect();
    for (folder, uses) in uses {
        let mut reached: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
        for &name in uses.keys() {
            let all = reached.entry(name).or_default();
            let mut open = vec![name];
            while let Some(next) = open.pop() {
                open.extend(uses.get(next).into_iter().flatten().filter(|used| all.insert(used)));
            }
        }
        for (name, all) in &reached {
            let back = |other: &&&String| reached.get(**other).is_some_and(|of_other| of_other.contains(name));
            let circle: Vec<&str> = all.iter().filter(back).map(|other| other.as_str()).collect();
            if !circle.is_empty() {
                found.insert(format!("{}/{{{}}}", folder.join("/"), circle.join(", ")));
            }
        }
    }
    found
}

#[test]
fn folders_use_what_the_table_of_the_architecture_allows() -> Result<()> {
    let text = fs::read_to_string(paths::root().join("ARCHITECTURE.md"))?;
    let wrong = strangers(&engine()?, &table(&text)?);
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

#[test]
fn modules_of_a_folder_do_not_go_round_in_a_circle() -> Result<()> {
    assert_eq!(circles(&engine()?), CIRCLES.map(String::from).into());
    Ok(())
}

#[test]
fn every_way_of_naming_a_module_is_understood() {
    let text = "use super::{simd::{Isa, Simd}, ViewMut};\nlet shape = crate::graph::Shape::new(); // crate::web\n\
        pub(crate) fn a(b: super::super::plan::View) {}\n#[cfg(test)]\nmod tests { use crate::image::X; }";
    let module = ["cpu".to_owned(), "ops".to_owned(), "conv".to_owned()];
    let found: BTreeSet<String> = uses(&code(text), &module).iter().map(|names| names.join("::")).collect();
    let wanted =
        ["cpu::ops::ViewMut", "cpu::ops::simd::Isa", "cpu::ops::simd::Simd", "cpu::plan::View", "graph::Shape::new"];
    assert_eq!(found, wanted.map(String::from).into());
}

/// Circles of modules by their paths and texts.
fn circles_of(modules: &[(&str, &str)]) -> BTreeSet<String> {
    let path = |path: &str| path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    circles(&modules.iter().map(|(at, text)| Module::new(path(at), text)).collect::<Vec<_>>())
}

#[test]
fn circles_are_seen_through_what_modules_have_from_others() {
    let a = ("graph/a", "use super::{B, std};\npub struct A(B);");
    for root in [
        "pub use b::B;",
        "use b::B;",
        "pub(crate) use self::b::{B};",
        "pub(in crate::plan) use crate::graph::b::Other as B;",
        "pub use {\n    b::{self, c::B},\n    std::fmt,\n};",
    ] {
        let modules = [("graph", root), a, ("graph/b", "use super::a::A;")];
        assert_eq!(circles_of(&modules), ["graph/{a, b}".to_owned()].into(), "{root}");
        assert!(circles_of(&[modules[0], a, ("graph/b", "")]).is_empty(), "{root}");
    }
    let top = [("", "pub use plan::Plan;"), ("plan", "use crate::run::Run;"), ("run", "use crate::Plan;")];
    assert_eq!(circles_of(&top), ["/{plan, run}".to_owned()].into());
    let line =
        [("bin/inception", ""), ("bin/inception/x", "use crate::y::Y;"), ("bin/inception/y", "use crate::x::X;")];
    assert_eq!(circles_of(&line), ["bin/inception/{x, y}".to_owned()].into());
    // A name that leads to itself ends the search.
    let own = [("graph", "pub use half::half;"), ("graph/a", "use super::half;")];
    assert!(circles_of(&own).is_empty());
    let all = [("graph", "pub use b::*;\nuse wgpu::*;"), ("graph/b", "")];
    assert_eq!(circles_of(&all), ["graph takes all of graph/b".to_owned()].into());
}
