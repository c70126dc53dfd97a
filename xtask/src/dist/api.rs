//! The pages of the package's API, made from its type declarations by typedoc.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{npm, paths, process, setup};

/// Makes the pages in `out/api` and returns that folder. A public name without a doc comment or a broken link fails.
pub fn make(out: &Path) -> Result<PathBuf> {
    let (folder, api) = (paths::root().join("docs/api"), out.join("api"));
    setup::for_api(&folder)?;
    process::run(npm::tool(&folder, "typedoc").current_dir(&folder).args(["--logLevel", "Warn", "--out"]).arg(&api))?;
    Ok(api)
}
