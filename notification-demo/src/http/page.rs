//! The page's files.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use crate::http::{
    AppState,
    problem::{Kind, Problem},
};

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <title>Postroom: the page is not built</title>\
    <h1>The page is not built</h1>\
    <p>Stop this service and run <code>cargo xtask play</code>, which builds the page and starts \
    the service with it; or build it with <code>trunk build</code> and name its folder: \
    <code>notification-demo --page dist</code>.</p>\
    <p>The API works: see <a href=\"/openapi.json\">openapi.json</a>.</p></html>";

/// `GET /` and `GET /inbox`: the page, which shows what its path says.
pub(crate) async fn index(State(state): State<AppState>) -> Response {
    match tokio::fs::read(state.settings.page.join("index.html")).await {
        Ok(html) => Html(html).into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Html(NOT_BUILT)).into_response(),
    }
}

/// Any other path: a file of the page, or nothing.
pub(crate) async fn file(State(state): State<AppState>, request: Request<Body>) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads || request.uri().path().starts_with("/v1/") {
        return Problem::new(Kind::NotFound).into_response();
    }
    let files = ServeDir::new(&state.settings.page).append_index_html_on_directories(false);
    let Ok(response) = files.oneshot(request).await;
    match response.status() {
        status if status.is_success() => response.map(Body::new).into_response(),
        StatusCode::NOT_MODIFIED | StatusCode::RANGE_NOT_SATISFIABLE => response.into_response(),
        _ => {
            let mut problem = Problem::new(Kind::NotFound).into_response();
            problem.headers_mut().remove(header::ALLOW);
            problem
        }
    }
}
