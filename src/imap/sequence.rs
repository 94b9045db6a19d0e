//! Sets of sequence numbers or UIDs, as intervals.
//!
//! ```abnf
//! ; RFC 9051 section 9
//! sequence-set    = (seq-number / seq-range) ["," sequence-set] / seq-last-command
//! seq-range       = seq-number ":" seq-number     ; 2:4 and 4:2 are equal
//! seq-number      = nz-number / "*"
//! seq-last-command = "$"                          ; RFC 5182
//! uid-set         = (uniqueid / uid-range) *("," uid-set)
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{ErrorKind, InvalidValue, Limits, decimal};
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;
use core::ops::{RangeFrom, RangeInclusive};
use core::str::FromStr;

/// How `*` stands in a range. No message has the number zero.
const LARGEST: u32 = 0;

/// A number, or all numbers between two, as it was written: `4:2` has the same numbers as `2:4`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SequenceRange {
    first: u32,
    last: u32,
}

impl SequenceRange {
    /// The numbers between two, both of them in it.
    pub const fn new(first: NonZeroU32, last: NonZeroU32) -> Self {
        Self { first: first.get(), last: last.get() }
    }

    /// `*`: the largest number in use.
    pub const fn largest() -> Self {
        Self { first: LARGEST, last: LARGEST }
    }

    /// `first:*`.
    pub const fn from_number(first: NonZeroU32) -> Self {
        Self { first: first.get(), last: LARGEST }
    }

    /// The number that stands first; `None` is `*`.
    pub const fn first(self) -> Option<NonZeroU32> {
        NonZeroU32::new(self.first)
    }

    /// The number that stands last; `None` is `*`.
    pub const fn last(self) -> Option<NonZeroU32> {
        NonZeroU32::new(self.last)
    }

    /// Whether `*` stands in it.
    pub const fn has_largest(self) -> bool {
        self.first == LARGEST || self.last == LARGEST
    }

    /// The smallest and the largest number of the range; `*` counts as 4,294,967,295.
    pub fn bounds(self) -> RangeInclusive<u32> {
        let number = |number| if number == LARGEST { u32::MAX } else { number };
        let (first, last) = (number(self.first), number(self.last));
        first.min(last)..=first.max(last)
    }

    /// How many numbers are in it; `*` counts as 4,294,967,295.
    pub fn count(self) -> u64 {
        let bounds = self.bounds();
        u64::from(bounds.end().wrapping_sub(*bounds.start())).saturating_add(1)
    }

    pub(crate) fn between(low: u32, high: u32) -> Self {
        Self { first: low, last: high }
    }
}

impl From<NonZeroU32> for SequenceRange {
    fn from(number: NonZeroU32) -> Self {
        Self::new(number, number)
    }
}

impl From<RangeInclusive<NonZeroU32>> for SequenceRange {
    fn from(range: RangeInclusive<NonZeroU32>) -> Self {
        Self::new(*range.start(), *range.end())
    }
}

impl From<RangeFrom<NonZeroU32>> for SequenceRange {
    fn from(range: RangeFrom<NonZeroU32>) -> Self {
        Self::from_number(range.start)
    }
}

impl fmt::Display for SequenceRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |f: &mut fmt::Formatter<'_>, number| match number {
            LARGEST => f.write_str("*"),
            number => write!(f, "{number}"),
        };
        number(f, self.first)?;
        if self.last != self.first {
            f.write_str(":")?;
            number(f, self.last)?;
        }
        Ok(())
    }
}

impl fmt::Debug for SequenceRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A set of sequence numbers or UIDs: intervals in the order in which they were written.
///
/// `1:4294967295` takes as much memory as `1`, and one range takes none beside the value. What is done to sets takes time by their ranges, never by their numbers.
/// Where a set's numbers are asked for one by one, the caller says how many it is ready for.
///
/// Methods that need numbers take `*` as 4,294,967,295; [`SequenceSet::resolved`] puts the largest number in use in its place. `$` has no numbers
/// for them: whoever keeps the result that it names puts that in its place.
///
/// ```
/// use mailwire::imap::SequenceSet;
///
/// let set: SequenceSet = "1,3:5,4:7".parse().unwrap();
/// assert_eq!(set.count(), 6);
/// assert_eq!(set.canonical().to_string(), "1,3:7");
/// let other: SequenceSet = "5:9".parse().unwrap();
/// assert_eq!(set.difference(&other).unwrap().to_string(), "1,3:4");
/// assert_eq!(SequenceSet::all().numbers(1_000).map(Iterator::count), None);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SequenceSet(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    One(SequenceRange),
    /// None or several.
    Many(Vec<SequenceRange>),
    /// `$`
    Saved,
}

