//! What a busy page costs: many messages, each to five queues.

use serde_json::{Value, json};

use crate::{session::Session, site};

/// How long is measured, after as long a time to warm up.
const MEASURED_MS: u64 = 5_000;

#[test]
fn a_busy_page_leaves_the_main_thread_free() {
    let call = Call { millis: [100, 350], concurrency: 8 };
    measure("20 messages a second to 5 queues", 0, &busy(&NAMES, 1_200, &call));
}

#[test]
fn a_thousand_messages_at_work_leave_the_main_thread_free() {
    let call = Call { millis: [9_000, 11_000], concurrency: 400 };
    measure("1,000 messages at work", 12_000, &busy(&NAMES, 1_200, &call));
}

#[test]
fn ten_thousand_messages_at_work_leave_the_main_thread_free() {
    let call = Call { millis: [9_000, 11_000], concurrency: 4_000 };
    measure("10,000 messages at work", 12_000, &busy(&NAMES, 12_000, &call));
}

/// Tenths of seconds in ten minutes.
const PLACES: [u64; 10] = [5_990, 3_000, 10, 4_500, 1_500, 5_500, 600, 2_400, 5_000, 5_999];

#[test]
fn a_seek_in_ten_minutes_leads_to_what_was_there() {
    let call = Call { millis: [100, 350], concurrency: 100 };
    seek("to a queue", &busy(&NAMES[..1], 6_000, &call));
}

#[test]
fn a_seek_in_ten_minutes_of_five_queues_leads_to_what_was_there() {
    let call = Call { millis: [100, 350], concurrency: 100 };
    seek("to 5 queues", &busy(&NAMES, 6_000, &call));
}

/// Ten minutes at 100 messages a second, and twice to ten places in them: the second time, all that
/// happened until then is the same.
fn seek(what: &str, scenario: &Value) {
    let session = open(scenario);
    let time = "document.querySelector('[aria-label=\"Time of the run\"]')";
    session.read(
        "const speed = document.querySelector('.speed select'); speed.value = speed.options.length - 1;
         speed.dispatchEvent(new Event('change', { bubbles: true }));",
    );
    session.wait("ten minutes are over", &format!("{time}.max >= 6000"));
    session.click("#play");
    session.read(
        "window.tasks = []; new PerformanceObserver(list =>
           tasks.push(...list.getEntries().map(task => task.duration))).observe({ type: 'longtask' });",
    );
    let mut visits = [PLACES, PLACES].concat().into_iter().map(|tenths| {
        session.read(&format!(
            "const time = {time}; time.value = {tenths};
             time.dispatchEvent(new Event('input', {{ bubbles: true }}));"
        ));
        let clock = format!("{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10);
        let said = "document.querySelector('.fingerprint p').textContent";
        session.wait("it is there", &format!("{said}.endsWith(', at {clock}.')"));
        session.read("window.idle = false; requestIdleCallback(() => window.idle = true);");
        session.wait("and all is drawn", "window.idle");
        // The counters say what the page has folded, the fingerprint what has happened.
        session.read(&format!(
            "return {said} + [...document.querySelectorAll('.stage-parts text')].map(it => it.textContent)"
        ))
    });
    let first: Vec<_> = visits.by_ref().take(PLACES.len()).collect();
    assert_eq!(visits.collect::<Vec<_>>(), first);

    let mut tasks: Vec<f64> =
        serde_json::from_value(session.read("return window.tasks;")).expect("a list of numbers");
    tasks.sort_by(f64::total_cmp);
    println!(
        "twenty seeks in ten minutes at 100 messages a second {what}: tasks over 50 ms took {tasks:.0?}"
    );
    session.assert_quiet();
}

/// How long a call takes, and how many there are at once.
struct Call {
    millis: [u64; 2],
    concurrency: u32,
}

/// Shows the scenario until it has run for `from_ms`, and then measures.
fn measure(what: &str, from_ms: u64, scenario: &Value) {
    let session = open(scenario);
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
    session.assert_quiet();
}

fn open(scenario: &Value) -> Session {
    let url = site::serve(site::built_page());
    let link = format!("{url}sandbox.html#{}", site::scenario_link(&scenario.to_string()));
    let session = Session::open(&link);
    let queues = scenario["providers"].as_array().map_or(0, Vec::len);
    let all = format!("document.querySelectorAll('.provider').length == {queues}");
    session.wait("all queues work", &all);
    session
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

/// What the queues are called.
const NAMES: [&str; 5] = ["billing", "shipping", "statistics", "search", "mail"];

fn busy(names: &[&str], per_minute: u32, call: &Call) -> Value {
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
