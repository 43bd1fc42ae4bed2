//! `kyc certiface challenge`: requests the faces that the person must make.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use certiface::{Challenge, Pose, VENDOR};
use kyc_core::{Base64Bytes, Clock as _, Lenient, SystemClock, Timestamp};
use serde::Serialize;

use super::images::{extension, media};
use super::stored::Stored;
use super::{Common, SPENT, VENDOR_NAME, call, out_of_turn};
use crate::failure::Failure;
use crate::files;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows};

/// How long the vendor accepts the frames of a challenge.
const LIFE: Duration = Duration::from_secs(60);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(long, value_name = "DIR", default_value = "kyc-certiface-challenge", help = text().certiface_help.out)]
    out: PathBuf,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Serialize)]
struct Requested {
    vendor: &'static str,
    environment: &'static str,
    answer_by: String,
    frames_per_face: Option<i64>,
    interval_ms: Option<i64>,
    faces: Vec<Face>,
    simulated: bool,
}

/// A face to make, with the images of its instruction.
#[derive(Serialize)]
struct Face {
    seconds: Option<i64>,
    words: Option<String>,
    face: Option<String>,
}

pub(super) async fn run(args: &Args) -> Result<Outcome, Failure> {
    let mut stored = Stored::open(&args.common)?;
    check_folder(&args.out)?;
    // Measured before the request, so that the printed end is never later than the vendor's.
    let since = SystemClock.now();
    let querying = Box::pin(stored.journey.challenge());
    let requested = call(text().certiface.requesting_challenge, args.common.json, None, querying).await;
    let challenge = requested.map_err(|failure| out_of_turn(failure, SPENT))?.into_inner();
    stored.challenges = challenge.challenges.as_ref().map_or(0, Vec::len);
    stored.save()?;
    let end = since.saturating_add(LIFE).unix_seconds();
    let requested = Requested {
        vendor: VENDOR.name(),
        environment: stored.place.environment,
        answer_by: Timestamp::from_unix_seconds(end).map(Timestamp::to_rfc3339).unwrap_or_default(),
        frames_per_face: number(&challenge.snap_number),
        interval_ms: number(&challenge.snap_frequence_in_millis),
        faces: write_all(&args.out, &challenge)?,
        simulated: stored.place.simulated,
    };
    if args.common.json {
        output::json(Outcome::Yes, &requested)?
    } else {
        requested.print(&stored.place.label)?
    }
    Ok(Outcome::Yes)
}

fn number(printed: &Option<Lenient<i64>>) -> Option<i64> {
    printed.as_ref()?.get().copied()
}

fn check_folder(folder: &Path) -> Result<(), Failure> {
    if folder.exists() && !folder.is_dir() {
        let named = format!("--out ({})", files::shown(folder));
        return Err(Failure::input(|t| (t.errors.subject)(&named, t.errors.is_not_folder)));
    }
    Ok(())
}

fn write_all(folder: &Path, challenge: &Challenge) -> Result<Vec<Face>, Failure> {
    fs::create_dir_all(folder).map_err(|error| files::cannot_write(folder, &error))?;
    let poses = challenge.challenges.iter().flatten().enumerate();
    poses.map(|(place, pose)| Face::write(folder, place + 1, pose)).collect()
}

impl Face {
    fn write(folder: &Path, number: usize, pose: &Pose) -> Result<Self, Failure> {
        let face = pose.tipo_face.as_ref().and_then(|face| face.imagem.as_ref());
        Ok(Self {
            seconds: self::number(&pose.tempo_em_segundos),
            words: image(folder, &format!("{number}-words"), pose.mensagem.as_ref())?,
            face: image(folder, &format!("{number}-face"), face)?,
        })
    }
}

fn image(folder: &Path, name: &str, image: Option<&Base64Bytes>) -> Result<Option<String>, Failure> {
    let Some(media) = image.and_then(media) else { return Ok(None) };
    let path = folder.join(format!("{name}.{}", extension(&media)));
    files::write_private(&path, media.bytes())?;
    Ok(Some(files::shown(&path)))
}

impl Requested {
    fn print(&self, label: &str) -> std::io::Result<()> {
        let t = text();
        let count = self.faces.len();
        let frames = self.frames_per_face.map_or(t.certiface.some_frames.to_owned(), t.certiface.frames);
        let pace = self.interval_ms.map(t.certiface.pace).unwrap_or_default();
        let mut rows = Rows::default()
            .headline(Outcome::Yes, t.certiface.challenge, (t.certiface.make_faces)(count, &self.answer_by))
            .row(t.rows.vendor, format!("{VENDOR_NAME} ({label})"));
        for (place, face) in self.faces.iter().enumerate() {
            let images: Vec<_> =
                [&face.words, &face.face].into_iter().flatten().map(String::as_str).collect();
            let instruction = (t.certiface.instruction)(&format!("{frames}{pace}"), &images.join(", "));
            rows = rows.row(&(t.rows.face)(place + 1), instruction);
        }
        let folders: Vec<_> = (1..=count).map(|place| format!("DIR/{place}")).collect();
        rows.row(t.rows.next, (t.certiface.submit_frames)(&folders.join(", ")))
            .simulated(self.simulated.then_some(t.place.simulated))
            .print()
    }
}
