//! What the header of a message says, decomposed: date, subject, addresses, identifiers.
//!
//! ```abnf
//! ; RFC 3501 and RFC 9051 section 9
//! envelope   = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP
//!              env-cc SP env-bcc SP env-in-reply-to SP env-message-id ")"
//! env-from   = "(" 1*address ")" / nil        ; and so sender, reply-to, to, cc, bcc
//! env-date   = nstring                        ; and so subject, in-reply-to, message-id
//! address    = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"    ; four nstring
//! ```

use crate::imap::core::RawString;
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::quirk::Quirk;
use crate::imap::stored::{Show, at, behind_nil, behind_nstring, passed, plain, reread, string_at};
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{Text, write};
use alloc::borrow::Cow;
use bytes::Bytes;
use core::fmt;

const DATE: usize = 0;
const SUBJECT: usize = 1;
pub(crate) const FROM: usize = 2;
pub(crate) const SENDER: usize = 3;
pub(crate) const REPLY_TO: usize = 4;
pub(crate) const TO: usize = 5;
pub(crate) const CC: usize = 6;
pub(crate) const BCC: usize = 7;
const IN_REPLY_TO: usize = 8;
const MESSAGE_ID: usize = 9;
const FIELDS: usize = 10;

/// The envelope of a message (RFC 3501 section 7.4.2, `ENVELOPE`).
///
/// One buffer holds it as it stood on the wire, with an offset for each field; the accessors show strings as octets,
/// since headers are of any character set, and without the escapes of quoted strings. Two envelopes are equal when their
/// values are, whichever form they were written in.
///
/// ```
/// use mailwire::imap::{Address, Envelope};
///
/// let envelope = Envelope::builder()
///     .date("Wed, 17 Jul 1996 02:23:25 -0700")
///     .subject("IMAP4rev2 meeting")
///     .from([Address::new("Terry Gray", "gray", "cac.washington.edu")])
///     .message_id("<B27397-0100000@cac.washington.edu>")
///     .build()?;
/// assert_eq!(envelope.subject().as_deref(), Some(&b"IMAP4rev2 meeting"[..]));
/// assert_eq!(envelope.from().next().unwrap().to_string(), "Terry Gray <gray@cac.washington.edu>");
/// assert_eq!(envelope.to().count(), 0);
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone)]
pub struct Envelope {
    pub(crate) octets: Bytes,
    fields: [u32; FIELDS],
    /// Nothing had to be forgiven.
    pub(crate) strict: bool,
}

/// Where the fields stand in a message, and whether all was in order.
pub(crate) struct Scanned {
    fields: [u32; FIELDS],
    strict: bool,
}

impl Envelope {
    /// An envelope that says nothing.
    pub(crate) fn empty() -> Self {
        let octets = Bytes::from_static(b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
        Self { octets, fields: [0; FIELDS], strict: true }
    }

    /// The date as it stands in the header. `None`: there is none.
    pub fn date(&self) -> Option<Cow<'_, [u8]>> {
        self.string(DATE)
    }

