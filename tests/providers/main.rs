//! Real providers against the other side as other people wrote it: mail arrives at aiosmtpd, a push
//! is read by `http_ece` and vouched for by `py-vapid`, a webhook is checked by `standardwebhooks`,
//! and an API of Twilio's shape takes SMS. The service is the program itself, with a file of
//! providers; whoever names an `https` URL meets a certificate that has to be checked.

mod peer;
mod service;

use serde_json::{Value, json};

use self::{peer::Peer, service::Service};

const FROM: &str = "The shop <shop@example.org>";

#[tokio::test]
async fn mail_arrives_and_a_refusal_is_what_it_says() {
    let mut relay = Peer::start("smtp").await;
    let service = Service::start(&json!({ "email": [smtp(&relay, 30_000)] }), &relay).await;
    let ids = [
        service.notify(&json!({ "email": "ada@example.org" })).await,
        service.notify(&json!({ "email": "later@example.org" })).await,
        service.notify(&json!({ "email": "nobody@example.org" })).await,
    ];
    let mails = relay.says(2, |said| said["recipients"].is_array()).await;
    for mail in &mails {
        let (who, id) = if mail["recipients"][0] == "ada@example.org" {
            ("ada@example.org", &ids[0])
        } else {
            ("later@example.org", &ids[1])
        };
        let message_id = mail["id"].as_str().unwrap();
        assert_eq!(mail["recipients"], json!([who]));
        assert_eq!(mail["sender"], "shop@example.org");
        assert_eq!(mail["subject"], "Zwölf Bücher sind da");
        assert_eq!(mail["text"], "Komm vorbei.\n– Dein Laden");
        assert_eq!(mail["submitted"], "auto-generated");
        assert!(message_id.starts_with(&format!("<{id}.")), "{message_id}");
        assert!(message_id.ends_with(".email@example.org>"), "{message_id}");
    }
    assert_eq!(service.settled(&ids[0]).await, json!(["sent", ["accepted"]]));
    assert_eq!(service.settled(&ids[1]).await, json!(["sent", ["transient", "accepted"]]));
    assert_eq!(service.settled(&ids[2]).await, json!(["dead_lettered", ["permanent"]]));
    assert_eq!(service.dead_letters("email").await, json!([[ids[2], "rejected"]]));
}

#[tokio::test]
async fn a_password_goes_to_the_right_relay_over_tls_alone() {
    let mut relay = Peer::start("guarded").await;
    let login = |password: &str| {
        json!({ "smtp": {
            "host": "localhost", "port": relay.port(), "from": FROM,
            "user": "shop", "password": password,
        } })
    };
    let (right, wrong) = (login("open sesame"), login("open barley"));
    let to = json!({ "email": "ada@example.org" });
    let service = Service::start(&json!({ "email": [wrong, right.clone()] }), &relay).await;
    let id = service.notify(&to).await;
    assert_eq!(service.settled(&id).await, json!(["sent", ["accepted"]]));
    let logins = relay.says(2, |said| said["login"] == "shop").await;
    assert_eq!([&logins[0]["known"], &logins[1]["known"]], [false, true], "{logins:?}");
    assert!(logins.iter().all(|login| login["secret"] == true), "{logins:?}");
    relay.says(1, |said| said["recipients"] == json!(["ada@example.org"])).await;

    // Nobody vouches for the relay here.
    let stranger = Peer::start("webhook").await;
    let service = Service::start(&json!({ "email": [right] }), &stranger).await;
    let id = service.notify(&to).await;
    assert_eq!(service.first_attempt(&id).await, "transient");
    relay.says_nothing_more().await;
}

#[tokio::test]
async fn a_silent_relay_is_given_up_for_the_next_one() {
    let (mut silent, mut relay) = tokio::join!(Peer::start("silent"), Peer::start("smtp"));
    let providers = json!({ "email": [smtp(&silent, 300), smtp(&relay, 30_000)] });
    let service = Service::start(&providers, &relay).await;
    let id = service.notify(&json!({ "email": "ada@example.org" })).await;
    relay.says(1, |said| said["recipients"] == json!(["ada@example.org"])).await;
    silent.says(1, |said| said["greeted"] == 1).await;
    assert_eq!(service.settled(&id).await, json!(["sent", ["accepted"]]), "in one call");
    let id = service.notify(&json!({ "email": "eve@example.org" })).await;
    relay.says(1, |said| said["recipients"] == json!(["eve@example.org"])).await;
    assert_eq!(service.settled(&id).await, json!(["sent", ["accepted"]]));
}

#[tokio::test]
async fn sms_are_taken_throttled_refused_or_unknown() {
    let mut api = Peer::start("sms").await;
    let twilio = json!({ "twilio": {
        "url": format!("http://127.0.0.1:{}", api.port()), "account": "AC17",
        "token": "open sesame", "from": "+447700900000", "timeout_ms": 5_000,
    } });
    let service = Service::start(&json!({ "sms": [twilio] }), &api).await;
    let mut ids = Vec::new();
    for digit in 0..4 {
        let number = format!("+44770090001{digit}");
        ids.push(service.notify(&json!({ "sms": number })).await);
    }
    let asked = api.says(5, |_| true).await;
    for said in &asked {
        assert_eq!(said["path"], "/2010-04-01/Accounts/AC17/Messages.json");
        assert_eq!(said["known"], true);
        assert_eq!(said["form"]["From"], "+447700900000");
        assert_eq!(said["form"]["Body"], "Zwölf Bücher sind da\nKomm vorbei.\n– Dein Laden");
    }
    assert_eq!(service.settled(&ids[0]).await, json!(["sent", ["accepted"]]));
    assert_eq!(service.settled(&ids[1]).await, json!(["sent", ["throttled", "accepted"]]));
    service.settled(&ids[2]).await;
    service.settled(&ids[3]).await;
    let dead = service.dead_letters("sms").await;
    assert_eq!(dead, json!([[ids[2], "rejected"], [ids[3], "unknown"]]), "nothing was sent twice");
    api.says_nothing_more().await;
}

