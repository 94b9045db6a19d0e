//! What real POP3 servers send against the grammar, by name.

use crate::wire::quirk::quirks;

quirks! {
    u32;

    /// A departure from the grammar that real servers are known for. Each can be switched alone; see [`Quirks`].
    ///
    /// Some departures need no forgiving and have no name here: a reply without text is legal (RFC 2449 section 3); a unique-id
    /// that comes twice is delivered twice; an unknown CAPA is a `-ERR` like any other; what CAPA says is asked again after login, not remembered.
    enum Quirk;

    /// A set of quirks: those that are forgiven, or those that were.
    ///
    /// ```
    /// use mailwire::pop3::{Quirk, Quirks};
    ///
    /// let mut quirks = Quirks::lenient();
    /// quirks.remove(Quirk::UnstuffedDot);
    /// assert!(quirks.contains(Quirk::BareLineFeed) && !quirks.contains(Quirk::UnstuffedDot));
    /// assert!(!Quirks::strict().contains(Quirk::BareLineFeed));
    /// ```
    struct Quirks;

    /// `+ok` or `-err`: RFC 1939 section 3 has them in upper case. Even [`Quirks::strict`] forgives this one.
    StatusCase,
    /// `+ERR` for `-ERR`.
    PlusErr,
    /// A line that ends in LF without CR.
    BareLineFeed,
    /// `.` LF as the end of a multi-line response. After a bare LF it is the end only if the status line ended in one, too:
    /// else a message could say where it ends.
    DotLineFeed,
    /// A line of a message that starts with one dot and does not end there: the dot is kept. Without this quirk it is removed, as RFC 1939 section 3 has it.
    UnstuffedDot,
    /// A line over 512 octets (RFC 2449 section 4).
    LongLine,
    /// Octets outside ASCII in a status line before UTF8 or LANG allowed them.
    NonAsciiText,
    /// A `<…>` in the greeting that is no msg-id: there is no timestamp then.
    BadTimestamp,
    /// More than one space, a tab, or a space before or behind, in the lines of STAT, LIST, UIDL and CAPA.
    ExtraSpace,
    /// An empty line, or one of spaces alone, in the answer to LIST, UIDL, CAPA or LANG.
    EmptyLine,
    /// A line of UIDL that leaves the message number out, or an answer to `UIDL n` or `LIST n` that does.
    MissingMessageNumber,
    /// A unique-id of more than 70 octets, or with octets outside `!` to `~`.
    BadUniqueId,
    /// A multi-line response to `UIDL n`. What it says of other messages is passed over.
    MultiLineUniqueId,
    /// A multi-line response to `LIST n`. What it says of other messages is passed over.
    MultiLineScanListing,
    /// The count of octets that the reply to RETR told was wrong. It is never used to find the end.
    OctetCount,
    /// `+` CRLF without a space, for a challenge of no octets.
    BareContinuation,
    /// A challenge that is not Base64 but a text for people: it is taken as one of no octets.
    TextChallenge,
    /// `+OK` to an AUTH for which the client has said nothing yet, for a challenge of no octets: no mechanism ends there.
    OkForChallenge,
}

impl Quirks {
    /// Nothing is forgiven but letters in lower case where the RFC has upper case.
    pub const fn strict() -> Self {
        Self(Quirk::StatusCase.bit())
    }
}
