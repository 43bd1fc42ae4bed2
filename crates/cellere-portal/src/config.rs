//! Token, address, paths, body forms and field names. Most defaults are not confirmed by the vendor's page. (Our page:
//! "How sure each thing is".)

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use http::Method;
use kyc_core::{BaseUrl, Body, ConfigTable, Error, HttpConfig, Secret, ValidationError, named};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::VENDOR;
use crate::auth::TokenFacts;
use crate::model::codes::{DocumentType, MeterService};

/// The gateway that the company's own front end calls. There is no test environment: calls cost credits.
pub(crate) const BASE_URL: &str = "https://api.gw.cellereit.com.br";

/// The token that the portal displays under "Conta | Token".
#[derive(Clone, Debug)]
pub struct Credentials {
    pub(crate) token: Secret<String>,
}

impl Credentials {
    /// Creates credentials from the copied token. Whitespace around it and a leading `Bearer` are removed.
    #[must_use]
    pub fn new(token: impl Into<Secret<String>>) -> Self {
        Self { token: token.into() }
    }

    /// Returns whether the token has the form of a JWT, and the expiry that it states. Nothing is sent.
    #[must_use]
    pub fn facts(&self) -> TokenFacts {
        TokenFacts::of(crate::auth::bare(self.token.expose()))
    }
}

/// The form of a request body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Form {
    /// A JSON object with images in base64.
    Json,
    /// `multipart/form-data` with images as files.
    Multipart,
}

named!(Form, "form", Json = "json", Multipart = "multipart");

/// A method and a path of the background check, such as `POST /bg-check/cpf-simples`. The number is sent in a JSON body,
/// or in the query of a `GET`.
///
/// ```
/// use cellere_portal::Endpoint;
/// let endpoint: Endpoint = "GET /bg-check/cpf-completo".parse()?;
/// assert_eq!(endpoint, Endpoint::get("/bg-check/cpf-completo"));
/// assert_eq!(endpoint.to_string(), "GET /bg-check/cpf-completo");
/// # Ok::<(), cellere_portal::kyc_core::ValidationError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub(crate) method: Method,
    pub(crate) path: String,
}

impl Endpoint {
    /// Creates an endpoint that is called with POST.
    #[must_use]
    pub fn post(path: impl Into<String>) -> Self {
        Self { method: Method::POST, path: path.into() }
    }

    /// Creates an endpoint that is called with GET.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into() }
    }

    /// Parses `GET /path`, `POST /path` or a path alone, which is called with POST.
    ///
    /// # Errors
    /// Any other method.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        match text.trim().split_once(char::is_whitespace) {
            None => Ok(Self::post(text.trim())),
            Some(("POST", path)) => Ok(Self::post(path.trim())),
            Some(("GET", path)) => Ok(Self::get(path.trim())),
            Some(_) => Err(ValidationError::new("must be GET or POST and a path")),
        }
    }
}

impl fmt::Display for Endpoint {
    /// Writes the method and the path, as [`parse`](Self::parse) reads them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl FromStr for Endpoint {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        Self::parse(text)
    }
}

impl<'de> Deserialize<'de> for Endpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// The field names and values of a meter's request. No source states them: all are our choice. (Our page: "Meters".)
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MeterNames {
    /// The field for the kind of meter: `service`, as in the response.
    pub service: String,
    /// The field for the customer's own reading: `reading`.
    pub reading: String,
    /// The value for an electricity meter: `energia`.
    pub energy: String,
    /// The value for a water meter: `agua`.
    pub water: String,
    /// The value for a gas meter: `gas`.
    pub gas: String,
}

impl Default for MeterNames {
    fn default() -> Self {
        Self {
            service: "service".into(),
            reading: "reading".into(),
            energy: "energia".into(),
            water: "agua".into(),
            gas: "gas".into(),
        }
    }
}

impl MeterNames {
    /// Returns the value that is sent for a kind of meter. One that this release does not know is sent unchanged.
    pub(crate) fn service_value<'a>(&'a self, service: &'a MeterService) -> &'a str {
        match service {
            MeterService::Energy => &self.energy,
            MeterService::Water => &self.water,
            MeterService::Gas => &self.gas,
            MeterService::Unknown(word) => word.as_str(),
        }
    }
}

