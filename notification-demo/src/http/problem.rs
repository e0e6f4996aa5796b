//! Errors as the world sees them: RFC 9457 problems.

use std::{borrow::Cow, fmt::Write as _};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::http::kind::FACTS;
pub(crate) use crate::http::kind::Kind;

/// An error's answer.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) kind: Kind,
    detail: Cow<'static, str>,
    pub(crate) errors: Vec<FieldError>,
    retry_after_secs: Option<u64>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FieldError {
    /// As in the request: `to.email`, `channels[1]`, or the name of a header or query parameter.
    pub(crate) field: String,
    /// What is wrong, and what to give.
    pub(crate) problem: String,
}

/// What a problem looks like on the wire.
#[derive(Serialize)]
struct Wire<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// The kind's own remedy as detail.
    pub(crate) fn new(kind: Kind) -> Self {
        Self::with(kind, kind.facts().remedy)
    }

    pub(crate) fn with(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), retry_after_secs: None }
    }

    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(Kind::InvalidFields) }
    }

    pub(crate) fn invalid_field(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { field: field.into(), problem: problem.into() }])
    }

    pub(crate) fn unavailable(detail: impl Into<Cow<'static, str>>, retry_after_secs: u64) -> Self {
        Self {
            retry_after_secs: Some(retry_after_secs.max(1)),
            ..Self::with(Kind::Unavailable, detail)
        }
    }

    /// The runtime under the service has stopped: somebody has to start the service again.
    pub(crate) fn stopped() -> Self {
        Self::unavailable(
            "The service is stopping. Send the request again when it runs. If this was to be \
             stored, send the same Idempotency-Key: whether it was is not known.",
            5,
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let facts = self.kind.facts();
        let wire = Wire {
            kind: format!("/problems#{}", facts.name),
            title: facts.title,
            status: facts.status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
        };
        // Strings and numbers only: there is nothing that JSON cannot hold.
        let json = serde_json::to_vec(&wire).unwrap_or_default();
        let mut response = Response::new(Body::from(json));
        *response.status_mut() = facts.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_secs {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// `GET /problems`: what the `type` of every problem leads to.
pub(crate) async fn list() -> String {
    let mut text = String::from("The problems that this service answers with.\n");
    for facts in FACTS {
        let status = facts.status.as_u16();
        // Writing into a string cannot fail.
        let _ =
            write!(text, "\n{} ({status})\n  {}.\n  {}\n", facts.name, facts.title, facts.remedy);
    }
    text
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_problem_says_what_to_do() {
        let problem = Problem::invalid_field("to.email", "is missing: give it");
        let response = problem.into_response();
        assert_eq!(response.status(), 422);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(json["type"], "/problems#invalid-fields");
        assert_eq!(json["status"], 422);
        assert_eq!(json["errors"][0]["field"], "to.email");
        assert!(json["detail"].as_str().unwrap().contains("Mend"));
    }

    #[tokio::test]
    async fn every_kind_has_its_own_name_and_an_entry_in_the_list() {
        let list = list().await;
        let mut names: Vec<_> = FACTS.iter().map(|facts| facts.name).collect();
        for name in &names {
            assert!(list.contains(&format!("\n{name} (")), "{name}");
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FACTS.len());
    }

    #[test]
    fn nobody_is_told_to_come_back_at_once() {
        let response = Problem::unavailable("Full.", 0).into_response();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"]),
            (503, &HeaderValue::from(1))
        );
    }
}
