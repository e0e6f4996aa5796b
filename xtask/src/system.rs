//! Programs of the system: from PATH, else through the system's package manager where allowed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::steps::step;
use crate::workspace::run;

/// The first of these programs that stands in a folder of PATH.
pub(crate) fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        folders.iter().map(|folder| folder.join(&file)).find(|file| file.is_file())
    })
}

/// As root on a Debian, installs these packages; elsewhere does nothing.
pub(crate) fn install_on_debian(packages: &[&str]) -> Result<(), Failure> {
    if !is_root() || on_path(&["apt-get"]).is_none() {
        return Ok(());
    }
    step(&format!("installing {} with apt-get", packages.join(" and ")), || {
        apt(&["update", "--quiet"], packages)?;
        let install = ["install", "--quiet", "--yes", "--no-install-recommends"];
        apt(&[&install, packages].concat(), packages)
    })
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").stdin(Stdio::null()).output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn apt(arguments: &[&str], packages: &[&str]) -> Result<(), Failure> {
    let mut command = Command::new(Path::new("apt-get"));
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    let remedy =
        format!("install the packages {} by hand, then run the tests again", packages.join(", "));
    run(&mut command, &remedy)
}
