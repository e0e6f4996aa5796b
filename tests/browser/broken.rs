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

#[test]
fn hostile_texts_get_words_and_stay_text() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    session.wait("the page is open", "document.querySelector('#scenario-text')");
    let scenario = |name: &str, system: &str| {
        format!(r#"{{"version":1,"name":"{name}","seed":1,"system":{system}}}"#)
    };
    let markup = "<img src=x onerror=document.title='harmed'>";
    let many = (0..201).map(|n| format!(r#"{{"name":"q{n}"}}"#)).collect::<Vec<_>>().join(",");
    let cases = [
        ("cannot be read", "[".repeat(100_000)),
        ("cannot be read", format!("{}1{}", r#"{"a":"#.repeat(5_000), "}".repeat(5_000))),
        ("number out of range", scenario("n", "{}").replace("\"seed\":1", "\"seed\":1e999")),
        ("newer release", scenario("n", "{}").replace("\"version\":1", "\"version\":99")),
        ("200", scenario("n", &format!(r#"{{"queues":[{many}]}}"#))),
        ("unknown field", scenario("n", &format!(r#"{{"{markup}":1}}"#))),
    ];
    for (expected, text) in cases {
        write(&session, &text);
        let state = "document.querySelector('#text-state.is-wrong')?.innerText ?? ''";
        session.wait(expected, &format!("({state}).includes('{expected}')"));
        let length = session.read(&format!("return ({state}).length;"));
        assert!(length.as_u64() < Some(500), "{expected}: {length} characters");
    }
    write(&session, &"x".repeat((1 << 20) + 1));
    let notice = "[...document.querySelectorAll('.notice')].map(it => it.textContent).join()";
    session.wait("what is too large is refused", &format!("{notice}.includes('at most 1 MiB')"));
    write(&session, &scenario(markup, &format!(r#"{{"queues":[{{"name":"{markup}"}}]}}"#)));
    let named = "document.querySelector('.bench h2')?.innerText.startsWith('<img src=x')";
    session.wait("a name is shown as it is written", named);
    let elements = session.read("return document.querySelectorAll('#app img').length;");
    assert_eq!(elements, 0);
    assert_ne!(session.read("return document.title;"), "harmed");
    session.assert_quiet();
}

/// Puts a text into the field at once, as pasting does.
pub(crate) fn write(session: &Session, text: &str) {
    session.read(&format!(
        "const field = document.querySelector('#scenario-text'); field.value = {}; \
         field.dispatchEvent(new Event('input', {{ bubbles: true }}));",
        serde_json::json!(text)
    ));
}
