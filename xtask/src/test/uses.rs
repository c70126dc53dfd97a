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

/// A module of the crate, all that it names, and where what it exports for others is from: the exported name is the last.
struct Module {
    path: Names,
    uses: Vec<Names>,
    exports: Vec<Names>,
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
            modules.push(Module { uses: uses(&text, &path), exports: exports(&text, &path), path });
        }
    }
    Ok(())
}

/// What a module's code names from the crate's root or through its parents, from the root.
fn uses(text: &str, module: &[String]) -> Vec<Names> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code: String = code.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect();
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            // The second `super` of two belongs to the first, and `$crate` or `my_crate` is another word.
            if before.is_some_and(|c| c.is_alphanumeric() || "_:$".contains(c)) {
                continue;
            }
            for mut names in tree(&code[at..]) {
                let parents = names.iter().take_while(|name| *name == "super").count();
                let root = names.iter().take_while(|name| *name == "crate").count();
                names.drain(..parents + root);
                // The command line is a crate of its own.
                let crate_root = usize::from(module.first().is_some_and(|name| name == "bin"));
                let depth = if root > 0 { crate_root } else { module.len().saturating_sub(parents) };
                found.push([&module[..depth], &names].concat());
            }
        }
    }
    found
}

/// What a module exports of its own modules (`pub use layer::Layer`), from the root.
fn exports(text: &str, module: &[String]) -> Vec<Names> {
    let public = text.split('\n').filter_map(|line| line.strip_prefix("pub"));
    let starts = public.map(|line| line.trim_start_matches("(crate)").trim_start_matches("(super)"));
    let starts = starts
        .filter_map(|line| line.strip_prefix(" use ").map(|path| path.as_ptr() as usize - text.as_ptr() as usize));
    let of_own = |names: &Names| names.len() > 1 && !matches!(&names[0][..], "crate" | "super");
    starts.flat_map(|at| tree(&text[at..])).filter(of_own).map(|names| [module, &names].concat()).collect()
}

/// Where what is named is from, if modules on the way export it for another.
fn origin(names: &[String], modules: &BTreeMap<&[String], &Module>) -> Names {
    let mut names = names.to_vec();
    let mut depth = 0;
    while depth < names.len() {
        let Some(module) = modules.get(&names[..depth]) else { break };
        if modules.contains_key(&names[..=depth]) {
            depth += 1;
            continue;
        }
        let Some(from) = module.exports.iter().find(|from| from.last() == Some(&names[depth])) else { break };
        names.splice(..=depth, from.iter().cloned());
    }
    names
}

/// The paths of `a::b::{c, d::{e, f}}`, with which the text begins.
fn tree(text: &str) -> Vec<Names> {
    let Some(inner) = text.strip_prefix('{') else {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        let rest = text[end..].strip_prefix("::").map(tree).filter(|rest| !rest.is_empty());
        let name = text[..end].to_owned();
        return rest
            .unwrap_or_else(|| vec![vec![]])
            .into_iter()
            .map(|rest| [vec![name.clone()], rest].concat())
            .collect();
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
    branches.into_iter().flat_map(|at| tree(inner[at..].trim_start())).filter(|names| !names[0].is_empty()).collect()
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
    let mut found = BTreeSet::new();
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
    let found: BTreeSet<String> = uses(text, &module).iter().map(|names| names.join("::")).collect();
    let wanted =
        ["cpu::ops::ViewMut", "cpu::ops::simd::Isa", "cpu::ops::simd::Simd", "cpu::plan::View", "graph::Shape::new"];
    assert_eq!(found, wanted.map(String::from).into());
}
