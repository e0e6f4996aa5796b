//! The page's files and the headers that protect it.

use hyper::Method;

use crate::harness::Service;

#[tokio::test]
async fn the_page_is_at_the_root_and_at_inbox() {
    let service = Service::start().await;
    std::fs::write(service.page.join("index.html"), "<!doctype html><p>page").unwrap();
    for path in ["/", "/inbox", "/index.html"] {
        let answer = service.get(path).await;
        assert_eq!((answer.status, answer.text()), (200, "<!doctype html><p>page"), "{path}");
        assert!(answer.header("content-type").starts_with("text/html"));
    }
    let head = service.send(Method::HEAD, "/", &[], "").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[tokio::test]
async fn files_have_their_types() {
    let service = Service::start().await;
    for (name, kind) in [
        ("sandbox.html", "text/html"),
        ("app.js", "text/javascript"),
        ("app.wasm", "application/wasm"),
        ("style.css", "text/css"),
        ("icon.svg", "image/svg+xml"),
    ] {
        std::fs::write(service.page.join(name), "x").unwrap();
        let answer = service.get(&format!("/{name}")).await;
        assert_eq!((answer.status, answer.text()), (200, "x"), "{name}");
        assert_eq!(answer.header("content-type").split(';').next(), Some(kind), "{name}");
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
    let modified = service.get("/app.js").await;
    let since = [("if-modified-since", modified.header("last-modified"))];
    let again = service.send(Method::GET, "/app.js", &since, "").await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn without_a_page_it_says_how_to_build_it() {
    let service = Service::start().await;
    let answer = service.get("/").await;
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("cargo xtask play"));
    service.get("/healthz").await.ok();
}

#[tokio::test]
async fn every_answer_carries_the_protecting_headers() {
    let service = Service::start().await;
    std::fs::write(service.page.join("index.html"), "<!doctype html>").unwrap();
    std::fs::write(service.page.join("sandbox.html"), "<!doctype html>").unwrap();
    std::fs::write(service.page.join("app.js"), "x").unwrap();
    let foreign = [("host", "evil.example")];
    let index = include_str!("../../index.html");
    let (_, of_the_page) = index.split_once("content=\"default-src").expect("it has a policy");
    let (of_the_page, _) = of_the_page.split_once('"').expect("an attribute ends");
    let of_the_page = format!("default-src{of_the_page}");
    for answer in [
        service.get("/").await,
        service.get("/inbox").await,
        service.get("/sandbox.html").await,
        service.get("/app.js").await,
        service.get("/nothing").await,
        service.get("/v1/channels").await,
        service.send(Method::POST, "/", &[], "").await,
        service.send(Method::GET, "/", &foreign, "").await,
    ] {
        let policy = answer.header("content-security-policy");
        assert_eq!(policy, format!("{of_the_page}; frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
    assert_eq!(service.get("/v1/channels").await.header("cache-control"), "no-store");
}
