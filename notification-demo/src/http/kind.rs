//! What kinds of problems there are.

use axum::http::StatusCode;

/// What is the same for all problems of a kind.
pub(crate) struct Facts {
    pub(crate) name: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) title: &'static str,
    /// What to do about it.
    pub(crate) remedy: &'static str,
}

impl Kind {
    pub(crate) fn facts(self) -> &'static Facts {
        &FACTS[self as usize]
    }
}

/// Writes the enum and its table from one list, so that they cannot differ.
macro_rules! kinds {
    ($($kind:ident, $name:literal, $status:ident, $title:literal, $remedy:literal;)+) => {
        /// What kinds of problems there are. Each has one status and one remedy.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind {
            $($kind,)+
        }

        /// In the order of [`Kind`].
        pub(crate) static FACTS: &[Facts] = &[$(Facts {
            name: $name,
            status: StatusCode::$status,
            title: $title,
            remedy: $remedy,
        },)+];
    };
}

kinds! {
    MalformedJson, "malformed-json", BAD_REQUEST, "The body is not JSON",
    "Send one complete JSON object in UTF-8.";

    BadRequest, "bad-request", BAD_REQUEST, "The request is not complete",
    "Send a Host header and the whole body that the headers announce.";

    CrossSite, "cross-site", FORBIDDEN, "Another site may not change anything here",
    "Send the request from a page of this service, or from a program without an \
     Origin header.";

    NotFound, "not-found", NOT_FOUND, "There is nothing here",
    "Check the path and the id; /openapi.json lists what there is.";

    MethodNotAllowed, "method-not-allowed", METHOD_NOT_ALLOWED, "This path does not take this method",
    "Use a method that the Allow header names.";

    Timeout, "timeout", REQUEST_TIMEOUT, "The body did not arrive in time",
    "Send the request again, the body at once.";

    KeyInFlight, "idempotency-key-in-flight", CONFLICT, "A request with this Idempotency-Key is being handled",
    "Wait for its answer, or send the request again a second later.";

    RedriveUnderWay, "redrive-under-way", CONFLICT, "A redrive of these dead letters is under way",
    "Wait until it has moved what it was to move; the channel's dead letters tell.";

    TooLarge, "too-large", PAYLOAD_TOO_LARGE, "The body is too large",
    "Send a body of at most 64 KiB.";

    UnsupportedMediaType, "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body is not declared as plain JSON",
    "Send Content-Type: application/json and no Content-Encoding.";

    Misdirected, "misdirected", MISDIRECTED_REQUEST, "This service does not answer for that host",
    "Address it as 127.0.0.1, localhost or [::1].";

    InvalidFields, "invalid-fields", UNPROCESSABLE_ENTITY, "Fields are missing, unknown, given twice or invalid",
    "Mend the fields that `errors` names and send the request again. Nothing was \
     stored.";

    KeyReused, "idempotency-key-reused", UNPROCESSABLE_ENTITY, "This Idempotency-Key was used with another body",
    "Choose a new key for a new request. Nothing was stored.";

    Internal, "internal", INTERNAL_SERVER_ERROR, "The service made a mistake",
    "Send the request again with the same Idempotency-Key; report it if it fails \
     again.";

    Unavailable, "unavailable", SERVICE_UNAVAILABLE, "The service cannot take this now",
    "Send the request again after the seconds that Retry-After names. Nothing was \
     stored.";
}
