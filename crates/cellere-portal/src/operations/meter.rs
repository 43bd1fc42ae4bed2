//! `POST /autoleitura`: reads a meter of energy, water or gas. (Our page: "Meters".)

use http::{Method, Uri};
use kyc_core::{
    Body, Error, FiniteF64, Lenient, Media, MediaFormat, MediaRules, Operation, OperationClass, ParseLenient,
    Pii, RedactedText, Response, ValidationError,
};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::client::Client;
use crate::config::{Endpoints, Form, is_segment};
use crate::error::ResponseText;
use crate::model::codes::{Conciliation, DisplayType, MeterService};
use crate::model::{Block, Confidence, Nested, Status};

/// Each reading costs credits.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "meter", OperationClass::Paid);

/// What the vendor's page accepts here.
const PICTURE: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png, MediaFormat::Gif, MediaFormat::Heic],
    max_bytes: None,
    min_pixels: None,
};

const READING_MAX: usize = 20;

/// A picture of a meter, in one of the three ways that there are.
#[derive(Clone, Debug)]
pub struct MeterRequest {
    service: MeterService,
    picture: Picture,
    reading: Option<Pii<String>>,
}

#[derive(Clone, Debug)]
enum Picture {
    File(Media),
    Base64(Media),
    Link(Pii<String>),
}

impl MeterRequest {
    /// A picture that is sent as a file.
    #[must_use]
    pub fn file(service: MeterService, image: Media) -> Self {
        Self::of(service, Picture::File(image))
    }

    /// A picture that is sent as base64.
    #[must_use]
    pub fn base64(service: MeterService, image: Media) -> Self {
        Self::of(service, Picture::Base64(image))
    }

    /// A picture that the portal fetches from this address. Whoever knows the address sees the picture, and the portal
    /// must reach it.
    #[must_use]
    pub fn link(service: MeterService, address: impl Into<String>) -> Self {
        Self::of(service, Picture::Link(Pii::new(address.into())))
    }

    fn of(service: MeterService, picture: Picture) -> Self {
        Self { service, picture, reading: None }
    }

    /// Sends the customer's own reading along, to be held against that of the picture: up to 20 digits, with one comma
    /// or point at most.
    #[must_use]
    pub fn with_reading(mut self, reading: impl Into<String>) -> Self {
        self.reading = Some(Pii::new(reading.into()));
        self
    }

    /// Holds the request against what the page accepts, as [`Client::meter`] does before it sends anything.
    ///
    /// # Errors
    /// `InvalidInput`: a picture that is neither JPEG, PNG, GIF nor HEIC, or truncated; a link that is none; a reading
    /// that is no number; an unknown kind of meter that no request could name.
    pub fn check(&self) -> Result<(), Error> {
        let refused = |field, rule: &ValidationError| Err(OPERATION.invalid_input(field, rule));
        match &self.picture {
            Picture::File(image) | Picture::Base64(image) => {
                image.check(&PICTURE).map_err(|rule| OPERATION.invalid_input("image", &rule))?;
            }
            Picture::Link(link) if !is_link(link.expose()) => {
                return refused(
                    "link",
                    &ValidationError::new("must be a whole address, with http:// or https://"),
                );
            }
            Picture::Link(_) => {}
        }
        if matches!(&self.service, MeterService::Unknown(word) if !is_segment(word.as_str())) {
            return refused(
                "service",
                &ValidationError::new("must be letters, digits, dashes, dots or underscores"),
            );
        }
        match &self.reading {
            Some(reading) => check_reading(reading.expose()).or_else(|rule| refused("reading", &rule)),
            None => Ok(()),
        }
    }

    /// The fields beside the picture. A kind that stands in the path is not said twice.
    fn words<'a>(&'a self, endpoints: &'a Endpoints) -> Vec<(&'a str, &'a str)> {
        let names = &endpoints.meter_names;
        let service =
            (!endpoints.meter.contains(IN_PATH)).then(|| (names.service.as_str(), names.word(&self.service)));
        let reading =
            self.reading.as_ref().map(|reading| (names.reading.as_str(), reading.expose().as_str()));
        service.into_iter().chain(reading).collect()
    }

    fn body(&self, endpoints: &Endpoints) -> Result<Body, Error> {
        let words = self.words(endpoints);
        let body = match (&self.picture, endpoints.meter_form) {
            (Picture::Base64(image), Form::Json) => json(&words).picture("base64", image).build(),
            (Picture::Link(link), Form::Json) => json(&words).field("link", link).build(),
            (picture, _) => {
                let parts =
                    words.into_iter().fold(Body::multipart(), |body, (name, text)| body.text(name, text));
                match picture {
                    Picture::File(image) => parts.file("image", image),
                    Picture::Base64(image) => parts.base64("base64", image),
                    Picture::Link(link) => parts.text("link", link.expose()),
                }
                .build()
            }
        };
        body.map_err(|rule| OPERATION.invalid_input("request", &rule))
    }
}

/// What stands for the kind of meter in a path.
const IN_PATH: &str = "{service}";

fn json(words: &[(&str, &str)]) -> kyc_core::JsonBody {
    words.iter().fold(Body::json(), |body, (name, text)| body.field(name, text))
}

