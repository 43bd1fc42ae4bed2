//! One person's journey: which step may follow which. What would spend a key twice is refused before it is sent.

use std::fmt;
use std::time::Duration;

use kyc_core::{
    Delivery, Error, ErrorKind, Lenient, Media, MediaFormat, MediaRules, Operation, Poller, RedactedText,
    Response, Secret, Timestamp, ValidationError,
};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::client::Client;
use crate::model::JourneyResult;
use crate::operations::appkey::{Appkey, Person};
use crate::operations::captcha::Frame;
use crate::operations::challenge::Challenge;
use crate::operations::document::DocumentOutcome;
use crate::operations::fortface::{self, FortfaceScan, FortfaceSession};
use crate::operations::initialize::{self, Initialization};
use crate::operations::liveness::{self, FaceTecScan, Liveness, LivenessResponse};
use crate::operations::session_token::{self, Provider, SessionToken};
use crate::operations::{captcha, challenge, process_request};

/// How long a challenge may be answered. (Vendor page: "3.1 Challenge".)
const CHALLENGE_LIFE: Duration = Duration::from_secs(60);

/// Of a captured frame. The size is the capture's affair.
const FRAME: MediaRules = MediaRules { formats: &[MediaFormat::Jpeg], max_bytes: None, min_pixels: None };

/// One person's way through Certiface, with the key that it goes by.
///
/// The usual way: make the key here, give [`appkey`](Self::appkey) to the vendor's kit in the browser or the app, which
/// does the liveness check and sends the documents; wait for the webhook; ask for the [`result`](Self::result).
/// The other steps are for those who capture by themselves.
///
/// What this machine knows to be spent is refused with `Expired` before anything is sent. Else the vendor has the last
/// word: its 401 says that the key has ended, and only a new journey helps.
///
/// ```
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
///
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
/// let stored = serde_json::to_string(journey.state())?; // it holds the key, and so the CPF
/// let journey = client.resume(serde_json::from_str(&stored)?);
/// assert!(journey.result().await?.is_none(), "no liveness check was made");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Journey {
    client: Client,
    state: JourneyState,
}

/// What is known of a journey on this machine, to store and to [resume](Client::resume). It holds the key, and so the
/// person's CPF: `Debug` hides it, serialising it exposes it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JourneyState {
    appkey: Appkey,
    /// Whether a liveness check may still be made with the key.
    is_open: bool,
    challenge: Option<OpenChallenge>,
    /// iProov's token of the session that waits for its verdict.
    session: Option<String>,
}

/// A challenge that waits for its frames.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct OpenChallenge {
    chkey: String,
    /// The code of each challenge, in order.
    codes: Vec<String>,
    /// How many frames each wants, if the vendor said so.
    frames: Option<usize>,
    /// Seconds since 1970.
    since: i64,
}

impl JourneyState {
    /// A journey of which nothing is known but its key.
    #[must_use]
    pub fn from_appkey(appkey: Appkey) -> Self {
        Self { appkey, is_open: true, challenge: None, session: None }
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
    /// Begins a person's journey: makes its key.
    ///
    /// # Errors
    /// As [`Client::appkey`].
    pub async fn journey(&self, person: &Person) -> Result<Journey, Error> {
        let made = self.appkey(person).await?.into_inner();
        Ok(Journey::from_appkey(self, made.appkey))
    }

    /// Goes on with a journey that was stored.
    #[must_use]
    pub fn resume(&self, state: JourneyState) -> Journey {
        Journey { client: self.clone(), state }
    }
}

impl Journey {
    /// Goes on with a key that was made elsewhere, or came with a webhook.
    #[must_use]
    pub fn from_appkey(client: &Client, appkey: Appkey) -> Self {
        client.resume(JourneyState::from_appkey(appkey))
    }

    /// The key, for the vendor's kit.
    #[must_use]
    pub fn appkey(&self) -> &Appkey {
        &self.state.appkey
    }

    /// What to store, so that [`Client::resume`] goes on after this process has ended.
    #[must_use]
    pub fn state(&self) -> &JourneyState {
        &self.state
    }

    /// Whether a liveness check may still be made with the key, as far as this machine knows.
    #[must_use]
    pub fn may_check_liveness(&self) -> bool {
        self.state.is_open
    }

    /// Asks for challenges. The person has 60 s for them. (Our page: "Challenge".)
    ///
    /// # Errors
    /// `Expired`, unsent, after a liveness check was made with this key.
    pub async fn challenge(&mut self) -> Result<Response<Challenge>, Error> {
        self.check_open(&challenge::OPERATION)?;
        // The vendor's clock starts some time after ours: ours must not run out later.
        let since = self.client.pipeline.clock().now();
        let reply = self.client.challenge(self.appkey()).await?;
        self.state.challenge = Some(OpenChallenge::of(reply.value(), since)?);
        Ok(reply)
    }