    /// The subject as it stands in the header, encoded words and all (RFC 2047). `None`: there is none.
    pub fn subject(&self) -> Option<Cow<'_, [u8]>> {
        self.string(SUBJECT)
    }

    /// The authors.
    pub fn from(&self) -> Addresses<'_> {
        self.addresses(FROM)
    }

    /// Who sent it for the authors; servers give the authors where the header names nobody.
    pub fn sender(&self) -> Addresses<'_> {
        self.addresses(SENDER)
    }

    /// Where answers go; servers give the authors where the header names nobody.
    pub fn reply_to(&self) -> Addresses<'_> {
        self.addresses(REPLY_TO)
    }

    /// The first recipients.
    pub fn to(&self) -> Addresses<'_> {
        self.addresses(TO)
    }

    /// The other recipients.
    pub fn cc(&self) -> Addresses<'_> {
        self.addresses(CC)
    }

    /// The recipients that the others do not see.
    pub fn bcc(&self) -> Addresses<'_> {
        self.addresses(BCC)
    }

    /// The identifiers of the messages this one answers, as the field stands in the header.
    pub fn in_reply_to(&self) -> Option<Cow<'_, [u8]>> {
        self.string(IN_REPLY_TO)
    }

    /// The identifier of the message, with its angle brackets.
    pub fn message_id(&self) -> Option<Cow<'_, [u8]>> {
        self.string(MESSAGE_ID)
    }

    fn field(&self, field: usize) -> u32 {
        self.fields.get(field).copied().unwrap_or(0)
    }

    fn string(&self, field: usize) -> Option<Cow<'_, [u8]>> {
        string_at(&self.octets, self.field(field))
    }

    fn addresses(&self, field: usize) -> Addresses<'_> {
        let offset = self.field(field);
        let list = offset != 0 && at(&self.octets, offset).starts_with(b"(");
        let position = write::index(u64::from(offset)).wrapping_add(1);
        Addresses { octets: &self.octets, position: if list { position } else { self.octets.len() } }
    }

    /// Reads `envelope`, and copies it: what it stood in can be given back to the reader of the socket.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let scanned = Self::scan(cursor)?;
        let octets = cursor.since(start);
        cursor.charge(octets.len().saturating_add(size_of::<Self>()))?;
        Ok(Self::of(Bytes::copy_from_slice(octets), scanned))
    }

    /// The envelope that was scanned in these octets.
    pub(crate) fn of(octets: Bytes, scanned: Scanned) -> Self {
        Self { octets, fields: scanned.fields, strict: scanned.strict }
    }

    /// Reads over `envelope`.
    pub(crate) fn scan(cursor: &mut Cursor<'_>) -> Parsed<Scanned> {
        if let Some((fields, rest)) = plain_fields(cursor.rest(), cursor.limits().items) {
            cursor.set_rest(rest);
            return Ok(Scanned { fields, strict: true });
        }
        let before = cursor.forgiven();
        cursor.set_forgiven(0);
        let fields = Self::fields(cursor);
        let forgiven = cursor.forgiven();
        cursor.set_forgiven(before | forgiven);
        Ok(Scanned { fields: fields?, strict: forgiven == 0 })
    }

    fn fields(cursor: &mut Cursor<'_>) -> Parsed<[u32; FIELDS]> {
        let start = cursor.position();
        let mut fields = [0; FIELDS];
        cursor.expect(b'(', "an envelope")?;
        cursor.stray_spaces()?;
        let double = cursor.peek() == Some(b'(') && cursor.forgives(Quirk::DoubleParentheses);
        if double {
            cursor.advance(1);
        }
        for (index, field) in fields.iter_mut().enumerate() {
            if index > 0 && cursor.peek() != Some(b')') {
                cursor.sp()?;
            }
            if cursor.peek() == Some(b')') {
                if !cursor.forgives(Quirk::ShortEnvelope) {
                    return cursor.syntax("a field of the envelope");
                }
                break;
            }
            *field = cursor.offset(start)?;
            if matches!(index, FROM..=BCC) {
                address_list(cursor)?;
            } else {
                cursor.pass_string()?;
            }
        }
        for _ in 0..if double { 2 } else { 1 } {
            cursor.stray_spaces()?;
            cursor.expect(b')', "the end of the envelope")?;
        }
        Ok(fields)
    }
}

/// Where the fields of an envelope begin that needs nothing forgiven, and what stands behind it. `None`: it has to be looked at closer.
fn plain_fields(octets: &[u8], items: usize) -> Option<([u32; FIELDS], &[u8])> {
    let mut fields = [0; FIELDS];
    let mut rest = octets.strip_prefix(b"(")?;
    let mut authors: &[u8] = &[];
    for (index, field) in fields.iter_mut().enumerate() {
        *field = u32::try_from(octets.len().wrapping_sub(rest.len())).ok()?;
        let start = rest;
        rest = match index {
            FROM => {
                let behind = plain_addresses(start, items)?;
                authors = start.get(..start.len().wrapping_sub(behind.len()))?;
                behind
            }
            // Servers repeat the authors where the header names nobody.
            SENDER | REPLY_TO if start.starts_with(authors) => start.get(authors.len()..)?,
            SENDER..=BCC => plain_addresses(start, items)?,
            MESSAGE_ID => behind_nstring::<b')'>(start)?,
            _ => behind_nstring::<b' '>(start)?,
        };
    }
    Some((fields, rest))
}

