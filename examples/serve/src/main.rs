#[path = "../../embedded/mod.rs"]
mod embedded;
mod maildir;
fn main() {}
