//! One person's images in the order that Bankly requires. An image out of order is refused before it is sent.

use std::fmt;
use std::time::Duration;

use kyc_core::{Cpf, Delivery, Error, Poller, Response, ValidationError};

use crate::client::Client;
use crate::model::onboarding_state::{Doubt, Standing};
use crate::model::{Analysis, DocumentType, ImageToken, OnboardingState, Place, Verdict};
use crate::operations::upload::{self, Upload, UploadResponse};

/// One person's selfie and both sides of a document.
///
/// The selfie comes first, then the two sides in either order, and each image only after the previous one was found
/// valid. Both sides are those of one document. Pass every analysis, from [`wait`](Self::wait) or from an event, to
/// [`note`](Self::note). An image that is not valid is uploaded again. (Our page: "Rules".)
///
/// ```no_run
/// # use std::time::Duration;
/// # use bankly_kyc::kyc_core::{Cpf, Media};
/// # use bankly_kyc::{Client, Place, Upload, Verdict};
/// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
/// let mut onboarding = client.onboarding(Cpf::parse("529.982.247-25")?);
/// onboarding.upload(&Upload::selfie(Media::read("selfie.jpg")?)).await?;
/// let analysis = onboarding.wait(Place::Selfie, Duration::from_secs(3600))?.await?;
/// if let Verdict::Invalid(reasons) = onboarding.note(&analysis) {
///     reasons.iter().for_each(|reason| println!("{}", reason.advice().pt));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Onboarding {
    client: Client,
    state: OnboardingState,
}

impl fmt::Debug for Onboarding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Onboarding").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Client {
    /// Starts a person's onboarding without sending anything.
    ///
    /// ```no_run
    /// # use bankly_kyc::Client;
    /// # use bankly_kyc::kyc_core::Cpf;
    /// # fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let onboarding = client.onboarding(Cpf::parse("529.982.247-25")?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn onboarding(&self, cpf: Cpf) -> Onboarding {
        let state = OnboardingState::new(cpf);
        Onboarding { client: self.clone(), state }
    }

    /// Resumes an onboarding from its stored state, for example in another process.
    ///
    /// ```no_run
    /// # use bankly_kyc::{Client, OnboardingState};
    /// # fn example(client: Client, stored: &str) -> Result<(), serde_json::Error> {
    /// let state: OnboardingState = serde_json::from_str(stored)?;
    /// let onboarding = client.resume(state);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn resume(&self, state: OnboardingState) -> Onboarding {
        Onboarding { client: self.clone(), state }
    }
}

impl Onboarding {
    /// Returns the state to store, from which [`Client::resume`] continues in another process.
    #[must_use]
    pub fn state(&self) -> &OnboardingState {
        &self.state
    }

    /// Returns the token of an uploaded image. The account is opened with the three tokens.
    #[must_use]
    pub fn token(&self, place: Place) -> Option<&ImageToken> {
        self.state.image(place).map(|image| &image.token)
    }

