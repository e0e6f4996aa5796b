//! The routes.

mod body;
mod channels;
mod events;
mod guard;
mod health;
mod inbox;
mod json;
mod keys;
mod kind;
mod metrics;
mod new_notification;
mod notifications;
mod page;
mod problem;
mod query;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::header,
    middleware,
    response::{IntoResponse as _, Response},
    routing::{get, post, put},
};
use postroom_runtime::TryApplyError;
use tower_http::catch_panic::CatchPanicLayer;

pub(crate) use self::keys::KeysInFlight;
use self::problem::{Kind, Problem};
use crate::state::AppState;

/// Builds the routes without binding a port, so that tests can call them.
pub fn app(state: AppState) -> Router {
    Router::new()
        .route("/v1/notifications", post(notifications::accept))
        .route("/v1/notifications/{id}", get(notifications::show))
        .route("/v1/channels", get(channels::list))
        .route("/v1/channels/{channel}/fault", put(channels::set_fault))
        .route("/v1/channels/{channel}/dead-letters", get(channels::dead_letters))
        .route("/v1/channels/{channel}/dead-letters/redrive", post(channels::redrive))
        .route("/v1/inbox", get(inbox::show))
        .route("/v1/events", get(events::stream))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::show))
        .route("/openapi.json", get(openapi))
        .route("/problems", get(problem::list))
        .route("/", get(page::index))
        .route("/inbox", get(page::index))
        .fallback(page::file)
        .method_not_allowed_fallback(async || Problem::new(Kind::MethodNotAllowed))
        // Bodies are read by `body`, which has its own limit.
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(|_| Problem::new(Kind::Internal).into_response()))
        .layer(middleware::from_fn_with_state(state.clone(), guard::guard))
        .with_state(state)
}

async fn openapi() -> Response {
    let json = include_str!("../../openapi.json");
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}

/// Why the runtime did not carry out a command; the machine's own reasons are the caller's.
fn not_applied<E>(error: TryApplyError<E>, refused: impl FnOnce(E) -> Problem) -> Problem {
    match error {
        TryApplyError::Refused(error) => refused(error),
        TryApplyError::Busy => Problem::unavailable(
            "Too many requests wait already. Send the request again in a second; nothing was \
             stored.",
            1,
        ),
        TryApplyError::Stopped(_) => Problem::stopped(),
    }
}
