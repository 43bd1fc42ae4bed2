//! 2D liveness: decrypts and checks the frames.

use std::sync::Arc;

use axum::http::StatusCode;
use bytes::Bytes;
use kyc_core::{Clock as _, Media};

use super::challenge::{Challenge, FRAMES};
use super::crypto::Cipher;
use super::fields::Fields;
use super::images::jpeg;
use super::replies::{bad_request, not_found, unauthorized};
use super::{CertifaceControl, Operation};
use crate::faces::Comparison;
use crate::reply::Reply;

/// The prefix of each frame's record. Records follow each other without a separator.
const RECORD: &str = "data:image/jpeg;base64,type:";
/// The part of the prefix that remains if the IV is wrong, which garbles only the first 16 bytes.
const SPOILT_RECORD: &str = "base64,type:";

/// A frame, and the code of the expression that it shows.
struct Frame<'a> {
    code: &'a str,
    image: Media,
}

impl CertifaceControl {
    pub(super) fn captcha(
        self: &Arc<Self>,
        fields: &Fields,
        seen: Option<Comparison>,
    ) -> Result<Reply, Reply> {
        let mut state = self.lock();
        let (appkey, journey) = self.live_journey_for_liveness(&mut state, fields)?;
        let chkey = fields.needed("chkey").map_err(bad_request)?;
        let challenge = journey
            .challenges
            .get(chkey)
            .ok_or_else(|| unauthorized("chkey does not belong to a challenge of this appkey"))?;
        if self.clock.now() >= challenge.expires {
            return Err(unauthorized("the challenge has expired: request a new one"));
        }
        let images = fields.needed("images").map_err(bad_request)?;
        let frontal =
            open(&appkey, images, challenge).map_err(|error| bad_request(format!("images: {error}")))?;
        let verdict = self.judge(&mut state, Operation::Captcha, &appkey, Some(frontal), seen)?;
        Ok(Reply::json(StatusCode::OK, &verdict.without_retry()).simulated(seen))
    }

    /// The first frame of a valid attempt.
    pub(super) fn frontal(&self, fields: &Fields) -> Option<Bytes> {
        let mut state = self.lock();
        let (appkey, journey) = self.live_journey_for_liveness(&mut state, fields).ok()?;
        let challenge = journey.challenges.get(fields.text("chkey")?)?;
        open(&appkey, fields.text("images")?, challenge).ok()
    }

    /// The last liveness result, even after the appkey has expired.
    pub(super) fn captcha_result(&self, fields: &Fields) -> Result<Reply, Reply> {
        let appkey = fields.needed("appkey").map_err(bad_request)?;
        let state = self.lock();
        let liveness = state.journeys.get(appkey).and_then(|journey| journey.liveness.as_ref());
        let liveness = liveness.ok_or_else(|| not_found("appkey is unknown, or has no liveness result"))?;
        Ok(Reply::json(StatusCode::OK, &liveness.judged.without_retry()).simulated(liveness.seen))
    }
}

/// Decrypts and checks the frames, and returns the first one.
fn open(appkey: &str, images: &str, challenge: &Challenge) -> Result<Bytes, String> {
    let cipher = Cipher::of(appkey).ok_or("the appkey is too short")?;
    let plain = cipher.open(images)?;
    if plain.get(16..).is_some_and(|rest| rest.starts_with(SPOILT_RECORD.as_bytes())) && !starts(&plain) {
        return Err("the IV is wrong: it must be the appkey's last 16 characters, reversed".to_owned());
    }
    let text = str::from_utf8(&plain).ok().filter(|_| starts(&plain));
    let text = text.ok_or_else(|| format!("the decrypted text does not begin with {RECORD}"))?;
    let mut frames = Vec::new();
    for (place, record) in text.split(RECORD).skip(1).enumerate() {
        frames.push(frame(record).map_err(|error| format!("record {}: {error}", place + 1))?);
    }
    count(&frames, challenge)?;
    let first = frames.into_iter().next().ok_or("no record found")?;
    Ok(first.image.bytes().clone())
}

fn starts(plain: &[u8]) -> bool {
    plain.starts_with(RECORD.as_bytes())
}

fn frame(record: &str) -> Result<Frame<'_>, &'static str> {
    let (code, encoded) = record.split_once(',').ok_or("no comma after type:<codigo>")?;
    let image = jpeg(encoded)?;
    Ok(Frame { code, image })
}

fn count(frames: &[Frame<'_>], challenge: &Challenge) -> Result<(), String> {
    if let Some(place) =
        frames.iter().position(|frame| !challenge.codes.iter().any(|code| code == frame.code))
    {
        return Err(format!("record {}: its codigo is not in the challenge", place + 1));
    }
    for (place, code) in challenge.codes.iter().enumerate() {
        let found = frames.iter().filter(|frame| frame.code == code).count();
        if found != FRAMES {
            let face = place + 1;
            return Err(format!(
                "the codigo of challenge {face} has {found} frames, snapNumber says {FRAMES}"
            ));
        }
    }
    Ok(())
}
