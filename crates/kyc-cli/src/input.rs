//! Personal data and images from standard input, so that they are not arguments, which other users of the machine can see.

use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use kyc_core::{Cnpj, Cpf, Media, Secret};

use crate::failure::{Failure, io_words};
use crate::messages::{Messages, Said};
use crate::{files, private};

/// The argument that stands for standard input.
const STDIN: &str = "-";

/// The maximum size of a text on standard input.
const MAX_TEXT_BYTES: u64 = 64 * 1024;

/// Whether standard input was read. A second argument would find nothing.
static IS_READ: AtomicBool = AtomicBool::new(false);

/// Parses a CPF, or reads it from standard input if it is `-`.
pub(crate) fn cpf(argument: &str, value: &str) -> Result<Cpf, Failure> {
    let named = |_: &Messages| argument.to_owned();
    let text = text(value).map_err(|rule| Failure::refused(named, rule))?;
    private::add(text.expose());
    Cpf::parse(text.expose()).map_err(|rule| Failure::refused(named, rule))
}

/// Parses a CNPJ, or reads it from standard input if it is `-`.
pub(crate) fn cnpj(argument: &str, value: &str) -> Result<Cnpj, Failure> {
    let named = |_: &Messages| argument.to_owned();
    let text = text(value).map_err(|rule| Failure::refused(named, rule))?;
    private::add(text.expose());
    Cnpj::parse(text.expose()).map_err(|rule| Failure::refused(named, rule))
}

fn text(value: &str) -> Result<Secret<String>, Said> {
    if value == STDIN { stdin_text() } else { Ok(Secret::new(value.to_owned())) }
}

/// Reads a text from standard input, without the whitespace around it.
pub(crate) fn stdin_text() -> Result<Secret<String>, Said> {
    let bytes = Secret::new(stdin(MAX_TEXT_BYTES)?);
    let text =
        std::str::from_utf8(bytes.expose()).map_err(|_| Said::new(|t| t.errors.not_utf8.to_owned()))?;
    Ok(Secret::new(text.trim().to_owned()))
}

/// Reads a text from a file, or from standard input if the path is `-`.
pub(crate) fn private_text(path: &Path) -> Result<Secret<String>, Said> {
    if path == Path::new(STDIN) {
        return stdin_text();
    }
    files::check_text(path)?;
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Secret::new(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(Said::new(|t| t.errors.does_not_exist.to_owned()))
        }
        Err(error) => Err(files::unreadable(&error)),
    }
}

/// Reads an image from a file, or from standard input if the path is `-`.
pub(crate) fn image(path: &Path) -> Result<Media, Said> {
    if path != Path::new(STDIN) {
        // The commonest mistake, in the language of the user.
        if matches!(std::fs::metadata(path), Err(error) if error.kind() == io::ErrorKind::NotFound) {
            return Err(Said::new(|t| t.errors.does_not_exist.to_owned()));
        }
        return Ok(Media::read(path)?);
    }
    Ok(Media::new(stdin(Media::MAX_BYTES as u64)?)?)
}

/// Returns the name of an input file in messages.
pub(crate) fn shown(t: &Messages, path: &Path) -> String {
    if path == Path::new(STDIN) { t.errors.stdin.to_owned() } else { files::shown(path) }
}

fn stdin(max_bytes: u64) -> Result<Vec<u8>, Said> {
    if IS_READ.swap(true, Ordering::Relaxed) {
        return Err(Said::new(|t| t.errors.stdin_once.to_owned()));
    }
    let mut bytes = Vec::new();
    let read = io::stdin().take(max_bytes + 1).read_to_end(&mut bytes);
    read.map_err(|error| Said::new(|t| (t.errors.stdin_unreadable)(&io_words(t, error.kind()))))?;
    if bytes.len() as u64 > max_bytes {
        return Err(Said::new(|t| (t.errors.too_many_kib)(max_bytes / 1024)));
    }
    Ok(bytes)
}
