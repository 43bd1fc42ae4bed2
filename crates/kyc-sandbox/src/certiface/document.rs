//! Document images, and the start of their analysis.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use bytes::Bytes;
use kyc_core::{Clock as _, Media};
use serde_json::{Value, json};

use super::courses::{Course, End, Files, Upload, aspect};
use super::fields::Fields;
use super::images::document as decode_image;
use super::journey::{Analysis, Compared, Findings, Journey};
use super::replies::{bad_request, unauthorized};
use super::test_cpfs::{TestDocument, is_known};
use super::{CertifaceControl, Operation, State};
use crate::reply::Reply;
use crate::scenario::Applied;

impl CertifaceControl {
    pub(super) fn document(self: &Arc<Self>, fields: &Fields) -> Result<Reply, Reply> {
        self.take(Operation::Document, fields, || images(fields))
    }

    pub(super) fn document_qrcode(self: &Arc<Self>, fields: &Fields) -> Result<Reply, Reply> {
        self.take(Operation::DocumentQrcode, fields, || {
            decode_image(fields.value("qrcode"))
                .map(|image| vec![image])
                .map_err(|error| format!("qrcode: {error}"))
        })
    }

    fn take(
        self: &Arc<Self>,
        operation: Operation,
        fields: &Fields,
        images: impl FnOnce() -> Result<Vec<Media>, String>,
    ) -> Result<Reply, Reply> {
        let mut state = self.lock();
        let (appkey, _) = self.live_journey(&mut state, fields)?;
        let images = images().map_err(bad_request)?;
        let id = self.analyse(&mut state, operation, &appkey, images)?;
        Ok(Reply::json(StatusCode::OK, &json!({ "appkey": appkey, "id": id })))
    }

    /// Accepts the images of a document, and returns their number.
    pub(super) fn analyse(
        self: &Arc<Self>,
        state: &mut State,
        operation: Operation,
        appkey: &str,
        images: Vec<Media>,
    ) -> Result<u64, Reply> {
        state.documents += 1;
        let id = 54 + state.documents;
        let journey = state.journeys.get_mut(appkey).ok_or_else(|| unauthorized("appkey is unknown"))?;
        self.counters.pay(operation.name(), Some(&journey.person.cpf));
        let upload = self.course_of(journey, operation, aspect::UPLOAD);
        let is_refused = match upload.as_ref().map(|upload| upload.effect) {
            Some(Course::Upload(Upload::NoDocument)) => true,
            Some(Course::Upload(Upload::NoDocumentAtFirst)) => !journey.document_refused,
            _ => false,
        };
        if is_refused {
            journey.document_refused = true;
            return Err(bad_request("no document found in the images: send others with the same appkey"));
        }
        let (findings, delay) = self.findings(journey, operation);
        journey.analysis = Some(Analysis {
            id,
            ticket: self.ids.uuid().to_string(),
            images,
            findings,
            delay,
            received: self.clock.now(),
            ends: None,
            is_comparing: false,
            seen: None,
            announced: false,
        });
        self.begin_analysis(appkey, journey);
        Ok(id)
    }

    fn course_of(&self, journey: &Journey, operation: Operation, aspect: &str) -> Option<Applied<Course>> {
        self.course(operation, &journey.person.cpf, journey.triggered.as_ref(), aspect)
    }

