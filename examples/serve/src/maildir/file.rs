//! A message's octets on their way into a file and out of one.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use super::store::Directories;
use crate::embedded::store::{Content, Draft};

/// What a draft's file name ends with as long as it is one.
pub const SUFFIX: &str = ".mailwire";

const BLOCK: usize = 64 * 1024;

/// Makes the names in a directory durable.
pub fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// A file name that no other message has, as the Maildir convention has it.
fn unique_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host: String = host
        .trim()
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.'))
        .collect();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let (seconds, micros, process) = (now.as_secs(), now.subsec_micros(), std::process::id());
    format!("{seconds}.M{micros}P{process}Q{count}.{}", if host.is_empty() { "localhost" } else { &host })
}

/// A message being written to `tmp`.
pub struct FileDraft {
    directories: Arc<Directories>,
    mailbox: i64,
    name: String,
    file: Option<File>,
    size: u64,
    /// If the file is no longer this draft's to remove.
    kept: bool,
}

impl FileDraft {
    pub fn create(directories: &Arc<Directories>, mailbox: i64, directory: &Path) -> io::Result<Self> {
        loop {
            let name = unique_name();
            let path = directory.join("tmp").join(format!("{name}{SUFFIX}"));
            match File::options().write(true).create_new(true).open(path) {
                Ok(file) => {
                    let directories = Arc::clone(directories);
                    return Ok(Self { directories, mailbox, name, file: Some(file), size: 0, kept: false });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub fn path(&self, directory: &Path) -> PathBuf {
        directory.join("tmp").join(format!("{}{SUFFIX}", self.name))
    }

    /// The name it has as a message, up to its flags: `S=` says its size, `W=` its size as it is told, which is the same.
    pub fn base(&self) -> Vec<u8> {
        format!("{},S={1},W={1}", self.name, self.size).into_bytes()
    }

    /// The file went somewhere else.
    pub fn keep(&mut self) {
        self.kept = true;
    }
}

impl Draft for FileDraft {
    fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        let file = self.file.as_mut().ok_or(io::ErrorKind::InvalidInput)?;
        file.write_all(octets)?;
        self.size += octets.len() as u64;
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        match self.file.take() {
            Some(file) => file.sync_all(),
            None => Ok(()),
        }
    }

    fn size(&self) -> u64 {
        self.size
    }
}

impl Drop for FileDraft {
    fn drop(&mut self) {
        if !self.kept {
            self.directories.with(self.mailbox, |directory| {
                // What cannot be removed now is when the store is next opened.
                let _ = fs::remove_file(self.path(directory));
            });
        }
    }
}

/// A message as it lies in its file.
pub struct Plain {
    file: File,
    size: u64,
    position: u64,
}

impl Plain {
    pub fn new(file: File, size: u64) -> Self {
        Self { file, size, position: 0 }
    }
}

impl Content for Plain {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&mut self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = into.len().min(left);
        if self.position != offset {
            self.position = self.file.seek(SeekFrom::Start(offset))?;
        }
        let read = self.file.read(into.get_mut(..len).unwrap_or_default())?;
        self.position += read as u64;
        Ok(read)
    }
}

/// A message whose line ends are LF alone, told with CR LF.
pub struct Bare {
    file: File,
    size: u64,
    /// The offset of the next octet told.
    position: u64,
    block: Vec<u8>,
    /// What of `block` was not told yet.
    start: usize,
    end: usize,
    /// The octet told last.
    last: u8,
}

impl Bare {
    pub fn new(file: File, size: u64) -> Self {
        Self { file, size, position: 0, block: Vec::new(), start: 0, end: 0, last: 0 }
    }
}

impl Content for Bare {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&mut self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        if offset >= self.size || into.is_empty() {
            return Ok(0);
        }
        if offset < self.position {
            self.file.seek(SeekFrom::Start(0))?;
            (self.position, self.start, self.end, self.last) = (0, 0, 0, 0);
        }
        self.block.resize(BLOCK, 0);
        let mut filled = 0;
        while let Some(room) = into.get_mut(filled) {
            if self.start == self.end {
                self.start = 0;
                self.end = self.file.read(&mut self.block)?;
                if self.end == 0 {
                    break;
                }
            }
            let Some(next) = self.block.get(self.start).copied() else { break };
            let octet = if next == b'\n' && self.last != b'\r' {
                b'\r'
            } else {
                self.start += 1;
                next
            };
            self.last = octet;
            if self.position >= offset {
                *room = octet;
                filled += 1;
            }
            self.position += 1;
        }
        Ok(filled)
    }
}

/// The size of a file without a row, as it will be told, and if that needs [`Bare`].
pub fn measure(file: &mut File, base: &[u8]) -> io::Result<(u64, bool)> {
    let len = file.metadata()?.len();
    let as_it_is = format!("W={len}");
    if base.split(|octet| *octet == b',').any(|part| part == as_it_is.as_bytes()) {
        return Ok((len, false));
    }
    let mut block = vec![0; BLOCK];
    let (mut size, mut bare, mut last) = (0_u64, 0_u64, 0);
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok((size + bare, bare > 0));
        }
        for octet in block.iter().take(read) {
            bare += u64::from(*octet == b'\n' && last != b'\r');
            last = *octet;
        }
        size += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_line_ends_are_told_as_two() {
        let mut text = b"a\nb\r\n\n\rc\n".to_vec();
        text.extend(b"line\n".repeat(30_000));
        let path = std::env::temp_dir().join(unique_name());
        fs::write(&path, &text).unwrap();
        let mut expected = b"a\r\nb\r\n\r\n\rc\r\n".to_vec();
        expected.extend(b"line\r\n".repeat(30_000));
        let (size, bare) = measure(&mut File::open(&path).unwrap(), b"1.x,S=9").unwrap();
        assert_eq!((size, bare), (expected.len() as u64, true));
        let mut content = Bare::new(File::open(&path).unwrap(), size);
        for (offset, len) in
            [(0, 5), (5, 4), (2, 1), (70_000, 70_000), (1, 9), (0, expected.len() + 9), (expected.len(), 3)]
        {
            let mut into = vec![0; len];
            let read = content.read(offset as u64, &mut into).unwrap();
            let wanted = &expected[offset..(offset + len).min(expected.len())];
            assert_eq!(&into[..read], wanted, "{offset} {len}");
        }
        fs::remove_file(path).unwrap();
    }
}
