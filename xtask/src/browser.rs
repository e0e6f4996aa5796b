//! Chromium and its driver: from PATH, else through the system's package manager where allowed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::steps::step;
use crate::workspace::{run, target};

const CHROMIUMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// The flags of a browser that is driven by a test: no window, no sandbox (root has none),
/// and none of the connections that Chromium opens by itself.
const FLAGS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A browser that tests can drive.
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

/// Finds Chromium and chromedriver; as root on a Debian installs them first if need be.
pub(crate) fn ensure() -> Result<Browser, Failure> {
    if let Some(browser) = find() {
        return Ok(browser);
    }
    if is_root() && on_path(&["apt-get"]).is_some() {
        step("installing Chromium and chromedriver with apt-get", apt_install)?;
    }
    find().ok_or_else(|| {
        Failure::new(
            "the browser tests need Chromium and chromedriver",
            match std::env::consts::OS {
                "macos" => "brew install --cask chromium chromedriver",
                "linux" => "sudo apt-get install chromium chromium-driver (or your system's packages of that kind)",
                _ => "install Chrome and the chromedriver of the same version, and put both on PATH",
            },
        )
    })
}

impl Browser {
    /// Writes the capabilities that `wasm-bindgen-test-runner` asks for in a file.
    pub(crate) fn capabilities_file(&self) -> Result<PathBuf, Failure> {
        let path = target()?.join("webdriver.json");
        let flags: Vec<String> = FLAGS.iter().map(|flag| format!("\"{flag}\"")).collect();
        let binary = self.chromium.display().to_string().replace('\\', "\\\\");
        let json = format!(
            "{{\"goog:chromeOptions\": {{\"binary\": \"{binary}\", \"args\": [{}]}}}}\n",
            flags.join(", ")
        );
        fs::write(&path, json).map_err(|error| {
            Failure::new(format!("cannot write {}: {error}", path.display()), "make it writable")
        })?;
        Ok(path)
    }
}

fn find() -> Option<Browser> {
    Some(Browser { chromium: on_path(&CHROMIUMS)?, chromedriver: on_path(&["chromedriver"])? })
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        folders.iter().map(|folder| folder.join(&file)).find(|file| file.is_file())
    })
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").stdin(Stdio::null()).output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn apt_install() -> Result<(), Failure> {
    apt(&["update", "--quiet"])?;
    apt(&["install", "--quiet", "--yes", "--no-install-recommends", "chromium", "chromium-driver"])
}

fn apt(arguments: &[&str]) -> Result<(), Failure> {
    let mut command = Command::new(Path::new("apt-get"));
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    run(
        &mut command,
        "install the packages chromium and chromium-driver by hand, then run the tests again",
    )
}
