//! The sandbox: a text that is wrong and mended, a run that is gone back in and branched,
//! what is kept, and what keys do.

use serde_json::json;

use crate::{
    session::{ENTER, ESCAPE, Session},
    site,
};

pub(crate) const PLAY: &str = "#play";
pub(crate) const TEXT: &str = "#scenario-text";
pub(crate) const SCRUBBER: &str = "[aria-label='Time of the run']";
pub(crate) const FUTURES: &str = "[aria-label='Futures'] button";

/// Half a minute in the tenths of a second that the slider counts: SMS hangs by then.
const COMPARED_AT: u64 = 300;

#[test]
fn a_scenario_is_written_broken_mended_and_run_in_two_ways() {
    let url = site::serve(site::built_page());
    let session = Session::open(&format!("{url}sandbox.html"));
    let page = Sandbox { session: &session };
    page.pick("notifications");
    page.wait_for_label("the system is drawn", "SMS queue: ", "/ 0 dead letters/");

    page.type_over("\"poisson\"", "\"fish\"");
    session.wait(
        "the wrong word is marked",
        "document.querySelector('.editor-words mark')?.innerText == '\"fish\"'",
    );
    let place = page.line_and_column("\"fish\"");
    session.wait(
        "its place and what is wrong with it are said",
        &format!("document.querySelector('#text-state').innerText.startsWith('{place}: ')"),
    );
    session.wait(
        "and what it may be",
        "/`fish`.*`poisson`/.test(document.querySelector('#text-state').innerText)",
    );
    page.wait_for_label("the last good picture stays", "SMS queue: ", "/ dead letters/");
    session.press_control('z');
    session
        .wait("it is mended", "/This runs/.test(document.querySelector('#text-state').innerText)");

    page.run_beyond(COMPARED_AT * 3);
    page.wait_for_label("SMS letters died", "SMS queue: ", "!/ 0 dead letters/");
    session.click_at_hundredth(SCRUBBER, 3);
    page.wait_for_label("nothing was dead then", "SMS queue: ", "/ 0 dead letters/");
    session.click("[aria-label='Make Mail server fail']");
    session.wait(
        "another future begins",
        &format!("document.querySelectorAll(\"{FUTURES}\").length == 2"),
    );
    let branched = page.fingerprint_at(COMPARED_AT);
    session.click(FUTURES);
    let first = page.fingerprint_at(COMPARED_AT);
    assert_ne!(branched, first, "the futures differ");
    session.assert_quiet();
}

#[test]
fn what_is_kept_is_there_after_a_reload() {
    let url = format!("{}sandbox.html", site::serve(site::built_page()));
    let session = Session::open(&url);
    let page = Sandbox { session: &session };
    page.pick("fan-out");
    page.type_over("Fan-out", "Mine");
    session.wait("the new name is read", "document.querySelector('.bench h2').innerText == 'Mine'");
    session.click("[aria-controls='drawer']");
    session.click(".keep button");
    session.wait("it is kept", "document.querySelector(\"[aria-label='Open Mine']\")");
    session.follow("about:blank");
    session.follow(&url);
    session.wait(
        "the text is as it was left",
        "document.querySelector('.bench h2')?.innerText == 'Mine'",
    );
    page.pick("work-queue");
    session.follow("about:blank");
    session.follow(&url);
    session.wait(
        "a template is nobody's own",
        "document.querySelector('.bench h2')?.innerText == 'Work queue'",
    );
    session.click("[aria-controls='drawer']");
    session.click("[aria-label='Open Mine']");
    session.wait("it is back", "document.querySelector('.bench h2').innerText == 'Mine'");
    session.click("[aria-label='Delete Mine']");
    session.wait("it is gone", "!document.querySelector(\"[aria-label='Open Mine']\")");
    session.assert_quiet();
}

#[test]
fn the_sandbox_by_keyboard_alone() {
    let session = Session::open(&format!("{}sandbox.html", site::serve(site::built_page())));
    let page = Sandbox { session: &session };
    session.wait("the page is open", "document.querySelector('#template-fan-out')");
    session.tab_to("#template-fan-out");
    session.press(&[ENTER]);
    page.wait_for_label("the template is drawn", "Statistics queue: ", "/ready/");

    session.tab_to(TEXT);
    session.press(&['x']);
    let wrong = "document.querySelector('#text-state.is-wrong')";
    session.wait("the mistake is said", wrong);
    session.tab_to("#text-state button");
    session.press(&[ENTER]);
    session.wait("its word is selected", &format!("document.activeElement.matches('{TEXT}')"));
    session.press_control('z');
    session.wait("it is mended", &format!("!{wrong}"));

    session.tab_to("#open-share");
    session.press(&[ENTER]);
    session.tab_to("#share-link");
    session.press(&[ESCAPE]);
    session.wait(
        "the drawer is closed, and its button has the focus",
        "!document.querySelector('.drawer') && document.activeElement.id == 'open-share'",
    );
    session.tab_to("[aria-label='Step 1 s on']");
    session.press(&[ENTER]);
    let stopped = format!("document.querySelector('{PLAY}').innerText.trim() == 'Play'");
    session.wait("time stands still after a second", &stopped);
    session.assert_quiet();
}

