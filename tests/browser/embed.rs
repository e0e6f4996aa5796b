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
