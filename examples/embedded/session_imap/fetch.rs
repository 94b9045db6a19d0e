//! FETCH: messages out, each piece when the one before is sent.

use std::{collections::VecDeque, io, ops::Range};

use bytes::Bytes;
use mailwire::imap::{
    BodyItem, BodyStart, Data, Fetch, FetchAttribute, FetchAttributes, FetchModifier, PartNumber, Partial,
    Section, SequenceSet, Status, Vanished,
    server::{FetchWriter, Server},
};

use super::{
    condstore::{mod_sequence, of_all_times, vanished_since},
    selected::{Numbered, Selected},
    values::{date_out, envelope_out, refusal, some_are_gone, structure_out},
};
use crate::embedded::{
    mime::{Slices, Structure, Text, header_fields},
    session::{Broken, read_chunk},
    store::{Content, FlagMode, Flags, StoreError, Uid},
};

/// As many octets wait to be sent, and one chunk more.
const ROOM: u64 = 64 * 1024;

/// What a FETCH asks of each message.
#[derive(Debug, Default)]
struct Wanted {
    uid: bool,
    flags: bool,
    mod_seq: bool,
    internal_date: bool,
    size: bool,
    envelope: bool,
    /// BODY
    body: bool,
    body_structure: bool,
    bodies: Vec<(BodyItem, Option<Partial>)>,
}

impl Wanted {
    fn new(uid: bool, attributes: &FetchAttributes) -> Result<Self, Status> {
        let mut wanted = Self { uid, ..Self::default() };
        for attribute in attributes.iter() {
            match attribute {
                FetchAttribute::Uid => wanted.uid = true,
                FetchAttribute::Flags => wanted.flags = true,
                FetchAttribute::ModSeq => wanted.mod_seq = true,
                FetchAttribute::InternalDate => wanted.internal_date = true,
                FetchAttribute::Rfc822Size => wanted.size = true,
                FetchAttribute::Envelope => wanted.envelope = true,
                FetchAttribute::Body => wanted.body = true,
                FetchAttribute::BodyStructure => wanted.body_structure = true,
                FetchAttribute::BodySection { section, partial, .. } => {
                    wanted.bodies.push((BodyItem::Section(section.clone()), *partial));
                }
                FetchAttribute::Rfc822 => wanted.bodies.push((BodyItem::Rfc822, None)),
                FetchAttribute::Rfc822Header => wanted.bodies.push((BodyItem::Rfc822Header, None)),
                FetchAttribute::Rfc822Text => wanted.bodies.push((BodyItem::Rfc822Text, None)),
                _ => return Err(Status::bad("This item is not known here")),
            }
        }
        Ok(wanted)
    }

    /// Whether the parts of the message have to be known.
    fn needs_parts(&self) -> bool {
        self.body
            || self.body_structure
            || self.bodies.iter().any(|(item, _)| item.section().part().is_some())
    }

    /// Whether the header has to be known.
    fn needs_header(&self) -> bool {
        self.envelope || self.bodies.iter().any(|(item, _)| item.section() != Section::Full)
    }
}

/// A FETCH under way.
pub struct Fetching {
    uid: bool,
    wanted: Wanted,
    messages: std::vec::IntoIter<Numbered>,
    /// Ascending: those that this FETCH marks as seen.
    seen: Vec<Uid>,
    current: Option<Current>,
    /// Some messages were expunged meanwhile.
    missing: bool,
    /// What is to be told before.
    vanished: Option<Vanished>,
}

/// A message whose bodies are on their way.
struct Current {
    writer: FetchWriter,
    content: Box<dyn Content>,
    /// What is left of the body under way: these ranges, then the end.
    ranges: VecDeque<Range<u64>>,
    end: &'static [u8],
    bodies: VecDeque<(BodyStart, Slices)>,
}

