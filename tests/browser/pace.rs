//! What a busy page costs: 20 messages a second, each to five queues.

use serde_json::{Value, json};

use crate::{session::Session, site};

/// How long is measured, after as long a time to warm up.
const MEASURED_MS: u64 = 5_000;

/// The share of one processor that the page's main thread may take, with drawing done by the
/// processor as well: the reader's clicks and scrolls need the rest.
const MAIN_THREAD_PERCENT_MAX: f64 = 60.0;

#[test]
fn a_busy_page_leaves_the_main_thread_free() {
    let url = site::serve(site::built_page());
    let link = format!("{url}sandbox.html#{}", site::scenario_link(&busy().to_string()));
    let session = Session::open(&link);
    session.wait("all five queues work", "document.querySelectorAll('.provider').length == 5");
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
        "20 messages a second to 5 queues: {} frames in {MEASURED_MS} ms; a frame takes {:.1} ms in the \
         median, {:.1} ms in the 99th percentile; the main thread is busy for {share:.0} %",
        frames.len(),
        at(50),
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

fn busy() -> Value {
    let names = ["billing", "shipping", "statistics", "search", "mail"];
    let each =
        |make: &dyn Fn(&str) -> Value| names.iter().map(|name| make(name)).collect::<Value>();
    let consumer = json!({ "concurrency": 8, "call_timeout_ms": 4_000 });
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
        "producers": [{ "name": "shop", "arrivals": { "poisson": { "per_minute": 1_200 } } }],
        "providers": each(&|name| json!({ "name": name, "latency_ms": { "uniform": { "min": 100, "max": 350 } } })),
    })
}
