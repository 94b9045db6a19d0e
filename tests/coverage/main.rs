//! The table of the README, row by row: whatever it claims of a side has a trace of that side here, and no trace is of what it does not claim.
//!
//! - `dialogue`: what both sides say, as lines and as values
//! - `subject`: the machines under test
//! - `table`: what the README claims
//! - the others: the dialogues of a family of extensions each

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test may fail"
)]

mod dialogue;
#[path = "../imap/mod.rs"]
mod imap;
#[path = "../pop3/mod.rs"]
mod pop3;
mod subject;
mod table;
#[path = "../trace/mod.rs"]
mod trace;
mod values;

/// Declares the families, and a test of each that runs its dialogues.
macro_rules! families {
    ($($family:ident,)*) => {
        $(mod $family;)*

        mod runs {
            $(
                #[test]
                fn $family() {
                    crate::$family::traces().iter().for_each(crate::dialogue::Trace::run);
                }
            )*
        }

        fn traces() -> Vec<dialogue::Trace> {
            let families = [$($family::traces()),*];
            families.into_iter().flatten().collect()
        }
    };
}

families! {
    acl,
    append,
    base,
    list,
    message,
    metadata,
    notify,
    condstore,
    pop3_rows,
    practice,
    quota,
    sasl,
    search,
    session,
    sort,
    url,
}

#[test]
fn the_table_has_a_trace_for_each_row_and_side_and_no_other() {
    let complaints = table::complaints(include_str!("../../README.md"), &traces());
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}
