//! The channels: how they stand, how they fail, what died in them.

use axum::{
    Json as Answer,
    body::Body,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use postroom_core::{
    BreakerState, RedriveError,
    limits::{RATE_MAX, REDRIVE_MAX},
};
use postroom_notification::{
    Channel, ChannelView, DeadLetterView, NotificationCommand, NotificationError, NotificationReply,
};
use serde::Serialize;

use crate::http::{
    AppState, body,
    json::{Fields, Mistakes},
    not_applied,
    problem::{Kind, Problem},
    query::Query,
};

/// Dead letters in one answer, at most.
const DEAD_LETTERS_MAX: u32 = 1_000;
const DEAD_LETTERS_DEFAULT: u32 = 100;

#[derive(Serialize)]
struct Channels {
    channels: Vec<OneChannel>,
}

#[derive(Serialize)]
struct OneChannel {
    channel: Channel,
    depth: u64,
    delayed: u64,
    in_flight: u64,
    oldest_age_ms: Option<u64>,
    dead_letters: u64,
    breaker: Option<&'static str>,
    fault: &'static str,
}

/// `GET /v1/channels`
pub(crate) async fn list(State(state): State<AppState>) -> Result<Response, Problem> {
    let views = state.runtime.read(|machine| Channel::ALL.map(|channel| machine.channel(channel)));
    let views = views.await.map_err(|_| Problem::stopped())?;
    let channels = views.iter().map(|view| one_channel(&state, view)).collect();
    Ok(Answer(Channels { channels }).into_response())
}

fn one_channel(state: &AppState, view: &ChannelView) -> OneChannel {
    let now = state.clock.now();
    let channel = view.ids.channel;
    OneChannel {
        channel,
        depth: view.stats.depth(),
        delayed: view.stats.delayed,
        in_flight: view.stats.in_flight,
        oldest_age_ms: view.stats.oldest_enqueued_at.map(|at| now.since(at).as_millis()),
        dead_letters: view.dead.depth(),
        breaker: view.breaker.map(breaker_name),
        fault: state.sinks.channel(channel).mode().name(),
    }
}

/// `closed`, `open`, `half_open`, `forced_open` or `disabled`.
pub(crate) fn breaker_name(breaker: BreakerState) -> &'static str {
    match breaker {
        BreakerState::Closed => "closed",
        BreakerState::Open { .. } => "open",
        BreakerState::HalfOpen => "half_open",
        BreakerState::ForcedOpen => "forced_open",
        BreakerState::Disabled => "disabled",
    }
}

type ChannelPath = Result<Path<String>, PathRejection>;

fn channel(path: ChannelPath) -> Result<Channel, Problem> {
    path.ok().and_then(|Path(name)| name.parse().ok()).ok_or_else(|| {
        let detail = "There is no channel of this name. Give `push`, `email` or `sms`.";
        Problem::with(Kind::NotFound, detail)
    })
}

/// `PUT /v1/channels/{channel}/fault`
pub(crate) async fn set_fault(
    State(state): State<AppState>,
    path: ChannelPath,
    request: Request<Body>,
) -> Result<StatusCode, Problem> {
    let channel = channel(path)?;
    if state.settings.providers.serve(channel) {
        let detail = "This channel has a real provider. Only built-in sinks can be broken.";
        return Err(Problem::with(Kind::NotFound, detail));
    }
    let (parts, sent) = request.into_parts();
    body::check_declared_json(&parts.headers)?;
    let json = body::read_json(sent, state.settings.body_timeout).await?;
    let mut mistakes = Mistakes::default();
    let mode = Fields::of_body(json, &mut mistakes).and_then(|mut fields| {
        let mode = fields.string("mode", &mut mistakes)?.parse();
        let mode = mode.map_err(|error| mistakes.add("mode", format!("{error}"))).ok();
        fields.finish("`mode`", &mut mistakes);
        mode
    });
    state.sinks.channel(channel).set_mode(mistakes.none_or(mode)?);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize)]
struct DeadLetters {
    count: u64,
    dead_letters: Vec<DeadLetterView>,
}

/// `GET /v1/channels/{channel}/dead-letters`
pub(crate) async fn dead_letters(
    State(state): State<AppState>,
    path: ChannelPath,
    uri: Uri,
) -> Result<Response, Problem> {
    let channel = channel(path)?;
    let mut query = Query::of(&uri);
    let skip = query.integer("skip", 0..=u32::MAX, 0);
    let limit = query.integer("limit", 1..=DEAD_LETTERS_MAX, DEAD_LETTERS_DEFAULT);
    query.finish("`skip`, `limit`")?;
    let answer = state.runtime.read(move |machine| DeadLetters {
        count: machine.channel(channel).dead.depth(),
        dead_letters: machine.dead_letters(channel, skip, limit),
    });
    Ok(Answer(answer.await.map_err(|_| Problem::stopped())?).into_response())
}

#[derive(Serialize)]
struct Redriven {
    moved: u32,
    stayed: u32,
    scheduled: u32,
}

/// `POST /v1/channels/{channel}/dead-letters/redrive`
pub(crate) async fn redrive(
    State(state): State<AppState>,
    path: ChannelPath,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let channel = channel(path)?;
    let (parts, sent) = request.into_parts();
    body::check_declared_json(&parts.headers)?;
    let json = body::read_json(sent, state.settings.body_timeout).await?;
    let mut mistakes = Mistakes::default();
    let fields = Fields::of_body(json, &mut mistakes).map(|mut fields| {
        let limit = fields.optional_count("limit", REDRIVE_MAX, &mut mistakes);
        let rate = fields.optional_count("rate_per_second", RATE_MAX, &mut mistakes);
        fields.finish("`limit`, `rate_per_second`", &mut mistakes);
        (limit.unwrap_or(REDRIVE_MAX), rate)
    });
    let (max, per_second) = mistakes.none_or(fields)?;
    let command = NotificationCommand::Redrive { channel, max, per_second };
    match state.runtime.try_apply(command).await {
        Ok(NotificationReply::Redriven(redriven)) => {
            let postroom_core::Redriven { moved, stayed, scheduled } = redriven;
            Ok(Answer(Redriven { moved, stayed, scheduled }).into_response())
        }
        Ok(_) => Err(Problem::new(Kind::Internal)),
        Err(error) => Err(not_applied(error, not_redriven)),
    }
}

fn not_redriven(error: NotificationError) -> Problem {
    match error {
        NotificationError::Redrive(error @ RedriveError::Max { .. }) => {
            Problem::invalid_field("limit", error.to_string())
        }
        NotificationError::Redrive(error @ RedriveError::PerSecond) => {
            Problem::invalid_field("rate_per_second", error.to_string())
        }
        NotificationError::Redrive(RedriveError::UnderWay { .. }) => {
            Problem::new(Kind::RedriveUnderWay)
        }
        _ => Problem::new(Kind::Internal),
    }
}
