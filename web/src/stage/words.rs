//! The few words on the stage.

use postroom_core::{MessageId, Span};

use super::Mode;

/// A length, for an attribute: to a thousandth. The standard way to write any float exactly is large,
/// and the page has no other use for it.
pub(super) fn px(length: f64) -> String {
    let thousandths = (length * 1_000.0).round() as i64;
    let sign = if thousandths < 0 { "-" } else { "" };
    let (whole, rest) = (thousandths.unsigned_abs() / 1_000, thousandths.unsigned_abs() % 1_000);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{rest:03}").trim_end_matches('0').to_owned()
}

/// A number with its thousands apart: `12,345`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut apart = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

pub(super) fn delivered(number: u64) -> String {
    format!("{} delivered", count(number))
}

pub(super) fn failed(number: u64) -> String {
    format!("{} failed", count(number))
}

/// A span as a countdown shows it: whole seconds, rounded up.
pub(super) fn seconds(span: Span) -> String {
    format!("{} s", span.as_micros().div_ceil(1_000_000))
}

/// What is left of a time, short enough to stand on a letter: `0.3 s`, `12 s`, `5 min`.
pub(super) fn left(span: Span) -> String {
    let tenths = span.as_micros().div_ceil(100_000);
    match tenths {
        0..100 => format!("{}.{} s", tenths / 10, tenths % 10),
        100..6_000 => format!("{} s", tenths.div_ceil(10)),
        _ => format!("{} min", tenths.div_ceil(600)),
    }
}

/// Which message it is, and of which ordered group, by the group's last word: `k3·17`.
pub(super) fn tag(message: MessageId, group: Option<&str>) -> String {
    match group.and_then(|group| group.rsplit(' ').next()) {
        Some(group) => format!("k{group}·{}", message.number),
        None => message.number.to_string(),
    }
}

/// How a provider behaves.
pub(super) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Ok => "works",
        Mode::Fail => "fails",
        Mode::Hang => "hangs",
        Mode::Slow => "is slow",
        Mode::Flaky => "is flaky",
        Mode::Poisoned => "chokes on some",
    }
}

pub(super) fn mode_class(mode: Mode) -> &'static str {
    match mode {
        Mode::Ok => "is-ok",
        Mode::Fail => "is-failing",
        Mode::Hang => "is-hanging",
        Mode::Slow => "is-slow",
        Mode::Flaky => "is-flaky",
        Mode::Poisoned => "is-poisoned",
    }
}

#[cfg(test)]
mod tests {
    use postroom_core::{Address, QueueId};

    use super::*;

    #[test]
    fn lengths_are_short() {
        let shown = [0.0, 12.0, -0.5, 3.125, 1.0 / 3.0, 99.9996, -0.0001].map(px);
        assert_eq!(shown, ["0", "12", "-0.5", "3.125", "0.333", "100", "0"]);
    }

    #[test]
    fn thousands_stand_apart() {
        let shown = [0, 999, 1_000, 12_345, 1_234_567].map(count);
        assert_eq!(shown, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }

    #[test]
    fn a_countdown_ends_at_zero() {
        let shown = [0, 1, 1_000, 1_001].map(|ms| seconds(Span::from_millis(ms)));
        assert_eq!(shown, ["0 s", "1 s", "1 s", "2 s"]);
    }

    #[test]
    fn what_is_left_fits_on_a_letter() {
        let shown =
            [0, 1, 250, 9_900, 9_901, 59_001, 600_000].map(|ms| left(Span::from_millis(ms)));
        assert_eq!(shown, ["0.0 s", "0.1 s", "0.3 s", "9.9 s", "10 s", "60 s", "10 min"]);
    }

    #[test]
    fn a_tag_says_the_group_by_its_last_word() {
        let message = MessageId { address: Address::Queue(QueueId::new(0)), number: 17 };
        assert_eq!(tag(message, None), "17");
        assert_eq!(tag(message, Some("web shop 3")), "k3·17");
    }
}
