//! Two futures beside each other, and one scenario in two versions: under one clock.

use crate::{sandbox::Sandbox, session::Session, site};

const TWO_STAGES: &str = "document.querySelectorAll('.stages.is-double .stage-parts').length == 2";
/// How many lines of the table differ.
const DIFFERENT: &str = "document.querySelectorAll('.figures .is-different').length";

#[test]
fn both_futures_are_seen_side_by_side() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    page.pick("work-queue");
    page.run_beyond(400);
    page.fingerprint_at(100);
    session.click("[aria-label='Make Worker 1 fail']");
    session.wait("the other future can be shown", "document.querySelector('.beside button')");
    session.click(".beside button");
    session.wait("both are drawn", TWO_STAGES);
    session.wait("nothing differs yet", &format!("{DIFFERENT} == 0"));

    let there = page.fingerprint_at(300);
    session.wait("time runs on for both, and they differ", &format!("{DIFFERENT} > 0"));
    let figures = figures(&session);
    page.fingerprint_at(50);
    session.wait("before the change they are one", &format!("{DIFFERENT} == 0"));
    assert_eq!(page.fingerprint_at(300), there);
    assert_eq!(self::figures(&session), figures, "both come back to the same numbers");

    session.click(".beside button");
    session.wait("one is left", &format!("!({TWO_STAGES})"));
    session.assert_quiet();
}

#[test]
fn a_setting_is_changed_beside_the_scenario_that_was_kept() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    page.pick("work-queue");
    session.click("#keep-a");
    session.wait("it is kept", "document.querySelector('.kept-bar')");
    page.type_over("\"per_minute\": 100", "\"per_minute\": 400");
    session.wait("both are drawn", TWO_STAGES);
    let says = "document.querySelector('.settings').innerText";
    let setting = "producers › website › arrivals › poisson › per_minute: 100 in A, 400 in B";
    session.wait("the setting is said with both values", &format!("{says} == '{setting}'"));
    page.run_beyond(600);
    session.wait("B has more to do", &format!("{DIFFERENT} > 0"));
    session.click(".kept-bar button");
    session.wait(
        "A is back, alone",
        &format!("!({TWO_STAGES}) && !document.querySelector('.kept-bar')"),
    );
    assert!(page.text().contains("\"per_minute\": 100"));
    session.assert_quiet();
}

fn figures(session: &Session) -> String {
    let table = session.read("return document.querySelector('.figures').innerText;");
    table.as_str().expect("a table is text").to_owned()
}
