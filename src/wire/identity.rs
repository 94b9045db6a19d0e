//! Which machine a token belongs to.

use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// Another one for each machine, so that a program that mixes up its connections is told so.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity(usize);

impl Identity {
    pub(crate) fn another() -> Self {
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Without the number: what is shown of a machine does not depend on how many there were before.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}
