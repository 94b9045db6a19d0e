//! What real servers send against the grammar, by name.

use crate::wire::quirk::quirks;

quirks! {
    u128;

    /// A departure from the grammar that real servers are known for. Each can be switched alone; see [`Quirks`].
    enum Quirk;

    /// A set of [`Quirk`]s: which are forgiven, or which were met.
    ///
    /// ```
    /// use mailwire::imap::{Quirk, Quirks};
    ///
    /// let mut quirks = Quirks::lenient();
    /// quirks.remove(Quirk::ExtraSpace);
    /// assert!(quirks.contains(Quirk::BareLineFeed) && !quirks.contains(Quirk::ExtraSpace));
    /// ```
    struct Quirks;

    /// More spaces than one between words, or spaces behind `(`, before `)` or before the end of a line.
    ExtraSpace,
    /// A backslash in a quoted string before another octet than a quote or a backslash: it stands for itself, but before a parenthesis.
    BadEscape,
    /// A NUL octet in a line, a quoted string or before a line.
    NulInText,
    /// A carriage return in a quoted string.
    CarriageReturnInQuoted,
    /// A quote in a quoted string that is not escaped.
    UnescapedQuote,
    /// An atom where the grammar has a string.
    AtomForString,
    /// A literal8 where the grammar has a string.
    BinaryString,
    /// Octets of 8 bits that are not UTF-8 in a quoted string.
    NotUtf8,
    /// A line that ends in LF alone.
    BareLineFeed,
    /// An empty line between responses.
    EmptyLine,
    /// A status response without text, or without the space before it.
    MissingText,
    /// No space between a response code and the text.
    MissingSpaceAfterCode,
    /// A response code that stands without `OK` before it.
    CodeWithoutStatus,
    /// A line that begins with no tag, or one that no completion follows.
    UntaggedText,
    /// A `+` without the space that has to follow it.
    BareContinuation,
    /// A `+` that nobody asked for.
    UnaskedContinuation,
    /// A completion of IDLE that did not wait for DONE.
    EarlyIdleCompletion,
    /// A capability with octets that no atom may hold, or `IMAPrev1` in the place of `IMAP4rev1`.
    StrangeCapability,
    /// A greeting that another protocol would send.
    ForeignGreeting,
    /// Zero where the grammar asks for a number from one.
    ZeroNumber,
    /// A negative number or one in scientific notation where a size or count should stand, or zeros before a number from one.
    StrangeNumber,
    /// A number that does not fit in 32 bits, or in 63, where it must.
    LargeNumber,
    /// Data with a number before it that the grammar has without one, or the other way round: it is told as unknown data.
    MisplacedNumber,
    /// `\*` in a list of flags that are set.
    WildcardFlag,
    /// A flag with octets that no atom may hold, or flags without a space between them.
    StrangeFlag,
    /// NIL in a list of flags or other words.
    NilInList,
    /// A mailbox name with spaces, controls or 8-bit octets that is not quoted.
    UnquotedMailbox,
    /// A mailbox name that is not modified UTF-7.
    BadMailboxEncoding,
    /// A NIL, an empty list or nothing where a list with items has to stand.
    EmptyList,
    /// An empty string as hierarchy delimiter, where NIL says that there is none.
    EmptyDelimiter,
    /// `FETCH` of message number zero, or `EXPUNGE`, which is told as unknown data.
    ZeroSequenceNumber,
    /// A data item without its value.
    MissingValue,
    /// A data item of `FETCH` whose value is none of its kind, or data that is not known and has not the shape of values: it is kept as it
    /// stands.
    StrangeValue,
    /// A literal that says too many octets or too few: those between it and what follows are passed over.
    LiteralLength,
    /// No space between the name of a body and its literal.
    MissingSpaceBeforeLiteral,
    /// No space before or behind a list in parentheses.
    MissingSpaceBesideList,
    /// `RFC822` or one of its kind with an empty section behind it.
    EmptySection,
    /// The origin of a body with a length behind it, as only a request has it.
    LengthBehindOrigin,
    /// Octets behind the end of a response; of a `FETCH` they are read if they are items.
    TrailingOctets,
    /// A `FETCH` without its closing parenthesis.
    MissingParenthesis,
    /// INTERNALDATE that is NIL or no date.
    StrangeDate,
    /// An ENVELOPE or its value, another item of FETCH, or an item of ESEARCH, in one pair of parentheses too many.
    DoubleParentheses,
    /// An ENVELOPE without its last fields.
    ShortEnvelope,
    /// `()` where a list of addresses is NIL, or NIL among addresses.
    StrangeAddressList,
    /// Spaces between addresses or between body parts.
    SpaceBetweenItems,
    /// Commas between the strings of an ID.
    CommaBetweenItems,
    /// NIL where a body structure needs a string or a number.
    NilInBody,
    /// A field of a body structure, or the value of a parameter in it, that was left out.
    ShortBody,
    /// A multipart without parts.
    EmptyMultipart,
    /// A disposition that is a bare string, has NIL inside its parentheses, or stands in the place of the languages.
    StrangeDisposition,
    /// A message/rfc822 part without its envelope and body, or with an empty list for its body.
    MessageWithoutEnvelope,
    /// Extension data of a body structure in a shape that the grammar does not give, or in `BODY`, where it gives none.
    StrangeExtension,
    /// A thread that stands alone in its parentheses, where two or more have to stand.
    LoneThread,
    /// `PREVIEW` with the name of an algorithm before its text, as drafts of RFC 8970 had it.
    PreviewAlgorithm,
    /// A mod-sequence in the answer SEARCH or SORT with no number before it.
    ModSequenceAlone,
    /// An envelope or a body structure that cannot be read: it is left out of its `FETCH` and reported.
    UnreadableItem,
}

impl Quirks {
    /// None is forgiven.
    pub const fn strict() -> Self {
        Self::none()
    }

    pub(crate) const fn bits(self) -> u128 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }
}