const _: () = assert!(size_of::<SequenceSet>() <= 24);

impl Default for SequenceSet {
    fn default() -> Self {
        Self::new()
    }
}

/// What may stand in a set beside numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allowed {
    Numbers,
    Largest,
    LargestAndSaved,
}

impl SequenceSet {
    /// The empty set, which cannot be written.
    pub const fn new() -> Self {
        Self(Repr::Many(Vec::new()))
    }

    /// `1:*`.
    pub const fn all() -> Self {
        Self(Repr::One(SequenceRange::from_number(NonZeroU32::MIN)))
    }

    /// `$`: what the last SEARCH saved (RFC 5182). It has no numbers that this side knows.
    pub const fn saved() -> Self {
        Self(Repr::Saved)
    }

    /// Whether this is `$`.
    pub const fn is_saved(&self) -> bool {
        matches!(self.0, Repr::Saved)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.ranges().is_empty() && !self.is_saved()
    }

    /// The ranges as they were written.
    pub fn ranges(&self) -> &[SequenceRange] {
        match &self.0 {
            Repr::One(range) => core::slice::from_ref(range),
            Repr::Many(ranges) => ranges,
            Repr::Saved => &[],
        }
    }

    /// Whether `*` stands in it.
    pub fn has_largest(&self) -> bool {
        self.ranges().iter().any(|range| range.has_largest())
    }

    /// Adds a range at the end. A set that was `$` is no longer.
    pub fn push(&mut self, range: impl Into<SequenceRange>) {
        let range = range.into();
        match &mut self.0 {
            Repr::Many(ranges) if ranges.is_empty() => self.0 = Repr::One(range),
            Repr::Many(ranges) => ranges.push(range),
            Repr::One(first) => self.0 = Repr::Many(alloc::vec![*first, range]),
            Repr::Saved => self.0 = Repr::One(range),
        }
    }

    fn from_ranges(ranges: Vec<SequenceRange>) -> Self {
        match ranges.as_slice() {
            [range] => Self(Repr::One(*range)),
            _ => Self(Repr::Many(ranges)),
        }
    }

    /// The set with the largest number in use in the place of `*`, in canonical order.
    #[must_use]
    pub fn resolved(&self, largest: NonZeroU32) -> Self {
        let number = |number| if number == LARGEST { largest.get() } else { number };
        let ranges = self.ranges().iter();
        let resolved =
            ranges.map(|range| SequenceRange { first: number(range.first), last: number(range.last) });
        Self::from_ranges(resolved.collect()).canonical()
    }

    /// The same numbers in ascending order, each once, in as few ranges as there can be.
    #[must_use]
    pub fn canonical(&self) -> Self {
        if self.is_saved() {
            return self.clone();
        }
        Self::from_intervals(self.intervals(), self.has_largest())
    }

    /// A set of intervals, whose end is `*` where that was meant.
    pub(crate) fn from_intervals(mut ranges: Vec<SequenceRange>, largest: bool) -> Self {
        if let Some(last) = ranges.last_mut().filter(|last| largest && last.last == u32::MAX) {
            last.first = if last.first == u32::MAX { LARGEST } else { last.first };
            last.last = LARGEST;
        }
        Self::from_ranges(ranges)
    }

    /// Disjoint intervals in ascending order, not one adjacent to another.
    pub(crate) fn intervals(&self) -> Vec<SequenceRange> {
        let mut ranges: Vec<_> = self
            .ranges()
            .iter()
            .map(|range| {
                let bounds = range.bounds();
                SequenceRange::between(*bounds.start(), *bounds.end())
            })
            .collect();
        if !ranges.is_sorted_by_key(|range| range.first) {
            ranges.sort_unstable_by_key(|range| range.first);
        }
        ranges.dedup_by(|next, range| {
            let joins = next.first <= range.last.saturating_add(1);
            if joins {
                range.last = range.last.max(next.last);
            }
            joins
        });
        ranges
    }

    /// Whether the number is in the set.
    pub fn contains(&self, number: NonZeroU32) -> bool {
        self.ranges().iter().any(|range| range.bounds().contains(&number.get()))
    }

    /// How many different numbers there are.
    pub fn count(&self) -> u64 {
        match &self.0 {
            Repr::One(range) => range.count(),
            _ => self.intervals().into_iter().map(SequenceRange::count).fold(0, u64::saturating_add),
        }
    }

    /// How many numbers there are if those that are written twice count twice.
    pub fn count_as_written(&self) -> u64 {
        self.ranges().iter().map(|range| range.count()).fold(0, u64::saturating_add)
    }

