//! The table of events: many events and few rows, what is looked for, a moment gone back to, a
//! message's story.

use crate::{
    sandbox::Sandbox,
    session::{DOWN, ENTER, Session},
    site,
};

const ROWS: &str = "Array.from(document.querySelectorAll('.events tr.row'))";

#[test]
fn of_many_events_those_in_sight_are_on_the_page() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    page.pick("notifications");
    page.run_beyond(1_200);
    page.fingerprint_at(1_200);
    let all = session.read("return document.querySelector('.events').ariaRowCount * 1;");
    assert!(all.as_u64() > Some(400), "{all} rows in all");
    session.wait("few of them are there", &format!("{ROWS}.length > 10 && {ROWS}.length < 60"));
    session.read("document.querySelector('.events-scroll').scrollTop = 1e9;");
    session.wait(
        "the oldest is where its number says",
        &format!("{ROWS}.at(-1).ariaRowIndex == document.querySelector('.events').ariaRowCount"),
    );
    session.wait("there are few still", &format!("{ROWS}.length < 60"));
    session.tab_to(".events .link[tabindex='0']");
    session.press(&[DOWN, ENTER]);
    session.wait(
        "the run is at that moment",
        "Number(document.querySelector(\"[aria-label='Time of the run']\").value) < 100",
    );
    session.assert_quiet();
}

#[test]
fn a_kind_and_a_message_are_found_and_its_story_is_told() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    page.pick("retry-ladder");
    page.run_beyond(400);
    page.fingerprint_at(400);
    session.read(
        "const kind = document.querySelector('#events-kind'); \
         kind.value = [...kind.options].find((it) => it.innerText == 'dead').value; \
         kind.dispatchEvent(new Event('change', { bubbles: true }));",
    );
    session.wait(
        "only deaths are listed",
        &format!(
            "{ROWS}.length > 0 && {ROWS}.every((row) => row.innerText.includes('dead-lettered'))"
        ),
    );
    let message = session.read(&format!("return {ROWS}[0].cells[2].innerText.trim();"));
    let message = message.as_str().expect("a number").to_owned();
    session.read(
        "const kind = document.querySelector('#events-kind'); \
         kind.value = ''; kind.dispatchEvent(new Event('change', { bubbles: true }));",
    );
    session.tab_to("#events-message");
    session.press(&message.chars().collect::<Vec<_>>());
    session.wait(
        "every step of that message is listed",
        &format!(
            "{ROWS}.length > 10 && {ROWS}.every((row) => row.cells[2].innerText.trim() == '{message}')"
        ),
    );
    session.tab_to(".events td:nth-child(3) .link[tabindex='0']");
    session.press(&[ENTER]);
    let story = "document.querySelector('#inspector').innerText";
    session.wait("its story is told", &format!("{story}.includes('Message {message}')"));
    for time in ["waiting for its time, 1 s", "waiting for its time, 16 s", "so far"] {
        session.wait("with its times", &format!("{story}.includes('{time}')"));
    }
    session.assert_quiet();
}