#[tokio::test]
async fn a_webhook_is_signed_and_one_that_is_gone_is_left_alone() {
    let mut receiver = Peer::start("webhook").await;
    let webhook = json!({ "webhook": {
        "secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "allow_private": true,
    } });
    let service = Service::start(&json!({ "push": [webhook] }), &receiver).await;
    let url =
        |path: &str| json!({ "push": format!("https://localhost:{}{path}", receiver.port()) });
    let (hook, gone) = (url("/hook?token=1"), url("/gone"));
    let id = service.notify(&hook).await;
    let said = receiver.says(1, |said| said["path"] == "/hook?token=1").await.remove(0);
    assert_eq!(said["problem"], Value::Null);
    assert!(said["id"].as_str().unwrap().starts_with(&id), "{said}");
    assert_eq!(said["payload"]["type"], "books_arrived");
    assert_eq!(said["payload"]["data"]["title"], "Zwölf Bücher sind da");
    assert_eq!(service.settled(&id).await, json!(["sent", ["accepted"]]));
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.push(service.notify(&gone).await);
        service.settled(&ids[ids.len() - 1]).await;
    }
    let dead = service.dead_letters("push").await;
    assert_eq!(dead, json!([[ids[0], "rejected"], [ids[1], "rejected"]]));
    receiver.says(1, |said| said["path"] == "/gone").await;
    receiver.says_nothing_more().await;
}

#[tokio::test]
async fn a_browser_reads_its_push_and_nobody_else_could_have_sent_it() {
    let mut browser = Peer::start("push").await;
    let about = browser.about.clone();
    let web_push = json!({ "web_push": {
        "public_key": about["public_key"], "private_key": about["private_key"],
        "subject": "mailto:push@example.org", "ttl_ms": 60_000, "allow_private": true,
    } });
    let service = Service::start(&json!({ "push": [web_push] }), &browser).await;
    let origin = format!("https://localhost:{}", browser.port());
    let fragment = about["fragment"].as_str().unwrap();
    let at = |path: &str| json!({ "push": format!("{origin}{path}#{fragment}") });
    let id = service.notify(&at("/send/17")).await;
    let said = browser.says(1, |said| said["path"] == "/send/17").await.remove(0);
    assert_eq!(said["problem"], Value::Null);
    assert_eq!(
        said["payload"],
        json!({
            "event": "books_arrived", "severity": "normal", "title": "Zwölf Bücher sind da",
            "body": "Komm vorbei.\n– Dein Laden",
        })
    );
    assert_eq!(said["vouched"], true);
    assert_eq!(said["claims"]["aud"], json!(origin), "with the port");
    assert_eq!(said["claims"]["sub"], "mailto:push@example.org");
    assert_eq!(said["headers"]["ttl"], "60");
    assert_eq!(said["headers"]["urgency"], "normal");
    assert_eq!(said["headers"]["topic"].as_str().map(str::len), Some(32));
    assert_eq!(service.settled(&id).await, json!(["sent", ["accepted"]]));
    let id = service.notify(&at("/gone")).await;
    service.settled(&id).await;
    assert_eq!(service.dead_letters("push").await, json!([[id, "rejected"]]));
}

#[tokio::test]
async fn a_user_reaches_no_private_address_through_the_service() {
    let receiver = Peer::start("webhook").await;
    let webhook = json!({ "webhook": { "secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] } });
    let service = Service::start(&json!({ "push": [webhook] }), &receiver).await;
    for host in ["127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]"] {
        let url = format!("https://{host}:{}/hook", receiver.port());
        let id = service.notify(&json!({ "push": url })).await;
        service.settled(&id).await;
    }
    assert_eq!(service.dead_letters("push").await.as_array().unwrap().len(), 4);
    receiver.says_nothing_more().await;
}

#[tokio::test]
async fn providers_that_cannot_be_used_keep_the_service_from_starting() {
    let relay = json!({ "smtp": { "host": "localhost", "from": "shop" } });
    let said = Service::refuses(&json!({ "email": [relay] })).await;
    assert!(said.contains("providers.email[0].from: is no sender"), "{said}");
    let login = json!({ "smtp": {
        "host": "localhost", "from": FROM, "tls": "none", "user": "shop", "password": "open sesame",
    } });
    let said = Service::refuses(&json!({ "email": [login] })).await;
    assert!(said.contains("providers.email[0].tls: is `none`"), "{said}");
    assert!(!said.contains("sesame"), "{said}");
}

fn smtp(peer: &Peer, timeout_ms: u64) -> Value {
    json!({ "smtp": {
        "host": "127.0.0.1", "port": peer.port(), "tls": "none", "from": FROM,
        "timeout_ms": timeout_ms,
    } })
}
