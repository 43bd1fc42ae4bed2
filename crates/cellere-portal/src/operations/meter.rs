//! `POST /autoleitura`: reads an electricity, water or gas meter. (Our page: "Meters".)

use http::{Method, Uri};
use kyc_core::{
    Body, Error, FiniteF64, Lenient, Media, MediaFormat, MediaRules, Operation, OperationClass, ParseLenient,
    Pii, RedactedText, Response, ValidationError, response,
};

use crate::VENDOR;
use crate::client::Client;
use crate::config::{Endpoints, Form, is_segment};
use crate::error::ResponseText;
use crate::model::codes::{Conciliation, DisplayType, MeterService};
use crate::model::{Block, Confidence, Nested, Status, least_favourable};

/// Each reading costs credits.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "meter", OperationClass::Paid);

/// The formats that the vendor's page accepts here.
const IMAGE: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png, MediaFormat::Gif, MediaFormat::Heic],
    max_bytes: None,
    min_pixels: None,
};

const READING_MAX: usize = 20;

/// A request to read a meter, with the image as a file, as base64 or as a link.
#[derive(Clone, Debug)]
pub struct MeterRequest {
    service: MeterService,
    image: Source,
    reading: Option<Pii<String>>,
}

#[derive(Clone, Debug)]
enum Source {
    File(Media),
    Base64(Media),
    Link(Pii<String>),
}

impl MeterRequest {
    /// Creates a request that sends the image as a file.
    #[must_use]
    pub fn file(service: MeterService, image: Media) -> Self {
        Self::of(service, Source::File(image))
    }

    /// Creates a request that sends the image as base64.
    #[must_use]
    pub fn base64(service: MeterService, image: Media) -> Self {
        Self::of(service, Source::Base64(image))
    }

    /// Creates a request with an `http` or `https` URL from which the portal fetches the image. The portal must be able to
    /// reach it, and anyone who knows the URL can see the image.
    #[must_use]
    pub fn link(service: MeterService, address: impl Into<String>) -> Self {
        Self::of(service, Source::Link(Pii::new(address.into())))
    }

    fn of(service: MeterService, image: Source) -> Self {
        Self { service, image, reading: None }
    }

    /// Sets the customer's own reading, which the portal compares with the one in the image: up to 20 characters, digits
    /// with at most one comma or point.
    #[must_use]
    pub fn with_reading(mut self, reading: impl Into<String>) -> Self {
        self.reading = Some(Pii::new(reading.into()));
        self
    }

    /// Validates the request against the documented limits, as [`Client::meter`] does before it sends anything.
    ///
    /// # Errors
    /// `InvalidInput` if the image is not JPEG, PNG, GIF or HEIC, or is truncated; if the link is not an absolute URL; if
    /// the reading is not a number; if the name of an unknown kind of meter is not valid in a path.
    pub fn check(&self) -> Result<(), Error> {
        let refused = |field, rule: &ValidationError| Err(OPERATION.invalid_input(field, rule));
        match &self.image {
            Source::File(image) | Source::Base64(image) => {
                image.check(&IMAGE).map_err(|rule| OPERATION.invalid_input("image", &rule))?;
            }
            Source::Link(link) if !is_link(link.expose()) => {
                return refused(
                    "link",
                    &ValidationError::new("must be an absolute URL with http:// or https://"),
                );
            }
            Source::Link(_) => {}
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

    /// Returns the fields besides the image. A kind that is part of the path is not sent as a field.
    fn text_fields<'a>(&'a self, endpoints: &'a Endpoints) -> Vec<(&'a str, &'a str)> {
        let names = &endpoints.meter_names;
        let service = (!endpoints.meter.contains(IN_PATH))
            .then(|| (names.service.as_str(), names.service_value(&self.service)));
        let reading =
            self.reading.as_ref().map(|reading| (names.reading.as_str(), reading.expose().as_str()));
        service.into_iter().chain(reading).collect()
    }

    fn body(&self, endpoints: &Endpoints) -> Result<Body, Error> {
        let fields = self.text_fields(endpoints);
        let body = match (&self.image, endpoints.meter_form) {
            (Source::Base64(image), Form::Json) => json(&fields).image("base64", image).build(),
            (Source::Link(link), Form::Json) => json(&fields).field("link", link).build(),
            (image, _) => {
                let parts =
                    fields.into_iter().fold(Body::multipart(), |body, (name, text)| body.text(name, text));
                match image {
                    Source::File(image) => parts.file("image", image),
                    Source::Base64(image) => parts.base64("base64", image),
                    Source::Link(link) => parts.text("link", link.expose()),
                }
                .build()
            }
        };
        body.map_err(|rule| OPERATION.invalid_input("request", &rule))
    }
}

/// The placeholder for the kind of meter in a path.
const IN_PATH: &str = "{service}";

fn json(fields: &[(&str, &str)]) -> kyc_core::JsonBody {
    fields.iter().fold(Body::json(), |body, (name, text)| body.field(name, text))
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
        Err(ValidationError::new("must be digits with at most one comma or point"))
    }
}

