//! One person's journey: which step may follow which. A step that would use a key up twice is refused before it is sent.

use std::fmt;
use std::time::Duration;

use kyc_core::{
    Delivery, Error, ErrorKind, Lenient, Media, MediaFormat, MediaRules, Operation, Poller, RedactedText,
    Response, Secret, Timestamp, ValidationError,
};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::client::Client;
use crate::model::{Appkey, JourneyResult, LivenessResponse};
use crate::operations::appkey::Person;
use crate::operations::captcha::Frame;
use crate::operations::challenge::{Challenge, Pose};
use crate::operations::document::DocumentOutcome;
use crate::operations::fortface::{self, FortfaceScan, FortfaceSession};
use crate::operations::initialize::{self, Initialization};
use crate::operations::liveness::{self, FaceTecScan};
use crate::operations::session_token::{self, Provider, SessionToken};
use crate::operations::{captcha, challenge, process_request};

/// How long the frames of a challenge are accepted. (Vendor page: "3.1 Challenge".)
const CHALLENGE_LIFE: Duration = Duration::from_secs(60);

/// The rules for a captured frame. No size is documented.
pub(crate) const FRAME: MediaRules =
    MediaRules { formats: &[MediaFormat::Jpeg], max_bytes: None, min_pixels: None };

/// One person's journey through Certiface, with its key.
///
/// The usual journey: create the key here; pass [`appkey`](Self::appkey) to the vendor's SDK in the browser or the app,
/// which performs the liveness check and submits the documents; wait for the webhook; request the
/// [`result`](Self::result). The other steps are for programs that capture by themselves.
///
/// A step that needs an unused key is refused with `Expired` before anything is sent if this process knows that the key
/// is used up. Otherwise the vendor decides: its 401 means that the key has expired, and only a new journey helps. (Our
/// page: "Lifetimes".)
///
/// The 2D flow ([`challenge`](Self::challenge), [`captcha`](Self::captcha)) and the 3D flow ([`initialize`](Self::initialize),
/// [`session`](Self::session), [`liveness_facetec`](Self::liveness_facetec), [`liveness_iproov`](Self::liveness_iproov),
/// [`process_request`](Self::process_request)) exclude each other: the first step that the vendor accepts decides for the key, and
/// a step of the other flow is refused with `Expired` before anything is sent. (Our page: "Flows".)
///
/// ```
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use certiface::kyc_core::{Cpf, Date};
/// use certiface::{Client, Credentials, Person};
/// use kyc_sandbox::Sandbox;
///
/// let sandbox = Sandbox::builder().start().await?;
/// let credentials = Credentials::new(Sandbox::CERTIFACE_USER, Sandbox::CERTIFACE_PASSWORD);
/// let client = Client::builder(credentials)
///     .base_url(&sandbox.certiface_url())
///     .result_base_url(&sandbox.certiface_result_url())
///     .build()?;
/// let person = Person::new(Cpf::parse("529.982.247-25")?, "Maria da Silva", Date::parse("15/11/2001")?);
/// let journey = client.journey(&person).await?;
/// let stored = serde_json::to_string(journey.state())?; // holds the key, and so the CPF
/// let journey = client.resume(serde_json::from_str(&stored)?);
/// assert!(journey.result().await?.value().is_none(), "no liveness check was made");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Journey {
    client: Client,
    state: JourneyState,
}

/// The state of a journey in this process, to store and to [resume](Client::resume). It holds the key, and so the
/// person's CPF: `Debug` hides it, serializing it exposes it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JourneyState {
    appkey: Appkey,
    /// Whether the key is still unused for liveness.
    is_open: bool,
    challenge: Option<OpenChallenge>,
    /// The token of an iProov session whose verdict is pending.
    session: Option<String>,
    /// The flow that the key is bound to.
    #[serde(default)]
    flow: Option<Flow>,
    /// When this process received the key, in seconds since 1970.
    #[serde(default)]
    issued: Option<i64>,
}

