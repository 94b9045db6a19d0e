//! POP3: what a server says to RETR and UIDL, and the commands a client sends.

use super::{Input, Random, text};

/// The reply to RETR of a message of 25 MiB: lines of all lengths, one in a hundred stuffed.
pub(crate) fn retr(length: usize) -> Input {
    let mut random = Random::new(21);
    let mut plain = Vec::with_capacity(length);
    text(&mut random, length - 2, &mut plain);
    plain.extend_from_slice(b"\r\n");
    let mut input = Input::new(length + length / 32);
    input.put(format_args!("+OK {} octets\r\n", plain.len()));
    let mut seen = 0;
    for line in plain.split_inclusive(|&octet| octet == b'\n') {
        if line.len() > 4 && random.chance(1) {
            input.octets.extend_from_slice(b"..");
            input.octets.extend_from_slice(&line[1..]);
        } else {
            input.octets.extend_from_slice(line);
        }
        seen += line.len() as u64;
    }
    input.octets.extend_from_slice(b".\r\n");
    input.seen.message(seen);
    input
}

/// The reply to UIDL: `count` entries. Each entry counts as a message.
pub(crate) fn uidl(count: usize) -> Input {
    let mut random = Random::new(22);
    let mut input = Input::new(count * 34);
    input.put(format_args!("+OK\r\n"));
    for number in 1..=count {
        let length = random.within(16, 34);
        let unique_id = random.hex(length);
        input.put(format_args!("{number} {unique_id}\r\n"));
        input.seen.message(number as u64 + 100 * unique_id.len() as u64);
    }
    input.put(format_args!(".\r\n"));
    input
}

/// What a client sends in one session: USER and PASS, then commands of the transaction state.
pub(crate) fn commands(count: usize) -> Input {
    let mut random = Random::new(23);
    let mut input = Input::new(count * 12);
    for at in 0..count {
        let number = random.within(1, 5_000);
        let sum = match at {
            0 => {
                input.put(format_args!("USER alice@example.org\r\n"));
                17
            }
            1 => {
                input.put(format_args!("PASS correct horse battery staple\r\n"));
                28
            }
            _ => match random.below(20) {
                0 => {
                    input.put(format_args!("NOOP\r\n"));
                    0
                }
                1 => {
                    input.put(format_args!("STAT\r\n"));
                    0
                }
                2 => {
                    input.put(format_args!("CAPA\r\n"));
                    0
                }
                3 => {
                    input.put(format_args!("RSET\r\n"));
                    0
                }
                4 => {
                    input.put(format_args!("LIST\r\n"));
                    0
                }
                5 => {
                    input.put(format_args!("UIDL\r\n"));
                    0
                }
                6 | 7 => {
                    input.put(format_args!("LIST {number}\r\n"));
                    number
                }
                8 | 9 => {
                    input.put(format_args!("UIDL {number}\r\n"));
                    number
                }
                10 | 11 => {
                    let lines = random.below(40);
                    input.put(format_args!("TOP {number} {lines}\r\n"));
                    number + lines
                }
                12..=15 => {
                    input.put(format_args!("RETR {number}\r\n"));
                    number
                }
                _ => {
                    input.put(format_args!("DELE {number}\r\n"));
                    number
                }
            },
        };
        input.seen.message(sum as u64);
    }
    input
}
