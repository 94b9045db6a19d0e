//! POP3: RFC 1939 and what stands on it.

mod apop;
mod argument;
mod capability;
mod command;
mod command_decoder;
mod config;
mod listing;
mod quirk;
mod reply;
mod reply_decoder;
mod state;
mod stuffing;
mod url;

pub use self::apop::{Digest, Timestamp};
pub use self::argument::{Language, Mechanism, Parameter, Password, Raw, UserName};
pub use self::capability::{Capabilities, Capability, CapabilityText, Expire};
pub use self::command::{Command, Shape};
pub use self::command_decoder::{CommandDecoder, Request};
pub use self::config::{ClientConfig, ServerConfig, Tls};
pub use self::listing::{DropListing, LanguageListing, ScanListing, UniqueId, UniqueIdListing};
pub use self::quirk::{Quirk, Quirks};
pub use self::reply::{OtherCode, Refused, Reply, ResponseCode, Status};
pub use self::reply_decoder::{Body, Greeting, ReplyDecoder, Response};
pub use self::state::{Keyword, State};
pub use self::stuffing::{Stuffer, Top, Unstuffed, Unstuffer};
pub use self::url::{PopUrl, UrlAuth};

/// Runs a test over values made from a fixed stream of octets.
#[cfg(test)]
fn for_arbitrary<T: for<'a> arbitrary::Arbitrary<'a>>(rounds: u32, mut test: impl FnMut(T)) {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut made = 0;
    for _ in 0..rounds {
        let octets: alloc::vec::Vec<u8> = (0..256)
            .map(|_| {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                (seed >> 32).to_le_bytes()[0]
            })
            .collect();
        if let Ok(value) = T::arbitrary(&mut arbitrary::Unstructured::new(&octets)) {
            made += 1;
            test(value);
        }
    }
    assert!(made > rounds / 2, "only {made} of {rounds} values were made");
}