/// A list of plain addresses or NIL, and SP.
#[inline]
fn plain_addresses(octets: &[u8], items: usize) -> Option<&[u8]> {
    if let Some(rest) = behind_nil::<b' '>(octets) {
        return Some(rest);
    }
    let mut rest = octets.strip_prefix(b"(")?;
    for _ in 0..items {
        let [.., behind] = plain_address(rest)?;
        rest = behind;
        if let Some(rest) = rest.strip_prefix(b") ") {
            return Some(rest);
        }
    }
    None
}

/// `env-from` and its like.
fn address_list(cursor: &mut Cursor<'_>) -> Parsed<()> {
    if !cursor.eat(b'(') {
        return if cursor.nil() { Ok(()) } else { cursor.syntax("a list of addresses or NIL") };
    }
    let mut addresses = 0usize;
    loop {
        match cursor.peek() {
            Some(b'(') => {
                cursor.charge_item(addresses, 0)?;
                addresses = addresses.saturating_add(1);
                pass_address(cursor)?;
            }
            Some(b')') if addresses > 0 || cursor.forgives(Quirk::StrangeAddressList) => {
                cursor.advance(1);
                return Ok(());
            }
            Some(b' ') if cursor.forgives(Quirk::SpaceBetweenItems) => cursor.advance(1),
            Some(b'N' | b'n') if cursor.forgives(Quirk::StrangeAddressList) && cursor.nil() => {}
            _ => return cursor.syntax("an address"),
        }
    }
}

/// Passes over an `address`, which is read again when it is asked for.
#[inline]
fn pass_address(cursor: &mut Cursor<'_>) -> Parsed<()> {
    match plain_address(cursor.rest()) {
        Some([.., rest]) => {
            cursor.set_rest(rest);
            Ok(())
        }
        None => address(cursor).map(|_| ()),
    }
}

/// Where the strings of an `address` and what is behind it begin, if all of them are plain or NIL. `None`: [`address`] has to look at it.
#[inline(always)]
fn plain_address(octets: &[u8]) -> Option<[&[u8]; 5]> {
    let name = octets.strip_prefix(b"(")?;
    let adl = behind_nstring::<b' '>(name)?;
    let mailbox = behind_nstring::<b' '>(adl)?;
    let host = behind_nstring::<b' '>(mailbox)?;
    Some([name, adl, mailbox, host, behind_nstring::<b')'>(host)?])
}

/// `address`: name, source route, mailbox, host.
#[cold]
fn address<'a>(cursor: &mut Cursor<'a>) -> Parsed<[Option<RawString<'a>>; 4]> {
    cursor.expect(b'(', "an address")?;
    cursor.stray_spaces()?;
    let name = cursor.value_string()?;
    cursor.sp()?;
    let adl = cursor.value_string()?;
    cursor.sp()?;
    let mailbox = cursor.value_string()?;
    cursor.sp()?;
    let host = cursor.value_string()?;
    cursor.stray_spaces()?;
    cursor.expect(b')', "the end of the address")?;
    Ok([name, adl, mailbox, host])
}

/// One address of an [`Envelope`] (RFC 3501 section 7.4.2), or the start or end of a group.
///
/// ```
/// use mailwire::imap::Address;
///
/// let address = Address::new("Fred Foobar", "foobar", "Blurdybloop.example");
/// assert!(!address.is_group_start());
/// assert_eq!(address.to_string(), "Fred Foobar <foobar@Blurdybloop.example>");
/// assert!(Address::group_start("Friends").is_group_start());
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Address<'a> {
    /// The name for a person, encoded words and all (RFC 2047).
    pub name: Option<Cow<'a, [u8]>>,
    /// The source route (SMTP's at-domain-list), which nobody uses any more.
    pub adl: Option<Cow<'a, [u8]>>,
    /// What stands before the `@`; the name of the group where one starts.
    pub mailbox: Option<Cow<'a, [u8]>>,
    /// What stands behind the `@`; `None` where a group starts or ends.
    pub host: Option<Cow<'a, [u8]>>,
}