/// Paths, body forms and field names. Our page lists the source of each default. (Our page: "How sure each thing is".)
///
/// ```
/// use cellere_portal::{Client, Credentials, Endpoint};
/// let client = Client::builder(Credentials::new("token"))
///     .endpoints(|endpoints| endpoints.cpf = Endpoint::get("/bg-check/cpf-completo"))
///     .build()?;
/// # Ok::<(), kyc_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Endpoints {
    /// `/contextus/{document}`, where `{document}` is the path segment of the document type.
    pub document: String,
    /// Replacements for path segments, by our segment: `{"rg": "rg-v2"}`.
    pub document_segments: BTreeMap<String, String>,
    /// The body form of `document`: JSON by default.
    pub document_form: Form,
    /// `POST /bg-check/cpf-simples`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub cpf: Endpoint,
    /// `POST /bg-check/cnpj-simples`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub cnpj: Endpoint,
    /// `/autoleitura`, which no source confirms. A `{service}` in the path is replaced by the kind of meter, which is then
    /// not sent as a field.
    pub meter: String,
    /// The body form of base64 and link: JSON by default. A file is always sent as multipart.
    pub meter_form: Form,
    /// The field names and values of a meter's request.
    pub meter_names: MeterNames,
    /// `/facematch`.
    pub facematch: String,
    /// The body form of `facematch`: JSON by default, since the vendor's page mentions base64.
    pub facematch_form: Form,
    /// The field names of the two images. By default `image1` and `image2` in JSON, `face_a` and `face_b` in multipart.
    pub facematch_names: Option<[String; 2]>,
    /// `/utilitarias/saldo-portal`.
    pub balance: String,
}

impl Default for Endpoints {
    fn default() -> Self {
        Self {
            document: "/contextus/{document}".into(),
            document_segments: BTreeMap::new(),
            document_form: Form::Json,
            cpf: Endpoint::post("/bg-check/cpf-simples"),
            cnpj: Endpoint::post("/bg-check/cnpj-simples"),
            meter: "/autoleitura".into(),
            meter_form: Form::Json,
            meter_names: MeterNames::default(),
            facematch: "/facematch".into(),
            facematch_form: Form::Json,
            facematch_names: None,
            balance: "/utilitarias/saldo-portal".into(),
        }
    }
}

impl Endpoints {
    /// Returns the path segment of a document type, or `None` if it is not valid in a path.
    pub(crate) fn segment<'a>(&'a self, document: &'a DocumentType) -> Option<&'a str> {
        let usual = document.segment();
        let segment = self.document_segments.get(usual).map_or(usual, String::as_str);
        is_segment(segment).then_some(segment)
    }

    /// Returns the field names of the two images of a face match.
    pub(crate) fn facematch_names(&self) -> [&str; 2] {
        match (&self.facematch_names, self.facematch_form) {
            (Some([first, second]), _) => [first, second],
            (None, Form::Json) => ["image1", "image2"],
            (None, Form::Multipart) => ["face_a", "face_b"],
        }
    }

    /// Validates each path against the address.
    pub(crate) fn check(&self, base: &BaseUrl) -> Result<(), Error> {
        let document = self.document.replace("{document}", "rg");
        let meter = self.meter.replace("{service}", "gas");
        let paths = [
            ("document", document.as_str()),
            ("cpf", &self.cpf.path),
            ("cnpj", &self.cnpj.path),
            ("meter", &meter),
            ("facematch", &self.facematch),
            ("balance", &self.balance),
        ];
        for (key, path) in paths {
            base.join(path)
                .map_err(|rule| Error::config(VENDOR, rule.about(format!("endpoints.{key}")).to_string()))?;
        }
        self.check_names()
    }

    /// Validates the field names for a body and the meter values for a path.
    fn check_names(&self) -> Result<(), Error> {
        let MeterNames { service, reading, energy, water, gas } = &self.meter_names;
        let [first, second] = self.facematch_names();
        let fields = [service, reading, first, second].into_iter();
        fields
            .fold(Body::multipart(), |body, name| body.text(name, ""))
            .build()
            .map_err(|rule| Error::config(VENDOR, rule.about("endpoints").to_string()))?;
        match [energy, water, gas].into_iter().find(|word| !is_segment(word)) {
            Some(_) => Err(Error::config(
                VENDOR,
                "endpoints.meter_names: must be 1 to 64 letters, digits, dashes, dots or underscores",
            )),
            None => Ok(()),
        }
    }
}

/// Returns whether a text is a single path segment without escapes, which cannot lead to another path.
pub(crate) fn is_segment(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// The vendor's key: its table, its variables, its value of `--vendor`.
pub(crate) const KEY: &str = "cellere";

/// The configuration of a client: `[cellere]` in `kyc.toml`, or the variables `KYC_CELLERE_*`, such as
/// `KYC_CELLERE_ENDPOINTS_METER` for the key `meter` in `[cellere.endpoints]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The portal's token.
    pub token: Secret<String>,
    /// An address other than the portal's, such as a sandbox.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The minimum confiability, from 0 to 1, at which two faces match where the response has no verdict.
    #[serde(default)]
    pub least_confiability: Option<f64>,
    /// Paths, body forms and field names.
    #[serde(default)]
    pub endpoints: Endpoints,
    /// Timeouts, attempts and the proxy.
    #[serde(default)]
    pub http: HttpConfig,
}

