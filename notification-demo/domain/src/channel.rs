//! The three ways to reach a person.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A way to reach a person. Everything behind the topic is separate per channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A message to a device.
    Push,
    /// An e-mail.
    Email,
    /// A text message to a phone.
    Sms,
}

impl Channel {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Push, Self::Email, Self::Sms];

    /// `push`, `email` or `sms`: also the name of its queue and of its consumer.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The name of its dead-letter queue.
    #[must_use]
    pub const fn dead_letters_name(self) -> &'static str {
        match self {
            Self::Push => "push.dead",
            Self::Email => "email.dead",
            Self::Sms => "sms.dead",
        }
    }

    /// Its place in [`Channel::ALL`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    /// The field of a request that holds its address.
    pub(crate) const fn address_field(self) -> &'static str {
        match self {
            Self::Push => "to.push",
            Self::Email => "to.email",
            Self::Sms => "to.sms",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no channel: give `push`, `email` or `sms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such channel: give `push`, `email` or `sms`")]
pub struct ParseChannelError;

impl FromStr for Channel {
    type Err = ParseChannelError;

    fn from_str(text: &str) -> Result<Self, ParseChannelError> {
        Self::ALL.into_iter().find(|channel| channel.name() == text).ok_or(ParseChannelError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_channel_has_one_spelling() {
        for channel in Channel::ALL {
            assert_eq!(channel.name().parse(), Ok(channel));
            let json = serde_json::to_string(&channel).unwrap();
            assert_eq!(json, format!("\"{channel}\""));
            assert_eq!(channel.dead_letters_name(), format!("{channel}.dead"));
            assert_eq!(Channel::ALL[channel.index()], channel);
        }
        for wrong in ["", "SMS", "sms ", "fax"] {
            assert_eq!(wrong.parse::<Channel>(), Err(ParseChannelError), "{wrong:?}");
        }
    }
}
