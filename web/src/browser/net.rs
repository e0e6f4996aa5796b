//! Requests to the service that serves the page.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, EventSource, RequestInit, Response};

use super::Listener;

/// Why a request brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nobody answers.
    #[error("no service answers here")]
    NoService,
    /// The service refuses; its own words where it has some.
    #[error("{0}")]
    Refused(String),
    /// The answer is not what this page knows.
    #[error("the service answers something that this page does not understand: {0}")]
    NotUnderstood(String),
}

/// Asks for a document.
///
/// # Errors
/// [`Failure`] says why there is none.
pub async fn get_json<T: DeserializeOwned>(url: &str) -> Result<T, Failure> {
    let (status, text) = request("GET", url, None).await?;
    if !(200..300).contains(&status) {
        return Err(refusal(status, &text));
    }
    serde_json::from_str(&text).map_err(|error| match status {
        // A plain file server answers any path with a page of its own.
        200 if text.trim_start().starts_with('<') => Failure::NoService,
        _ => Failure::NotUnderstood(error.to_string()),
    })
}

/// Sends a document; the body of the answer comes back as text.
///
/// # Errors
/// [`Failure`] says why it was not taken.
pub async fn send_json<T: Serialize>(method: &str, url: &str, body: &T) -> Result<String, Failure> {
    let body = serde_json::to_string(body).map_err(|e| Failure::NotUnderstood(e.to_string()))?;
    let (status, text) = request(method, url, Some(&body)).await?;
    if (200..300).contains(&status) { Ok(text) } else { Err(refusal(status, &text)) }
}

/// A stream of events from the service, until it is dropped. The browser reconnects by itself.
pub struct Stream {
    source: EventSource,
    _heard: Listener,
}

impl Stream {
    /// Calls `heard` whenever the service says something.
    #[must_use]
    pub fn open(url: &str, mut heard: impl FnMut() + 'static) -> Option<Self> {
        let source = EventSource::new(url).ok()?;
        let _heard = Listener::new(&source, "message", move |_: Event| heard());
        Some(Self { source, _heard })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}

async fn request(method: &str, url: &str, body: Option<&str>) -> Result<(u16, String), Failure> {
    let response = fetch(method, url, body).await.map_err(|_| Failure::NoService)?;
    let text = JsFuture::from(response.text().map_err(|_| Failure::NoService)?)
        .await
        .map_err(|_| Failure::NoService)?;
    Ok((response.status(), text.as_string().unwrap_or_default()))
}

async fn fetch(method: &str, url: &str, body: Option<&str>) -> Result<Response, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let init = RequestInit::new();
    init.set_method(method);
    if let Some(body) = body {
        init.set_body(&JsValue::from_str(body));
        let headers = web_sys::Headers::new()?;
        headers.set("content-type", "application/json")?;
        init.set_headers(&headers);
    }
    JsFuture::from(window.fetch_with_str_and_init(url, &init)).await?.dyn_into()
}

/// As much of an RFC 9457 problem as is shown.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    title: Option<String>,
    detail: Option<String>,
}

/// The service's own words, where it has some.
fn refusal(status: u16, text: &str) -> Failure {
    let problem: Problem = serde_json::from_str(text).unwrap_or_default();
    match problem.detail.or(problem.title) {
        Some(words) => Failure::Refused(words),
        // Whatever serves the page is not the service.
        None if matches!(status, 404 | 405 | 501) => Failure::NoService,
        None => Failure::Refused(format!("the service answers with status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_speaks_for_itself() {
        let problem =
            r#"{"title":"Unprocessable","detail":"`to.sms` is not a number","status":422}"#;
        assert_eq!(refusal(422, problem), Failure::Refused("`to.sms` is not a number".into()));
        assert_eq!(
            refusal(503, "busy"),
            Failure::Refused("the service answers with status 503".into())
        );
    }

    #[test]
    fn a_file_server_is_no_service() {
        for status in [404, 405, 501] {
            assert_eq!(refusal(status, "<html>"), Failure::NoService);
        }
    }
}
