//! Accepting notifications and showing what became of them.

use axum::{
    Json as Answer,
    body::Body,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use postroom_notification::{
    AcceptError, Accepted, Channel, DeliveryState, Idempotency, NotificationCommand,
    NotificationError, NotificationId, NotificationReply,
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::http::{
    AppState, body,
    json::Json,
    keys::IDEMPOTENCY_KEY,
    new_notification, not_applied,
    problem::{Kind, Problem},
};

/// Says that the answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// `POST /v1/notifications`
pub(crate) async fn accept(
    State(state): State<AppState>,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let (parts, sent) = request.into_parts();
    body::check_declared_json(&parts.headers)?;
    // Held until the answer is made: a second request with the key meets a conflict until then,
    // and what was stored from then on.
    let key = state.keys.take(&parts.headers)?;
    let bytes = body::read(sent, state.settings.body_timeout).await?;
    let mut new = new_notification::read(Json::parse(&bytes)?)?;
    new.idempotency = key.as_ref().map(|key| Idempotency {
        key: key.key().to_owned(),
        fingerprint: Sha256::digest(&bytes).into(),
    });
    let command = NotificationCommand::Accept(Box::new(new));
    match state.runtime.try_apply(command).await {
        Ok(NotificationReply::Accepted(accepted)) => Ok(accepted_response(accepted)),
        Ok(_) => Err(Problem::new(Kind::Internal)),
        Err(error) => Err(not_applied(error, refused)),
    }
}

#[derive(Serialize)]
struct AcceptedAnswer {
    id: NotificationId,
    status: &'static str,
    deliveries: Vec<AcceptedDelivery>,
}

#[derive(Serialize)]
struct AcceptedDelivery {
    channel: Channel,
    state: DeliveryState,
}

fn accepted_response(accepted: Accepted) -> Response {
    let location = format!("/v1/notifications/{}", accepted.id);
    let deliveries = accepted
        .deliveries
        .into_iter()
        .map(|(channel, state)| AcceptedDelivery { channel, state })
        .collect();
    let answer = AcceptedAnswer { id: accepted.id, status: "accepted", deliveries };
    let mut response =
        (StatusCode::ACCEPTED, [(header::LOCATION, location)], Answer(answer)).into_response();
    if accepted.replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

fn refused(error: NotificationError) -> Problem {
    let NotificationError::Accept(error) = error else { return Problem::new(Kind::Internal) };
    let text = error.to_string();
    match error {
        AcceptError::Invalid { field, problem } => {
            let field = if field == "idempotency_key" { IDEMPOTENCY_KEY } else { field };
            Problem::invalid_field(field, problem)
        }
        AcceptError::IdempotencyMismatch => Problem::new(Kind::KeyReused),
        AcceptError::IdempotencyInFlight { .. } => Problem::new(Kind::KeyInFlight),
        AcceptError::IdempotencyFull { retry_after } | AcceptError::AllRejected { retry_after } => {
            Problem::unavailable(sentence(&text), retry_after.as_millis() / 1_000)
        }
        _ => Problem::new(Kind::Internal),
    }
}

/// An error's text as a sentence of its own.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase()).into_iter().flatten();
    format!("{}{}. Nothing was stored.", first.collect::<String>(), characters.as_str())
}

/// `GET /v1/notifications/{id}`
pub(crate) async fn show(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let id = id.ok().and_then(|Path(id)| id.parse::<NotificationId>().ok());
    let id = id.ok_or_else(unknown)?;
    let view = state.runtime.read(move |machine| machine.notification(&id)).await;
    let view = view.map_err(|_| Problem::stopped())?.ok_or_else(unknown)?;
    Ok(Answer(view).into_response())
}

fn unknown() -> Problem {
    let detail = "There is no notification of this id, or it is so old that it was forgotten. \
                  Give the id as it was answered, such as `demo.t0.17`.";
    Problem::with(Kind::NotFound, detail)
}
