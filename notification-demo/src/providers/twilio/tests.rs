use super::*;
use crate::providers::{chain::Chain, http::tests::service, letter::tests::letter};

#[tokio::test]
async fn a_message_goes_out_as_a_form() {
    let (port, heard) = service(&answer(201, r#"{"sid":"SM17","status":"queued"}"#)).await;
    let config = TwilioConfig {
        status_callback: Some("https://notify.example.org/sms".into()),
        ..config(port)
    };
    let twilio = Twilio::new(&config).unwrap();
    assert_eq!(twilio.deliver(&letter(17), &Handover::default()).await, Outcome::Delivered);
    let (head, body) = heard.await.unwrap();
    assert!(head.starts_with("POST /2010-04-01/Accounts/AC17/Messages.json HTTP/1.1"), "{head}");
    // `AC17:open sesame`
    assert!(head.contains("authorization: Basic QUMxNzpvcGVuIHNlc2FtZQ=="), "{head}");
    let form: Vec<_> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let expected = [
        ("To", "+447700900009"),
        ("From", "+447700900000"),
        ("Body", "Back in stock\nWhat you waited for in order 1017 can be bought again."),
        ("StatusCallback", "https://notify.example.org/sms"),
    ];
    assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn an_answer_decides_what_becomes_of_the_message() {
    let code = |code: u32| format!(r#"{{"code":{code},"message":"no","status":400}}"#);
    let pause = Outcome::Throttled { retry_after: Some(Span::from_secs(7)) };
    for (status, body, outcome) in [
        (200, "{}".into(), Outcome::Delivered),
        (400, code(21_211), Outcome::Permanent),
        (400, code(21_610), Outcome::Permanent),
        (400, "no JSON".into(), Outcome::Permanent),
        (400, code(21_606), Outcome::Transient),
        (400, code(21_611), Outcome::Transient),
        (401, code(20_003), Outcome::Transient),
        (403, String::new(), Outcome::Transient),
        (404, code(20_404), Outcome::Transient),
        (429, code(20_429), pause),
        (500, String::new(), Outcome::Ambiguous),
        (502, String::new(), Outcome::Ambiguous),
        (503, String::new(), pause),
    ] {
        let (port, _heard) = service(&answer(status, &body)).await;
        let twilio = Twilio::new(&config(port)).unwrap();
        let handover = Handover::default();
        assert_eq!(twilio.deliver(&letter(17), &handover).await, outcome, "{status} {body}");
    }
}

#[tokio::test]
async fn whoever_never_answers_may_have_taken_it() {
    let partial = "HTTP/1.1 201";
    for said in ["", partial] {
        let (port, heard) = service(said).await;
        let twilio = Twilio::new(&config(port)).unwrap();
        let chain = Chain::new(vec![std::sync::Arc::new(twilio)]);
        assert_eq!(chain.deliver(&letter(17)).await, Outcome::Ambiguous);
        assert!(heard.await.unwrap().1.contains("To="), "the connection ends with the call");
        tokio::time::resume();
    }
}

#[test]
fn a_long_text_is_cut_where_the_api_would_refuse_it() {
    let mut content = letter(17).content;
    content.title = "t".into();
    content.body = "ü".repeat(TEXT_CHARS_MAX - 2);
    assert_eq!(text(&content).chars().count(), TEXT_CHARS_MAX);
    assert!(text(&content).ends_with('ü'));
    content.body.push('ü');
    assert_eq!(text(&content).chars().count(), TEXT_CHARS_MAX);
    assert!(text(&content).ends_with("ü…"));
    content.body.clear();
    assert_eq!(text(&content), "t");
}

#[test]
fn settings_that_cannot_work_are_named() {
    let good = config(1);
    for (wrong, setting) in [
        (TwilioConfig { account: "AC/../x".into(), ..good.clone() }, "account: "),
        (TwilioConfig { account: String::new(), ..good.clone() }, "account: "),
        (TwilioConfig { from: String::new(), ..good.clone() }, "from: "),
        (TwilioConfig { url: "http://api.example.org".into(), ..good.clone() }, "url: "),
        (TwilioConfig { status_callback: Some("sms".into()), ..good.clone() }, "status_callback: "),
        (TwilioConfig { timeout: Span::ZERO, ..good.clone() }, "timeout_ms: "),
    ] {
        let error = Twilio::new(&wrong).unwrap_err();
        assert!(error.starts_with(setting), "{error}");
    }
    let twilio = Twilio::new(&good).unwrap();
    let printed = format!("{good:?} {twilio:?}");
    assert!(!printed.contains("sesame") && !printed.contains("QUMx"), "{printed}");
    assert!(!twilio.may_resend(), "unless somebody says so");
}

fn answer(status: u16, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} so\r\nretry-after: 7\r\ncontent-length: {length}\r\n\r\n{body}")
}

fn config(port: u16) -> TwilioConfig {
    TwilioConfig {
        url: format!("http://127.0.0.1:{port}/"),
        account: "AC17".into(),
        token: "open sesame".into(),
        from: "+447700900000".into(),
        status_callback: None,
        after_unknown: AfterUnknown::DeadLetter,
        timeout: timeout_default(),
    }
}
