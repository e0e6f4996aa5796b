//! Faults as sentences: begun now, or written into the scenario.

use crate::{
    sandbox::{FUTURES, Sandbox},
    session::{ENTER, Session},
    site,
};

#[test]
fn a_fault_begun_now_happens_again_after_a_seek() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    page.pick("work-queue");
    page.run_beyond(300);
    let unbroken = page.fingerprint_at(300);
    page.fingerprint_at(100);
    session.click("#fault-now");
    session.wait(
        "another future begins",
        &format!("document.querySelectorAll(\"{FUTURES}\").length == 2"),
    );
    let broken = page.fingerprint_at(300);
    assert_ne!(broken, unbroken);
    let before = page.fingerprint_at(50);
    assert_eq!(page.fingerprint_at(300), broken, "the fault is made again");
    assert_eq!(page.fingerprint_at(50), before);
    session.assert_quiet();
}

#[test]
fn a_fault_is_written_into_the_scenario_and_deleted() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    page.pick("work-queue");
    session.wait("the card is there", "document.querySelector('#fault-write')");
    session.click("#fault-write");
    let row = "[aria-label='Delete: Provider worker 1 hangs from 0:10.0 to 0:40.0']";
    session.wait("it is listed", &format!("document.querySelector(\"{row}\")"));
    assert!(page.text().contains("\"hanging\""));
    session.click(row);
    session.wait("it is gone", &format!("!document.querySelector(\"{row}\")"));
    assert!(!page.text().contains("\"hanging\""));
    session.wait(
        "both are versions of the text",
        "document.querySelector('.editor-tools button:not([disabled])')?.innerText == 'Undo'",
    );
    session.click(".editor-tools button");
    session.wait("the deletion is undone", &format!("document.querySelector(\"{row}\")"));
    session.assert_quiet();
}

#[test]
fn a_worker_changed_while_it_runs_is_changed_again_after_a_seek() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    page.pick("work-queue");
    page.run_beyond(300);
    page.fingerprint_at(100);
    session.tab_to("[aria-label^='Worker 1: ']");
    session.press(&[ENTER]);
    session.wait("its tools are there", "document.querySelector('#worker-more')");
    session.click("#worker-more");
    let works = |count: u32| {
        format!("document.querySelector('.source-tools').innerText.includes('Works on {count} at')")
    };
    session.wait("it works on two at once", &works(2));
    let there = page.fingerprint_at(300);
    page.fingerprint_at(50);
    session.wait("before that it worked on one", &works(1));
    assert_eq!(page.fingerprint_at(300), there);
    session.wait("and does on two again", &works(2));
    session.assert_quiet();
}

#[test]
fn a_worker_says_that_it_is_paused_and_a_queue_shows_its_last_minute() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    page.pick("work-queue");
    page.run_beyond(300);
    page.fingerprint_at(150);
    session.tab_to("[aria-label^='Worker 1: ']");
    session.press(&[ENTER]);
    session.wait("its tools are there", "document.querySelector('#worker-pause')");
    session.click("#worker-pause");
    page.fingerprint_at(300);
    let facts = "document.querySelector('#inspector .facts')?.innerText";
    session.wait("it has paused", &format!("/State[^]*paused[^]*0 of 1/.test({facts})"));
    session.wait(
        "the picture says it, too",
        "document.querySelector(\"[aria-label='Workers of Worker 1: 0 of 1 at work, paused']\")",
    );
    session.click("#worker-pause");
    session.wait("it goes on", &format!("!/paus/.test({facts})"));

    session.tab_to("[aria-label^='Jobs queue']");
    session.press(&[ENTER]);
    let charts = "[...document.querySelectorAll('.chart figcaption')].map(it => it.innerText)";
    session.wait("there are six charts", &format!("{charts}.length == 6"));
    session.wait(
        "each says how it stands and between what it was",
        &format!(
            "/^Depth\\s+[1-9]\\d*\\s+0 to [1-9]/.test({charts}[0]) && \
             /^Oldest\\s+[\\d.]+ m?s\\s+0 to [\\d.]+ s/.test({charts}[2]) && \
             /^In\\s+[1-9]\\d*\\s+0 to [1-9]\\d* a second/.test({charts}[3])"
        ),
    );
    session.assert_quiet();
}

#[test]
fn a_fault_of_the_scenario_is_told_when_it_begins_and_when_it_ends() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    page.pick("work-queue");
    session.wait("the card is there", "document.querySelector('#fault-write')");
    session.click("#fault-write");
    page.run_beyond(500);
    page.fingerprint_at(50);
    page.fingerprint_at(150);
    let said = "document.querySelector('#faults-said')?.innerText";
    session.wait("its beginning is told", &format!("{said} == 'Provider worker 1 hangs.'"));
    page.fingerprint_at(450);
    session.wait("and its end", &format!("{said}.endsWith('Over: Provider worker 1 hangs.')"));
    session.assert_quiet();
}

#[test]
fn a_queue_paused_and_purged_while_it_runs_is_so_again_after_a_seek() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    page.pick("work-queue");
    page.run_beyond(300);
    page.fingerprint_at(100);
    session.tab_to("[aria-label^='Jobs queue']");
    session.press(&[ENTER]);
    session.wait("its tools are there", "document.querySelector('#queue-purge')");
    session.click("#queue-purge");
    session.click("#queue-pause");
    let is_paused = "document.querySelector(\"[aria-label^='Jobs queue, paused: ']\")";
    session.wait("it hands out nothing", is_paused);
    let there = page.fingerprint_at(300);
    page.fingerprint_at(50);
    session.wait("before that it did", &format!("!{is_paused}"));
    assert_eq!(page.fingerprint_at(300), there);
    session.wait("and does not again", is_paused);
    session.click("#queue-pause");
    session.wait("until it is resumed", &format!("!{is_paused}"));
    session.assert_quiet();
}
