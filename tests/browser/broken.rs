//! What is broken gets a message, not a blank page.

use crate::{
    session::Session,
    site::{self, Files},
};

#[test]
fn a_damaged_module_is_said() {
    let mut files: Files = site::built_page();
    let module = files.get_mut("postroom-web_bg.wasm").expect("the page has its module");
    // The length of the first section, behind the magic number and the version.
    module[9] ^= 0x55;
    let session = Session::open(&site::serve(files));
    session.wait(
        "the page says that it cannot start",
        "/could not start/.test(document.body.innerText)",
    );
}

#[test]
fn links_that_open_nothing_say_why() {
    let url = site::serve(site::built_page());
    let session = Session::open(&format!("{url}sandbox.html"));
    let good = site::scenario_link("{}");
    let cut = &good[..good.len() - 1];
    // As an honest page would compress it.
    let bomb = session.read(
        "const zeros = new Blob([new Uint8Array((1 << 20) + 1)]).stream();
         const packed = zeros.pipeThrough(new CompressionStream('deflate-raw'));
         return new Response(packed).arrayBuffer().then(bytes =>
           btoa(String.fromCharCode(...new Uint8Array(bytes)))
             .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''));",
    );
    let cases = [
        ("damaged", "scenario=%%%".to_owned()),
        ("damaged", cut.to_owned()),
        ("damaged", good.replace("scenario=1", "scenario=0")),
        ("more than 8192", format!("scenario=1.2.{}", "A".repeat(100_000))),
        ("newer page", "scenario=4000000000.wonders".to_owned()),
        ("more than 1048576", format!("scenario=1.2.0000000000000000.{}", bomb.as_str().unwrap())),
    ];
    for (expected, fragment) in cases {
        session.follow("about:blank");
        // Home knows where links are opened.
        session.follow(&format!("{url}#{fragment}"));
        let notice = "(document.querySelector('.sandbox > .notice')?.innerText ?? '')";
        session.wait(expected, &format!("/{expected}/.test({notice})"));
        session.wait("a template runs", "document.querySelector('[aria-label^=\"Jobs queue: \"]')");
    }
    session.assert_quiet();
}
