//! Compiles the lessons; what is wrong with them is said by file and line, all at once.

use std::{env, fs, path::Path};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lessons = Path::new("../lessons");
    println!("cargo::rerun-if-changed={}", lessons.display());
    let course = postroom_course::compile(lessons).unwrap_or_else(|mistakes| {
        for mistake in mistakes {
            println!("cargo::error=lessons/{mistake}");
        }
        postroom_course::Course::default()
    });
    let to = Path::new(&env::var("OUT_DIR")?).join("course.json");
    Ok(fs::write(to, serde_json::to_string(&course)?)?)
}
