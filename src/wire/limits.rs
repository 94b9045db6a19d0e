//! The one vocabulary of limits.

/// How much a peer may make this side hold or do. One value per side; change the fields you care for.
///
/// Sizes are octets, without the CRLF of a line. Every limit is inclusive: exactly that much is allowed.
///
/// ```
/// use mailwire::wire::Limits;
///
/// let mut limits = Limits::imap_client();
/// limits.body_depth = 100;
/// assert_eq!(limits.literal, 64 * 1024);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// A line of human text or a command: a status response, a POP3 reply, a command without its literals.
    pub line: usize,
    /// A line of structured data from an IMAP server: LIST, SEARCH, FETCH without its literals, and a status whose code holds sets (COPYUID,
    /// APPENDUID, MODIFIED). A SEARCH of a very large mailbox needs more, and as much of `message`.
    pub structured_line: usize,
    /// One gathered literal: every string that is not a message streamed as a body or an APPEND.
    pub literal: usize,
    /// All octets of one gathered command or response: its lines and its literals.
    pub message: usize,
    /// The memory one decoded value may take, in octets: charged for what a node costs, not for its octets on the wire.
    pub memory: usize,
    /// One streamed literal: a body of a FETCH at a client, a message of an APPEND at a server.
    pub stream: u64,
    /// Lists in lists, everywhere but in BODYSTRUCTURE: search keys in NOT, OR and FUZZY are counted with them, and those lists of a THREAD alone that
    /// open with no message between them.
    pub depth: usize,
    /// Parts in parts of a BODYSTRUCTURE.
    pub body_depth: usize,
    /// Items of one list.
    pub items: usize,
    /// The name of one mailbox, or a pattern for names.
    pub mailbox: usize,
    /// Ranges of one sequence set, of a command or of data such as VANISHED.
    pub ranges: usize,
    /// Keys of one SEARCH.
    pub search_keys: usize,
    /// Literals of one command or response.
    pub literals: usize,
    /// Commands that were not understood before the server closes.
    pub bad_commands: usize,
    /// Commands a server takes ahead of its answers; more of them wait unread.
    pub pipelined: usize,
    /// Octets of output that wait to be sent; more pause reading.
    pub unsent: usize,
    /// Commands a client may have under way.
    pub pending_commands: usize,
    /// A line of a SASL exchange, in Base64.
    pub sasl_line: usize,
    /// Rounds of a SASL exchange.
    pub sasl_rounds: usize,
    /// Lines of a POP3 CAPA response.
    pub capability_lines: usize,
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

impl Limits {
    const NONE: Self = Self {
        line: 8 * KIB,
        structured_line: MIB,
        literal: 64 * KIB,
        message: MIB,
        memory: 4 * MIB,
        stream: 256 * 1024 * 1024,
        depth: 32,
        body_depth: 64,
        items: 65_536,
        mailbox: 4_096,
        ranges: 65_536,
        search_keys: 1_024,
        literals: 4_096,
        bad_commands: 20,
        pipelined: 16,
        unsent: 64 * KIB,
        pending_commands: 64,
        sasl_line: 16 * KIB,
        sasl_rounds: 16,
        capability_lines: 256,
    };

    /// An IMAP client.
    pub const fn imap_client() -> Self {
        Self::NONE
    }

    /// An IMAP server before the user is known.
    pub const fn imap_server_before_login() -> Self {
        Self {
            line: 8 * KIB,
            structured_line: 8 * KIB,
            literal: 4 * KIB,
            message: 16 * KIB,
            memory: 64 * KIB,
            stream: 0,
            depth: 1,
            bad_commands: 3,
            pipelined: 4,
            ..Self::imap_server()
        }
    }

    /// An IMAP server once the user is known.
    pub const fn imap_server() -> Self {
        Self {
            line: 64 * KIB,
            structured_line: 64 * KIB,
            literal: 64 * KIB,
            message: 256 * KIB,
            memory: MIB,
            stream: 64 * 1024 * 1024,
            depth: 32,
            body_depth: 32,
            items: 4_096,
            ranges: 8_192,
            search_keys: 1_024,
            literals: 128,
            bad_commands: 20,
            pipelined: 16,
            ..Self::NONE
        }
    }

    /// A POP3 client: replies of 512 octets are the rule (RFC 1939 section 3), four times that is accepted.
    pub const fn pop3_client() -> Self {
        Self { line: 2_048, pending_commands: 64, ..Self::NONE }
    }

    /// A POP3 server: commands of 255 octets are the rule (RFC 2449 section 4), twice that is accepted.
    pub const fn pop3_server() -> Self {
        Self { line: 512, pipelined: 64, bad_commands: 20, ..Self::NONE }
    }

    /// A POP3 server before the user is known.
    pub const fn pop3_server_before_login() -> Self {
        Self { bad_commands: 3, ..Self::pop3_server() }
    }
}