/// One of the two ways to check liveness, which exclude each other. (Vendor page: "4.2 3D Session".)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Flow {
    #[serde(rename = "2d")]
    TwoD,
    #[serde(rename = "3d")]
    ThreeD,
}

/// A challenge whose frames are pending.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct OpenChallenge {
    chkey: String,
    /// The code of each challenge, in order.
    codes: Vec<String>,
    /// The number of frames per challenge, if the vendor stated it.
    frames: Option<usize>,
    /// When it was requested, in seconds since 1970, rounded up: it must not end early.
    since: i64,
}

impl JourneyState {
    /// Creates the state of a journey of which only the key is known.
    #[must_use]
    pub fn from_appkey(appkey: Appkey) -> Self {
        Self { appkey, is_open: true, challenge: None, session: None, flow: None, issued: None }
    }

    pub(crate) fn appkey(&self) -> &Appkey {
        &self.appkey
    }
}

impl fmt::Debug for JourneyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JourneyState").field("is_open", &self.is_open).finish_non_exhaustive()
    }
}

impl fmt::Debug for Journey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journey").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Client {
    /// Starts a person's journey by creating its key. (Our page: "Appkey".)
    ///
    /// ```
    /// use certiface::kyc_core::{Cpf, Date};
    /// use certiface::{Client, Credentials, Person};
    /// use kyc_sandbox::Sandbox;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder().start().await?;
    /// let client = Client::builder(Credentials::new(Sandbox::CERTIFACE_USER, Sandbox::CERTIFACE_PASSWORD))
    ///     .base_url(&sandbox.certiface_url())
    ///     .result_base_url(&sandbox.certiface_result_url())
    ///     .build()?;
    /// let person = Person::new(Cpf::parse("529.982.247-25")?, "Maria da Silva", Date::parse("15/11/2001")?)
    ///     .with_id_externo_cliente("order-1");
    /// let journey = client.journey(&person).await?;
    /// assert!(journey.may_check_liveness());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The same as [`Client::appkey`].
    pub async fn journey(&self, person: &Person) -> Result<Journey, Error> {
        let issued = self.connection.pipeline.clock().now();
        let made = self.appkey(person).await?.into_inner();
        let mut state = JourneyState::from_appkey(made.appkey);
        state.issued = Some(issued.unix_seconds());
        Ok(self.resume(state))
    }

    /// Resumes a stored journey.
    ///
    /// ```no_run
    /// # use certiface::Client;
    /// # fn example(client: Client, stored: &str) -> Result<(), serde_json::Error> {
    /// let journey = client.resume(serde_json::from_str(stored)?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn resume(&self, state: JourneyState) -> Journey {
        Journey { client: self.clone(), state }
    }
}

impl Journey {
    /// Continues a journey with a key that was created elsewhere or received by a webhook.
    ///
    /// ```no_run
    /// # use certiface::{Client, Journey};
    /// # fn example(client: &Client, received: &str) {
    /// let journey = Journey::from_appkey(client, received.into());
    /// # }
    /// ```
    #[must_use]
    pub fn from_appkey(client: &Client, appkey: Appkey) -> Self {
        client.resume(JourneyState::from_appkey(appkey))
    }

    /// Returns the key, to be passed to the vendor's SDK.
    ///
    /// ```no_run
    /// # use certiface::Journey;
    /// # fn example(journey: &Journey) -> String {
    /// // Over TLS to the person's device, and into no log: it holds the CPF.
    /// journey.appkey().expose().to_owned()
    /// # }
    /// ```
    #[must_use]
    pub fn appkey(&self) -> &Appkey {
        &self.state.appkey
    }

    /// Returns the state to store, so that [`Client::resume`] can continue in another process.
    ///
    /// ```no_run
    /// # use certiface::Journey;
    /// # fn example(journey: &Journey) -> Result<String, serde_json::Error> {
    /// serde_json::to_string(journey.state())
    /// # }
    /// ```
    #[must_use]
    pub fn state(&self) -> &JourneyState {
        &self.state
    }

