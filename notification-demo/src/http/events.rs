//! `GET /v1/events`: what happens, as it happens.
//!
//! Each message is a batch as the page reads it from a run: `{"events": […]}`. Its id names the
//! last event in it and this run of the service: `<command>.<index>.<run>`. A client that comes
//! back with `Last-Event-ID` goes on after it; one that asks for what is not known any more, or
//! reads too slowly, gets `event: gap`, reads the state anew, and goes on from there.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use postroom_core::Batch;
use postroom_runtime::{Position, Subscription, Update};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::http::{AppState, problem::Problem};

/// Events in one message, at most: a larger batch comes in parts.
const MESSAGE_EVENTS_MAX: usize = 512;
/// A client comes back after so many milliseconds.
const RETRY_MS: u64 = 2_000;

/// `GET /v1/events`
pub(crate) async fn stream(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let permit = Arc::clone(&state.subscribers).try_acquire_owned().map_err(|_| {
        let max = state.settings.subscribers_max;
        let detail = format!("{max} clients read the events already. Try again later.");
        Problem::unavailable(detail, 5)
    })?;
    let subscription = match headers.get("last-event-id") {
        None => state.runtime.events(),
        Some(id) => {
            let position = id.to_str().ok().and_then(|id| position_in(id, &state.run));
            state.runtime.events_after(position.unwrap_or(UNKNOWN))
        }
    };
    let reader = Reader {
        subscription,
        run: Arc::clone(&state.run),
        part: None,
        opened: false,
        closing: state.closing(),
        _permit: permit,
    };
    let messages = stream::unfold(reader, |mut reader| async move {
        let message = reader.next().await?;
        Some((Ok::<_, Infallible>(message), reader))
    });
    let keep_alive = KeepAlive::new().interval(state.settings.keep_alive);
    Ok(Sse::new(messages).keep_alive(keep_alive).into_response())
}

/// A place that no run knows.
const UNKNOWN: Position = Position { command: u64::MAX, index: u32::MAX };

/// The place that an id names, if it is one in this run: `17.3.<run>`, or `17.3` from hand.
fn position_in(id: &str, run: &str) -> Option<Position> {
    match id.strip_suffix(run).and_then(|id| id.strip_suffix('.')) {
        Some(position) => position.parse().ok(),
        None => id.parse().ok(),
    }
}

/// One client's place in the stream.
struct Reader {
    subscription: Subscription,
    run: Arc<str>,
    /// A batch that is not sent to its end.
    part: Option<(Arc<Batch>, usize)>,
    opened: bool,
    closing: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
}

#[derive(Serialize)]
struct Part<'a> {
    events: &'a [postroom_core::Recorded],
}

impl Reader {
    async fn next(&mut self) -> Option<Event> {
        if !self.opened {
            self.opened = true;
            // An id without data: who loses the connection before anything happens misses nothing.
            let retry = std::time::Duration::from_millis(RETRY_MS);
            return Some(self.event(self.subscription.position()).retry(retry).comment("open"));
        }
        if let Some((batch, sent)) = self.part.take() {
            return self.batch(batch, sent);
        }
        let update = tokio::select! {
            update = self.subscription.next() => update?,
            _ = self.closing.wait_for(|closing| *closing) => return None,
        };
        match update {
            Update::Batch(batch) => self.batch(batch, 0),
            Update::Gap => {
                let gap = self.event(self.subscription.position()).event("gap");
                Some(gap.data("events are missing here: read the state anew"))
            }
        }
    }

    /// The events of a batch after the first `sent`, as far as they fit one message.
    fn batch(&mut self, batch: Arc<Batch>, sent: usize) -> Option<Event> {
        let end = batch.events.len().min(sent + MESSAGE_EVENTS_MAX);
        let events = &batch.events[sent..end];
        let event = self.event(events.last()?.into());
        // Numbers and names only: there is nothing that JSON cannot hold.
        let event = event.data(serde_json::to_string(&Part { events }).unwrap_or_default());
        if end < batch.events.len() {
            self.part = Some((batch, end));
        }
        Some(event)
    }

    fn event(&self, position: Position) -> Event {
        Event::default().id(format!("{position}.{}", self.run))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_only_in_its_own_run() {
        let place = Some(Position { command: 17, index: 3 });
        assert_eq!(position_in("17.3.64a", "64a"), place);
        assert_eq!(position_in("17.3", "64a"), place);
        for foreign in ["17.3.64b", "17.3.", "17", "", "17.3.64a.64a", "64a"] {
            assert_eq!(position_in(foreign, "64a"), None, "{foreign}");
        }
    }
}