    /// Sends the frames of the challenges, a list for each challenge in its order: JPEGs that the camera took while the
    /// person followed the instruction. It spends the key for liveness. (Our page: "Captcha".)
    ///
    /// A photograph that lay about is no capture: the same frame twice is refused.
    ///
    /// # Errors
    /// `Expired`, unsent: no challenge, one older than 60 s, or a liveness check was made with this key. `InvalidInput`,
    /// unsent: another number of challenges or frames than asked for, a frame that is no JPEG or is there twice.
    pub async fn captcha(&mut self, frames: &[Vec<Media>]) -> Result<Response<LivenessResponse>, Error> {
        self.check_open(&captcha::OPERATION)?;
        let challenge = self.live_challenge()?;
        let frames =
            challenge.pair(frames).map_err(|rule| captcha::OPERATION.invalid_input("frames", &rule))?;
        let (client, appkey) = (&self.client, &self.state.appkey);
        let sending = client.captcha(appkey, &challenge.chkey, &frames);
        self.state.is_open = false;
        let outcome = sending.await;
        self.settle(&outcome, |_| false);
        if !self.state.is_open {
            self.state.challenge = None;
        }
        outcome
    }

    /// Asks for what FaceTec's kit is started with, up to its version 9. `platform` is `web` in the vendor's browser
    /// clients.
    ///
    /// # Errors
    /// `Expired`, unsent, after a liveness check was made with this key.
    pub async fn initialize(&self, platform: &str) -> Result<Response<Initialization>, Error> {
        self.check_open(&initialize::OPERATION)?;
        self.client.initialize(self.appkey(), platform).await
    }

    /// Begins a 3D liveness check; the answer tells whether FaceTec or iProov does it. (Our page: "3D session".)
    ///
    /// # Errors
    /// `Expired`, unsent, after a liveness check was made with this key.
    pub async fn session(&mut self, user_agent: Option<&str>) -> Result<Response<SessionToken>, Error> {
        self.check_open(&session_token::OPERATION)?;
        let reply = self.client.session_token(self.appkey(), user_agent).await?;
        let is_iproov = reply.value().provider() == Some(Provider::IProov);
        self.state.session =
            reply.value().token.as_ref().filter(|_| is_iproov).map(|token| token.as_str().to_owned());
        Ok(reply)
    }

    /// Hands in the scan of FaceTec's kit. It spends the key for liveness. (Our page: "3D liveness".)
    ///
    /// # Errors
    /// `Expired`, unsent, after a liveness check was made with this key.
    pub async fn liveness_facetec(
        &mut self,
        scan: &FaceTecScan,
    ) -> Result<Response<LivenessResponse>, Error> {
        self.check_open(&liveness::OPERATION)?;
        scan.check()?;
        self.state.is_open = false;
        let outcome = self.client.liveness_facetec(&self.state.appkey, scan).await;
        self.settle(&outcome, |_| false);
        outcome
    }

    /// Asks for iProov's verdict once its kit is done, whether it succeeded or not. It spends the key for liveness,
    /// unless the answer allows another try: then begin with a new [`session`](Self::session). (Our page: "3D liveness".)
    ///
    /// # Errors
    /// `Expired`, unsent: no session of iProov is open, or a liveness check was made with this key.
    pub async fn liveness_iproov(&mut self) -> Result<Response<LivenessResponse>, Error> {
        self.check_open(&liveness::OPERATION)?;
        let Some(token) = self.state.session.clone() else {
            return Err(expired(&liveness::OPERATION, "no session of iProov is open: ask for one first"));
        };
        self.state.is_open = false;
        let outcome = self.client.liveness_iproov(&self.state.appkey, &token).await;
        self.settle(&outcome, LivenessResponse::may_retry);
        if outcome.is_ok() || !self.state.is_open {
            self.state.session = None;
        }
        outcome
    }

    /// Passes a blob of FaceTec's kit from version 10 on, and its answer back; again until the answer has a verdict. An
    /// attempt may take two minutes. The last round spends the key for liveness.
    ///
    /// # Errors
    /// `Expired`, unsent, after a liveness check was made with this key.
    pub async fn process_request(
        &mut self,
        request_blob: impl Into<Secret<String>>,
        user_agent: &str,
    ) -> Result<Response<LivenessResponse>, Error> {
        self.check_open(&process_request::OPERATION)?;
        let blob = request_blob.into();
        self.state.is_open = false;
        let outcome = self.client.process_request(&self.state.appkey, &blob, user_agent).await;
        self.settle(&outcome, |answer| answer.outcome() == Liveness::Unclear || answer.may_retry());
        outcome
    }