impl Fetching {
    /// What is to be fetched, with `\Seen` set where that is asked for.
    ///
    /// # Errors
    /// The status for the client.
    pub fn new(
        selected: &mut Selected,
        set: &SequenceSet,
        uid: bool,
        attributes: &FetchAttributes,
        modifiers: &[FetchModifier],
    ) -> Result<Self, Status> {
        let mut wanted = Wanted::new(uid, attributes)?;
        let mut messages = selected.resolve(set, uid)?;
        let (mut since, mut with_vanished) = (None, false);
        for modifier in modifiers {
            match modifier {
                FetchModifier::ChangedSince(mod_seq) => since = Some(mod_seq.value()),
                FetchModifier::Vanished if uid && selected.enabled.vanished => with_vanished = true,
                _ => return Err(Status::bad("This modifier is not known here")),
            }
        }
        let mut vanished = None;
        if let Some(since) = since {
            let changed = |uid| selected.mailbox.message(uid).is_some_and(|message| message.mod_seq > since);
            messages.retain(|message| changed(message.uid));
            wanted.mod_seq = true;
            if with_vanished {
                vanished = vanished_since(selected, since, &of_all_times(selected, set));
            }
        } else if with_vanished {
            return Err(Status::bad("VANISHED needs CHANGEDSINCE"));
        }
        let mut seen = Vec::new();
        if !selected.read_only && attributes.iter().any(FetchAttribute::sets_seen) {
            let uids = messages.iter().map(|message| message.uid);
            let is_unseen = |uid: &Uid| {
                selected.mailbox.message(*uid).is_some_and(|message| !message.flags.has(Flags::SEEN))
            };
            seen = uids.filter(is_unseen).collect();
            let flags = Flags::system(Flags::SEEN);
            let set = selected.mailbox.set_flags(&seen, FlagMode::Add, &flags, None);
            selected.has_told(&set.map_err(|error| refusal(&error))?);
        }
        Ok(Self {
            uid,
            wanted,
            messages: messages.into_iter(),
            seen,
            current: None,
            missing: false,
            vanished,
        })
    }

    /// Whether it is a UID FETCH.
    pub fn is_uid(&self) -> bool {
        self.uid
    }

    /// Whether there is more than a chunk left of a body.
    pub fn is_amid_body(&self) -> bool {
        let range = self.current.as_ref().and_then(|current| current.ranges.front());
        range.is_some_and(|range| range.end - range.start > 2 * ROOM)
    }

    /// How it went.
    pub fn status(&self) -> Status {
        if self.missing && !self.uid { some_are_gone() } else { Status::ok("FETCH completed") }
    }

    /// Tells as much as should wait to be sent, and whether there is more.
    ///
    /// # Errors
    /// What was begun could not be ended.
    pub fn proceed(&mut self, selected: &mut Selected, machine: &mut Server) -> Result<bool, Broken> {
        if let Some(vanished) = self.vanished.take() {
            machine.data(&Data::Vanished(vanished))?;
        }
        while u64::try_from(machine.unsent()).unwrap_or(u64::MAX) < ROOM {
            match self.current.take() {
                Some(current) => self.current = current.proceed(machine)?,
                None => match self.messages.next() {
                    Some(message) => match self.begin(selected, machine, message) {
                        Err(Broken::Store(StoreError::Expunged)) => self.missing = true,
                        begun => self.current = begun?,
                    },
                    None => return Ok(false),
                },
            }
        }
        Ok(true)
    }

