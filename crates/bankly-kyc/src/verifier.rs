//! The part of Bankly in the verification of a person: a selfie, then the sides of a document, one after the other.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kyc_core::{
    Answer, Applicant, Capability, Charge, CheckKind, Clock, Delivery, Error, ErrorKind, Evidence, FaceScore,
    Intent, Lenient, LivenessMethod, LookUp, Media, Next, Notes, Offer, Part, Pii, RedactedText, Retake,
    RetakeCause, RetakeItem, Sent, StepState, ValidationError, Vendor, Verifier, WebhookEvent,
};

use crate::VENDOR;
use crate::client::Client;
use crate::model::onboarding_state::Doubt;
use crate::model::{
    Analysis, AnalysisStatus, DocumentDetails, DocumentSide, DocumentType, ImageToken, OnboardingState,
    Place, Reason, Verdict,
};
use crate::operations::status::{ResultLevel, parts};
use crate::operations::upload::{self, Upload};
use crate::webhook::Event;

const OFFERS: &[Offer] = &[
    Offer::liveness(LivenessMethod::Still, 1).needing(&[RetakeItem::Selfie]),
    Offer::new(CheckKind::FaceDocument, 2).without_rate().needing(&[RetakeItem::Selfie, RetakeItem::Front]),
    Offer::new(CheckKind::Document, 3).needing(&[RetakeItem::Selfie, RetakeItem::Front]),
];

/// How long an image that is not listed may still be listed. Bankly does not document how soon it lists one.
const LISTED_WITHIN: Duration = Duration::from_secs(10 * 60);

/// Checks a picture against the documented limits, as its step does before it sends it.
pub(crate) fn check_picture(
    check: CheckKind,
    item: RetakeItem,
    picture: &Media,
) -> Result<(), ValidationError> {
    let is_used = match check {
        CheckKind::Liveness => item == RetakeItem::Selfie,
        CheckKind::FaceDocument => matches!(item, RetakeItem::Selfie | RetakeItem::Front),
        CheckKind::Document => item != RetakeItem::Capture,
        _ => false,
    };
    if is_used { upload::check_image(picture) } else { Ok(()) }
}

impl Capability for Client {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.pipeline.clock()
    }

    fn poll_interval(&self) -> Duration {
        self.options.poll_interval
    }
}

