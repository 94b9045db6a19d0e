//! How an envelope is built and written.

use crate::imap::encode::{Encoded, Encoder, Encoding};
use crate::imap::envelope::{Address, BCC, CC, Envelope, FROM, REPLY_TO, SENDER, TO};
use crate::imap::stored::can_be_copied;
use crate::wire::cursor::Cursor;
use crate::wire::{InvalidValue, Limits, write};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use bytes::BytesMut;

impl Envelope {
    /// An empty builder, for a server.
    pub fn builder<'a>() -> EnvelopeBuilder<'a> {
        EnvelopeBuilder::default()
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.strict && can_be_copied(&self.octets, encoder.encoding().utf8) {
            encoder.raw(&self.octets);
            return Ok(());
        }
        self.to_builder().encode(encoder)
    }

    /// A builder with all of this envelope's fields.
    pub fn to_builder(&self) -> EnvelopeBuilder<'_> {
        EnvelopeBuilder {
            date: self.date(),
            subject: self.subject(),
            lists: [
                self.from().collect(),
                self.sender().collect(),
                self.reply_to().collect(),
                self.to().collect(),
                self.cc().collect(),
                self.bcc().collect(),
            ],
            in_reply_to: self.in_reply_to(),
            message_id: self.message_id(),
        }
    }
}

/// Builds an [`Envelope`]. What is not given is NIL, but for sender and reply-to: they are the authors then, as RFC 3501 section 7.4.2 wants
/// of a server.
///
/// ```
/// use mailwire::imap::{Address, Envelope};
///
/// let envelope = Envelope::builder().from([Address::mailbox("ada", "example.org")]).build()?;
/// assert!(envelope.sender().eq(envelope.from()) && envelope.reply_to().eq(envelope.from()));
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvelopeBuilder<'a> {
    date: Option<Cow<'a, [u8]>>,
    subject: Option<Cow<'a, [u8]>>,
    /// From, sender, reply-to, to, cc, bcc.
    lists: [Vec<Address<'a>>; 6],
    in_reply_to: Option<Cow<'a, [u8]>>,
    message_id: Option<Cow<'a, [u8]>>,
}

/// Declares the setters of the strings.
macro_rules! string_setters {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, value: impl IntoOctets<'a>) -> Self {
            self.$name = Some(value.into_octets());
            self
        }
    )*};
}

/// Declares the setters of the lists of addresses.
macro_rules! list_setters {
    ($($(#[$doc:meta])* $name:ident: $index:ident,)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, addresses: impl IntoIterator<Item = Address<'a>>) -> Self {
            if let Some(list) = self.lists.get_mut($index.wrapping_sub(FROM)) {
                *list = addresses.into_iter().collect();
            }
            self
        }
    )*};
}

impl<'a> EnvelopeBuilder<'a> {
    string_setters! {
        /// The date as it stands in the header.
        date,
        /// The subject as it stands in the header.
        subject,
        /// The identifiers of the messages this one answers.
        in_reply_to,
        /// The identifier of the message.
        message_id,
    }

    list_setters! {
        /// The authors.
        from: FROM,
        /// Who sent it; the authors where the header names nobody, unless this is given.
        sender: SENDER,
        /// Where answers go; the authors where the header names nobody, unless this is given.
        reply_to: REPLY_TO,
        /// The first recipients.
        to: TO,
        /// The other recipients.
        cc: CC,
        /// The recipients that the others do not see.
        bcc: BCC,
    }

    /// The envelope. A sender or reply-to that is empty is that of the authors.
    ///
    /// # Errors
    /// When a string holds a NUL, which no IMAP string may.
    pub fn build(&self) -> Result<Envelope, InvalidValue> {
        let [from, sender, reply_to, to, cc, bcc] = &self.lists;
        let or_authors = |list| if Vec::is_empty(list) { from } else { list };
        self.build_with([from, or_authors(sender), or_authors(reply_to), to, cc, bcc])
    }

    /// The envelope with these addresses.
    fn build_with(&self, lists: [&Vec<Address<'a>>; 6]) -> Result<Envelope, InvalidValue> {
        let mut out = BytesMut::new();
        self.encode_with(lists, &mut Encoder::new(&mut out, Encoding::server()))?;
        let octets = out.freeze();
        let limits = Limits { items: usize::MAX, ..Limits::imap_client() };
        let mut cursor = Cursor::borrowed(&octets, &limits, 0);
        match Envelope::scan(&mut cursor) {
            Ok(scanned) => Ok(Envelope::of(octets, scanned)),
            Err(fail) => {
                let error = cursor.error(fail);
                Err(InvalidValue { offset: write::index(error.offset()), expected: error.expected() })
            }
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.encode_with(self.lists.each_ref(), encoder)
    }

    fn encode_with(&self, lists: [&Vec<Address<'a>>; 6], encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(b"(");
        encoder.nstring(self.date.as_deref())?;
        encoder.sp();
        encoder.nstring(self.subject.as_deref())?;
        encoder.sp();
        for list in lists {
            if list.is_empty() {
                encoder.nil();
            } else {
                encoder.raw(b"(");
                list.iter().try_for_each(|address| address.encode(encoder))?;
                encoder.raw(b")");
            }
            encoder.sp();
        }
        encoder.nstring(self.in_reply_to.as_deref())?;
        encoder.sp();
        encoder.nstring(self.message_id.as_deref())?;
        encoder.raw(b")");
        Ok(())
    }
}

/// What a builder takes for a string: text or octets, borrowed or owned.
pub trait IntoOctets<'a> {
    /// The octets.
    fn into_octets(self) -> Cow<'a, [u8]>;
}

impl<'a> IntoOctets<'a> for &'a str {
    fn into_octets(self) -> Cow<'a, [u8]> {
        Cow::Borrowed(self.as_bytes())
    }
}

