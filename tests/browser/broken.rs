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
    let session = Session::open(&url);
    let future = r#"{"version":4000000000,"name":"from tomorrow"}"#;
    let cases = [
        ("damaged", "scenario=notifications.%%%".to_owned()),
        ("larger|too large|more than", format!("scenario=notifications.{}", "A".repeat(100_000))),
        ("newer", format!("scenario=notifications.{}", site::base64url(future))),
        ("newer", format!("scenario=something-else.{}", site::base64url("{}"))),
    ];
    for (expected, fragment) in cases {
        session.follow(&format!("{url}#{fragment}"));
        let message = "(document.querySelector('[role=alert]')?.innerText ?? '')";
        session.wait(expected, &format!("/{expected}/.test({message})"));
        // And the way out works.
        session.click("[role=alert] a");
        session.wait(
            "the first scene runs",
            "document.querySelector('[aria-label^=\"SMS queue: \"]')",
        );
    }
    session.assert_quiet();
}
