//! The body of `POST /v1/notifications`.

use postroom_notification::{
    AddressError, Channel, EmailAddress, NewNotification, PhoneNumber, PushEndpoint, Recipient,
    Severity, TenantId, UserId,
};

use crate::http::{
    json::{Fields, Json, Mistakes},
    problem::Problem,
};

/// Reads the body. What it says is checked as far as it can be without its idempotency key; every
/// mistake is named.
pub(crate) fn read(json: Json) -> Result<NewNotification, Problem> {
    let mut mistakes = Mistakes::default();
    let new = Fields::of_body(json, &mut mistakes).and_then(|body| fields(body, &mut mistakes));
    mistakes.none_or(new)
}

fn fields(mut body: Fields, mistakes: &mut Mistakes) -> Option<NewNotification> {
    let to = body.required("to", mistakes).and_then(|to| Fields::of("to", to, mistakes));
    let to = to.and_then(|to| recipient(to, mistakes));
    let event = body.string("event", mistakes);
    let severity = body.string("severity", mistakes).and_then(|text| severity(&text, mistakes));
    let title = body.string("title", mistakes);
    let text = body.string("body", mistakes);
    let channels = body.optional("channels", mistakes);
    let channels = channels.map(|channels| self::channels(channels, mistakes));
    body.finish("`to`, `event`, `severity`, `title`, `body`, `channels`", mistakes);
    Some(NewNotification {
        tenant: TenantId::DEFAULT,
        idempotency: None,
        to: to?,
        event: event?,
        severity: severity?,
        title: title?,
        body: text?,
        channels: match channels {
            Some(channels) => Some(channels?),
            None => None,
        },
    })
}

fn recipient(mut to: Fields, mistakes: &mut Mistakes) -> Option<Recipient> {
    let user = to.string("user", mistakes);
    let user = user.and_then(|text| checked("to.user", UserId::parse(&text), mistakes));
    let push = to.optional_string("push", mistakes);
    let push = push.and_then(|text| checked("to.push", PushEndpoint::parse(&text), mistakes));
    let email = to.optional_string("email", mistakes);
    let email = email.and_then(|text| checked("to.email", EmailAddress::parse(&text), mistakes));
    let sms = to.optional_string("sms", mistakes);
    let sms = sms.and_then(|text| checked("to.sms", PhoneNumber::parse(&text), mistakes));
    to.finish("`user`, `push`, `email`, `sms`", mistakes);
    Some(Recipient { user: user?, push, email, sms })
}

fn checked<T>(field: &str, parsed: Result<T, AddressError>, mistakes: &mut Mistakes) -> Option<T> {
    parsed.map_err(|error| mistakes.add(field, error.to_string())).ok()
}

fn severity(text: &str, mistakes: &mut Mistakes) -> Option<Severity> {
    match text {
        "critical" => Some(Severity::Critical),
        "normal" => Some(Severity::Normal),
        _ => {
            mistakes.add("severity", "is no severity: give `critical` or `normal`");
            None
        }
    }
}

fn channels(json: Json, mistakes: &mut Mistakes) -> Option<Vec<Channel>> {
    let Json::Array(items) = json else {
        mistakes.add("channels", "must be an array of `push`, `email`, `sms`");
        return None;
    };
    let mut channels = Vec::new();
    let count = items.len();
    for (place, item) in items.into_iter().enumerate() {
        let channel = match item {
            Json::String(text) => text.parse().ok(),
            _ => None,
        };
        match channel {
            Some(channel) => channels.push(channel),
            None => mistakes
                .add(format!("channels[{place}]"), "is no channel: give `push`, `email` or `sms`"),
        }
    }
    (channels.len() == count).then_some(channels)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"to": {"user": "ada", "push": "token", "email": "ada@example.org",
        "sms": "+447700900017"}, "event": "order_shipped", "severity": "critical",
        "title": "On its way", "body": "", "channels": ["sms", "push"]}"#;

    #[test]
    fn a_whole_body_is_read() {
        let new = read(Json::parse(GOOD.as_bytes()).unwrap()).unwrap();
        assert_eq!(new.to.sms.unwrap().as_str(), "+447700900017");
        assert_eq!(new.severity, Severity::Critical);
        assert_eq!(new.channels, Some(vec![Channel::Sms, Channel::Push]));
    }

    #[test]
    fn every_mistake_of_a_body_is_named_at_once() {
        let text = GOOD
            .replace("\"user\": \"ada\", ", "\"tenant\": \"x\", ")
            .replace("ada@example.org", "ada")
            .replace("+447700900017", "0770")
            .replace("critical", "urgent")
            .replace("\"body\": \"\"", "\"body\": 7, \"attempts\": 0")
            .replace("\"push\"]", "\"fax\", 3]");
        assert_eq!(
            mistakes(&text),
            [
                "to.user",
                "to.email",
                "to.sms",
                "to.tenant",
                "severity",
                "body",
                "channels[1]",
                "channels[2]",
                "attempts"
            ]
        );
    }

    #[test]
    fn a_body_is_an_object_with_an_object() {
        assert_eq!(mistakes("[]"), ["body"]);
        assert_eq!(mistakes("null"), ["body"]);
        assert_eq!(mistakes("{}"), ["to", "event", "severity", "title", "body"]);
        let start = GOOD.find('{').unwrap();
        let to = GOOD[start + 1..].find('{').unwrap() + start + 1;
        let end = GOOD.find('}').unwrap();
        assert_eq!(mistakes(&format!("{}\"ada\"{}", &GOOD[..to], &GOOD[end + 1..])), ["to"]);
    }

    #[test]
    fn a_doubled_field_is_a_mistake_even_if_both_are_the_same() {
        let text = GOOD.replace("\"body\": \"\"", "\"body\": \"\", \"body\": \"\"");
        assert_eq!(mistakes(&text), ["body"]);
        let text = GOOD.replace("\"user\": \"ada\"", "\"user\": \"ada\", \"user\": \"eve\"");
        assert_eq!(mistakes(&text), ["to.user"]);
    }

    fn mistakes(text: &str) -> Vec<String> {
        let problem = read(Json::parse(text.as_bytes()).unwrap()).unwrap_err();
        problem.errors.into_iter().map(|error| error.field).collect()
    }
}