impl Config {
    /// Creates a configuration with this token for the portal itself.
    #[must_use]
    pub fn new(token: impl Into<Secret<String>>) -> Self {
        Self {
            token: token.into(),
            base_url: None,
            least_confiability: None,
            endpoints: Endpoints::default(),
            http: HttpConfig::default(),
        }
    }

    /// Reads the `KYC_CELLERE_*` variables. Returns `None` if none is set.
    ///
    /// # Errors
    /// `Config` if a variable is missing, unknown or has an invalid value.
    pub fn from_env() -> Result<Option<Self>, Error> {
        ConfigTable::load(VENDOR, KEY)
    }

    pub(crate) fn credentials(&self) -> Credentials {
        Credentials { token: self.token.clone() }
    }

    pub(crate) fn address(&self) -> Result<BaseUrl, ValidationError> {
        BaseUrl::parse(self.base_url.as_deref().unwrap_or(BASE_URL))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&'static str, &'static str)]) -> Result<Config, Error> {
        let table = ConfigTable::from_variables(VENDOR, KEY, set.to_vec());
        table.expect("UTF-8").expect("set").read()
    }

    #[test]
    fn variables_are_read_and_invalid_ones_refused() {
        let token = ("KYC_CELLERE_TOKEN", "me-s3cret");
        let config = read(&[token]).expect("complete");
        assert_eq!(config.address().expect("https").as_str(), BASE_URL);
        assert_eq!(config.endpoints, Endpoints::default());
        assert!(!format!("{config:?}").contains("s3cret"));
        let other = [
            token,
            ("KYC_CELLERE_ENDPOINTS_METER", "/leitura/{service}"),
            ("KYC_CELLERE_ENDPOINTS_CPF", "GET /bg-check/cpf-completo"),
            ("KYC_CELLERE_ENDPOINTS_FACEMATCH_FORM", "multipart"),
            ("KYC_CELLERE_ENDPOINTS_FACEMATCH_NAMES", "one,two"),
            ("KYC_CELLERE_ENDPOINTS_METER_NAMES_SERVICE", "tipo"),
            ("KYC_CELLERE_ENDPOINTS_DOCUMENT_SEGMENTS_RG", "rg-v2"),
            ("KYC_CELLERE_LEAST_CONFIABILITY", "0.8"),
        ];
        let config = read(&other).expect("complete");
        assert_eq!(config.endpoints.meter, "/leitura/{service}");
        assert_eq!(config.endpoints.cpf, Endpoint::get("/bg-check/cpf-completo"));
        assert_eq!(config.endpoints.facematch_names(), ["one", "two"]);
        assert_eq!(config.endpoints.meter_names.service, "tipo");
        assert_eq!(config.endpoints.document_segments["rg"], "rg-v2");
        assert_eq!(config.least_confiability, Some(0.8));
        for (name, value) in [
            ("KYC_CELLERE_ENDPOINTS_CPF", "PUT /x"),
            ("KYC_CELLERE_ENDPOINTS_FACEMATCH_FORM", "xml"),
            ("KYC_CELLERE_LEAST_CONFIABILITY", "high"),
        ] {
            let error = read(&[token, (name, value)]).expect_err(name);
            assert!(error.to_string().contains(name), "{error}");
        }
    }

    #[test]
    fn an_invalid_path_is_refused() {
        let base = BaseUrl::parse(BASE_URL).expect("https");
        assert!(Endpoints::default().check(&base).is_ok());
        let endpoints = Endpoints { meter: "leitura".into(), ..Endpoints::default() };
        let error = endpoints.check(&base).expect_err("no slash");
        assert!(error.to_string().contains("endpoints.meter"), "{error}");
    }

    #[test]
    fn segments_of_document_types() {
        let mut endpoints = Endpoints::default();
        endpoints.document_segments.insert("rg".into(), "rg-v2".into());
        let segment = |document: &str| endpoints.segment(&document.into()).map(str::to_owned);
        assert_eq!(segment("RG").as_deref(), Some("rg-v2"));
        assert_eq!(segment("contrato-social-v3").as_deref(), Some("contrato-social-v3"));
        for odd in ["", "../facematch", "a/b", "..", "é"] {
            assert_eq!(segment(odd), None, "{odd}");
        }
    }

    #[test]
    fn forms_and_endpoints_are_printed_and_parsed_alike() {
        for (name, form) in Form::NAMES {
            assert_eq!(name.parse(), Ok(form));
            assert_eq!(form.to_string(), name);
        }
        let error = "xml".parse::<Form>().expect_err("not a form");
        assert_eq!(error.to_string(), "form: must be json or multipart");
        for endpoint in [Endpoint::get("/a"), Endpoint::post("/b?c=d")] {
            assert_eq!(endpoint.to_string().parse(), Ok(endpoint));
        }
    }
}
