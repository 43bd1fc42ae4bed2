//! `POST …/challenge`: requests the faces that the person has to show. (Vendor page: "3.1 Challenge"; our page: "Challenge".)

use kyc_core::{Base64Bytes, Body, Error, Lenient, Operation, OperationClass, RedactedText, Response};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::connection::{Connection, cipher, service};
use crate::error::error_in_value;
use crate::model::{Appkey, one_or_many};

/// A key may have several challenges.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "challenge", OperationClass::Idempotent);

const PATH: &str = service!("/challenge");

/// The challenges of a 2D liveness check, and how often a frame is captured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Challenge {
    /// The key of the challenge, to be submitted with the frames.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chkey: Option<RedactedText>,
    /// The interval between frames, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snap_frequence_in_millis: Option<Lenient<i64>>,
    /// The number of frames per challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snap_number: Option<Lenient<i64>>,
    /// The time for all challenges together, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_time: Option<Lenient<i64>>,
    /// The number of challenges according to the vendor, whose example says one and lists two. Count
    /// [`challenges`](Self::challenges) instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_of_challenges: Option<Lenient<i64>>,
    /// The challenges, in order.
    #[serde(default, deserialize_with = "one_or_many", skip_serializing_if = "Option::is_none")]
    pub challenges: Option<Vec<Pose>>,
    /// Why there is no challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RedactedText>,
}

/// One challenge: the face to show, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Pose {
    /// An image of the instruction text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mensagem: Option<Base64Bytes>,
    /// The time for this challenge, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tempo_em_segundos: Option<Lenient<i64>>,
    /// The face to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tipo_face: Option<FaceType>,
    /// Whether the frames must be greyscale; known from older clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grayscale: Option<Lenient<bool>>,
    /// The position in the list; known from some clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<RedactedText>,
}

/// A face to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FaceType {
    /// The code to be submitted with each frame of this challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codigo: Option<RedactedText>,
    /// An image of the face.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imagem: Option<Base64Bytes>,
}

impl Connection {
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
