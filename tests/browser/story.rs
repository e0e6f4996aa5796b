//! The story of an outage, as a newcomer lives it: break SMS, watch, go back, take another way,
//! heal, redrive. Once by mouse, once by keyboard alone.
//!
//! Everything is found by its accessible name, and read as a screen reader would.

use serde_json::json;

use crate::{
    session::{END, ENTER, HOME, STEP, Session},
    site,
};

const PLAY: &str = "#play";
const SPEED: &str = ".speed select";
const SCRUBBER: &str = "[aria-label='Time of the run']";
const SMS_FAIL: &str = "[aria-label='Make SMS gateway fail']";
const SMS_HANG: &str = "[aria-label='Make SMS gateway hang']";
const SMS_HEAL: &str = "[aria-label='Heal SMS gateway']";
const SMS_REDRIVE: &str = "[aria-label='Redrive the dead letters of SMS']";
const FIRST_FUTURE: &str = "[aria-label='Futures'] button";

/// An event that tells of a second failed attempt, or a later one.
const LATER_RETRY: &str = "/attempt [2-9].*retry in/";

/// Letters that must have arrived before, and again while, SMS is broken: enough to see a flow.
const FLOW: u64 = 10;

#[test]
fn an_outage_by_mouse() {
    tell(Hands::Mouse);
}

#[test]
fn an_outage_by_keyboard_alone() {
    tell(Hands::Keyboard);
}

fn tell(hands: Hands) {
    let session = Session::open(&site::serve(site::built_page()));
    let page = Page { session: &session, hands };
    page.wait_for_delivered("Push service", FLOW);
    page.at_full_speed();
    page.wait_for_delivered("SMS gateway", FLOW);
    let broken_at = page.time();

    page.press(SMS_FAIL);
    let (push, mail) = (page.delivered("Push service"), page.delivered("Mail server"));
    let rows = "document.querySelector('.events tbody').innerText";
    session.wait("a letter is retried again", &format!("{LATER_RETRY}.test({rows})"));
    page.stop();
    page.assert_gaps_grow();
    page.press(PLAY);
    page.wait_for_label("the breaker opens", "Breaker to SMS gateway: ", "/ open,/");
    page.wait_for_label("dead letters grow", "SMS queue: ", "!/ [0-4] dead letters/");
    page.wait_for_delivered("Push service", push + FLOW);
    page.wait_for_delivered("Mail server", mail + FLOW);
    page.stop();

    page.go_back_before(broken_at);
    page.wait_for_label("nothing was dead then", "SMS queue: ", "/ 0 dead letters/");
    page.wait_for_label("the breaker was closed", "Breaker to SMS gateway: ", "/ closed,/");

    page.press(SMS_HANG);
    session.wait(
        "another future begins",
        "document.querySelectorAll(\"[aria-label='Futures'] button\").length == 2",
    );
    page.press(PLAY);
    page.wait_for_label("dead letters again", "SMS queue: ", "!/ 0 dead letters/");

    page.press(SMS_HEAL);
    page.wait_for_label("the breaker closes", "Breaker to SMS gateway: ", "/ closed,/");
    let sms = page.delivered("SMS gateway");
    page.press(SMS_REDRIVE);
    page.wait_for_label("no dead letter is left", "SMS queue: ", "/ 0 dead letters/");
    page.wait_for_delivered("SMS gateway", sms + FLOW);
    session.wait(
        "the guide is done",
        "document.querySelectorAll('.guide-step:not(.is-done)').length == 0",
    );

    page.press(FIRST_FUTURE);
    page.wait_for_label("the old future is kept", "SMS queue: ", "!/ [0-4] dead letters/");
    session.assert_quiet();
}

/// How the newcomer acts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hands {
    Mouse,
    Keyboard,
}

/// The page, and what can be seen and done there.
struct Page<'a> {
    session: &'a Session,
    hands: Hands,
}

