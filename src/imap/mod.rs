//! IMAP: RFC 3501, RFC 9051 beside it, and what stands on them, for clients and for servers.
//!
//! ```text
//!   Client                                                          Server
//!  ┌───────────────────────────────┐                ┌────────────────────────────────┐
//!  │ not_authenticated()?          │                │ CommandDecoder ─▶ Event        │
//!  │ authenticated()? ─▶ Command ──┼──── octets ───▶│   Command(InProgress, …)       │
//!  │ selected()?                   │                │   Literal(LiteralOffer)        │
//!  │                               │                │        │ complete, select,     │
//!  │ Event ◀─ ResponseDecoder  ◀───┼──── octets ────┼────────┘ data, begin_fetch, …  │
//!  └───────────────────────────────┘                └────────────────────────────────┘
//!
//!                OK                    LOGIN, AUTHENTICATE               SELECT, EXAMINE
//!   greeting ─────────▶ not authenticated ──────────▶ authenticated ───────────────▶ selected
//!       │                      │                        ▲    │   ◀─────────────────    │
//!       │ PREAUTH              │                        │    │     CLOSE, UNSELECT     │
//!       └──────────────────────┼────────────────────────┘    │                         │
//!                              └───── LOGOUT, BYE ───────────┴─────────────────────────┴──▶ logout
//! ```
//!
//! | file | production |
//! |---|---|
//! | `core` `keyword` `flag` `mailbox` [`utf7`] `sequence` `datetime` `modseq` `object_id` | what everything is made of: tags, strings, names, sets, dates |
//! | `envelope` `body` `section` `fetch` `fetch_attribute` | what FETCH asks for and answers |
//! | `list` `list_command` `status` `search` `search_key` `esearch` `sort` `thread` `append` `store` | the other commands with data of their own |
//! | `acl` `quota` `metadata` `namespace` `notify` `annotate` `convert` `urlauth` `url` … | extensions, each by its name |
//! | `capability` `code` `condition` | what a server can do, and what a status says |
//! | `value` `parameter` | the frame for what is not known yet (RFC 4466) |
//! | `command` `response` | the messages |
//! | `message_kind` `framing` `long_line` `command_decoder` `response_decoder` | octets to messages, without a session |
//! | `glance` `listener` | the short way of the responses that come most, up to their event |
//! | `state` | the only transition table |
//! | [`client`] [`server`] | the two state machines |
//!
//! A session, both sides of it, in memory. The message passes in chunks; neither side ever holds it whole:
//!
//! ```
//! use bytes::{Bytes, BytesMut};
//! use mailwire::imap::{Body, BodyItem, BodyStart, Command, Fetch, FetchAttribute, Flag, Mailbox, Section, SequenceSet, Status};
//! use mailwire::imap::{client, server};
//! use mailwire::wire::{Machine, Tls};
//! use std::num::NonZeroU32;
//!
//! let mut client = client::Client::new(client::Config { tls: Tls::Established, ..Default::default() });
//! let mut server = server::Server::new(server::Config { tls: Tls::Established, ..Default::default() });
//! server.greet(&Status::ok("ready"))?;
//! let (mut to_client, mut to_server) = (BytesMut::new(), BytesMut::new());
//! let (mut message, mut seen) = (Vec::new(), false);
//!
//! while !client.is_closed() {
//!     while let Some(octets) = server.poll_transmit() {
//!         to_client.extend_from_slice(&octets);
//!     }
//!     while let Some(event) = client.receive(&mut to_client)? {
//!         match event {
//!             client::Event::Greeting(_) => drop(client.not_authenticated()?.login("alice", "secret")?),
//!             client::Event::Fetch(fetch) => seen |= fetch.flags.is_some_and(|flags| flags.is_seen()),
//!             client::Event::Body(Body::Chunk(octets)) => message.extend_from_slice(&octets),
//!             client::Event::Completed { status, .. } => match status.into_result()?.text.to_str()? {
//!                 "welcome" => drop(client.authenticated()?.select(Mailbox::inbox())?),
//!                 // Allowed only now: without a mailbox there is no `Selected`. LOGOUT need not wait for the FETCH.
//!                 "SELECT completed" => {
//!                     let one: SequenceSet = "1".parse()?;
//!                     let whole = FetchAttribute::body_peek(Section::Full);
//!                     client.selected()?.fetch(one, [FetchAttribute::Flags, whole])?;
//!                     client.logout()?;
//!                 }
//!                 _ => {}
//!             },
//!             _ => {}
//!         }
//!     }
//!     while let Some(octets) = client.poll_transmit() {
//!         to_server.extend_from_slice(&octets);
//!     }
//!     while let Some(event) = server.receive(&mut to_server)? {
//!         match event {
//!             server::Event::Command(running, Command::Login { user, password }) => {
//!                 assert_eq!((user.as_bytes(), password.expose().as_slice()), (&b"alice"[..], &b"secret"[..]));
//!                 server.authenticate(running, &Status::ok("welcome"))?;
//!             }
//!             server::Event::Command(running, Command::Select { .. }) => {
//!                 let data = server::SelectData::new(1, NonZeroU32::MIN, NonZeroU32::new(2).unwrap());
//!                 server.select(running, &data)?;
//!             }
//!             server::Event::Command(running, Command::Fetch { .. }) => {
//!                 let flags = Fetch { flags: Some([Flag::Seen].into()), ..Fetch::new(NonZeroU32::MIN) };
//!                 let mut writer = server.begin_fetch(&flags)?;
//!                 let whole = BodyItem::Section(Section::Full);
//!                 let start = BodyStart { len: Some(14), ..BodyStart::new(NonZeroU32::MIN, whole) };
//!                 server.body(&mut writer, &start)?;
//!                 server.body_octets(&mut writer, Bytes::from_static(b"Subject: x\r\n"))?;
//!                 server.body_octets(&mut writer, Bytes::from_static(b"\r\n"))?;
//!                 server.end_fetch(writer)?;
//!                 server.complete(running, &Status::ok("done"))?;
//!             }
//!             server::Event::Command(running, Command::Logout) => server.logout(running, &Status::bye("see you"))?,
//!             server::Event::Command(running, _) => server.complete(running, &Status::no("not here"))?,
//!             server::Event::Malformed(running, error) => server.reject(running, &error)?,
//!             _ => {}
//!         }
//!     }
//! }
//! assert!(seen);
//! assert_eq!(message, b"Subject: x\r\n\r\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod acl;
mod annotate;
mod append;
mod body;
mod body_extension;
mod body_fields;
mod body_plain;
mod body_read;
mod body_shape;
mod body_table;
mod body_write;
mod capability;
mod charset;
pub mod client;
mod code;
mod command;
mod command_decoder;
mod command_event;
mod command_extension;
mod condition;
mod convert;
mod core;
mod datetime;
mod delimiter;
mod enabled;
pub(crate) mod encode;
mod entry_name;
mod envelope;
mod envelope_build;
mod esearch;
mod fetch;
mod fetch_attribute;
mod fetch_item;
mod fetch_read;
mod file_name;
mod flag;
mod framing;
mod glance;
mod id;
mod keyword;
mod language;
mod list;
mod list_command;
mod listener;
mod long_line;
mod mailbox;
mod mailbox_filter;
mod message_kind;
mod metadata;
mod modseq;
mod namespace;
mod notify;
mod object_id;
mod parameter;
mod partial_range;
mod quirk;
mod quota;
mod repair;
mod response;
mod response_decoder;
mod response_event;
#[cfg(test)]
pub(crate) mod round_trip;
mod runs;
mod search;
mod search_charset;
mod search_data;
mod search_key;
mod search_program;
mod section;
mod sequence;
mod sequence_algebra;
mod sequence_split;
pub mod server;
mod sort;
mod state;
mod status;
mod store;
mod stored;
mod thread;
mod uidplus;
mod url;
mod url_authorization;
mod url_path;
mod url_text;
mod urlauth;
pub mod utf7;
mod value;
mod vanished;
#[cfg(test)]
mod variants;

