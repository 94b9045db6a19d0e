//! A small mail server for POP3 and IMAP: `serve --help` says how to start it.

#[path = "../../embedded/mod.rs"]
mod embedded;
mod maildir;
mod options;
mod service;
mod tls;
mod users;

use std::{io::Write as _, process::ExitCode, sync::Arc};

use embedded::{session::Settings, store::Accounts};
use options::{HELP, Options};
use service::Service;
use tokio::signal::unix::{SignalKind, signal};
use users::{InMaildirs, InMemory};

fn main() -> ExitCode {
    match Options::parse(std::env::args_os()) {
        Ok(None) => {
            // Who has closed the pipe has read enough.
            let _ = std::io::stdout().write_all(HELP.as_bytes());
            ExitCode::SUCCESS
        }
        Ok(Some(options)) => match serve(options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("serve: {error}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("serve: {error}\nserve --help tells the options.");
            ExitCode::from(2)
        }
    }
}

fn serve(mut options: Options) -> Result<(), String> {
    let tls = tls::acceptor(&options.certificate, options.write_certificate.as_deref())?;
    let users = std::mem::take(&mut options.users);
    let accounts: Arc<dyn Accounts> = match options.maildir.take() {
        Some(directory) => {
            std::fs::create_dir_all(&directory)
                .map_err(|error| format!("{}: {error}", directory.display()))?;
            Arc::new(InMaildirs::new(users, directory))
        }
        None => Arc::new(InMemory::new(users)),
    };
    let settings = Arc::new(Settings { accounts, max_message: options.max_message });
    let service = Service { settings, tls, allow_plaintext: options.allow_plaintext };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Each that waits for the disk is a thread; more of them would not make the disk faster.
        .max_blocking_threads(16)
        .build()
        .map_err(|error| format!("no runtime: {error}"))?;
    runtime.block_on(async {
        let watch = |kind| signal(kind).map_err(|error| format!("no signals: {error}"));
        let (mut interrupt, mut terminate) =
            (watch(SignalKind::interrupt())?, watch(SignalKind::terminate())?);
        let end = async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        service::run(&options, service, end).await
    })
}
