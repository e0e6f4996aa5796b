//! The pages without a network, after one visit.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::{session::Session, site};

#[test]
fn after_one_visit_the_pages_open_without_a_network() {
    let network = Arc::new(AtomicBool::new(true));
    let url = site::serve_while(site::built_page(), Arc::clone(&network));
    let session = Session::open(&url);
    session.wait("all files are kept", "navigator.serviceWorker.controller");

    network.store(false, Ordering::SeqCst);
    for page in ["sandbox.html", "", "index.html"] {
        session.follow("about:blank");
        session.follow(&format!("{url}{page}"));
        session.wait("the system is drawn", "document.querySelector('.stage-parts [role=button]')");
    }
    session.assert_quiet();
}
