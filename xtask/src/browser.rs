//! Chromium and its driver: from PATH, else through the system's package manager where allowed.

use std::fs;
use std::path::PathBuf;

use crate::failure::Failure;
use crate::system::{install_on_debian, on_path};
use crate::workspace::target;

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
    install_on_debian(&["chromium", "chromium-driver"])?;
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
