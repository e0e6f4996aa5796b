//! A system built by hand: its parts connected, renamed, set and deleted.

use crate::{
    hand::Hand,
    sandbox::Sandbox,
    session::{DELETE, ENTER, ESCAPE, F2, RIGHT, Session},
    site,
    whole_story::build,
};

#[test]
fn parts_are_connected_renamed_and_deleted_by_their_keys() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    build(&page, Hand::Keyboard);
    session.tab_to("[data-part='queue:queue']");
    session.press(&['c']);
    says(&session, "Where does Queue lead");
    session.press(&[ESCAPE]);
    session.tab_to("[data-part='queue:queue']");
    session.press(&['c']);
    says(&session, "Where does Queue lead");
    session.tab_to("[data-part='worker:worker']");
    session.press(&[ENTER]);
    says(&session, "connected already");

    session.tab_to("[data-part='queue:queue']");
    session.press(&[F2]);
    let named = "document.activeElement.id == 'part-name'";
    session.wait("the name has the focus", named);
    session.press_control('a');
    session.press(&"jobs".chars().chain([ENTER]).collect::<Vec<_>>());
    page.wait_for_label("it is renamed", "Jobs queue: ", "/ready/");
    assert!(page.text().contains(r#"{ "name": "jobs", "dead_letters": "dead queue" }"#));

    session.tab_to("#add-worker");
    session.press(&[ENTER]);
    session.tab_to("[data-part='worker:worker 2']");
    session.press(&[DELETE]);
    let second = "document.querySelector(\"[data-part='worker:worker 2']\")";
    session.wait("it is deleted", &format!("!{second}"));
    session.wait("the focus is in the palette", "document.activeElement.id == 'add-producer'");
    session.press_control('z');
    session.wait("it is back", second);
    session.wait("the focus stays", "document.activeElement.id == 'add-producer'");
    session.tab_to("[data-part='worker:worker 2']");
    session.press_control('z');
    session.wait("it was not yet there", &format!("!{second}"));
    session.wait("the focus is not lost", "document.activeElement.id == 'add-producer'");
    session.tab_to("[data-part='queue:jobs']");
    session.press_control('z');
    page.wait_for_label("it has its first name", "Queue queue: ", "/ready/");
    session.assert_quiet();
}

#[test]
fn parts_are_connected_by_pulling_a_line() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    build(&page, Hand::Mouse);
    Hand::Mouse.press(&session, "#add-topic");
    page.wait_for_label("the topic is drawn", "Topic topic", "/./");
    for (with, from, to, text) in [
        ("mouse", "topic:topic", "queue:queue", r#""topic": "topic", "queue": "queue""#),
        ("touch", "producer:producer", "topic:topic", r#""producer": { "to": "topic" }"#),
    ] {
        session.pull(with, &format!("[data-end='{from}']"), &format!("[data-part='{to}']"));
        let there = format!("document.querySelector('#scenario-text').value.includes('{text}')");
        session.wait(text, &there);
        let drawn = format!("document.querySelector(\"[data-end='{to}']\")");
        session.wait("the picture is drawn", &drawn);
    }
    let label = "[data-end='producer:producer']";
    session.pull("mouse", label, "[data-part='worker:worker']");
    says(&session, "A producer does not lead to a worker");

    session.click("[data-part='queue:queue']");
    session.click_at_hundredth("[data-end='topic:topic']", 50);
    says(&session, "Where does Topic lead");
    session.click("[data-part='queue:queue']");
    says(&session, "connected already");
    session.assert_quiet();
}

#[test]
fn the_picture_is_seen_from_nearer_and_whole_again() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    page.wait_for_label("the picture is drawn", "Jobs queue: ", "/ready/");
    let width = "document.querySelector('.stage-parts').getBoundingClientRect().width";
    let letters = "document.querySelector('.stage-letters').getBoundingClientRect().width";
    let before = session.read(&format!("return {width};"));
    session.click("[aria-label='Nearer']");
    session.wait("it is larger", &format!("{width} > 1.2 * {before}"));
    session.wait("so are its letters", &format!("Math.abs({letters} - {width}) < 1"));
    session.click("[data-part='queue:jobs']");
    session.wait("parts are found there", "document.querySelector('.part-form')");
    Hand::Keyboard.press(&session, "[aria-label='Farther']");
    session.wait("it is whole again", &format!("{width} == {before}"));

    session.turn_with_control(".stage-view", -200);
    session.wait("the wheel brings it nearer", &format!("{width} > 1.2 * {before}"));
    session.turn_with_control(".stage-view", 200);
    session.wait("and takes it away", &format!("{width} == {before}"));
    let scale = session.read("return devicePixelRatio;");
    session.pinch(".stage-view", (80, 160));
    session.wait("two fingers bring it nearer", &format!("{width} > 1.2 * {before}"));
    assert_eq!(session.read("return devicePixelRatio;"), scale, "the page itself stays as it is");
    session.click(".zoom button:nth-child(2)");
    session.wait("all of it is seen", &format!("{width} <= {before}"));
    session.assert_quiet();
}

#[test]
fn parts_are_moved_by_mouse_touch_and_keyboard() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    build(&page, Hand::Mouse);
    page.run_beyond(20);
    let drawn = page.text();
    let ran = page.fingerprint_at(20);
    let place = |part: &str| {
        let script = format!(
            "const r = document.querySelector(\"[data-part='{part}']\").getBoundingClientRect(); \
             const s = document.querySelector('.stage-parts').getBoundingClientRect(); \
             return [Math.round(r.x - s.x), Math.round(r.y - s.y)];"
        );
        let place = session.read(&script);
        [0, 1].map(|axis| place[axis].as_i64().expect("it is somewhere"))
    };
    let is_kept = |part: &str, name: &str| {
        let kept = format!(r#"{{ "part": "{part}", "name": "{name}", "x": "#);
        let there = format!("document.querySelector('#scenario-text').value.includes('{kept}')");
        session.wait("its place is in the text", &there);
    };
    let queue = place("queue:queue");
    session.drag("mouse", "[data-part='queue:queue']", (-40, 120));
    is_kept("queue", "queue");
    let moved = place("queue:queue");
    for (before, (after, by)) in queue.into_iter().zip(moved.into_iter().zip([-40, 120])) {
        assert!((after - before - by).abs() <= 6, "{queue:?} {moved:?}");
    }
    assert_eq!(page.fingerprint_at(20), ran, "the run goes on as before");

    session.drag("touch", "[data-grip='worker:worker']", (0, 80));
    is_kept("worker", "worker");

    let producer = place("producer:producer");
    session.tab_to("[data-part='producer:producer']");
    session.press_alt(RIGHT);
    is_kept("producer", "producer");
    let stepped = place("producer:producer");
    assert!((4..=12).contains(&(stepped[0] - producer[0])), "{producer:?} {stepped:?}");
    let focus = "document.activeElement.dataset.part == 'producer:producer'";
    session.wait("the focus stays", focus);

    session.press_control('z');
    let gone = r#"!document.querySelector('#scenario-text').value.includes('"part": "producer"')"#;
    session.wait("it is back", gone);
    assert_eq!(place("producer:producer"), producer);
    session.click("#tidy");
    let tidy = "!document.querySelector('#scenario-text').value.includes('drawing')";
    session.wait("all is tidy", tidy);
    assert_eq!((page.text(), place("queue:queue")), (drawn, queue));
    session.assert_quiet();
}

#[test]
fn settings_are_refused_in_words_or_reach_the_text() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    build(&page, Hand::Mouse);
    session.click("[data-part='queue:queue']");
    let set = |value: &str| {
        session.click("#set-max-deliveries");
        session.press_control('a');
        session.press(&value.chars().chain([ENTER]).collect::<Vec<_>>());
    };
    set("0");
    let refusal = "/from 1 to 1000/.test(document.querySelector('.refusal').innerText)";
    session.wait("the bounds are said", refusal);
    set("2");
    let there = "document.querySelector('#scenario-text').value.includes('\"max_deliveries\": 2')";
    session.wait("it is in the text", there);
    session.wait("the focus stays", "document.activeElement.id == 'set-max-deliveries'");

    session.click("#scenario-text");
    session.press(&['x']);
    session.click("#add-topic");
    let mend = "/Mend the text first/.test(document.querySelector('main > .notice').innerText)";
    session.wait("what was written is not lost", mend);
    session.wait("nor changed", "document.querySelector('#text-state.is-wrong')");
    session.assert_quiet();
}

fn says(session: &Session, words: &str) {
    let said = format!("document.querySelector('.build-says').innerText.includes('{words}')");
    session.wait(words, &said);
}
