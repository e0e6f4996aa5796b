//! The signature of a request: HMAC-SHA256 over its id, time and body.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac::{HMAC_SHA256, Key, sign};

use crate::providers::Secret;

const PREFIX: &str = "whsec_";
/// Secrets at once: one is in use, the others come or go.
const SECRETS_MAX: usize = 4;
/// Bytes in a secret, by the specification.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Signs with every secret.
pub(super) struct Signer(Vec<Key>);

impl Signer {
    /// # Errors
    /// What is wrong with `secrets`, and what to give.
    pub(super) fn new(secrets: &[Secret]) -> Result<Self, String> {
        if !(1..=SECRETS_MAX).contains(&secrets.len()) {
            return Err(format!("secrets: give 1 to {SECRETS_MAX}"));
        }
        let key = |(place, secret): (usize, &Secret)| {
            let bytes = secret.reveal().strip_prefix(PREFIX).and_then(|t| STANDARD.decode(t).ok());
            match bytes.filter(|bytes| SECRET_BYTES.contains(&bytes.len())) {
                Some(bytes) => Ok(Key::new(HMAC_SHA256, &bytes)),
                None => Err(format!(
                    "secrets[{place}]: is none: give `{PREFIX}` and {} to {} random bytes in base64",
                    SECRET_BYTES.start(),
                    SECRET_BYTES.end()
                )),
            }
        };
        Ok(Self(secrets.iter().enumerate().map(key).collect::<Result<_, _>>()?))
    }

    /// `v1,…` for each secret.
    pub(super) fn sign(&self, id: &str, seconds: u64, body: &[u8]) -> String {
        let mut signed = format!("{id}.{seconds}.").into_bytes();
        signed.extend_from_slice(body);
        let one = |key| format!("v1,{}", STANDARD.encode(sign(key, &signed)));
        self.0.iter().map(one).collect::<Vec<_>>().join(" ")
    }
}
