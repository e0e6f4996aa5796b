use super::*;
use crate::providers::{http::tests::service, letter::tests::letter};

#[tokio::test]
async fn a_notification_goes_out_signed() {
    let (port, heard) = service(&answer(204)).await;
    let webhook = webhook();
    assert_eq!(deliver(&webhook, port).await, Outcome::Delivered);
    let (head, body) = heard.await.unwrap();
    let header = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in {head}")).to_owned()
    };
    assert!(head.starts_with("POST /hook?token=1 HTTP/1.1"), "{head}");
    assert_eq!(header("webhook-id"), "demo.t0.17.5000000");
    let seconds = header("webhook-timestamp").parse().unwrap();
    let signed = webhook.signer.sign("demo.t0.17.5000000", seconds, body.as_bytes());
    assert_eq!(header("webhook-signature"), signed);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&body).unwrap(),
        serde_json::json!({
            "type": "back_in_stock",
            "timestamp": "1970-01-01T00:00:05.000000Z",
            "data": {
                "user": "user-9",
                "severity": "normal",
                "title": "Back in stock",
                "body": "What you waited for in order 1017 can be bought again.",
            }
        })
    );
}

#[tokio::test]
async fn an_answer_decides_what_becomes_of_it() {
    let pause = Outcome::Throttled { retry_after: Some(Span::from_secs(7)) };
    for (status, outcome) in [
        (200, Outcome::Delivered),
        (302, Outcome::Transient),
        (400, Outcome::Permanent),
        (401, Outcome::Transient),
        (404, Outcome::Transient),
        (410, Outcome::Permanent),
        (413, Outcome::Permanent),
        (429, pause),
        (500, Outcome::Transient),
        (503, pause),
    ] {
        let (port, _heard) = service(&answer(status)).await;
        assert_eq!(deliver(&webhook(), port).await, outcome, "{status}");
    }
}

#[test]
fn the_signature_is_that_of_the_specification() {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into();
    let signer = Signer::new(&[secret]).unwrap();
    let signed =
        signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b"{\"test\": 2432232314}");
    assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn every_secret_signs_and_none_is_printed() {
    let signer = Signer::new(&[secret(24), secret(64)]).unwrap();
    let both = signer.sign("id", 1, b"{}");
    let each = [secret(24), secret(64)].map(|s| Signer::new(&[s]).unwrap().sign("id", 1, b"{}"));
    assert_eq!(both, each.join(" "));
    let config = config();
    let printed = format!("{config:?} {:?}", Webhook::new(&config).unwrap());
    assert!(!printed.contains("whsec"), "{printed}");
}

#[test]
fn settings_that_cannot_work_are_named() {
    let many = vec![secret(24); 5];
    assert!(Signer::new(&many[1..]).is_ok());
    for (secrets, setting) in [
        (vec![], "secrets: "),
        (many, "secrets: "),
        (vec![secret(23)], "secrets[0]: "),
        (vec![secret(24), secret(65)], "secrets[1]: "),
        (vec!["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()], "secrets[0]: "),
    ] {
        let error = Webhook::new(&WebhookConfig { secrets, ..config() }).unwrap_err();
        assert!(error.starts_with(setting), "{error}");
    }
}

async fn deliver(webhook: &Webhook, port: u16) -> Outcome {
    let url = format!("http://127.0.0.1:{port}/hook?token=1");
    webhook.send(&url, &letter(17), &Handover::default()).await
}

fn answer(status: u16) -> String {
    format!("HTTP/1.1 {status} so\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n")
}

fn webhook() -> Webhook {
    Webhook::new(&config()).unwrap()
}

fn config() -> WebhookConfig {
    WebhookConfig { secrets: vec![secret(32)], allow_private: true, timeout: timeout_default() }
}

fn secret(bytes: usize) -> Secret {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    format!("whsec_{}", STANDARD.encode(vec![7; bytes])).into()
}
