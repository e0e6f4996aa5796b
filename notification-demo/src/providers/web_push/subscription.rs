//! What a browser gave out when it subscribed.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::encryption::{AUTH_BYTES, KEY_BYTES, encrypt};

/// Where a browser is reached, and the keys that only it can read by.
pub(super) struct Subscription<'a> {
    pub(super) endpoint: &'a str,
    key: [u8; KEY_BYTES],
    auth: [u8; AUTH_BYTES],
}

impl<'a> Subscription<'a> {
    /// Reads `endpoint#p256dh=…&auth=…`; none if it is something else.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (endpoint, fragment) = text.split_once('#')?;
        let (mut key, mut auth) = (None, None);
        for field in fragment.split('&') {
            let (name, value) = field.split_once('=')?;
            let bytes = URL_SAFE_NO_PAD.decode(value.trim_end_matches('=')).ok()?;
            match name {
                "p256dh" => key = Some(bytes.try_into().ok()?),
                "auth" => auth = Some(bytes.try_into().ok()?),
                _ => return None,
            }
        }
        Some(Self { endpoint, key: key?, auth: auth? })
    }

    /// Encrypts under a fresh key; none if the subscription's own is no key, or the text too long.
    pub(super) fn encrypt(&self, plaintext: &[u8]) -> Option<Vec<u8>> {
        encrypt(&self.key, &self.auth, plaintext)
    }
}

impl fmt::Debug for Subscription<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}
