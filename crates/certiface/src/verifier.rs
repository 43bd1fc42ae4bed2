//! The part of Certiface in the verification of a person: a key, a capture on the person's device, then the document.
//!
//! Every answer belongs to the key that was made before it. A key that has expired is replaced by a new one until the
//! person has made the capture, though not without end, and only by another capture afterwards.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kyc_core::{
    Answer, Applicant, Capability, CaptureKit, Charge, CheckKind, Clock, Cpf, Error, ErrorKind, Evidence,
    Finding, Intent, Lenient, LivenessMethod, LookUp, Media, Next, Notes, Offer, Part, Pii, RedactedText,
    Retake, RetakeCause, RetakeItem, Sent, StepRecord, StepState, ValidationError, Vendor, Verifier,
    WebhookEvent,
};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::client::Client;
use crate::journey::{FRAME, JourneyState};
use crate::model::{Appkey, Facecaptcha, JourneyResult, Liveness, LivenessResponse};
use crate::operations::appkey::{self, Person};
use crate::operations::document::{self, DocumentOutcome};
use crate::operations::result::is_final;
use crate::webhook::{STATUS_UPDATE, StatusUpdate};

/// Makes the key of a journey.
const APPKEY: &str = "appkey";
/// The capture, or the frames of one that was made elsewhere.
const LIVENESS: &str = "liveness";
/// Submits the document. It is answered by the result of the whole journey.
const DOCUMENT: &str = "document";

const OFFERS: &[Offer] = &[
    Offer::new(CheckKind::Document, 2).needing(&[RetakeItem::Front]),
    Offer::new(CheckKind::FaceDocument, 2).without_rate().needing(&[RetakeItem::Front]),
    Offer::new(CheckKind::FaceRegister, 2).without_rate(),
    Offer::liveness(LivenessMethod::Capture, 1),
    Offer::new(CheckKind::Risk, 2),
];

/// How many keys may expire unused before the person has to ask for another capture: each is good for five minutes.
const MAX_KEYS: usize = 3;

/// How long what was sent may still be missing from the result. Certiface does not document how soon it is there.
const THERE_WITHIN: Duration = Duration::from_secs(2 * 60);

/// The vendor's page: a status updater reports fraud up to ten days after the transaction.
const WATCHED: Duration = Duration::from_secs(10 * 24 * 60 * 60);

/// The person did not come.
const UNUSED: Retake = Retake::new(RetakeItem::Capture, RetakeCause::Other);

/// The answer to the capture or to the document.
#[derive(Serialize, Deserialize)]
enum Reply {
    /// The verdict on the capture.
    Liveness(Box<LivenessResponse>),
    /// The key expired before there was a capture.
    Unused,
    /// No document was found in the pictures.
    NoDocument,
    /// The person's data were refused.
    Refused,
    /// The result of the finished journey, without pictures.
    Result(Box<JourneyResult>),
}

/// What the frames of a capture need: a challenge is open for 60 s.
#[derive(Serialize, Deserialize)]
struct Challenged {
    state: JourneyState,
    /// The number of frames for each face.
    each: usize,
}

/// What the result holds of documents before another one is submitted.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Submitted {
    files: usize,
    ticket: Option<RedactedText>,
}

/// Checks a picture against the documented limits, as its step does before it sends it.
pub(crate) fn check_picture(
    check: CheckKind,
    item: RetakeItem,
    picture: &Media,
) -> Result<(), ValidationError> {
    match item {
        RetakeItem::Capture => picture.check(&FRAME),
        // All but liveness is known only once there is a document.
        RetakeItem::Front | RetakeItem::Back if check != CheckKind::Liveness => {
            picture.check(&document::RULES)
        }
        _ => Ok(()),
    }
}

impl Capability for Client {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.connection.pipeline.clock()
    }

    fn poll_interval(&self) -> Duration {
        self.poll_interval
    }
}

