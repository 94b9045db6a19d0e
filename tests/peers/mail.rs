//! Mail for the tests to carry: what people wrote, and what comes from a fixed seed.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::Path,
};

/// Every message: those of tests/mail, then 210 that are made. No two are equal, every line end is CRLF, and
/// one message has none at its end.
pub fn messages() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/mail");
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let mut messages: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    messages.extend((0..210).map(made));
    assert!(messages.len() >= 200, "{} messages are too few", messages.len());
    messages
}

/// What POP3 makes of a message: it ends with a line end, for the line with the dot to come after it.
pub fn over_pop3(message: &[u8]) -> Vec<u8> {
    let mut message = message.to_vec();
    if !message.ends_with(b"\r\n") {
        message.extend_from_slice(b"\r\n");
    }
    message
}

/// Checks that two sets of messages are equal, whatever their order.
///
/// # Panics
/// If they are not: with the first that is missing or should not be there.
pub fn assert_same_messages(found: Vec<Vec<u8>>, expected: Vec<Vec<u8>>) {
    let mut counts: BTreeMap<&[u8], i32> = BTreeMap::new();
    found.iter().for_each(|message| *counts.entry(message).or_default() += 1);
    expected.iter().for_each(|message| *counts.entry(message).or_default() -= 1);
    let odd: Vec<_> = counts.into_iter().filter(|(_, count)| *count != 0).collect();
    let lines: Vec<String> = odd
        .iter()
        .take(8)
        .map(|(message, count)| {
            let start = String::from_utf8_lossy(message.get(..message.len().min(200)).unwrap_or_default());
            let kind = if *count > 0 { "should not be there" } else { "is missing" };
            format!("{} octets {kind}: {start:?}", message.len())
        })
        .collect();
    assert!(
        odd.is_empty(),
        "{} messages where {} were expected\n{}",
        found.len(),
        expected.len(),
        lines.join("\n")
    );
}

/// Every regular file in a folder whose name does not begin with a dot, as a message each.
pub fn files(folder: &Path) -> Vec<Vec<u8>> {
    fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap())
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| fs::read(entry.path()).unwrap())
        .collect()
}

/// Numbers from a seed, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn octet(&mut self, from: u8, to: u8) -> u8 {
        from + u8::try_from(self.below(u64::from(to - from) + 1)).unwrap()
    }

    fn line(&mut self, length: u64, from: u8, to: u8) -> Vec<u8> {
        let mut line: Vec<u8> = (0..length).map(|_| self.octet(from, to)).collect();
        line.extend_from_slice(b"\r\n");
        line
    }
}

/// One message of ten kinds.
fn made(number: u64) -> Vec<u8> {
    let random = &mut Random(0x9E37_79B9_7F4A_7C15 ^ (number + 1).wrapping_mul(0xD134_2543_DE82_EF95));
    let mut message = format!(
        "From: \"Sender {number}\" <sender{number}@example.org>\r\nTo: user@example.com\r\n\
         Date: Mon, 7 Feb 2022 21:{:02}:{:02} -0800\r\nSubject: made {number}\r\n\
         Message-ID: <made.{number}@example.org>\r\n",
        number / 60 % 60,
        number % 60,
    )
    .into_bytes();
    let kind = number % 10;
    let size = 1 + number / 10;
    match kind {
        // No body, and not even the empty line before one; then with it.
        0 if number.is_multiple_of(20) => {}
        0 => message.extend_from_slice(b"\r\n"),
        // Dots where lines begin.
        1 => {
            message.extend_from_slice(b"\r\n");
            for _ in 0..size * 4 {
                let line: &[u8] = match random.below(6) {
                    0 => b".\r\n",
                    1 => b"..\r\n",
                    2 => b".quit\r\n",
                    3 => b"...\r\n",
                    4 => b"\r\n",
                    _ => b"a.\r\n",
                };
                message.extend_from_slice(line);
            }
        }
        // Eight bits.
        2 => {
            message.extend_from_slice(b"Content-Transfer-Encoding: 8bit\r\n\r\n");
            for _ in 0..size {
                let length = random.below(900);
                message.extend(random.line(length, 0x80, 0xFF));
            }
        }
        // Lines longer than anyone allows.
        3 => {
            message.extend_from_slice(b"\r\n");
            for _ in 0..3 {
                let length = 1000 + random.below(1 + size * 1500);
                message.extend(random.line(length, b'!', b'~'));
            }
        }
        // Nothing but empty lines.
        4 => {
            message.extend_from_slice(b"\r\n");
            message.extend(b"\r\n".repeat(usize::try_from(size * size).unwrap()));
        }
        // Sizes about the ends of buffers.
        5 => {
            message.extend_from_slice(b"\r\n");
            let edge = 512_usize << (number / 10 % 8);
            let length = edge + usize::try_from(random.below(5)).unwrap() - 2;
            while message.len() + 70 < length {
                message.extend(random.line(66, b'a', b'z'));
            }
            let rest = length.saturating_sub(message.len() + 2);
            message.extend(random.line(u64::try_from(rest).unwrap(), b'a', b'z'));
        }
        // Several parts, one in another.
        6 => {
            message.extend_from_slice(
                b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"outer = {1}\"\r\n\r\n\
                  --outer = {1}\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n\
                  --inner\r\n\r\nplain\r\n--inner\r\nContent-Type: text/html\r\n\r\n<p>rich</p>\r\n--inner--\r\n\
                  --outer = {1}\r\nContent-Type: application/octet-stream; name=a.bin\r\n\
                  Content-Transfer-Encoding: base64\r\n\r\n",
            );
            for _ in 0..size * 8 {
                message.extend(random.line(76, b'A', b'Z'));
            }
            message.extend_from_slice(b"--outer = {1}--\r\n");
        }
        // What looks like the protocols themselves.
        7 => {
            message.extend_from_slice(b"\r\n");
            for _ in 0..size {
                message.extend_from_slice(
                    b"+OK\r\n-ERR\r\n* 1 FETCH (BODY[] {3}\r\nA1 OK done\r\n)\r\n+ \r\n\"\\ {10}\r\n{1+}\r\n* BYE\r\n",
                );
            }
        }
        // Control characters, with NUL, CR and LF left out: servers change those.
        8 => {
            message.extend_from_slice(b"\r\n");
            for _ in 0..size {
                let length = random.below(120);
                message.extend(random.line(length, 0x0E, 0x7F));
                message.extend_from_slice(b"\ttab\x0Cfeed \x01\x08 \r\n");
            }
        }
        // Large.
        _ => {
            message.extend_from_slice(b"\r\n");
            for _ in 0..size * size * 3 {
                let length = random.below(200);
                message.extend(random.line(length, b' ', b'~'));
            }
        }
    }
    message
}

