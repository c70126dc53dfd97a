//! Debian packages: through apt when this process is root, else as a command that the user can run.

use std::process::Command;

use anyhow::{Result, bail};

use super::system::System;
use crate::process;

/// Installs those of the packages that are missing, after it has said which they are and what for.
pub fn install(packages: &[&str], purpose: &str) -> Result<()> {
    let system = System::this();
    if system != System::Debian {
        bail!("{purpose}. {}", system.needs());
    }
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        process::note(&format!("{}: already installed", packages.join(", ")));
        return Ok(());
    }
    if !is_root()? {
        bail!("{}", request(&missing, purpose));
    }
    process::note(&announcement(&missing, purpose));
    process::run(apt().arg("update"))?;
    process::run(apt().args(["install", "--yes", "--no-install-recommends"]).args(&missing))
}

/// What is said before packages are installed.
fn announcement(missing: &[&str], purpose: &str) -> String {
    format!("{purpose}. apt-get will now install, with what they depend on: {}", missing.join(", "))
}

/// What is said to a user who may not install packages.
fn request(missing: &[&str], purpose: &str) -> String {
    format!(
        "{purpose}. Run this first, then the chore again:\n  sudo apt-get update && sudo apt-get install --no-install-recommends {}",
        missing.join(" ")
    )
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq");
    command
}

fn is_installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status}", package])
        .output()
        .is_ok_and(|output| output.status.success() && output.stdout == b"installed")
}

fn is_root() -> Result<bool> {
    Ok(process::capture(Command::new("id").arg("-u"))?.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_for_and_what() {
        let told = announcement(&["nodejs", "npm"], "Node.js runs the tools that build the package");
        assert_eq!(
            told,
            "Node.js runs the tools that build the package. apt-get will now install, with what they depend on: nodejs, npm"
        );
        let asked = request(&["nodejs", "npm"], "Node.js runs the tools that build the package");
        assert!(asked.starts_with("Node.js runs the tools that build the package. Run this first"));
        assert!(asked.ends_with("sudo apt-get install --no-install-recommends nodejs npm"));
    }
}