#[async_trait]
impl Verifier for Client {
    fn offers(&self) -> &'static [Offer] {
        OFFERS
    }

    fn uses(&self, step: &str) -> &'static [RetakeItem] {
        match step.parse() {
            Ok(Place::Selfie) => &[RetakeItem::Selfie],
            // It was compared with the selfie.
            Ok(Place::Front) => &[RetakeItem::Selfie, RetakeItem::Front],
            Ok(Place::Back) => &[RetakeItem::Back],
            Err(_) => &[],
        }
    }

    fn check_picture(
        &self,
        check: CheckKind,
        item: RetakeItem,
        picture: &Media,
    ) -> Result<(), ValidationError> {
        check_picture(check, item, picture)
    }

    fn next(&self, part: &Part<'_>) -> Next {
        let images = Images::of(part);
        for place in places(part) {
            if let Some(next) = part.due(place.as_str(), Charge::Paid) {
                return next;
            }
            match images.verdict(place) {
                Some(Verdict::Valid) => {}
                Some(Verdict::Invalid(reasons)) => return Next::Retake(retake(place, &reasons)),
                _ => return Next::Done,
            }
        }
        Next::Done
    }

    fn evidence(&self, part: &Part<'_>) -> Vec<(CheckKind, Evidence)> {
        let images = Images::of(part);
        let wanted = OFFERS.iter().map(|offer| offer.check).filter(|check| part.wants(*check));
        wanted.filter_map(|check| Some((check, images.shown(check, part.applicant)?))).collect()
    }

    /// Lists the images that Bankly has of the person: a new one is then recognized. Checks all images that are still to
    /// be uploaded, so that none is paid for in vain. Bankly takes the images of a person one after another, so that those of
    /// another case or program are waited for.
    async fn prepare(&self, step: &str, part: &Part<'_>) -> Result<Notes, Error> {
        let place = place_of(step)?;
        for later in places(part).into_iter().skip_while(|later| *later != place) {
            image(part.applicant, later)?.check()?;
        }
        let document_type = image(part.applicant, place)?.document_type;
        let listed = self.analyses(&part.applicant.cpf, &[], ResultLevel::OnlyStatus).await?.into_inner();
        if listed.iter().any(is_under_way) {
            return Err(self.busy());
        }
        let listed = listed.into_iter().filter_map(|analysis| analysis.token);
        let own = part.steps.iter().filter_map(|record| token_of(&record.state));
        Ok(Notes::of(&Doubt { place, document_type, known: listed.chain(own).collect() }))
    }

    async fn send(&self, step: &str, part: &Part<'_>, _intent: &Intent) -> Result<Sent, Error> {
        let cpf = &part.applicant.cpf;
        let uploaded = match self.upload(cpf, &image(part.applicant, place_of(step)?)?).await {
            // Another program's upload came first.
            Err(error) if error.http_status() == Some(409) => return Err(self.busy()),
            uploaded => uploaded?.into_inner(),
        };
        // `upload` returns no response without a token.
        let token = uploaded.token.ok_or_else(|| invalid("token", "is missing"))?;
        Ok(Sent::Pending(token.operation_id(cpf)))
    }

    /// Finds the one image of its kind that was not listed before. An image that was analysed before the intent belongs to
    /// another upload.
    async fn look_up(&self, _step: &str, part: &Part<'_>, intent: &Intent) -> Result<LookUp, Error> {
        let Some(doubt) = intent.notes.read::<Doubt>() else { return Ok(LookUp::Unknowable) };
        let cpf = &part.applicant.cpf;
        let listed = self.analyses(cpf, &[], ResultLevel::Detailed).await?.into_inner();
        let is_later = |analysis: &&Analysis| {
            let analyzed = analysis.analyzed_at.as_ref().and_then(Lenient::get);
            analyzed.is_none_or(|at| at.timestamp().unwrap_or_else(|| at.assume_utc()) >= intent.at)
        };
        let is_over = self.pipeline.clock().now().since(intent.at) > LISTED_WITHIN;
        Ok(match doubt.only_new(listed.iter().filter(is_later)) {
            Ok(Some((_, token))) => LookUp::Pending(token.operation_id(cpf)),
            Ok(None) if !is_over => LookUp::NotYetKnown,
            _ => LookUp::Unknowable,
        })
    }

    async fn query(&self, step: &str, part: &Part<'_>) -> Result<Option<Answer>, Error> {
        let Some(StepState::Pending(id)) = part.newest(step).map(|record| &record.state) else {
            return Ok(None);
        };
        id.check_vendor(VENDOR)?;
        let (cpf, token) = parts(id).ok_or_else(|| invalid("id", "must be an id that an upload returned"))?;
        let found = self.analysis(&cpf, &token).await?.into_inner();
        let ended = found.filter(|analysis| analysis.verdict() != Verdict::Pending);
        Ok(ended.map(|analysis| Answer::of(&Analysis { token: Some(token), ..analysis })))
    }

    /// Events have findings that the status does not: why a selfie was refused, and which side a document shows.
    fn told(&self, event: &WebhookEvent) -> Option<Answer> {
        Event::try_from(&event.payload).ok()?.told().map(|analysis| Answer::of(&analysis))
    }
}

impl Client {
    fn busy(&self) -> Error {
        let what = "another image of the person is still being analysed";
        let busy = Error::new(VENDOR, ErrorKind::RateLimited, Delivery::NotSent, what);
        busy.with_retry_after(Some(self.options.poll_interval))
    }
}

fn is_under_way(analysis: &Analysis) -> bool {
    matches!(analysis.status, Some(AnalysisStatus::Analyzing | AnalysisStatus::PartiallyAnalyzed))
}

fn invalid(field: &'static str, rule: &'static str) -> Error {
    upload::OPERATION.invalid_input(field, &ValidationError::new(rule))
}

fn place_of(step: &str) -> Result<Place, Error> {
    step.parse().map_err(|_| invalid("step", "is unknown"))
}

/// Returns the images that the wanted checks need, in the order in which Bankly takes them.
fn places(part: &Part<'_>) -> Vec<Place> {
    let needed = part.checks.iter().flat_map(|check| places_for(*check, part.applicant));
    Place::ALL.into_iter().filter(|place| needed.clone().any(|other| other == *place)).collect()
}

