//! The pages' static files: what they must not hold, and what must be kept of them.

use std::{collections::BTreeSet, fs};

use crate::tree::{read, root};

#[test]
fn the_pages_have_no_inline_script_or_style() {
    let policy = |page: &str| {
        let (_, policy) = page.split_once("http-equiv=\"Content-Security-Policy\"")?;
        policy.split_once('>').map(|(policy, _)| policy.to_owned())
    };
    let pages = pages();
    for page in &pages {
        for script in page.split("<script").skip(1) {
            let (tag, body) = script.split_once('>').expect("a script's tag ends");
            let (body, _) = body.split_once("</script>").expect("a script ends");
            assert!(
                tag.contains(" src=\"") && body.trim().is_empty(),
                "inline script: <script{script}"
            );
        }
        for inline in ["<style", " style=", " onload=", " onclick=", " onerror=", "javascript:"] {
            assert!(!page.contains(inline), "a page contains `{inline}`");
        }
    }
    let policies: BTreeSet<Option<String>> = pages.iter().map(|page| policy(page)).collect();
    assert_eq!(policies.len(), 1, "all pages have the same policy");
    assert!(!policies.contains(&None), "the pages have a policy");
}

#[test]
fn all_files_of_the_pages_are_kept_for_a_visit_without_a_network() {
    let index = read(&root().join("index.html"));
    let copied = values_of(&index, "rel=\"copy-file\" href=\"");
    let copied = copied.map(|path| path.rsplit('/').next().unwrap_or(path).to_owned());
    let built = values_of(&index, "data-bin=\"");
    let built = built.flat_map(|name| [format!("{name}.js"), format!("{name}_bg.wasm")]);
    let files: BTreeSet<String> =
        copied.chain(built).chain(["index.html".to_owned()]).filter(|it| it != "sw.js").collect();

    let worker = read(&root().join("sw.js"));
    let (_, list) = worker.split_once("const FILES = [").expect("sw.js lists files");
    let (list, _) = list.split_once(']').expect("the list ends");
    let kept: BTreeSet<String> = list.split('\'').skip(1).step_by(2).map(str::to_owned).collect();
    assert_eq!(kept, files, "sw.js keeps what index.html copies and builds");
}

fn pages() -> Vec<String> {
    let entries = fs::read_dir(root()).expect("the workspace can be read");
    let paths = entries.map(|entry| entry.expect("a folder can be read to its end").path());
    let pages = paths.filter(|path| path.extension().is_some_and(|it| it == "html"));
    pages.map(|path| read(&path)).collect()
}

/// What stands between the words before it and the next quotation mark.
fn values_of<'t>(text: &'t str, before: &str) -> impl Iterator<Item = &'t str> {
    text.split(before).skip(1).filter_map(|rest| rest.split('"').next())
}
