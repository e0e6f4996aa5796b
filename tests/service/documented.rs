//! The OpenAPI document as a judge: every answer that a test gets must be in it.

use std::sync::LazyLock;

use hyper::Method;
use serde_json::Value;

use crate::harness::Answer;

pub(crate) static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../notification-demo/openapi.json")).unwrap()
});

/// Panics if the document does not describe this answer to this request.
pub(crate) fn check(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap();
    if answer.status >= 400 && !answer.header("content-type").starts_with("text/html") {
        check_problem(answer);
    }
    let Some(operations) = operations(path) else {
        // Files of the page, and what does not exist.
        return;
    };
    // HEAD is GET without the body.
    let is_head = method == Method::HEAD;
    let method = if is_head { "get".to_owned() } else { method.as_str().to_lowercase() };
    let Some(operation) = operations.get(&method) else {
        assert_eq!(answer.status, 405, "{method} {path} is not documented");
        return;
    };
    let documented = &operation["responses"][answer.status.to_string()];
    assert!(!documented.is_null(), "{method} {path}: {} is not documented", answer.status);
    let documented = resolve(documented);
    check_headers(documented, answer);
    if !is_head {
        check_content(documented, answer);
    }
}

/// The operations of the path that this one is an instance of.
fn operations(path: &str) -> Option<&'static Value> {
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(t, p)| t == p || (t.starts_with('{') && !p.is_empty()))
    };
    let mut paths = DOCUMENT["paths"].as_object().unwrap().iter();
    paths.find(|(template, _)| fits(template)).map(|(_, operations)| operations)
}

fn check_problem(answer: &Answer) {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.text());
    let problem = answer.json();
    matches_schema(&problem, &DOCUMENT["components"]["schemas"]["Problem"], "problem");
    assert_eq!(problem["status"], answer.status);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.len() > 20, "a problem says what to do: {detail}");
}

fn check_headers(documented: &Value, answer: &Answer) {
    let Some(headers) = documented["headers"].as_object() else { return };
    for (name, header) in headers {
        if header["required"] == true {
            assert!(answer.headers.contains_key(name.to_lowercase()), "{name} is missing");
        }
    }
}

fn check_content(documented: &Value, answer: &Answer) {
    let Some(contents) = documented["content"].as_object() else {
        assert!(answer.body.is_empty(), "a body where none is documented");
        return;
    };
    let kind = answer.header("content-type").split(';').next().unwrap();
    let content = contents.get(kind).unwrap_or_else(|| panic!("{kind} is not documented"));
    if kind.ends_with("json") {
        matches_schema(&answer.json(), &content["schema"], "body");
    }
}

fn resolve(value: &Value) -> &Value {
    match value["$ref"].as_str() {
        Some(path) => resolve(DOCUMENT.pointer(&path[1..]).unwrap_or_else(|| panic!("{path}"))),
        None => value,
    }
}

/// As much of JSON Schema as the document uses; a member that it does not name is an error.
fn matches_schema(value: &Value, schema: &Value, at: &str) {
    let schema = resolve(schema);
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = choices.iter().filter(|choice| has_type(value, resolve(choice))).count();
        assert_eq!(fits, 1, "{at}: {value} fits {fits} of {schema}");
    }
    assert!(has_type(value, schema), "{at}: {value} is not {schema}");
    if let Some(least) = schema["minimum"].as_u64() {
        assert!(value.as_u64().is_none_or(|n| n >= least), "{at}: {value} is less than {least}");
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        matches_schema(item, &schema["items"], &format!("{at}[{index}]"));
    }
    let (Some(members), Some(properties)) = (value.as_object(), schema["properties"].as_object())
    else {
        return;
    };
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(members.contains_key(name.as_str().unwrap()), "{at}: {name} is missing");
    }
    for (name, member) in members {
        let schema = properties.get(name).unwrap_or_else(|| panic!("{at}: {name} is unknown"));
        matches_schema(member, schema, &format!("{at}.{name}"));
    }
}

fn has_type(value: &Value, schema: &Value) -> bool {
    if let Some(constant) = schema.get("const") {
        return value == constant;
    }
    if let Some(allowed) = schema["enum"].as_array() {
        return allowed.contains(value);
    }
    let is = |kind: &Value| match kind.as_str() {
        Some("null") => value.is_null(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => panic!("the document uses a type that this check does not know: {kind}"),
    };
    match &schema["type"] {
        Value::Null => true,
        Value::Array(kinds) => kinds.iter().any(is),
        kind => is(kind),
    }
}
