//! `kyc certiface captcha`: submits the frames of a challenge.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use kyc_core::{Media, MediaFormat, MediaRules, ValidationError};

use super::liveness::Verdict;
use super::stored::Stored;
use super::{Common, SPENT, call, out_of_turn};
use crate::failure::{Failure, io_words};
use crate::files;
use crate::messages::{Messages, text};
use crate::outcome::Outcome;

/// More than any challenge requires, so that a folder named by mistake is not read completely.
const MAX_FILES: usize = 200;

/// More than the frames of any challenge need together.
const MAX_TOTAL_BYTES: u64 = 64 * 1024 * 1024;

/// The library's rules, checked here because the library does not know the file names.
const FRAME: MediaRules = MediaRules { formats: &[MediaFormat::Jpeg], max_bytes: None, min_pixels: None };

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(value_name = "DIR", help = text().certiface_help.frames)]
    folder: PathBuf,
    #[command(flatten)]
    pub(super) common: Common,
}

pub(super) async fn run(args: &Args) -> Result<Outcome, Failure> {
    let mut stored = Stored::open(&args.common)?;
    let frames = read(&args.folder, stored.challenges)?;
    let id = stored.journey.appkey().operation_id();
    let sending = Box::pin(stored.journey.captcha(&frames));
    let sent = call(text().certiface.submitting_frames, args.common.json, Some(id), sending).await;
    // Saved after a failure, too, because the key may be used up.
    let saved = stored.save();
    let next: fn(&Messages) -> &'static str =
        if stored.journey.may_check_liveness() { |t| t.certiface.no_challenge } else { SPENT };
    let shown = files::shown(&args.folder);
    let response = sent
        .map_err(|failure| out_of_turn(failure, next).in_arguments(|t, _| Some((t.errors.frames)(&shown))))?;
    Verdict::of(response.value(), &stored.place).print(args.common.json, saved)
}

/// Reads the frames of each face.
fn read(folder: &Path, challenges: usize) -> Result<Vec<Vec<Media>>, Failure> {
    let shown = files::shown(folder);
    let (folders, files): (Vec<_>, Vec<_>) = entries(folder)?.into_iter().partition(|path| path.is_dir());
    let input =
        |what: fn(&Messages) -> &'static str| Err(Failure::input(|t| (t.errors.subject)(&shown, what(t))));
    match (folders.is_empty(), files.is_empty()) {
        (true, true) => input(|t| t.certiface.no_frames),
        (false, false) => input(|t| t.certiface.files_and_folders),
        (false, true) => {
            let numbered = folders.iter().zip(1..).all(|(path, number)| path.ends_with(number.to_string()));
            if !numbered {
                return input(|t| t.certiface.not_numbered);
            }
            let faces = folders.iter().map(|folder| entries(folder)).collect::<Result<Vec<_>, _>>()?;
            check_size(&shown, &faces.concat())?;
            faces.iter().map(|files| frames(files)).collect()
        }
        (true, false) => {
            check_size(&shown, &files)?;
            let challenges = challenges.max(1);
            if files.len() % challenges != 0 {
                let count = files.len();
                return Err(Failure::input(|t| {
                    (t.errors.subject)(&shown, &(t.certiface.uneven)(count, challenges))
                }));
            }
            files.chunks(files.len() / challenges).map(frames).collect()
        }
    }
}

/// Refuses a folder whose files are too large in total, before any of them is read.
fn check_size(shown: &str, files: &[PathBuf]) -> Result<(), Failure> {
    let sizes = files.iter().filter_map(|path| fs::metadata(path).ok()).map(|metadata| metadata.len());
    if sizes.sum::<u64>() > MAX_TOTAL_BYTES {
        let mib = MAX_TOTAL_BYTES / 1024 / 1024;
        return Err(Failure::input(|t| (t.errors.subject)(shown, &(t.certiface.too_large)(mib))));
    }
    Ok(())
}

fn frames(files: &[PathBuf]) -> Result<Vec<Media>, Failure> {
    files.iter().map(|path| frame(path)).collect()
}

fn frame(path: &Path) -> Result<Media, Failure> {
    let invalid = |rule: ValidationError| Failure::refused(|t| (t.errors.frame)(&files::shown(path)), rule);
    let frame = Media::read(path).map_err(invalid)?;
    frame.check(&FRAME).map_err(invalid)?;
    Ok(frame)
}

/// Returns the entries of a folder except hidden ones, ordered by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let shown = files::shown(folder);
    let unreadable = |error: std::io::Error| {
        Failure::input(|t| {
            let what = match error.kind() {
                ErrorKind::NotFound => t.errors.does_not_exist.to_owned(),
                ErrorKind::NotADirectory => t.errors.is_not_folder.to_owned(),
                kind => (t.errors.cannot_read)(&io_words(t, kind)),
            };
            (t.errors.subject)(&shown, &what)
        })
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            found.push(entry.path());
        }
        if found.len() > MAX_FILES {
            return Err(Failure::input(|t| (t.errors.subject)(&shown, &(t.certiface.too_many)(MAX_FILES))));
        }
    }
    found.sort_by_cached_key(|path| natural(&path.file_name().unwrap_or_default().to_string_lossy()));
    Ok(found)
}

/// Returns a key that orders `frame-10` after `frame-9`.
fn natural(name: &str) -> Vec<(u64, String)> {
    let characters: Vec<char> = name.chars().collect();
    let runs = characters.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
    runs.map(|run| {
        let text: String = run.iter().collect();
        text.parse().map_or_else(|_| (u64::MAX, text.clone()), |number| (number, text.clone()))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_compared_by_value() {
        let mut names = ["b", "frame-10.jpg", "frame-9.jpg", "2", "10", "frame-09.jpg", "a"];
        names.sort_by_cached_key(|name| natural(name));
        assert_eq!(names, ["2", "10", "a", "b", "frame-09.jpg", "frame-9.jpg", "frame-10.jpg"]);
    }
}
