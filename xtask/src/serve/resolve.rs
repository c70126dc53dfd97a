//! From the path of a request to a file that may be served.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::paths;

/// What the server shows of the repository: the pages, what they use, and what browser tests use.
const PUBLIC: [&str; 6] = ["index.html", "bench.html", "www", "pkg", "models", "tests"];

/// A folder that is served.
pub struct Folder {
    root: PathBuf,
    /// The names at the root that may be asked for; all of them where there is no list.
    public: Option<&'static [&'static str]>,
}

impl Folder {
    /// The repository, of which the public part is shown.
    pub fn repository() -> Self {
        Self { root: paths::root().to_path_buf(), public: Some(&PUBLIC) }
    }

    /// A folder whose files are all meant to be served, such as a published site.
    pub fn at(path: &Path) -> Result<Self> {
        let cannot = || format!("cannot serve {}", path.display());
        let root = path.canonicalize().with_context(cannot)?;
        ensure!(root.join("index.html").is_file(), "{}: there is no index.html", cannot());
        Ok(Self { root, public: None })
    }

    /// The file that a request target names, or `None` where there is none or it is not public.
    /// A folder stands for its `index.html`. Names that begin with a dot are not served, which excludes `..` as well;
    /// nor are links that lead out of a folder without a list.
    pub fn resolve(&self, target: &str) -> Option<PathBuf> {
        let path = decode(target.split(['?', '#']).next().unwrap_or_default())?;
        let mut file = self.root.clone();
        let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
        for name in &names {
            if name.starts_with('.') || name.contains(['\\', '\0', ':']) {
                return None;
            }
            file.push(name);
        }
        match (names.first(), self.public) {
            (Some(first), Some(public)) if !public.contains(first) => return None,
            _ if file.is_dir() => file.push("index.html"),
            _ => {}
        }
        let stays = || file.canonicalize().is_ok_and(|real| real.starts_with(&self.root));
        (file.is_file() && (self.public.is_some() || stays())).then_some(file)
    }
}

/// Undoes percent-encoding; `None` where it is broken or does not give UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn finds_public_files() {
        let golden = paths::root().join("tests/reference/golden/paper_googlenet.json");
        let repository = Folder::repository();
        assert_eq!(repository.resolve("/tests/reference/golden/paper_googlenet.json?x=1"), Some(golden.clone()));
        assert_eq!(repository.resolve("/tests/reference/golden/paper%5Fgooglenet.json"), Some(golden));
    }

    #[test]
    fn keeps_the_rest_of_the_disk_to_itself() {
        for target in [
            "/Cargo.toml",
            "/tests/../Cargo.toml",
            "/tests/%2e%2e/Cargo.toml",
            "/tests/..%2fCargo.toml",
            "/../../../../etc/passwd",
            "//etc/passwd",
            "/tests/%2fetc/passwd",
            "/.git/HEAD",
            "/tests/%zz",
            "/tests/reference/absent.json",
            "/tests/reference",
        ] {
            assert_eq!(Folder::repository().resolve(target), None, "{target}");
        }
    }

    /// A site with a page, a script beside it and a hidden file, in a folder with another file.
    fn site(name: &str) -> Result<PathBuf> {
        let outer = paths::cache().join("tests").join(name);
        fs::create_dir_all(outer.join("site/www"))?;
        for file in ["outside.txt", "site/index.html", "site/sw.js", "site/www/main.js", "site/.hidden"] {
            fs::write(outer.join(file), file)?;
        }
        Ok(outer.join("site").canonicalize()?)
    }

    #[test]
    fn shows_all_of_another_folder_and_nothing_beside_it() -> Result<()> {
        let site = site("serve")?;
        let folder = Folder::at(&site)?;
        for (target, file) in [("/", "index.html"), ("/sw.js?x", "sw.js"), ("/www/main.js", "www/main.js")] {
            assert_eq!(folder.resolve(target), Some(site.join(file)), "{target}");
        }
        for target in ["/.hidden", "/../outside.txt", "/%2e%2e/outside.txt", "/www", "/www/..%2findex.html", "/pkg"] {
            assert_eq!(folder.resolve(target), None, "{target}");
        }
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn follows_no_link_out_of_another_folder() -> Result<()> {
        let site = site("links")?;
        for (name, to) in [("inside.js", "sw.js"), ("outside.txt", "../outside.txt"), ("up", "..")] {
            let link = site.join(name);
            let _ = fs::remove_file(&link);
            std::os::unix::fs::symlink(to, link)?;
        }
        let folder = Folder::at(&site)?;
        assert_eq!(folder.resolve("/inside.js"), Some(site.join("inside.js")));
        assert_eq!(folder.resolve("/outside.txt"), None);
        assert_eq!(folder.resolve("/up/outside.txt"), None);
        Ok(())
    }

    #[test]
    fn a_folder_without_a_page_is_refused() {
        assert!(Folder::at(&paths::root().join("xtask")).is_err());
        assert!(Folder::at(&paths::root().join("absent")).is_err());
    }
}
