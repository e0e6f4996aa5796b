//! What a busy page costs: many messages, each to five queues.

use serde_json::{Value, json};

use crate::{session::Session, site};

/// How long is measured, after as long a time to warm up.
const MEASURED_MS: u64 = 5_000;

/// The share of one processor that the page's main thread may take, with drawing done by the
/// processor as well: the reader's clicks and scrolls need the rest.
const MAIN_THREAD_PERCENT_MAX: f64 = 60.0;

#[test]
fn a_busy_page_leaves_the_main_thread_free() {
    let call = Call { millis: [100, 350], concurrency: 8 };
    measure("20 messages a second to 5 queues", 0, &busy(1_200, &call));
}

#[test]
fn a_thousand_messages_at_work_leave_the_main_thread_free() {
    let call = Call { millis: [9_000, 11_000], concurrency: 400 };
    measure("1,000 messages at work", 12_000, &busy(1_200, &call));
}

#[test]
fn ten_thousand_messages_at_work_leave_the_main_thread_free() {
    let call = Call { millis: [9_000, 11_000], concurrency: 4_000 };
    measure("10,000 messages at work", 12_000, &busy(12_000, &call));
}

/// How long a call takes, and how many there are at once.
struct Call {
    millis: [u64; 2],
    concurrency: u32,
}

/// Shows the scenario until it has run for `from_ms`, and then measures.
fn measure(what: &str, from_ms: u64, scenario: &Value) {
    let url = site::serve(site::built_page());
    let link = format!("{url}sandbox.html#{}", site::scenario_link(&scenario.to_string()));
    let session = Session::open(&link);
    session.wait("all five queues work", "document.querySelectorAll('.provider').length == 5");
    let time = "document.querySelector('[aria-label=\"Time of the run\"]')";
    session.wait("it has run for a while", &format!("{time}.max * 100 >= {from_ms}"));
    measure_frames(&session);

    session.command(
        "/goog/cdp/execute",
        &cdp("Performance.enable", &json!({ "timeDomain": "threadTicks" })),
    );
    let before = busy_seconds(&session);
    let mut frames = measure_frames(&session);
    let busy = busy_seconds(&session) - before;

    frames.sort_by(f64::total_cmp);
    let share = busy * 100_000.0 / MEASURED_MS as f64;
    let at = |percent: usize| frames[(frames.len() - 1) * percent / 100];
    println!(
        "{what}: {} frames in {MEASURED_MS} ms; a frame takes {:.1} ms in the median, {:.1} ms in the \
         95th percentile, {:.1} ms in the 99th; the main thread is busy for {share:.0} %",
        frames.len(),
        at(50),
        at(95),
        at(99),
    );
    assert!(
        share < MAIN_THREAD_PERCENT_MAX,
        "the main thread is busy for {share:.0} % of the time"
    );
    session.assert_quiet();
}

/// The milliseconds from each frame to the next.
fn measure_frames(session: &Session) -> Vec<f64> {
    session.read(&format!(
        "window.frameTimes = null; const times = []; let last = performance.now(); const end = last + {MEASURED_MS};
         const next = now => {{ times.push(now - last); last = now;
           if (now < end) requestAnimationFrame(next); else window.frameTimes = times; }};
         requestAnimationFrame(next);"
    ));
    session.wait("the frames are measured", "window.frameTimes");
    serde_json::from_value(session.read("return window.frameTimes;")).expect("a list of numbers")
}

/// Processor time that the main thread has used.
fn busy_seconds(session: &Session) -> f64 {
    let metrics = session.command("/goog/cdp/execute", &cdp("Performance.getMetrics", &json!({})));
    let mut all = metrics["metrics"].as_array().into_iter().flatten();
    let busy = all.find(|metric| metric["name"] == "TaskDuration");
    busy.and_then(|metric| metric["value"].as_f64()).expect("the browser measures its tasks")
}

fn cdp(command: &str, parameters: &Value) -> Value {
    json!({ "cmd": command, "params": parameters })
}

fn busy(per_minute: u32, call: &Call) -> Value {
    let names = ["billing", "shipping", "statistics", "search", "mail"];
    let each =
        |make: &dyn Fn(&str) -> Value| names.iter().map(|name| make(name)).collect::<Value>();
    let [min, max] = call.millis;
    let consumer = json!({ "concurrency": call.concurrency, "call_timeout_ms": 20_000 });
    json!({
        "version": 1,
        "name": "A busy shop",
        "seed": 1,
        "system": {
            "queues": each(&|name| json!({ "name": name })),
            "topics": [{ "name": "orders" }],
            "subscriptions": each(&|name| json!({ "topic": "orders", "queue": name })),
            "consumers": each(&|name| json!({ "name": name, "queue": name, "config": consumer })),
            "routes": { "shop": { "to": "orders" } },
        },
        "producers": [{ "name": "shop", "arrivals": { "poisson": { "per_minute": per_minute } } }],
        "providers": each(&|name| json!({ "name": name, "latency_ms": { "uniform": { "min": min, "max": max } } })),
    })
}
