//! The few words on the stage.

use postroom_core::Span;

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

/// How a provider behaves.
pub(super) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Ok => "works",
        Mode::Fail => "fails",
        Mode::Hang => "hangs",
        Mode::Slow => "is slow",
        Mode::Flaky => "is flaky",
    }
}

pub(super) fn mode_class(mode: Mode) -> &'static str {
    match mode {
        Mode::Ok => "is-ok",
        Mode::Fail => "is-failing",
        Mode::Hang => "is-hanging",
        Mode::Slow => "is-slow",
        Mode::Flaky => "is-flaky",
    }
}

#[cfg(test)]
mod tests {
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
}