    /// The numbers one by one as they are written, each range in ascending order; nothing where they are more than `at_most`.
    pub fn numbers(&self, at_most: u64) -> Option<impl Iterator<Item = NonZeroU32> + '_> {
        let numbers = self.ranges().iter().flat_map(|range| range.bounds()).filter_map(NonZeroU32::new);
        (self.count_as_written() <= at_most && !self.is_saved()).then_some(numbers)
    }

    /// Pairs the numbers of two sets in the order in which they are written, range by range: both ranges of a pair have the same length.
    /// Ends where the shorter set does.
    pub fn pairs<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = (RangeInclusive<u32>, RangeInclusive<u32>)> + 'a {
        let mut left = self.ranges().iter().map(|range| range.bounds());
        let mut right = other.ranges().iter().map(|range| range.bounds());
        let (mut one, mut two) = (left.next(), right.next());
        core::iter::from_fn(move || {
            let (from, to) = (one.take()?, two.take()?);
            let length = |range: &RangeInclusive<u32>| range.end().wrapping_sub(*range.start());
            let more = length(&from).min(length(&to));
            let split = |range: RangeInclusive<u32>| {
                let end = range.start().saturating_add(more);
                let rest = end.checked_add(1).filter(|next| next <= range.end());
                (*range.start()..=end, rest.map(|next| next..=*range.end()))
            };
            let (from, from_rest) = split(from);
            let (to, to_rest) = split(to);
            one = from_rest.or_else(|| left.next());
            two = to_rest.or_else(|| right.next());
            Some((from, to))
        })
    }

    /// `sequence-set`, with `$`.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Self::read(cursor, Allowed::LargestAndSaved)
    }

    /// `sequence-set` without `$`, where there is no result to refer to.
    pub(crate) fn parse_explicit(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Self::read(cursor, Allowed::Largest)
    }

    /// `uid-set`, `known-uids` and whatever else only has numbers.
    pub(crate) fn parse_numbers(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Self::read(cursor, Allowed::Numbers)
    }

    fn read(cursor: &mut Cursor<'_>, allowed: Allowed) -> Parsed<Self> {
        if allowed == Allowed::LargestAndSaved && cursor.eat(b'$') {
            return Ok(Self::saved());
        }
        let octets = cursor.rest();
        let at = |rest: &[u8]| cursor.position().saturating_add(octets.len().saturating_sub(rest.len()));
        let largest = allowed != Allowed::Numbers;
        let mut rest = octets;
        let mut first = None;
        let mut ranges = Vec::new();
        loop {
            let Some((range, after)) = read_range(rest, largest) else {
                // The first number of a range that has one is not what is wrong.
                let wrong = match read_number(rest, largest) {
                    Some((_, [b':', last @ ..])) => last,
                    _ => rest,
                };
                let at = at(wrong);
                return cursor.syntax_at(at, "a number from 1 to 4294967295");
            };
            match first {
                None => first = Some(range),
                Some(first) => {
                    if ranges.is_empty() {
                        ranges.push(first);
                    }
                    if ranges.len() >= cursor.limits().ranges {
                        let at = at(rest);
                        return cursor.fail(ErrorKind::TooMany, at, "fewer ranges");
                    }
                    ranges.push(range);
                }
            }
            match after {
                [b',', after @ ..] => rest = after,
                after => {
                    rest = after;
                    break;
                }
            }
        }
        let end = at(rest);
        cursor.charge(ranges.len().saturating_mul(size_of::<SequenceRange>()))?;
        cursor.set_position(end);
        Ok(match first {
            Some(range) if ranges.is_empty() => Self(Repr::One(range)),
            _ => Self(Repr::Many(ranges)),
        })
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.is_saved() {
            encoder.raw(b"$");
            return Ok(());
        }
        if self.is_empty() {
            return Err(InvalidValue { offset: 0, expected: "at least one number" });
        }
        for (index, range) in self.ranges().iter().enumerate() {
            if index > 0 {
                encoder.raw(b",");
            }
            encode_number(encoder, range.first);
            if range.last != range.first {
                encoder.raw(b":");
                encode_number(encoder, range.last);
            }
        }
        Ok(())
    }
}

fn encode_number(encoder: &mut Encoder<'_>, number: u32) {
    if number == LARGEST { encoder.raw(b"*") } else { encoder.number(number) }
}

#[inline]
fn read_range(octets: &[u8], largest: bool) -> Option<(SequenceRange, &[u8])> {
    let (first, rest) = read_number(octets, largest)?;
    match rest {
        [b':', rest @ ..] => {
            let (last, rest) = read_number(rest, largest)?;
            Some((SequenceRange { first, last }, rest))
        }
        rest => Some((SequenceRange { first, last: first }, rest)),
    }
}

