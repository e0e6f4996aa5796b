//! The keyboard: which key means what.

use super::PlayerCommand;

/// Keys, each with what it does.
pub type Keys = &'static [(&'static str, &'static str)];

/// Every shortcut, with what it does, for the help.
pub const SHORTCUTS: [(&str, &str); 7] = [
    ("Space", "play or pause"),
    (". or →", "step to the next event"),
    (", or ←", "one second back"),
    (">", "one second on"),
    ("+ and -", "faster, slower"),
    ("Esc", "close what is open"),
    ("?", "this list"),
];

/// What a key means; nothing for most.
#[must_use]
pub fn shortcut(key: &str) -> Option<PlayerCommand> {
    Some(match key {
        " " => PlayerCommand::TogglePlay,
        "." | "ArrowRight" => PlayerCommand::StepToNextEvent,
        "," | "ArrowLeft" => PlayerCommand::BackOneSecond,
        ">" => PlayerCommand::OnOneSecond,
        "+" | "=" => PlayerCommand::Faster,
        "-" => PlayerCommand::Slower,
        "Escape" => PlayerCommand::Close,
        "?" => PlayerCommand::ToggleHelp,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_keys_mean_nothing() {
        assert_eq!(shortcut(" "), Some(PlayerCommand::TogglePlay));
        for key in ["a", "Enter", "Tab", "F5", "Shift"] {
            assert_eq!(shortcut(key), None, "{key}");
        }
    }
}