    /// What the analysis of a document will find, and how long it takes.
    fn findings(&self, journey: &Journey, operation: Operation) -> (Findings, Duration) {
        let mut findings = Findings {
            end: End::Complete,
            kind: TestDocument::Rg,
            score: 100,
            files: Files { file: 22, side: 19 },
            face_match: Some(Compared::MATCH),
            is_open: !is_known(&journey.person.cpf),
            serpro: Some(Compared::MATCH),
        };
        let mut set_delay = None;
        let aspects = [
            aspect::ANALYSIS,
            aspect::DOCUMENT,
            aspect::SCORE,
            aspect::FILES,
            aspect::FACE_MATCH,
            aspect::SERPRO,
        ];
        for aspect in aspects {
            let Some(applied) = self.course_of(journey, operation, aspect) else { continue };
            set_delay = set_delay.max(applied.delay);
            let reason = applied.reason;
            let compared = |code: Option<_>| code.map(|code| Compared { code, reason, likeness: None });
            match applied.effect {
                Course::Analysis(end) => findings.end = end,
                Course::Document(kind) => findings.kind = kind,
                Course::Score(score) => findings.score = score,
                Course::Files(files) => findings.files = files,
                Course::FaceMatch(code) => {
                    findings.face_match = compared(code);
                    findings.is_open = false;
                }
                Course::Serpro(code) => findings.serpro = compared(code),
                _ => {}
            }
        }
        let delay = journey.analysis_delay.or(set_delay);
        (findings, delay.unwrap_or_else(|| self.usual_delay(&journey.person.cpf)))
    }

    /// Compares the faces if the pictures decide that, and schedules the end of the analysis, once there are a liveness result and a
    /// document.
    pub(super) fn begin_analysis(self: &Arc<Self>, appkey: &str, journey: &mut Journey) {
        let Some([frontal, document]) = self.to_compare(journey) else {
            return self.schedule_end(appkey, journey);
        };
        let Some(analysis) = journey.analysis.as_mut() else { return };
        if std::mem::replace(&mut analysis.is_comparing, true) {
            return;
        }
        let (vendor, appkey, id) = (Arc::clone(self), appkey.to_owned(), analysis.id);
        self.tasks.spawn(async move {
            let seen = vendor.eyes.compare(&frontal, &document).await;
            let state = &mut *vendor.lock();
            let Some(journey) = state.journeys.get_mut(&appkey) else { return };
            // Another document may have come meanwhile.
            if let Some(analysis) = journey.analysis.as_mut().filter(|analysis| analysis.id == id) {
                analysis.seen = seen;
                analysis.findings.face_match = seen.map(Compared::of_pictures);
                analysis.findings.is_open = false;
                vendor.schedule_end(&appkey, journey);
            }
        });
    }

    /// The face of the person and the front of the document, if they are there and decide the comparison.
    fn to_compare(&self, journey: &Journey) -> Option<[Bytes; 2]> {
        let is_wanted = self.eyes.are_open() && journey.is_used_up() && journey.triggered.is_none();
        let analysis = journey.analysis.as_ref().filter(|analysis| is_wanted && analysis.findings.is_open)?;
        let front = analysis.images.first()?;
        Some([journey.liveness.as_ref()?.frontal.clone()?, front.bytes().clone()])
    }

    fn schedule_end(self: &Arc<Self>, appkey: &str, journey: &mut Journey) {
        let is_used_up = journey.is_used_up();
        let Some(analysis) =
            journey.analysis.as_mut().filter(|analysis| is_used_up && analysis.ends.is_none())
        else {
            return;
        };
        let ends = self.clock.now().saturating_add(analysis.delay);
        analysis.ends = Some(ends);
        let vendor = Arc::clone(self);
        let appkey = appkey.to_owned();
        self.tasks.spawn(async move {
            vendor.clock.sleep_until(ends).await;
            vendor.announce_end(&mut vendor.lock(), &appkey);
        });
    }
}

/// One or two images.
fn images(fields: &Fields) -> Result<Vec<Media>, String> {
    if fields.has("qrcode") {
        return Err("images and qrcode exclude each other".to_owned());
    }
    let images =
        fields.value("images").and_then(Value::as_array).filter(|images| (1..=2).contains(&images.len()));
    let images = images
        .ok_or("images must be an array of one or two images, in an object sent as application/json")?;
    let numbered = images.iter().enumerate();
    numbered
        .map(|(place, image)| decode_image(Some(image)).map_err(|error| format!("images[{place}]: {error}")))
        .collect()
}
