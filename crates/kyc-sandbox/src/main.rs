//! The command `kyc-sandbox`.
#![allow(clippy::print_stderr, clippy::print_stdout)]

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use kyc_sandbox::{BanklyTls, Sandbox};

const USAGE: &str = "\
Runs a local sandbox of identity-verification vendors' APIs. Unofficial.

Usage: kyc-sandbox [--port N] [--bind IP] [--allow-non-loopback] [--bankly-tls DIR]

  --port N               port to listen on (default: a free one)
  --bind IP              address to listen on (default: 127.0.0.1)
  --allow-non-loopback   allow non-loopback addresses for --bind and for webhook URLs
  --bankly-tls DIR       also serve Bankly with mutual TLS, and write the certificates to DIR
  --help, --version

Once it is listening it prints one line to standard output: kyc-sandbox ready on http://127.0.0.1:PORT
GET http://127.0.0.1:PORT/_sandbox/ returns help and state. Ctrl-C stops it.
";

#[derive(Debug, PartialEq)]
struct Options {
    port: u16,
    bind: IpAddr,
    allow_non_loopback: bool,
    bankly_tls: Option<PathBuf>,
}

#[derive(Debug, PartialEq)]
enum Command {
    Run(Options),
    Help,
    Version,
}

#[tokio::main]
async fn main() -> ExitCode {
    match read(std::env::args().skip(1)) {
        Ok(Command::Help) => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        Ok(Command::Version) => {
            println!("kyc-sandbox {}", env!("CARGO_PKG_VERSION"));
            ExitCode::SUCCESS
        }
        Ok(Command::Run(options)) => match run(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("kyc-sandbox: {error}");
                ExitCode::FAILURE
            }
        },
        Err(message) => {
            eprint!("kyc-sandbox: {message}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

async fn run(options: Options) -> std::io::Result<()> {
    let mut builder = Sandbox::builder().port(options.port).bind(options.bind);
    builder = builder.bankly_mutual_tls(options.bankly_tls.is_some());
    if options.allow_non_loopback {
        builder = builder.allow_non_loopback();
    }
    let sandbox = builder.start().await?;
    if let (Some(tls), Some(directory)) = (sandbox.bankly_tls(), &options.bankly_tls) {
        write_certificates(tls, directory)?;
    }
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    // The handler is installed by the first poll. It must be there before the ready line is printed, because a caller
    // may send Ctrl-C as soon as it has read that line.
    if tokio::time::timeout(Duration::ZERO, interrupted.as_mut()).await.is_err() {
        // The parent process may have closed the pipe already. That is no reason to stop.
        let _ = writeln!(std::io::stdout(), "kyc-sandbox ready on {}", sandbox.url());
        for vendor in sandbox.vendors() {
            eprintln!("{}: {}", vendor.key, vendor.url);
            vendor.notes.iter().for_each(|note| eprintln!("  {note}"));
        }
        eprintln!("help and state: {}/_sandbox/", sandbox.url());
        interrupted.await?;
    }
    sandbox.shutdown().await;
    Ok(())
}

fn write_certificates(tls: &BanklyTls, directory: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    let client = tls.client_certificate();
    std::fs::write(directory.join("authority.pem"), tls.authority_pem())?;
    std::fs::write(directory.join("client.pem"), client.chain)?;
    std::fs::write(directory.join("client-key.pem"), client.key)
}

fn read(arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut options =
        Options { port: 0, bind: Ipv4Addr::LOCALHOST.into(), allow_non_loopback: false, bankly_tls: None };
    // `--port=1` is read as `--port 1`.
    let mut words = arguments.flat_map(|argument| match argument.split_once('=') {
        Some((name, value)) => vec![name.to_owned(), value.to_owned()],
        None => vec![argument],
    });
    while let Some(word) = words.next() {
        match word.as_str() {
            "--port" => options.port = value(&word, words.next())?,
            "--bind" => options.bind = value(&word, words.next())?,
            "--allow-non-loopback" => options.allow_non_loopback = true,
            "--bankly-tls" => options.bankly_tls = Some(value(&word, words.next())?),
            "--help" | "-h" => return Ok(Command::Help),
            "--version" | "-V" => return Ok(Command::Version),
            other => return Err(format!("unknown argument {other}")),
        }
    }
    Ok(Command::Run(options))
}

fn value<T: std::str::FromStr>(name: &str, text: Option<String>) -> Result<T, String> {
    let text = text.ok_or_else(|| format!("{name} requires a value"))?;
    text.parse().map_err(|_| format!("invalid value for {name}: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_words(words: &[&str]) -> Result<Command, String> {
        read(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn arguments() {
        let options = Options {
            port: 8080,
            bind: [0, 0, 0, 0].into(),
            allow_non_loopback: true,
            bankly_tls: Some("pems".into()),
        };
        let words = ["--port=8080", "--bind", "0.0.0.0", "--allow-non-loopback", "--bankly-tls", "pems"];
        assert_eq!(read_words(&words), Ok(Command::Run(options)));
        assert_eq!(read_words(&["--help"]), Ok(Command::Help));
        for wrong in [&["--port"][..], &["--port", "70000"], &["--bind", "localhost"], &["serve"]] {
            assert!(read_words(wrong).is_err(), "{wrong:?}");
        }
    }
}
