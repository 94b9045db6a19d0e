//! Union, intersection and difference of sets.
//!
//! `*` is the largest number in use, and counts as larger than every number that is written: what holds of the results holds as long as
//! that is so. `$` stands for numbers that are not known here.

use crate::imap::sequence::{SequenceRange, SequenceSet};
use alloc::vec::Vec;

impl SequenceSet {
    /// The numbers that are in either set, in canonical order; `*` stays `*`. `None`: one of them is `$`.
    ///
    /// ```
    /// use mailwire::imap::SequenceSet;
    ///
    /// let one: SequenceSet = "1:5,10:*".parse().unwrap();
    /// let other = "4:12".parse().unwrap();
    /// assert_eq!(one.union(&other).unwrap().to_string(), "1:*");
    /// assert_eq!(one.union(&SequenceSet::saved()), None);
    /// ```
    #[must_use]
    pub fn union(&self, other: &Self) -> Option<Self> {
        if self.is_saved() || other.is_saved() {
            return None;
        }
        Some(self.ranges().iter().chain(other.ranges()).copied().collect::<Self>().canonical())
    }

    /// The numbers that are in both sets, in canonical order; `*` stays `*`. `None`: one of them is `$`.
    ///
    /// Where one of them holds a number that is the largest in use, and the other `*`, they do not meet: call [`SequenceSet::resolved`] first.
    ///
    /// ```
    /// use mailwire::imap::SequenceSet;
    ///
    /// let other = "4:12,20:*".parse().unwrap();
    /// assert_eq!(SequenceSet::all().intersection(&other), Some(other));
    /// ```
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        if self.is_saved() || other.is_saved() {
            return None;
        }
        let (left, right) = (bounds(self), bounds(other));
        let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
        let mut ranges = Vec::new();
        while let (Some((one, one_end)), Some((two, two_end))) = (left.peek(), right.peek()) {
            let (low, high) = (*one.max(two), *one_end.min(two_end));
            if low <= high {
                ranges.push(SequenceRange::between(low, high));
            }
            if one_end < two_end {
                left.next()
            } else {
                right.next()
            };
        }
        Some(Self::from_intervals(ranges, self.has_largest() || other.has_largest()))
    }

    /// The numbers that are in this set and not in the other, in canonical order; `*` stays `*`. `None`: one of them is `$`, or a range loses
    /// `*` alone, and no set can say where it ends then; call [`SequenceSet::resolved`] first.
    ///
    /// ```
    /// use mailwire::imap::SequenceSet;
    ///
    /// let one: SequenceSet = "1:5,10:*".parse().unwrap();
    /// assert_eq!(one.difference(&"4:12".parse().unwrap()).unwrap().to_string(), "1:3,13:*");
    /// assert_eq!(one.difference(&"*".parse().unwrap()), None);
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<Self> {
        if self.is_saved() || other.is_saved() {
            return None;
        }
        let (kept, removed) = (bounds(self), bounds(other));
        let ends = (kept.last(), removed.last());
        if let (Some((first, u32::MAX)), Some((u32::MAX, _))) = ends
            && *first < u32::MAX
            && other.has_largest()
        {
            return None;
        }
        let mut removed = removed.iter().peekable();
        let mut ranges = Vec::new();
        for (first, last) in kept {
            let mut low = Some(first);
            while let Some(start) = low {
                match removed.peek() {
                    Some((_, end)) if *end < start => {
                        removed.next();
                    }
                    Some((gap, end)) if *gap <= last => {
                        if start < *gap {
                            ranges.push(SequenceRange::between(start, gap.saturating_sub(1)));
                        }
                        low = end.checked_add(1).filter(|next| *next <= last);
                    }
                    _ => {
                        ranges.push(SequenceRange::between(start, last));
                        low = None;
                    }
                }
            }
        }
        Some(Self::from_intervals(ranges, self.has_largest()))
    }
}

