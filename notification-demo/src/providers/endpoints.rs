//! Requests to URLs that users name.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use hyper::StatusCode;
use postroom_core::Outcome;
use sha2::{Digest as _, Sha256};

use super::{
    Handover,
    http::{Answer, Client, Reach, Target},
};

/// Endpoints that are remembered to be gone; the oldest is forgotten for a new one, and would be
/// asked once more.
const GONE_MAX: usize = 100_000;

/// Posts to endpoints: encrypted and on the public internet, unless private ones are allowed. One
/// that says it is gone is not asked again while the service runs.
pub(super) struct Endpoints {
    client: Client,
    allow_private: bool,
    gone: Mutex<Gone>,
}

impl Endpoints {
    /// # Errors
    /// Text that says what this machine lacks.
    pub(super) fn new(allow_private: bool) -> Result<Self, String> {
        let reach = if allow_private { Reach::Any } else { Reach::Public };
        Ok(Self { client: Client::new(reach)?, allow_private, gone: Mutex::new(Gone::default()) })
    }

    /// Where a user's URL leads; none if this is no place to send to.
    pub(super) fn target(&self, url: &str) -> Option<Target> {
        let target = Target::parse(url).ok()?;
        (target.is_encrypted() || self.allow_private).then_some(target)
    }

    /// Posts `body`; statuses in `gone` say that the endpoint is no more.
    ///
    /// # Errors
    /// As [`Client::post`]; [`Outcome::Permanent`] also from an endpoint that is gone.
    pub(super) async fn post(
        &self,
        target: &Target,
        headers: impl IntoIterator<Item = (&'static str, String)>,
        body: Vec<u8>,
        handover: &Handover,
        gone: &[StatusCode],
    ) -> Result<Answer, Outcome> {
        // A hash, since an endpoint's path may be all that keeps others from using it.
        let id: [u8; 32] = Sha256::digest(target.whole()).into();
        if self.gone().contains(&id) {
            return Err(Outcome::Permanent);
        }
        let answer = self.client.post(target, headers, body, handover).await?;
        if gone.contains(&answer.status()) {
            self.gone().insert(id, GONE_MAX);
            return Err(Outcome::Permanent);
        }
        Ok(answer)
    }

    fn gone(&self) -> MutexGuard<'_, Gone> {
        // Nothing that is done under the lock panics half-way.
        self.gone.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct Gone {
    ids: BTreeSet<[u8; 32]>,
    oldest_first: VecDeque<[u8; 32]>,
}

impl Gone {
    fn contains(&self, id: &[u8; 32]) -> bool {
        self.ids.contains(id)
    }

    fn insert(&mut self, id: [u8; 32], max: usize) {
        if self.ids.insert(id) {
            self.oldest_first.push_back(id);
        }
        while self.ids.len() > max {
            let Some(oldest) = self.oldest_first.pop_front() else { return };
            self.ids.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::http::tests::service;

    #[tokio::test]
    async fn what_is_gone_is_asked_once() {
        let endpoints = Endpoints::new(true).unwrap();
        let (port, _heard) = service("HTTP/1.1 410 gone\r\ncontent-length: 0\r\n\r\n").await;
        let target = endpoints.target(&format!("http://127.0.0.1:{port}/a")).unwrap();
        for asked in [true, false] {
            let handover = Handover::default();
            let answer =
                endpoints.post(&target, [], Vec::new(), &handover, &[StatusCode::GONE]).await;
            assert_eq!(answer.unwrap_err(), Outcome::Permanent);
            assert_eq!(handover.has_begun(), asked);
        }
    }

    #[tokio::test]
    async fn users_name_no_private_targets() {
        let endpoints = Endpoints::new(false).unwrap();
        assert!(endpoints.target("http://example.org/").is_none(), "open to read");
        let target = endpoints.target("https://127.0.0.1:1/").unwrap();
        let answer = endpoints.post(&target, [], Vec::new(), &Handover::default(), &[]).await;
        assert_eq!(answer.unwrap_err(), Outcome::Permanent);
    }

    #[test]
    fn the_oldest_is_forgotten_for_a_new_one() {
        let mut gone = Gone::default();
        for id in [1, 1, 2, 3] {
            gone.insert([id; 32], 2);
        }
        assert_eq!([1, 2, 3].map(|id| gone.contains(&[id; 32])), [false, true, true]);
        assert_eq!(gone.oldest_first.len(), 2);
    }
}
