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

    /// Where a machine begins to number what it gives out, if that alone shall tell whose it is.
    pub(crate) fn first_number(self) -> u64 {
        crate::wire::write::length(self.0).wrapping_shl(32)
    }
}

/// Without the number: what is shown of a machine does not depend on how many there were before.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}
