//! The pages as a static site: their files, with the modules and the styles of each in one, the model and a service worker that
//! knows them all by their digests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::fresh_folder;
use crate::files::{copy, read, write};
use crate::setup::Extra;
use crate::{npm, package, paths, process, setup, stamp};

/// What a browser asks for; declarations, configurations and other things stay behind.
const SERVED: [&str; 9] = ["html", "css", "js", "json", "txt", "wasm", "svg", "png", "jpg"];
/// Folders and files of the source that are not part of the page.
const LEFT_OUT: [&str; 3] = ["service-worker", "tsconfig.json", "node"];
/// What the names of files begin with that a visit may need and most do not, for other formats, for Safari or where no worker starts: kept
/// once one has needed them.
const LATER: [&str; 6] =
    ["page-engine.", "teach.", "teach-worker.", "inception_convert.", "inception_simd128_threads.", "inception_teach."];
const LICENSES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];
/// The element of the page after which its version is written.
const CHARSET: &str = "<meta charset=\"utf-8\">\n";
/// The site's pages.
const PAGES: [Page; 2] = [
    Page { html: "index.html", module: "www/main.js", script: "pkg/dist/page.js", style: "www/style/page.css" },
    Page { html: "bench.html", module: "www/bench/main.js", script: "pkg/dist/bench.js", style: "www/style/bench.css" },
];
/// What the scripts are, and what they still fetch, in the package's folder.
const FETCHED: [&str; 10] = [
    "page.js",
    "page.js.map",
    "bench.js",
    "bench.js.map",
    "worker.js",
    "page-engine.js",
    "teach.js",
    "teach-worker.js",
    "models",
    "wasm",
];
/// Folders of the pages' modules.
const MODULES: [&str; 4] = ["bench", "dream", "teach", "view"];
/// Hexadecimal digits of a version.
const VERSION_LENGTH: usize = 16;

/// A page of the site, and what is made of its parts.
struct Page {
    html: &'static str,
    /// The module that it starts.
    module: &'static str,
    /// Its modules in one: beside the worker, which the package's modules look for in their own folder.
    script: &'static str,
    /// Its styles in one.
    style: &'static str,
}

/// Makes the site in `out/site`, which it empties first, and returns that folder. The package has to be built and the
/// further models to be there; sample photos come along where they are there.
pub fn make(out: &Path, with: &[Extra]) -> Result<PathBuf> {
    let (root, site) = (paths::root(), out.join("site"));
    fresh_folder(&site)?;
    for Page { html, .. } in PAGES {
        copy(&root.join(html), &site.join(html))?;
    }
    copy_served(&root.join("www"), &site.join("www"))?;
    copy_served(&paths::dist(), &site.join("pkg/dist")).context("the package is not built: cargo xtask build")?;
    bundle(&site)?;
    // The package's own copy of the catalog is for its users; the page has `models/`. The class names are the package's.
    fs::remove_file(site.join("pkg/dist/models/catalog.json"))
        .context("the package is not complete: cargo xtask build")?;
    let models = site.join("models");
    fs::create_dir(&models).with_context(|| format!("cannot create {}", models.display()))?;
    copy(&root.join("models/catalog.json"), &models.join("catalog.json"))?;
    let license = read(&root.join("pkg/googlenet/LICENSE"))?;
    let mut weights = vec![(setup::page_model(), license)];
    if with.contains(&Extra::Nsfw) {
        weights.push((setup::content_filter()?, setup::content_filter_license()?));
    }
    for (file, license) in weights {
        let name = file.file_name().with_context(|| format!("{} is no file", file.display()))?;
        copy(&file, &models.join(name))?;
        write(&models.join(name).with_extension("LICENSE"), &license)?;
    }
    list(&models)?;
    for name in LICENSES {
        copy(&root.join(name), &site.join(name))?;
    }
    write(&site.join(".nojekyll"), "")?;
    publish(&site, &read(&root.join("www/service-worker/sw.js"))?)?;
    Ok(site)
}

