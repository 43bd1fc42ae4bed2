//! One person's images in the order that Bankly requires. An image out of order is refused before it is sent.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use kyc_core::{Cpf, Delivery, Error, ErrorKind, Poller, Response, ValidationError};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::client::Client;
use crate::model::{Analysis, DocumentSide, DocumentType, ImageToken, Verdict};
use crate::operations::upload::{self, Upload, UploadResponse};

/// One person's selfie and both sides of a document.
///
/// The selfie comes first, then the two sides in either order, and each image only after the previous one was found
/// valid. Pass every analysis, from [`wait`](Self::wait) or from an event, to [`note`](Self::note). An image that is
/// not valid is uploaded again. (Our page: "Rules".)
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

/// The state of an onboarding, to store and to [resume](Client::resume). It holds the CPF: `Debug` hides it,
/// serialisation exposes it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnboardingState {
    cpf: Cpf,
    selfie: Option<Image>,
    front: Option<Image>,
    back: Option<Image>,
    /// An image whose response was lost: Bankly may have it.
    in_doubt: Option<Place>,
    /// The tokens of images that were replaced by later ones.
    #[serde(default)]
    replaced: Vec<ImageToken>,
}

/// An image that Bankly has.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Image {
    token: ImageToken,
    standing: Standing,
}

/// What is known about an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Standing {
    Pending,
    Valid,
    Invalid,
}

/// One of the three images of an onboarding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Place {
    /// The selfie.
    Selfie,
    /// The front of the document.
    Front,
    /// The back of the document.
    Back,
}

impl Place {
    const ALL: [Self; 3] = [Self::Selfie, Self::Front, Self::Back];

    const NAMES: [(&str, Self); 3] = [("selfie", Self::Selfie), ("front", Self::Front), ("back", Self::Back)];

