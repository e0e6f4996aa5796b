//! Starts the sandbox.

fn main() {
    postroom_web::sandbox::start();
}
