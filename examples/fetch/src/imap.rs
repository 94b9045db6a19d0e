//! The conversation over IMAP.

use crate::Summary;
use crate::failure::Failure;
use crate::options::Options;

pub fn run(_: &mut Options) -> Result<Summary, Failure> {
    Err(Failure::usage("IMAP is not there yet"))
}