response! {
    /// The reading of a meter. The image determines which fields are present. The vendor's page can be understood to nest them
    /// in a block `response`: [`reading`](Self::reading) and [`conciliation`](Self::conciliation) search every level.
    pub struct MeterResponse {
        /// The file name of the image that was sent.
        pub image: Option<RedactedText>,
        /// The requested kind of meter.
        pub service: Option<MeterService>,
        /// The IP address of the caller: personal data.
        pub user_ip: Option<RedactedText>,
        /// The outcome of the call, or the fields of the response one level deeper.
        pub response: Option<Block<Self>>,
        /// The fields of the response, one level deeper.
        pub result: Option<Block<Self>>,
        /// The duration of the reading, in an unknown unit, probably seconds.
        pub duration: Option<Lenient<FiniteF64>>,
        /// The display of the meter.
        pub display_type: Option<DisplayType>,
        /// The reading, with its leading zeros: see [`read_number`](Self::read_number).
        pub read_result: Option<RedactedText>,
        /// The portal's confidence in the reading.
        pub confidence_read: Option<Lenient<Confidence>>,
        /// The number of the meter.
        pub read_id_result: Option<RedactedText>,
        /// The portal's confidence in the number.
        pub id_confidence: Option<Lenient<Confidence>>,
        /// The model of the meter.
        pub model_meter: Option<RedactedText>,
        /// The portal's confidence in the model.
        pub meter_confidence: Option<Lenient<Confidence>>,
        /// The power code, of digital electricity meters: probably the quantity that the display shows.
        pub power_code: Option<RedactedText>,
        /// Whether the meter is unbalanced, of analogue electricity meters: probably that its pointers contradict each other.
        pub unbalanced_analogical: Option<Lenient<bool>>,
        /// Whether the customer's reading agrees: see [`conciliation`](Self::conciliation). For other operations this field is
        /// the outcome of the call.
        pub status: Option<Status>,
        /// The code, in a nested `response`.
        pub code: Option<Lenient<i64>>,
        /// The message, in a nested `response`.
        pub message: Option<RedactedText>,
    }
}

impl MeterResponse {
    /// Returns the level of the response that holds the reading: the top level, or one nested under `response` or `result`.
    /// If nothing was read, this is the top level.
    #[must_use]
    pub fn reading(&self) -> &Self {
        let has_any = |level: &Self| {
            level.read_result.is_some() || level.read_id_result.is_some() || level.display_type.is_some()
        };
        self.find(&|level| has_any(level).then_some(level)).unwrap_or(self)
    }

    /// Returns the reading as a number, or `None` if it is not a number.
    #[must_use]
    pub fn read_number(&self) -> Option<FiniteF64> {
        let text = self.reading().read_result.as_ref()?.as_str();
        FiniteF64::parse_lenient(&text.replace(',', "."))
    }

    /// Returns whether the customer's reading agrees with the one in the image, or `None` if none was sent. If several places of
    /// the response state different results, this is the first that is not [`Conciliated`](Conciliation::Conciliated).
    #[must_use]
    pub fn conciliation(&self) -> Option<Conciliation> {
        let stated = self.collect(&|level| {
            let words = level.status.iter().filter_map(|status| status.message.as_ref());
            // For other services the same field is the outcome of the call.
            let words = words.filter(|word| !ResponseText::from(word.as_str()).is_known());
            words.map(|word| Conciliation::from(word.as_str())).collect()
        });
        least_favourable(stated, &Conciliation::Conciliated)
    }
}

impl Nested for MeterResponse {
    fn deeper(&self) -> impl Iterator<Item = &Self> {
        [&self.response, &self.result].into_iter().flatten().flat_map(Block::records)
    }
}

impl Client {
    /// Reads an electricity, water or gas meter. Each reading costs credits. (Our page: "Meters".)
    ///
    /// ```
    /// use cellere_portal::kyc_core::Media;
    /// use cellere_portal::{Client, Conciliation, Credentials, MeterRequest, MeterService};
    /// use kyc_sandbox::{Sandbox, samples};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder().start().await?;
    /// let client =
    ///     Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN)).base_url(&sandbox.cellere_url()).build()?;
    ///
    /// let image = Media::new(samples::METER_CYCLOMETRIC)?;
    /// let response = client.meter(&MeterRequest::file(MeterService::Gas, image).with_reading("4821")).await?;
    /// assert_eq!(response.value().read_number().map(|number| number.get()), Some(4821.0));
    /// assert_eq!(response.value().conciliation(), Some(Conciliation::Conciliated));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent; `Config` if the portal has no such path: no source confirms the default, and
    /// [`Endpoints::meter`](crate::Endpoints::meter) sets another. A call that may have landed is never repeated: each
    /// costs credits.
    pub async fn meter(&self, request: &MeterRequest) -> Result<Response<MeterResponse>, Error> {
        request.check()?;
        let endpoints = &self.options.endpoints;
        let word = endpoints.meter_names.service_value(&request.service);
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