/// Puts each page's modules into one file and its styles into another, so that opening it takes a few requests instead
/// of two hundred in chains.
fn bundle(site: &Path) -> Result<()> {
    let mut parts: BTreeSet<String> = BTreeSet::new();
    let mut made: Vec<(PathBuf, String)> = Vec::new();
    for page in &PAGES {
        let html = read(&site.join(page.html))?;
        let styles: Vec<&str> = html.lines().filter(|line| is_style(line)).filter_map(address).collect();
        let style = styles.iter().map(|style| read(&site.join(style))).collect::<Result<String>>()?;
        made.push((site.join(page.style), style));
        made.push((site.join(page.html), of_one_each(&html, page)));
        parts.extend(styles.into_iter().map(String::from));
        pack(site, page)?;
    }
    for path in entries(&site.join("pkg/dist"))? {
        if !path.file_name().is_some_and(|name| FETCHED.iter().any(|fetched| name == *fetched)) {
            remove(&path)?;
        }
    }
    // The scripts of the artefacts are in the worker's.
    for path in entries(&site.join("pkg/dist/wasm"))? {
        if path.extension().is_some_and(|extension| extension == "js") {
            remove(&path)?;
        }
    }
    for path in entries(&site.join("www"))? {
        let is_script = path.extension().is_some_and(|extension| extension == "js");
        if is_script || MODULES.iter().any(|folder| path.ends_with(folder)) {
            remove(&path)?;
        }
    }
    for style in parts {
        remove(&site.join(style))?;
    }
    made.into_iter().try_for_each(|(path, text)| write(&path, &text))
}

/// Puts the modules of a page into its script.
fn pack(site: &Path, page: &Page) -> Result<()> {
    process::run(
        npm::tool(paths::root(), "esbuild")
            .current_dir(site)
            .args([
                page.module,
                "--bundle",
                "--format=esm",
                "--target=es2022",
                "--external:./page-engine.js",
                "--external:./teach.js",
            ])
            .args(["--minify", "--sourcemap", "--log-level=warning"])
            .arg(format!("--outfile={}", page.script)),
    )
}

/// A page's markup with its one script and its one style.
fn of_one_each(html: &str, page: &Page) -> String {
    let first = html.lines().find(|line| is_style(line));
    let mut lines: Vec<String> = Vec::new();
    for line in html.lines().filter(|line| !line.starts_with("<link rel=\"modulepreload\"")) {
        if !is_style(line) {
            lines.push(line.replace(page.module, page.script));
        } else if Some(line) == first {
            lines.push(format!("<link rel=\"stylesheet\" href=\"{}\">", page.style));
        }
    }
    lines.join("\n") + "\n"
}

fn is_style(line: &str) -> bool {
    line.starts_with("<link rel=\"stylesheet\"")
}

/// The address in a line of links.
fn address(line: &str) -> Option<&str> {
    line.split('"').nth(3)
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.with_context(|| format!("cannot remove {}", path.display()))
}

/// Leaves in the site's catalog what can be had there: the models that lie in the folder, and those of publishers.
fn list(models: &Path) -> Result<()> {
    let is_published = |entry: &Value| entry["url"].as_str().is_some_and(|url| url.starts_with("https:"));
    package::write_catalog(models, |entry| entry["offline"] == true || is_published(entry))
}

/// Gives a folder of files its version, which its pages and `sw.js` tell from then on.
fn publish(site: &Path, worker: &str) -> Result<()> {
    let version = version_of(site, worker)?;
    for Page { html, .. } in PAGES {
        let path = site.join(html);
        let page = read(&path)?;
        let (before, after) = page.split_once(CHARSET).with_context(|| format!("{} has no charset", path.display()))?;
        write(&path, &format!("{before}{CHARSET}<meta name=\"site-version\" content=\"{version}\">\n{after}"))?;
    }
    let (kept, later): (BTreeMap<String, String>, BTreeMap<String, String>) = files(site)?
        .into_iter()
        .filter(|(path, _)| is_served(Path::new(path)))
        .map(|(path, digest)| (path, format!("sha256-{}", BASE64_STANDARD.encode(digest))))
        .partition(|(path, _)| {
            !path.rsplit('/').next().is_some_and(|name| LATER.iter().any(|later| name.starts_with(later)))
        });
    let told = json!({ "version": version, "files": kept, "later": later });
    write(&site.join("sw.js"), &format!("globalThis.site = {told};\n\n{worker}"))
}

/// A digest of everything in the folder, and of the service worker.
fn version_of(site: &Path, worker: &str) -> Result<String> {
    let mut all = Sha256::new_with_prefix(worker);
    for (path, digest) in files(site)? {
        all.update(path);
        all.update(digest);
    }
    let mut version = stamp::hexadecimal(&all.finalize());
    version.truncate(VERSION_LENGTH);
    Ok(version)
}

/// Every file of the folder, by its relative address, with its SHA-256.
fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for path in entries(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files(&path)?.into_iter().map(|(inner, digest)| (format!("{name}/{inner}"), digest)));
        } else {
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            found.insert(name, Sha256::digest(bytes).to_vec());
        }
    }
    Ok(found)
}

