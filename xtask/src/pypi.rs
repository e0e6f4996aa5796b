//! Packages from PyPI, each set in a folder of its own, once for all clones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::steps::step;
use crate::system::install_on_debian;
use crate::tools::{cache_failure, cache_folder, lock_file, remove};
use crate::workspace::run;

/// A set of packages, every one named with its version.
pub(crate) struct Packages {
    /// Their folder in the cache: another one for every change of the list.
    pub(crate) folder: &'static str,
    pub(crate) packages: &'static [&'static str],
    /// What to do where they cannot be installed.
    pub(crate) remedy: &'static str,
}

impl Packages {
    /// The folder that holds them; installs them when there is none.
    pub(crate) fn ensure(&self) -> Result<PathBuf, Failure> {
        let home = cache_folder()?.join(self.folder);
        if home.is_dir() {
            return Ok(home);
        }
        let lock = lock_file(&home.with_file_name(format!("{}.lock", self.folder)))?;
        if !home.is_dir() {
            let what = format!("installing {} from PyPI once for all clones", self.folder);
            step(&what, || self.install(&home))?;
        }
        drop(lock);
        Ok(home)
    }

    /// Into a folder of its own, renamed when it is whole.
    fn install(&self, home: &Path) -> Result<(), Failure> {
        if !has_pip() {
            install_on_debian(&["python3-pip"])?;
        }
        let unfinished = home.with_file_name(format!("{}.unfinished", self.folder));
        remove(&unfinished)?;
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
            .arg(&unfinished)
            .args(self.packages)
            .stdin(Stdio::null());
        run(&mut pip, self.remedy)?;
        fs::rename(&unfinished, home).map_err(|error| cache_failure(home, &error))
    }
}

fn has_pip() -> bool {
    let pip = Command::new("python3").args(["-m", "pip", "--version"]).output();
    pip.is_ok_and(|output| output.status.success())
}
