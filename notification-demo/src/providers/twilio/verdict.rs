//! What an answer means for a message.

use postroom_core::Outcome;
use serde::Deserialize;

use crate::providers::http::Answer;

/// Codes of a refusal that is not about this message but about the account, its sender or its load:
/// somebody can mend it while the message waits.
const OF_THE_ACCOUNT: [u32; 9] = [
    14_107, // Too many messages at once.
    20_003, // The token is wrong.
    20_005, // The account is not active.
    20_404, // There is no such account.
    20_429, // Too many requests.
    21_212, // The sender is no number.
    21_606, // The sender cannot send SMS.
    21_611, // The sender's queue is full.
    63_038, // The day's limit is reached.
];

#[derive(Deserialize)]
struct Refusal {
    code: u32,
}

pub(super) fn outcome(answer: &Answer) -> Outcome {
    let by_status = answer.outcome();
    // Without the right to call, no message would be taken.
    let is_account = matches!(answer.status().as_u16(), 401 | 403 | 404)
        || serde_json::from_slice::<Refusal>(&answer.body)
            .is_ok_and(|refusal| OF_THE_ACCOUNT.contains(&refusal.code));
    match by_status {
        Outcome::Permanent if is_account => Outcome::Transient,
        outcome => outcome,
    }
}
