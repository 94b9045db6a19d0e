//! stub
/// stub
#[derive(Debug)]
pub struct FetchWriter;