    /// Tells all of a message but its bodies.
    fn begin(
        &self,
        selected: &mut Selected,
        machine: &mut Server,
        numbered: Numbered,
    ) -> Result<Option<Current>, Broken> {
        let Numbered { number, uid } = numbered;
        let wanted = &self.wanted;
        let message = selected.mailbox.message(uid).ok_or(StoreError::Expunged)?;
        let with_flags = wanted.flags || self.seen.binary_search(&uid).is_ok();
        if with_flags {
            selected.tell_keywords(machine, [&message])?;
        }
        let with_mod_seq = wanted.mod_seq || with_flags && selected.enabled.mod_seqs;
        let mut fetch = Fetch {
            uid: wanted.uid.then_some(uid),
            mod_seq: if with_mod_seq { mod_sequence(message.mod_seq) } else { None },
            flags: with_flags.then(|| selected.flags(&message)),
            internal_date: if wanted.internal_date { date_out(message.internal_date) } else { None },
            size: wanted.size.then_some(message.size),
            ..Fetch::new(number)
        };
        let needs_octets = wanted.needs_parts() || wanted.needs_header() || !wanted.bodies.is_empty();
        if !needs_octets {
            machine.fetch(&fetch)?;
            return Ok(None);
        }
        let mut content = selected.mailbox.content(uid)?;
        let structure = if wanted.needs_parts() {
            Some(Structure::scan(&mut *content)?)
        } else if wanted.needs_header() {
            Some(Structure::scan_header(&mut *content)?)
        } else {
            None
        };
        if let Some(structure) = &structure {
            if wanted.envelope {
                let envelope = structure.root().envelope.as_deref().and_then(envelope_out);
                fetch.envelope = envelope.map(Box::new);
            }
            if wanted.body_structure {
                fetch.body_structure = structure_out(structure, true).map(Box::new);
            }
            if wanted.body {
                let body = structure_out(structure, false).map(Box::new);
                if wanted.body_structure {
                    // A FETCH has room for one of them.
                    machine.fetch(&Fetch { body_structure: body, uid: fetch.uid, ..Fetch::new(number) })?;
                } else {
                    fetch.body_structure = body;
                }
            }
        }
        if wanted.bodies.is_empty() {
            machine.fetch(&fetch)?;
            return Ok(None);
        }
        let mut bodies = VecDeque::new();
        for (item, partial) in &wanted.bodies {
            let slices = slices(&mut *content, structure.as_ref(), &item.section())?;
            let slices = slices.map(|slices| match partial {
                Some(partial) => slices.partial(partial.offset(), partial.length().get()),
                None => slices,
            });
            let start = BodyStart {
                origin: partial.map(|partial| partial.offset()),
                len: slices.as_ref().map(Slices::size),
                ..BodyStart::new(number, item.clone())
            };
            bodies.push_back((start, slices.unwrap_or_default()));
        }
        let writer = machine.begin_fetch(&fetch)?;
        Ok(Some(Current { writer, content, ranges: VecDeque::new(), end: b"", bodies }))
    }
}

impl Current {
    /// Tells the next chunk; `None` where that was the last one of the message.
    fn proceed(mut self, machine: &mut Server) -> Result<Option<Self>, Broken> {
        if let Some(range) = self.ranges.front_mut() {
            let chunk = read_chunk(&mut *self.content, range.start, range.end)?;
            range.start += chunk.len() as u64;
            if range.start >= range.end {
                self.ranges.pop_front();
            }
            machine.body_octets(&mut self.writer, chunk)?;
        } else if !self.end.is_empty() {
            machine.body_octets(&mut self.writer, Bytes::from_static(std::mem::take(&mut self.end)))?;
        } else if let Some((start, slices)) = self.bodies.pop_front() {
            machine.body(&mut self.writer, &start)?;
            self.ranges = slices.ranges.into();
            self.end = slices.end;
        } else {
            machine.end_fetch(self.writer)?;
            return Ok(None);
        }
        Ok(Some(self))
    }
}

/// Where the octets of a section lie; `None` where the message has no such part.
fn slices(
    content: &mut dyn Content,
    structure: Option<&Structure>,
    section: &Section,
) -> io::Result<Option<Slices>> {
    let Some(structure) = structure else {
        return Ok(Some(Slices::from(0..content.size())));
    };
    let path = |part: Option<&PartNumber>| -> Vec<u32> {
        part.map(|part| part.numbers().iter().map(|number| number.get()).collect()).unwrap_or_default()
    };
    let (text, fields) = match section {
        Section::Full => return Ok(Some(Slices::from(0..content.size()))),
        Section::Part(_) => (Text::Whole, None),
        Section::Header(_) => (Text::Header, None),
        Section::HeaderFields(_, names) => (Text::Header, Some((names, false))),
        Section::HeaderFieldsNot(_, names) => (Text::Header, Some((names, true))),
        Section::Text(_) => (Text::Body, None),
        Section::Mime(_) => (Text::Mime, None),
    };
    let Some(range) = structure.section(&path(section.part()), text) else { return Ok(None) };
    Ok(Some(match fields {
        Some((names, not)) => {
            let names: Vec<&[u8]> = names.iter().map(|name| name.as_bytes()).collect();
            header_fields(content, range, &names, not)?
        }
        None => range.into(),
    }))
}
