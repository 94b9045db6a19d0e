//! IMAP: RFC 3501, and RFC 9051 beside it.

mod acl;
mod annotate;
mod append;
mod body;
mod body_extension;
mod body_fields;
mod body_read;
mod body_table;
mod body_write;
mod capability;
pub mod client;
mod code;
mod command;
mod command_decoder;
mod command_extension;
mod condition;
mod convert;
mod core;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod corpus_lines;
mod datetime;
pub(crate) mod encode;
mod entry_name;
mod envelope;
mod envelope_build;
mod esearch;
mod fetch;
mod fetch_attribute;
mod fetch_read;
mod flag;
mod framing;
mod id;
mod keyword;
mod language;
mod list;
mod list_command;
mod mailbox;
mod mailbox_filter;
mod metadata;
mod modseq;
mod namespace;
mod notify;
mod object_id;
mod parameter;
mod partial_range;
mod quirk;
mod quota;
mod response;
mod response_decoder;
#[cfg(test)]
pub(crate) mod round_trip;
mod search;
mod search_data;
mod search_key;
mod search_program;
mod section;
mod sequence;
mod sequence_split;
pub mod server;
mod sort;
mod state;
mod status;
mod store;
mod stored;
mod thread;
mod url;
mod urlauth;
pub mod utf7;
mod value;
mod vanished;

pub use self::acl::{Acl, AclIdentifier, ListRights, MyRights, Rights, RightsChange, SetAcl};
pub use self::annotate::{AnnotationRequest, Annotations, EntryAnnotation};
pub use self::append::{Append, AppendOptions, Replaces};
pub use self::body::{BodyPart, BodyStructure, Disposition, Languages, Parameters, PartKind};
pub use self::body_fields::PartFields;
pub use self::body_write::BodyStructureBuilder;
pub use self::capability::{Capabilities, Capability};
pub use self::code::{AnnotationSize, AppendUid, CopyUid, OtherCode, Progress, ResponseCode, UrlMechanism};
pub use self::command::Command;
pub use self::command_decoder::{CommandDecoder, CommandEvent, Literal};
pub use self::condition::{Condition, Status};
pub use self::convert::{
    BadParameters, Conversion, Conversions, Convert, ConvertAttribute, ConvertError, ConvertErrorCode,
    Converted, ConvertedItem, MissingParameters,
};
pub use self::core::{Atom, Tag};
pub use self::datetime::{Date, DateTime};
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
pub use self::list::{Delimiter, List, ListItem, ListKind, MailboxAttribute, MailboxAttributes};
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
pub use self::response_decoder::{ResponseDecoder, ResponseEvent};
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
pub use self::url::{
    ImapUrl, ImapUrlAuth, ImapUrlMessage, ImapUrlPath, UrlAccess, UrlApplication, UrlAuthorization,
    UrlExpiry, UrlToken,
};
pub use self::urlauth::{
    AuthorizedUrls, GenUrlAuth, ResetKey, UrlData, UrlFetch, UrlFetchData, UrlItem, UrlParameter, UrlRequest,
};
pub use self::value::{ExtensionValue, TaggedExtension};
pub use self::vanished::Vanished;
