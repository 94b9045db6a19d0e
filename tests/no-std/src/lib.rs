//! A library for a machine with no operating system. If a crate below it used std, then std's panic handler
//! and this one would be two, which the compiler refuses.
#![no_std]

extern crate alloc;

use core::{
    alloc::{GlobalAlloc, Layout},
    panic::PanicInfo,
};

struct NoMemory;

// SAFETY: it hands out nothing.
unsafe impl GlobalAlloc for NoMemory {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        core::ptr::null_mut()
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static MEMORY: NoMemory = NoMemory;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// Keeps the library linked in.
#[unsafe(no_mangle)]
pub extern "C" fn limits() -> usize {
    core::mem::size_of_val(&mailwire::wire::Limits::imap_client())
}
