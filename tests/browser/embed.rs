//! The sandbox in a frame of another page, which talks to it.

use crate::{session::Session, site};

/// Somebody's page, which keeps what the frame says.
const HOST: &str = "<!doctype html><title>Host</title><link rel='icon' href='icon.svg'>
<iframe src='sandbox.html?embed#template=fan-out' width='800' height='600'></iframe>
<script>
  const frame = document.querySelector('iframe').contentWindow;
  window.heard = [];
  addEventListener('message', ({ source, data }) => source === frame && heard.push(data));
  window.ask = (wish) => frame.postMessage({ postroom: 1, ...wish }, '*');
  window.last = () => heard[heard.length - 1] ?? {};
</script>";

#[test]
fn the_page_around_the_frame_loads_a_scenario_and_goes_through_its_time() {
    let mut files = site::built_page();
    files.insert("host.html".to_owned(), HOST.as_bytes().to_vec());
    let session = Session::open(&format!("{}host.html", site::serve(files)));
    session.wait("the frame is ready", "last().is == 'ready' && last().postroom == 1");

    let wishes = "ask({ do: 'fly' }); frame.postMessage('not for Postroom', '*');";
    session.read(wishes);
    session.wait("what it cannot do is said", "/unknown variant `fly`/.test(last().what)");
    session.read("ask({ do: 'load', scenario: '{' });");
    session.wait("and what is no scenario", "last().is == 'error' && !/fly/.test(last().what)");

    let scenario = include_str!("../../web/src/sandbox/templates/work_queue.json");
    let load = format!("ask({{ do: 'load', scenario: {} }});", serde_json::json!(scenario));
    session.read(&load);
    session.read("ask({ do: 'play' });");
    let asked = "(ask({ do: 'state' }), last())";
    session.wait("it runs", &format!("{asked}.playing && last().at_ms > 1000"));
    session.read("ask({ do: 'seek', at_ms: 500 });");
    session.wait("it is back there", &format!("{asked}.at_ms == 500 && !last().playing"));
    let shown = "return document.querySelector('iframe').contentDocument.body.innerText;";
    let shown = session.read(shown);
    let shown = shown.as_str().expect("a page has words");
    assert!(shown.contains("Work queue") && shown.contains("Open it in the sandbox"), "{shown}");
    assert!(!shown.contains("The scenario as text"), "{shown}");
    session.assert_quiet();
}

#[test]
fn a_link_in_a_frame_is_there_when_the_frame_is_ready() {
    let scenario = include_str!("../../web/src/sandbox/templates/fan_out.json");
    let link = site::scenario_link(&scenario.replace("Fan-out", "From a link"));
    let mut files = site::built_page();
    let host = HOST.replace("template=fan-out", &link);
    files.insert("host.html".to_owned(), host.as_bytes().to_vec());
    files.insert("damaged.html".to_owned(), HOST.replace("template=", "scenario=").into_bytes());
    let url = site::serve(files);
    let session = Session::open(&format!("{url}host.html"));
    session.wait("the frame is ready", "last().is == 'ready'");
    session.read("ask({ do: 'play' });");
    session.wait("a wish is heard at once", "(ask({ do: 'state' }), last()).at_ms > 500");
    let body = "document.querySelector('iframe').contentDocument.body";
    session.wait("it is shown", &format!("{body}.innerText.includes('From a link')"));
    let whole = format!("{body}.querySelector('.whole a')?.href.includes('#scenario=')");
    session.wait("and leads to the whole sandbox", &whole);
    session.follow(&format!("{url}damaged.html"));
    session.wait("what is damaged is said", "heard.some(({ is, what }) => is == 'error' && what)");
    session.wait("and wishes are heard all the same", "last().is == 'ready'");
    session.assert_quiet();
}