impl Page<'_> {
    fn press(&self, selector: &str) {
        match self.hands {
            Hands::Mouse => self.session.click(selector),
            Hands::Keyboard => {
                self.session.tab_to(selector);
                self.session.press(&[ENTER]);
            }
        }
    }

    fn at_full_speed(&self) {
        match self.hands {
            Hands::Mouse => self.session.click(&format!("{SPEED} option:last-child")),
            Hands::Keyboard => {
                self.session.tab_to(SPEED);
                self.session.press(&[END]);
            }
        }
        self.session.wait(
            "time runs at eight times",
            &format!("document.querySelector('{SPEED}').selectedOptions[0].label == '8×'"),
        );
    }

    /// The run's time as the slider counts it.
    fn time(&self) -> u64 {
        self.number(&format!("document.querySelector(\"{SCRUBBER}\").value"))
    }

    /// Moves the slider to its start, or near it.
    fn go_back_before(&self, time: u64) {
        match self.hands {
            Hands::Mouse => self.session.click_at_hundredth(SCRUBBER, 3),
            Hands::Keyboard => {
                self.session.tab_to(SCRUBBER);
                self.session.press(&[HOME]);
            }
        }
        let there = format!("document.querySelector(\"{SCRUBBER}\").value < {time}");
        self.session.wait("the run is back before the outage", &there);
    }

    /// How many calls of a provider took their letter, as its label says.
    fn delivered(&self, provider: &str) -> u64 {
        self.number(&delivered_script(provider))
    }

    fn wait_for_delivered(&self, provider: &str, count: u64) {
        let condition = format!("{} >= {count}", delivered_script(provider));
        self.session.wait(&format!("{provider} has delivered {count}"), &condition);
    }

    /// Waits until the part whose label begins so has a label that matches.
    fn wait_for_label(&self, what: &str, beginning: &str, pattern: &str) {
        let (not, pattern) = match pattern.strip_prefix('!') {
            Some(pattern) => ("!", pattern),
            None => ("", pattern),
        };
        let label = label_script(beginning);
        self.session.wait(what, &format!("{not}{pattern}.test({label})"));
    }

    /// Stops time, wherever the focus is.
    fn stop(&self) {
        match self.hands {
            Hands::Mouse => self.session.click(PLAY),
            Hands::Keyboard => self.session.press(&[STEP]),
        }
        let label = format!("document.querySelector('{PLAY}').innerText.trim() == 'Play'");
        self.session.wait("time stands still", &label);
    }

    /// Opens the path of a retried letter: each retry waits longer than the one before.
    fn assert_gaps_grow(&self) {
        let row = format!(
            "1 + Array.from(document.querySelectorAll('.events tbody tr'))\
             .findIndex(row => {LATER_RETRY}.test(row.innerText))"
        );
        self.press(&format!(".events tbody tr:nth-child({}) button", self.number(&row)));
        let gaps = "Array.from(document.querySelectorAll('.inspector .copy'))\
             .filter(copy => copy.querySelector('h3').innerText.includes('SMS'))\
             .flatMap(copy => copy.innerText.match(/retry in [0-9.]+ m?s/g) ?? [])\
             .map(text => parseFloat(text.slice(9)) / (text.endsWith(' ms') ? 1000 : 1))";
        self.session.wait("its path is shown", &format!("{gaps}.length > 1"));
        let gaps = self.session.read(&format!("return {gaps};"));
        let gaps: Vec<f64> = serde_json::from_value(gaps).expect("a list of numbers");
        assert!(gaps.is_sorted() && gaps[0] < gaps[gaps.len() - 1], "gaps grow: {gaps:?}");
    }

    fn number(&self, script: &str) -> u64 {
        let value = self.session.read(&format!("return Number({script});"));
        value.as_u64().unwrap_or_else(|| panic!("{script} is {value}"))
    }
}

fn label_script(beginning: &str) -> String {
    let selector = json!(format!("[aria-label^={}]", json!(beginning)));
    format!("document.querySelector({selector})?.getAttribute('aria-label')")
}

fn delivered_script(provider: &str) -> String {
    let label = label_script(&format!("{provider}: "));
    format!("({label}?.match(/([0-9,]+) delivered/)?.[1].replaceAll(',', '') ?? 0)")
}
