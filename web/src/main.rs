//! Starts the page.

fn main() {
    postroom_web::start();
}
