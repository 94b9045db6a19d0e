//! The flat table that a body structure is read into: one entry for each part.

/// The parent of the outermost part.
pub(crate) const NO_PARENT: u32 = u32::MAX;

/// How a part is laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Basic,
    Text,
    Message,
    /// A message whose envelope and body were left out.
    BareMessage,
    Multipart,
    /// A multipart whose parts were left out.
    EmptyMultipart,
}

/// Where a part stands, and where each of its fields does: offsets from the start of the value, zero for what is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    /// The index of the part it stands in.
    pub(crate) parent: u32,
    /// The index of the next part that does not stand in it.
    pub(crate) end: u32,
    /// Its number among the parts of a multipart.
    pub(crate) ordinal: u32,
    pub(crate) start: u32,
    /// Right behind its closing parenthesis.
    pub(crate) close: u32,
    pub(crate) media_type: u32,
    pub(crate) subtype: u32,
    pub(crate) parameters: u32,
    pub(crate) id: u32,
    pub(crate) description: u32,
    pub(crate) encoding: u32,
    pub(crate) size: u32,
    pub(crate) envelope: u32,
    pub(crate) lines: u32,
    pub(crate) md5: u32,
    pub(crate) disposition: u32,
    pub(crate) language: u32,
    pub(crate) location: u32,
    pub(crate) extensions: u32,
}

impl Entry {
    pub(crate) const fn new(start: u32, parent: u32, ordinal: u32) -> Self {
        Self {
            kind: Kind::Basic,
            parent,
            end: 0,
            ordinal,
            start,
            close: 0,
            media_type: 0,
            subtype: 0,
            parameters: 0,
            id: 0,
            description: 0,
            encoding: 0,
            size: 0,
            envelope: 0,
            lines: 0,
            md5: 0,
            disposition: 0,
            language: 0,
            location: 0,
            extensions: 0,
        }
    }
}
