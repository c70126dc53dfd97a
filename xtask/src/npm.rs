//! npm and the programs of npm packages, which have other names on Windows.

use std::path::Path;
use std::process::Command;

/// The npm client.
pub fn npm() -> Command {
    Command::new(script("npm", cfg!(windows)))
}

/// A program of the packages that are installed in `folder`.
pub fn tool(folder: &Path, name: &str) -> Command {
    Command::new(folder.join("node_modules/.bin").join(script(name, cfg!(windows))))
}

/// How a program is called that npm installed: on Windows a command file stands before the script.
fn script(name: &str, is_windows: bool) -> String {
    if is_windows { format!("{name}.cmd") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_command_files_on_windows() {
        assert_eq!(script("npm", true), "npm.cmd");
        assert_eq!(script("wasm-opt", false), "wasm-opt");
    }
}
