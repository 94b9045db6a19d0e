//! What the README claims, word by word and side by side.

use crate::dialogue::Trace;

/// What the table says of a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    Yes,
    /// Typed, but no conversation of the machine.
    Data,
    No,
}

/// A word of the first column, with what is claimed of it.
#[derive(Clone, Debug)]
pub struct Row {
    pub word: String,
    pub client: Claim,
    pub server: Claim,
}

fn claim(cell: &str) -> Claim {
    match cell {
        "yes" => Claim::Yes,
        "data" => Claim::Data,
        "no" => Claim::No,
        other => panic!("neither yes nor data nor no: {other}"),
    }
}

/// The rows of every table whose columns are capability, RFC, client and server.
pub fn rows(readme: &str) -> Vec<Row> {
    let mut inside = false;
    let mut rows: Vec<Row> = Vec::new();
    for line in readme.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        match cells.as_slice() {
            ["capability", "RFC", "client", "server"] => inside = true,
            [words, _, client, server] if inside && !words.starts_with("---") => {
                for word in words.split('`').skip(1).step_by(2) {
                    assert!(rows.iter().all(|row| row.word != word), "{word} stands in two rows");
                    let (client, server) = (claim(client), claim(server));
                    rows.push(Row { word: word.to_owned(), client, server });
                }
            }
            [_, _, _, _] => {}
            _ => inside = false,
        }
    }
    rows
}

/// Whether the word stands in a trace, in which a backslash is written twice.
fn says(text: &str, word: &str) -> bool {
    text.replace("\\\\", "\\").to_ascii_uppercase().contains(&word.to_ascii_uppercase())
}

/// Where the table and the traces differ.
pub fn complaints(readme: &str, traces: &[Trace]) -> Vec<String> {
    let rows = rows(readme);
    let mut complaints = Vec::new();
    for row in &rows {
        for (side, claim, of) in [
            ("client", row.client, (|trace| trace.client) as fn(&Trace) -> bool),
            ("server", row.server, |trace| trace.server),
        ] {
            let proofs: Vec<_> =
                traces.iter().filter(|trace| of(trace) && trace.words.contains(&row.word.as_str())).collect();
            let proved = match proofs.as_slice() {
                [] => Claim::No,
                proofs if proofs.iter().all(|trace| trace.data) => Claim::Data,
                _ => Claim::Yes,
            };
            if proved != claim {
                let word = &row.word;
                complaints
                    .push(format!("{word}: the table says {claim:?} of the {side}, the traces {proved:?}"));
            }
        }
    }
    for trace in traces {
        for word in trace.words.iter().filter(|word| rows.iter().all(|row| row.word != **word)) {
            complaints.push(format!("{word} is in no row: {}", trace.name()));
        }
        // What an RFC advises has no name on the wire.
        for word in trace.words.iter().filter(|word| !word.starts_with("RFC ") && !says(&trace.text, word)) {
            complaints.push(format!("nobody says {word}: {}", trace.name()));
        }
    }
    complaints
}

#[test]
fn a_claim_without_a_trace_and_a_trace_without_a_claim_are_found() {
    let trace = |word, run: fn()| Trace::new(&[word], word, run);
    let readme = |row: &str| format!("| capability | RFC | client | server |\n|---|---|---|---|\n{row}\n");
    let nothing = || {};
    let both = readme("| `A`, `B` | 1 | yes | yes |");
    assert_eq!(rows(&both).len(), 2);
    assert_eq!(complaints(&both, &[trace("A", nothing), trace("B", nothing)]), [""; 0]);
    assert_eq!(complaints(&both, &[trace("A", nothing)]).len(), 2);
    assert_eq!(complaints(&both, &[trace("A", nothing), trace("B", nothing).of_client()]).len(), 1);
    assert_eq!(complaints(&both, &[trace("A", nothing), trace("B", nothing).only_data()]).len(), 2);
    assert_eq!(complaints(&both, &["A", "B", "C"].map(|word| trace(word, nothing))).len(), 1);
    assert_eq!(
        complaints(&both, &["A", "B"].map(|word| Trace::new(&[word], "something else", nothing))).len(),
        2
    );
    let data = readme("| `A` | 1 | data | no |");
    assert_eq!(complaints(&data, &[trace("A", nothing).only_data().of_client()]), [""; 0]);
    assert_eq!(complaints(&data, &[trace("A", nothing).only_data()]).len(), 1);
    assert_eq!(complaints(&data, &[trace("A", nothing).of_client()]).len(), 1);
}

/// The list that the table is made after, where it is to be had.
#[test]
fn every_capability_of_the_registry_is_in_the_table() {
    let Some(shared) = std::env::var_os("MAILWIRE_SHARED") else { return };
    let list = std::fs::read_to_string(std::path::Path::new(&shared).join("COVERAGE.md")).expect("the list");
    let (_, registry) = list.split_once("## IMAP: every capability in the registry").expect("the registry");
    let rows = rows(include_str!("../../README.md"));
    let mut words = 0;
    for line in registry.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        for cell in [cells[1], cells[3]] {
            for word in cell.split(" (").next().unwrap_or_default().split(", ") {
                let named = |row: &&Row| row.word.trim_end_matches('=') == word.trim_end_matches('=');
                assert!(rows.iter().any(|row| named(&row)), "{word} is in no row");
                words += 1;
            }
        }
    }
    assert!(words > 70, "{words}");
}
