//! pop3-codec: parsers, which need all octets of a reply at once.

use std::rc::Rc;

use pop3_codec::parse;
use pop3_codec::types::Command;
use pop3_codec::types::Response;

use super::failed;
use crate::harness::Side;
use crate::input::{Input, Seen};

/// The reply to RETR. It keeps the stuffing, so the octets are counted less the dots.
pub(crate) fn retr(input: &Rc<Input>) -> Vec<Side> {
    let input = input.clone();
    vec![Side::peer("pop3-codec", move || {
        let (_, response) = parse::response_retr(&input.octets).map_err(|error| failed(b"+OK ...", error))?;
        let Response::Ok(reply) = response else { return Err("it took +OK for -ERR".into()) };
        let octets = |line: &String| line.len() as u64 + 2 - u64::from(line.starts_with('.'));
        Ok(Seen { messages: 1, sum: reply.body.iter().map(octets).sum() })
    })]
}

/// The reply to UIDL.
pub(crate) fn uidl(input: &Rc<Input>) -> Vec<Side> {
    let input = input.clone();
    vec![Side::peer("pop3-codec", move || {
        let (_, response) =
            parse::response_uidl_all(&input.octets).map_err(|error| failed(b"+OK ...", error))?;
        let Response::Ok(reply) = response else { return Err("it took +OK for -ERR".into()) };
        let mut seen = Seen::default();
        for entry in &reply.body {
            seen.message(u64::from(entry.message_id) + 100 * entry.message_uid.len() as u64);
        }
        Ok(seen)
    })]
}

/// Commands.
pub(crate) fn commands(input: &Rc<Input>) -> Vec<Side> {
    let input = input.clone();
    vec![Side::peer("pop3-codec", move || {
        let mut seen = Seen::default();
        let mut left = &input.octets[..];
        while !left.is_empty() {
            let (rest, command) = parse::command(left).map_err(|error| failed(left, error))?;
            seen.message(match &command {
                Command::User(text) | Command::Pass(text) => text.len() as u64,
                Command::List { msg }
                | Command::Retr { msg }
                | Command::Dele { msg }
                | Command::Uidl { msg } => u64::from(*msg),
                Command::Top { msg, n } => u64::from(*msg) + u64::from(*n),
                _ => 0,
            });
            left = rest;
        }
        Ok(seen)
    })]
}