#[test]
fn a_text_of_a_million_lines_is_refused_before_it_is_there() {
    let url = site::serve(site::built_page());
    let session = Session::open(&format!("{url}sandbox.html"));
    let page = Sandbox { session: &session };
    session.wait("the sandbox is there", "document.querySelectorAll('.provider').length > 0");
    let text = page.text();
    let put = |lines: u32| {
        session.read(&format!(
            "const data = '\\n'.repeat({lines}), field = document.querySelector('#scenario-text');
             return field.dispatchEvent(new InputEvent('beforeinput',
               {{ inputType: 'insertFromPaste', data, bubbles: true, cancelable: true }}));"
        ))
    };
    assert_eq!(put(9_999), true, "so many lines fit");
    assert_eq!(put(1_000_000), false);
    let notice = "[...document.querySelectorAll('.notice')].map(it => it.textContent).join()";
    session.wait("it is said why", &format!("{notice}.includes('at most 1 MiB and 10,000 lines')"));
    assert_eq!(page.text(), text);
    // However it got there, it does not stay.
    session.read(
        "const field = document.querySelector('#scenario-text'); field.value = '\\n'.repeat(10_000);
         field.dispatchEvent(new Event('input', { bubbles: true }));",
    );
    session
        .wait("the text is back", "document.querySelector('#scenario-text').value.length < 9_000");
    assert_eq!(page.text(), text);
    session.assert_quiet();
}

/// The page, and what can be seen and done there.
pub(crate) struct Sandbox<'a> {
    pub(crate) session: &'a Session,
}

impl Sandbox<'_> {
    pub(crate) fn pick(&self, template: &str) {
        let button = format!("#template-{template}");
        self.session.wait("the page is open", &format!("document.querySelector('{button}')"));
        self.session.click(&button);
    }

    pub(crate) fn text(&self) -> String {
        let text = self.session.read(&format!("return document.querySelector('{TEXT}').value;"));
        text.as_str().expect("the field holds text").to_owned()
    }

    /// Selects the first such word, and types another in its place, key by key.
    pub(crate) fn type_over(&self, word: &str, other: &str) {
        let start = self.text().find(word).expect("the word is there");
        let end = start + word.len();
        self.session.read(&format!(
            "const text = document.querySelector('{TEXT}'); text.focus(); \
             text.setSelectionRange({start}, {end});"
        ));
        self.session.press(&other.chars().collect::<Vec<_>>());
    }

    /// Where the first such word stands, in the page's words.
    fn line_and_column(&self, word: &str) -> String {
        let text = self.text();
        let before = text.split(word).next().unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("Line {line}, column {column}")
    }

    /// Runs as fast as it goes until so many tenths of a second are over, then stops.
    pub(crate) fn run_beyond(&self, tenths: u64) {
        self.session.click(".speed option:last-child");
        let there = format!("document.querySelector(\"{SCRUBBER}\").max > {tenths}");
        self.session.wait("the run has come far enough", &there);
        self.session.click(PLAY);
        let label = format!("document.querySelector('{PLAY}').innerText.trim() == 'Play'");
        self.session.wait("time stands still", &label);
    }

    /// Goes to so many tenths of a second, and reads what stands for all that happened until then.
    pub(crate) fn fingerprint_at(&self, tenths: u64) -> String {
        let slider = json!(SCRUBBER);
        let reached =
            self.session.read(&format!("return Number(document.querySelector({slider}).max);"));
        if reached.as_u64() < Some(tenths) {
            self.session.click(PLAY);
            self.run_beyond(tenths);
        }
        self.session.read(&format!(
            "const slider = document.querySelector({slider}); slider.value = {tenths}; \
             slider.dispatchEvent(new Event('input', {{ bubbles: true }})); \
             document.querySelector('.fingerprint').open = true;"
        ));
        let clock = format!("at {}:{:02}.{}.", tenths / 600, tenths / 10 % 60, tenths % 10);
        let words = "document.querySelector('.fingerprint p').innerText";
        self.session.wait("the run is there", &format!("{words}.endsWith('{clock}')"));
        let digest = self.session.read("return document.querySelector('#fingerprint').innerText;");
        digest.as_str().expect("a fingerprint is text").to_owned()
    }

    /// Waits until the part whose label begins so has a label that matches.
    pub(crate) fn wait_for_label(&self, what: &str, beginning: &str, pattern: &str) {
        let (not, pattern) = match pattern.strip_prefix('!') {
            Some(pattern) => ("!", pattern),
            None => ("", pattern),
        };
        let selector = json!(format!("[aria-label^={}]", json!(beginning)));
        let label = format!("document.querySelector({selector})?.getAttribute('aria-label')");
        self.session.wait(what, &format!("{not}{pattern}.test({label})"));
    }
}
