#[path = "../../embedded/mod.rs"]
mod embedded;
fn main() {}