/// Copies what a browser asks for.
fn copy_served(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for path in entries(from)? {
        let name = path.file_name().unwrap_or_default();
        if LEFT_OUT.iter().any(|left| name == *left) {
            continue;
        }
        if path.is_dir() {
            copy_served(&path, &to.join(name))?;
        } else if is_served(&path) {
            copy(&path, &to.join(name))?;
        }
    }
    Ok(())
}

fn is_served(path: &Path) -> bool {
    path.extension().is_some_and(|extension| SERVED.iter().any(|served| extension == *served))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let cannot = || format!("cannot read {}", folder.display());
    fs::read_dir(folder).with_context(cannot)?.map(|entry| Ok(entry.with_context(cannot)?.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKER: &str = "'use the list';\n";

    /// A site of a few files, published; the file `www/main.js` holds `script`.
    fn published(name: &str, script: &str) -> Result<PathBuf> {
        let site = paths::cache().join("tests").join(name);
        fresh_folder(&site)?;
        for folder in ["www", "models"] {
            fs::create_dir(site.join(folder))?;
        }
        for Page { html, .. } in PAGES {
            write(&site.join(html), "<!doctype html>\n<meta charset=\"utf-8\">\n<title>page</title>\n")?;
        }
        write(&site.join("www/main.js"), script)?;
        write(&site.join("models/catalog.json"), "[]")?;
        write(&site.join("models/a.safetensors"), "weights")?;
        write(&site.join("LICENSE-MIT"), "licence")?;
        publish(&site, WORKER)?;
        Ok(site)
    }

    /// What the first line of the service worker tells.
    fn told(site: &Path) -> Result<serde_json::Value> {
        let worker = read(&site.join("sw.js"))?;
        let (first, rest) = worker.split_once("\n\n").context("sw.js has one part")?;
        assert_eq!(rest, WORKER);
        let list = first.strip_prefix("globalThis.site = ").and_then(|text| text.strip_suffix(';'));
        Ok(serde_json::from_str(list.context("sw.js begins with another line")?)?)
    }

    #[test]
    fn lists_what_the_page_needs_without_weights() -> Result<()> {
        let told = told(&published("list", "one")?)?;
        let files: Vec<&String> = told["files"].as_object().context("no files")?.keys().collect();
        assert_eq!(files, ["bench.html", "index.html", "models/catalog.json", "www/main.js"]);
        assert_eq!(told["files"]["www/main.js"], "sha256-dpLDrTVAu4A8Ags67mbNiIcSMjTqDG5xQ8Ct1z/0Me0=");
        Ok(())
    }

    #[test]
    fn the_catalog_lists_what_can_be_had() -> Result<()> {
        let models = published("catalog", "one")?.join("models");
        let entry = |url: &str, offline: bool| json!({ "url": url, "offline": offline });
        let all =
            [entry("a.safetensors", false), entry("absent.safetensors", true), entry("https://host.example/b", false)];
        write(&models.join("catalog.json"), &json!(all).to_string())?;
        list(&models)?;
        let listed: Value = serde_json::from_str(&read(&models.join("catalog.json"))?)?;
        assert_eq!(listed, json!([entry("a.safetensors", true), entry("https://host.example/b", false)]));
        Ok(())
    }

    #[test]
    fn digests_are_those_of_the_published_files() -> Result<()> {
        let site = published("digests", "one")?;
        for (path, digest) in told(&site)?["files"].as_object().context("no files")? {
            let found = BASE64_STANDARD.encode(Sha256::digest(fs::read(site.join(path))?));
            assert_eq!(digest, &format!("sha256-{found}"), "{path}");
        }
        Ok(())
    }

    #[test]
    fn the_version_follows_the_files_and_the_pages_tell_it() -> Result<()> {
        let sites = [published("a", "one")?, published("b", "one")?, published("c", "two")?];
        let versions = sites.iter().map(|site| Ok(told(site)?["version"].clone())).collect::<Result<Vec<_>>>()?;
        assert_eq!(versions[0], versions[1]);
        assert_ne!(versions[0], versions[2]);
        let version = versions[0].as_str().context("no version")?;
        let wanted = format!("<meta charset=\"utf-8\">\n<meta name=\"site-version\" content=\"{version}\">\n<title>");
        for Page { html, .. } in PAGES {
            assert!(read(&sites[0].join(html))?.contains(&wanted), "{html}");
        }
        Ok(())
    }
}
