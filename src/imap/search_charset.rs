//! Whether a client says which charset the strings of its search are in.
//!
//! Without one they are US-ASCII (RFC 3501 section 6.4.4), or UTF-8 where IMAP4rev2 is enabled (RFC 9051 section 6.4.4). Where UTF8=ACCEPT is
//! enabled they are UTF-8, and a client must not name a charset (RFC 6855 section 3).

use crate::imap::command::Command;
use crate::imap::enabled::Enabled;
use crate::imap::search_key::SearchKey;
use crate::imap::search_program::{SearchKeys, SearchProgram};
use crate::wire::{Error, ErrorKind, Text};

impl SearchKey {
    /// Its strings, which are in the charset of the search.
    fn strings(&self) -> impl Iterator<Item = &Text> {
        let (one, other) = match self {
            Self::Bcc(text)
            | Self::Body(text)
            | Self::Cc(text)
            | Self::From(text)
            | Self::Subject(text)
            | Self::Text(text)
            | Self::To(text)
            | Self::GmailRaw(text)
            | Self::GmailLabels(text) => (Some(text), None),
            Self::Header(header) => (Some(&header.field), Some(&header.value)),
            Self::Annotation(annotation) => (annotation.value.as_ref(), None),
            _ => (None, None),
        };
        one.into_iter().chain(other)
    }
}

impl SearchKeys {
    fn is_ascii(&self) -> bool {
        self.keys().flat_map(SearchKey::strings).all(|text| text.as_bytes().is_ascii())
    }

    fn is_utf8(&self) -> bool {
        self.keys().flat_map(SearchKey::strings).all(|text| text.to_str().is_ok())
    }
}

impl Command {
    /// What it looks for, if it can do without a charset.
    fn search_program(&self) -> Option<&SearchProgram> {
        match self {
            Self::Search(search) => Some(&search.program),
            Self::MultimailboxSearch(search) => Some(&search.program),
            _ => None,
        }
    }

    /// The same with UTF-8 for its charset, if it has none and needs one.
    pub(crate) fn with_charset(&self, enabled: Enabled) -> Option<Self> {
        let program = self.search_program()?;
        if enabled.utf8 || program.charset.is_some() || program.keys.is_ascii() || !program.keys.is_utf8() {
            return None;
        }
        let mut command = self.clone();
        match &mut command {
            Self::Search(search) => search.program.charset = Some("UTF-8".into()),
            Self::MultimailboxSearch(search) => search.program.charset = Some("UTF-8".into()),
            _ => {}
        }
        Some(command)
    }

    /// Whether the server will know which charset its strings are in, and may be told.
    pub(crate) fn check_charset(&self, enabled: Enabled) -> Result<(), Error> {
        let Some(program) = self.search_program() else { return Ok(()) };
        let expected = match &program.charset {
            Some(_) if enabled.utf8_accept => "no charset, since UTF8=ACCEPT is enabled: strings are UTF-8",
            Some(_) => return Ok(()),
            None if enabled.utf8 && !program.keys.is_utf8() => "strings of UTF-8",
            None if !enabled.utf8 && !program.keys.is_ascii() => "a charset, or strings of ASCII",
            None => return Ok(()),
        };
        Err(Error::caller(ErrorKind::InvalidValue, expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::search::{MultimailboxSearch, Search};
    use crate::imap::search_key::AnnotationKey;
    use alloc::boxed::Box;

    fn search(key: SearchKey, charset: Option<&str>) -> [Command; 2] {
        let program = SearchProgram { charset: charset.map(Text::from), keys: SearchKeys::new().not(key) };
        let several = MultimailboxSearch::new([], program.clone());
        [Command::Search(Box::new(Search::uid(program))), Command::MultimailboxSearch(Box::new(several))]
    }

    #[test]
    fn a_charset_is_said_where_it_is_needed() {
        let rev1 = Enabled::default();
        let rev2 = Enabled { utf8: true, rev2: true, ..rev1 };
        let accept = Enabled { utf8: true, utf8_accept: true, ..rev1 };
        let annotation = AnnotationKey {
            entry: "*".parse().unwrap(),
            attribute: "value".into(),
            value: Some("\u{fc}".into()),
        };
        for (key, charset, enabled, said, allowed) in [
            (SearchKey::Seen, None, rev1, false, true),
            (SearchKey::Subject("u".into()), None, rev1, false, true),
            (SearchKey::Subject("\u{fc}".into()), None, rev1, true, false),
            (SearchKey::header("X-\u{fc}", "u"), None, rev1, true, false),
            (SearchKey::header("X-u", "\u{fc}"), None, rev1, true, false),
            (SearchKey::Annotation(Box::new(annotation)), None, rev1, true, false),
            (SearchKey::GmailRaw("\u{fc}".into()), None, rev1, true, false),
            (SearchKey::Subject("\u{fc}".into()), Some("UTF-8"), rev1, false, true),
            (SearchKey::Subject(b"\xfc"[..].into()), Some("ISO-8859-1"), rev1, false, true),
            (SearchKey::Subject(b"\xfc"[..].into()), None, rev1, false, false),
            (SearchKey::Subject("\u{fc}".into()), None, rev2, false, true),
            (SearchKey::Subject("\u{fc}".into()), Some("UTF-8"), rev2, false, true),
            (SearchKey::Subject(b"\xfc"[..].into()), None, rev2, false, false),
            (SearchKey::Subject("\u{fc}".into()), None, accept, false, true),
            (SearchKey::Subject("u".into()), Some("UTF-8"), accept, false, false),
            (SearchKey::Subject("u".into()), Some("US-ASCII"), accept, false, false),
        ] {
            for command in search(key, charset) {
                let with = command.with_charset(enabled);
                assert_eq!(with.is_some(), said, "{command:?}");
                assert_eq!(command.check_charset(enabled).is_ok(), allowed, "{command:?}");
                if let Some(with) = with {
                    assert!(with.check_charset(enabled).is_ok());
                    let program = with.search_program().unwrap();
                    assert_eq!(program, &SearchProgram::utf8(command.search_program().unwrap().keys.clone()));
                }
            }
        }
    }
}
