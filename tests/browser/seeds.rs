//! Goals asked on many seeds: in a worker beside the page, or in the page itself where there is none.

use crate::{
    broken::write,
    sandbox::{PLAY, Sandbox, TEXT},
    session::Session,
    site,
};

const ASK: &str = "#ask-seeds";
const GOALS: &str = "document.querySelector('.goals').innerText";
/// Where the first goal fails, in the reader's words.
const SEE: &str = "document.querySelector('.finding .link')";

#[test]
fn a_worker_finds_the_seed_the_moment_and_the_path() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    watch_workers(&session);
    write_the_flaw(&session);
    find_and_see(&session);
    assert_eq!(session.read("return workers;"), 1, "a worker did it");
    let loaded = "return performance.getEntriesByType('resource')\
        .filter(it => it.name.endsWith('.wasm')).length;";
    assert_eq!(session.read(loaded), 1, "the program was loaded once");
    session.assert_quiet();
}

#[test]
fn without_workers_the_page_asks_by_itself() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    session.read("delete globalThis.Worker;");
    write_the_flaw(&session);
    find_and_see(&session);
    session.assert_quiet();
}

#[test]
fn where_the_worker_s_script_is_missing_the_page_asks_by_itself() {
    let mut files = site::built_page();
    files.remove("sandbox-worker.js").expect("it is there otherwise");
    let session = Session::open(&format!("{}sandbox.html", site::serve(files)));
    write_the_flaw(&session);
    find_and_see(&session);
}

#[test]
fn the_asking_is_stopped_and_begun_again() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    page.pick("notifications");
    watch_workers(&session);
    session.wait("the goals are there", &format!("document.querySelector('{ASK}')"));
    session.click(ASK);
    let asks = "document.querySelector('.goals progress')";
    session.wait("some have answered", &format!("{asks}?.value > 0"));
    session.click(ASK);
    session.wait("it has stopped", &format!("!{asks} && /so far/.test({GOALS})"));
    session.click(ASK);
    session.wait("every seed meets every goal", &format!("/met on all 200 seeds/.test({GOALS})"));
    assert_eq!(session.read("return workers;"), 2);
    page.type_over("\"seed\"", "\"sead\"");
    session.wait("a mistake", "document.querySelector('#text-state.is-wrong')");
    session.assert_quiet();
}

/// Counts the workers that the page starts.
fn watch_workers(session: &Session) {
    session.read(
        "window.workers = 0; const Plain = Worker; \
         window.Worker = class extends Plain { constructor(...all) { super(...all); workers += 1; } };",
    );
}

/// The scenario whose worker acknowledges before it works.
fn write_the_flaw(session: &Session) {
    let text = include_str!("../../simulator/examples/acks_too_early.json");
    session.wait("the page is open", &format!("document.querySelector('{TEXT}')"));
    write(session, text);
    session.wait("it is read", &format!("/Nothing is lost/.test({GOALS})"));
}

fn find_and_see(session: &Session) {
    let page = Sandbox { session };
    session.click(ASK);
    session.wait(
        "some seeds fail",
        &format!("/not met on [0-9]+ of 200 seeds(?! so far)/.test({GOALS})"),
    );
    session.wait("others are fine", &format!("/met on all 200 seeds/.test({GOALS})"));
    let path = "Array.from(document.querySelectorAll('.finding li')).map(it => it.innerText)";
    session.wait("its path is told", &format!("{path}.length > 2"));
    session.wait("to its end", &format!("/fail/.test({path}.at(-1))"));
    let found = session.read(&format!("return {SEE}.innerText.match(/seed ([0-9]+), (.*)/);"));
    let (seed, at) = (found[1].as_str().expect("a seed"), found[2].as_str().expect("a time"));

    session.click(".finding .link");
    let clock = format!("document.querySelector('.fingerprint p').textContent.endsWith('{at}.')");
    session.wait("the run stops at that moment", &clock);
    session.wait(
        "and stays there",
        &format!("document.querySelector('{PLAY}').innerText.trim() == 'Play'"),
    );
    assert!(page.text().contains(&format!("\"seed\": {seed}")), "that seed is in the text");
    session.wait(
        "the message to blame is shown",
        "document.querySelectorAll('.inspector .path-step').length > 2",
    );
    session.wait("whoever pressed is there", "document.activeElement.id == 'inspector'");
    session.wait("the answers stay", &format!("/not met on [0-9]+ of 200 seeds/.test({GOALS})"));
}
