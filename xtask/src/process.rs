//! Running other programs: what is run is printed, what fails says which program it was.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Prints the name of the step that begins, on stderr.
pub fn step(name: &str) {
    eprintln!("==> {name}");
}

/// Prints a detail of the current step, on stderr.
pub fn note(text: &str) {
    eprintln!("    {text}");
}

/// Runs a program with the terminal as its output; its standard output goes to our stderr, which leaves stdout to results.
pub fn run(command: &mut Command) -> Result<()> {
    let line = command_line(command);
    note(&line);
    let status = command.stdout(std::io::stderr()).status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed: {status}");
    }
    Ok(())
}

/// Runs a program and returns its standard output.
pub fn capture(command: &mut Command) -> Result<String> {
    let line = command_line(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed: {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed something that is not UTF-8"))
}

/// True where the program can be started and reports success.
pub fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// The command as a line that can be read, with the program's folder left out.
pub fn command_line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program).chain(command.get_args()).map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
