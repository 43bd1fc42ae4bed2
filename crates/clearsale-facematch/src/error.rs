//! ClearSale's error body, read into our error.

use std::fmt;

use kyc_core::{
    Error, ErrorKind, FieldViolation, Lenient, RawResponse, RedactedText, RedactedTexts, response,
};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

response! {
    /// The body of an error response. (Our page: "Error bodies".)
    #[serde(rename_all = "camelCase")]
    pub struct ErrorBody {
        /// A short title of the error.
        pub title: Option<RedactedText>,
        /// A sentence about the error.
        pub detail: Option<RedactedText>,
        /// A status, which takes precedence over the HTTP status where the two differ.
        pub status: Option<Lenient<i64>>,
        /// The path of the request.
        pub instance: Option<RedactedText>,
        /// The rejected fields.
        pub errors: Option<Errors>,
    }
}

/// The messages of an error: by field in the vendor's examples, a plain list in its dictionary. Both forms are read.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Errors {
    /// The vendor's name of each field and its messages, in order. The names, such as `base64` and `Document`, are not
    /// those of the request.
    ByField(Vec<(String, RedactedTexts)>),
    /// Messages without fields.
    List(RedactedTexts),
}

impl Errors {
    /// Returns each message with its field. In a plain list the field is empty.
    #[must_use]
    pub fn violations(&self) -> Vec<FieldViolation> {
        let violation = |field: &str, message: &RedactedText| FieldViolation::new(field, message.as_str());
        match self {
            Self::List(messages) => messages.iter().map(|message| violation("", message)).collect(),
            Self::ByField(fields) => fields
                .iter()
                .flat_map(|(field, texts)| texts.iter().map(move |text| violation(field, text)))
                .collect(),
        }
    }
}

impl fmt::Debug for Errors {
    /// Prints the names of fields as far as they look like names: a vendor may use a CPF as a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.violations()).finish()
    }
}

impl Serialize for Errors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::List(messages) => messages.serialize(serializer),
            Self::ByField(fields) => {
                serializer.collect_map(fields.iter().map(|(field, texts)| (field, texts)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Errors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MapOrList;

        impl<'de> Visitor<'de> for MapOrList {
            type Value = Errors;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("messages by field, or a list of messages")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Errors, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry::<String, RedactedTexts>()? {
                    fields.push(field);
                }
                Ok(Errors::ByField(fields))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, list: A) -> Result<Errors, A::Error> {
                RedactedTexts::deserialize(de::value::SeqAccessDeserializer::new(list)).map(Errors::List)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Errors, E> {
                Ok(Errors::List(std::iter::once(RedactedText::from(text)).collect()))
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Errors, E> {
                self.visit_str(if value { "true" } else { "false" })
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Errors, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Errors, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Errors, E> {
                self.visit_str(&value.to_string())
            }
        }

        deserializer.deserialize_any(MapOrList)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Errors {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Errors".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let texts = generator.subschema_for::<RedactedTexts>();
        schemars::json_schema!({ "anyOf": [texts, { "type": "object", "additionalProperties": texts }] })
    }
}

/// Reads the error of a response. The status in the body takes precedence over the HTTP status: wrong credentials are
/// HTTP 400 with 401 in the body.
pub(crate) fn read_error(answer: &RawResponse) -> Option<Error> {
    let by_http = answer.error_by_status()?;
    // For an HTML page or an empty 404 only the HTTP status is known.
    let Ok(body) = answer.json().decode::<ErrorBody>().map(|decoded| decoded.value) else {
        return Some(by_http);
    };
    let code = body.status.as_ref().and_then(Lenient::get).and_then(|&status| u16::try_from(status).ok());
    let code = code.filter(|code| (400..600).contains(code));
    let error = match code.and_then(ErrorKind::of_status) {
        Some(kind) if kind != by_http.kind() => answer.error(kind, explain(kind)),
        _ => by_http,
    };
    let code = body.status.map(|status| status.text().to_owned());
    let words = body.detail.or(body.title).map(|text| text.as_str().to_owned());
    Some(
        error
            .with_vendor_error(code, words)
            .with_violations(body.errors.map(|errors| errors.violations()).unwrap_or_default()),
    )
}

fn explain(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthenticated => "the body states that the credentials or the token were not accepted",
        ErrorKind::Rejected => "the body states that the request was rejected",
        ErrorKind::Unavailable => "the body states that the vendor failed",
        _ => "the status in the body differs from the HTTP status",
    }
}
