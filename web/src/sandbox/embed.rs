//! The sandbox in somebody else's page: what that page can ask for, and what it is told.
//!
//! `sandbox.html?embed` in an `iframe` is the picture with its time, without the text; what stands
//! after `#` names a template or a scenario, as in every address of the sandbox. The page around it
//! posts a [`Wish`] to the frame's window and gets each [`News`] as a `message` event. Both carry
//! `"postroom": 1`; messages without it are somebody else's, and left alone.
//!
//! ```js
//! const frame = document.querySelector('iframe').contentWindow;
//! addEventListener('message', ({ source, data }) => {
//!   if (source !== frame || data.postroom !== 1) return;
//!   console.log(data.is, data);
//!   if (data.is === 'ready') frame.postMessage({ postroom: 1, do: 'pause' }, '*');
//! });
//! ```

use postroom_simulator::limits::SCENARIO_BYTES_MAX;
use serde::{Deserialize, Serialize};

/// What marks the messages, and their version.
pub const EMBED_VERSION: u32 = 1;
/// Bytes of a message, as JSON: a scenario with all its quotation marks escaped.
pub const WISH_BYTES_MAX: usize = 2 * SCENARIO_BYTES_MAX + 1_024;

/// What the page around the frame asks for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Wish {
    /// Show this scenario from its start.
    Load {
        /// The document, as text.
        scenario: String,
    },
    /// Let time run.
    Play,
    /// Stop it.
    Pause,
    /// Stop, and go to this time; to the end of what is known if that is earlier.
    Seek {
        /// Milliseconds after the start.
        at_ms: u64,
    },
    /// Say how it stands: a [`News::State`] comes.
    State,
}

/// What the page around the frame is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum News {
    /// What the address names is there, or an [`News::Error`] has said why not: wishes are heard from
    /// now on.
    Ready,
    /// How it stands.
    State {
        /// Milliseconds after the start.
        at_ms: u64,
        /// Whether time runs.
        playing: bool,
    },
    /// A wish was not understood, or the scenario that was sent is none: what to change.
    Error {
        /// In words.
        what: String,
    },
}

impl News {
    /// The message that says it, as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Marked<'n> {
            postroom: u32,
            #[serde(flatten)]
            news: &'n News,
        }
        let marked = Marked { postroom: EMBED_VERSION, news: self };
        serde_json::to_string(&marked).expect("news are plain data")
    }
}

/// The wish in a message; none if the message is not meant for Postroom.
///
/// # Errors
/// What is wrong with it, in words for whoever writes the page around the frame.
pub fn wish(message: &str) -> Option<Result<Wish, String>> {
    #[derive(Deserialize)]
    struct Mark {
        postroom: u32,
    }
    if message.len() > WISH_BYTES_MAX {
        return Some(Err(format!("the message is longer than {WISH_BYTES_MAX} bytes")));
    }
    let Mark { postroom } = serde_json::from_str(message).ok()?;
    if postroom != EMBED_VERSION {
        return Some(Err(format!("`postroom` is {postroom}: it must be {EMBED_VERSION}")));
    }
    let mut fields: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(message).ok()?;
    fields.remove("postroom");
    let wish = serde_json::from_value(fields.into());
    Some(wish.map_err(|error| error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_understood() {
        for (message, expected) in [
            (r#"{"postroom":1,"do":"play"}"#, Wish::Play),
            (r#"{"do":"seek","at_ms":1500,"postroom":1}"#, Wish::Seek { at_ms: 1_500 }),
            (
                r#"{"postroom":1,"do":"load","scenario":"{}"}"#,
                Wish::Load { scenario: "{}".to_owned() },
            ),
        ] {
            assert_eq!(wish(message), Some(Ok(expected)), "{message}");
        }
    }

    #[test]
    fn what_is_no_wish_is_said_or_left_alone() {
        for foreign in ["", "null", "[]", "\"play\"", r#"{"do":"play"}"#, r#"{"postroom":"1"}"#] {
            assert_eq!(wish(foreign), None, "{foreign}");
        }
        for (wrong, why) in [
            (r#"{"postroom":2,"do":"play"}"#, "`postroom` is 2: it must be 1"),
            (r#"{"postroom":1}"#, "missing field `do`"),
            (r#"{"postroom":1,"do":"fly"}"#, "unknown variant `fly`"),
            (r#"{"postroom":1,"do":"seek"}"#, "missing field `at_ms`"),
            (r#"{"postroom":1,"do":"seek","at_ms":-1}"#, "invalid value: integer `-1`"),
            (r#"{"postroom":1,"do":"seek","at_ms":1,"x":1}"#, "unknown field `x`"),
        ] {
            let error = wish(wrong).expect("it is meant for us").expect_err("it is wrong");
            assert!(error.contains(why), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_message_has_a_limit() {
        let long = |bytes: usize| {
            let frame = r#"{"postroom":1,"do":"load","scenario":""}"#;
            frame.replace("\"\"}", &format!("\"{}\"}}", "x".repeat(bytes - frame.len())))
        };
        assert!(matches!(wish(&long(WISH_BYTES_MAX)), Some(Ok(Wish::Load { .. }))));
        assert!(matches!(wish(&long(WISH_BYTES_MAX + 1)), Some(Err(_))));
    }

    #[test]
    fn news_are_marked() {
        let state = News::State { at_ms: 5, playing: false };
        assert_eq!(state.to_json(), r#"{"postroom":1,"is":"state","at_ms":5,"playing":false}"#);
    }
}