fn is_link(text: &str) -> bool {
    let is_web = |address: &Uri| matches!(address.scheme_str(), Some("http" | "https"));
    text.parse::<Uri>()
        .is_ok_and(|address| is_web(&address) && address.host().is_some_and(|host| !host.is_empty()))
}

fn check_reading(reading: &str) -> Result<(), ValidationError> {
    ValidationError::check_length(reading, READING_MAX)?;
    let marks = reading.bytes().filter(|byte| matches!(byte, b',' | b'.')).count();
    let digits = reading.bytes().filter(u8::is_ascii_digit).count();
    if digits > 0 && marks <= 1 && digits + marks == reading.len() {
        Ok(())
    } else {
        Err(ValidationError::new("must be digits with one comma or point at most"))
    }
}

/// What was read off a meter. Which fields there are depends on the picture. The vendor's page can be read so that they
/// stand in a block `response`: [`reading`](Self::reading) and [`conciliation`](Self::conciliation) look everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MeterResponse {
    /// The name of the picture that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<RedactedText>,
    /// The kind of meter that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<MeterService>,
    /// The address that asked. Personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_ip: Option<RedactedText>,
    /// What became of the call, or the fields one level deeper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Block<Self>>,
    /// The fields one level deeper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Block<Self>>,
    /// How long it took; the unit is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Lenient<FiniteF64>>,
    /// How the meter shows its reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_type: Option<DisplayType>,
    /// The reading, with its leading zeros: see [`read_number`](Self::read_number).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_result: Option<RedactedText>,
    /// How sure the portal is of the reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence_read: Option<Lenient<Confidence>>,
    /// The meter's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_id_result: Option<RedactedText>,
    /// How sure the portal is of the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_confidence: Option<Lenient<Confidence>>,
    /// The meter's model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_meter: Option<RedactedText>,
    /// How sure the portal is of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meter_confidence: Option<Lenient<Confidence>>,
    /// The code of the quantity shown, of digital meters of energy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_code: Option<RedactedText>,
    /// Whether the pointers contradict each other, of analog meters of energy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unbalanced_analogical: Option<Lenient<bool>>,
    /// Whether the customer's reading agrees: see [`conciliation`](Self::conciliation). Elsewhere in the portal this word
    /// stands for what became of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The code of a block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Lenient<i64>>,
    /// The words of a block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<RedactedText>,
}

impl MeterResponse {
    /// Where what was read stands: here, or one level deeper under `response` or `result`. If nothing was read, here.
    #[must_use]
    pub fn reading(&self) -> &Self {
        let has_any = |level: &Self| {
            level.read_result.is_some() || level.read_id_result.is_some() || level.display_type.is_some()
        };
        self.find(&|level| has_any(level).then_some(level)).unwrap_or(self)
    }

    /// The reading as a number, wherever it stands; `None` if it is none.
    #[must_use]
    pub fn read_number(&self) -> Option<FiniteF64> {
        let text = self.reading().read_result.as_ref()?.as_str();
        FiniteF64::parse_lenient(&text.replace(',', "."))
    }

    /// Whether the customer's reading agrees with that of the picture; `None` if none was sent along.
    #[must_use]
    pub fn conciliation(&self) -> Option<Conciliation> {
        self.find(&|level| {
            let word = level.status.as_ref()?.message.as_ref()?.as_str();
            // With the other services the same field says what became of the call.
            (!ResponseText::from(word).is_known()).then(|| Conciliation::from(word))
        })
    }
}

impl Nested for MeterResponse {
    fn deeper(&self) -> impl Iterator<Item = &Self> {
        [&self.response, &self.result].into_iter().flatten().flat_map(Block::records)
    }
}

impl Client {
    /// Reads a meter.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent; `Config` where the portal has no such path: the default is a guess, and
    /// [`Endpoints::meter`](crate::Endpoints::meter) sets another. A call that may have landed is never repeated: each
    /// costs credits.
    pub async fn meter(&self, request: &MeterRequest) -> Result<Response<MeterResponse>, Error> {
        request.check()?;
        let endpoints = &self.options.endpoints;
        let word = endpoints.meter_names.word(&request.service);
        let address = self.address(&OPERATION, &endpoints.meter.replace(IN_PATH, word))?;
        let body = request.body(endpoints)?;
        let answer = self.call(&OPERATION, Method::POST, address, body).await?;
        self.pipeline.decode(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_and_links() {
        for good in ["0", "012345", "123,4", "123.45", "12345678901234567890"] {
            assert!(check_reading(good).is_ok(), "{good}");
        }
        for bad in ["", ",", "1.2,3", "-1", "12 3", "1e5", "123456789012345678901", "١"] {
            assert!(check_reading(bad).is_err(), "{bad}");
        }
        for good in ["https://example.com/meter.jpg?sig=1", "http://127.0.0.1:8080/a"] {
            assert!(is_link(good), "{good}");
        }
        for bad in ["", "meter.jpg", "ftp://example.com/a", "https://", "/a/b", "https://exa mple.com/"] {
            assert!(!is_link(bad), "{bad}");
        }
    }
}
