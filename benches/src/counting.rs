//! An allocator that counts: how many allocations, how many octets live, how many at most.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counted. A reallocation counts as one allocation.
pub(crate) struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

/// The benches run on one thread, so a load and a store do what an atomic addition would, and cost
/// both sides next to nothing.
fn grow(octets: usize) {
    ALLOCATIONS.store(ALLOCATIONS.load(Relaxed).wrapping_add(1), Relaxed);
    let live = LIVE.load(Relaxed).wrapping_add(octets);
    LIVE.store(live, Relaxed);
    if live > PEAK.load(Relaxed) {
        PEAK.store(live, Relaxed);
    }
}

fn shrink(octets: usize) {
    LIVE.store(LIVE.load(Relaxed).wrapping_sub(octets), Relaxed);
}

// A global allocator cannot be written without `unsafe`; each call is passed to `System` as it came.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        unsafe { System.alloc_zeroed(layout) }
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

/// Where the counters stood when it was made.
pub(crate) struct Mark {
    allocations: u64,
    live: usize,
}

impl Mark {
    /// Marks the counters, and lets the peak begin again at what is live now.
    pub(crate) fn now() -> Self {
        let live = LIVE.load(Relaxed);
        PEAK.store(live, Relaxed);
        Mark { allocations: ALLOCATIONS.load(Relaxed), live }
    }

    /// Allocations since the mark.
    pub(crate) fn allocations(&self) -> u64 {
        ALLOCATIONS.load(Relaxed).wrapping_sub(self.allocations)
    }

    /// The most octets that were held since the mark, beyond those held at it.
    pub(crate) fn peak(&self) -> usize {
        PEAK.load(Relaxed).saturating_sub(self.live)
    }

    /// Octets held now beyond those held at the mark.
    pub(crate) fn held(&self) -> usize {
        LIVE.load(Relaxed).saturating_sub(self.live)
    }
}