impl<'a> IntoOctets<'a> for &'a [u8] {
    fn into_octets(self) -> Cow<'a, [u8]> {
        Cow::Borrowed(self)
    }
}

impl<'a> IntoOctets<'a> for alloc::string::String {
    fn into_octets(self) -> Cow<'a, [u8]> {
        Cow::Owned(self.into_bytes())
    }
}

impl<'a> IntoOctets<'a> for Vec<u8> {
    fn into_octets(self) -> Cow<'a, [u8]> {
        Cow::Owned(self)
    }
}

impl<'a> IntoOctets<'a> for Cow<'a, [u8]> {
    fn into_octets(self) -> Self {
        self
    }
}

#[cfg(feature = "serde")]
mod serial {
    use super::{Address, Envelope, EnvelopeBuilder};
    use crate::wire::Text;
    use alloc::borrow::Cow;
    use alloc::vec::Vec;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(default)]
    #[derive(Default)]
    struct Fields {
        date: Option<Text>,
        subject: Option<Text>,
        from: Vec<AddressFields>,
        sender: Vec<AddressFields>,
        reply_to: Vec<AddressFields>,
        to: Vec<AddressFields>,
        cc: Vec<AddressFields>,
        bcc: Vec<AddressFields>,
        in_reply_to: Option<Text>,
        message_id: Option<Text>,
    }

    #[derive(Serialize, Deserialize)]
    struct AddressFields {
        name: Option<Text>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        adl: Option<Text>,
        mailbox: Option<Text>,
        host: Option<Text>,
    }

    fn text(octets: Option<Cow<'_, [u8]>>) -> Option<Text> {
        octets.map(|octets| Text::from(octets.as_ref()))
    }

    fn octets(text: Option<&Text>) -> Option<Cow<'_, [u8]>> {
        text.map(|text| Cow::Borrowed(text.as_bytes()))
    }

    impl Serialize for Envelope {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let list = |addresses: crate::imap::envelope::Addresses<'_>| {
                addresses
                    .map(|address| AddressFields {
                        name: text(address.name),
                        adl: text(address.adl),
                        mailbox: text(address.mailbox),
                        host: text(address.host),
                    })
                    .collect()
            };
            let fields = Fields {
                date: text(self.date()),
                subject: text(self.subject()),
                from: list(self.from()),
                sender: list(self.sender()),
                reply_to: list(self.reply_to()),
                to: list(self.to()),
                cc: list(self.cc()),
                bcc: list(self.bcc()),
                in_reply_to: text(self.in_reply_to()),
                message_id: text(self.message_id()),
            };
            fields.serialize(serializer)
        }
    }

    impl<'de> Deserialize<'de> for Envelope {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let fields = Fields::deserialize(deserializer)?;
            let list = |addresses: &[AddressFields]| -> Vec<Address<'static>> {
                let owned =
                    |text: &Option<Text>| text.as_ref().map(|text| Cow::Owned(text.as_bytes().to_vec()));
                addresses
                    .iter()
                    .map(|address| Address {
                        name: owned(&address.name),
                        adl: owned(&address.adl),
                        mailbox: owned(&address.mailbox),
                        host: owned(&address.host),
                    })
                    .collect()
            };
            let builder = EnvelopeBuilder {
                date: octets(fields.date.as_ref()),
                subject: octets(fields.subject.as_ref()),
                lists: [
                    list(&fields.from),
                    list(&fields.sender),
                    list(&fields.reply_to),
                    list(&fields.to),
                    list(&fields.cc),
                    list(&fields.bcc),
                ],
                in_reply_to: octets(fields.in_reply_to.as_ref()),
                message_id: octets(fields.message_id.as_ref()),
            };
            builder.build_with(builder.lists.each_ref()).map_err(D::Error::custom)
        }
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Envelope {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut string = || -> arbitrary::Result<Option<Cow<'static, [u8]>>> {
            Ok(match u.ratio(1, 5)? {
                true => None,
                false => Some(Cow::Owned(crate::imap::section::arbitrary_text(u)?.as_bytes().to_vec())),
            })
        };
        let mut builder =
            EnvelopeBuilder { date: string()?, subject: string()?, ..EnvelopeBuilder::default() };
        builder.in_reply_to = string()?;
        builder.message_id = string()?;
        let mut addresses = Vec::new();
        for _ in 0..6 {
            addresses.push(Address { name: string()?, adl: string()?, mailbox: string()?, host: string()? });
        }
        for list in &mut builder.lists {
            for _ in 0..u.int_in_range(0..=3)? {
                list.push(u.choose(&addresses)?.clone());
            }
        }
        builder.build_with(builder.lists.each_ref()).map_err(|_| arbitrary::Error::IncorrectFormat)
    }
}