fn places_for(check: CheckKind, applicant: &Applicant) -> impl Iterator<Item = Place> + Clone {
    let has_back = applicant.document.as_ref().is_some_and(|document| document.back.is_some());
    let count = match check {
        CheckKind::Liveness => 1,
        CheckKind::FaceDocument => 2,
        CheckKind::Document => 2 + usize::from(has_back),
        _ => 0,
    };
    Place::ALL.into_iter().take(count)
}

fn image(applicant: &Applicant, place: Place) -> Result<Upload, Error> {
    if place == Place::Selfie {
        let selfie = applicant.selfie.clone().ok_or_else(|| invalid("selfie", "is required"))?;
        return Ok(Upload::selfie(selfie));
    }
    let document = applicant.document.as_ref().ok_or_else(|| invalid("document", "is required"))?;
    let (side, image) = match place {
        Place::Back => (DocumentSide::Back, document.back.as_ref()),
        _ => (DocumentSide::Front, Some(&document.front)),
    };
    let image = image.ok_or_else(|| invalid("back", "is required"))?.clone();
    Ok(Upload::document(DocumentType::from(&document.kind), side, image))
}

fn token_of(state: &StepState) -> Option<ImageToken> {
    match state {
        StepState::Pending(id) => parts(id).map(|(_, token)| token),
        StepState::Answered(answer) => answer.read::<Analysis>()?.token,
        _ => None,
    }
}

fn retake(place: Place, reasons: &[Reason]) -> Retake {
    let item = match place {
        Place::Selfie => RetakeItem::Selfie,
        Place::Front => RetakeItem::Front,
        Place::Back => RetakeItem::Back,
    };
    let cause = reasons.first().map_or(RetakeCause::Other, |reason| match reason {
        Reason::NoLiveness => RetakeCause::NoLiveness,
        Reason::NoFace => RetakeCause::NoFace,
        Reason::ManyFaces | Reason::ManyFacesOnDocument => RetakeCause::ManyFaces,
        // Bankly reports a picture that is too small in the same way, so it is no verdict on the person.
        Reason::UnmatchedDocument => RetakeCause::FacesDiffer,
        Reason::NoDocument => RetakeCause::NoDocument,
        Reason::UnreadableDocument => RetakeCause::Unreadable,
        Reason::AnalysisFailed => RetakeCause::Other,
    });
    Retake::new(item, cause)
}

/// The analysed images of a part, and what the onboarding makes of them.
struct Images {
    state: OnboardingState,
    /// By place; an answer that cannot be read is `Err`.
    analyses: Vec<(Place, Result<Analysis, Evidence>)>,
    /// The places of answers that an event contradicts.
    contradicted: Vec<Place>,
}

impl Images {
    fn of(part: &Part<'_>) -> Self {
        let state = OnboardingState::new(part.applicant.cpf.clone());
        let mut images = Self { state, analyses: Vec::new(), contradicted: Vec::new() };
        for place in Place::ALL {
            let Some(answer) = part.answer(place.as_str()) else { continue };
            let unread = Evidence::Unclear("the stored answer cannot be read");
            let sent = image(part.applicant, place).ok().map(|upload| upload.document_type);
            let analysis = answer.read::<Analysis>().zip(sent).ok_or(unread).map(|(analysis, sent)| {
                if let Some(token) = &analysis.token {
                    images.state.remember(place, sent, token.clone());
                }
                analysis
            });
            images.analyses.push((place, analysis));
        }
        images.contradicted = images.contradicted(part);
        images
    }

    fn contradicted(&self, part: &Part<'_>) -> Vec<Place> {
        let cpf_of = |details: Option<&DocumentDetails>| details?.cpf_number.as_ref()?.get().cloned();
        let speaks_against = |place: &Place, told: &Answer| {
            let Some(told) = told.read::<Analysis>() else { return true };
            let other = cpf_of(told.document_details.as_ref()).filter(|cpf| *cpf != part.applicant.cpf);
            // What the answer says too is no contradiction of it.
            let is_of_another = other.is_some() && other != cpf_of(self.details(*place));
            told.verdict() != Verdict::Valid || self.state.mismatch(*place, &told).is_some() || is_of_another
        };
        let is_contradicted = |place: &Place| {
            let told = part.newest(place.as_str()).map_or(&[][..], |record| &record.told[..]);
            told.iter().any(|told| speaks_against(place, told))
        };
        Place::ALL.into_iter().filter(is_contradicted).collect()
    }

