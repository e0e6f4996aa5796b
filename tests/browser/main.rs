//! The page in a real browser, from a static file server.

mod broken;
mod building;
mod compare;
mod driver;
mod embed;
mod events;
mod faults;
mod hand;
mod lessons;
mod offline;
mod pace;
mod sandbox;
mod seeds;
mod session;
mod site;
mod story;
mod whole_story;
