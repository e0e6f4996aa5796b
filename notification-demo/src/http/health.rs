//! Whether the service lives, and whether it can work.

use std::time::Duration;

use axum::{
    Json as Answer,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::http::{AppState, problem::Problem};

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    /// What an accepted notification survives.
    durability: &'static str,
}

/// The machine answers a question within this time, or the service does not count as ready.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// `GET /healthz`: the process answers.
pub(crate) async fn healthz() -> Response {
    Answer(Health { status: "ok" }).into_response()
}

/// `GET /readyz`: the machine answers.
pub(crate) async fn readyz(State(state): State<AppState>) -> Result<Response, Problem> {
    match tokio::time::timeout(ANSWER_TIMEOUT, state.runtime.read(|_| ())).await {
        Ok(Ok(())) => {
            Ok(Answer(Readiness { status: "ready", durability: "memory" }).into_response())
        }
        Ok(Err(_)) => Err(Problem::stopped()),
        Err(_) => Err(Problem::unavailable("The machine is too busy to answer.", 1)),
    }
}
