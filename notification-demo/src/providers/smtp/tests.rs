use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    task::JoinHandle,
};

use super::*;
use crate::providers::{chain::Chain, letter::tests::letter};

#[tokio::test]
async fn a_mail_says_who_what_and_when_and_repeats_its_id() {
    let (port, heard) = relay(Replies::default()).await;
    let smtp = smtp(port);
    assert_eq!(smtp.deliver(&letter(17), &Handover::default()).await, Outcome::Delivered);
    let heard = heard.await.unwrap();
    for line in [
        "EHLO example.org",
        "MAIL FROM:<shop@example.org>",
        "RCPT TO:<user-9@example.org>",
        "From: \"The shop\" <shop@example.org>",
        "To: user-9@example.org",
        "Subject: Back in stock",
        "Date: Thu, 01 Jan 1970 00:00:05 +0000",
        "Message-ID: <demo.t0.17.5000000.email@example.org>",
        "Auto-Submitted: auto-generated",
        "What you waited for in order 1017 can be bought again.",
        "\nQUIT",
    ] {
        assert!(heard.contains(line), "{line:?} is not in\n{heard}");
    }
}

#[tokio::test]
async fn a_reply_decides_what_becomes_of_the_mail() {
    let plain = Replies::default();
    for (replies, outcome) in [
        (Replies { recipient: "451 later", ..plain }, Outcome::Transient),
        (Replies { recipient: "550 nobody here", ..plain }, Outcome::Permanent),
        (Replies { end: "452 full", ..plain }, Outcome::Transient),
        (Replies { end: "554 spam", ..plain }, Outcome::Permanent),
        (Replies { banner: "554 no service", ..plain }, Outcome::Transient),
        (Replies { banner: "nonsense", ..plain }, Outcome::Transient),
        (Replies { recipient: HANGS_UP, ..plain }, Outcome::Transient),
        (Replies { end: HANGS_UP, ..plain }, Outcome::Ambiguous),
    ] {
        let (port, _heard) = relay(replies).await;
        assert_eq!(chain(port).deliver(&letter(17)).await, outcome, "{replies:?}");
    }
}

#[tokio::test]
async fn a_relay_that_falls_silent_is_given_up_after_the_whole_time() {
    let plain = Replies::default();
    for (replies, outcome) in [
        (Replies { banner: SILENT, ..plain }, Outcome::Transient),
        (Replies { hello: SILENT, ..plain }, Outcome::Transient),
        (Replies { recipient: SILENT, ..plain }, Outcome::Transient),
        (Replies { end: SILENT, ..plain }, Outcome::Ambiguous),
    ] {
        let (port, _heard) = relay(replies).await;
        assert_eq!(chain(port).deliver(&letter(17)).await, outcome, "{replies:?}");
        tokio::time::resume();
    }
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert_eq!(chain(port).deliver(&letter(17)).await, Outcome::Transient);
}

#[tokio::test]
async fn a_relay_that_offers_no_encryption_gets_no_mail() {
    let (port, heard) = relay(Replies::default()).await;
    let config = SmtpConfig { tls: SmtpTls::Starttls, ..config(port) };
    let smtp = Smtp::new(&config).unwrap();
    assert_eq!(smtp.deliver(&letter(17), &Handover::default()).await, Outcome::Transient);
    assert!(!heard.await.unwrap().contains("MAIL"));
}

#[test]
fn settings_that_cannot_work_are_named() {
    let good = config(25);
    let login = SmtpConfig {
        user: Some("shop".into()),
        password: Some("open sesame".into()),
        ..good.clone()
    };
    for (wrong, setting) in [
        (SmtpConfig { host: String::new(), ..good.clone() }, "host: "),
        (SmtpConfig { from: "shop".into(), ..good.clone() }, "from: "),
        (SmtpConfig { timeout: Span::ZERO, ..good.clone() }, "timeout_ms: "),
        (SmtpConfig { timeout: Span::from_micros(300_000_001), ..good.clone() }, "timeout_ms: "),
        (SmtpConfig { password: None, ..login.clone() }, "user: "),
        (login.clone(), "tls: "),
    ] {
        let error = Smtp::new(&wrong).unwrap_err();
        assert!(error.starts_with(setting), "{error}");
    }
    let login = SmtpConfig { tls: SmtpTls::Implicit, ..login };
    let smtp = Smtp::new(&login).unwrap();
    assert_eq!(smtp.port, 25, "given");
    assert!(!format!("{login:?} {smtp:?}").contains("sesame"));
    let smtp =
        Smtp::new(&SmtpConfig { port: None, timeout: Span::from_secs(300), ..good }).unwrap();
    assert_eq!((smtp.port, smtp.timeout), (PORT_PLAIN, Duration::from_secs(300)));
}

const SILENT: &str = "silent";
const HANGS_UP: &str = "hangs up";

/// What a relay says after each step.
#[derive(Clone, Copy, Debug)]
struct Replies {
    banner: &'static str,
    hello: &'static str,
    recipient: &'static str,
    end: &'static str,
}

impl Default for Replies {
    fn default() -> Self {
        Self { banner: "220 relay", hello: "250 relay", recipient: "250 ok", end: "250 taken" }
    }
}

/// A relay for one connection: its port, and what it heard until the connection closed.
async fn relay(replies: Replies) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut heard = String::new();
        let mut reply = replies.banner;
        let mut in_mail = false;
        loop {
            match reply {
                HANGS_UP => return heard,
                // From here on nothing happens but the deadline: it comes at once.
                SILENT => tokio::time::pause(),
                "" => {}
                text => stream.write_all(format!("{text}\r\n").as_bytes()).await.unwrap(),
            }
            let start = heard.len();
            if stream.read_line(&mut heard).await.unwrap_or(0) == 0 {
                return heard;
            }
            let line = heard[start..].trim_end();
            reply = match line.split([' ', ':']).next().unwrap_or_default() {
                _ if in_mail && line != "." => "",
                "." => {
                    in_mail = false;
                    replies.end
                }
                "DATA" => {
                    in_mail = true;
                    "354 go on"
                }
                "EHLO" => replies.hello,
                "RCPT" => replies.recipient,
                _ => "250 ok",
            };
        }
    });
    (port, heard)
}

fn config(port: u16) -> SmtpConfig {
    SmtpConfig {
        host: "127.0.0.1".into(),
        port: Some(port),
        tls: SmtpTls::None,
        user: None,
        password: None,
        from: "The shop <shop@example.org>".into(),
        timeout: timeout_default(),
    }
}

fn smtp(port: u16) -> Smtp {
    Smtp::new(&config(port)).unwrap()
}

fn chain(port: u16) -> Chain {
    Chain::new(vec![std::sync::Arc::new(smtp(port))])
}
