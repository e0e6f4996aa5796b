//! What `cargo xtask test` checks, step by step.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::brokers;
use crate::browser;
use crate::failure::Failure;
use crate::page::{self, Beside};
use crate::peers;
use crate::tally::{Tally, run_counting};
use crate::tools::{self, path_with};
use crate::workspace::{BARE, WASM, cargo, ensure_target, root, run, target};

/// How long all tests of one package may take in the browser.
const WASM_TESTS_SECONDS_MAX: &str = "600";

pub(crate) fn fmt(_: &mut Tally) -> Result<(), Failure> {
    run(&mut cargo("fmt --all --check"), "cargo fmt --all")
}

pub(crate) fn clippy(_: &mut Tally) -> Result<(), Failure> {
    ensure_target(WASM)?;
    let remedy = "change the code, or expect the lint there with its reason";
    run(&mut cargo("clippy --workspace --all-targets --all-features -- -D warnings"), remedy)?;
    run(
        &mut cargo(&format!("clippy --target {WASM} --package postroom-web -- -D warnings")),
        remedy,
    )
}

pub(crate) fn doc(_: &mut Tally) -> Result<(), Failure> {
    let mut doc = cargo("doc --workspace --no-deps");
    run(doc.env("RUSTDOCFLAGS", "-D warnings"), "mend the comments that the lines above name")
}

pub(crate) fn native(tally: &mut Tally) -> Result<(), Failure> {
    run_counting(&mut cargo("test --workspace --no-fail-fast"), tally)?;
    // By itself: what else is built here has no use for the command's features.
    let command = "test --package postroom-simulator --features cli --bins --test command";
    run_counting(&mut cargo(command), tally)
}

pub(crate) fn wasm(tally: &mut Tally) -> Result<(), Failure> {
    ensure_target(WASM)?;
    let runner = tools::wasm_bindgen()?.ensure()?.join("wasm-bindgen-test-runner");
    let browser = browser::ensure()?;
    let capabilities = browser.capabilities_file()?;
    let in_browser = |words: &str, tally: &mut Tally| {
        let mut test = cargo(&format!("test --target {WASM} {words}"));
        test.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &runner)
            .env("CHROMEDRIVER", &browser.chromedriver)
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities)
            .env("WASM_BINDGEN_TEST_TIMEOUT", WASM_TESTS_SECONDS_MAX)
            .env("WASM_BINDGEN_USE_BROWSER", "1");
        run_counting(&mut test, tally)
    };
    let pure =
        "--package postroom-core --package postroom-notification --package postroom-simulator";
    in_browser(&format!("{pure} --lib"), tally)?;
    in_browser("--package postroom-tests --test parity --test conformance", tally)
}

pub(crate) fn brokers(tally: &mut Tally) -> Result<(), Failure> {
    let brokers = brokers::ensure()?;
    // The whole workspace's features, so that nothing of the native tests is compiled anew.
    let mut test =
        cargo("test --workspace --features postroom-tests/brokers --test brokers -- --show-output");
    test.env("NATS_SERVER", &brokers.nats_server).env("RABBITMQ_SERVER", &brokers.rabbitmq_server);
    run_counting(&mut test, tally)
}

pub(crate) fn providers(tally: &mut Tally) -> Result<(), Failure> {
    let peers = peers::ensure()?;
    // Both at once: with the features that tests add, so that nothing is compiled anew.
    let tests = "--workspace --features postroom-tests/peers --test providers";
    let remedy = "mend what the lines above name";
    run(&mut cargo(&format!("build {tests} --bin notification-demo")), remedy)?;
    let mut test = cargo(&format!("test {tests}"));
    run_counting(test.env("PROVIDER_PEERS", &peers), tally)
}

pub(crate) fn package(_: &mut Tally) -> Result<(), Failure> {
    // Builds what would be published, from the package itself.
    run(
        &mut cargo("package --package postroom-core --allow-dirty"),
        "put into core/ whatever the crate needs, or change core/Cargo.toml",
    )?;
    for target in [WASM, BARE] {
        ensure_target(target)?;
        run(
            &mut cargo(&format!("build --package postroom-core --target {target}")),
            "the core takes `core` and `alloc` only: take the rest out",
        )?;
    }
    Ok(())
}

pub(crate) fn page(_: &mut Tally) -> Result<(), Failure> {
    dist().map(|_| ())
}

pub(crate) fn trunk(_: &mut Tally) -> Result<(), Failure> {
    let trunk = tools::trunk().ensure()?;
    let wasm_bindgen = tools::wasm_bindgen()?.ensure()?;
    let ours = dist()?;
    let theirs = target()?.join("trunk-dist");
    let mut build = Command::new(trunk.join("trunk"));
    build
        .args(["build", "--release", "--offline", "--dist"])
        .arg(&theirs)
        .env("PATH", path_with(&[&trunk, &wasm_bindgen]))
        // Trunk takes NO_COLOR=1 for a malformed option.
        .env_remove("NO_COLOR")
        .current_dir(root())
        .stdin(Stdio::null());
    page::hide_this_machine(&mut build);
    run(&mut build, "`trunk build --release` must work by itself: see Trunk.toml and index.html")?;
    let (ours, theirs) = (files(ours)?, files(&theirs)?);
    let names: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
    match names.into_iter().find(|name| ours.get(*name) != theirs.get(*name)) {
        None => Ok(()),
        Some(name) => Err(Failure::new(
            format!(
                "`trunk build` and `cargo xtask page` make different pages: see {name} in each"
            ),
            "make xtask/page do what Trunk does, or take out of index.html what only Trunk can do",
        )),
    }
}

pub(crate) fn size(_: &mut Tally) -> Result<(), Failure> {
    page::check_size(dist()?)
}

pub(crate) fn browser(tally: &mut Tally) -> Result<(), Failure> {
    let browser = browser::ensure()?;
    // The whole workspace's features, so that nothing of the native tests is compiled anew.
    let mut test = cargo(
        "test --workspace --features postroom-tests/browser --test browser \
         -- --test-threads 1 --show-output",
    );
    test.env("POSTROOM_DIST", dist()?)
        .env("CHROMIUM", &browser.chromium)
        .env("CHROMEDRIVER", &browser.chromedriver);
    run_counting(&mut test, tally)
}

/// The page's folder, built once in a run.
fn dist() -> Result<&'static Path, Failure> {
    static DIST: OnceLock<PathBuf> = OnceLock::new();
    if let Some(dist) = DIST.get() {
        return Ok(dist);
    }
    let dist = page::build(Beside::Scales)?;
    Ok(DIST.get_or_init(|| dist))
}

/// The files of a folder and its folders: name to content.
fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let mut found = BTreeMap::new();
    collect_files(folder, "", &mut found).map_err(|error| {
        Failure::new(format!("cannot read {}: {error}", folder.display()), "make it readable")
    })?;
    Ok(found)
}

fn collect_files(
    folder: &Path,
    prefix: &str,
    found: &mut BTreeMap<String, Vec<u8>>,
) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect_files(&entry.path(), &format!("{name}/"), found)?;
        } else {
            found.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}
