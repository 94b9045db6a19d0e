//! What a server can do.
//!
//! ```abnf
//! ; RFC 3501 section 9; the names are those of the IANA registry
//! capability-data = "CAPABILITY" *(SP capability) SP "IMAP4rev1" *(SP capability)
//! capability      = ("AUTH=" auth-type) / atom
//! enable-data     = "ENABLED" *(SP capability)    ; RFC 5161
//! ```

use crate::imap::core::{ATOM, is_in};
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::keyword::{Keyword, upper};
use crate::imap::quirk::Quirk;
use crate::imap::runs::word;
use crate::wire::cursor::{Class, Cursor, Parsed, class};
use crate::wire::{InvalidValue, Text};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;

/// What a careless server may put into a capability: all that leaves the list and a response code readable.
const STRANGE: Class =
    class!(octet => octet > 0x20 && octet != 0x7f && !matches!(octet, b'(' | b')' | b'{' | b'"' | b']'));

/// Declares the capabilities that are a word and nothing else: variant, bit, word in upper case.
macro_rules! capabilities {
    ($($(#[$doc:meta])* $name:ident = $bit:literal $upper:literal,)*) => {
        /// One capability of a server.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Capability {
            $($(#[$doc])* $name,)*
            /// `AUTH=`: a SASL mechanism (RFC 3501).
            Auth(Keyword),
            /// `APPENDLIMIT`: the longest message in octets, or `None` where STATUS tells it for each mailbox (RFC 7889).
            AppendLimit(Option<u64>),
            /// `RIGHTS=`: rights of access control lists, one letter each (RFC 4314).
            Rights(Keyword),
            /// `QUOTA=RES-`: a resource that has quotas (RFC 9208).
            QuotaResource(Keyword),
            /// `THREAD=`: an algorithm of the THREAD command (RFC 5256).
            Thread(Keyword),
            /// `I18NLEVEL=`: the level of internationalization, 1 or 2 (RFC 5255).
            I18nLevel(u32),
            /// `IMAPSIEVE=`: the URL of the ManageSieve server, or nothing (RFC 6785).
            ImapSieve(Text),
            /// `MESSAGELIMIT=`: how many messages one command may process (RFC 9738 section 3).
            MessageLimit(NonZeroU32),
            /// `SAVELIMIT=`: how many messages one COPY or APPEND may save; the other commands have no limit (RFC 9738 section 3).
            SaveLimit(NonZeroU32),
            /// A capability that is not known here.
            Other(Keyword),
        }

        impl Capability {
            /// Every capability that is a word and nothing else.
            const WORDS: &[Self] = &[$(Self::$name,)*];

            fn bit(&self) -> Option<u32> {
                match self {
                    $(Self::$name => Some($bit),)*
                    _ => None,
                }
            }

            /// The same in upper case.
            fn upper(&self) -> &'static [u8] {
                match self {
                    $(Self::$name => $upper,)*
                    Self::Auth(_) => b"AUTH=",
                    Self::AppendLimit(None) => b"APPENDLIMIT",
                    Self::AppendLimit(Some(_)) => b"APPENDLIMIT=",
                    Self::Rights(_) => b"RIGHTS=",
                    Self::QuotaResource(_) => b"QUOTA=RES-",
                    Self::Thread(_) => b"THREAD=",
                    Self::I18nLevel(_) => b"I18NLEVEL=",
                    Self::ImapSieve(_) => b"IMAPSIEVE=",
                    Self::MessageLimit(_) => b"MESSAGELIMIT=",
                    Self::SaveLimit(_) => b"SAVELIMIT=",
                    Self::Other(_) => b"",
                }
            }

            fn of_upper(upper: &[u8]) -> Option<Self> {
                match upper {
                    $($upper => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

capabilities! {
    /// `IMAP4rev1`: IMAP4rev1 (RFC 3501).
    Imap4rev1 = 0 b"IMAP4REV1",
    /// `IMAP4rev2`: IMAP4rev2 (RFC 9051).
    Imap4rev2 = 1 b"IMAP4REV2",
    /// `IMAP4`: the predecessor of IMAP4rev1 (RFC 1730).
    Imap4 = 2 b"IMAP4",
    /// `STARTTLS`: the STARTTLS command (RFC 3501).
    StartTls = 3 b"STARTTLS",
    /// `LOGINDISABLED`: the LOGIN command is refused (RFC 3501).
    LoginDisabled = 4 b"LOGINDISABLED",
    /// `SASL-IR`: a first response with AUTHENTICATE (RFC 4959).
    SaslInitialResponse = 5 b"SASL-IR",
    /// `ACL`: access control lists (RFC 4314).
    Acl = 6 b"ACL",
    /// `ANNOTATE-EXPERIMENT-1`: annotations of messages (RFC 5257).
    Annotate = 7 b"ANNOTATE-EXPERIMENT-1",
    /// `BINARY`: decoded contents, and literal8 (RFC 3516).
    Binary = 8 b"BINARY",
    /// `CATENATE`: APPEND from parts (RFC 4469).
    Catenate = 9 b"CATENATE",
    /// `CHILDREN`: `\HasChildren` and `\HasNoChildren` (RFC 3348).
    Children = 10 b"CHILDREN",
    /// `COMPARATOR`: the COMPARATOR command (RFC 5255).
    Comparator = 11 b"COMPARATOR",
    /// `COMPRESS=DEFLATE`: the connection can be deflated (RFC 4978).
    CompressDeflate = 12 b"COMPRESS=DEFLATE",
    /// `CONDSTORE`: conditional STORE, mod-sequences (RFC 7162).
    CondStore = 13 b"CONDSTORE",
    /// `CONTEXT=SEARCH`: searches that are kept up to date (RFC 5267).
    ContextSearch = 14 b"CONTEXT=SEARCH",
    /// `CONTEXT=SORT`: sorted searches that are kept up to date (RFC 5267).
    ContextSort = 15 b"CONTEXT=SORT",
    /// `CONVERT`: conversion of body parts (RFC 5259).
    Convert = 16 b"CONVERT",
    /// `CREATE-SPECIAL-USE`: CREATE with a special use (RFC 6154).
    CreateSpecialUse = 17 b"CREATE-SPECIAL-USE",
    /// `ENABLE`: the ENABLE command (RFC 5161).
    Enable = 18 b"ENABLE",
    /// `ESEARCH`: extended results of SEARCH (RFC 4731).
    ESearch = 19 b"ESEARCH",
    /// `ESORT`: extended results of SORT (RFC 5267).
    ESort = 20 b"ESORT",
    /// `FILTERS`: named searches (RFC 5466).
    Filters = 21 b"FILTERS",
    /// `ID`: the ID command (RFC 2971).
    Id = 22 b"ID",
    /// `IDLE`: the IDLE command (RFC 2177).
    Idle = 23 b"IDLE",
    /// `INPROGRESS`: news of a long command (RFC 9585).
    InProgress = 24 b"INPROGRESS",
    /// `JMAPACCESS`: where the same mail is to be had by JMAP (RFC 9698).
    JmapAccess = 25 b"JMAPACCESS",
    /// `LANGUAGE`: the language of texts (RFC 5255).
    Language = 26 b"LANGUAGE",
    /// `LIST-EXTENDED`: options of LIST (RFC 5258).
    ListExtended = 27 b"LIST-EXTENDED",
    /// `LIST-METADATA`: metadata with LIST (RFC 9590).
    ListMetadata = 28 b"LIST-METADATA",
    /// `LIST-MYRIGHTS`: rights with LIST (RFC 8440).
    ListMyRights = 29 b"LIST-MYRIGHTS",
    /// `LIST-STATUS`: STATUS with LIST (RFC 5819).
    ListStatus = 30 b"LIST-STATUS",
    /// `LITERAL+`: literals that do not wait (RFC 7888).
    LiteralPlus = 31 b"LITERAL+",
    /// `LITERAL-`: literals of up to 4,096 octets that do not wait (RFC 7888).
    LiteralMinus = 32 b"LITERAL-",
    /// `LOGIN-REFERRALS`: another server, told at login (RFC 2221).
    LoginReferrals = 33 b"LOGIN-REFERRALS",
    /// `MAILBOX-REFERRALS`: another server, told with a mailbox (RFC 2193).
    MailboxReferrals = 34 b"MAILBOX-REFERRALS",
    /// `METADATA`: annotations of mailboxes and of the server (RFC 5464).
    Metadata = 35 b"METADATA",
    /// `METADATA-SERVER`: annotations of the server (RFC 5464).
    MetadataServer = 36 b"METADATA-SERVER",
    /// `MOVE`: the MOVE command (RFC 6851).
    Move = 37 b"MOVE",
    /// `MULTIAPPEND`: several messages in one APPEND (RFC 3502).
    MultiAppend = 38 b"MULTIAPPEND",
    /// `MULTISEARCH`: a search of several mailboxes (RFC 7377).
    MultiSearch = 39 b"MULTISEARCH",
    /// `NAMESPACE`: the NAMESPACE command (RFC 2342).
    Namespace = 40 b"NAMESPACE",
    /// `NOTIFY`: the NOTIFY command (RFC 5465).
    Notify = 41 b"NOTIFY",
    /// `OBJECTID`: identifiers that last (RFC 8474).
    ObjectId = 42 b"OBJECTID",
    /// `PARTIAL`: part of a result (RFC 9394).
    Partial = 43 b"PARTIAL",
    /// `PREVIEW`: previews of messages (RFC 8970).
    Preview = 44 b"PREVIEW",
    /// `QRESYNC`: quick resynchronization (RFC 7162).
    QResync = 45 b"QRESYNC",
    /// `QUOTA`: quotas (RFC 9208).
    Quota = 46 b"QUOTA",
    /// `QUOTASET`: the SETQUOTA command (RFC 9208).
    QuotaSet = 47 b"QUOTASET",
    /// `REPLACE`: the REPLACE command (RFC 8508).
    Replace = 48 b"REPLACE",
    /// `SAVEDATE`: when a message came into its mailbox (RFC 8514).
    SaveDate = 49 b"SAVEDATE",
    /// `SEARCH=FUZZY`: fuzzy searches (RFC 6203).
    SearchFuzzy = 50 b"SEARCH=FUZZY",
    /// `SEARCHRES`: `$`, the saved result of a search (RFC 5182).
    SearchRes = 51 b"SEARCHRES",
    /// `SORT`: the SORT command (RFC 5256).
    Sort = 52 b"SORT",
    /// `SORT=DISPLAY`: sorting by displayed names (RFC 5957).
    SortDisplay = 53 b"SORT=DISPLAY",
    /// `SPECIAL-USE`: special uses of mailboxes (RFC 6154).
    SpecialUse = 54 b"SPECIAL-USE",
    /// `STATUS=SIZE`: the size of a mailbox (RFC 8438).
    StatusSize = 55 b"STATUS=SIZE",
    /// `UIDONLY`: messages by UID alone (RFC 9586).
    UidOnly = 56 b"UIDONLY",
    /// `UIDPLUS`: UID EXPUNGE, and UIDs of what was added (RFC 4315).
    UidPlus = 57 b"UIDPLUS",
    /// `UNAUTHENTICATE`: the UNAUTHENTICATE command (RFC 8437).
    Unauthenticate = 58 b"UNAUTHENTICATE",
    /// `UNSELECT`: the UNSELECT command (RFC 3691).
    Unselect = 59 b"UNSELECT",
    /// `URLFETCH=BINARY`: decoded contents by URL (RFC 5524).
    UrlFetchBinary = 60 b"URLFETCH=BINARY",
    /// `URL-PARTIAL`: parts of messages by URL (RFC 5550).
    UrlPartial = 61 b"URL-PARTIAL",
    /// `URLAUTH`: authorized URLs (RFC 4467).
    UrlAuth = 62 b"URLAUTH",
    /// `UTF8=ACCEPT`: UTF-8 in strings and names (RFC 6855).
    Utf8Accept = 63 b"UTF8=ACCEPT",
    /// `UTF8=ONLY`: UTF-8, and nothing before it is enabled (RFC 6855).
    Utf8Only = 64 b"UTF8=ONLY",
    /// `WITHIN`: searches by age (RFC 5032).
    Within = 65 b"WITHIN",
    /// `X-GM-EXT-1`: Gmail's identifiers, labels and searches.
    GmailExtensions = 66 b"X-GM-EXT-1",
    /// `XLIST`: the predecessor of SPECIAL-USE.
    XList = 67 b"XLIST",
}

impl Capability {
    /// What stands before its parameter.
    fn word(&self) -> &'static [u8] {
        match self {
            Self::Imap4rev1 => b"IMAP4rev1",
            Self::Imap4rev2 => b"IMAP4rev2",
            other => other.upper(),
        }
    }

    /// The capability that is written like this.
    ///
    /// ```
    /// use mailwire::imap::Capability;
    ///
    /// assert_eq!(Capability::new("imap4REV1"), Ok(Capability::Imap4rev1));
    /// assert_eq!(Capability::new("APPENDLIMIT=1000"), Ok(Capability::AppendLimit(Some(1000))));
    /// assert_eq!(Capability::new("XYZ").unwrap().to_string(), "XYZ");
    /// ```
    ///
    /// # Errors
    /// Tells the first octet that is not an ATOM-CHAR.
    pub fn new(capability: impl Into<Text>) -> Result<Self, InvalidValue> {
        let word = Keyword::new(capability)?;
        let known = Self::known(word.as_bytes(), |octets| Some(octets.into()));
        Ok(known.unwrap_or(Self::Other(word)))
    }

    /// `text` makes the texts of parameters; nothing is known where it gives none.
    fn known(word: &[u8], mut text: impl FnMut(&[u8]) -> Option<Text>) -> Option<Self> {
        let mut buffer = [0; 32];
        if let Some(known) = Self::of_upper(word).or_else(|| Self::of_upper(upper(word, &mut buffer))) {
            return Some(known);
        }
        if word.eq_ignore_ascii_case(b"APPENDLIMIT") {
            return Some(Self::AppendLimit(None));
        }
        let equals = memchr::memchr(b'=', word)?;
        let (name, value) = (word.get(..equals)?, word.get(equals.saturating_add(1)..)?);
        // A number that would not be written back the same, or does not fit, is left as it stands.
        let number = || match value {
            [] | [b'0', _, ..] => None,
            value => core::str::from_utf8(value)
                .ok()?
                .parse::<u64>()
                .ok()
                .filter(|_| value.iter().all(u8::is_ascii_digit)),
        };
        let limit = || number().and_then(|number| NonZeroU32::new(u32::try_from(number).ok()?));
        let mut keyword =
            |word: &[u8]| if word.is_empty() { None } else { text(word).map(Keyword::from_checked) };
        let mut buffer = [0; 12];
        match upper(name, &mut buffer) {
            b"AUTH" => keyword(value).map(Self::Auth),
            b"APPENDLIMIT" => number().map(|limit| Self::AppendLimit(Some(limit))),
            b"RIGHTS" => keyword(value).map(Self::Rights),
            b"QUOTA" if value.get(..4)?.eq_ignore_ascii_case(b"RES-") => {
                keyword(value.get(4..)?).map(Self::QuotaResource)
            }
            b"THREAD" => keyword(value).map(Self::Thread),
            b"I18NLEVEL" => number().and_then(|level| u32::try_from(level).ok()).map(Self::I18nLevel),
            b"IMAPSIEVE" => text(value).map(Self::ImapSieve),
            b"MESSAGELIMIT" => limit().map(Self::MessageLimit),
            b"SAVELIMIT" => limit().map(Self::SaveLimit),
            _ => None,
        }
    }

    /// `capability`. A word with octets that no atom has, and the name `IMAPrev1`, are quirks.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let atom = cursor.take_some(&ATOM, "a capability")?;
        let strange = cursor.peek().is_some_and(|octet| is_in(&STRANGE, octet));
        if !strange && let Some(known) = Self::of_upper(atom) {
            return Ok(known);
        }
        if strange {
            if !cursor.forgives(Quirk::StrangeCapability) {
                return cursor.syntax("the end of the capability");
            }
            cursor.take_while(&STRANGE);
        }
        let word = cursor.since(start);
        if word.eq_ignore_ascii_case(b"IMAPrev1") && cursor.forgives(Quirk::StrangeCapability) {
            return Ok(Self::Imap4rev1);
        }
        let mut failed = None;
        let known = Self::known(word, |octets| {
            // The octets are part of the word, so their place in the message is known.
            let end = cursor.position();
            cursor.set_position(end.saturating_sub(octets.len()));
            let octets = cursor.take(octets.len(), "a capability").and_then(|octets| cursor.text(octets));
            octets.map_err(|fail| failed = Some(fail)).ok()
        });
        match (known, failed) {
            (_, Some(fail)) => Err(fail),
            (Some(known), None) => Ok(known),
            (None, None) => cursor.text(word).map(Keyword::from_checked).map(Self::Other),
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(self.word());
        match self {
            Self::Auth(word)
            | Self::Rights(word)
            | Self::QuotaResource(word)
            | Self::Thread(word)
            | Self::Other(word) => word.encode(encoder)?,
            Self::AppendLimit(Some(limit)) => encoder.number(*limit),
            Self::I18nLevel(level) => encoder.number(*level),
            Self::ImapSieve(url) => {
                if let Some(offset) = url.as_bytes().iter().position(|octet| !is_in(&STRANGE, *octet)) {
                    return Err(InvalidValue { offset, expected: "a URL" });
                }
                encoder.raw(url.as_bytes());
            }
            Self::MessageLimit(limit) | Self::SaveLimit(limit) => encoder.number(limit.get()),
            _ => {}
        }
        Ok(())
    }
}

impl fmt::Display for Capability {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.word().escape_ascii())?;
        match self {
            Self::Auth(word)
            | Self::Rights(word)
            | Self::QuotaResource(word)
            | Self::Thread(word)
            | Self::Other(word) => write!(f, "{word}"),
            Self::AppendLimit(Some(limit)) => write!(f, "{limit}"),
            Self::I18nLevel(level) => write!(f, "{level}"),
            Self::ImapSieve(url) => write!(f, "{}", url.display()),
            Self::MessageLimit(limit) | Self::SaveLimit(limit) => write!(f, "{limit}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<&str> for Capability {
    type Error = InvalidValue;
    fn try_from(capability: &str) -> Result<Self, InvalidValue> {
        Self::new(capability)
    }
}

impl core::str::FromStr for Capability {
    type Err = InvalidValue;
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::new(text)
    }
}

/// The capabilities of a server, as a set.
///
/// ```
/// use mailwire::imap::{Capabilities, Capability};
///
/// let capabilities = Capabilities::from([Capability::Imap4rev1, Capability::new("AUTH=PLAIN").unwrap()]);
/// assert!(capabilities.contains(&Capability::Imap4rev1) && !capabilities.contains(&Capability::Idle));
/// assert_eq!(capabilities.mechanisms().count(), 1);
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Capabilities {
    /// A bit for each word, as octets so that the set needs no alignment.
    words: [u8; 16],
    /// Sorted, each once.
    #[allow(clippy::box_collection, reason = "the set stands in a response code, which has to stay small")]
    others: Option<Box<Vec<Capability>>>,
}

impl Capabilities {
    /// The empty set.
    pub const fn new() -> Self {
        Self { words: [0; 16], others: None }
    }

    const fn words(&self) -> u128 {
        u128::from_le_bytes(self.words)
    }

    fn others(&self) -> &[Capability] {
        self.others.as_deref().map_or(&[], Vec::as_slice)
    }

    /// Whether the server has the capability.
    pub fn contains(&self, capability: &Capability) -> bool {
        match capability.bit() {
            Some(bit) => self.words() & 1u128.wrapping_shl(bit) != 0,
            None => self.others().binary_search(capability).is_ok(),
        }
    }

    /// Puts a capability in.
    pub fn insert(&mut self, capability: Capability) {
        match capability.bit() {
            Some(bit) => self.words = (self.words() | 1u128.wrapping_shl(bit)).to_le_bytes(),
            None => {
                let others = self.others.get_or_insert_default();
                if let Err(place) = others.binary_search(&capability) {
                    others.insert(place, capability);
                }
            }
        }
    }

    /// Takes a capability out; tells whether it was in.
    pub fn remove(&mut self, capability: &Capability) -> bool {
        let was = self.contains(capability);
        if let Some(bit) = capability.bit() {
            self.words = (self.words() & !1u128.wrapping_shl(bit)).to_le_bytes();
        } else if let Some(others) = &mut self.others {
            others.retain(|other| other != capability);
            if others.is_empty() {
                self.others = None;
            }
        }
        was
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        let words = usize::try_from(self.words().count_ones()).unwrap_or_default();
        words.saturating_add(self.others().len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The capabilities, IMAP4rev1 and IMAP4rev2 first.
    pub fn iter(&self) -> impl Iterator<Item = &Capability> + '_ {
        Capability::WORDS.iter().filter(|word| self.contains(word)).chain(self.others())
    }

    /// The SASL mechanisms, as words without `AUTH=`.
    pub fn mechanisms(&self) -> impl Iterator<Item = &Keyword> + '_ {
        self.others().iter().filter_map(|other| match other {
            Capability::Auth(mechanism) => Some(mechanism),
            _ => None,
        })
    }

    /// Whether the server has this SASL mechanism.
    pub fn has_mechanism(&self, mechanism: &str) -> bool {
        self.mechanisms().any(|offered| offered.is(mechanism))
    }

    /// The algorithms of the THREAD command.
    pub fn thread_algorithms(&self) -> impl Iterator<Item = &Keyword> + '_ {
        self.others().iter().filter_map(|other| match other {
            Capability::Thread(algorithm) => Some(algorithm),
            _ => None,
        })
    }

    /// The longest message in octets that any mailbox takes, if the server has told.
    pub fn append_limit(&self) -> Option<u64> {
        self.others().iter().find_map(|other| match other {
            Capability::AppendLimit(limit) => *limit,
            _ => None,
        })
    }

    /// How many messages one command may process, if the server has told (RFC 9738 section 3).
    pub fn message_limit(&self) -> Option<NonZeroU32> {
        self.others().iter().find_map(|other| match other {
            Capability::MessageLimit(limit) => Some(*limit),
            _ => None,
        })
    }

    /// How many messages one COPY or APPEND may save, if the server has told (RFC 9738 section 3). A server with a limit for all commands tells
    /// [`message_limit`](Self::message_limit) instead.
    pub fn save_limit(&self) -> Option<NonZeroU32> {
        self.others().iter().find_map(|other| match other {
            Capability::SaveLimit(limit) => Some(*limit),
            _ => None,
        })
    }

    /// Words that are known, in their usual case, and what stands behind them.
    pub(crate) fn glance(octets: &[u8]) -> Option<(Self, &[u8])> {
        let mut words = 0u128;
        let mut rest = octets;
        while let [b' ', behind @ ..] = rest {
            let (name, behind) = word(behind)?;
            let known = match name {
                b"IMAP4rev1" => Capability::Imap4rev1,
                b"IMAP4rev2" => Capability::Imap4rev2,
                name => Capability::of_upper(name)?,
            };
            words |= 1u128.wrapping_shl(known.bit()?);
            rest = behind;
        }
        Some((Self { words: words.to_le_bytes(), others: None }, rest))
    }

    /// `*(SP capability)`, to the end of the line or of a response code.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut set = Self::new();
        let mut words = 0u128;
        let mut others = Vec::new();
        while cursor.peek() == Some(b' ') {
            if matches!(cursor.rest().trim_ascii_start(), [] | [b']', ..]) {
                cursor.stray_spaces()?;
                break;
            }
            cursor.sp()?;
            let capability = Capability::parse(cursor)?;
            match capability.bit() {
                Some(bit) => words |= 1u128.wrapping_shl(bit),
                None => {
                    cursor.charge_item(others.len(), size_of::<Capability>())?;
                    others.push(capability);
                }
            }
        }
        set.words = words.to_le_bytes();
        set.extend_others(others);
        Ok(set)
    }

    fn extend_others(&mut self, more: Vec<Capability>) {
        if more.is_empty() {
            return;
        }
        let others = self.others.get_or_insert_default();
        others.extend(more);
        others.sort();
        others.dedup();
    }

    /// `*(SP capability)`
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.iter().try_for_each(|capability| {
            encoder.sp();
            capability.encode(encoder)
        })
    }
}

impl<const N: usize> From<[Capability; N]> for Capabilities {
    fn from(capabilities: [Capability; N]) -> Self {
        capabilities.into_iter().collect()
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        let mut set = Self::new();
        set.extend(capabilities);
        set
    }
}

impl Extend<Capability> for Capabilities {
    fn extend<I: IntoIterator<Item = Capability>>(&mut self, capabilities: I) {
        let mut others = Vec::new();
        for capability in capabilities {
            if capability.bit().is_some() {
                self.insert(capability);
            } else {
                others.push(capability);
            }
        }
        self.extend_others(others);
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Capability {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Capability {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Text::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Capabilities {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Capabilities {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<Capability>::deserialize(deserializer).map(Self::from_iter)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Capability {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(match u.int_in_range(0..=13u8)? {
            0 => Self::Auth(u.arbitrary()?),
            1 => Self::AppendLimit(u.arbitrary()?),
            2 => Self::Rights(u.arbitrary()?),
            3 => Self::QuotaResource(u.arbitrary()?),
            4 => Self::Thread(u.arbitrary()?),
            5 => Self::I18nLevel(u.arbitrary()?),
            6 => Self::ImapSieve(u.arbitrary::<crate::imap::core::Atom>()?.as_bytes().into()),
            7 => Self::MessageLimit(u.arbitrary()?),
            8 => Self::SaveLimit(u.arbitrary()?),
            9 => Self::new(u.arbitrary::<crate::imap::core::Atom>()?.as_bytes()).unwrap_or(Self::Imap4rev1),
            _ => u.choose(Self::WORDS)?.clone(),
        })
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Capabilities {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        (0..u.int_in_range(0..=8u8)?).map(|_| u.arbitrary::<Capability>()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{quirky, round_trip, strict, written};
    use alloc::string::ToString;

    #[test]
    fn round_trips() {
        round_trip(Capability::parse, Capability::encode);
        round_trip(Capabilities::parse, Capabilities::encode);
    }

    #[test]
    fn each_word_has_a_bit() {
        for (place, word) in Capability::WORDS.iter().enumerate() {
            assert_eq!(word.bit(), u32::try_from(place).ok());
            assert_eq!(Capability::new(word.to_string().to_lowercase()), Ok(word.clone()));
        }
        assert!(Capability::WORDS.len() <= 128);
    }

    #[test]
    fn known_answers() {
        let octets = b" IMAP4rev1 auth=plain LOGINDISABLED APPENDLIMIT=35651584 XYZ STARTTLS THREAD=REFERENCES QUOTA=RES-STORAGE \
            RIGHTS=kxte I18NLEVEL=1 MESSAGELIMIT=1000 SAVELIMIT=64406 IMAPSIEVE=sieve://a.example xyz";
        let set = strict(octets, Capabilities::parse).unwrap();
        assert_eq!(set.len(), 13);
        assert!(set.contains(&Capability::LoginDisabled) && set.has_mechanism("PLAIN"));
        assert_eq!(set.append_limit(), Some(35_651_584));
        assert_eq!((set.message_limit(), set.save_limit()), (NonZeroU32::new(1000), NonZeroU32::new(64_406)));
        assert!(set.contains(&Capability::new("Xyz").unwrap()));
        assert_eq!(set.thread_algorithms().count(), 1);
        assert!(
            written(|encoder| set.encode(encoder))
                .starts_with(" IMAP4rev1 STARTTLS LOGINDISABLED AUTH=plain")
        );
        for word in [
            "APPENDLIMIT=",
            "APPENDLIMIT=x",
            "APPENDLIMIT=007",
            "MESSAGELIMIT=0",
            "AUTH=",
            "QUOTA=X",
            "SAVELIMIT=+1",
        ] {
            assert!(
                matches!(Capability::new(word), Ok(Capability::Other(other)) if other.is(word)),
                "{word}"
            );
        }
        assert!(
            strict(b" A B]", Capabilities::parse).is_none() && strict(b" A(", Capabilities::parse).is_none()
        );
    }

    #[test]
    fn quirks() {
        let set = quirky(b" IMAP4rev1 A ", Quirk::ExtraSpace, Capabilities::parse);
        assert_eq!(set.len(), 2);
        quirky(b" IMAP4rev1  A", Quirk::ExtraSpace, Capabilities::parse);
        let set = quirky(b" IMAPSIEVE=sieve://a%20b IDLE", Quirk::StrangeCapability, Capabilities::parse);
        assert!(
            set.contains(&Capability::Idle) && set.contains(&Capability::ImapSieve("sieve://a%20b".into()))
        );
        let read = |quirks| crate::imap::round_trip::read(b"IMAPrev1", quirks, Capability::parse).unwrap();
        assert!(matches!(read(crate::imap::quirk::Quirks::strict()), (Capability::Other(_), _)));
        let (capability, met) = read(crate::imap::quirk::Quirks::lenient());
        assert!(capability == Capability::Imap4rev1 && met.contains(Quirk::StrangeCapability));
    }
}