impl<'a> Address<'a> {
    /// A mailbox with a name.
    pub fn new(name: &'a str, mailbox: &'a str, host: &'a str) -> Self {
        Self { name: Some(Cow::Borrowed(name.as_bytes())), ..Self::mailbox(mailbox, host) }
    }

    /// A mailbox without a name.
    pub fn mailbox(mailbox: &'a str, host: &'a str) -> Self {
        Self {
            mailbox: Some(Cow::Borrowed(mailbox.as_bytes())),
            host: Some(Cow::Borrowed(host.as_bytes())),
            ..Self::default()
        }
    }

    /// The start of a group: the addresses up to [`Address::group_end`] are its members.
    pub fn group_start(name: &'a str) -> Self {
        Self { mailbox: Some(Cow::Borrowed(name.as_bytes())), ..Self::default() }
    }

    /// The end of a group.
    pub fn group_end() -> Self {
        Self::default()
    }

    /// Whether a group starts here.
    pub fn is_group_start(&self) -> bool {
        self.host.is_none() && self.mailbox.is_some()
    }

    /// Whether a group ends here.
    pub fn is_group_end(&self) -> bool {
        self.host.is_none() && self.mailbox.is_none()
    }

    fn of([name, adl, mailbox, host]: [Option<RawString<'a>>; 4]) -> Self {
        Self {
            name: name.map(plain),
            adl: adl.map(plain),
            mailbox: mailbox.map(plain),
            host: host.map(plain),
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(b"(");
        encoder.nstring(self.name.as_deref())?;
        encoder.sp();
        encoder.nstring(self.adl.as_deref())?;
        encoder.sp();
        encoder.nstring(self.mailbox.as_deref())?;
        encoder.sp();
        encoder.nstring(self.host.as_deref())?;
        encoder.raw(b")");
        Ok(())
    }
}

impl fmt::Display for Address<'_> {
    /// `Name <mailbox@host>`, `Group:` or `;`, for a person: controls and what is not UTF-8 are escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |octets: &Option<Cow<'_, [u8]>>| Text::from(octets.as_deref().unwrap_or_default());
        let (name, mailbox, host) = (text(&self.name), text(&self.mailbox), text(&self.host));
        if self.is_group_start() {
            return write!(f, "{}:", mailbox.display());
        }
        if self.is_group_end() {
            return f.write_str(";");
        }
        match name.is_empty() {
            true => write!(f, "{}@{}", mailbox.display(), host.display()),
            false => write!(f, "{} <{}@{}>", name.display(), mailbox.display(), host.display()),
        }
    }
}

impl fmt::Debug for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.adl {
            Some(adl) => write!(f, "{self} via {:?}", Show(adl)),
            None => fmt::Display::fmt(self, f),
        }
    }
}

/// The addresses of one field of an [`Envelope`], in order.
#[derive(Clone)]
pub struct Addresses<'a> {
    octets: &'a [u8],
    /// Between two addresses of the list.
    position: usize,
}

impl<'a> Iterator for Addresses<'a> {
    type Item = Address<'a>;

    fn next(&mut self) -> Option<Address<'a>> {
        let octets = self.octets.get(self.position..)?;
        if let Some([name, adl, mailbox, host, rest]) = plain_address(octets) {
            self.position = self.octets.len().wrapping_sub(rest.len());
            let string = |octets, rest| passed(octets, rest).map(Cow::Borrowed);
            return Some(Address {
                name: string(name, adl),
                adl: string(adl, mailbox),
                mailbox: string(mailbox, host),
                host: string(host, rest),
            });
        }
        self.any_address()
    }
}

impl<'a> Addresses<'a> {
    /// Behind spaces and NIL, an address with anything in it.
    #[cold]
    fn any_address(&mut self) -> Option<Address<'a>> {
        let mut cursor = reread(self.octets, 0);
        cursor.set_position(self.position);
        loop {
            match cursor.peek() {
                Some(b'(') => break,
                Some(b' ') => cursor.advance(1),
                Some(b'N' | b'n') if cursor.nil() => {}
                _ => return None,
            }
        }
        let address = address(&mut cursor).ok()?;
        self.position = cursor.position();
        Some(Address::of(address))
    }
}