    /// Returns whether all three images were found valid, and front and back are those of one document: the account may then
    /// be opened.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.state.is_complete()
    }

    /// Returns the image whose response was lost, so that Bankly may have it or not.
    #[must_use]
    pub fn in_doubt(&self) -> Option<Place> {
        self.state.in_doubt.as_ref().map(|doubt| doubt.place)
    }

    /// Uploads the next image. One free query before it finds out which images of the person Bankly has already.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent, if the image is out of order, or is a side of another document than the other
    /// side; otherwise as [`Client::upload`]. If the query fails, the image is not sent. After an error for which
    /// [`Error::may_have_landed`] is true, [`look_up`](Self::look_up) finds out whether Bankly has the image.
    pub async fn upload(&mut self, image: &Upload) -> Result<Response<UploadResponse>, Error> {
        let place = Place::of(&image.document_type, &image.document_side);
        self.check_order(place, &image.document_type)
            .map_err(|rule| upload::OPERATION.invalid_input("image", &rule))?;
        image.check()?;
        let known = self.known_tokens().await?;
        // The caller may drop this future while the image is being sent.
        self.state.in_doubt = Some(Doubt { place, document_type: image.document_type.clone(), known });
        let outcome = self.client.upload(&self.state.cpf, image).await;
        match &outcome {
            Ok(reply) => {
                if let Some(token) = reply.value().token.clone() {
                    self.state.remember(place, image.document_type.clone(), token);
                }
            }
            Err(error) if !error.may_have_landed() => self.state.in_doubt = None,
            Err(_) => {}
        }
        outcome
    }

    /// Returns the tokens of all images of the person, listed or remembered.
    async fn known_tokens(&self) -> Result<Vec<ImageToken>, Error> {
        let listed = self.client.analyses(&self.state.cpf, &[], crate::ResultLevel::OnlyStatus).await;
        let listed = listed.map_err(not_sent)?.into_inner();
        let mut known: Vec<_> = listed.into_iter().filter_map(|analysis| analysis.token).collect();
        known.extend(Place::ALL.into_iter().filter_map(|place| self.token(place).cloned()));
        known.extend(self.state.replaced.iter().cloned());
        Ok(known)
    }

    /// After an upload whose response was lost: queries the person's images and adopts the one in doubt. Returns whether it was
    /// found.
    ///
    /// It is found if exactly one image of its type and side is listed that Bankly did not have before the upload. While none is
    /// listed, or several are, the image stays [in doubt](Self::in_doubt): query again later, or end the doubt by
    /// [`adopt`](Self::adopt) or [`assume_not_received`](Self::assume_not_received).
    ///
    /// # Errors
    /// The same as [`Client::analyses`].
    pub async fn look_up(&mut self) -> Result<bool, Error> {
        let Some(doubt) = self.state.in_doubt.clone() else { return Ok(false) };
        let listed = self.client.analyses(&self.state.cpf, &[], crate::ResultLevel::Detailed).await?;
        let Ok(Some((analysis, token))) = doubt.only_new(listed.value()) else { return Ok(false) };
        self.state.remember(doubt.place, doubt.document_type, token);
        self.note(analysis);
        Ok(true)
    }

    /// Ends the doubt by your word that Bankly has the image under this token. Returns whether an image was in doubt.
    pub fn adopt(&mut self, token: ImageToken) -> bool {
        let Some(doubt) = self.state.in_doubt.take() else { return false };
        self.state.remember(doubt.place, doubt.document_type, token);
        true
    }

    /// Ends the doubt by your word that Bankly did not receive the image, which may then be uploaded again. Returns whether an
    /// image was in doubt. If Bankly received it nevertheless, the repeated upload is a second image, which is paid for.
    pub fn assume_not_received(&mut self) -> bool {
        self.state.in_doubt.take().is_some()
    }

    /// Discards both sides of the document, so that another document can be uploaded. The selfie remains.
    pub fn discard_document(&mut self) {
        let sides = [self.state.front.take(), self.state.back.take()];
        self.state.replaced.extend(sides.into_iter().flatten().map(|image| image.token));
    }

    /// Returns a poller that waits for the end of an image's analysis, like [`Client::wait`]. Pass the analysis to
    /// [`note`](Self::note).
    ///
    /// # Errors
    /// `InvalidInput` if the image was not uploaded.
    pub fn wait(&self, place: Place, timeout: Duration) -> Result<Poller<'_, Analysis>, Error> {
        let token = self.token(place).ok_or_else(|| {
            upload::OPERATION
                .invalid_input("place", &ValidationError::new("must be the place of an uploaded image"))
        })?;
        self.client.wait(&token.operation_id(&self.state.cpf), timeout)
    }

    /// Records an analysis, from a response or an event, and returns its verdict. The analysis of another image changes
    /// nothing.
    ///
    /// A valid analysis that contradicts the image that was sent, the other side of the document or the person's CPF is
    /// unclear.
    pub fn note(&mut self, analysis: &Analysis) -> Verdict {
        self.state.note(analysis)
    }

    /// Returns the verdict on an analysis like [`note`](Self::note), without recording it.
    #[must_use]
    pub fn judge(&self, analysis: &Analysis) -> Verdict {
        self.state.judge(analysis)
    }

    fn check_order(&self, place: Place, document_type: &DocumentType) -> Result<(), ValidationError> {
        if self.state.in_doubt.is_some() {
            return Err(ValidationError::new(
                "cannot be sent yet: the response to the previous upload was lost, so look it up first",
            ));
        }
        let others = Place::ALL.into_iter().filter(|other| *other != place);
        if others.clone().any(|other| self.state.is(other, Standing::Pending)) {
            return Err(ValidationError::new(
                "cannot be sent yet: the previous image is still being analysed",
            ));
        }
        if place != Place::Selfie && !self.state.is(Place::Selfie, Standing::Valid) {
            return Err(ValidationError::new("must come after a selfie that was found valid"));
        }
        if others.clone().any(|other| place != Place::Selfie && self.state.is(other, Standing::Invalid)) {
            return Err(ValidationError::new(
                "cannot be sent yet: the previous image was not valid and must be sent again",
            ));
        }
        if others.clone().any(|other| place != Place::Selfie && self.state.is(other, Standing::Unclear)) {
            return Err(ValidationError::new(
                "cannot be sent yet: the result of the previous image is unclear, so query or send it again",
            ));
        }
        let other_side = place.other_side().and_then(|other| self.state.type_of(other));
        if other_side.is_some_and(|other| other != document_type) {
            return Err(ValidationError::new(
                "must be a side of the document whose other side was sent: discard that document first",
            ));
        }
        if self.state.is(place, Standing::Pending) {
            return Err(ValidationError::new(
                "cannot be sent again yet: the same image is still being analysed",
            ));
        }
        Ok(())
    }
}

/// Converts the error of the query before an upload: the image was not sent, however far the query came.
fn not_sent(error: Error) -> Error {
    if error.delivery() == Delivery::NotSent {
        return error.in_operation(upload::OPERATION.name());
    }
    let what = "the images that Bankly has already could not be listed, so the image was not sent";
    let (code, message) = (error.vendor_code(), error.vendor_message());
    Error::new(error.vendor(), error.kind(), Delivery::NotSent, what)
        .in_operation(upload::OPERATION.name())
        .with_vendor_error(code.map(str::to_owned), message.map(str::to_owned))
        .with_http_status(error.http_status())
        .with_request_id(error.request_id().map(str::to_owned))
        .with_retry_after(error.retry_after())
        .caused_by(error.to_string())
}
