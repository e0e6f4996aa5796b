//! A browser of the test's own, and what a test does with it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::driver::Driver;

/// How long a condition may take to come true.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Tabs pressed before a control is given up: more than the page has.
const TABS_MAX: usize = 300;

/// Keys as WebDriver writes them.
pub(crate) const ENTER: char = '\u{e007}';
pub(crate) const END: char = '\u{e010}';
pub(crate) const HOME: char = '\u{e011}';
/// The page's own key for a step.
pub(crate) const STEP: char = '.';
pub(crate) const F2: char = '\u{e032}';
pub(crate) const DELETE: char = '\u{e017}';
pub(crate) const ESCAPE: char = '\u{e00c}';
pub(crate) const RIGHT: char = '\u{e014}';
const CONTROL: char = '\u{e009}';
const ALT: char = '\u{e00a}';
const SHIFT: char = '\u{e008}';
const TAB: char = '\u{e004}';
pub(crate) const DOWN: char = '\u{e015}';

/// A headless browser, driven.
pub(crate) struct Session {
    driver: Driver,
}

impl Session {
    /// Opens a page in a new browser.
    pub(crate) fn open(url: &str) -> Self {
        let session = Self { driver: Driver::start() };
        session.follow(url);
        session
    }

    /// Goes to another address.
    pub(crate) fn follow(&self, url: &str) {
        self.command("/url", &json!({ "url": url }));
    }