/// The bounds of the intervals of a set.
fn bounds(set: &SequenceSet) -> Vec<(u32, u32)> {
    let bounds = |range: SequenceRange| {
        let bounds = range.bounds();
        (*bounds.start(), *bounds.end())
    };
    set.intervals().into_iter().map(bounds).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::noise;
    use alloc::collections::BTreeSet;
    use alloc::string::ToString;
    use arbitrary::Unstructured;
    use core::num::NonZeroU32;

    fn set(text: &str) -> SequenceSet {
        text.parse().unwrap()
    }

    #[test]
    fn known_answers() {
        type Operation = fn(&SequenceSet, &SequenceSet) -> Option<SequenceSet>;
        for (one, operation, other, result) in [
            ("1:5,10:*", SequenceSet::union as Operation, "4:12", "1:*"),
            ("1:3", SequenceSet::union, "*", "1:3,*"),
            ("1:5,10:*", SequenceSet::difference, "4:12", "1:3,13:*"),
            ("1:*", SequenceSet::difference, "5:4294967295", "1:4"),
            ("1:4294967295", SequenceSet::difference, "7", "1:6,8:4294967295"),
            ("*", SequenceSet::difference, "1:5", "*"),
            ("1:*", SequenceSet::intersection, "1:*", "1:*"),
            ("1:*", SequenceSet::intersection, "*", "*"),
            ("1:4294967295", SequenceSet::intersection, "5:*", "5:*"),
            ("1:4294967295", SequenceSet::intersection, "9:4294967295", "9:4294967295"),
        ] {
            assert_eq!(operation(&set(one), &set(other)).unwrap().to_string(), result, "{one} {other}");
        }
        for (one, other) in [("*", "*"), ("*:3", "1:*"), ("*", "7:*")] {
            assert_eq!(set(one).difference(&set(other)), Some(SequenceSet::new()));
        }
        for (one, other) in [("1:*", "*"), ("1:4294967295", "*"), ("4,7:*", "5,*")] {
            assert_eq!(set(one).difference(&set(other)), None);
        }
        for (one, other) in [("$", "1"), ("1", "$"), ("$", "$")] {
            let (one, other) = (set(one), set(other));
            assert_eq!(
                [one.union(&other), one.intersection(&other), one.difference(&other)],
                [None, None, None]
            );
        }
    }

    /// Sets of numbers up to 20 and of `*`, or of numbers alone.
    fn two_sets(seed: u64, largest: bool) -> [SequenceSet; 2] {
        let noise = noise(seed, 200);
        let mut u = Unstructured::new(&noise);
        [0; 2].map(|_| {
            let mut number = || NonZeroU32::new(u.int_in_range(1..=20).unwrap()).unwrap();
            let ranges: Vec<_> = (0..number().get() % 6)
                .map(|_| match (largest, number().get() % 6) {
                    (true, 0) => SequenceRange::largest(),
                    (true, 1) => SequenceRange::from_number(number()),
                    _ => SequenceRange::new(number(), number()),
                })
                .collect();
            ranges.into_iter().collect()
        })
    }

    #[test]
    fn algebra_agrees_with_sets_of_numbers() {
        for seed in 0..2000 {
            let [one, two] = two_sets(seed, false);
            let numbers = |set: &SequenceSet| -> BTreeSet<_> { set.numbers(1000).unwrap().collect() };
            let (left, right) = (numbers(&one), numbers(&two));
            assert_eq!(numbers(&one.canonical()), left);
            assert_eq!(one.count(), left.len() as u64);
            for (result, expected) in [
                (one.union(&two), &left | &right),
                (one.intersection(&two), &left & &right),
                (one.difference(&two), &left - &right),
            ] {
                let result = result.unwrap();
                assert_eq!(result, result.canonical());
                assert_eq!(numbers(&result), expected);
                assert_eq!(expected.into_iter().collect::<SequenceSet>(), result);
            }
        }
    }

    /// Whatever the largest number in use is, if it is larger than those that are written.
    #[test]
    fn algebra_agrees_with_resolved_sets() {
        for seed in 0..4000 {
            let [one, two] = two_sets(seed, true);
            for largest in [21, 22, 1_000, u32::MAX].map(|number| NonZeroU32::new(number).unwrap()) {
                let (left, right) = (one.resolved(largest), two.resolved(largest));
                for (result, expected) in [
                    (one.union(&two), left.union(&right)),
                    (one.intersection(&two), left.intersection(&right)),
                    (one.difference(&two), left.difference(&right)),
                ] {
                    let expected = expected.unwrap();
                    match result {
                        Some(result) => {
                            assert_eq!(result, result.canonical(), "{one} {two}");
                            assert_eq!(result.resolved(largest), expected, "{one} {two} {largest}");
                        }
                        // What is left ends before the largest number.
                        None => assert!(!expected.contains(largest) && left.contains(largest)),
                    }
                }
            }
        }
    }
}