#[async_trait]
impl Verifier for Client {
    fn offers(&self) -> &'static [Offer] {
        OFFERS
    }

    /// A document belongs to a key, and so to a capture.
    fn uses(&self, step: &str) -> &'static [RetakeItem] {
        match step {
            DOCUMENT => &[RetakeItem::Capture, RetakeItem::Front, RetakeItem::Back],
            _ => &[RetakeItem::Capture],
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
        if !OFFERS.iter().any(|offer| part.wants(offer.check)) {
            return Next::Done;
        }
        // It is the class of the operation: a key that nobody uses has no further effect.
        let first_key = Next::Step { step: APPKEY, charge: Charge::Free };
        match part.newest(APPKEY).map(|record| &record.state) {
            None | Some(StepState::Failed(_)) => return first_key,
            _ => {}
        }
        let Some(key) = key(part) else { return Next::Done };
        let may_renew = keys(part) < MAX_KEYS;
        match of_key(part, LIVENESS).map(|record| &record.state) {
            // The person handed the frames in already: no other key would help them.
            Some(StepState::Failed(failure)) if failure.kind == ErrorKind::Expired.name() && may_renew => {
                first_key
            }
            None | Some(StepState::Failed(_) | StepState::Pending(_)) => {
                capture(part.applicant, key.appkey())
            }
            Some(StepState::Answered(answer)) => match answer.read() {
                Some(Reply::Unused) if may_renew => first_key,
                Some(Reply::Unused) => Next::Retake(UNUSED),
                Some(Reply::Liveness(verdict)) if verdict.outcome() == Liveness::Approved => {
                    after_capture(part)
                }
                _ => retake(part),
            },
            _ => Next::Done,
        }
    }

    fn evidence(&self, part: &Part<'_>) -> Vec<(CheckKind, Evidence)> {
        let wanted = OFFERS.iter().map(|offer| offer.check).filter(|check| part.wants(*check));
        wanted.filter_map(|check| Some((check, shown(part, check)?))).collect()
    }

    async fn prepare(&self, step: &str, part: &Part<'_>) -> Result<Notes, Error> {
        match step {
            APPKEY => {
                person(part.applicant)?.check()?;
                if needs_document(part) {
                    files(part.applicant)?;
                }
                Ok(Notes::default())
            }
            LIVENESS => self.challenged(part).await,
            _ => {
                files(part.applicant)?;
                let result = self.result(needed(part)?.appkey()).await?.into_inner();
                Ok(Notes::of(&Submitted::of(result.as_ref())))
            }
        }
    }

    async fn send(&self, step: &str, part: &Part<'_>, intent: &Intent) -> Result<Sent, Error> {
        match step {
            APPKEY => {
                let person = person(part.applicant)?.with_id_externo_cliente(intent.reference.as_str());
                let journey = self.journey(&person).await?;
                Ok(Sent::Answered(Answer::of(journey.state())))
            }
            LIVENESS => self.send_frames(part, intent).await,
            _ => self.send_document(part).await,
        }
    }

    /// What landed shows in the result. A lost key is never found: it is of no use, and a new one is made.
    async fn look_up(&self, step: &str, part: &Part<'_>, intent: &Intent) -> Result<LookUp, Error> {
        if step == APPKEY {
            return Ok(LookUp::NotReceived);
        }
        let Some(key) = key(part) else { return Ok(LookUp::Unknowable) };
        let is_over = self.clock().now().since(intent.at) > THERE_WITHIN;
        let result = self.result(key.appkey()).await?.into_inner();
        if step == LIVENESS {
            return Ok(match result.and_then(|result| result.facecaptcha) {
                Some(verdict) => LookUp::Answered(Answer::of(&verdict_of(verdict))),
                None if !is_over => LookUp::NotYetKnown,
                // The vendor refuses a key that is used up, so sending again cannot be paid for twice.
                None => LookUp::NotReceived,
            });
        }
        let before = intent.notes.read::<Submitted>();
        Ok(match before.map(|before| before.is_followed_by(&Submitted::of(result.as_ref()))) {
            Some(true) => LookUp::Pending(key.appkey().operation_id()),
            Some(false) if !is_over => LookUp::NotYetKnown,
            _ => LookUp::Unknowable,
        })
    }

    async fn query(&self, step: &str, part: &Part<'_>) -> Result<Option<Answer>, Error> {
        if step == APPKEY {
            return Ok(None);
        }
        let key = needed(part)?;
        let found = match self.result(key.appkey()).await {
            Ok(found) => found.into_inner(),
            Err(error) if error.kind() == ErrorKind::Rejected => {
                return Ok(Some(Answer::of(&Reply::Refused)));
            }
            Err(error) => return Err(error),
        };
        let reply = if step == DOCUMENT {
            finished(part, found).map(|result| Reply::Result(Box::new(result)))
        } else {
            let verdict = found.and_then(|result| result.facecaptcha).map(verdict_of);
            verdict.or_else(|| (!self.resume(key).may_check_liveness()).then_some(Reply::Unused))
        };
        Ok(reply.map(|reply| Answer::of(&reply)))
    }

    /// A status update names the person and the transaction of the capture.
    fn person_of(&self, event: &WebhookEvent) -> Option<Cpf> {
        update_of(event)?.cpf.as_ref().and_then(Lenient::get).cloned()
    }

    /// The vendor prints one status, a suspicion of fraud. Whatever another one may mean, a person has to look at it.
    fn news(&self, part: &Part<'_>, event: &WebhookEvent) -> &'static [CheckKind] {
        let number = update_of(event).and_then(|update| update.protocolo);
        let is_known = number.is_some_and(|number| has_protocol(part, number.as_str().trim()));
        if is_known { &[CheckKind::Risk] } else { &[] }
    }

    fn watches_for(&self) -> Option<Duration> {
        Some(WATCHED)
    }
}

