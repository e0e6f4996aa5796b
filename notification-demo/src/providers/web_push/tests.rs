use super::{
    vapid::tests::{PRIVATE, PUBLIC},
    *,
};
use crate::providers::{http::tests::service, letter::tests::letter};

#[tokio::test]
async fn a_push_says_how_long_it_may_wait_and_how_urgent_it_is() {
    for (number, urgency) in [(17, "normal"), (16, "high")] {
        let (port, heard) = service(&answer(201)).await;
        let web_push = WebPush::new(&config()).unwrap();
        assert_eq!(deliver(&web_push, port, number).await, Outcome::Delivered);
        let (head, _) = heard.await.unwrap();
        assert!(head.starts_with("POST /send/abc HTTP/1.1"), "the keys stay here: {head}");
        for line in [
            "content-encoding: aes128gcm".to_owned(),
            "ttl: 86400".to_owned(),
            format!("urgency: {urgency}"),
            format!("topic: {}", topic(&letter(number).key)),
        ] {
            assert!(head.contains(&line), "{line:?} is not in {head}");
        }
        assert!(head.contains("authorization: vapid t="), "{head}");
    }
    assert_eq!(topic("any").len(), 32);
}

#[tokio::test]
async fn an_answer_decides_what_becomes_of_it() {
    let pause = Outcome::Throttled { retry_after: Some(Span::from_secs(7)) };
    for (status, outcome) in [
        (201, Outcome::Delivered),
        (400, Outcome::Permanent),
        (401, Outcome::Transient),
        (403, Outcome::Transient),
        (404, Outcome::Permanent),
        (410, Outcome::Permanent),
        (413, Outcome::Permanent),
        (429, pause),
        (500, Outcome::Ambiguous),
        (503, pause),
    ] {
        let (port, _heard) = service(&answer(status)).await;
        let web_push = WebPush::new(&config()).unwrap();
        assert_eq!(deliver(&web_push, port, 17).await, outcome, "{status}");
        if [404, 410].contains(&status) {
            let began = Handover::default();
            let again = web_push.send(&subscription(port), &letter(17), &began).await;
            assert_eq!((again, began.has_begun()), (Outcome::Permanent, false), "{status}");
        }
    }
}

#[tokio::test]
async fn what_is_no_subscription_is_refused() {
    let web_push = WebPush::new(&config()).unwrap();
    let good = subscription(1);
    for wrong in [
        "device-of-user-17".to_owned(),
        good.replace('#', "?"),
        good.replace("p256dh=BC", "p256dh=CC"),
        good.replace("&auth=BTBZ", "&auth=BTB"),
        good.replace("&auth", "&oath"),
        good.replace("auth=BTBZMqHH6r4Tts7J_aSIgg", "auth="),
    ] {
        let outcome = web_push.send(&wrong, &letter(17), &Handover::default()).await;
        assert_eq!(outcome, Outcome::Permanent, "{wrong}");
    }
}

#[test]
fn a_long_text_is_cut_to_one_record() {
    let mut letter = letter(17);
    for (part, ends) in [("ü", "ü…\"}"), ("\n", "\\n…\"}"), ("🎈", "🎈…\"}")] {
        letter.content.body = part.repeat(4_000);
        let bytes = payload(&letter);
        let room = PLAINTEXT_BYTES_MAX - bytes.len();
        assert!(room < 4, "{room} bytes would be left");
        assert!(String::from_utf8(bytes).unwrap().ends_with(ends));
    }
    letter.content.body = "x".into();
    letter.content.body = "x".repeat(1 + PLAINTEXT_BYTES_MAX - payload(&letter).len());
    assert_eq!(payload(&letter).len(), PLAINTEXT_BYTES_MAX);
    assert!(payload(&letter).ends_with(b"x\"}"), "all that fits is left whole");
}

#[test]
fn settings_that_cannot_work_are_named() {
    let day = Span::from_secs(86_400);
    for (wrong, setting) in [
        (WebPushConfig { ttl: day.times(29), ..config() }, "ttl_ms: "),
        (WebPushConfig { timeout: Span::ZERO, ..config() }, "timeout_ms: "),
        (WebPushConfig { subject: "me".into(), ..config() }, "subject: "),
    ] {
        let error = WebPush::new(&wrong).unwrap_err();
        assert!(error.starts_with(setting), "{error}");
    }
    let longest = WebPushConfig { ttl: day.times(28), ..config() };
    let printed = format!("{longest:?} {:?}", WebPush::new(&longest).unwrap());
    assert!(!printed.contains(PRIVATE), "{printed}");
}

async fn deliver(web_push: &WebPush, port: u16, number: u64) -> Outcome {
    web_push.send(&subscription(port), &letter(number), &Handover::default()).await
}

/// With the keys of RFC 8291's example.
fn subscription(port: u16) -> String {
    format!(
        "http://127.0.0.1:{port}/send/abc#p256dh=BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4&auth=BTBZMqHH6r4Tts7J_aSIgg"
    )
}

fn answer(status: u16) -> String {
    format!("HTTP/1.1 {status} so\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n")
}

fn config() -> WebPushConfig {
    WebPushConfig {
        public_key: PUBLIC.into(),
        private_key: PRIVATE.into(),
        subject: "mailto:push@example.org".into(),
        ttl: ttl_default(),
        allow_private: true,
        timeout: timeout_default(),
    }
}
