//! The OpenAPI document promises no answer that the service does not give.

use std::time::Duration;

use http_body_util::StreamBody;
use hyper::{
    Method, Request,
    body::{Bytes, Frame},
};
use postroom_notification::{Channel, demo_notification};
use serde_json::{Value, json};

use crate::{
    documented::{self, DOCUMENT},
    harness::{Answer, JSON, Service, body, eventually, exchange, open},
};

#[tokio::test]
async fn every_documented_answer_is_given() {
    let mut tried = 0;
    for (template, operations) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let operation = Operation {
                id: operation["operationId"].as_str().unwrap(),
                method: method.to_uppercase().parse().unwrap(),
                path: template.replace("{channel}", "sms").replace("{id}", "demo.t0.0"),
                template,
            };
            for status in
                DOCUMENT["paths"][template][method]["responses"].as_object().unwrap().keys()
            {
                // A mistake of the service's own cannot be provoked.
                if status != "default" {
                    let status = status.parse().unwrap();
                    let answer = operation.provoke(status).await;
                    assert_eq!(answer.status, status, "{method} {template}: {}", answer.text());
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 60, "{tried}");
}

struct Operation {
    id: &'static str,
    method: Method,
    path: String,
    template: &'static str,
}

impl Operation {
    async fn provoke(&self, status: u16) -> Answer {
        let service = Service::start_with(|settings| {
            settings.body_timeout = Duration::from_millis(50);
            settings.subscribers_max = usize::from(self.id != "streamEvents" || status != 503);
        })
        .await;
        service.notify(0).await;
        let foreign = [JSON, ("host", "evil.example")];
        let two_hosts = [JSON, ("host", "localhost"), ("host", "127.0.0.1")];
        let own = service.address.to_string();
        let own = [JSON, ("host", &own)];
        match status {
            400 => self.send(&service, &two_hosts, &self.good_body()).await,
            403 => {
                let foreign = [JSON, ("origin", "https://evil.example")];
                self.send(&service, &foreign, &self.good_body()).await
            }
            404 => self.at("fax").send(&service, &own, &self.good_body()).await,
            408 => self.half_body(&service).await,
            409 if self.id == "redriveDeadLetters" => self.second_redrive(&service).await,
            409 => self.conflict(&service).await,
            413 => self.send(&service, &own, &" ".repeat(70_000)).await,
            415 => self.send(&service, &own[1..], &self.good_body()).await,
            421 => self.send(&service, &foreign, &self.good_body()).await,
            422 if self.method == Method::GET => {
                let path = format!("{}?strange=1", self.path);
                service.send(self.method.clone(), &path, &own, "").await
            }
            422 => self.send(&service, &own, r#"{"strange": 1}"#).await,
            503 => {
                service.state.shutdown().await;
                self.send(&service, &own, &self.good_body()).await
            }
            _ => self.good(&service).await,
        }
    }

    async fn good(&self, service: &Service) -> Answer {
        std::fs::write(service.page.join("index.html"), "<!doctype html>").unwrap();
        if self.id == "streamEvents" {
            let request = Request::get(&self.path).header("host", service.address.to_string());
            let opened = open(service.address, request.body(String::new()).unwrap()).await;
            let (parts, _) = opened.response.into_parts();
            let (status, headers) = (parts.status.as_u16(), parts.headers);
            return Answer { status, headers, body: Bytes::new() };
        }
        self.send(service, &[JSON], &self.good_body()).await
    }

    async fn send(&self, service: &Service, headers: &[(&str, &str)], body: &str) -> Answer {
        service.send(self.method.clone(), &self.path, headers, body).await
    }

    fn at(&self, name: &str) -> Self {
        let path = self.template.replace("{channel}", name).replace("{id}", name);
        Self { path, method: self.method.clone(), ..*self }
    }

    fn good_body(&self) -> String {
        let body: Value = match self.id {
            "acceptNotification" => body(&demo_notification(1)),
            "setFault" => json!({ "mode": "ok" }),
            "redriveDeadLetters" => json!({}),
            _ => return String::new(),
        };
        body.to_string()
    }

    /// A request whose body never ends.
    async fn half_body(&self, service: &Service) -> Answer {
        let answer = exchange(service.address, self.endless(service)).await;
        documented::check(&self.method, &self.path, &answer);
        answer
    }

    /// A redrive while one at a rate is under way.
    async fn second_redrive(&self, service: &Service) -> Answer {
        service.set_fault(Channel::Sms, "hang").await;
        for number in 1..4 {
            service.notify(number).await;
        }
        eventually("dead letters", async || {
            service.channel(Channel::Sms).await["dead_letters"] == 3
        })
        .await;
        let slowly = json!({ "rate_per_second": 1 });
        let begun = service.redrive(Channel::Sms, slowly).await;
        assert_eq!(begun, json!({ "moved": 1, "stayed": 0, "scheduled": 2 }));
        self.send(service, &[JSON], &self.good_body()).await
    }

    async fn conflict(&self, service: &Service) -> Answer {
        let first = tokio::spawn(exchange(service.address, self.endless(service)));
        let headers = [JSON, ("idempotency-key", "key")];
        let mut last = None;
        eventually("a conflict", async || {
            let answer = self.send(service, &headers, "{").await;
            let conflict = answer.status == 409;
            last = Some(answer);
            conflict || first.is_finished()
        })
        .await;
        last.unwrap()
    }

    fn endless(
        &self,
        service: &Service,
    ) -> Request<impl hyper::body::Body<Data = Bytes, Error = std::convert::Infallible> + use<>>
    {
        let frames = futures_util::stream::pending::<Result<Frame<Bytes>, _>>();
        Request::builder()
            .method(&self.method)
            .uri(&self.path)
            .header("host", service.address.to_string())
            .header(JSON.0, JSON.1)
            .header("idempotency-key", "key")
            .body(StreamBody::new(frames))
            .unwrap()
    }
}
