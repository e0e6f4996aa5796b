//! What every request passes and every answer carries.
//!
//! Nobody logs in yet, so nothing but a program on this machine, or this service's own page, may
//! reach it: a foreign page in a browser on this machine must neither read nor change anything.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::http::{
    AppState,
    problem::{Kind, Problem},
};

/// What the page may do, as the page says itself: run its own scripts and wasm, talk to this service.
/// And it is framed by nobody.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     connect-src 'self'; style-src 'self'; img-src 'self'; worker-src 'self'; manifest-src 'self'; \
     base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; \
     trusted-types postroom; frame-ancestors 'none'";

const HEADERS: [(header::HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Refuses what comes from elsewhere, and gives every answer the headers that protect the page.
pub(crate) async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_page = !request.uri().path().starts_with("/v1/");
    let mut response = match check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    state.counters.count_response(response.status());
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A page that was built anew is fetched anew; an answer of the API is never kept.
    let cache = if is_page { "no-cache" } else { "no-store" };
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(cache));
    response
}

fn check(request: &Request) -> Result<(), Problem> {
    let host = host(request)?;
    if !is_loopback(&host) {
        return Err(Problem::new(Kind::Misdirected));
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && is_cross_site(request.headers(), &host) {
        return Err(Problem::new(Kind::CrossSite));
    }
    Ok(())
}

/// Whom the request is for: one Host header, and the same in the request line if it names a host.
fn host(request: &Request) -> Result<Authority, Problem> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.as_bytes(),
        _ => return Err(Problem::new(Kind::BadRequest)),
    };
    let host = Authority::try_from(host).map_err(|_| Problem::new(Kind::BadRequest))?;
    match request.uri().authority() {
        Some(target) if *target != host => Err(Problem::new(Kind::Misdirected)),
        _ => Ok(host),
    }
}

/// Names that lead to this machine whatever a name server says: a page under any other name that
/// points here is somebody else's.
fn is_loopback(host: &Authority) -> bool {
    let plain = !host.as_str().contains('@');
    plain && ["127.0.0.1", "localhost", "[::1]"].iter().any(|n| host.host().eq_ignore_ascii_case(n))
}

fn is_cross_site(headers: &HeaderMap, host: &Authority) -> bool {
    let own = format!("http://{host}");
    let foreign_origin = headers
        .get_all(header::ORIGIN)
        .iter()
        .any(|origin| !origin.as_bytes().eq_ignore_ascii_case(own.as_bytes()));
    let foreign_fetch = headers
        .get_all("sec-fetch-site")
        .iter()
        .any(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"));
    foreign_origin || foreign_fetch
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn verdict(method: Method, uri: &str, headers: &[(&str, &str)]) -> Option<Kind> {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(Body::empty()).unwrap()).err().map(|problem| problem.kind)
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for good in ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "LocalHost", "[::1]:8080"] {
            assert_eq!(verdict(Method::GET, "/", &[("host", good)]), None, "{good}");
        }
        for foreign in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.",
            "10.0.0.1:8080",
            "0.0.0.0",
            "[::]",
            "user@localhost",
        ] {
            let found = verdict(Method::GET, "/", &[("host", foreign)]);
            assert_eq!(found, Some(Kind::Misdirected), "{foreign}");
        }
        for wrong in [&[][..], &[("host", "")], &[("host", "localhost"), ("host", "localhost")]] {
            assert_eq!(verdict(Method::GET, "/", wrong), Some(Kind::BadRequest), "{wrong:?}");
        }
        let target = "http://evil.example/";
        let found = verdict(Method::GET, target, &[("host", "localhost")]);
        assert_eq!(found, Some(Kind::Misdirected));
    }

    #[test]
    fn another_site_may_look_at_nothing_and_change_nothing() {
        let post = |headers: &[(&str, &str)]| {
            let mut all = vec![("host", "localhost:8080")];
            all.extend_from_slice(headers);
            verdict(Method::POST, "/", &all)
        };
        assert_eq!(post(&[]), None, "a program");
        assert_eq!(post(&[("origin", "http://localhost:8080")]), None, "the own page");
        assert_eq!(post(&[("sec-fetch-site", "same-origin")]), None);
        for foreign in
            ["https://evil.example", "null", "http://localhost:8081", "https://localhost:8080"]
        {
            assert_eq!(post(&[("origin", foreign)]), Some(Kind::CrossSite), "{foreign}");
        }
        for site in ["cross-site", "same-site"] {
            assert_eq!(post(&[("sec-fetch-site", site)]), Some(Kind::CrossSite), "{site}");
        }
        // Reading needs no check: without a grant, a browser does not show a foreign page the answer.
        let read = [("host", "localhost"), ("origin", "https://evil.example")];
        assert_eq!(verdict(Method::GET, "/", &read), None);
    }
}
