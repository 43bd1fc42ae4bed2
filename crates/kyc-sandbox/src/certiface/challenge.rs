//! The challenge of 2D liveness.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_core::{Clock as _, Timestamp};
use serde_json::{Value, json};

use super::CertifaceControl;
use super::fields::Fields;
use super::replies::encrypted;
use crate::newest;
use crate::reply::Reply;

const LIFE: Duration = Duration::from_secs(60);
/// The number of frames for each expression.
pub(super) const FRAMES: usize = 2;
const MILLISECONDS: u32 = 1990;
const SECONDS: usize = 4;

/// An expression: its instruction as text and its sample image.
const FACES: [(&[u8], &[u8]); 2] = [
    (include_bytes!("pictures/text-smile.png"), include_bytes!("pictures/face-smiling.png")),
    (include_bytes!("pictures/text-be-serious.png"), include_bytes!("pictures/face-serious.png")),
];

/// How many challenges of a journey are kept.
const MAX_CHALLENGES: usize = 10;

/// The challenge that was issued.
pub(super) struct Challenge {
    pub(super) codes: Vec<String>,
    pub(super) expires: Timestamp,
}

impl CertifaceControl {
    pub(super) fn challenge(&self, fields: &Fields) -> Result<Reply, Reply> {
        let mut state = self.lock();
        let (appkey, journey) = self.live_journey_for_liveness(&mut state, fields)?;
        let chkey = self.random(1);
        let codes: Vec<String> = FACES.iter().map(|_| self.random(2)).collect();
        let challenges: Vec<_> = FACES.iter().zip(&codes).map(|(face, code)| shown(*face, code)).collect();
        let body = json!({
            "chkey": chkey,
            "snapFrequenceInMillis": MILLISECONDS,
            "snapNumber": FRAMES,
            "totalTime": SECONDS * FACES.len(),
            // The vendor's example has 1 and lists two; its browser code uses the number.
            "numberOfChallenges": FACES.len(),
            "challenges": challenges,
        });
        let expires = self.clock.now().saturating_add(LIFE);
        let challenge = Challenge { codes, expires };
        newest::insert_within(
            MAX_CHALLENGES,
            &mut journey.challenges,
            chkey,
            challenge,
            &self.counters.dropped,
        );
        Ok(encrypted(&appkey, &body))
    }
}

fn shown((text, face): (&[u8], &[u8]), code: &str) -> Value {
    json!({
        "mensagem": STANDARD.encode(text),
        "tempoEmSegundos": SECONDS,
        "tipoFace": { "codigo": code, "imagem": STANDARD.encode(face) },
    })
}
