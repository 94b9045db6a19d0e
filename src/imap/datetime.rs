//! Dates and times.
//!
//! ```abnf
//! ; RFC 3501 section 9
//! date            = date-text / DQUOTE date-text DQUOTE
//! date-text       = date-day "-" date-month "-" date-year
//! date-day        = 1*2DIGIT
//! date-month      = "Jan" / "Feb" / "Mar" / "Apr" / "May" / "Jun" / "Jul" / "Aug" / "Sep" / "Oct" / "Nov" / "Dec"
//! date-time       = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
//! date-day-fixed  = (SP DIGIT) / 2DIGIT
//! date-year       = 4DIGIT
//! time            = 2DIGIT ":" 2DIGIT ":" 2DIGIT
//! zone            = ("+" / "-") 4DIGIT
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::quirk::Quirk;
use crate::wire::InvalidValue;
use crate::wire::cursor::{Cursor, Parsed};
use core::fmt;
use core::str::FromStr;

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
const SECONDS_A_DAY: i64 = 86_400;

/// A day of the Gregorian calendar, from the year 1 to 9999, as SEARCH has it.
///
/// ```
/// use mailwire::imap::Date;
///
/// assert_eq!(Date::new(2026, 2, 28).unwrap().to_string(), "28-Feb-2026");
/// assert_eq!("28-Feb-2026".parse(), Date::new(2026, 2, 28));
/// assert!(Date::new(2026, 2, 29).is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A day: year 1 to 9999, month 1 to 12, day from 1 to what the month has.
    ///
    /// # Errors
    /// Where there is no such day.
    pub const fn new(year: u16, month: u8, day: u8) -> Result<Self, InvalidValue> {
        if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_of(year, month) {
            return Err(InvalidValue { offset: 0, expected: "a day of the calendar from year 1 to 9999" });
        }
        Ok(Self { year, month, day })
    }

    /// The year, 1 to 9999.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// Days since 1 January 1970.
    fn days(self) -> i64 {
        // Years that start in March, so that the day that leap years add is the last one.
        let before_march = i64::from(self.month <= 2);
        let year = i64::from(self.year).saturating_sub(before_march);
        let month = (i64::from(self.month).wrapping_add(9)) % 12;
        let day_of_year =
            (month.wrapping_mul(153).wrapping_add(2) / 5).wrapping_add(i64::from(self.day)).wrapping_sub(1);
        year.wrapping_mul(365)
            .wrapping_add(year / 4)
            .wrapping_sub(year / 100)
            .wrapping_add(year / 400)
            .wrapping_add(day_of_year)
            .wrapping_sub(719_468)
    }

    fn from_days(days: i64) -> Option<Self> {
        // 1 January of year 1 to 31 December of year 9999.
        if !(-719_162..=2_932_896).contains(&days) {
            return None;
        }
        let days = days.wrapping_add(719_468);
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era = day_of_era
            .wrapping_sub(day_of_era / 1460)
            .wrapping_add(day_of_era / 36_524)
            .wrapping_sub(day_of_era / 146_096)
            / 365;
        let day_of_year = day_of_era.wrapping_sub(
            year_of_era.wrapping_mul(365).wrapping_add(year_of_era / 4).wrapping_sub(year_of_era / 100),
        );
        let month = day_of_year.wrapping_mul(5).wrapping_add(2) / 153;
        let day = day_of_year.wrapping_sub(month.wrapping_mul(153).wrapping_add(2) / 5).wrapping_add(1);
        let month = if month < 10 { month.wrapping_add(3) } else { month.wrapping_sub(9) };
        let year = era.wrapping_mul(400).wrapping_add(year_of_era).wrapping_add(i64::from(month <= 2));
        Self::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
    }

    /// `date`.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let quoted = cursor.eat(b'"');
        let start = cursor.position();
        let Some((date, rest)) = read_date(cursor.rest(), &[1, 2], false) else {
            return cursor.syntax_at(start, "a date");
        };
        cursor.advance(cursor.rest().len().saturating_sub(rest.len()));
        if quoted {
            cursor.expect(b'"', "the closing quote")?;
        }
        Ok(date)
    }

    pub(crate) fn encode(self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.number(self.day);
        self.encode_month_and_year(encoder);
        Ok(())
    }

    fn month_name(self) -> &'static [u8] {
        MONTHS.get(usize::from(self.month).saturating_sub(1)).copied().map_or(&[], |name| name)
    }

    fn encode_month_and_year(self, encoder: &mut Encoder<'_>) {
        encoder.raw(b"-");
        encoder.raw(self.month_name());
        encoder.raw(b"-");
        let [high, low] = [self.year / 100, self.year % 100];
        encoder.raw(&two_digits(high));
        encoder.raw(&two_digits(low));
    }
}

