//! Idempotency keys of the requests that are being handled right now.
//!
//! The machine remembers the keys of what was stored. This is about the time before: a key is
//! taken when its request's headers are in, and given back when it is answered or gives up.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::HeaderMap;
use postroom_notification::IDEMPOTENCY_KEY_BYTES_MAX;

use crate::http::problem::{Kind, Problem};

/// The header.
pub(crate) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// The keys in use. As many as there are connections, at most.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeysInFlight(Arc<Mutex<BTreeSet<String>>>);

/// A key in use; free again when this is dropped.
#[derive(Debug)]
pub(crate) struct KeyGuard {
    keys: KeysInFlight,
    key: String,
}

impl KeysInFlight {
    /// Takes the key that the headers name, if they name one.
    pub(crate) fn take(&self, headers: &HeaderMap) -> Result<Option<KeyGuard>, Problem> {
        let Some(key) = key_of(headers)? else { return Ok(None) };
        if self.change(|keys| keys.insert(key.clone())) {
            Ok(Some(KeyGuard { keys: self.clone(), key }))
        } else {
            Err(Problem::new(Kind::KeyInFlight))
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut BTreeSet<String>) -> T) -> T {
        // A set is whole whatever panicked while it was locked.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl KeyGuard {
    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

impl Drop for KeyGuard {
    fn drop(&mut self) {
        self.keys.change(|keys| keys.remove(&self.key));
    }
}

fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        let problem = "is given more than once: give it once";
        return Err(Problem::invalid_field(IDEMPOTENCY_KEY, problem));
    }
    let key = key.as_bytes();
    let good = (1..=IDEMPOTENCY_KEY_BYTES_MAX).contains(&key.len())
        && key.iter().all(u8::is_ascii_graphic);
    match std::str::from_utf8(key) {
        Ok(key) if good => Ok(Some(key.to_owned())),
        _ => Err(Problem::invalid_field(
            IDEMPOTENCY_KEY,
            format!("must be 1 to {IDEMPOTENCY_KEY_BYTES_MAX} visible ASCII characters"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(keys: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for key in keys {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_bytes(key).unwrap());
        }
        headers
    }

    #[test]
    fn a_key_is_used_by_one_request_at_a_time() {
        let keys = KeysInFlight::default();
        let first = keys.take(&headers(&[b"order-17"])).unwrap().unwrap();
        assert_eq!(first.key(), "order-17");
        let second = keys.take(&headers(&[b"order-17"])).unwrap_err();
        assert_eq!(second.kind, Kind::KeyInFlight);
        assert!(keys.take(&headers(&[b"order-18"])).unwrap().is_some());
        drop(first);
        assert!(keys.take(&headers(&[b"order-17"])).unwrap().is_some());
        assert!(keys.take(&headers(&[])).unwrap().is_none());
    }

    #[test]
    fn a_key_is_short_and_visible() {
        let longest = vec![b'k'; IDEMPOTENCY_KEY_BYTES_MAX];
        let longer = vec![b'k'; IDEMPOTENCY_KEY_BYTES_MAX + 1];
        let take = |keys: &[&[u8]]| KeysInFlight::default().take(&headers(keys)).map(|_| ());
        assert!(take(&[&longest]).is_ok());
        for wrong in [&b""[..], b"two words", b"t\xc3\xbcr", b"\xff", &longer] {
            assert_eq!(take(&[wrong]).unwrap_err().kind, Kind::InvalidFields);
        }
        assert_eq!(take(&[b"a", b"a"]).unwrap_err().kind, Kind::InvalidFields);
    }
}