impl Client {
    /// Opens a challenge, which costs nothing. With a key that has expired none is open, and the frames are not sent.
    async fn challenged(&self, part: &Part<'_>) -> Result<Notes, Error> {
        let mut journey = self.resume(needed(part)?);
        let challenge = match journey.challenge().await {
            Err(error) if error.kind() == ErrorKind::Expired => return Ok(Notes::default()),
            challenge => challenge?.into_inner(),
        };
        let faces = challenge.challenges.map_or(0, |faces| faces.len());
        let stated =
            challenge.snap_number.as_ref().and_then(Lenient::get).and_then(|&each| each.try_into().ok());
        let each = stated.or_else(|| part.applicant.capture.len().checked_div(faces)).unwrap_or_default();
        Ok(Notes::of(&Challenged { state: journey.state().clone(), each }))
    }

    async fn send_frames(&self, part: &Part<'_>, intent: &Intent) -> Result<Sent, Error> {
        let challenged = intent.notes.read::<Challenged>();
        let (state, each) = match challenged {
            Some(Challenged { state, each }) => (state, each),
            None => (needed(part)?, 0),
        };
        let frames: Vec<_> = part.applicant.capture.chunks(each.max(1)).map(<[Media]>::to_vec).collect();
        let verdict = self.resume(state).captcha(&frames).await?.into_inner();
        Ok(Sent::Answered(Answer::of(&Reply::Liveness(Box::new(verdict)))))
    }

    /// An acceptance that cannot be read leaves it to the result whether there is a document.
    async fn send_document(&self, part: &Part<'_>) -> Result<Sent, Error> {
        let key = needed(part)?;
        let outcome = self.document(key.appkey(), &files(part.applicant)?).await?.into_inner();
        Ok(match outcome {
            DocumentOutcome::Retake(_) => Sent::Answered(Answer::of(&Reply::NoDocument)),
            DocumentOutcome::Accepted(_) | DocumentOutcome::Unclear(_) => {
                Sent::Pending(key.appkey().operation_id())
            }
        })
    }
}

impl Submitted {
    fn of(result: Option<&JourneyResult>) -> Self {
        let analysis = result.and_then(|result| result.analise_documento.as_ref());
        let photos = result.and_then(|result| result.fotos.as_ref()?.documento.as_ref());
        let listed = analysis.and_then(|analysis| analysis.documentos.as_ref());
        Self {
            files: photos.map_or(0, Vec::len).max(listed.map_or(0, Vec::len)),
            ticket: analysis.and_then(|analysis| analysis.ticket.clone()),
        }
    }