const fn days_of(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn two_digits(number: u16) -> [u8; 2] {
    let digit = |digit: u16| b'0'.wrapping_add(u8::try_from(digit % 10).unwrap_or_default());
    [digit(number / 10), digit(number)]
}

/// That many digits, as a number.
fn read_digits(octets: &[u8], count: usize) -> Option<(u16, &[u8])> {
    let (digits, rest) = octets.split_at_checked(count)?;
    let mut number = 0u16;
    for octet in digits {
        if !octet.is_ascii_digit() {
            return None;
        }
        number = number.wrapping_mul(10).wrapping_add(u16::from(octet.wrapping_sub(b'0')));
    }
    Some((number, rest))
}

/// A date whose day has one of these counts of digits, the longest first, or a space in the place of the first.
fn read_date<'a>(octets: &'a [u8], day_digits: &[usize], space: bool) -> Option<(Date, &'a [u8])> {
    let (day, rest) = match octets {
        [b' ', rest @ ..] if space => read_digits(rest, 1)?,
        _ => day_digits
            .iter()
            .rev()
            .find_map(|count| read_digits(octets, *count).filter(|(_, rest)| rest.first() == Some(&b'-')))?,
    };
    let (month, rest) = rest.strip_prefix(b"-")?.split_at_checked(3)?;
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))?.saturating_add(1);
    let (year, rest) = read_digits(rest.strip_prefix(b"-")?, 4)?;
    Some((Date::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?).ok()?, rest))
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:04}", self.day, self.month_name().escape_ascii(), self.year)
    }
}

impl FromStr for Date {
    type Err = InvalidValue;

    /// Reads a day as `Display` writes it: `1-Feb-2026`.
    ///
    /// # Errors
    /// When it is not of this form, or no day of the calendar.
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        match read_date(text.as_bytes(), &[1, 2], false) {
            Some((date, [])) => Ok(date),
            _ => Err(InvalidValue { offset: 0, expected: "a day such as 1-Feb-2026" }),
        }
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A moment and the offset from UTC in which it is told, as INTERNALDATE has it.
///
/// This crate reads no clock: [`DateTime::from_unix`] takes the time that the caller has.
///
/// ```
/// use mailwire::imap::DateTime;
///
/// let moment = DateTime::from_unix(1_700_000_000, 60).unwrap();
/// assert_eq!(moment.to_string(), "14-Nov-2023 23:13:20 +0100");
/// assert_eq!(moment.to_unix(), 1_700_000_000);
/// assert_eq!("14-Nov-2023 23:13:20 +0100".parse(), Ok(moment));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    date: Date,
    hour: u8,
    minute: u8,
    second: u8,
    zone: i16,
}

impl DateTime {
    /// A moment: the day, the hour 0 to 23, the minute 0 to 59, the second 0 to 60, and the offset from UTC in minutes, less than a day.
    ///
    /// # Errors
    /// Where one of them is out of its range.
    pub const fn new(date: Date, hour: u8, minute: u8, second: u8, zone: i16) -> Result<Self, InvalidValue> {
        if hour > 23 || minute > 59 || second > 60 || zone.unsigned_abs() >= 1440 {
            return Err(InvalidValue { offset: 0, expected: "a time of a day" });
        }
        Ok(Self { date, hour, minute, second, zone })
    }

    /// The moment of a Unix time in seconds, told with an offset from UTC in minutes.
    ///
    /// # Errors
    /// Where the year there is not one from 1 to 9999, or the offset is a day or more.
    pub fn from_unix(seconds: i64, zone: i16) -> Result<Self, InvalidValue> {
        let seconds = seconds.saturating_add(i64::from(zone).saturating_mul(60));
        let Some(date) = Date::from_days(seconds.div_euclid(SECONDS_A_DAY)) else {
            return Err(InvalidValue { offset: 0, expected: "a day of the calendar from year 1 to 9999" });
        };
        let second = seconds.rem_euclid(SECONDS_A_DAY);
        let part = |number: i64| u8::try_from(number).unwrap_or_default();
        Self::new(date, part(second / 3600), part(second / 60 % 60), part(second % 60), zone)
    }

    /// The Unix time in seconds. A leap second is the second after it.
    pub fn to_unix(self) -> i64 {
        let minutes = i64::from(self.hour)
            .wrapping_mul(60)
            .wrapping_add(i64::from(self.minute))
            .wrapping_sub(i64::from(self.zone));
        self.date
            .days()
            .wrapping_mul(SECONDS_A_DAY)
            .wrapping_add(minutes.wrapping_mul(60))
            .wrapping_add(i64::from(self.second))
    }

    /// The day, where the clock has the offset from UTC.
    pub const fn date(self) -> Date {
        self.date
    }