impl core::iter::FusedIterator for Addresses<'_> {}

impl fmt::Debug for Addresses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl PartialEq for Envelope {
    fn eq(&self, other: &Self) -> bool {
        if self.octets == other.octets && self.fields == other.fields {
            return true;
        }
        let strings = [DATE, SUBJECT, IN_REPLY_TO, MESSAGE_ID];
        strings.iter().all(|field| self.string(*field) == other.string(*field))
            && (FROM..=BCC).all(|field| self.addresses(field).eq(other.addresses(field)))
    }
}

impl Eq for Envelope {}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut show = f.debug_struct("Envelope");
        let mut string = |name, value: Option<Cow<'_, [u8]>>| {
            if let Some(value) = value {
                show.field(name, &Show(&value));
            }
        };
        string("date", self.date());
        string("subject", self.subject());
        string("in_reply_to", self.in_reply_to());
        string("message_id", self.message_id());
        let names = ["from", "sender", "reply_to", "to", "cc", "bcc"];
        for (field, name) in (FROM..=BCC).zip(names) {
            let addresses = self.addresses(field);
            if addresses.clone().next().is_some() {
                show.field(name, &addresses);
            }
        }
        show.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::encode::Encoding;
    use crate::imap::quirk::Quirks;
    use crate::wire::Limits;
    use arbitrary::{Arbitrary, Unstructured};
    use bytes::BytesMut;

    fn read(octets: &[u8], quirks: Quirks) -> Option<(Envelope, Quirks)> {
        let limits = Limits::imap_client();
        let mut cursor = Cursor::borrowed(octets, &limits, quirks.bits());
        let envelope = Envelope::parse(&mut cursor).ok()?;
        cursor.is_at_end().then(|| (envelope, Quirks::from_bits(cursor.forgiven())))
    }

    fn strict(octets: &[u8]) -> Envelope {
        read(octets, Quirks::strict()).unwrap().0
    }

    /// Strict refuses it, lenient names the quirk.
    fn quirk(octets: &[u8], quirk: Quirk) -> Envelope {
        let shown = octets.escape_ascii();
        assert_eq!(read(octets, Quirks::strict()), None, "{shown}");
        let mut without = Quirks::lenient();
        without.remove(quirk);
        assert_eq!(read(octets, without), None, "{shown}");
        let (envelope, forgiven) = read(octets, Quirks::lenient()).unwrap();
        assert_eq!(forgiven, [quirk].into_iter().collect(), "{shown}");
        assert_eq!(strict(&write(&envelope, Encoding::server())), envelope);
        envelope
    }

    fn write(envelope: &Envelope, encoding: Encoding) -> BytesMut {
        let mut out = BytesMut::new();
        envelope.encode(&mut Encoder::new(&mut out, encoding)).unwrap();
        out
    }

    fn text(octets: Option<Cow<'_, [u8]>>) -> alloc::string::String {
        alloc::string::String::from_utf8_lossy(&octets.unwrap()).into_owned()
    }

    const EXAMPLE: &[u8] = b"(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev2 WG mtg summary and minutes\" ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((NIL NIL \"imap\" \"cac.washington.edu\")) ((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL \"<B27397-0100000@cac.washington.edu>\")";

    #[test]
    fn example_of_the_rfc() {
        let envelope = strict(EXAMPLE);
        assert_eq!(text(envelope.subject()), "IMAP4rev2 WG mtg summary and minutes");
        assert_eq!(envelope.in_reply_to(), None);
        assert_eq!(text(envelope.message_id()), "<B27397-0100000@cac.washington.edu>");
        assert_eq!(envelope.from().count(), 1);
        assert_eq!(envelope.bcc().count(), 0);
        let cc: Vec<_> = envelope.cc().collect();
        assert_eq!(
            cc,
            [
                Address::mailbox("minutes", "CNRI.Reston.VA.US"),
                Address::new("John Klensin", "KLENSIN", "MIT.EDU")
            ]
        );
        assert_eq!(write(&envelope, Encoding::server()), EXAMPLE);
        assert_eq!(envelope.to_builder().build().unwrap(), envelope);
        let shown = alloc::format!("{envelope:?}");
        assert!(shown.contains("cc: [minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>]"), "{shown}");
    }

    #[test]
    fn strings_of_every_form() {
        let envelope = strict(b"({3}\r\na\"b \"a\\\"b\" ((NIL NIL \"group\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL)) NIL NIL NIL NIL nil \"\" \"\xc3\xa9\")");
        assert_eq!(envelope.date(), envelope.subject());
        let from: Vec<_> = envelope.from().collect();
        assert!(from[0].is_group_start() && from[2].is_group_end() && !from[1].is_group_start());
        assert_eq!(envelope.in_reply_to().as_deref(), Some(&b""[..]));
        assert_eq!(envelope.message_id().as_deref(), Some("\u{e9}".as_bytes()));
        let written = write(&envelope, Encoding::server());
        assert!(
            written.starts_with(b"(\"a\\\"b\" \"a\\\"b\" ")
                && written.ends_with(b"NIL \"\" {2}\r\n\xc3\xa9)")
        );
        assert_eq!(strict(&written), envelope);
        assert_ne!(strict(EXAMPLE), envelope);
    }

    #[test]
    fn utf8_is_quoted_for_those_who_read_it() {
        let envelope = Envelope::builder().subject("\u{e9}").build().unwrap();
        assert!(write(&envelope, Encoding::server()).starts_with(b"(NIL {2}\r\n\xc3\xa9 NIL"));
        let utf8 = Encoding { utf8: true, ..Encoding::server() };
        assert!(write(&envelope, utf8).starts_with(b"(NIL \"\xc3\xa9\" NIL"));
        assert!(Envelope::builder().subject("\0").build().is_err());
    }

    #[test]
    fn quirks_of_the_wild() {
        let two = quirk(b"((\"d\" \"s\" NIL NIL NIL NIL NIL NIL NIL \"<i>\"))", Quirk::DoubleParentheses);
        assert_eq!(text(two.message_id()), "<i>");
        let short = quirk(b"(\"d\" \"s\" NIL NIL NIL NIL NIL NIL)", Quirk::ShortEnvelope);
        assert_eq!((short.in_reply_to(), short.message_id()), (None, None));
        let none = quirk(b"(NIL NIL () NIL NIL NIL NIL NIL NIL NIL)", Quirk::StrangeAddressList);
        assert_eq!(none.from().count(), 0);
        let nil = quirk(
            b"(NIL NIL (NIL(NIL NIL \"a\" \"b\")NIL) NIL NIL NIL NIL NIL NIL NIL)",
            Quirk::StrangeAddressList,
        );
        assert_eq!(nil.from().count(), 1);
        let atoms =
            quirk(b"(NIL subject@1 ((NIL NIL a b.c)) NIL NIL NIL NIL NIL NIL NIL)", Quirk::AtomForString);
        assert_eq!(atoms.from().next().unwrap().to_string(), "a@b.c");
        assert_eq!(text(atoms.subject()), "subject@1");
        let spaces = quirk(
            b"(NIL NIL ((NIL NIL \"a\" \"b\") (NIL NIL \"c\" \"d\")) NIL NIL NIL NIL NIL NIL NIL)",
            Quirk::SpaceBetweenItems,
        );
        assert_eq!(spaces.from().count(), 2);
        let quote = quirk(
            b"(NIL \"a \"b\" c\" ((\"Joe \"x\"\" NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL NIL)",
            Quirk::UnescapedQuote,
        );
        assert_eq!(text(quote.subject()), "a \"b\" c");
        assert_eq!(text(quote.from().next().unwrap().name), "Joe \"x\"");
        let cr = quirk(b"(NIL \"a\rb\" NIL NIL NIL NIL NIL NIL NIL NIL)", Quirk::CarriageReturnInQuoted);
        assert_eq!(text(cr.subject()), "a\rb");
        quirk(b"(NIL  \"a\" NIL NIL NIL NIL NIL NIL NIL NIL)", Quirk::ExtraSpace);
        quirk(b"(NIL \"a\" NIL NIL NIL NIL NIL NIL NIL NIL )", Quirk::ExtraSpace);
        quirk(b"(NIL \"a\\b\" NIL NIL NIL NIL NIL NIL NIL NIL)", Quirk::BadEscape);
        // An 8-bit octet in a quoted string is what UTF8=ACCEPT and RFC 9051 allow.
        assert_eq!(text(strict(b"(NIL \"\xc3\xa9\" NIL NIL NIL NIL NIL NIL NIL NIL)").subject()), "\u{e9}");
    }

    #[test]
    fn what_is_no_envelope() {
        for octets in [
            &b"()"[..],
            b"NIL",
            b"(",
            b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL)",
            b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL",
            b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)",
            b"(NIL NIL \"a\" NIL NIL NIL NIL NIL NIL NIL)",
            b"(NIL NIL ((NIL NIL NIL)) NIL NIL NIL NIL NIL NIL NIL)",
            b"(NIL NIL ((NIL NIL NIL NIL) NIL NIL NIL NIL NIL NIL NIL)",
        ] {
            assert_eq!(read(octets, Quirks::strict()), None, "{}", octets.escape_ascii());
        }
        let limits = Limits { items: 2, ..Limits::imap_client() };
        let addresses = |count| {
            let list = b"(NIL NIL NIL NIL)".repeat(count);
            [b"(NIL NIL (", &list[..], b") NIL NIL NIL NIL NIL NIL NIL)"].concat()
        };
        assert!(Envelope::parse(&mut Cursor::borrowed(&addresses(2), &limits, 0)).is_ok());
        assert!(Envelope::parse(&mut Cursor::borrowed(&addresses(3), &limits, 0)).is_err());
    }

    #[test]
    fn what_is_read_at_once_is_what_a_closer_look_gives() {
        let repeated = b"(\"a date\" \"of some length, and more\" ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL)";
        for whole in [EXAMPLE, repeated] {
            for seed in 0..10_000 {
                let mut octets = whole.to_vec();
                let change = crate::wire::chance::noise(seed, 4);
                let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % octets.len();
                octets[at] = b"\"\"()  \\N9\t\0a"[usize::from(change[2]) % 12];
                let limits = Limits { items: 1 + usize::from(change[3] % 4), ..Limits::imap_client() };
                let Some((fields, rest)) = plain_fields(&octets, limits.items) else { continue };
                let mut cursor = Cursor::borrowed(&octets, &limits, 0);
                let closer = Envelope::fields(&mut cursor);
                assert_eq!((closer, cursor.rest()), (Ok(fields), rest), "{}", octets.escape_ascii());
            }
        }
        let whole = b"(\"Terry E. Gray, of some length\" NIL \"gray\" \"cac.washington.edu\")";
        let [name, adl, mailbox, host, rest] = plain_address(whole).unwrap();
        let strings = [passed(name, adl), passed(adl, mailbox), passed(mailbox, host), passed(host, rest)];
        let closer = address(&mut reread(whole, 0)).unwrap();
        assert_eq!(closer.map(|string| string.map(|string| string.octets)), strings);
    }

    #[test]
    fn every_cut_is_refused_and_none_panics() {
        for end in 0..EXAMPLE.len() {
            assert_eq!(read(&EXAMPLE[..end], Quirks::lenient()), None);
        }
    }

    #[test]
    fn round_trips() {
        crate::imap::round_trip::round_trip(Envelope::parse, Envelope::encode);
        for seed in 0..1_000 {
            let noise = crate::imap::round_trip::noise(seed, 600);
            let value = Envelope::arbitrary(&mut Unstructured::new(&noise)).unwrap();
            let written = write(&value, Encoding::server());
            assert_eq!(write(&strict(&written), Encoding::server()), written);
            // With every quirk allowed the same octets give the same value, and nothing is forgiven.
            assert_eq!(read(&written, Quirks::lenient()).unwrap(), (value.clone(), Quirks::strict()));
            #[cfg(feature = "serde")]
            {
                let json = serde_json::to_string(&value).unwrap();
                assert_eq!(serde_json::from_str::<Envelope>(&json).unwrap(), value);
            }
        }
    }
}
