//! Mailbox names as Maildir++ directories: `a/b` is `.a.b`, INBOX is the Maildir itself.
//!
//! In a level, `.`, `%` and what is not printable become `%XX`.

use crate::embedded::store::{DELIMITER, Result, StoreError, canonical};

/// The directory below the Maildir, empty for INBOX.
///
/// # Errors
/// It would be longer than file systems take.
pub fn directory(name: &str) -> Result<String> {
    if name == "INBOX" {
        return Ok(String::new());
    }
    let mut directory = String::with_capacity(name.len() + 1);
    for level in name.split(DELIMITER) {
        directory.push('.');
        for letter in level.chars() {
            if matches!(letter, '.' | '%' | '\\' | ':') || letter.is_control() {
                let mut octets = [0; 4];
                for octet in letter.encode_utf8(&mut octets).bytes() {
                    directory.push_str(&format!("%{octet:02X}"));
                }
            } else {
                directory.push(letter);
            }
        }
    }
    if directory.len() > 250 {
        return Err(StoreError::Cannot("the mailbox name is too long for a directory"));
    }
    Ok(directory)
}

/// The mailbox of a directory; `None` where no mailbox could have it.
pub fn mailbox(directory: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(directory.len());
    let mut rest = directory.strip_prefix('.')?.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'.' => u8::try_from(DELIMITER).ok()?,
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            octet => octet,
        });
    }
    let name = String::from_utf8(octets).ok()?;
    let known = canonical(&name).is_ok_and(|canonical| canonical == name) && name != "INBOX";
    (known && self::directory(&name).is_ok_and(|back| back == directory)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (name, dir) in
            [("a", ".a"), ("a/b", ".a.b"), ("v1.2%/ü:", ".v1%2E2%25.ü%3A"), ("INBOX/x", ".INBOX.x")]
        {
            assert_eq!(directory(name).unwrap(), dir);
            assert_eq!(mailbox(dir).as_deref(), Some(name));
        }
        assert_eq!(directory("INBOX").unwrap(), "");
        for other in
            ["", "x", ".", "..", ".a..b", ".INBOX", ".inbox", ".a%2", ".a%zz", ".a%61", ".a%2Fb", ".inbox.x"]
        {
            assert_eq!(mailbox(other), None, "{other:?}");
        }
    }
}
