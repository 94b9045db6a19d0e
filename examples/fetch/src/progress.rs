//! What a person sees meanwhile.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

pub struct Progress {
    bar: ProgressBar,
    taken: usize,
    messages: usize,
}

impl Progress {
    /// A bar for so many messages of so many octets, on a terminal only.
    pub fn new(quiet: bool, messages: usize, octets: u64) -> Self {
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(octets) };
        let style = ProgressStyle::with_template(
            "{msg} {wide_bar} {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta}",
        );
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        let progress = Self { bar, taken: 0, messages };
        progress.show();
        progress
    }

    fn show(&self) {
        self.bar.set_message(format!("{}/{} messages", self.taken, self.messages));
    }

    pub fn octets(&self, octets: usize) {
        self.bar.inc(u64::try_from(octets).unwrap_or(u64::MAX));
    }

    pub fn message(&mut self) {
        self.taken += 1;
        self.show();
    }

    /// A line above the bar.
    pub fn warn(&self, text: &str) {
        self.bar.suspend(|| eprintln!("fetch: {text}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
