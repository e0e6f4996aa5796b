//! What the sinks took: the three phones and mailboxes of the demonstration.

use axum::{
    Json as Answer,
    extract::State,
    http::Uri,
    response::{IntoResponse, Response},
};
use postroom_notification::Channel;
use serde::Serialize;

use crate::{
    http::{AppState, problem::Problem, query::Query},
    sinks::InboxMessage,
};

/// Messages in one answer, at most and by default.
const MESSAGES_MAX: u32 = 10_000;

#[derive(Default, Serialize)]
struct Inbox {
    count: usize,
    duplicates: u64,
    answers_lost: u64,
    forgotten: u64,
    messages: Vec<InboxMessage>,
}

/// `GET /v1/inbox`
pub(crate) async fn show(State(state): State<AppState>, uri: Uri) -> Result<Response, Problem> {
    let mut query = Query::of(&uri);
    let channel = query.optional::<Channel>("channel");
    let limit = query.integer("limit", 1..=MESSAGES_MAX, MESSAGES_MAX) as usize;
    query.finish("`channel`, `limit`")?;
    let mut all = Inbox::default();
    for one in Channel::ALL.into_iter().filter(|one| channel.is_none_or(|only| only == *one)) {
        state.sinks.channel(one).inbox(|inbox| {
            all.count += inbox.count();
            all.duplicates += inbox.duplicates();
            all.answers_lost += inbox.answers_lost();
            all.forgotten += inbox.forgotten();
            all.messages.append(&mut inbox.newest(limit));
        });
    }
    all.messages.sort_by_key(|message| std::cmp::Reverse(message.received_at));
    all.messages.truncate(limit);
    Ok(Answer(all).into_response())
}
