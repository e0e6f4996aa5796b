//! How large a text may be to be put into the text field at all.

use postroom_simulator::limits::SCENARIO_BYTES_MAX;

/// Lines of a scenario's text. A browser takes some microseconds for each line of a text field,
/// whatever stands in it.
pub const LINES_MAX: usize = 10_000;

/// What is said of a text that does not fit.
pub const TOO_LARGE: &str = "that text is too large: a scenario has at most 1 MiB and 10,000 lines";

/// Whether the text is short enough for the text field.
#[must_use]
pub fn fits(text: &str) -> bool {
    text.len() <= SCENARIO_BYTES_MAX && has_lines(text, LINES_MAX)
}

/// Whether the text has at most so many lines.
#[must_use]
pub fn has_lines(text: &str, most: usize) -> bool {
    text.len() < most || text.bytes().filter(|byte| *byte == b'\n').take(most).count() < most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_fits_up_to_its_limits() {
        assert!(fits("") && fits(&"x".repeat(SCENARIO_BYTES_MAX)));
        assert!(!fits(&"x".repeat(SCENARIO_BYTES_MAX + 1)));
        assert!(fits(&"\n".repeat(LINES_MAX - 1)), "the last line has no end");
        assert!(!fits(&"\n".repeat(LINES_MAX)));
        assert!(!fits(&"{}\n".repeat(SCENARIO_BYTES_MAX / 3)));
    }

    #[test]
    fn the_limits_are_said_as_they_are() {
        let thousands = LINES_MAX / 1_000;
        let mebibytes = SCENARIO_BYTES_MAX >> 20;
        assert!(TOO_LARGE.contains(&format!("{mebibytes} MiB and {thousands},000 lines")));
    }
}
