//! The whole story of the sandbox: build a work queue with dead letters from nothing, run it, break
//! it, go back, branch, compare, share the link, open it elsewhere and see the same digest.

use crate::{
    hand::Hand,
    sandbox::{FUTURES, PLAY, SCRUBBER, Sandbox},
    session::Session,
    site,
};

/// How far runs go before they are gone back in, in tenths of a second.
const RUN: u64 = 300;
/// Where their digests are compared, in seconds.
const COMPARED_AT: usize = 4;
/// The pictures of two futures.
const TWO_STAGES: &str = "document.querySelectorAll('.stages.is-double .stage-parts').length == 2";

#[test]
fn the_whole_story_by_mouse() {
    tell(Hand::Mouse);
}

#[test]
fn the_whole_story_by_touch() {
    tell(Hand::Touch);
}

#[test]
fn the_whole_story_by_keyboard_alone() {
    tell(Hand::Keyboard);
}

fn tell(hand: Hand) {
    let url = site::serve(site::built_page());
    let session = Session::open(&format!("{url}sandbox.html"));
    let page = Sandbox { session: &session };
    build(&page, hand);
    hand.run_beyond(&page, RUN);
    let unbroken = hand.fingerprint_after(&session, COMPARED_AT);

    hand.press(&session, ".latest:not([disabled])");
    hand.press(&session, "[aria-label='Make Worker fail']");
    hand.press(&session, PLAY);
    // While time runs: how far it has come already when the worker fails is up to the machine.
    page.wait_for_label("letters died", "Queue queue: ", "!/ 0 dead letters/");
    hand.press(&session, PLAY);
    hand.to_the_start(&session);
    page.wait_for_label("nothing was dead then", "Queue queue: ", "/ 0 dead letters/");

    hand.press(&session, "[aria-label='Make Worker hang']");
    let futures = format!("document.querySelectorAll(\"{FUTURES}\").length == 2");
    session.wait("another future begins", &futures);
    hand.press(&session, ".beside button");
    session.wait("both are drawn", TWO_STAGES);
    hand.press(&session, PLAY);
    hand.run_beyond(&page, RUN);
    let differ = "document.querySelectorAll('.figures .is-different').length > 0";
    session.wait("what differs is told", differ);
    assert_ne!(hand.fingerprint_after(&session, COMPARED_AT), unbroken, "the futures differ");
    hand.press(&session, FUTURES);
    let first = format!("document.querySelector(\"{FUTURES}\").getAttribute('aria-pressed')");
    session.wait("the first future is back", &format!("{first} == 'true'"));
    let end = format!("document.querySelector(\"{SCRUBBER}\").value >= {RUN}");
    session.wait("with all that happened in it", &end);
    assert_eq!(hand.fingerprint_after(&session, COMPARED_AT), unbroken, "the first is as it was");

    hand.press(&session, "#open-share");
    session.wait("the link is made", "document.querySelector('#share-link')?.value");
    let link = session.read("return document.querySelector('#share-link').value;");
    let elsewhere = Session::open(link.as_str().expect("a link is text"));
    let copy = Sandbox { session: &elsewhere };
    copy.wait_for_label("the system is drawn there", "Queue queue: ", "/ dead letters/");
    assert_eq!(copy.text(), page.text());
    hand.run_beyond(&copy, RUN);
    assert_eq!(hand.fingerprint_after(&elsewhere, COMPARED_AT), unbroken, "it is the same run");
    elsewhere.assert_quiet();
    session.assert_quiet();
}

/// A work queue with dead letters, from nothing.
pub(crate) fn build(page: &Sandbox<'_>, hand: Hand) {
    for button in ["template-new", "add-queue", "add-dead-letters", "add-worker", "add-producer"] {
        hand.press(page.session, &format!("#{button}"));
    }
    page.wait_for_label("the queue is drawn", "Queue queue: ", "/ 0 dead letters/");
    page.wait_for_label("the worker is drawn", "Worker: ", "/works/");
    page.wait_for_label("the producer is drawn", "Producer publishes", "/./");
}
