//! From the path of a request to a file that may be served.

use std::path::{Path, PathBuf};

/// What the server shows of the repository: the page, what the page uses, and what browser tests use.
const PUBLIC: [&str; 5] = ["index.html", "www", "pkg", "models", "tests"];

/// The file that a request target names, or `None` where there is none or it is not public.
/// A folder stands for its `index.html`. Names that begin with a dot are not served, which excludes `..` as well.
pub fn resolve(root: &Path, target: &str) -> Option<PathBuf> {
    let path = decode(target.split(['?', '#']).next().unwrap_or_default())?;
    let mut file = root.to_path_buf();
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    for name in &names {
        if name.starts_with('.') || name.contains(['\\', '\0', ':']) {
            return None;
        }
        file.push(name);
    }
    match names.first() {
        Some(first) if !PUBLIC.contains(first) => return None,
        _ if file.is_dir() => file.push("index.html"),
        _ => {}
    }
    file.is_file().then_some(file)
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
    use super::*;
    use crate::paths::root;

    #[test]
    fn finds_public_files() {
        let golden = root().join("tests/reference/golden/paper_googlenet.json");
        assert_eq!(resolve(root(), "/tests/reference/golden/paper_googlenet.json?x=1"), Some(golden.clone()));
        assert_eq!(resolve(root(), "/tests/reference/golden/paper%5Fgooglenet.json"), Some(golden));
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
            assert_eq!(resolve(root(), target), None, "{target}");
        }
    }
}