/// A message of exactly that many octets, made as it is read: lines of many lengths, many that begin with a dot.
pub struct Large {
    left: u64,
    /// A run of lines that comes again and again, each time with its number in front.
    block: Vec<u8>,
    number: u64,
    at: usize,
}

/// What stands before the first block, and only there.
const HEADER: &[u8] = b"From: sender@example.org\r\nSubject: large\r\n\r\n";
/// The first octets of a block: its number, and a line end.
const NUMBER: usize = 18;

impl Large {
    pub fn new(length: u64) -> Self {
        let mut random = Random(0x2545_F491_4F6C_DD1D);
        let mut block = Vec::new();
        while block.len() < 1 << 20 {
            let length = random.below(2000);
            if length.is_multiple_of(7) {
                block.push(b'.');
            }
            block.extend(random.line(length, b' ', b'~'));
        }
        let block = [HEADER, &[0; NUMBER], &block].concat();
        let mut large = Self { left: length, block, number: 0, at: 0 };
        large.write_number();
        large
    }

    fn write_number(&mut self) {
        let number = format!("{:016}\r\n", self.number);
        self.block[HEADER.len()..HEADER.len() + NUMBER].copy_from_slice(number.as_bytes());
    }

    pub fn write_to(self, path: &Path) {
        let mut file = BufWriter::with_capacity(1 << 18, File::create(path).unwrap());
        io::copy(&mut BufReader::with_capacity(1 << 18, self), &mut file).unwrap();
        file.flush().unwrap();
    }

    /// Checks that a file is this message.
    ///
    /// # Panics
    /// If it is not: with the first offset at which they differ.
    pub fn assert_is(mut self, path: &Path) {
        let length = self.left;
        let mut found = File::open(path).unwrap();
        let (mut one, mut other) = (vec![0; 1 << 18], vec![0; 1 << 18]);
        let mut offset = 0;
        loop {
            let count = read_full(&mut self, &mut one);
            assert_eq!(
                read_full(&mut found, &mut other),
                count,
                "the length differs after {offset} of {length}"
            );
            if one[..count] != other[..count] {
                let at = (0..count).find(|&at| one[at] != other[at]).unwrap();
                panic!("{}: differs at octet {}", path.display(), offset + at);
            }
            if count == 0 {
                return;
            }
            offset += count;
        }
    }
}

impl Read for Large {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() {
            // The header comes once.
            self.at = HEADER.len();
            self.number += 1;
            self.write_number();
        }
        let rest = &self.block[self.at..];
        let count = rest.len().min(buffer.len()).min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let buffer = &mut buffer[..count];
        buffer.copy_from_slice(&rest[..count]);
        // The message ends with a line end, wherever its length cuts the block.
        let end = self.left - u64::try_from(count).unwrap();
        for (back, octet) in [(0, b'\n'), (1, b'\r')] {
            if let Some(at) = (u64::try_from(count).unwrap() + end).checked_sub(back + 1)
                && let Some(place) = buffer.get_mut(usize::try_from(at).unwrap_or(usize::MAX))
            {
                *place = octet;
            }
        }
        self.at += count;
        self.left = end;
        Ok(count)
    }
}

fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> usize {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]).unwrap() {
            0 => break,
            count => filled += count,
        }
    }
    filled
}
