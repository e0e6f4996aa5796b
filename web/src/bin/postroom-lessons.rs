//! Starts the lessons.

fn main() {
    postroom_web::lessons::start();
}
