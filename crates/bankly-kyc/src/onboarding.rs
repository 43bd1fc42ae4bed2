//! One person's pictures in the order that Bankly wants. What is out of order is refused before it is sent.

use std::fmt;
use std::time::Duration;

use kyc_core::{Cpf, Delivery, Error, ErrorKind, Poller, Response, ValidationError};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::client::Client;
use crate::model::{Analysis, DocumentSide, DocumentType, ImageToken, Verdict};
use crate::operations::upload::{self, Upload, UploadResponse};

/// One person's selfie, front and back.
///
/// The selfie comes first, then the two sides in either order, and each only after the one before it was found valid.
/// Tell what was found by [`note`](Self::note), or let [`wait`](Self::wait)'s answer go there. A picture that was not
/// valid is sent again in its place. (Our page: "Rules".)
#[derive(Clone)]
pub struct Onboarding {
    client: Client,
    state: OnboardingState,
}

/// What is known of an onboarding on this machine, to store and to [resume](Client::resume). It holds the CPF: `Debug`
/// hides it, serialising it exposes it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnboardingState {
    cpf: Cpf,
    selfie: Option<Picture>,
    front: Option<Picture>,
    back: Option<Picture>,
    /// A picture whose answer was lost: it may be with Bankly.
    in_doubt: Option<Place>,
    /// The tokens of pictures that others took the place of.
    #[serde(default)]
    replaced: Vec<ImageToken>,
}

/// A picture that Bankly has.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Picture {
    token: ImageToken,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Standing {
    Pending,
    Valid,
    Invalid,
}

/// Which of the three pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Place {
    /// The person.
    Selfie,
    /// The front of the document.
    Front,
    /// The back of the document.
    Back,
}

impl Place {
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

impl OnboardingState {
    fn picture(&self, place: Place) -> Option<&Picture> {
        match place {
            Place::Selfie => self.selfie.as_ref(),
            Place::Front => self.front.as_ref(),
            Place::Back => self.back.as_ref(),
        }
    }

    fn slot(&mut self, place: Place) -> &mut Option<Picture> {
        match place {
            Place::Selfie => &mut self.selfie,
            Place::Front => &mut self.front,
            Place::Back => &mut self.back,
        }
    }

    fn is(&self, place: Place, standing: Standing) -> bool {
        self.picture(place).is_some_and(|picture| picture.standing == standing)
    }
}

impl fmt::Debug for OnboardingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let standing = |picture: &Option<Picture>| picture.as_ref().map(|picture| picture.standing);
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
    /// Begins a person's onboarding. Nothing is sent yet.
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

    /// Goes on with an onboarding that was stored.
    #[must_use]
    pub fn resume(&self, state: OnboardingState) -> Onboarding {
        Onboarding { client: self.clone(), state }
    }
}

impl Onboarding {
    /// What to store, so that [`Client::resume`] goes on after this process has ended.
    #[must_use]
    pub fn state(&self) -> &OnboardingState {
        &self.state
    }

    /// The token of a picture, with which the account is opened.
    #[must_use]
    pub fn token(&self, place: Place) -> Option<&ImageToken> {
        self.state.picture(place).map(|picture| &picture.token)
    }

    /// Whether all three were found valid: the account may be opened.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        [Place::Selfie, Place::Front, Place::Back]
            .into_iter()
            .all(|place| self.state.is(place, Standing::Valid))
    }

    /// Hands in the next picture.
    ///
    /// # Errors
    /// `InvalidInput`, unsent: out of order, or as [`Client::upload`]. After an error of which
    /// [`Error::may_have_landed`] is true, [`look_up`](Self::look_up) tells whether Bankly has the picture.
    pub async fn upload(&mut self, picture: &Upload) -> Result<Response<UploadResponse>, Error> {
        let place = Place::of(picture);
        self.check_order(place).map_err(|rule| upload::OPERATION.invalid_input("picture", &rule))?;
        picture.check()?;
        // A caller may stop listening while it is on its way.
        self.state.in_doubt = Some(place);
        let outcome = self.client.upload(&self.state.cpf, picture).await;
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

    /// After an upload whose answer was lost: asks Bankly for the person's pictures, and takes up the one that was in
    /// doubt, or clears the doubt if it is not there. `true` if it was there.
    ///
    /// # Errors
    /// As [`Client::analyses`].
    pub async fn look_up(&mut self) -> Result<bool, Error> {
        let Some(place) = self.state.in_doubt else { return Ok(false) };
        let known: Vec<_> = [Place::Selfie, Place::Front, Place::Back]
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

    /// Waits for the end of the analysis of a picture. Hand its answer to [`note`](Self::note).
    ///
    /// # Errors
    /// `InvalidInput`: there is no such picture yet.
    pub fn wait(&self, place: Place, timeout: Duration) -> Result<Poller<'_, Analysis>, Error> {
        let token = self.token(place).ok_or_else(|| {
            upload::OPERATION
                .invalid_input("place", &ValidationError::new("must be one of a picture that was handed in"))
        })?;
        self.client.wait(&token.operation_id(&self.state.cpf), timeout)
    }

    /// Takes note of what was found, from an answer or an event, and tells whether the picture will do. An analysis of
    /// another picture changes nothing.
    pub fn note(&mut self, analysis: &Analysis) -> Verdict {
        let verdict = analysis.verdict();
        let standing = match &verdict {
            Verdict::Pending => Standing::Pending,
            Verdict::Valid => Standing::Valid,
            Verdict::Invalid(_) => Standing::Invalid,
        };
        let state = &mut self.state;
        for slot in [&mut state.selfie, &mut state.front, &mut state.back] {
            if let Some(picture) =
                slot.as_mut().filter(|picture| analysis.token.as_ref() == Some(&picture.token))
            {
                // Events come in any order: progress does not undo an end.
                if standing != Standing::Pending {
                    picture.standing = standing;
                }
            }
        }
        verdict
    }

    fn remember(&mut self, place: Place, token: ImageToken) {
        let before = self.state.slot(place).replace(Picture { token, standing: Standing::Pending });
        // The front was compared with another selfie.
        let front = if place == Place::Selfie { self.state.front.take() } else { None };
        self.state.replaced.extend(before.into_iter().chain(front).map(|picture| picture.token));
        self.state.in_doubt = None;
    }

    fn check_order(&self, place: Place) -> Result<(), ValidationError> {
        if self.state.in_doubt.is_some() {
            return Err(ValidationError::new(
                "must wait: the answer to the one before it was lost, so look it up first",
            ));
        }
        let others = [Place::Selfie, Place::Front, Place::Back].into_iter().filter(|other| *other != place);
        if others.clone().any(|other| self.state.is(other, Standing::Pending)) {
            return Err(ValidationError::new("must wait: the one before it is still being analysed"));
        }
        if place != Place::Selfie && !self.state.is(Place::Selfie, Standing::Valid) {
            return Err(ValidationError::new("must come after a selfie that was found valid"));
        }
        if others.clone().any(|other| place != Place::Selfie && self.state.is(other, Standing::Invalid)) {
            return Err(ValidationError::new(
                "must wait: the one before it was not valid and is to be sent again",
            ));
        }
        if self.state.is(place, Standing::Pending) {
            return Err(ValidationError::new("must wait: the same is still being analysed"));
        }
        Ok(())
    }
}

fn no_token() -> Error {
    let what = "the answer names no token, in its body or in Location: look the picture up";
    Error::new(VENDOR, ErrorKind::Decode, Delivery::Answered, what).in_operation(upload::OPERATION.name())
}
