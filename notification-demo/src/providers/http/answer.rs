//! What another service answered.

use std::time::Duration;

use hyper::{
    HeaderMap, StatusCode,
    body::Bytes,
    header::{DATE, RETRY_AFTER},
    http::response::Parts,
};
use postroom_core::{Outcome, Span};

/// No pause that another service asks for is longer.
const RETRY_AFTER_MAX: Span = Span::from_secs(3_600);

/// An answer; its body is empty if it is a success.
#[derive(Debug)]
pub(in crate::providers) struct Answer {
    pub(super) head: Parts,
    pub(in crate::providers) body: Bytes,
}

impl Answer {
    pub(in crate::providers) fn status(&self) -> StatusCode {
        self.head.status
    }

    /// What a status means wherever nothing else is agreed.
    ///
    /// Whoever stands between us and the service (502, 504), and a service that broke over the
    /// request (500), cannot say whether it was carried out.
    pub(in crate::providers) fn outcome(&self) -> Outcome {
        match self.status().as_u16() {
            200..300 => Outcome::Delivered,
            429 | 503 => self.throttled(),
            408 | 421 | 425 => Outcome::Transient,
            500..600 => Outcome::Ambiguous,
            _ => Outcome::Permanent,
        }
    }

    fn throttled(&self) -> Outcome {
        match retry_after(&self.head.headers) {
            None if self.status() == StatusCode::SERVICE_UNAVAILABLE => Outcome::Transient,
            retry_after => Outcome::Throttled { retry_after },
        }
    }
}

/// The pause that the other side asks for: in seconds, or until a time by its own clock.
fn retry_after(headers: &HeaderMap) -> Option<Span> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let given = text(RETRY_AFTER)?.trim();
    let pause = match given.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = httpdate::parse_http_date(given).ok()?;
            let now = httpdate::parse_http_date(text(DATE)?).ok()?;
            until.duration_since(now).unwrap_or_default()
        }
    };
    let pause = Span::from_micros(u64::try_from(pause.as_micros()).unwrap_or(u64::MAX));
    Some(pause.min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_a_meaning() {
        let pause = |secs| Outcome::Throttled { retry_after: Some(Span::from_secs(secs)) };
        for (status, retry_after, outcome) in [
            (201, "", Outcome::Delivered),
            (302, "", Outcome::Permanent),
            (400, "", Outcome::Permanent),
            (408, "", Outcome::Transient),
            (410, "", Outcome::Permanent),
            (429, "", Outcome::Throttled { retry_after: None }),
            (429, "soon", Outcome::Throttled { retry_after: None }),
            (429, "7", pause(7)),
            (429, "3600", pause(3_600)),
            (429, "3601", pause(3_600)),
            (503, "Thu, 01 Jan 1970 00:01:05 GMT", pause(60)),
            (503, "Thu, 01 Jan 1970 00:00:00 GMT", pause(0)),
            (503, "", Outcome::Transient),
            (500, "", Outcome::Ambiguous),
            (504, "9", Outcome::Ambiguous),
        ] {
            let response = hyper::Response::builder()
                .status(status)
                .header(DATE, "Thu, 01 Jan 1970 00:00:05 GMT")
                .header(RETRY_AFTER, retry_after)
                .body(())
                .unwrap();
            let answer = Answer { head: response.into_parts().0, body: Bytes::new() };
            assert_eq!(answer.outcome(), outcome, "{status} {retry_after}");
        }
    }
}
