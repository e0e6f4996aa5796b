//! The three lessons from start to end, and the progress that is kept of them.

use serde_json::json;

use crate::{session::Session, site};

/// What is written for an answer that is to be wrong.
const FAR_OFF: u64 = 99_999_999;

#[test]
fn the_lessons_are_taken_from_start_to_end() {
    let url = format!("{}lessons.html", site::serve(site::built_page()));
    let session = Session::open(&url);
    let page = Lessons { session: &session };
    session
        .wait("the lessons are listed", "document.querySelectorAll('.lessons > li').length == 3");

    session.click(".lessons a");
    page.step("A message that nobody can handle");
    page.answer_wrongly("why-slow");
    page.answer("why-slow", 1);
    page.next("Give up, but keep it");
    page.predict("dead-after-a-minute");
    page.check("let-it-flow", true);
    page.next("Mend, then redrive");
    page.check("bring-them-back", false);
    page.at_four_times_the_speed();
    let label = "document.querySelector(\"[aria-label^='Orders queue: ']\")?.ariaLabel ?? ''";
    session.wait("orders died", &format!("/ [1-9]\\d* dead letters/.test({label})"));
    session.click("[aria-label='Heal Packer']");
    session.click("[aria-label='Redrive the dead letters of Orders']");
    page.check("bring-them-back", true);
    page.answer("one-try", 0);
    page.next("Remember");

    page.next("No answer is not a no");
    page.predict("too-often");
    page.at_four_times_the_speed();
    session.wait("the balance is off", "document.querySelector('.balance.is-off #too-often')");
    page.answer("timeout", 2);
    page.next("Wait longer");
    page.check("patient", false);
    page.turn("patience", "10 seconds");
    page.check("patient", true);
    page.next("Remember what you did");
    page.check("idempotent", false);
    page.turn("memory", "for 3 seconds");
    page.check("idempotent", false);
    page.turn("memory", "for an hour");
    page.check("idempotent", true);
    page.answer("how-long", 1);
    page.next("Remember");

    page.next("The spike");
    page.predict("backlog");
    page.answer("drain", 1);
    page.next("More workers");
    page.check("scale", false);
    page.turn("workers", "100");
    page.check("scale", true);
    page.next("Backpressure");
    page.turn("workers", "12");
    page.check("bounded", false);
    page.turn("room", "1,000 orders");
    page.check("bounded", true);
    page.answer("unbounded", 1);
    page.next("Remember");
    session.click("#next");

    let all_done = "document.querySelectorAll('.lessons > li.is-done').length == 3";
    session.wait("all is done", all_done);
    session.follow("about:blank");
    session.follow(&url);
    session.wait("and still is on the next visit", all_done);
    session.assert_quiet();
}

struct Lessons<'s> {
    session: &'s Session,
}

impl Lessons<'_> {
    fn step(&self, title: &str) {
        let there = format!("document.querySelector('#step-title')?.innerText == {}", json!(title));
        self.session.wait(title, &there);
        self.session.wait("it has the focus", "document.activeElement.id == 'step-title'");
    }

    fn next(&self, title: &str) {
        self.session.click("#next");
        self.step(title);
    }

    fn answer(&self, quiz: &str, right: usize) {
        self.session.click(&format!("#{quiz} .answer:nth-of-type({}) input", right + 1));
        self.session.wait("it is right", &format!("document.querySelector('#{quiz} .is-right')"));
    }

    fn answer_wrongly(&self, quiz: &str) {
        self.session.click(&format!("#{quiz} .answer input"));
        self.session.wait("it is wrong", &format!("document.querySelector('#{quiz} .is-wrong')"));
    }

    /// Learns from a wrong answer what is right.
    fn predict(&self, id: &str) {
        self.guess(id, FAR_OFF);
        let wrong = format!("document.querySelector('#{id} .is-wrong')");
        self.session.wait("it is far off", &wrong);
        let script = format!(
            "return Number({wrong}.innerText.match(/the run says ([\\d,.\\s]+)\\./)[1].replace(/\\D/g, ''));"
        );
        let truth = self.session.read(&script).as_u64().expect("the run says a number");
        self.guess(id, truth);
        self.session.wait("it is right", &format!("document.querySelector('#{id} .is-right')"));
    }

    fn guess(&self, id: &str, number: u64) {
        let field = format!("#{id} input");
        self.session.click(&field);
        self.session.press_control('a');
        self.session.press(&number.to_string().chars().collect::<Vec<_>>());
        self.session.click(&format!("#{id} button"));
    }

    fn turn(&self, knob: &str, choice: &str) {
        self.choose(&format!("select[name='{knob}']"), choice);
        let gone = "!document.querySelector('.task .goal.is-met, .task .goal.is-unmet')";
        self.session.wait("what was checked is of the past", gone);
    }

    fn at_four_times_the_speed(&self) {
        let script = "const it = document.querySelector(\"select[title^='Slower']\"); \
                      it.value = [...it.options].find(({ text }) => text.startsWith('4')).value; \
                      it.dispatchEvent(new Event('change', { bubbles: true }));";
        self.session.read(script);
    }

    fn choose(&self, select: &str, choice: &str) {
        let script = format!(
            "const it = document.querySelector({}); it.value = {}; \
             it.dispatchEvent(new Event('change', {{ bubbles: true }}));",
            json!(select),
            json!(choice)
        );
        self.session.read(&script);
    }

    fn check(&self, task: &str, is_met: bool) {
        // Without the mouse: what was turned just now still moves the button about.
        self.session.read(&format!("document.querySelector('#{task} .check').click();"));
        let sign = if is_met { ".is-right" } else { ".says.is-wrong" };
        self.session.wait(
            &format!("{task} is judged {is_met}"),
            &format!("document.querySelector('#{task} {sign}')"),
        );
    }
}
