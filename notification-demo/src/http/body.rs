//! Taking in a request's body, within its limits.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
};
use http_body_util::BodyExt as _;

use crate::http::{
    json::Json,
    problem::{Kind, Problem},
};

/// Bytes in a body.
pub(crate) const BODY_MAX: usize = 64 << 10;
/// Bytes of a body that is too large which are still taken in, so that a client that reads only
/// after it has sent everything sees the answer.
const DISCARDED_MAX: usize = 1 << 20;

/// Whether the headers declare plain JSON.
pub(crate) fn check_declared_json(headers: &HeaderMap) -> Result<(), Problem> {
    let mut kinds = headers.get_all(header::CONTENT_TYPE).iter();
    let kind = kinds.next().and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    let is_json = essence.eq_ignore_ascii_case("application/json") && kinds.next().is_none();
    if is_json && !headers.contains_key(header::CONTENT_ENCODING) {
        Ok(())
    } else {
        Err(Problem::new(Kind::UnsupportedMediaType))
    }
}

/// The whole body, if it is small enough and comes within `timeout`.
pub(crate) async fn read(body: Body, timeout: Duration) -> Result<Bytes, Problem> {
    match tokio::time::timeout(timeout, collect(body)).await {
        Ok(read) => read,
        Err(_) => {
            let seconds = timeout.as_secs();
            let detail = format!(
                "The body did not arrive within {seconds} s. Send the request again, the body at \
                 once."
            );
            Err(Problem::with(Kind::Timeout, detail))
        }
    }
}

/// The whole body as JSON.
pub(crate) async fn read_json(body: Body, timeout: Duration) -> Result<Json, Problem> {
    Json::parse(&read(body, timeout).await?)
}

async fn collect(mut body: Body) -> Result<Bytes, Problem> {
    let mut kept = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::new(Kind::BadRequest))?;
        let Some(data) = frame.data_ref() else { continue };
        length += data.len();
        if length <= BODY_MAX {
            kept.extend_from_slice(data);
        } else if length > DISCARDED_MAX {
            break;
        }
    }
    if length > BODY_MAX { Err(Problem::new(Kind::TooLarge)) } else { Ok(kept.into()) }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const NOW: Duration = Duration::from_secs(15);

    #[tokio::test]
    async fn a_body_has_its_limit() {
        let read = |bytes: usize| read(Body::from(vec![b' '; bytes]), NOW);
        assert_eq!(read(BODY_MAX).await.unwrap().len(), BODY_MAX);
        assert_eq!(read(BODY_MAX + 1).await.unwrap_err().kind, Kind::TooLarge);
        assert_eq!(read(2 * DISCARDED_MAX).await.unwrap_err().kind, Kind::TooLarge);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        let began = tokio::time::Instant::now();
        let problem = read(Body::from_stream(never), NOW).await.unwrap_err();
        assert_eq!((problem.kind, began.elapsed()), (Kind::Timeout, NOW));
    }

    #[test]
    fn only_plain_json_is_json() {
        let declared = |kind: &'static str| {
            let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
            check_declared_json(&headers.into_iter().collect()).is_ok()
        };
        for good in ["application/json", "Application/JSON; charset=utf-8"] {
            assert!(declared(good), "{good}");
        }
        for wrong in ["", "text/json", "application/jsonp", "text/plain", "application/xml"] {
            assert!(!declared(wrong), "{wrong}");
        }
        assert!(check_declared_json(&HeaderMap::new()).is_err());
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.append(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        assert!(check_declared_json(&headers).is_err(), "two types");
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert!(check_declared_json(&headers).is_err(), "compressed");
    }
}
