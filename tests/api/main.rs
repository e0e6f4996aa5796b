//! The public face of the core, as its documentation shows it: a change is seen, and meant.
//!
//! After an intended change, run this with `POSTROOM_BLESS=1` and look at the difference.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

#[test]
fn the_public_face_is_the_recorded_one() {
    let found = public_face(&documentation());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("api/postroom-core.txt");
    if std::env::var_os("POSTROOM_BLESS").is_some() {
        fs::write(&path, &found).unwrap();
        return;
    }
    let recorded = fs::read_to_string(&path).unwrap();
    let (new, old): (BTreeSet<&str>, BTreeSet<&str>) =
        (found.lines().collect(), recorded.lines().collect());
    let added = new.difference(&old).map(|line| format!("+ {line}\n"));
    let removed = old.difference(&new).map(|line| format!("- {line}\n"));
    assert!(
        found == recorded,
        "the public face has changed; if that is meant, record it with POSTROOM_BLESS=1:\n{}",
        added.chain(removed).collect::<String>()
    );
}

/// The folder of the core's documentation, which is written first.
fn documentation() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["doc", "--package", "postroom-core", "--no-deps", "--quiet"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let target =
        Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target folder");
    target.join("doc/postroom_core")
}

/// A paragraph for each public item: its declaration, its methods, its traits.
fn public_face(folder: &Path) -> String {
    let all = fs::read_to_string(folder.join("all.html")).expect("cargo wrote it");
    let (_, list) = all.split_once("List of all items").expect("it lists all items");
    let mut pages: Vec<&str> =
        list.split("<a href=\"").skip(1).filter_map(|link| Some(link.split_once('"')?.0)).collect();
    pages.retain(|page| page.ends_with(".html") && !page.starts_with("../"));
    pages.sort_unstable();
    pages.dedup();
    assert!(pages.len() > 50, "{} public items", pages.len());
    let item = |page: &&str| {
        let html = fs::read_to_string(folder.join(page)).expect("each item has a page");
        format!("{}\n{}\n", page.trim_end_matches(".html"), face_of(&html))
    };
    pages.iter().map(item).collect()
}

fn face_of(html: &str) -> String {
    let (html, _) = html.split_once("id=\"blanket-implementations-list\"").unwrap_or((html, ""));
    let (html, automatic) =
        html.split_once("id=\"synthetic-implementations-list\"").unwrap_or((html, ""));
    let (own, traits) = html.split_once("id=\"trait-implementations-list\"").unwrap_or((html, ""));
    let mut lines = between(own, "<pre class=\"rust item-decl\">", "</pre>");
    lines.extend(between(own, "<h4 class=\"code-header\">", "</h4>"));
    let mut implemented = between(traits, "<h3 class=\"code-header\">", "</h3>");
    // Only what is missing says something: that a type is not `Send`.
    let missing = between(automatic, "<h3 class=\"code-header\">", "</h3>").into_iter();
    implemented.extend(missing.filter(|line| line.contains("impl !")));
    // The compiler's own.
    implemented.retain(|line| !line.starts_with("impl StructuralPartialEq"));
    implemented.sort_unstable();
    lines.extend(implemented);
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

/// The texts of the elements that begin and end so.
fn between(html: &str, start: &str, end: &str) -> Vec<String> {
    let elements = html.split(start).skip(1);
    elements.filter_map(|rest| Some(text(rest.split_once(end)?.0))).collect()
}

/// What a reader sees of a piece of HTML, on one line.
fn text(html: &str) -> String {
    let mut seen = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        seen += before;
        // "Show 17 fields" is a button.
        let skipped = after.strip_prefix("summary").and_then(|it| it.split_once("</summary>"));
        rest = skipped.or_else(|| after.split_once('>')).map_or("", |(_, rest)| rest);
    }
    seen += rest;
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    let seen = entities.into_iter().fold(seen, |seen, (entity, sign)| seen.replace(entity, sign));
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn html_becomes_what_a_reader_sees() {
    let html = "<a href=\"x\">pub</a> fn <b>at</b>(&amp;self) -&gt;\n  <summary class=\"y\"><i>Show 3</i></summary>Option&lt;u8&gt;";
    assert_eq!(text(html), "pub fn at(&self) -> Option<u8>");
}
