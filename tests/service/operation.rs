//! Health, readiness, metrics.

use std::time::Duration;

use postroom_notification::Channel;
use serde_json::json;

use crate::harness::{Service, eventually};

#[tokio::test]
async fn a_running_service_is_healthy_and_ready() {
    let service = Service::start().await;
    assert_eq!(service.get("/healthz").await.ok(), json!({ "status": "ok" }));
    let ready = json!({ "status": "ready", "durability": "memory" });
    assert_eq!(service.get("/readyz").await.ok(), ready);
}

#[tokio::test]
async fn a_service_whose_machine_has_stopped_lives_and_is_not_ready() {
    let service = Service::start().await;
    service.state.shutdown().await;
    service.get("/healthz").await.ok();
    for path in ["/readyz", "/v1/channels", "/metrics", "/v1/notifications/demo.t0.0"] {
        let answer = service.get(path).await;
        answer.problem(503, "unavailable");
        assert_eq!(answer.header("retry-after"), "5");
    }
}

#[tokio::test]
async fn a_service_with_too_much_to_do_says_so() {
    let service = Service::start_with(|settings| settings.commands_max = 1).await;
    let mut busy = 0;
    let mut accepted = 0;
    // A crowd of requests on one place in the queue: some find it taken, and none is half done.
    eventually("busy", async || {
        let crowd = (0..64).map(|number| {
            let new = crate::harness::body(&postroom_notification::demo_notification(number));
            let service = &service;
            async move { service.post("/v1/notifications", &new).await }
        });
        for answer in futures_util::future::join_all(crowd).await {
            match answer.status {
                202 => accepted += 1,
                _ => {
                    answer.problem(503, "unavailable");
                    assert_eq!(answer.header("retry-after"), "1");
                    busy += 1;
                }
            }
        }
        busy > 0 && accepted > 0
    })
    .await;
    eventually("sent", async || service.inbox_count(Channel::Push).await == accepted).await;
}

#[tokio::test]
async fn metrics_count_what_happened() {
    let service = Service::start().await;
    service.set_fault(Channel::Sms, "fail").await;
    for number in 0..3 {
        service.notify(number).await;
    }
    eventually("dead", async || service.channel(Channel::Sms).await["dead_letters"] == 3).await;
    service.set_fault(Channel::Sms, "ok").await;
    service.redrive(Channel::Sms, json!({})).await;
    eventually("sent", async || service.inbox_count(Channel::Sms).await == 3).await;
    eventually("settled", async || service.channel(Channel::Sms).await["depth"] == 0).await;
    service.get("/nothing").await;
    let answer = service.get("/metrics").await;
    assert_eq!(answer.status, 200);
    let metrics = Metrics(answer.text());
    let of = |name: &str, channel: &str| metrics.value(&format!("{name}{{channel=\"{channel}\""));
    assert_eq!(of("postroom_enqueued_total", "push"), 3);
    assert_eq!(of("postroom_enqueued_total", "sms"), 6, "three, and three again");
    assert_eq!(of("postroom_redriven_total", "sms"), 3);
    assert_eq!(of("postroom_redriven_total", "push"), 0);
    assert_eq!(metrics.sum("postroom_dead_lettered_total{channel=\"sms\""), 3);
    assert_eq!(metrics.sum("postroom_dead_lettered_total{channel=\"push\""), 0);
    let call = "postroom_calls_total{channel=\"sms\",outcome=\"delivered\"}";
    assert_eq!(metrics.value(call), 3);
    let failed = metrics.value("postroom_calls_total{channel=\"sms\",outcome=\"transient\"}");
    assert!(failed >= 5, "{failed}");
    assert_eq!(metrics.sum("postroom_queue_messages{"), 0);
    assert_eq!(metrics.sum("postroom_breaker_state{"), 3, "each is in one state");
    assert_eq!(metrics.value("postroom_http_responses_total{status=\"202\"}"), 3);
    assert_eq!(metrics.value("postroom_http_responses_total{status=\"404\"}"), 1);
    metrics.is_well_formed();
}

#[tokio::test]
async fn nothing_that_is_watched_shows_an_address() {
    let service = Service::start().await;
    service.notify(1).await;
    eventually("sent", async || service.inbox_count(Channel::Sms).await == 1).await;
    for path in ["/metrics", "/v1/channels", "/v1/notifications/demo.t0.0"] {
        let answer = service.get(path).await;
        assert_eq!(answer.status, 200);
        for secret in ["@", "+44", "device-of"] {
            assert!(!answer.text().contains(secret), "{path} shows {secret}");
        }
    }
}

#[tokio::test]
async fn an_inbox_forgets_the_oldest_and_says_so() {
    let service = Service::start_with(|settings| {
        settings.inbox_max = 2;
        settings.keep_alive = Duration::from_secs(1);
    })
    .await;
    for number in 0..3 {
        service.notify(number).await;
    }
    eventually("forgotten", async || service.inbox(Channel::Sms).await["forgotten"] == 1).await;
    let inbox = service.inbox(Channel::Sms).await;
    assert_eq!((&inbox["count"], &inbox["duplicates"]), (&json!(2), &json!(0)));
}

struct Metrics<'a>(&'a str);

impl Metrics<'_> {
    /// The one sample that begins so.
    fn value(&self, start: &str) -> u64 {
        let found: Vec<_> = self.samples(start).collect();
        assert_eq!(found.len(), 1, "{start}: {found:?}");
        found[0]
    }

    fn sum(&self, start: &str) -> u64 {
        self.samples(start).sum()
    }

    fn samples(&self, start: &str) -> impl Iterator<Item = u64> {
        let lines = self.0.lines().filter(move |line| line.starts_with(start));
        lines.map(|line| line.rsplit_once(' ').unwrap().1.parse().unwrap())
    }

    fn is_well_formed(&self) {
        let mut declared = "";
        for line in self.0.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                declared = rest.split(' ').next().unwrap();
            } else if !line.starts_with('#') {
                let name = line.split(['{', ' ']).next().unwrap();
                assert_eq!(name, declared, "{line}");
                line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap();
            }
        }
    }
}