    /// An event never makes an image valid, and never excuses one that is not.
    fn heard(&self, place: Place, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Valid if self.contradicted.contains(&place) => {
                Verdict::Unclear("an event contradicts the status of the image")
            }
            verdict => verdict,
        }
    }

    fn analysis(&self, place: Place) -> Option<&Result<Analysis, Evidence>> {
        self.analyses.iter().find(|(of, _)| *of == place).map(|(_, analysis)| analysis)
    }

    fn details(&self, place: Place) -> Option<&DocumentDetails> {
        self.analysis(place)?.as_ref().ok()?.document_details.as_ref()
    }

    fn verdict(&self, place: Place) -> Option<Verdict> {
        let analysis = self.analysis(place)?.as_ref().ok()?;
        Some(self.heard(place, self.state.judge(analysis)))
    }

    /// Returns what speaks against an image; `None` if it is valid. What is read from it is left to the policy if only that
    /// contradicts what the person states.
    fn objection(&self, place: Place, is_read: bool) -> Option<Evidence> {
        let analysis = match self.analysis(place)? {
            Ok(analysis) => analysis,
            Err(unread) => return Some(unread.clone()),
        };
        let verdict = match analysis.verdict() {
            Verdict::Valid if is_read => {
                self.state.mismatch(place, analysis).map_or(Verdict::Valid, Verdict::Unclear)
            }
            _ => self.state.judge(analysis),
        };
        match self.heard(place, verdict) {
            Verdict::Valid => None,
            Verdict::Invalid(reasons) => Some(Evidence::Retake(retake(place, &reasons))),
            Verdict::Unclear(reason) => Some(Evidence::Unclear(reason)),
            Verdict::Pending => Some(Evidence::Unclear("the analysis has no findings")),
        }
    }

    /// Returns what the images show for a check. The first image that is not valid stands for all that would follow it.
    fn shown(&self, check: CheckKind, applicant: &Applicant) -> Option<Evidence> {
        let is_read = check == CheckKind::Document;
        for place in places_for(check, applicant) {
            self.analysis(place)?;
            if let Some(objection) = self.objection(place, is_read) {
                return Some(objection);
            }
            if self.verdict(place) != Some(Verdict::Valid) {
                // Another person's CPF: no further image is sent.
                break;
            }
        }
        match check {
            CheckKind::Liveness => self.liveness(),
            CheckKind::FaceDocument => self.face(),
            CheckKind::Document => Some(self.document()),
            _ => None,
        }
    }

    fn liveness(&self) -> Option<Evidence> {
        let liveness = self.analysis(Place::Selfie)?.as_ref().ok()?.liveness.as_ref()?;
        Some(Evidence::Liveness { live: liveness.finding(), method: LivenessMethod::Still })
    }

    fn face(&self) -> Option<Evidence> {
        let found = self.analysis(Place::Front)?.as_ref().ok()?.face_match.as_ref()?;
        let percent = found.similarity.as_ref().and_then(Lenient::get);
        let score = percent.map(|percent| FaceScore::Similarity(percent.get() / 100.0));
        Some(Evidence::Face { verdict: found.verdict(), score, false_accept_rate: None })
    }

    /// Each field is on either side of the document, or on both.
    fn document(&self) -> Evidence {
        let sides: Vec<_> =
            [Place::Front, Place::Back].into_iter().filter_map(|side| self.details(side)).collect();
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty()).map(Pii::new);
        Evidence::Document {
            kind: common(&sides, |side| side.identified_document_type.as_ref()?.kind()),
            cpf: common(&sides, |side| text(side.cpf_number.as_ref()?.text())),
            name: common(&sides, |side| text(side.register_name.as_ref().map(RedactedText::as_str)?)),
            birth_date: common(&sides, |side| side.birth_date.as_ref()?.get().copied()).map(Pii::new),
            genuine: None,
        }
    }
}

/// Returns the value that all sides agree on that have one.
fn common<T: PartialEq>(
    sides: &[&DocumentDetails],
    read: impl Fn(&DocumentDetails) -> Option<T>,
) -> Option<T> {
    let mut values = sides.iter().filter_map(|side| read(side));
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}
