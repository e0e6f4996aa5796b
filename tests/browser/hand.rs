//! How the page is used: by mouse, by touch, or by keyboard alone.

use crate::{
    sandbox::{PLAY, SCRUBBER, Sandbox},
    session::{END, ENTER, HOME, STEP, Session},
};

/// How the page is used.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Hand {
    Mouse,
    Touch,
    Keyboard,
}

impl Hand {
    pub(crate) fn press(self, session: &Session, selector: &str) {
        session.wait(selector, &format!("document.querySelector(\"{selector}\")"));
        match self {
            Self::Mouse => session.click(selector),
            Self::Touch => session.tap_at_hundredth(selector, 50),
            Self::Keyboard => {
                session.tab_to(selector);
                session.press(&[ENTER]);
            }
        }
    }

    pub(crate) fn to_the_start(self, session: &Session) {
        match self {
            Self::Mouse => session.click_at_hundredth(SCRUBBER, 0),
            Self::Touch => session.tap_at_hundredth(SCRUBBER, 0),
            Self::Keyboard => {
                session.tab_to(SCRUBBER);
                session.press(&[HOME]);
            }
        }
        let there = format!("document.querySelector(\"{SCRUBBER}\").value == 0");
        session.wait("the run is back at its start", &there);
    }

    /// Runs as fast as it goes until so many tenths of a second are over, then stops.
    pub(crate) fn run_beyond(self, page: &Sandbox<'_>, tenths: u64) {
        let session = page.session;
        let there = format!("document.querySelector(\"{SCRUBBER}\").max > {tenths}");
        if self == Self::Keyboard {
            session.tab_to(".speed select");
            session.press(&[END]);
            session.wait("the run has come far enough", &there);
            // Back to a button: what follows the speeds may be a list, which keys belong to.
            session.tab_back();
            session.press(&[STEP]);
        } else {
            // The list of speeds is the browser's own, and opens outside of the page.
            session.click(".speed option:last-child");
            session.wait("the run has come far enough", &there);
            self.press(session, PLAY);
        }
        stands_still(session);
    }

    /// Goes back to the start and on by so many steps of a second; what stands there for all that
    /// happened until then.
    pub(crate) fn fingerprint_after(self, session: &Session, seconds: usize) -> String {
        self.to_the_start(session);
        let words = "document.querySelector('.fingerprint p')";
        for second in 1..=seconds {
            self.press(session, "[aria-label='Step 1 s on']");
            let clock = format!("at 0:{second:02}.0.");
            session.wait(&clock, &format!("{words}.textContent.endsWith('{clock}')"));
        }
        let digest = session.read("return document.querySelector('#fingerprint').textContent;");
        digest.as_str().expect("a fingerprint is text").to_owned()
    }
}

fn stands_still(session: &Session) {
    let label = format!("document.querySelector('{PLAY}').innerText.trim() == 'Play'");
    session.wait("time stands still", &label);
}