    /// Returns whether a liveness check may still be made with the key, as far as this process knows: not after a check, nor when
    /// the key is past its `exp` claim (with a minute for clocks that differ) or, without a readable one, older than an hour.
    ///
    /// ```no_run
    /// # use certiface::{Journey, kyc_core::Error};
    /// # async fn example(journey: &mut Journey) -> Result<(), Error> {
    /// while journey.may_check_liveness() {
    ///     journey.session(None).await?;
    ///     // … iProov's SDK captures the person …
    ///     journey.liveness_iproov().await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn may_check_liveness(&self) -> bool {
        let issued = self.state.issued.and_then(Timestamp::from_unix_seconds);
        self.state.is_open
            && !self.state.appkey.is_over(issued, self.client.connection.pipeline.clock().now())
    }

    /// Requests the challenges of a 2D liveness check. Their frames are accepted for 60 s. (Our page: "Challenge".)
    ///
    /// ```no_run
    /// # use certiface::{Journey, kyc_core::Error};
    /// # async fn example(journey: &mut Journey) -> Result<(), Error> {
    /// let challenge = journey.challenge().await?.into_inner();
    /// for pose in challenge.challenges.into_iter().flatten() {
    ///     println!("an image to show: {:?}", pose.tipo_face);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Expired` before anything is sent, if a liveness check was made with this key, or one of the other flow was started.
    pub async fn challenge(&mut self) -> Result<Response<Challenge>, Error> {
        self.check_open(&challenge::OPERATION)?;
        self.check_flow(&challenge::OPERATION, Flow::TwoD)?;
        // The vendor starts to count later than this: the local limit must not end long after the vendor's.
        let since = self.client.connection.pipeline.clock().now();
        let reply = self.client.connection.challenge(self.appkey()).await?;
        self.state.flow = Some(Flow::TwoD);
        self.state.challenge = Some(OpenChallenge::of(reply.value(), since)?);
        Ok(reply)
    }

    /// Submits the frames of the challenges, one list per challenge in their order: JPEGs that the camera captured while
    /// the person followed the instruction. It uses up the key for liveness. (Our page: "Captcha".)
    ///
    /// A repeated frame does not come from a capture and is refused.
    ///
    /// ```no_run
    /// # use certiface::{Journey, Liveness, kyc_core::Media};
    /// # async fn example(journey: &mut Journey) -> Result<(), Box<dyn std::error::Error>> {
    /// journey.challenge().await?;
    /// let frames = [
    ///     vec![Media::read("smile-1.jpg")?, Media::read("smile-2.jpg")?],
    ///     vec![Media::read("neutral-1.jpg")?, Media::read("neutral-2.jpg")?],
    /// ];
    /// let verdict = journey.captcha(&frames).await?;
    /// println!("passed: {}", verdict.value().outcome() == Liveness::Approved);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Before anything is sent: `Expired` if there is no challenge, if it is older than 60 s, or if a liveness check was
    /// made with this key; `InvalidInput` for another number of challenges or frames than requested, a frame that is not
    /// a JPEG, or a repeated frame.
    pub async fn captcha(&mut self, frames: &[Vec<Media>]) -> Result<Response<LivenessResponse>, Error> {
        self.check_open(&captcha::OPERATION)?;
        self.check_flow(&captcha::OPERATION, Flow::TwoD)?;
        let challenge = self.live_challenge()?;
        let frames =
            challenge.pair(frames).map_err(|rule| captcha::OPERATION.invalid_input("frames", &rule))?;
        let (client, appkey) = (&self.client, &self.state.appkey);
        let sending = client.connection.captcha(appkey, &challenge.chkey, &frames);
        self.state.is_open = false;
        let outcome = sending.await;
        self.settle(&outcome, |_| false);
        if !self.state.is_open {
            self.state.challenge = None;
        }
        outcome
    }

    /// Requests the licence that FaceTec's SDK starts with, up to version 9. `platform` is `web` in the vendor's browser
    /// clients. (Our page: "Beyond the guide".)
    ///
    /// ```no_run
    /// # use certiface::{Journey, kyc_core::Error};
    /// # async fn example(journey: &Journey) -> Result<(), Error> {
    /// let licence = journey.initialize("web").await?.into_inner().production_key;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Expired` before anything is sent, if a liveness check was made with this key, or one of the other flow was started.
    pub async fn initialize(&self, platform: &str) -> Result<Response<Initialization>, Error> {
        self.check_open(&initialize::OPERATION)?;
        self.check_flow(&initialize::OPERATION, Flow::ThreeD)?;
        self.client.connection.initialize(self.appkey(), platform).await
    }

    /// Starts a 3D liveness check. The response tells whether the provider is FaceTec or iProov. (Our page: "3D session".)
    ///
    /// ```no_run
    /// # use certiface::{Journey, Provider, kyc_core::Error};
    /// # async fn example(journey: &mut Journey) -> Result<(), Error> {
    /// let session = journey.session(Some("the SDK's user agent")).await?;
    /// match session.value().provider() {
    ///     Some(Provider::FaceTec) => println!("continue with liveness_facetec"),
    ///     Some(Provider::IProov) => println!("continue with liveness_iproov"),
    ///     _ => println!("no session"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Expired` before anything is sent, if a liveness check was made with this key, or one of the other flow was started.
    pub async fn session(&mut self, user_agent: Option<&str>) -> Result<Response<SessionToken>, Error> {
        self.check_open(&session_token::OPERATION)?;
        self.check_flow(&session_token::OPERATION, Flow::ThreeD)?;
        let reply = self.client.connection.session_token(self.appkey(), user_agent).await?;
        self.state.flow = Some(Flow::ThreeD);
        let is_iproov = reply.value().provider() == Some(Provider::IProov);
        self.state.session =
            reply.value().token.as_ref().filter(|_| is_iproov).map(|token| token.as_str().trim().to_owned());
        Ok(reply)
    }

    /// Submits the scan of FaceTec's SDK. It uses up the key for liveness. (Our page: "3D liveness".)
    ///
    /// ```no_run
    /// # use certiface::{FaceTecScan, Journey, kyc_core::Media};
    /// # async fn example(journey: &mut Journey, face_scan: &str) -> Result<(), Box<dyn std::error::Error>> {
    /// let (audit, low_quality) = (Media::read("audit.jpg")?, Media::read("low-quality.jpg")?);
    /// let scan = FaceTecScan::new("the SDK's user agent", face_scan, audit, low_quality, "the session's id");
    /// let verdict = journey.liveness_facetec(&scan).await?.into_inner();
    /// println!("{:?}; for the SDK: {:?}", verdict.outcome(), verdict.scan_result_blob);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Before anything is sent: `Expired` if a liveness check was made with this key; `InvalidInput` for an empty scan or
    /// an image that is not a whole JPEG.
    pub async fn liveness_facetec(
        &mut self,
        scan: &FaceTecScan,
    ) -> Result<Response<LivenessResponse>, Error> {
        self.check_open(&liveness::OPERATION)?;
        self.check_flow(&liveness::OPERATION, Flow::ThreeD)?;
        scan.check()?;
        self.state.is_open = false;
        let outcome = self.client.connection.liveness_facetec(&self.state.appkey, scan).await;
        self.settle(&outcome, |_| false);
        outcome
    }

    /// Requests iProov's verdict after its SDK has finished, whether it succeeded or failed. It uses up the key for
    /// liveness, unless the response allows another attempt: then start a new [`session`](Self::session). (Our page: "3D
    /// liveness".)
    ///
    /// ```no_run
    /// # use certiface::{Journey, Liveness, kyc_core::Error};
    /// # async fn example(journey: &mut Journey) -> Result<(), Error> {
    /// journey.session(None).await?;
    /// // … iProov's SDK captures the person …
    /// let verdict = journey.liveness_iproov().await?.into_inner();
    /// if verdict.outcome() == (Liveness::Refused { may_retry: true }) {
    ///     println!("to show to the person: {}", verdict.reason.as_ref().map_or("", |reason| reason.as_str()));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Expired` before anything is sent, if no iProov session is open or a liveness check was made with this key.
    pub async fn liveness_iproov(&mut self) -> Result<Response<LivenessResponse>, Error> {
        self.check_open(&liveness::OPERATION)?;
        self.check_flow(&liveness::OPERATION, Flow::ThreeD)?;
        let Some(token) = self.state.session.clone() else {
            return Err(expired(&liveness::OPERATION, "no iProov session is open: start one first"));
        };
        self.state.is_open = false;
        let outcome = self.client.connection.liveness_iproov(&self.state.appkey, &token).await;
        self.settle(&outcome, LivenessResponse::may_retry);
        if outcome.is_ok() || !self.state.is_open {
            self.state.session = None;
        }
        outcome
    }

    /// Submits a blob of FaceTec's SDK, from version 10 on. Return the response's blob to the SDK, and repeat until there
    /// is a verdict: until the response is not [intermediate](LivenessResponse::is_intermediate). An attempt may take 120 s. The last round uses up the key for liveness. (Our page: "Beyond the
    /// guide".)
    ///
    /// ```no_run
    /// # use certiface::{Journey, kyc_core::Error};
    /// # async fn example(journey: &mut Journey, next_blob: impl Fn() -> String) -> Result<(), Error> {
    /// let verdict = loop {
    ///     let round = journey.process_request(next_blob(), "the SDK's user agent").await?.into_inner();
    ///     if !round.is_intermediate() {
    ///         break round;
    ///     }
    /// };
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Before anything is sent: `Expired` if a liveness check was made with this key; `InvalidInput` for an empty blob.
    pub async fn process_request(
        &mut self,
        request_blob: impl Into<Secret<String>>,
        user_agent: &str,
    ) -> Result<Response<LivenessResponse>, Error> {
        self.check_open(&process_request::OPERATION)?;
        self.check_flow(&process_request::OPERATION, Flow::ThreeD)?;
        let blob = request_blob.into();
        liveness::check_present(blob.expose())
            .map_err(|rule| process_request::OPERATION.invalid_input("request_blob", &rule))?;
        self.state.is_open = false;
        let outcome = self.client.connection.process_request(&self.state.appkey, &blob, user_agent).await;
        self.settle(&outcome, |answer| answer.is_intermediate() || answer.may_retry());
        if outcome.is_ok() {
            self.state.flow = Some(Flow::ThreeD);
        }
        outcome
    }

    /// Starts a liveness check with the Fortface SDK. (Our page: "Beyond the guide".)
    ///
    /// ```no_run
    /// # use certiface::{Journey, kyc_core::Error};
    /// # async fn example(journey: &Journey, device_info: &str) -> Result<(), Error> {
    /// let session = journey.fortface_session("the browser's user agent", device_info).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Expired` before anything is sent, if a liveness check was made with this key.
    pub async fn fortface_session(
        &self,
        user_agent: &str,
        device_request_info: &str,
    ) -> Result<Response<FortfaceSession>, Error> {
        self.check_open(&fortface::SESSION_TOKEN)?;
        self.client.connection.fortface_session(self.appkey(), user_agent, device_request_info).await
    }

    /// Submits the scan of the Fortface SDK. It uses up the key for liveness. (Our page: "Beyond the guide".)
    ///
    /// ```no_run
    /// # use certiface::{FortfaceScan, Journey, kyc_core::Error};
    /// # async fn example(journey: &mut Journey, device_info: &str, captured: [&str; 3]) -> Result<(), Error> {
    /// let session = journey.fortface_session("the browser's user agent", device_info).await?;
    /// let [key, data, images] = captured;
    /// let scan = FortfaceScan::new(session.value(), "the browser's user agent", key, data, images);
    /// let verdict = journey.fortface_liveness(&scan).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Before anything is sent: `Expired` if a liveness check was made with this key; `InvalidInput` for a scan that lacks
    /// something, such as the token of its session.
    pub async fn fortface_liveness(
        &mut self,
        scan: &FortfaceScan,
    ) -> Result<Response<LivenessResponse>, Error> {
        self.check_open(&fortface::LIVENESS)?;
        scan.check()?;
        self.state.is_open = false;
        let outcome = self.client.connection.fortface_liveness(&self.state.appkey, scan).await;
        self.settle(&outcome, |_| false);
        outcome
    }

    /// Submits one or two images of a document, or a PDF. After [`DocumentOutcome::Retake`] capture new images and submit
    /// them. (Our page: "Document".)
    ///
    /// ```no_run
    /// # use certiface::{DocumentOutcome, Journey, kyc_core::Media};
    /// # async fn example(journey: &Journey) -> Result<(), Box<dyn std::error::Error>> {
    /// let outcome = journey.document(&[Media::read("cnh.pdf")?]).await?.into_inner();
    /// if let DocumentOutcome::Retake(retake) = outcome {
    ///     println!("capture it again: {:?}", retake.reason);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The same as [`Client::document`].
    pub async fn document(&self, images: &[Media]) -> Result<Response<DocumentOutcome>, Error> {
        self.client.document(self.appkey(), images).await
    }

    /// Submits an image or PDF of the QR code on a digital driving licence. (Our page: "Beyond the guide".)
    ///
    /// ```no_run
    /// # use certiface::{Journey, kyc_core::Media};
    /// # async fn example(journey: &Journey) -> Result<(), Box<dyn std::error::Error>> {
    /// journey.document_qr_code(&Media::read("qr-code.png")?).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The same as [`Client::document_qr_code`].
    pub async fn document_qr_code(&self, code: &Media) -> Result<Response<DocumentOutcome>, Error> {
        self.client.document_qr_code(self.appkey(), code).await
    }

    /// Requests what is known of the journey. (Our page: "Result".)
    ///
    /// ```no_run
    /// # use certiface::{Journey, kyc_core::Error};
    /// # async fn example(journey: &Journey) -> Result<(), Error> {
    /// match journey.result().await?.into_inner() {
    ///     Some(result) => println!("{:?}", result.status),
    ///     None => println!("no liveness check yet"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The same as [`Client::result`].
    pub async fn result(&self) -> Result<Response<Option<JourneyResult>>, Error> {
        self.client.result(self.appkey()).await
    }

    /// Waits for the end of the journey, at most `timeout` from now. Start it after the liveness check. (Our page: "Result".)
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use certiface::{Journey, kyc_core::Error};
    /// # async fn example(journey: &Journey) -> Result<(), Error> {
    /// let result = journey.wait(Duration::from_secs(600))?.await?;
    /// println!("{} documents were read", result.documents().len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The same as [`Client::wait`].
    pub fn wait(&self, timeout: Duration) -> Result<Poller<'_, JourneyResult>, Error> {
        self.client.wait(&self.appkey().operation_id(), timeout)
    }

    fn check_open(&self, operation: &Operation) -> Result<(), Error> {
        if self.state.is_open {
            Ok(())
        } else {
            Err(expired(operation, "a liveness check was made with this appkey: start again with a new one"))
        }
    }

    fn check_flow(&self, operation: &Operation, flow: Flow) -> Result<(), Error> {
        match (self.state.flow, flow) {
            (Some(Flow::TwoD), Flow::ThreeD) => Err(expired(
                operation,
                "a 2D liveness check was started with this appkey, and 3D excludes it: start again with a new one",
            )),
            (Some(Flow::ThreeD), Flow::TwoD) => Err(expired(
                operation,
                "a 3D liveness check was started with this appkey, and 2D excludes it: start again with a new one",
            )),
            _ => Ok(()),
        }
    }

    fn live_challenge(&self) -> Result<OpenChallenge, Error> {
        let unusable = |what| expired(&captcha::OPERATION, what);
        let challenge = self
            .state
            .challenge
            .clone()
            .ok_or_else(|| unusable("no challenge is open: request one first"))?;
        let since = Timestamp::from_unix_seconds(challenge.since)
            .unwrap_or(self.client.connection.pipeline.clock().now());
        if self.client.connection.pipeline.clock().now().since(since) > CHALLENGE_LIFE {
            return Err(unusable("the challenge is older than 60 s: request a new one"));
        }
        Ok(challenge)
    }

    /// Records whether the key is used up. It counted as used up during the call, since the caller may drop the future.
    fn settle(
        &mut self,
        outcome: &Result<Response<LivenessResponse>, Error>,
        stays_open: impl Fn(&LivenessResponse) -> bool,
    ) {
        self.state.is_open = match outcome {
            Ok(answer) => stays_open(answer.value()),
            Err(error) => !error.may_have_landed(),
        };
    }
}