    /// The hour, 0 to 23.
    pub const fn hour(self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    pub const fn minute(self) -> u8 {
        self.minute
    }

    /// The second, 0 to 60.
    pub const fn second(self) -> u8 {
        self.second
    }

    /// The offset from UTC in minutes: positive in the east.
    pub const fn zone(self) -> i16 {
        self.zone
    }

    /// `date-time`. A day of one digit without its space is a quirk; what is no date at all is for the caller to forgive.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let octets = cursor.rest();
        let read = |day_digits| {
            let (moment, rest) = read_date_time(octets.strip_prefix(b"\"")?, day_digits)?;
            rest.strip_prefix(b"\"").map(|rest| (moment, rest))
        };
        let (moment, rest) = match read(&[2]) {
            Some(read) => read,
            None => match read(&[1]) {
                Some(read) if cursor.forgives(Quirk::StrangeDate) => read,
                _ => return cursor.syntax_at(start, "a date and time in quotes"),
            },
        };
        cursor.advance(octets.len().saturating_sub(rest.len()));
        Ok(moment)
    }

    pub(crate) fn encode(self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(b"\"");
        encoder.raw(&two_digits(self.date.day.into()));
        self.date.encode_month_and_year(encoder);
        for (before, number) in [(b' ', self.hour), (b':', self.minute), (b':', self.second)] {
            encoder.raw(&[before]);
            encoder.raw(&two_digits(number.into()));
        }
        encoder.raw(if self.zone < 0 { b" -" } else { b" +" });
        let zone = self.zone.unsigned_abs();
        encoder.raw(&two_digits(zone / 60));
        encoder.raw(&two_digits(zone % 60));
        encoder.raw(b"\"");
        Ok(())
    }
}

fn read_date_time<'a>(octets: &'a [u8], day_digits: &[usize]) -> Option<(DateTime, &'a [u8])> {
    let (date, rest) = read_date(octets, day_digits, true)?;
    let (hour, rest) = read_digits(rest.strip_prefix(b" ")?, 2)?;
    let (minute, rest) = read_digits(rest.strip_prefix(b":")?, 2)?;
    let (second, rest) = read_digits(rest.strip_prefix(b":")?, 2)?;
    let (west, rest) = match rest {
        [b' ', b'+', rest @ ..] => (false, rest),
        [b' ', b'-', rest @ ..] => (true, rest),
        _ => return None,
    };
    let (zone_hour, rest) = read_digits(rest, 2)?;
    let (zone_minute, rest) = read_digits(rest, 2)?;
    if zone_minute > 59 {
        return None;
    }
    let zone = i16::try_from(zone_hour.wrapping_mul(60).wrapping_add(zone_minute)).ok()?;
    let part = |number: u16| u8::try_from(number).ok();
    let zone = if west { zone.wrapping_neg() } else { zone };
    Some((DateTime::new(date, part(hour)?, part(minute)?, part(second)?, zone).ok()?, rest))
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { date, hour, minute, second, zone } = self;
        let sign = if *zone < 0 { '-' } else { '+' };
        let (zone_hour, zone_minute) = (zone.unsigned_abs() / 60, zone.unsigned_abs() % 60);
        write!(f, "{date} {hour:02}:{minute:02}:{second:02} {sign}{zone_hour:02}{zone_minute:02}")
    }
}

impl FromStr for DateTime {
    type Err = InvalidValue;

    /// Reads the text inside the quotation marks, as `Display` writes it: `17-Jul-1996 02:44:25 -0700`.
    ///
    /// # Errors
    /// When it is not of this form, or no moment of the calendar.
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        match read_date_time(text.as_bytes(), &[1, 2]) {
            Some((moment, [])) => Ok(moment),
            _ => Err(InvalidValue { offset: 0, expected: "a moment such as 17-Jul-1996 02:44:25 -0700" }),
        }
    }
}

impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "serde")]
mod serde_impl {
    use super::*;

