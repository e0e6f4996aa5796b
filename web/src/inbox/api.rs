//! What the service is asked, and what it answers.

use postroom_core::Timestamp;
use postroom_notification::Channel;
use serde::{Deserialize, Serialize};

use crate::browser::{Failure, get_json, send_json};

/// Where the service tells what happens, as it happens.
pub(super) const EVENTS: &str = "/v1/events";
/// Messages that one mailbox shows.
const MAIL_MAX: u32 = 30;

/// How the channels stand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Channels {
    channels: Vec<Status>,
}

impl Channels {
    pub(super) fn of(&self, channel: Channel) -> Option<&Status> {
        self.channels.iter().find(|status| status.channel == channel)
    }
}

/// How one channel stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Status {
    pub(super) channel: Channel,
    pub(super) depth: u64,
    pub(super) dead_letters: u64,
    pub(super) breaker: Option<String>,
    pub(super) fault: String,
}

/// What a sink took.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Mail {
    pub(super) count: u64,
    pub(super) messages: Vec<Letter>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Letter {
    pub(super) notification: String,
    pub(super) to: String,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) accepted_at_us: Timestamp,
    pub(super) received_at_us: Timestamp,
    pub(super) copies: u64,
}

/// What the reader sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) title: String,
    pub(super) body: String,
}

/// The demonstration's recipient: a made-up person, with a number that is kept for fiction.
#[derive(Serialize)]
struct Recipient {
    user: &'static str,
    push: &'static str,
    email: &'static str,
    sms: &'static str,
}

const RECIPIENT: Recipient =
    Recipient { user: "you", push: "your-phone", email: "you@example.org", sms: "+447700900123" };

#[derive(Serialize)]
struct NewNotification<'a> {
    to: Recipient,
    event: &'static str,
    severity: &'static str,
    title: &'a str,
    body: &'a str,
}

impl<'a> NewNotification<'a> {
    fn of(draft: &'a Draft) -> Self {
        let Draft { title, body } = draft;
        Self { to: RECIPIENT, event: "inbox_test", severity: "normal", title, body }
    }
}

#[derive(Deserialize)]
struct Accepted {
    id: String,
}

#[derive(Serialize)]
struct Fault {
    mode: &'static str,
}

#[derive(Serialize)]
struct Redrive {
    limit: u32,
}

#[derive(Deserialize)]
struct Redriven {
    moved: u64,
}

pub(super) async fn channels() -> Result<Channels, Failure> {
    get_json("/v1/channels").await
}

pub(super) async fn mail(channel: Channel) -> Result<Mail, Failure> {
    get_json(&format!("/v1/inbox?channel={channel}&limit={MAIL_MAX}")).await
}

/// The notification's id.
pub(super) async fn send(draft: &Draft) -> Result<String, Failure> {
    let new = NewNotification::of(draft);
    let accepted: Accepted = read(&send_json("POST", "/v1/notifications", &new).await?)?;
    Ok(accepted.id)
}

pub(super) async fn set_fault(channel: Channel, mode: &'static str) -> Result<(), Failure> {
    let url = format!("/v1/channels/{channel}/fault");
    send_json("PUT", &url, &Fault { mode }).await.map(drop)
}

/// How many moved.
pub(super) async fn redrive(channel: Channel) -> Result<u64, Failure> {
    let url = format!("/v1/channels/{channel}/dead-letters/redrive");
    let redriven: Redriven = read(&send_json("POST", &url, &Redrive { limit: 1_000 }).await?)?;
    Ok(redriven.moved)
}

fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::NotUnderstood(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_s_answers_are_understood() {
        let channels: Channels = read(
            r#"{"channels":[{"channel":"sms","depth":2,"delayed":1,"in_flight":1,
                "oldest_age_ms":120,"dead_letters":3,"breaker":"half_open","fault":"hang"}]}"#,
        )
        .unwrap();
        let sms = channels.of(Channel::Sms).unwrap();
        assert_eq!((sms.depth, sms.dead_letters, sms.fault.as_str()), (2, 3, "hang"));
        assert_eq!(channels.of(Channel::Push), None);

        let mail: Mail = read(
            r#"{"count":1,"duplicates":0,"answers_lost":0,"forgotten":0,"messages":[{
                "notification":"demo.t0.0","channel":"sms","user":"you","to":"+447700900123",
                "event":"x","severity":"normal","title":"Hello","body":"there",
                "accepted_at_us":1000,"received_at_us":3000,"copies":1,"answers_lost":0}]}"#,
        )
        .unwrap();
        assert_eq!((mail.count, mail.messages[0].title.as_str()), (1, "Hello"));
    }

    #[test]
    fn what_is_sent_is_what_the_domain_takes() {
        let draft = Draft { title: "Hello".into(), body: "there".into() };
        let json = serde_json::to_string(&NewNotification::of(&draft)).unwrap();
        let new: postroom_notification::NewNotification = serde_json::from_str(&json).unwrap();
        assert_eq!(new.validate(), Ok(Channel::ALL.to_vec()));
    }
}