impl OpenChallenge {
    fn of(challenge: &Challenge, since: Timestamp) -> Result<Self, Error> {
        let incomplete = || {
            let what = "the challenge lacks its key or its codes";
            Error::new(VENDOR, ErrorKind::Decode, Delivery::Answered, what)
                .in_operation(challenge::OPERATION.name())
        };
        let present =
            |text: &RedactedText| Some(text.as_str().trim().to_owned()).filter(|text| !text.is_empty());
        let code = |pose: &Pose| present(pose.tipo_face.as_ref()?.codigo.as_ref()?);
        let codes: Option<Vec<_>> = challenge.challenges.iter().flatten().map(code).collect();
        Ok(Self {
            chkey: challenge.chkey.as_ref().and_then(present).ok_or_else(incomplete)?,
            codes: codes.filter(|codes| !codes.is_empty()).ok_or_else(incomplete)?,
            frames: challenge
                .snap_number
                .as_ref()
                .and_then(Lenient::get)
                .and_then(|&count| count.try_into().ok()),
            since: rounded_up(since),
        })
    }

    /// Pairs each frame with the code of its challenge, in the order of capture.
    fn pair<'a>(&'a self, frames: &'a [Vec<Media>]) -> Result<Vec<Frame<'a>>, ValidationError> {
        if frames.len() != self.codes.len() {
            let wanted = self.codes.len();
            return Err(ValidationError::new(format!(
                "must be for {wanted} challenges, but are for {}",
                frames.len()
            )));
        }
        for (index, of_one) in frames.iter().enumerate() {
            let enough = self.frames.map_or(!of_one.is_empty(), |wanted| of_one.len() == wanted);
            if !enough {
                let wanted =
                    self.frames.map_or_else(|| "at least one".to_owned(), |wanted| wanted.to_string());
                let (number, found) = (index + 1, of_one.len());
                return Err(ValidationError::new(format!(
                    "must be {wanted} for challenge {number}, but are {found}"
                )));
            }
        }
        let pairs: Vec<Frame<'_>> = self
            .codes
            .iter()
            .zip(frames)
            .flat_map(|(code, frames)| frames.iter().map(move |frame| (code.as_str(), frame)))
            .collect();
        for (index, (_, frame)) in pairs.iter().enumerate() {
            frame.check(&FRAME)?;
            // Comparing all pairs is cheap: files of equal length are rare and differ early.
            if pairs.iter().take(index).any(|(_, other)| other.bytes() == frame.bytes()) {
                return Err(ValidationError::new("must come from a capture, but one is repeated"));
            }
        }
        Ok(pairs)
    }
}

/// Returns the instant in seconds since 1970, rounded up.
fn rounded_up(instant: Timestamp) -> i64 {
    let seconds = instant.unix_seconds();
    let is_whole = Timestamp::from_unix_seconds(seconds) == Some(instant);
    if is_whole { seconds } else { seconds.saturating_add(1) }
}

fn expired(operation: &Operation, what: &'static str) -> Error {
    Error::new(VENDOR, ErrorKind::Expired, Delivery::NotSent, what).in_operation(operation.name())
}
