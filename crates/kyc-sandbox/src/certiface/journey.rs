//! The state behind an appkey, and the checks of its validity.

use std::time::Duration;

use bytes::Bytes;
use indexmap::IndexMap;
use kyc_core::{Clock as _, Media, Timestamp};

use super::challenge::Challenge;
use super::courses::{Course, End, Files};
use super::fields::Fields;
use super::replies::unauthorized;
use super::session::Session;
use super::test_cpfs::TestDocument;
use super::verdict::Judged;
use super::{CertifaceControl, State};
use crate::faces::{Comparison, Defect, Place};
use crate::reply::Reply;
use crate::scenario::Applied;

/// The person whose identity is verified.
pub(super) struct Person {
    pub(super) cpf: String,
    pub(super) nome: String,
    /// As dd/mm/yyyy.
    pub(super) nascimento: String,
    pub(super) id_externo: Option<String>,
}

/// The state behind an appkey.
pub(super) struct Journey {
    pub(super) person: Person,
    /// What was triggered for this journey only.
    pub(super) triggered: Option<Applied<Course>>,
    pub(super) created: Timestamp,
    pub(super) expires: Timestamp,
    pub(super) challenges: IndexMap<String, Challenge>,
    /// The last session created; a liveness attempt uses it up.
    pub(super) session: Option<Session>,
    /// Whether the first of the two rounds of process-request is over.
    pub(super) round_begun: bool,
    /// Whether an attempt was refused with `retry`.
    pub(super) retried: bool,
    pub(super) liveness: Option<Liveness>,
    /// Whether an image without a document was refused.
    pub(super) document_refused: bool,
    pub(super) analysis: Option<Analysis>,
    /// How long an analysis takes, if that was triggered, too.
    pub(super) analysis_delay: Option<Duration>,
}

/// An analysis of a document.
pub(super) struct Analysis {
    pub(super) id: u64,
    pub(super) ticket: String,
    pub(super) images: Vec<Media>,
    pub(super) findings: Findings,
    pub(super) received: Timestamp,
    /// How long it takes.
    pub(super) delay: Duration,
    /// `None` until liveness is proved too: the analysis needs both.
    pub(super) ends: Option<Timestamp>,
    /// Whether the faces are being compared, before the analysis begins.
    pub(super) is_comparing: bool,
    /// What the pictures show, if that decided.
    pub(super) seen: Option<Comparison>,
    /// Whether the completion webhook was sent.
    pub(super) announced: bool,
}

/// What an analysis finds.
pub(super) struct Findings {
    pub(super) end: End,
    pub(super) kind: TestDocument,
    pub(super) score: u8,
    pub(super) files: Files,
    /// `None` if the comparison is disabled.
    pub(super) face_match: Option<Compared>,
    /// Whether the pictures decide it.
    pub(super) is_open: bool,
    pub(super) serpro: Option<Compared>,
}

/// A comparison of faces.
pub(super) struct Compared {
    pub(super) code: &'static str,
    /// In place of the usual words for the code.
    pub(super) reason: Option<String>,
    /// In place of the usual score.
    pub(super) likeness: Option<f64>,
}

/// The last liveness result.
pub(super) struct Liveness {
    pub(super) judged: Judged,
    /// `codigo` and `score` of the face bureau; `None` if it is disabled.
    pub(super) bureau: Option<(u16, u16)>,
    /// `None` if the image stays with the provider.
    pub(super) frontal: Option<Bytes>,
    /// What that image shows, if that decided.
    pub(super) seen: Option<Comparison>,
}

impl Compared {
    pub(super) const MATCH: Self = Self { code: "200", reason: None, likeness: None };

    /// The face of the person, then the document.
    pub(super) fn of_pictures(seen: Comparison) -> Self {
        let code = match seen.defect() {
            None if seen.is_match() == Some(true) => "200",
            None | Some((Place::First, _)) => "300",
            Some((Place::Second, Defect::Unreadable)) => "402",
            Some((Place::Second, _)) => "400",
        };
        Self { code, reason: None, likeness: seen.likeness() }
    }
}

impl Journey {
    pub(super) fn new(person: Person, created: Timestamp, expires: Timestamp) -> Self {
        Self {
            person,
            triggered: None,
            created,
            expires,
            challenges: IndexMap::new(),
            session: None,
            round_begun: false,
            retried: false,
            liveness: None,
            document_refused: false,
            analysis: None,
            analysis_delay: None,
        }
    }

    /// The size of the images that are kept for the result.
    pub(super) fn image_bytes(&self) -> usize {
        let frontal =
            self.liveness.as_ref().and_then(|liveness| liveness.frontal.as_ref()).map_or(0, Bytes::len);
        let documents = self.analysis.iter().flat_map(|analysis| &analysis.images);
        frontal + documents.map(|image| image.bytes().len()).sum::<usize>()
    }

    /// Whether a liveness result without `retry` has used up the appkey for liveness.
    pub(super) fn is_used_up(&self) -> bool {
        self.liveness.as_ref().is_some_and(|liveness| !liveness.judged.verdict.retry)
    }
}

impl CertifaceControl {
    /// The journey of a valid appkey, or a 401 response with the reason why there is none.
    pub(super) fn live_journey<'a>(
        &self,
        state: &'a mut State,
        fields: &Fields,
    ) -> Result<(String, &'a mut Journey), Reply> {
        let appkey = fields.needed("appkey").map_err(unauthorized)?;
        let journey = state.journeys.get_mut(appkey).ok_or_else(|| unauthorized("appkey is unknown"))?;
        if self.clock.now() < journey.expires {
            Ok((appkey.to_owned(), journey))
        } else {
            Err(unauthorized("appkey has expired: request a new one"))
        }
    }

    /// The same, provided the appkey can still be used for liveness.
    pub(super) fn live_journey_for_liveness<'a>(
        &self,
        state: &'a mut State,
        fields: &Fields,
    ) -> Result<(String, &'a mut Journey), Reply> {
        let (appkey, journey) = self.live_journey(state, fields)?;
        if journey.is_used_up() {
            return Err(unauthorized("appkey was used up by a liveness result: request a new one"));
        }
        Ok((appkey, journey))
    }
}
