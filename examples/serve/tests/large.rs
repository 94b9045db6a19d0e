//! A message of 300 MiB, there and back: no process of the project's holds 32 MiB, and no octet changes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "that is how a test fails")]

#[path = "../../../tests/peers/mod.rs"]
mod peers;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use peers::{
    mail::Large,
    process::{program, run_watched},
    scratch::Scratch,
    serve::{PASSWORD, Serve, Store, USER},
};

const SIZE: u64 = 300 << 20;
const MOST: u64 = 32 << 20;
const LONGEST: Duration = Duration::from_secs(600);

fn curl(url: String) -> Command {
    let mut command = Command::new(program("curl", "curl"));
    command.args(["--silent", "--show-error", "--user"]).arg(format!("{USER}:{PASSWORD}")).arg(url);
    command
}

/// The only file in these folders whose name does not begin with a dot and that is no state.
fn only_file(folders: &[PathBuf]) -> PathBuf {
    let mut paths: Vec<_> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && fs::metadata(path).unwrap().len() > 1 << 20)
        .collect();
    assert_eq!(paths.len(), 1, "{paths:?}");
    paths.remove(0)
}

fn assert_small(name: &str, peak: u64) {
    println!("{name}: {} KiB", peak >> 10);
    assert!(peak > 0, "{name}: nobody looked");
    assert!(peak < MOST, "{name} held {} KiB", peak >> 10);
}

/// Takes the only message by the project's own client.
fn assert_fetch_is_small(serve: &Serve, protocol: &str, port: u16, target: &Path) {
    // The program is built beside this one's.
    let program = Path::new(env!("CARGO_BIN_EXE_serve")).with_file_name("fetch");
    assert!(program.is_file(), "{} is not built: cargo test --workspace", program.display());
    let peak = run_watched(
        Command::new(&program)
            .arg(format!("{protocol}://{USER}@127.0.0.1:{port}"))
            .args(["--plaintext", "--quiet", "--eml"])
            .arg(target)
            .env("MAILWIRE_PASSWORD", PASSWORD),
        LONGEST,
    );
    assert_small(&format!("fetch over {protocol}"), peak);
    assert_small(&format!("serve to fetch over {protocol}"), serve.peak_memory());
    Large::new(SIZE).assert_is(&only_file(&[target.to_path_buf()]));
}

#[test]
#[ignore = "needs curl, and 1 GiB of disk for a while"]
fn imap() {
    let serve = Serve::start(Path::new(env!("CARGO_BIN_EXE_serve")), Store::Maildir, |_| {});
    let folder = Scratch::new("large-imap");
    let file = folder.join("large.eml");

    Large::new(SIZE).write_to(&file);
    run_watched(curl(format!("imap://127.0.0.1:{}/INBOX", serve.imap)).arg("-T").arg(&file), LONGEST);
    assert_small("serve after APPEND", serve.peak_memory());
    Large::new(SIZE).assert_is(&only_file(&[serve.maildir().join("new"), serve.maildir().join("cur")]));

    let url = format!("imap://127.0.0.1:{}/INBOX;MAILINDEX=1", serve.imap);
    run_watched(curl(url).arg("-o").arg(&file), LONGEST);
    assert_small("serve after FETCH", serve.peak_memory());
    Large::new(SIZE).assert_is(&file);
    fs::remove_file(&file).unwrap();

    assert_fetch_is_small(&serve, "imap", serve.imap, &folder.join("taken"));
}

#[test]
#[ignore = "needs curl, and 1 GiB of disk for a while"]
fn pop3() {
    let serve = Serve::start(Path::new(env!("CARGO_BIN_EXE_serve")), Store::Maildir, |maildir| {
        Large::new(SIZE).write_to(&maildir.join("new/1600000000.M0P0.host"));
    });
    let folder = Scratch::new("large-pop3");
    let file = folder.join("large.eml");

    run_watched(curl(format!("pop3://127.0.0.1:{}/1", serve.pop3)).arg("-o").arg(&file), LONGEST);
    assert_small("serve after RETR", serve.peak_memory());
    Large::new(SIZE).assert_is(&file);
    fs::remove_file(&file).unwrap();

    assert_fetch_is_small(&serve, "pop3", serve.pop3, &folder.join("taken"));
}