    impl serde::Serialize for Date {
        /// Year, month and day.
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            (self.year, self.month, self.day).serialize(serializer)
        }
    }

    impl<'de> serde::Deserialize<'de> for Date {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let (year, month, day) = serde::Deserialize::deserialize(deserializer)?;
            Self::new(year, month, day).map_err(serde::de::Error::custom)
        }
    }

    impl serde::Serialize for DateTime {
        /// Date, hour, minute, second and offset in minutes.
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            (self.date, self.hour, self.minute, self.second, self.zone).serialize(serializer)
        }
    }

    impl<'de> serde::Deserialize<'de> for DateTime {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let (date, hour, minute, second, zone) = serde::Deserialize::deserialize(deserializer)?;
            Self::new(date, hour, minute, second, zone).map_err(serde::de::Error::custom)
        }
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Date {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let (year, month) = (u.int_in_range(1..=9999)?, u.int_in_range(1..=12)?);
        Ok(Self { year, month, day: u.int_in_range(1..=days_of(year, month))? })
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for DateTime {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self {
            date: u.arbitrary()?,
            hour: u.int_in_range(0..=23)?,
            minute: u.int_in_range(0..=59)?,
            second: u.int_in_range(0..=60)?,
            zone: u.int_in_range(-1439..=1439)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{quirky, round_trip, strict, written};
    use alloc::string::ToString;

    #[test]
    fn round_trips() {
        round_trip(Date::parse, |date, encoder| date.encode(encoder));
        round_trip(DateTime::parse, |moment, encoder| moment.encode(encoder));
    }

    #[test]
    fn known_answers() {
        let parse = |octets: &[u8]| strict(octets, DateTime::parse);
        for (octets, unix) in [
            (&b"\" 1-Feb-1985 12:34:56 +0100\""[..], 476_105_696),
            (b"\"01-jan-1970 00:00:00 +0000\"", 0),
            (b"\"31-Dec-1969 23:59:59 -0000\"", -1),
            (b"\"01-Jan-0001 00:00:00 +0000\"", -62_135_596_800),
            (b"\"31-Dec-9999 23:59:59 +0000\"", 253_402_300_799),
            (b"\"29-Feb-2024 23:59:60 -1559\"", 1_709_308_740),
            (b"\"01-Jan-2026 00:00:60 +0000\"", 1_767_225_660),
        ] {
            assert_eq!(parse(octets).unwrap().to_unix(), unix, "{}", octets.escape_ascii());
        }
        for octets in [
            &b"\"31-Feb-2026 00:00:00 +0000\""[..],
            b"\"00-Jan-2026 00:00:00 +0000\"",
            b"\"01-Jan-0000 00:00:00 +0000\"",
            b"\"01-Jan-2026 00:00:61 +0000\"",
            b"\"01-Jan-2026 24:00:00 +0000\"",
            b"\"01-Jan-2026 00:60:00 +0000\"",
            b"\"01-Jan-2026 00:00:00 +9999\"",
            b"\"01-Jan-2026 00:00:00 +0060\"",
            b"\"01-Jan-2026 00:00:00 +2400\"",
            b"\"1-Jan-2026 00:00:00 +0000\"",
            b"\"01-Jan-26 00:00:00 +0000\"",
            b"\"29-Feb-2025 00:00:00 +0000\"",
            b"\"29-Feb-1900 00:00:00 +0000\"",
            b"\"01-Jan-2026 00:00:00 GMT\"",
            b"\"25-Jun-199401:02:03+1020\"",
            b"\"01-Jan-2026 00:00:00 +0000",
            b"NIL",
            b"\"\"",
        ] {
            assert_eq!(parse(octets), None, "{}", octets.escape_ascii());
        }
        let moment = parse(b"\" 1-Feb-1985 02:04:06 -0130\"").unwrap();
        assert_eq!(written(|encoder| moment.encode(encoder)), "\"01-Feb-1985 02:04:06 -0130\"");
        assert_eq!(moment.to_string(), "1-Feb-1985 02:04:06 -0130");
        assert_eq!(
            quirky(b"\"1-Jan-2026 00:00:00 +0000\"", Quirk::StrangeDate, DateTime::parse).date().day(),
            1
        );
    }

    #[test]
    fn dates_of_search() {
        for octets in [&b"1-Feb-2020"[..], b"01-feb-2020", b"\"1-Feb-2020\""] {
            assert_eq!(strict(octets, Date::parse), Date::new(2020, 2, 1).ok());
        }
        for octets in [
            &b"99-Jun-1994"[..],
            b"25-Jun-",
            b"\"1-Feb-2020",
            b" 1-Feb-2020",
            b"001-Feb-2020",
            b"1-Feb-20201",
        ] {
            assert_eq!(strict(octets, Date::parse), None, "{}", octets.escape_ascii());
        }
    }

    #[test]
    fn every_day_has_its_number() {
        let mut days = Date::new(1, 1, 1).unwrap().days();
        for year in 1..=9999 {
            for month in 1..=12 {
                for day in 1..=days_of(year, month) {
                    let date = Date::new(year, month, day).unwrap();
                    assert_eq!((date.days(), Date::from_days(days)), (days, Some(date)));
                    days += 1;
                }
            }
        }
        assert_eq!((Date::from_days(days), Date::from_days(-719_163)), (None, None));
        assert!(DateTime::from_unix(i64::MAX, 0).is_err() && DateTime::from_unix(i64::MIN, -1439).is_err());
        assert!(DateTime::from_unix(0, 1440).is_err());
    }
}
