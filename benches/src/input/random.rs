//! xorshift64*: enough chance for inputs, the same on every machine.

pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    /// Below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// From `first` to `last`, both included.
    pub(super) fn within(&mut self, first: usize, last: usize) -> usize {
        first + self.below(last - first + 1)
    }

    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Some words, about `length` octets of them.
    pub(super) fn words(&mut self, length: usize) -> String {
        const WORDS: &[&str] = &[
            "invoice",
            "meeting",
            "the",
            "of",
            "report",
            "quarterly",
            "Re:",
            "release",
            "patch",
            "for",
            "list",
            "and",
            "update",
            "travel",
            "agenda",
            "minutes",
            "urgent",
            "build",
            "failed",
            "weekly",
            "photos",
            "from",
            "notes",
        ];
        let mut words = String::with_capacity(length + 10);
        while words.len() < length {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(self.pick(WORDS));
        }
        words
    }

    /// Hexadecimal digits.
    pub(super) fn hex(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| {
                self.pick(&['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'])
            })
            .collect()
    }
}
