//! Personal data and images from standard input, so that they are not arguments, which other users of the machine can see.

use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use kyc_core::{Cnpj, Cpf, Media, Secret, ValidationError};

use crate::failure::Failure;
use crate::{files, private};

/// The argument that stands for standard input.
const STDIN: &str = "-";

/// The maximum size of a text on standard input.
const MAX_TEXT_BYTES: u64 = 64 * 1024;

/// Whether standard input was read. A second argument would find nothing.
static IS_READ: AtomicBool = AtomicBool::new(false);

/// Parses a CPF, or reads it from standard input if it is `-`.
pub(crate) fn cpf(argument: &str, value: &str) -> Result<Cpf, Failure> {
    let text = text(value).map_err(|rule| Failure::input(argument, &rule))?;
    private::add(text.expose());
    Cpf::parse(text.expose()).map_err(|rule| Failure::input(argument, &rule))
}

/// Parses a CNPJ, or reads it from standard input if it is `-`.
pub(crate) fn cnpj(argument: &str, value: &str) -> Result<Cnpj, Failure> {
    let text = text(value).map_err(|rule| Failure::input(argument, &rule))?;
    private::add(text.expose());
    Cnpj::parse(text.expose()).map_err(|rule| Failure::input(argument, &rule))
}

fn text(value: &str) -> Result<Secret<String>, ValidationError> {
    if value == STDIN { stdin_text() } else { Ok(Secret::new(value.to_owned())) }
}

/// Reads a text from standard input, without the whitespace around it.
pub(crate) fn stdin_text() -> Result<Secret<String>, ValidationError> {
    let bytes = Secret::new(stdin(MAX_TEXT_BYTES)?);
    let text = std::str::from_utf8(bytes.expose()).map_err(|_| ValidationError::new("is not UTF-8"))?;
    Ok(Secret::new(text.trim().to_owned()))
}

/// Reads a text from a file, or from standard input if the path is `-`.
pub(crate) fn private_text(path: &Path) -> Result<Secret<String>, ValidationError> {
    if path == Path::new(STDIN) {
        return stdin_text();
    }
    files::check_text(path).map_err(ValidationError::new)?;
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Secret::new(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ValidationError::new("does not exist")),
        Err(error) => Err(ValidationError::new(format!("cannot be read: {}", error.kind()))),
    }
}

/// Reads an image from a file, or from standard input if the path is `-`.
pub(crate) fn image(path: &Path) -> Result<Media, ValidationError> {
    if path != Path::new(STDIN) {
        return Media::read(path);
    }
    Media::new(stdin(Media::MAX_BYTES as u64)?)
}

/// Returns the name of an input file in messages.
pub(crate) fn shown(path: &Path) -> String {
    if path == Path::new(STDIN) { "standard input".to_owned() } else { files::shown(path) }
}

fn stdin(max_bytes: u64) -> Result<Vec<u8>, ValidationError> {
    if IS_READ.swap(true, Ordering::Relaxed) {
        return Err(ValidationError::new("standard input can be used only once"));
    }
    let mut bytes = Vec::new();
    let read = io::stdin().take(max_bytes + 1).read_to_end(&mut bytes);
    read.map_err(|error| ValidationError::new(format!("standard input cannot be read: {}", error.kind())))?;
    if bytes.len() as u64 > max_bytes {
        return Err(ValidationError::new(format!("must not be larger than {} KiB", max_bytes / 1024)));
    }
    Ok(bytes)
}
