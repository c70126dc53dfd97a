//! What the project needs of each system, and which one this is.

use std::path::Path;

/// A system, as far as setting up differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Debian and what is made of it: packages come through apt.
    Debian,
    /// Any other Linux, and other Unixes.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl System {
    /// The system of this process.
    pub fn this() -> Self {
        Self::of(std::env::consts::OS, Path::new("/usr/bin/apt-get").exists())
    }

    /// The system with this name of [`std::env::consts::OS`], with apt or without.
    fn of(name: &str, has_apt: bool) -> Self {
        match name {
            "macos" => Self::MacOs,
            "windows" => Self::Windows,
            _ if has_apt => Self::Debian,
            _ => Self::Linux,
        }
    }

    /// What building and showing the page takes, in one sentence.
    pub fn needs(self) -> &'static str {
        match self {
            Self::Debian => {
                "On Debian and Ubuntu: Rust from rustup.rs with a C compiler (gcc), and Node.js 20 or later; what is missing is \
                 installed through apt-get, after it was named, or named for you to install."
            }
            Self::Linux => {
                "On this Linux: Rust from rustup.rs (`rustup component add rust-src` is done for you) with a C compiler, Node.js 20 \
                 or later with npm, and for the sample photos python3 with pip."
            }
            Self::MacOs => {
                "On macOS: Rust from rustup.rs (`rustup component add rust-src` is done for you), Apple's command line tools \
                 (`xcode-select --install`), Node.js 20 or later from nodejs.org, and for the sample photos python3 with pip."
            }
            Self::Windows => {
                "On Windows: Rust from rustup.rs (`rustup component add rust-src` is done for you) with the C++ build tools that it \
                 asks for, Node.js 20 or later from nodejs.org, and for the sample photos Python with pip."
            }
        }
    }

    /// The browser that the tests take, in one sentence.
    pub fn needs_for_tests(self) -> &'static str {
        match self {
            Self::Debian => {
                "The tests run the page in Chromium, and the GPU's code on a Vulkan driver that needs no GPU."
            }
            Self::Linux => {
                "The tests run the page in an installed Chromium, Google Chrome or Microsoft Edge, which they find in /usr/bin or \
                 /snap/bin; CHROMIUM names another."
            }
            Self::MacOs => {
                "The tests run the page in an installed Google Chrome, Microsoft Edge or Chromium, which they find in \
                 /Applications; CHROMIUM names another."
            }
            Self::Windows => {
                "The tests run the page in an installed Google Chrome, Microsoft Edge or Chromium, which they find in Program \
                 Files; CHROMIUM names another."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [System; 4] = [System::Debian, System::Linux, System::MacOs, System::Windows];

    #[test]
    fn knows_the_systems_by_their_names() {
        let found = [("linux", true), ("linux", false), ("freebsd", false), ("macos", false), ("windows", false)];
        let wanted = [System::Debian, System::Linux, System::Linux, System::MacOs, System::Windows];
        assert_eq!(found.map(|(name, has_apt)| System::of(name, has_apt)), wanted);
        assert_eq!(System::of("macos", true), System::MacOs, "whatever else is installed");
    }

    #[test]
    fn says_in_one_sentence_what_each_needs() {
        for system in ALL {
            for text in [system.needs(), system.needs_for_tests()] {
                assert!(text.ends_with('.') && !text.contains(". ") && !text.contains("  "), "{text}");
            }
            assert!(system.needs().contains("rustup.rs") && system.needs().contains("Node.js 20"), "{system:?}");
            assert_eq!(system.needs().contains("apt-get"), system == System::Debian, "{system:?}");
            assert_eq!(system.needs().contains("rust-src"), system != System::Debian, "{system:?}");
        }
        for system in [System::Linux, System::MacOs, System::Windows] {
            assert!(
                system.needs_for_tests().contains("Chrome") && system.needs_for_tests().contains("CHROMIUM"),
                "{system:?}"
            );
        }
    }
}
