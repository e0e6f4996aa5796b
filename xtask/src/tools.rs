//! Command-line tools written in Rust: from PATH at the right version, else built once per user.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::steps::step;
use crate::workspace::{cargo, root, run};

/// A tool that crates.io serves as source.
pub(crate) struct Tool {
    /// What people call it; its folder in the cache begins so.
    name: &'static str,
    package: &'static str,
    /// The programs of that package that are used here.
    programs: &'static [&'static str],
    version: String,
    /// Whether the package's own Cargo.lock names versions that can still be had.
    locked: bool,
}

/// Trunk, which people use who change the page; `test` checks that it makes the same page.
pub(crate) fn trunk() -> Tool {
    Tool {
        name: "trunk",
        package: "trunk",
        programs: &["trunk"],
        version: "0.21.14".to_owned(),
        locked: true,
    }
}

/// The `wasm-bindgen` commands at exactly the version of the crate in Cargo.lock.
pub(crate) fn wasm_bindgen() -> Result<Tool, Failure> {
    let version = locked_version("wasm-bindgen")?;
    let programs = &["wasm-bindgen", "wasm-bindgen-test-runner"];
    Ok(Tool { name: "wasm-bindgen", package: "wasm-bindgen-cli", programs, version, locked: false })
}

impl Tool {
    /// The folder that holds the tool's programs; builds them when no folder does.
    pub(crate) fn ensure(&self) -> Result<PathBuf, Failure> {
        if let Some(folder) = self.on_path() {
            return Ok(folder);
        }
        let home = cache_folder()?.join(format!("{}-{}", self.name, self.version));
        if self.is_in(&home.join("bin")) {
            return Ok(home.join("bin"));
        }
        let name = format!("building {} {} once for all clones (minutes)", self.name, self.version);
        step(&name, || self.install(&home))?;
        Ok(home.join("bin"))
    }

    fn on_path(&self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| self.is_in(folder))
    }

    fn is_in(&self, folder: &Path) -> bool {
        self.programs.iter().all(|program| {
            let file = folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
            file.is_file() && says_version(&file, &self.version)
        })
    }

    /// Builds into a folder of its own, and renames it when it is whole: what was interrupted
    /// is never taken for finished. The lock makes a second run wait for the first.
    fn install(&self, home: &Path) -> Result<(), Failure> {
        let lock = lock_file(&home.with_file_name(format!("{}.lock", self.name)))?;
        if self.is_in(&home.join("bin")) {
            return Ok(());
        }
        let unfinished = home.with_file_name(format!("{}-{}.unfinished", self.name, self.version));
        remove(&unfinished)?;
        let mut install = cargo("install --debug --no-track");
        install.args([self.package, "--version", &self.version]);
        if self.locked {
            install.arg("--locked");
        }
        install
            .arg("--root")
            .arg(&unfinished)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            // Not the clone's target folder: its build settings are not the tool's.
            .env("CARGO_TARGET_DIR", unfinished.join("target"));
        run(
            &mut install,
            "the lines above say why; a C compiler and access to crates.io are needed",
        )?;
        remove(&unfinished.join("target"))?;
        remove(home)?;
        fs::rename(&unfinished, home).map_err(|error| cache_failure(home, &error))?;
        drop(lock);
        Ok(())
    }
}

/// PATH with the given folders before everything else.
pub(crate) fn path_with(folders: &[&Path]) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        folders.iter().map(|folder| folder.to_path_buf()).chain(std::env::split_paths(&path));
    // A folder with a separator in its name could never have been in PATH.
    std::env::join_paths(folders).unwrap_or(path)
}

fn says_version(program: &Path, version: &str) -> bool {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    output.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout).split_whitespace().any(|word| word == version)
    })
}

fn locked_version(package: &str) -> Result<String, Failure> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap_or_default();
    version_in(&lock, package).map(str::to_owned).ok_or_else(|| {
        Failure::new(
            format!("Cargo.lock names no version of {package}"),
            "restore Cargo.lock from the repository",
        )
    })
}

fn version_in<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let (_, entry) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    entry.split_once('"').map(|(version, _)| version)
}

pub(crate) fn cache_folder() -> Result<PathBuf, Failure> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_CACHE_HOME")
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .map(|cache| cache.join("postroom").join("tools"))
        .ok_or_else(|| {
            Failure::new(
                "there is no home folder to keep tools in",
                "set XDG_CACHE_HOME to a folder",
            )
        })
}

pub(crate) fn lock_file(path: &Path) -> Result<File, Failure> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| cache_failure(folder, &error))?;
    let file = File::create(path).map_err(|error| cache_failure(path, &error))?;
    file.lock().map_err(|error| cache_failure(path, &error))?;
    Ok(file)
}

pub(crate) fn remove(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(cache_failure(folder, &error))
        }
        _ => Ok(()),
    }
}

pub(crate) fn cache_failure(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        format!("cannot use {}: {error}", path.display()),
        "make the folder writable, or set XDG_CACHE_HOME to another",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_locked_one() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(version_in(lock, "wasm"), None);
    }

    #[test]
    fn a_folder_without_the_programs_is_not_taken() {
        assert!(!trunk().is_in(Path::new("/nonexistent")));
    }
}
