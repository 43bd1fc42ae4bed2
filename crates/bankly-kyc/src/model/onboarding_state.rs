//! The state of an onboarding: which images Bankly has, what is known about them, and what is in doubt.

use std::fmt;

use kyc_core::{Cpf, Lenient, named};
use serde::{Deserialize, Serialize};

use super::{Analysis, DocumentSide, DocumentType, ImageToken, Verdict};

/// The state of an onboarding, to store and to [resume](crate::Client::resume). It holds the CPF: `Debug` hides it,
/// serialisation exposes it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnboardingState {
    pub(crate) cpf: Cpf,
    pub(crate) selfie: Option<Image>,
    pub(crate) front: Option<Image>,
    pub(crate) back: Option<Image>,
    /// An image whose response was lost: Bankly may have it.
    pub(crate) in_doubt: Option<Doubt>,
    /// The tokens of images that were replaced by later ones.
    #[serde(default)]
    pub(crate) replaced: Vec<ImageToken>,
}

/// An image that Bankly has.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Image {
    pub(crate) token: ImageToken,
    pub(crate) standing: Standing,
    /// The type that was sent with the image.
    #[serde(default)]
    pub(crate) document_type: Option<DocumentType>,
}

/// What is known about an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Standing {
    Pending,
    Valid,
    Invalid,
    Unclear,
}

/// An image whose response was lost.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Doubt {
    pub(crate) place: Place,
    pub(crate) document_type: DocumentType,
    /// The tokens of the person's images that Bankly had before the upload.
    pub(crate) known: Vec<ImageToken>,
}

impl Doubt {
    /// Returns the image in doubt, if exactly one new image of its kind is listed, and no new one of an unreadable kind.
    pub(crate) fn only_new<'a>(
        &self,
        listed: impl IntoIterator<Item = &'a Analysis>,
    ) -> Result<Option<(&'a Analysis, ImageToken)>, Ambiguous> {
        let mut found: Option<(&Analysis, ImageToken)> = None;
        for analysis in listed {
            let token = analysis.token.as_ref().ok_or(Ambiguous)?;
            if self.known.contains(token) {
                continue;
            }
            let place = Place::of_analysis(analysis).ok_or(Ambiguous)?;
            let is_of_its_kind =
                place == self.place && analysis.document_type.as_ref() == Some(&self.document_type);
            match &found {
                Some((_, earlier)) if is_of_its_kind && earlier != token => return Err(Ambiguous),
                None if is_of_its_kind => found = Some((analysis, token.clone())),
                _ => {}
            }
        }
        Ok(found)
    }
}

/// The listed images do not tell which of them is the one in doubt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ambiguous;

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

named!(Place, "place", Selfie = "selfie", Front = "front", Back = "back");

impl Place {
    pub(crate) const ALL: [Self; 3] = [Self::Selfie, Self::Front, Self::Back];

    /// Returns the place of an image that is sent with this type and side.
    pub(crate) fn of(document_type: &DocumentType, side: &DocumentSide) -> Self {
        match (document_type, side) {
            (DocumentType::Selfie, _) => Self::Selfie,
            (_, DocumentSide::Back) => Self::Back,
            _ => Self::Front,
        }
    }

    /// Returns the place that an analysis names; `None` if its type or side is missing or unknown.
    fn of_analysis(analysis: &Analysis) -> Option<Self> {
        match (analysis.document_type.as_ref()?, &analysis.document_side) {
            (DocumentType::Unknown(_), _) => None,
            (DocumentType::Selfie, _) => Some(Self::Selfie),
            (_, Some(DocumentSide::Front)) => Some(Self::Front),
            (_, Some(DocumentSide::Back)) => Some(Self::Back),
            _ => None,
        }
    }

    /// Returns the place of the other side of a document.
    pub(crate) fn other_side(self) -> Option<Self> {
        match self {
            Self::Selfie => None,
            Self::Front => Some(Self::Back),
            Self::Back => Some(Self::Front),
        }
    }
}