    /// Whether another document was submitted since: to the same ticket, or to another one.
    fn is_followed_by(&self, now: &Self) -> bool {
        now.files > self.files || (now.ticket.is_some() && now.ticket != self.ticket)
    }
}

/// Returns the result without pictures, once it is that of the newest document.
fn finished(part: &Part<'_>, found: Option<JourneyResult>) -> Option<JourneyResult> {
    let before = part.newest(DOCUMENT)?.intent.notes.read::<Submitted>().unwrap_or_default();
    let result = found.filter(is_final)?;
    let is_newest = before == Submitted::default() || before.is_followed_by(&Submitted::of(Some(&result)));
    is_newest.then(|| JourneyResult { fotos: None, ..result })
}

fn verdict_of(Facecaptcha { causa, cod_id, protocolo, validado, .. }: Facecaptcha) -> Reply {
    let verdict =
        LivenessResponse { valid: validado, cod_id, cause: causa, protocol: protocolo, ..Default::default() };
    Reply::Liveness(Box::new(verdict))
}

fn update_of(event: &WebhookEvent) -> Option<StatusUpdate> {
    (event.event_type == STATUS_UPDATE).then(|| StatusUpdate::try_from(&event.payload).ok())?
}

/// Whether a capture that counts, or a result, has that transaction number.
fn has_protocol(part: &Part<'_>, number: &str) -> bool {
    let replies =
        part.steps.iter().filter(|record| !record.is_superseded).filter_map(|record| match &record.state {
            StepState::Answered(answer) => answer.read::<Reply>(),
            _ => None,
        });
    let protocol = |reply| match reply {
        Reply::Liveness(verdict) => verdict.protocol,
        Reply::Result(result) => result.facecaptcha.and_then(|verdict| verdict.protocolo),
        _ => None,
    };
    !number.is_empty() && replies.filter_map(protocol).any(|known| known.as_str().trim() == number)
}

fn missing(field: &'static str) -> Error {
    appkey::OPERATION.invalid_input(field, &ValidationError::new("is required"))
}

fn person(applicant: &Applicant) -> Result<Person, Error> {
    let name = applicant.name.as_ref().ok_or_else(|| missing("name"))?;
    let birth_date = applicant.birth_date.as_ref().ok_or_else(|| missing("birth_date"))?;
    Ok(Person::new(applicant.cpf.clone(), name.expose().as_str(), *birth_date.expose()))
}

fn files(applicant: &Applicant) -> Result<Vec<Media>, Error> {
    let document = applicant.document.as_ref().ok_or_else(|| missing("document"))?;
    Ok(std::iter::once(&document.front).chain(&document.back).cloned().collect())
}

/// All but liveness is known only once there is a document.
fn needs_document(part: &Part<'_>) -> bool {
    let of_document = OFFERS.iter().map(|offer| offer.check).filter(|check| *check != CheckKind::Liveness);
    of_document.into_iter().any(|check| part.wants(check))
}

/// Returns how many keys were made since the person asked for a capture last.
fn keys(part: &Part<'_>) -> usize {
    let is_made = |record: &&StepRecord| {
        !record.is_superseded && record.step == APPKEY && matches!(record.state, StepState::Answered(_))
    };
    part.steps.iter().filter(is_made).count()
}

fn key(part: &Part<'_>) -> Option<JourneyState> {
    part.answer(APPKEY)?.read()
}

fn needed(part: &Part<'_>) -> Result<JourneyState, Error> {
    key(part).ok_or_else(|| missing("appkey"))
}

/// Returns the newest record of a step, if it belongs to the newest key.
fn of_key<'a>(part: &Part<'a>, step: &str) -> Option<&'a StepRecord> {
    let newest = |step: &str| part.steps.iter().rposition(|record| record.step == step);
    let is_of_key = newest(APPKEY)? < newest(step)?;
    part.newest(step).filter(|_| is_of_key)
}