    /// What a script in the page returns.
    pub(crate) fn read(&self, script: &str) -> Value {
        self.command("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Waits until an expression in the page is true.
    ///
    /// # Panics
    /// When it is not within [`WAIT_MAX`], with all of the page's text.
    #[expect(clippy::disallowed_methods, reason = "a browser takes real time")]
    pub(crate) fn wait(&self, what: &str, condition: &str) {
        let script = format!("return Boolean({condition});");
        let begun = Instant::now();
        while self.read(&script) != json!(true) {
            if begun.elapsed() > WAIT_MAX {
                let text = self.read("return document.body.innerText;");
                let text = text.as_str().unwrap_or_default();
                let log = self.log();
                panic!("waited {WAIT_MAX:?} until {what}; the console: {log:#}\nthe page: {text}");
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Clicks the first element that a CSS selector names.
    pub(crate) fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.command(&format!("{element}/click"), &json!({}));
    }

    /// Clicks an element at so many hundredths of its width.
    pub(crate) fn click_at_hundredth(&self, selector: &str, hundredth: i64) {
        self.point("mouse", selector, hundredth);
    }

    /// Taps an element at so many hundredths of its width.
    pub(crate) fn tap_at_hundredth(&self, selector: &str, hundredth: i64) {
        self.point("touch", selector, hundredth);
    }

    fn point(&self, with: &str, selector: &str, hundredth: i64) {
        let place = format!(
            "const e = document.querySelector({}); e.scrollIntoView({{block: 'center'}}); \
             const r = e.getBoundingClientRect(); \
             return [Math.round(r.x + r.width * {hundredth} / 100), Math.round(r.y + r.height / 2)];",
            json!(selector)
        );
        let place = self.read(&place);
        self.act(&json!({
            "type": "pointer",
            "id": with,
            "parameters": { "pointerType": with },
            "actions": [
                { "type": "pointerMove", "x": place[0], "y": place[1] },
                { "type": "pointerDown", "button": 0 },
                { "type": "pointerUp", "button": 0 },
            ],
        }));
    }

    /// Pulls with the mouse or a finger from the middle of an element to the middle of another.
    pub(crate) fn pull(&self, with: &str, from: &str, to: &str) {
        let middle = |selector: &str| {
            self.read(&format!(
                "const r = document.querySelector({}).getBoundingClientRect(); \
                 return [Math.round(r.x + r.width / 2), Math.round(r.y + r.height / 2)];",
                json!(selector)
            ))
        };
        self.read(&format!(
            "document.querySelector({}).scrollIntoView({{block: 'center'}});",
            json!(from)
        ));
        let (from, to) = (middle(from), middle(to));
        self.act(&json!({
            "type": "pointer",
            "id": with,
            "parameters": { "pointerType": with },
            "actions": [
                { "type": "pointerMove", "x": from[0], "y": from[1] },
                { "type": "pointerDown", "button": 0 },
                { "type": "pointerMove", "x": to[0], "y": to[1], "duration": 100 },
                { "type": "pointerUp", "button": 0 },
            ],
        }));
    }

    /// Drags what is at an element's upper left, just within it, with the mouse or a finger.
    pub(crate) fn drag(&self, with: &str, selector: &str, (x, y): (i64, i64)) {
        let from = self.read(&format!(
            "const e = document.querySelector({}); e.scrollIntoView({{block: 'center'}}); \
             const r = e.getBoundingClientRect(); return [Math.round(r.x + r.width / 2), \
             Math.round(r.y + Math.min(r.height / 2, 12))];",
            json!(selector)
        ));
        let at = |n: usize| from[n].as_i64().expect("a place in the window");
        self.act(&json!({
            "type": "pointer",
            "id": with,
            "parameters": { "pointerType": with },
            "actions": [
                { "type": "pointerMove", "x": at(0), "y": at(1) },
                { "type": "pointerDown", "button": 0 },
                { "type": "pointerMove", "x": at(0) + x / 2, "y": at(1) + y / 2, "duration": 50 },
                { "type": "pointerMove", "x": at(0) + x, "y": at(1) + y, "duration": 50 },
                { "type": "pointerUp", "button": 0 },
            ],
        }));
    }

    /// Turns the wheel over the middle of an element while Control is held: upwards if negative.
    pub(crate) fn turn_with_control(&self, selector: &str, by: i64) {
        let origin =
            self.command("/element", &json!({ "using": "css selector", "value": selector }));
        let idle = json!({ "type": "pause" });
        let key = |stroke: &str| json!({ "type": stroke, "value": CONTROL.to_string() });
        let turn = json!({ "type": "scroll", "x": 0, "y": 0, "deltaX": 0, "deltaY": by,
            "origin": origin });
        self.command(
            "/actions",
            &json!({ "actions": [
            { "type": "key", "id": "keys", "actions": [key("keyDown"), idle, key("keyUp")] },
            { "type": "wheel", "id": "wheel", "actions": [idle, turn, idle] },
        ] }),
        );
    }

    /// Two fingers on an element, so many pixels apart, move until they are so many apart.
    pub(crate) fn pinch(&self, selector: &str, (from, to): (i64, i64)) {
        let middle = self.read(&format!(
            "const e = document.querySelector({}); e.scrollIntoView({{block: 'center'}}); \
             const r = e.getBoundingClientRect(); \
             return [Math.round(r.x + r.width / 2), Math.round(r.y + r.height / 2)];",
            json!(selector)
        ));
        let finger = |id: &str, side: i64| {
            let x = middle[0].as_i64().expect("a place in the window");
            json!({
                "type": "pointer",
                "id": id,
                "parameters": { "pointerType": "touch" },
                "actions": [
                    { "type": "pointerMove", "x": x + side * from / 2, "y": middle[1] },
                    { "type": "pointerDown", "button": 0 },
                    { "type": "pointerMove", "x": x + side * (from + to) / 4, "y": middle[1],
                        "duration": 50 },
                    { "type": "pointerMove", "x": x + side * to / 2, "y": middle[1],
                        "duration": 50 },
                    { "type": "pointerUp", "button": 0 },
                ],
            })
        };
        self.command("/actions", &json!({ "actions": [finger("one", -1), finger("other", 1)] }));
    }

    /// Presses keys, one after the other, wherever the focus is.
    pub(crate) fn press(&self, keys: &[char]) {
        let strokes = keys.iter().flat_map(|key| {
            ["keyDown", "keyUp"].map(|stroke| json!({ "type": stroke, "value": key.to_string() }))
        });
        self.act(&json!({ "type": "key", "id": "keys", "actions": strokes.collect::<Value>() }));
    }

    /// Presses a key while Control is held down.
    pub(crate) fn press_control(&self, key: char) {
        self.press_holding(CONTROL, key);
    }

    /// Presses a key while Alt is held down.
    pub(crate) fn press_alt(&self, key: char) {
        self.press_holding(ALT, key);
    }

    /// Moves the focus to what comes before.
    pub(crate) fn tab_back(&self) {
        self.press_holding(SHIFT, TAB);
    }

    fn press_holding(&self, held: char, key: char) {
        let stroke = |stroke: &str, key: char| json!({ "type": stroke, "value": key.to_string() });
        self.act(&json!({ "type": "key", "id": "keys", "actions": [
            stroke("keyDown", held), stroke("keyDown", key),
            stroke("keyUp", key), stroke("keyUp", held),
        ] }));
    }

    /// Presses Tab until the focus is on the element that a CSS selector names.
    pub(crate) fn tab_to(&self, selector: &str) {
        let is_there = format!(
            "return document.activeElement === document.querySelector({});",
            json!(selector)
        );
        for _ in 0..TABS_MAX {
            if self.read(&is_there) == json!(true) {
                return;
            }
            self.press(&[TAB]);
        }
        panic!("the keyboard does not reach {selector}");
    }

    /// Fails if the console has shown an error or a warning since the page was opened.
    pub(crate) fn assert_quiet(&self) {
        let log = self.log();
        let entries = log.as_array().expect("chromedriver keeps a log");
        let loud = |entry: &&Value| entry["level"] == "SEVERE" || entry["level"] == "WARNING";
        let loud: Vec<&Value> = entries.iter().filter(loud).collect();
        assert!(loud.is_empty(), "the console shows {loud:#?}");
    }

    /// What the console has shown since this was last asked.
    fn log(&self) -> Value {
        self.command("/se/log", &json!({ "type": "browser" }))
    }

    /// Sends one of WebDriver's commands, or chromedriver's own.
    pub(crate) fn command(&self, path: &str, body: &Value) -> Value {
        let value = self.driver.command(path, body);
        let error = &value["error"];
        assert!(error.is_null(), "{path} {body}: {error}: {}", value["message"]);
        value
    }

    fn element(&self, selector: &str) -> String {
        let found =
            self.command("/element", &json!({ "using": "css selector", "value": selector }));
        let id = found.as_object().and_then(|found| found.values().next()?.as_str());
        format!("/element/{}", id.unwrap_or_else(|| panic!("{selector}: {found}")))
    }

    fn act(&self, actions: &Value) {
        self.command("/actions", &json!({ "actions": [actions] }));
    }
}