/// A number from 1, or 0 for `*`.
#[inline]
fn read_number(octets: &[u8], largest: bool) -> Option<(u32, &[u8])> {
    if octets.first() == Some(&b'0') {
        return None;
    }
    if let Some((number, rest)) = decimal::short_number(octets) {
        return u32::try_from(number).ok().map(|number| (number, rest));
    }
    if let [b'*', rest @ ..] = octets {
        return largest.then_some((LARGEST, rest));
    }
    let mut rest = octets;
    let mut number = 0u64;
    while let [octet @ b'0'..=b'9', after @ ..] = rest {
        number = number.wrapping_mul(10).wrapping_add(u64::from(octet.wrapping_sub(b'0')));
        if number > u64::from(u32::MAX) {
            return None;
        }
        rest = after;
    }
    u32::try_from(number).ok().filter(|number| *number != 0).map(|number| (number, rest))
}

impl<T: Into<SequenceRange>> From<T> for SequenceSet {
    fn from(range: T) -> Self {
        Self(Repr::One(range.into()))
    }
}

impl FromIterator<SequenceRange> for SequenceSet {
    fn from_iter<I: IntoIterator<Item = SequenceRange>>(ranges: I) -> Self {
        Self::from_ranges(ranges.into_iter().collect())
    }
}

impl FromIterator<NonZeroU32> for SequenceSet {
    /// Numbers that follow one another become one range.
    fn from_iter<I: IntoIterator<Item = NonZeroU32>>(numbers: I) -> Self {
        let mut set = Self::new();
        let mut current: Option<SequenceRange> = None;
        for number in numbers {
            match &mut current {
                Some(range) if range.last.checked_add(1) == Some(number.get()) => range.last = number.get(),
                current => {
                    if let Some(range) = current.replace(number.into()) {
                        set.push(range);
                    }
                }
            }
        }
        if let Some(range) = current {
            set.push(range);
        }
        set
    }
}

impl FromStr for SequenceSet {
    type Err = InvalidValue;

    /// Reads a set as it is written on the wire, `*` and `$` among it.
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let mut limits = Limits::imap_client();
        (limits.ranges, limits.memory) = (usize::MAX, usize::MAX);
        let mut cursor = Cursor::borrowed(text.as_bytes(), &limits, 0);
        let invalid = |offset| InvalidValue { offset, expected: "a sequence set" };
        match Self::parse(&mut cursor) {
            Ok(set) if cursor.is_at_end() => Ok(set),
            Ok(_) => Err(invalid(cursor.position())),
            Err(fail) => Err(invalid(crate::wire::write::index(cursor.error(fail).offset()))),
        }
    }
}

impl TryFrom<&str> for SequenceSet {
    type Error = InvalidValue;
    fn try_from(text: &str) -> Result<Self, InvalidValue> {
        text.parse()
    }
}