fn capture(applicant: &Applicant, appkey: &Appkey) -> Next {
    if !applicant.capture.is_empty() {
        return Next::Step { step: LIVENESS, charge: Charge::Paid };
    }
    let kit = CaptureKit::new(APPKEY, Pii::new(appkey.expose().to_owned()), appkey.expires_hint());
    Next::Capture { step: LIVENESS, kit: kit.known_as(appkey.operation_id()) }
}

fn after_capture(part: &Part<'_>) -> Next {
    if !needs_document(part) {
        return Next::Done;
    }
    match of_key(part, DOCUMENT).map(|record| &record.state) {
        Some(StepState::Failed(failure)) if failure.kind == ErrorKind::Expired.name() => retake(part),
        None | Some(StepState::Failed(_)) => Next::Step { step: DOCUMENT, charge: Charge::Paid },
        Some(StepState::Pending(_)) => Next::Query { step: DOCUMENT },
        Some(StepState::Answered(_)) => retake(part),
        Some(_) => Next::Done,
    }
}

/// Returns what the person has to hand in again, if any check needs it.
fn retake(part: &Part<'_>) -> Next {
    let wanted = OFFERS.iter().filter(|offer| part.wants(offer.check));
    let mut shown = wanted.filter_map(|offer| shown(part, offer.check));
    let again = shown.find_map(|evidence| match evidence {
        Evidence::Retake(retake) => Some(Next::Retake(retake)),
        _ => None,
    });
    again.unwrap_or(Next::Done)
}

/// Returns what the answers show for a check. A capture that was not approved stands for all that would follow it.
fn shown(part: &Part<'_>, check: CheckKind) -> Option<Evidence> {
    let is_liveness = check == CheckKind::Liveness;
    match captured(part)? {
        Ok(()) => {}
        Err(Evidence::Liveness { .. }) if !is_liveness => {
            return Some(Evidence::Unclear("the person did not pass the liveness check"));
        }
        Err(evidence) => return Some(evidence),
    }
    let document = of_key(part, DOCUMENT).map(|record| &record.state);
    let reply = match document {
        Some(StepState::Answered(answer)) => Some(answer.read()),
        _ => None,
    };
    match (document, reply) {
        (_, Some(Some(Reply::Result(result)))) => Some(result.evidence(check)),
        _ if is_liveness => Some(live(Finding::Yes)),
        (Some(StepState::Failed(failure)), _) if failure.kind == ErrorKind::Expired.name() => {
            Some(Evidence::Retake(Retake::new(RetakeItem::Capture, RetakeCause::Other)))
        }
        (_, reply) => reply.map(|reply| of_no_result(reply.as_ref())),
    }
}

/// Returns whether the capture was approved, or what is shown instead; `None` while there is none.
fn captured(part: &Part<'_>) -> Option<Result<(), Evidence>> {
    let StepState::Answered(answer) = &of_key(part, LIVENESS)?.state else { return None };
    let verdict = match answer.read() {
        Some(Reply::Liveness(verdict)) => verdict,
        Some(Reply::Unused) => return None,
        other => return Some(Err(of_no_result(other.as_ref()))),
    };
    Some(match verdict.outcome() {
        Liveness::Approved => Ok(()),
        Liveness::Refused { .. } => {
            Err(Evidence::Retake(Retake::new(RetakeItem::Capture, RetakeCause::NoLiveness)))
        }
        Liveness::Blocked => Err(live(Finding::No)),
        Liveness::Unclear => {
            Err(Evidence::Unclear(verdict.unclear_reason().unwrap_or("the verdict is unclear")))
        }
    })
}

fn live(live: Finding) -> Evidence {
    Evidence::Liveness { live, method: LivenessMethod::Capture }
}

fn of_no_result(reply: Option<&Reply>) -> Evidence {
    match reply {
        Some(Reply::NoDocument) => Evidence::Retake(Retake::new(RetakeItem::Front, RetakeCause::NoDocument)),
        Some(Reply::Refused) => Evidence::Unclear("the person's data were refused"),
        _ => Evidence::Unclear("the stored answer cannot be read"),
    }
}