    /// Returns the name of the image: `selfie`, `front` or `back`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Selfie => "selfie",
            Self::Front => "front",
            Self::Back => "back",
        }
    }

    fn of(upload: &Upload) -> Self {
        Self::named(Some(&upload.document_type), Some(&upload.document_side))
    }

    fn named(document_type: Option<&DocumentType>, side: Option<&DocumentSide>) -> Self {
        match (document_type, side) {
            (Some(DocumentType::Selfie), _) => Self::Selfie,
            (_, Some(DocumentSide::Back)) => Self::Back,
            _ => Self::Front,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Place {
    type Err = ValidationError;

    fn from_str(name: &str) -> Result<Self, ValidationError> {
        ValidationError::find_name(&Self::NAMES, name).map_err(|error| error.about("place"))
    }
}

impl OnboardingState {
    fn image(&self, place: Place) -> Option<&Image> {
        match place {
            Place::Selfie => self.selfie.as_ref(),
            Place::Front => self.front.as_ref(),
            Place::Back => self.back.as_ref(),
        }
    }

    fn slot(&mut self, place: Place) -> &mut Option<Image> {
        match place {
            Place::Selfie => &mut self.selfie,
            Place::Front => &mut self.front,
            Place::Back => &mut self.back,
        }
    }

    fn is(&self, place: Place, standing: Standing) -> bool {
        self.image(place).is_some_and(|image| image.standing == standing)
    }
}

impl fmt::Debug for OnboardingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let standing = |image: &Option<Image>| image.as_ref().map(|image| image.standing);
        f.debug_struct("OnboardingState")
            .field("selfie", &standing(&self.selfie))
            .field("front", &standing(&self.front))
            .field("back", &standing(&self.back))
            .finish_non_exhaustive()
    }
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
        let state = OnboardingState {
            cpf,
            selfie: None,
            front: None,
            back: None,
            in_doubt: None,
            replaced: Vec::new(),
        };
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

    /// Returns whether all three images were found valid: the account may then be opened.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        Place::ALL.into_iter().all(|place| self.state.is(place, Standing::Valid))
    }

    /// Uploads the next image.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent, if the image is out of order; otherwise as [`Client::upload`]. After an
    /// error for which [`Error::may_have_landed`] is true, [`look_up`](Self::look_up) finds out whether Bankly has the
    /// image.
    pub async fn upload(&mut self, image: &Upload) -> Result<Response<UploadResponse>, Error> {
        let place = Place::of(image);
        self.check_order(place).map_err(|rule| upload::OPERATION.invalid_input("image", &rule))?;
        image.check()?;
        // The caller may drop this future while the image is being sent.
        self.state.in_doubt = Some(place);
        let outcome = self.client.upload(&self.state.cpf, image).await;
        match &outcome {
            Ok(reply) => match &reply.value().token {
                Some(token) => self.remember(place, token.clone()),
                None => return Err(no_token()),
            },
            Err(error) if !error.may_have_landed() => self.state.in_doubt = None,
            Err(_) => {}
        }
        outcome
    }

    /// After an upload whose response was lost: queries the person's images and adopts the one in doubt, or ends the
    /// doubt if Bankly does not have it. Returns whether Bankly has it.
    ///
    /// # Errors
    /// The same as [`Client::analyses`].
    pub async fn look_up(&mut self) -> Result<bool, Error> {
        let Some(place) = self.state.in_doubt else { return Ok(false) };
        let known: Vec<_> = Place::ALL
            .into_iter()
            .filter_map(|place| self.token(place).cloned())
            .chain(self.state.replaced.iter().cloned())
            .collect();
        let found = self.client.analyses(&self.state.cpf, &[], crate::ResultLevel::Detailed).await?;
        let lost = found.value().iter().find(|analysis| {
            Place::named(analysis.document_type.as_ref(), analysis.document_side.as_ref()) == place
                && analysis.token.as_ref().is_some_and(|token| !known.contains(token))
        });
        match lost.and_then(|analysis| Some((analysis, analysis.token.clone()?))) {
            Some((analysis, token)) => {
                self.remember(place, token);
                self.note(analysis);
                Ok(true)
            }
            None => {
                self.state.in_doubt = None;
                Ok(false)
            }
        }
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
    pub fn note(&mut self, analysis: &Analysis) -> Verdict {
        let verdict = analysis.verdict();
        let standing = match &verdict {
            Verdict::Pending => Standing::Pending,
            Verdict::Valid => Standing::Valid,
            Verdict::Invalid(_) => Standing::Invalid,
        };
        let state = &mut self.state;
        for slot in [&mut state.selfie, &mut state.front, &mut state.back] {
            if let Some(image) = slot.as_mut().filter(|image| analysis.token.as_ref() == Some(&image.token)) {
                // Events arrive in any order: an event of progress must not undo a final one.
                if standing != Standing::Pending {
                    image.standing = standing;
                }
            }
        }
        verdict
    }

    fn remember(&mut self, place: Place, token: ImageToken) {
        let before = self.state.slot(place).replace(Image { token, standing: Standing::Pending });
        // A new selfie invalidates the front, which was compared with the previous one.
        let front = if place == Place::Selfie { self.state.front.take() } else { None };
        self.state.replaced.extend(before.into_iter().chain(front).map(|image| image.token));
        self.state.in_doubt = None;
    }

    fn check_order(&self, place: Place) -> Result<(), ValidationError> {
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
        if self.state.is(place, Standing::Pending) {
            return Err(ValidationError::new(
                "cannot be sent again yet: the same image is still being analysed",
            ));
        }
        Ok(())
    }
}

fn no_token() -> Error {
    let what = "the response has no token in its body or in Location: look the image up";
    Error::new(VENDOR, ErrorKind::Decode, Delivery::Answered, what).in_operation(upload::OPERATION.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_printed_and_parsed_by_name() {
        for (name, place) in Place::NAMES {
            assert_eq!(name.parse(), Ok(place));
            assert_eq!(place.to_string(), name);
        }
        let error = "side".parse::<Place>().expect_err("not a name");
        assert_eq!(error.to_string(), "place: must be selfie or front or back");
    }
}