impl OnboardingState {
    pub(crate) fn image(&self, place: Place) -> Option<&Image> {
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

    pub(crate) fn is(&self, place: Place, standing: Standing) -> bool {
        self.image(place).is_some_and(|image| image.standing == standing)
    }

    pub(crate) fn new(cpf: Cpf) -> Self {
        Self { cpf, selfie: None, front: None, back: None, in_doubt: None, replaced: Vec::new() }
    }

    /// Returns the type of the document whose side was sent as that image.
    pub(crate) fn type_of(&self, place: Place) -> Option<&DocumentType> {
        self.image(place).and_then(|image| image.document_type.as_ref())
    }

    pub(crate) fn is_complete(&self) -> bool {
        let (front, back) = (self.type_of(Place::Front), self.type_of(Place::Back));
        front.is_some()
            && front == back
            && Place::ALL.into_iter().all(|place| self.is(place, Standing::Valid))
    }

    pub(crate) fn remember(&mut self, place: Place, document_type: DocumentType, token: ImageToken) {
        let image = Image { token, standing: Standing::Pending, document_type: Some(document_type) };
        let before = self.slot(place).replace(image);
        // A new selfie invalidates the front, which was compared with the previous one.
        let front = if place == Place::Selfie { self.front.take() } else { None };
        self.replaced.extend(before.into_iter().chain(front).map(|image| image.token));
        self.in_doubt = None;
    }

    fn place_of(&self, analysis: &Analysis) -> Option<Place> {
        let token = analysis.token.as_ref()?;
        Place::ALL.into_iter().find(|place| self.image(*place).is_some_and(|image| image.token == *token))
    }

    pub(crate) fn judge(&self, analysis: &Analysis) -> Verdict {
        let verdict = analysis.verdict();
        let place = self.place_of(analysis).filter(|_| verdict == Verdict::Valid);
        let contradiction = place.and_then(|place| self.contradiction(place, analysis));
        contradiction.map_or(verdict, Verdict::Unclear)
    }

    pub(crate) fn note(&mut self, analysis: &Analysis) -> Verdict {
        let verdict = self.judge(analysis);
        let image = self.place_of(analysis).and_then(|place| self.slot(place).as_mut());
        if let Some(image) = image {
            image.standing = match (&verdict, image.standing) {
                // Events arrive in any order: an event of progress must not undo a final one, and an image that was refused
                // once is sent again.
                (Verdict::Pending, before) | (_, before @ Standing::Invalid) => before,
                (Verdict::Valid, _) => Standing::Valid,
                (Verdict::Invalid(_), _) => Standing::Invalid,
                (Verdict::Unclear(_), _) => Standing::Unclear,
            };
        }
        verdict
    }

    /// Returns how a valid analysis contradicts what was sent as that image, or the other images.
    fn contradiction(&self, place: Place, analysis: &Analysis) -> Option<&'static str> {
        let read = analysis.document_details.as_ref().and_then(|details| details.cpf_number.as_ref());
        let is_of_another = read.and_then(Lenient::get).is_some_and(|read| *read != self.cpf);
        let of_another = is_of_another.then_some("the document shows another CPF than the person's");
        self.mismatch(place, analysis).or(of_another)
    }

    /// Returns how an analysis contradicts what was sent, whatever was read from the document.
    pub(crate) fn mismatch(&self, place: Place, analysis: &Analysis) -> Option<&'static str> {
        if self.is(place, Standing::Invalid) {
            return Some("an earlier response refused the image");
        }
        if Place::of_analysis(analysis) != Some(place) {
            return Some("the analysis is that of another kind of image than was sent");
        }
        if self.type_of(place).is_some_and(|sent| Some(sent) != analysis.document_type.as_ref()) {
            return Some("the analysis is that of another type of document than was sent");
        }
        let other = place.other_side().and_then(|other| self.type_of(other));
        if other.is_some_and(|other| Some(other) != analysis.document_type.as_ref()) {
            return Some("front and back are those of different types of document");
        }
        None
    }
}

/// Returns whether the analyses of a person's images suffice for an account, as an onboarding concludes.
pub(crate) fn suffices(cpf: &Cpf, analyses: &[Analysis]) -> bool {
    let mut state = OnboardingState::new(cpf.clone());
    for (number, analysis) in analyses.iter().enumerate() {
        let (Some(place), Some(document_type)) = (Place::of_analysis(analysis), &analysis.document_type)
        else {
            return false;
        };
        let token = ImageToken::new(number.to_string());
        state.remember(place, document_type.clone(), token.clone());
        state.note(&Analysis { token: Some(token), ..analysis.clone() });
    }
    state.is_complete()
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
