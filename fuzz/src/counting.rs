//! An allocator that counts what lives, what lived at most, and how much was asked for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static TOTAL: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counted. A target names it its `#[global_allocator]`.
pub struct Counting;

fn grow(octets: usize) {
    let live = LIVE.fetch_add(octets, Relaxed).wrapping_add(octets);
    PEAK.fetch_max(live, Relaxed);
    TOTAL.fetch_add(octets, Relaxed);
    CALLS.fetch_add(1, Relaxed);
}

fn shrink(octets: usize) {
    LIVE.fetch_sub(octets, Relaxed);
}

// A global allocator cannot be written without `unsafe`; each call is passed to `System` as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        shrink(layout.size());
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        shrink(layout.size());
        grow(size);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// What was allocated since [`Mark::new`].
pub struct Mark {
    live: usize,
    total: usize,
    calls: usize,
}

impl Mark {
    #[allow(clippy::new_without_default, reason = "it is made where the count begins")]
    pub fn new() -> Self {
        let live = LIVE.load(Relaxed);
        PEAK.store(live, Relaxed);
        Self { live, total: TOTAL.load(Relaxed), calls: CALLS.load(Relaxed) }
    }

    /// The octets that lived at most at one time.
    pub fn peak(&self) -> usize {
        PEAK.load(Relaxed).saturating_sub(self.live)
    }

    /// All octets that were asked for.
    pub fn total(&self) -> usize {
        TOTAL.load(Relaxed).saturating_sub(self.total)
    }

    /// How often memory was asked for.
    pub fn calls(&self) -> usize {
        CALLS.load(Relaxed).saturating_sub(self.calls)
    }
}
