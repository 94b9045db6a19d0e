//! Which names of mailboxes may be names of files, on any system.

use crate::wire::InvalidValue;

/// Whether this may be the name of one file.
pub(crate) fn check_component(component: &str) -> Result<(), InvalidValue> {
    let refuse = |offset, expected| Err(InvalidValue { offset, expected });
    if matches!(component, "" | "." | "..") {
        return refuse(0, "a name that is not empty, \".\" or \"..\"");
    }
    if component.len() > 255 {
        return refuse(255, "at most 255 octets");
    }
    if let Some((offset, _)) = component.char_indices().find(|(_, character)| is_unsafe(*character)) {
        return refuse(offset, "a character that file names may have");
    }
    if component.ends_with(['.', ' ']) {
        return refuse(component.len().saturating_sub(1), "neither a dot nor a space at the end");
    }
    let stem = component.split('.').next().unwrap_or_default().trim_end();
    let mut letters = stem.chars();
    let numbered = matches!(letters.next_back(), Some('0'..='9' | '\u{b9}' | '\u{b2}' | '\u{b3}'))
        && ["COM", "LPT"].iter().any(|device| letters.as_str().eq_ignore_ascii_case(device));
    let device = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
    if numbered || device.iter().any(|device| stem.eq_ignore_ascii_case(device)) {
        return refuse(0, "a name that no system reserves");
    }
    Ok(())
}

fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
