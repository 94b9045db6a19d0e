//! Resumable search for the end of a line: each octet is looked at once, however it arrives.

use memchr::memchr;

/// Remembers how far a buffer was searched for LF.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LineScanner {
    scanned: usize,
}

impl LineScanner {
    /// Goes on where the last call stopped: the index just behind the next LF.
    ///
    /// The search starts at the front again after [`LineScanner::consumed`] was told what left the buffer.
    #[inline]
    pub(crate) fn line_end(&mut self, input: &[u8]) -> Option<usize> {
        let rest = input.get(self.scanned..)?;
        match memchr(b'\n', rest) {
            Some(index) => {
                self.scanned = self.scanned.saturating_add(index).saturating_add(1);
                Some(self.scanned)
            }
            None => {
                self.scanned = input.len();
                None
            }
        }
    }

    /// Octets were passed over without a search: a literal, whose length is known.
    pub(crate) fn skip(&mut self, octets: usize) {
        self.scanned = self.scanned.saturating_add(octets);
    }

    /// How far the buffer was searched, in octets from its front.
    pub(crate) fn scanned(&self) -> usize {
        self.scanned
    }

    /// That many octets left the front of the buffer.
    pub(crate) fn consumed(&mut self, octets: usize) {
        self.scanned = self.scanned.saturating_sub(octets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_split_finds_the_same_ends() {
        let input = b"a\r\n\nbc\r\n\r\rx\n";
        for cut in 0..=input.len() {
            let mut scanner = LineScanner::default();
            let mut ends = alloc::vec::Vec::new();
            for upto in [cut, input.len()] {
                while let Some(end) = scanner.line_end(&input[..upto]) {
                    ends.push(end);
                }
            }
            assert_eq!(ends, [3, 4, 8, 12], "cut at {cut}");
        }
    }
}
