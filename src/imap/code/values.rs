//! A code as it is shown, and out of the value that it has.

use super::{AnnotationSize, OtherCode, Progress, ResponseCode};
use crate::imap::capability::Capabilities;
use crate::imap::encode::{Encoder, Encoding};
use crate::imap::modseq::ModSequence;
use crate::imap::object_id::ObjectId;
use crate::imap::search_key::FilterName;
use crate::imap::uidplus::{AppendUid, CopyUid};
use crate::wire::Text;
use alloc::boxed::Box;
use bytes::BytesMut;
use core::fmt;

/// The code as it stands between its brackets; what cannot be written, as its name alone.
///
/// ```
/// use mailwire::imap::ResponseCode;
///
/// assert_eq!(ResponseCode::OverQuota.to_string(), "OVERQUOTA");
/// assert_eq!(ResponseCode::new("uidnext 4392").unwrap().to_string(), "UIDNEXT 4392");
/// ```
impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = BytesMut::new();
        let octets = match self.encode(&mut Encoder::new(&mut out, Encoding::server())) {
            Ok(()) => out.get(1..out.len().saturating_sub(1)).unwrap_or_default(),
            Err(_) => self.word(),
        };
        write!(f, "{}", Text::from(octets).display())
    }
}

/// Declares the codes that a value of their own stands for.
macro_rules! from_values {
    ($($type:ty => $variant:ident,)*) => {$(
        impl From<$type> for ResponseCode {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from_values! {
    AppendUid => AppendUid,
    CopyUid => CopyUid,
    Capabilities => Capability,
    ModSequence => HighestModSeq,
    ObjectId => MailboxId,
    AnnotationSize => Annotations,
    FilterName => UndefinedFilter,
    OtherCode => Other,
}

impl From<Progress> for ResponseCode {
    fn from(progress: Progress) -> Self {
        Self::InProgress(Some(Box::new(progress)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_code_is_shown_as_it_is_written() {
        for code in
            ["ALERT", "CAPABILITY IMAP4rev1 IDLE", "COPYUID 1 2:3 4:5", "BADCHARSET (utf-8)", "XCODE a b"]
        {
            assert_eq!(ResponseCode::new(code).unwrap().to_string(), code);
        }
        // What cannot be written, and what no terminal should get.
        assert_eq!(ResponseCode::BadUrl("]".into()).to_string(), "BADURL");
        assert!(!ResponseCode::new("XCODE \x1b[2J").unwrap().to_string().contains('\x1b'));
    }
}
