//! The clone's files, and the code in them without comments and tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The clone's own folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests is a folder of the workspace")
}

/// A line of a program, not of its tests, without comments.
pub(crate) struct Line {
    /// `core/src/lib.rs:12`
    pub(crate) place: String,
    pub(crate) code: String,
}

/// Every Rust file below a folder of the clone.
pub(crate) fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    found.sort();
    assert!(!found.is_empty(), "{folder} has Rust files");
    found
}

/// The lines of a package's program: comments, and modules that only tests compile, left out.
pub(crate) fn program(folder: &str) -> Vec<Line> {
    let files: Vec<(PathBuf, String)> =
        rust_files(folder).into_iter().map(|path| (path.clone(), read(&path))).collect();
    let tests_only: BTreeSet<PathBuf> =
        files.iter().flat_map(|(path, source)| test_modules(path, source)).collect();
    let mut lines = Vec::new();
    for (path, source) in &files {
        if path.ancestors().any(|part| tests_only.contains(&part.with_extension(""))) {
            continue;
        }
        // By the house's order, tests end a file.
        let end = source.find("\n#[cfg(test)]\nmod tests {").unwrap_or(source.len());
        let mut above = "";
        for (index, line) in source[..end].lines().enumerate() {
            let is_for_tests = above.trim() == "#[cfg(test)]";
            above = line;
            if is_for_tests {
                continue;
            }
            let code = line.split("//").next().unwrap_or_default();
            let place = format!("{}:{}", shown(path), index + 1);
            lines.push(Line { place, code: code.to_owned() });
        }
    }
    lines
}

/// A path as people write it: from the clone's folder, with slashes.
pub(crate) fn shown(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Whether the code names the word, not merely a longer one that contains it.
pub(crate) fn names(code: &str, word: &str) -> bool {
    let part_of_name = |character: char| character.is_alphanumeric() || character == '_';
    code.match_indices(word).any(|(start, _)| {
        !code[..start].ends_with(part_of_name)
            && !code[start + word.len()..].starts_with(part_of_name)
    })
}

/// The files (without their ending) or folders of modules that are declared for tests alone.
fn test_modules(path: &Path, source: &str) -> Vec<PathBuf> {
    let name = path.file_stem().unwrap_or_default();
    let folder = path.parent().unwrap_or(path);
    let folder = if ["lib", "main", "mod"].iter().any(|root| name == *root) {
        folder.to_owned()
    } else {
        folder.join(name)
    };
    let lines: Vec<&str> = source.lines().collect();
    lines
        .windows(2)
        .filter(|pair| pair[0].starts_with("#[cfg(") && names(pair[0], "test"))
        .filter_map(|pair| {
            let (_, module) = pair[1].split_once("mod ")?;
            Some(folder.join(module.strip_suffix(';')?))
        })
        .collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder can be read to its end").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn words_are_whole() {
    assert!(names("use std::thread;", "std::thread"));
    assert!(names("let x: f64 = 0.0;", "f64"));
    assert!(!names("MyHashMap::new()", "HashMap"));
    assert!(!names("std::threads", "std::thread"));
}

#[test]
fn modules_for_tests_alone_are_known() {
    let modules = test_modules(Path::new("a/mod.rs"), "mod b;\n#[cfg(test)]\nmod tests;\n");
    assert_eq!(modules, [Path::new("a/tests")]);
    let modules = test_modules(Path::new("a/b.rs"), "#[cfg(test)]\npub(crate) mod toy;\n");
    assert_eq!(modules, [Path::new("a/b/toy")]);
}