impl fmt::Display for SequenceSet {
    /// As it is written on the wire.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_saved() {
            return f.write_str("$");
        }
        for (index, range) in self.ranges().iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            write!(f, "{range}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for SequenceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for SequenceSet {
    /// As it is written on the wire; the empty set is an empty string.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for SequenceSet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::string::String::deserialize(deserializer)?;
        if text.is_empty() { Ok(Self::new()) } else { text.parse().map_err(serde::de::Error::custom) }
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for SequenceRange {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut number = || if u.arbitrary()? { u.int_in_range(0..=20) } else { u.arbitrary() };
        let first = number()?;
        Ok(Self { first, last: number()? })
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for SequenceSet {
    /// A set that can be written: not the empty one.
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        if u.ratio(1, 10)? {
            return Ok(Self::saved());
        }
        (0..u.int_in_range(1..=6u8)?).map(|_| u.arbitrary::<SequenceRange>()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict};
    use alloc::string::{String, ToString};

    fn set(text: &str) -> SequenceSet {
        text.parse().unwrap()
    }

    fn number(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).unwrap()
    }

    #[test]
    fn round_trips() {
        round_trip(SequenceSet::parse, SequenceSet::encode);
    }

    #[test]
    fn known_answers() {
        for text in
            ["1", "*", "1:*", "*:1", "4:2", "1,2:8,10,15:30", "1:2,2:3", "4294967295", "4294967295:1", "$"]
        {
            assert_eq!(set(text).to_string(), text);
        }
        for text in [
            "",
            "0",
            "01",
            "0:1",
            "1:0",
            "1:02",
            "1,,2",
            ",1",
            "1,",
            "1:2:3",
            "1:",
            ":",
            ":2",
            "4294967296",
            "1*",
            "$,1",
            "-1",
            "1 ",
            "**",
        ] {
            assert!(text.parse::<SequenceSet>().is_err(), "{text}");
        }
        for (text, offset) in [
            ("x", 0),
            ("1,x", 2),
            ("1:x", 2),
            ("1:", 2),
            ("12,34:0", 6),
            ("1:*,x:1", 4),
            (":2", 0),
            ("1:2:3", 3),
        ] {
            assert_eq!(text.parse::<SequenceSet>().unwrap_err().offset, offset, "{text}");
        }
        for octets in [&b"*"[..], b"1:*", b"$"] {
            assert!(strict(octets, SequenceSet::parse_numbers).is_none());
        }
        assert!(strict(b"*", SequenceSet::parse_explicit).is_some());
        assert!(strict(b"$", SequenceSet::parse_explicit).is_none());
    }

    #[test]
    fn numbers_of_any_length_behind_and_before_anything() {
        for digits in 1..=10u32 {
            for number in [10u64.pow(digits - 1), 10u64.pow(digits) - 1, 10u64.pow(digits) / 3] {
                for after in
                    ["", ",1", ":1,2222222", ")", ")zzzzzzzz", "\u{ff}\u{ff}\u{ff}\u{ff}", " 12345678"]
                {
                    let text = alloc::format!("{number}{after}");
                    let expected = u32::try_from(number).ok().map(|number| (number, after.as_bytes()));
                    assert_eq!(read_number(text.as_bytes(), true), expected, "{text}");
                }
            }
        }
    }

    #[test]
    fn canonical_order() {
        for (text, canonical) in [
            ("1,3,2,5,4", "1:5"),
            ("1,2,4,5", "1:2,4:5"),
            ("7:*,3:5,1", "1,3:5,7:*"),
            ("*,4294967294", "4294967294:*"),
            ("*", "*"),
            ("5:2,*:1", "1:*"),
            ("4294967295,1", "1,4294967295"),
        ] {
            assert_eq!(set(text).canonical().to_string(), canonical);
        }
        assert_eq!(set("4:*").resolved(number(9)).to_string(), "4:9");
        assert_eq!(set("4:*").resolved(number(2)).to_string(), "2:4");
    }

    #[test]
    fn sets_are_never_expanded() {
        let all = set("1:4294967295");
        assert_eq!(all.count(), u64::from(u32::MAX));
        assert_eq!(all.numbers(1_000_000).map(Iterator::count), None);
        assert_eq!(set("7,1:3").numbers(4).unwrap().map(NonZeroU32::get).collect::<Vec<_>>(), [7, 1, 2, 3]);
        assert!(all.contains(number(77)) && set("9:*").contains(number(u32::MAX)));
        let pairs: Vec<_> = all.pairs(&all).collect();
        assert_eq!(pairs, [(1..=u32::MAX, 1..=u32::MAX)]);
        let pairs: Vec<_> = set("1:3,9").pairs(&set("20,30:31,5:7")).collect();
        assert_eq!(pairs, [(1..=1, 20..=20), (2..=3, 30..=31), (9..=9, 5..=5)]);
        let numbers: SequenceSet = [1, 2, 3, 7, 9, 10].map(number).into_iter().collect();
        assert_eq!(numbers.to_string(), "1:3,7,9:10");
    }

    #[test]
    fn limits_are_inclusive() {
        let mut limits = Limits::imap_client();
        limits.ranges = 3;
        assert!(SequenceSet::parse(&mut Cursor::borrowed(b"1,2,3", &limits, 0)).is_ok());
        assert!(SequenceSet::parse(&mut Cursor::borrowed(b"1,2,3,4", &limits, 0)).is_err());
        (limits.ranges, limits.memory) = (100, 24);
        assert!(SequenceSet::parse(&mut Cursor::borrowed(b"1,2,3", &limits, 0)).is_ok());
        assert!(SequenceSet::parse(&mut Cursor::borrowed(b"1,2,3,4", &limits, 0)).is_err());
    }

    #[test]
    fn many_ranges_in_little_time() {
        let text: String = (0..50_000u32).rev().map(|n| (n * 3 + 1).to_string() + ",").collect();
        let octets = text.trim_end_matches(',').as_bytes();
        let set = strict(octets, SequenceSet::parse_numbers).unwrap();
        assert_eq!(set.count(), 50_000);
        assert_eq!(set.difference(&set.clone()), Some(SequenceSet::new()));
        assert_eq!(set.union(&set), Some(set.canonical()));
    }
}
