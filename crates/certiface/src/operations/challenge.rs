//! `POST …/challenge`: which faces the person shall make. (Vendor page: "3.1 Challenge"; our page: "Challenge".)

use kyc_core::{Base64Bytes, Body, Error, Lenient, Operation, OperationClass, RedactedText, Response};
use serde::{Deserialize, Serialize};

use super::{cipher, service};
use crate::VENDOR;
use crate::client::Client;
use crate::error::error_in_value;
use crate::operations::appkey::Appkey;

/// A key may have several challenges.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "challenge", OperationClass::Idempotent);

const PATH: &str = service!("/challenge");

/// What the person is asked to do, and how often a frame is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Challenge {
    /// The key of the challenge, which goes back with the frames.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chkey: Option<RedactedText>,
    /// Milliseconds from frame to frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snap_frequence_in_millis: Option<Lenient<i64>>,
    /// Frames of each challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snap_number: Option<Lenient<i64>>,
    /// Seconds that all challenges take together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_time: Option<Lenient<i64>>,
    /// How many challenges, says the vendor; its example says one and lists two. Count [`challenges`](Self::challenges).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_of_challenges: Option<Lenient<i64>>,
    /// The challenges, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenges: Option<Vec<Pose>>,
    /// Why there is no challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RedactedText>,
}

/// One challenge: a face to make, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Pose {
    /// A picture of the instruction's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mensagem: Option<Base64Bytes>,
    /// Seconds for this challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tempo_em_segundos: Option<Lenient<i64>>,
    /// What face it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tipo_face: Option<FaceType>,
    /// Whether the frames are wanted grey: printed by older clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grayscale: Option<Lenient<bool>>,
    /// The place in the list: known to some clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<RedactedText>,
}

/// The face to make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FaceType {
    /// The code that each frame of this challenge carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codigo: Option<RedactedText>,
    /// A picture of the face.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imagem: Option<Base64Bytes>,
}

impl Client {
    pub(crate) async fn challenge(&self, appkey: &Appkey) -> Result<Response<Challenge>, Error> {
        let cipher = cipher(&OPERATION, appkey)?;
        let body = Body::form([("appkey", appkey.expose())]);
        let answer = self.post(&OPERATION, PATH, appkey, body).await?;
        let challenge: Challenge = self.decode_encrypted(&answer, &cipher)?;
        match error_in_value(&answer, challenge.error.as_ref()) {
            Some(error) => Err(error),
            None => Ok(self.pipeline.reply(answer, challenge)),
        }
    }
}
