//! Why a selfie was refused, in the vendor's words.

use std::fmt;

use kyc_core::{RedactedText, RedactedTexts, open_enum};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::Advice;

open_enum! {
    /// A printed reason for a refused selfie. Bankly may change them: inform the person with them, but do not base decisions on
    /// them. (Our page: "Refusal messages".)
    pub enum RefusalMessage: text {
        /// The image is not in portrait orientation.
        WrongOrientation = "The image is in wrong orientation. Must be portrait.",
        /// The face is not in the middle of the image.
        NotCentralized = "The image is not enough centralized.",
        /// The face is too small. The page's example spells it with "face".
        TooFar = "The image is too far." | "The face is too far.",
        /// The face is too close to be sharp.
        TooClose = "The image is too close." | "The face is too close.",
        /// No face was detected.
        NoFace = "Could not detect a face. Try another image.",
        /// The image was not captured on the spot.
        Injection = "Traces of image injection detected.",
    }
}

impl RefusalMessage {
    /// Returns what to tell the person; `None` for a message that this release does not know.
    #[must_use]
    pub fn advice(&self) -> Option<Advice> {
        let (pt, en) = match self {
            Self::WrongOrientation => (
                "Segure o celular em pé e tire a selfie no modo retrato.",
                "Hold the phone upright and take the selfie in portrait orientation.",
            ),
            Self::NotCentralized => (
                "Deixe o rosto no centro do quadro e tire outra selfie.",
                "Keep your face in the middle of the frame and take a new selfie.",
            ),
            Self::TooFar => (
                "O rosto está longe demais. Aproxime um pouco a câmera e tire outra selfie.",
                "Your face is too far away. Move the camera a little closer and take a new selfie.",
            ),
            Self::TooClose => (
                "O rosto está perto demais e sem nitidez. Afaste um pouco a câmera e tire outra selfie.",
                "Your face is too close to be sharp. Move the camera back a little and take a new selfie.",
            ),
            Self::NoFace => (
                "Nenhum rosto foi encontrado na foto. Tire outra selfie com o rosto à mostra.",
                "No face was found in the image. Take a new selfie with your face uncovered.",
            ),
            Self::Injection => (
                "A foto parece ter vindo de um arquivo. Tire a selfie na hora, pela câmera.",
                "The image seems to come from a file. Take the selfie now, with the camera.",
            ),
            Self::Unknown(_) => return None,
        };
        Some(Advice { pt, en })
    }
}

/// Why a selfie was refused: an object in the vendor's example, a plain text in its table. Both are read; an object is
/// written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RefusalDetail {
    /// The message, as received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<RedactedText>,
}

impl RefusalDetail {
    /// Returns the message as one of the printed reasons, or as one that this release does not know.
    #[must_use]
    pub fn reason(&self) -> Option<RefusalMessage> {
        self.message.as_ref().map(|message| RefusalMessage::from(message.as_str()))
    }
}

impl<'de> Deserialize<'de> for RefusalDetail {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Object {
            #[serde(alias = "messages")]
            message: Option<RedactedTexts>,
        }

        struct ObjectOrText;

        impl<'de> Visitor<'de> for ObjectOrText {
            type Value = RefusalDetail;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or an object with a message")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<RefusalDetail, A::Error> {
                let object = Object::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(RefusalDetail { message: object.message.as_ref().and_then(joined) })
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RefusalDetail, E> {
                Ok(RefusalDetail { message: Some(text.into()) })
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<RefusalDetail, E> {
                self.visit_str(if value { "true" } else { "false" })
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<RefusalDetail, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<RefusalDetail, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<RefusalDetail, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_unit<E: de::Error>(self) -> Result<RefusalDetail, E> {
                Ok(RefusalDetail::default())
            }
        }

        deserializer.deserialize_any(ObjectOrText)
    }
}

/// Joins the messages: the table's `messages` may be a list.
fn joined(texts: &RedactedTexts) -> Option<RedactedText> {
    let texts: Vec<_> = texts.iter().map(RedactedText::as_str).collect();
    (!texts.is_empty()).then(|| texts.join(" ").into())
}