pub use self::acl::{Acl, AclIdentifier, ListRights, MyRights, Rights, RightsChange, SetAcl};
pub use self::annotate::{AnnotationRequest, Annotations, EntryAnnotation};
pub use self::append::{Append, AppendData, AppendOptions, Replaces};
pub use self::body::{BodyPart, BodyStructure, Disposition, Languages, Parameters, PartKind};
pub use self::body_fields::PartFields;
pub use self::body_write::BodyStructureBuilder;
pub use self::capability::{Capabilities, Capability};
pub use self::code::{AnnotationSize, OtherCode, Progress, ResponseCode, UrlMechanism};
pub use self::command::Command;
pub use self::command_decoder::CommandDecoder;
pub use self::command_event::{CommandEvent, Literal};
pub use self::condition::{Condition, Status};
pub use self::convert::{
    BadParameters, Conversion, Conversions, Convert, ConvertAttribute, ConvertError, ConvertErrorCode,
    Converted, ConvertedItem, MissingParameters,
};
pub use self::core::{Atom, Tag};
pub use self::datetime::{Date, DateTime};
pub use self::delimiter::Delimiter;
pub use self::encode::{Encoding, Literals};
pub use self::entry_name::EntryName;
pub use self::envelope::{Address, Addresses, Envelope};
pub use self::envelope_build::{EnvelopeBuilder, IntoOctets};
pub use self::esearch::{ContextChange, ExtendedSearch, SearchReturnData};
pub use self::fetch::{Body, BodyItem, BodyStart, Fetch, FetchEncoder, FetchItem};
pub use self::fetch_attribute::{FetchAttribute, FetchAttributes};
pub use self::flag::{Flag, FlagName, Flags};
pub use self::id::Id;
pub use self::keyword::Keyword;
pub use self::language::{Comparator, LanguageData};
pub use self::list::{List, ListItem, ListKind, MailboxAttribute, MailboxAttributes};
pub use self::list_command::{ListCommand, ListReturn, ListSelection};
pub use self::mailbox::{ListPattern, Mailbox};
pub use self::mailbox_filter::MailboxFilter;
pub use self::metadata::{
    GetMetadata, Metadata, MetadataDepth, MetadataEntries, MetadataOption, SetMetadata,
};
pub use self::modseq::ModSequence;
pub use self::namespace::{Namespace, NamespaceExtension, Namespaces};
pub use self::notify::{EventGroup, Notify, NotifyEvent};
pub use self::object_id::ObjectId;
pub use self::parameter::{CreateParameter, FetchModifier, QuickResync, SelectParameter, StoreModifier};
pub use self::partial_range::PartialRange;
pub use self::quirk::{Quirk, Quirks};
pub use self::quota::{Quota, QuotaResource, QuotaResourceName, QuotaRoots, SetQuota};
pub use self::response::{Continuation, Data, Response};
pub use self::response_decoder::ResponseDecoder;
pub use self::response_event::ResponseEvent;
pub use self::search::{MultimailboxSearch, Search, SearchReturnOption, SearchSources};
pub use self::search_data::SearchData;
pub use self::search_key::{AnnotationKey, EntryType, FilterName, HeaderKey, ModSequenceKey, SearchKey};
pub use self::search_program::{SearchKeys, SearchProgram, SearchTerm, SearchTerms};
pub use self::section::{PartNumber, Partial, Section};
pub use self::sequence::{SequenceRange, SequenceSet};
pub use self::sort::{AnnotationSort, Sort, SortCriterion, SortKey};
pub use self::state::State;
pub use self::status::{AppendLimit, StatusAttribute, StatusData, StatusItem};
pub use self::store::{Store, StoreAction, StoreChange};
pub use self::thread::{Thread, ThreadAlgorithm, ThreadData, ThreadMessage, Threads};
pub use self::uidplus::{AppendUid, CopyUid};
pub use self::url::{ImapUrl, ImapUrlAuth};
pub use self::url_authorization::{
    UrlAccess, UrlApplication, UrlAuthMechanism, UrlAuthorization, UrlExpiry, UrlToken,
};
pub use self::url_path::{ImapUrlMessage, ImapUrlPath};
pub use self::urlauth::{
    AuthorizedUrls, GenUrlAuth, ResetKey, UrlData, UrlFetch, UrlFetchData, UrlItem, UrlParameter, UrlRequest,
};
pub use self::value::{ExtensionValue, TaggedExtension};
pub use self::vanished::Vanished;