    /// Begins a check by Fortface's kit.
    ///
    /// # Errors
    /// `Expired`, unsent, after a liveness check was made with this key.
    pub async fn fortface_session(
        &self,
        user_agent: &str,
        device_request_info: &str,
    ) -> Result<Response<FortfaceSession>, Error> {
        self.check_open(&fortface::SESSION_TOKEN)?;
        self.client.fortface_session(self.appkey(), user_agent, device_request_info).await
    }

    /// Hands in what Fortface's kit took. It spends the key for liveness.
    ///
    /// # Errors
    /// `Expired`, unsent, after a liveness check was made with this key.
    pub async fn fortface_liveness(
        &mut self,
        scan: &FortfaceScan,
    ) -> Result<Response<LivenessResponse>, Error> {
        self.check_open(&fortface::LIVENESS)?;
        self.state.is_open = false;
        let outcome = self.client.fortface_liveness(&self.state.appkey, scan).await;
        self.settle(&outcome, |_| false);
        outcome
    }

    /// Sends one or two pictures of a document, or a PDF. After [`DocumentOutcome::Retake`] send others. (Our page:
    /// "Document".)
    ///
    /// # Errors
    /// As [`Client::document`].
    pub async fn document(&self, images: &[Media]) -> Result<Response<DocumentOutcome>, Error> {
        self.client.document(self.appkey(), images).await
    }

    /// Sends the code on a digital licence.
    ///
    /// # Errors
    /// As [`Client::document_qr_code`].
    pub async fn document_qr_code(&self, code: &Media) -> Result<Response<DocumentOutcome>, Error> {
        self.client.document_qr_code(self.appkey(), code).await
    }

    /// Asks what is known of the journey. (Our page: "Result".)
    ///
    /// # Errors
    /// As [`Client::result`].
    pub async fn result(&self) -> Result<Response<Option<JourneyResult>>, Error> {
        self.client.result(self.appkey()).await
    }

    /// Waits for the journey's end.
    ///
    /// # Errors
    /// As [`Client::wait`].
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

    fn live_challenge(&self) -> Result<OpenChallenge, Error> {
        let gone = |what| expired(&captcha::OPERATION, what);
        let challenge =
            self.state.challenge.clone().ok_or_else(|| gone("no challenge is open: ask for one first"))?;
        let since =
            Timestamp::from_unix_seconds(challenge.since).unwrap_or(self.client.pipeline.clock().now());
        if self.client.pipeline.clock().now().since(since) > CHALLENGE_LIFE {
            return Err(gone("the challenge is older than 60 s: ask for a new one"));
        }
        Ok(challenge)
    }

    /// The key counted as spent while the call was on its way, since a caller may stop listening. Now it is known.
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
        let code = |pose: &crate::Pose| Some(pose.tipo_face.as_ref()?.codigo.as_ref()?.as_str().to_owned());
        let codes: Option<Vec<_>> = challenge.challenges.iter().flatten().map(code).collect();
        Ok(Self {
            chkey: challenge.chkey.as_ref().map(RedactedText::as_str).ok_or_else(incomplete)?.to_owned(),
            codes: codes.filter(|codes| !codes.is_empty()).ok_or_else(incomplete)?,
            frames: challenge
                .snap_number
                .as_ref()
                .and_then(Lenient::get)
                .and_then(|&count| count.try_into().ok()),
            since: since.unix_seconds(),
        })
    }

    /// Each frame with the code of its challenge, in the order of capture.
    fn pair<'a>(&'a self, frames: &'a [Vec<Media>]) -> Result<Vec<Frame<'a>>, ValidationError> {
        if frames.len() != self.codes.len() {
            let wanted = self.codes.len();
            return Err(ValidationError::new(format!(
                "must be of {wanted} challenges, but are of {}",
                frames.len()
            )));
        }
        for (place, of_one) in frames.iter().enumerate() {
            let enough = self.frames.map_or(!of_one.is_empty(), |wanted| of_one.len() == wanted);
            if !enough {
                let wanted =
                    self.frames.map_or_else(|| "one at least".to_owned(), |wanted| wanted.to_string());
                let (place, found) = (place + 1, of_one.len());
                return Err(ValidationError::new(format!(
                    "of challenge {place} must be {wanted}, but are {found}"
                )));
            }
        }
        let pairs: Vec<Frame<'_>> = self
            .codes
            .iter()
            .zip(frames)
            .flat_map(|(code, frames)| frames.iter().map(move |frame| (code.as_str(), frame)))
            .collect();
        for (place, (_, frame)) in pairs.iter().enumerate() {
            frame.check(&FRAME)?;
            // Two files of one length are rare, and differ early.
            if pairs.iter().take(place).any(|(_, other)| other.bytes() == frame.bytes()) {
                return Err(ValidationError::new("must be of a capture, but one is there twice"));
            }
        }
        Ok(pairs)
    }
}

fn expired(operation: &Operation, what: &'static str) -> Error {
    Error::new(VENDOR, ErrorKind::Expired, Delivery::NotSent, what).in_operation(operation.name())
}
