//! Values that many dialogues have.

use mailwire::imap::{
    Atom, Capabilities, Capability, Date, EntryName, Flag, Flags, Keyword, ListPattern, Mailbox, ModSequence,
    ObjectId, PartNumber, Rights, SequenceSet,
};
use std::num::NonZeroU32;

pub fn inbox() -> Mailbox {
    Mailbox::inbox()
}

pub fn mailbox(name: &str) -> Mailbox {
    Mailbox::new(name).expect("a name")
}

pub fn pattern(pattern: &str) -> ListPattern {
    ListPattern::new(pattern).expect("a pattern")
}

pub fn nz(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("a number from 1")
}

pub fn set(set: &str) -> SequenceSet {
    set.parse().expect("a sequence set")
}

pub fn modseq(number: u64) -> ModSequence {
    ModSequence::new(number).expect("a mod-sequence")
}

pub fn capability(word: &str) -> Capability {
    Capability::new(word).expect("a capability")
}

pub fn capabilities(words: &str) -> Capabilities {
    words.split(' ').map(capability).collect()
}

pub fn flag(name: &str) -> Flag {
    Flag::new(name).expect("a flag")
}

pub fn flags(names: &str) -> Flags {
    names.split(' ').filter(|name| !name.is_empty()).map(flag).collect()
}

pub fn entry(name: &str) -> EntryName {
    EntryName::new(name).expect("an entry")
}

pub fn id(id: &str) -> ObjectId {
    ObjectId::new(id).expect("an identifier")
}

pub fn keyword(word: &str) -> Keyword {
    Keyword::new(word).expect("a word")
}

pub fn atom(word: &str) -> Atom {
    Atom::new(word).expect("an atom")
}

pub fn part(number: &str) -> PartNumber {
    number.parse().expect("a part number")
}

pub fn rights(letters: &str) -> Rights {
    Rights::new(letters).expect("rights")
}

pub fn date(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).expect("a date")
}
