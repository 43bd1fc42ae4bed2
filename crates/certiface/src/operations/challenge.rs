//! `POST …/challenge`: requests the faces that the person has to show. (Vendor page: "3.1 Challenge"; our page: "Challenge".)

use kyc_core::{
    Base64Bytes, Body, Error, Lenient, Operation, OperationClass, RedactedText, Response, response,
};

use crate::VENDOR;
use crate::connection::{Connection, cipher, service};
use crate::error::error_in_value;
use crate::model::{Appkey, one_or_many};

/// A key may have several challenges.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "challenge", OperationClass::Idempotent);

const PATH: &str = service!("/challenge");

response! {
    /// The challenges of a 2D liveness check, and how often a frame is captured.
    #[serde(rename_all = "camelCase")]
    pub struct Challenge {
        /// The key of the challenge, to be submitted with the frames.
        pub chkey: Option<RedactedText>,
        /// The interval between frames, in milliseconds.
        pub snap_frequence_in_millis: Option<Lenient<i64>>,
        /// The number of frames per challenge.
        pub snap_number: Option<Lenient<i64>>,
        /// The time for all challenges together, in seconds.
        pub total_time: Option<Lenient<i64>>,
        /// The number of challenges according to the vendor, whose example says one and lists two. Count
        /// [`challenges`](Self::challenges) instead.
        pub number_of_challenges: Option<Lenient<i64>>,
        /// The challenges, in order.
        #[serde(default, deserialize_with = "one_or_many")]
        pub challenges: Option<Vec<Pose>>,
        /// Why there is no challenge.
        pub error: Option<RedactedText>,
    }
}

response! {
    /// One challenge: the face to show, and for how long.
    #[serde(rename_all = "camelCase")]
    pub struct Pose {
        /// An image of the instruction text.
        pub mensagem: Option<Base64Bytes>,
        /// The time for this challenge, in seconds.
        pub tempo_em_segundos: Option<Lenient<i64>>,
        /// The face to show.
        pub tipo_face: Option<FaceType>,
        /// Whether the frames must be greyscale; known from older clients.
        pub grayscale: Option<Lenient<bool>>,
        /// The position in the list; known from some clients.
        pub index: Option<RedactedText>,
    }
}

response! {
    /// A face to show.
    #[serde(rename_all = "camelCase")]
    pub struct FaceType {
        /// The code to be submitted with each frame of this challenge.
        pub codigo: Option<RedactedText>,
        /// An image of the face.
        pub imagem: Option<Base64Bytes>,
    }
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
