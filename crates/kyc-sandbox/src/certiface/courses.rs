//! What can happen in a journey.

use std::time::Duration;

use super::test_cpfs::outcome_of;
use super::verdict::{Proof, Verdict};
use super::{CertifaceControl, FACTS, Operation, Provider, TestDocument, TestOutcome};
use crate::outcomes::{self, Outcome, Row};
use crate::scenario::{Applied, Effect};

const SLOW: Duration = Duration::from_secs(600);

/// What happens in one respect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Course {
    /// The personal data are refused for this reason, or accepted.
    Appkey(Option<&'static str>),
    Provider(Provider),
    Liveness(Proof),
    /// `codigo` and `score` of the face bureau; `None` if it is disabled.
    Bureau(Option<(u16, u16)>),
    Upload(Upload),
    Analysis(End),
    Document(TestDocument),
    /// `codigo`; `None` if the comparison is disabled.
    FaceMatch(Option<&'static str>),
    /// The same.
    Serpro(Option<&'static str>),
    Score(u8),
    Files(Files),
    /// The personal data are refused for this reason, or the result is given.
    Result(Option<&'static str>),
    /// `novoStatus` and `descricao` of an update after the journey.
    Update(&'static str, &'static str),
}

/// The response to a document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Upload {
    Accepted,
    NoDocument,
    NoDocumentAtFirst,
}

/// How an analysis ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    Complete,
    WithoutOcr,
    Failed,
    /// The journey is complete, but `statusProcessamento` says something else.
    Processing(u8),
}

/// `statusArquivo` and `statusArquivoProcessado` of a complete journey.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Files {
    pub(super) file: u8,
    pub(super) side: u8,
}

/// The respects, in which outcomes replace one another.
pub(super) mod aspect {
    pub(in super::super) const APPKEY: &str = "appkey";
    pub(in super::super) const PROVIDER: &str = "provider";
    pub(in super::super) const LIVENESS: &str = "liveness";
    pub(in super::super) const BUREAU: &str = "bureau";
    pub(in super::super) const UPLOAD: &str = "upload";
    pub(in super::super) const ANALYSIS: &str = "analysis";
    pub(in super::super) const DOCUMENT: &str = "document";
    pub(in super::super) const FACE_MATCH: &str = "face-match";
    pub(in super::super) const SERPRO: &str = "serpro";
    pub(in super::super) const SCORE: &str = "score";
    pub(in super::super) const FILES: &str = "files";
    pub(in super::super) const RESULT: &str = "result";
    pub(in super::super) const UPDATE: &str = "update";
}

impl Effect for Course {
    fn aspect(self) -> &'static str {
        match self {
            Self::Appkey(_) => aspect::APPKEY,
            Self::Provider(_) => aspect::PROVIDER,
            Self::Liveness(_) => aspect::LIVENESS,
            Self::Bureau(_) => aspect::BUREAU,
            Self::Upload(_) => aspect::UPLOAD,
            Self::Analysis(_) => aspect::ANALYSIS,
            Self::Document(_) => aspect::DOCUMENT,
            Self::FaceMatch(_) => aspect::FACE_MATCH,
            Self::Serpro(_) => aspect::SERPRO,
            Self::Score(_) => aspect::SCORE,
            Self::Files(_) => aspect::FILES,
            Self::Result(_) => aspect::RESULT,
            Self::Update(..) => aspect::UPDATE,
        }
    }
}

const APPKEY: &[&str] = &["appkey"];
const SESSION: &[&str] = &["session-token"];
const LIVENESS: &[&str] = &["captcha", "liveness", "process-request", "fortface-liveness"];
/// The operations that can offer a retry.
const RETRY: &[&str] = &["liveness", "process-request"];
const DOCUMENT: &[&str] = &["document", "document-qrcode"];
const RESULT: &[&str] = &["result"];

const PROOF_OF_LIFE: Option<&str> = Some("PROVA DE VIDA");
const BLOCKED: Course = liveness(300.2, false, Some("BIOMETRIA"));
const PROCESSED: Course = Course::Files(Files { file: 22, side: 19 });

const fn liveness(cod_id: f64, valid: bool, cause: Option<&'static str>) -> Course {
    Course::Liveness(Proof::Verdict(Verdict { valid, cod_id, cause, retry: false }))
}

#[rustfmt::skip]
pub(super) const OUTCOMES: &[Row<Course>] = &[
    Row::new(DOCUMENT, "complete", Course::Analysis(End::Complete), "a journey ends in Completo, with all checks passed"),
    Row::new(DOCUMENT, "error", Course::Analysis(End::Failed), "the analysis ends in Erro, the webhook's status is Error"),
    Row::new(DOCUMENT, "without-ocr", Course::Analysis(End::WithoutOcr), "the flow without OCR: the result is Completo sem OCR"),
    Row::new(DOCUMENT, "waiting", Course::Analysis(End::Processing(2)), "Completo, but statusProcessamento 2: the document waits"),
    Row::new(DOCUMENT, "cancelled", Course::Analysis(End::Processing(5)), "Completo, but statusProcessamento 5: the document was cancelled"),
    Row::new(DOCUMENT, "analysis-failed", Course::Analysis(End::Processing(6)), "Completo, but statusProcessamento 6: the document failed"),
    Row::new(DOCUMENT, "wrong-upload", Course::Analysis(End::Processing(70)), "Completo, but statusProcessamento 70: the document was uploaded wrongly"),
    Row::new(LIVENESS, "live", liveness(200.0, true, None), "Completo, with liveness 200.0"),
    Row::new(LIVENESS, "live-code-1", liveness(1.0, true, None), "Completo, with liveness 1.0, which is valid"),
    Row::new(LIVENESS, "refused", Course::Liveness(Proof::Verdict(Verdict::REFUSED)), "Completo, with liveness 300.1").with_reason(),
    Row::new(LIVENESS, "blocked", BLOCKED, "Completo, with liveness 300.2").with_reason(),
    Row::new(LIVENESS, "no-face", liveness(100.1, false, PROOF_OF_LIFE), "Completo, with liveness 100.1: no face found").with_reason(),
    Row::new(LIVENESS, "not-frontal", liveness(100.2, false, PROOF_OF_LIFE), "Completo, with liveness 100.2: not frontal").with_reason(),
    Row::new(LIVENESS, "too-close", liveness(100.3, false, PROOF_OF_LIFE), "Completo, with liveness 100.3: too close").with_reason(),
    Row::new(LIVENESS, "too-far", liveness(100.4, false, PROOF_OF_LIFE), "Completo, with liveness 100.4: too far").with_reason(),
    Row::new(LIVENESS, "many-faces", liveness(100.5, false, PROOF_OF_LIFE), "Completo, with liveness 100.5: more than one face").with_reason(),
    Row::new(LIVENESS, "bad-light", liveness(100.6, false, PROOF_OF_LIFE), "Completo, with liveness 100.6: bad light").with_reason(),
    Row::new(LIVENESS, "another-face", liveness(200.1, false, Some("BIOMETRIA")), "Completo, with liveness 200.1: not the registered face").with_reason(),
    Row::new(LIVENESS, "contradictory", liveness(300.1, true, None), "Completo, with liveness 300.1 and yet valid"),
    Row::new(RETRY, "retried-once", Course::Liveness(Proof::RetriedOnce), "the first attempt is 300.1 with retry, the next one passes").with_reason().for_scenarios_only(),
    Row::new(DOCUMENT, "rg", Course::Document(TestDocument::Rg), "Completo, the document is an RG"),
    Row::new(DOCUMENT, "cnh", Course::Document(TestDocument::Cnh), "Completo, the document is a CNH"),
    Row::new(DOCUMENT, "cnh-digital", Course::Document(TestDocument::CnhDigital), "Completo, the document is a CNH digital"),
    Row::new(DOCUMENT, "dni", Course::Document(TestDocument::Dni), "Completo, the document is a DNI"),
    Row::new(DOCUMENT, "cin", Course::Document(TestDocument::Cin), "Completo, the document is a CIN"),
    Row::new(DOCUMENT, "crnm", Course::Document(TestDocument::Crnm), "Completo, the document is a CRNM"),
    Row::new(DOCUMENT, "passport", Course::Document(TestDocument::Passport), "Completo, the document is a passport"),
    Row::new(DOCUMENT, "faces-differ", Course::FaceMatch(Some("300")), "Completo, with facematch.codigo 300").with_reason(),
    Row::new(DOCUMENT, "facematch-200", Course::FaceMatch(Some("200")), "Completo, with facematch.codigo 200: the faces match").with_reason(),
    Row::new(DOCUMENT, "facematch-1", Course::FaceMatch(Some("1")), "Completo, with facematch.codigo 1: the input is wrong").with_reason(),
    Row::new(DOCUMENT, "facematch-2", Course::FaceMatch(Some("2")), "Completo, with facematch.codigo 2: no active operator").with_reason(),
    Row::new(DOCUMENT, "facematch-3", Course::FaceMatch(Some("3")), "Completo, with facematch.codigo 3: the CPF is not valid").with_reason(),
    Row::new(DOCUMENT, "facematch-4", Course::FaceMatch(Some("4")), "Completo, with facematch.codigo 4: the CPF is unknown").with_reason(),
    Row::new(DOCUMENT, "facematch-5", Course::FaceMatch(Some("5")), "Completo, with facematch.codigo 5: the format is not supported").with_reason(),
    Row::new(DOCUMENT, "facematch-101", Course::FaceMatch(Some("101")), "Completo, with facematch.codigo 101: a configuration fault").with_reason(),
    Row::new(DOCUMENT, "facematch-102", Course::FaceMatch(Some("102")), "Completo, with facematch.codigo 102: a configuration fault").with_reason(),
    Row::new(DOCUMENT, "facematch-103", Course::FaceMatch(Some("103")), "Completo, with facematch.codigo 103: the operator has no access").with_reason(),
    Row::new(DOCUMENT, "facematch-400", Course::FaceMatch(Some("400")), "Completo, with facematch.codigo 400: no face in the document").with_reason(),
    Row::new(DOCUMENT, "facematch-401", Course::FaceMatch(Some("401")), "Completo, with facematch.codigo 401: an internal failure").with_reason(),
    Row::new(DOCUMENT, "facematch-402", Course::FaceMatch(Some("402")), "Completo, with facematch.codigo 402: the document is not legible").with_reason(),
    Row::new(DOCUMENT, "facematch-500", Course::FaceMatch(Some("500")), "Completo, with facematch.codigo 500: an internal error").with_reason(),
    Row::new(DOCUMENT, "without-facematch", Course::FaceMatch(None), "Completo, the comparison with the selfie is disabled"),
    Row::new(DOCUMENT, "without-serpro", Course::Serpro(None), "Completo, Serpro is disabled"),
    Row::new(DOCUMENT, "serpro-200", Course::Serpro(Some("200")), "Completo, with serpro.codigo 200: the faces match").with_reason(),
    Row::new(DOCUMENT, "serpro-300", Course::Serpro(Some("300")), "Completo, with serpro.codigo 300: the faces differ").with_reason(),
    Row::new(DOCUMENT, "serpro-1", Course::Serpro(Some("1")), "Completo, with serpro.codigo 1: the input is wrong").with_reason(),
    Row::new(DOCUMENT, "serpro-2", Course::Serpro(Some("2")), "Completo, with serpro.codigo 2: no active operator").with_reason(),
    Row::new(DOCUMENT, "serpro-3", Course::Serpro(Some("3")), "Completo, with serpro.codigo 3: the CPF is not valid").with_reason(),
    Row::new(DOCUMENT, "serpro-4", Course::Serpro(Some("4")), "Completo, with serpro.codigo 4: the CPF is unknown").with_reason(),
    Row::new(DOCUMENT, "serpro-5", Course::Serpro(Some("5")), "Completo, with serpro.codigo 5: the format is not supported").with_reason(),
    Row::new(DOCUMENT, "serpro-101", Course::Serpro(Some("101")), "Completo, with serpro.codigo 101: a configuration fault").with_reason(),
    Row::new(DOCUMENT, "serpro-102", Course::Serpro(Some("102")), "Completo, with serpro.codigo 102: a configuration fault").with_reason(),
    Row::new(DOCUMENT, "serpro-103", Course::Serpro(Some("103")), "Completo, with serpro.codigo 103: the operator has no access").with_reason(),
    Row::new(DOCUMENT, "serpro-400", Course::Serpro(Some("400")), "Completo, with serpro.codigo 400: no face in the document").with_reason(),
    Row::new(DOCUMENT, "serpro-401", Course::Serpro(Some("401")), "Completo, with serpro.codigo 401: an internal failure").with_reason(),
    Row::new(DOCUMENT, "serpro-402", Course::Serpro(Some("402")), "Completo, with serpro.codigo 402: the document is not legible").with_reason(),
    Row::new(DOCUMENT, "serpro-500", Course::Serpro(Some("500")), "Completo, with serpro.codigo 500: an internal error").with_reason(),
    Row::new(DOCUMENT, "score-0", Course::Score(0), "Completo, the document is genuine with 0 %"),
    Row::new(DOCUMENT, "score-50", Course::Score(50), "Completo, the document is genuine with 50 %"),
    Row::new(DOCUMENT, "score-100", Course::Score(100), "Completo, the document is genuine with 100 %"),
    Row::new(DOCUMENT, "files-processed", PROCESSED, "Completo, every file is processed"),
    Row::new(DOCUMENT, "file-unidentified", Course::Files(Files { file: 8, side: 19 }), "Completo, but statusArquivo 8: a file was not identified"),
    Row::new(DOCUMENT, "file-cancelled", Course::Files(Files { file: 21, side: 19 }), "Completo, but statusArquivo 21: a file was cancelled"),
    Row::new(DOCUMENT, "side-unread", Course::Files(Files { file: 22, side: 11 }), "Completo, but statusArquivoProcessado 11: a side was not read"),
    Row::new(DOCUMENT, "side-cancelled", Course::Files(Files { file: 22, side: 20 }), "Completo, but statusArquivoProcessado 20: a side was cancelled"),
    Row::new(LIVENESS, "risk-0", Course::Bureau(Some((200, 0))), "Completo, with certifaceID.score 0: no information"),
    Row::new(LIVENESS, "risk-100", Course::Bureau(Some((200, 100))), "Completo, with certifaceID.score 100: very low risk"),
    Row::new(LIVENESS, "risk-200", Course::Bureau(Some((200, 200))), "Completo, with certifaceID.score 200: very low risk"),
    Row::new(LIVENESS, "risk-300", Course::Bureau(Some((200, 300))), "Completo, with certifaceID.score 300: low risk"),
    Row::new(LIVENESS, "risk-400", Course::Bureau(Some((200, 400))), "Completo, with certifaceID.score 400: medium risk"),
    Row::new(LIVENESS, "risk-500", Course::Bureau(Some((200, 500))), "Completo, with certifaceID.score 500: medium risk"),
    Row::new(LIVENESS, "risk-600", Course::Bureau(Some((200, 600))), "Completo, with certifaceID.score 600: medium risk"),
    Row::new(LIVENESS, "risk-700", Course::Bureau(Some((200, 700))), "Completo, with certifaceID.score 700: high risk"),
    Row::new(LIVENESS, "risk-800", Course::Bureau(Some((200, 800))), "Completo, with certifaceID.score 800: high risk"),
    Row::new(LIVENESS, "risk-900", Course::Bureau(Some((200, 900))), "Completo, with certifaceID.score 900: very high risk"),
    Row::new(LIVENESS, "risk-1000", Course::Bureau(Some((200, 1000))), "Completo, with certifaceID.score 1000: highest risk"),
    Row::new(LIVENESS, "bureau-203", Course::Bureau(Some((203, 0))), "Completo, with certifaceID.codigo 203: seen with a success"),
    Row::new(LIVENESS, "bureau-401", Course::Bureau(Some((401, 0))), "Completo, with certifaceID.codigo 401: the image is not good enough"),
    Row::new(LIVENESS, "bureau-402", Course::Bureau(Some((402, 0))), "Completo, with certifaceID.codigo 402: registration is disabled"),
    Row::new(LIVENESS, "bureau-501", Course::Bureau(Some((501, 0))), "Completo, with certifaceID.codigo 501: registration failed"),
    Row::new(LIVENESS, "without-bureau", Course::Bureau(None), "Completo, the face bureau is disabled"),
    Row::new(RESULT, "result-refused", Course::Result(Some("NOME")), "Completo, then result returns ERR, NOME"),
    Row::new(RESULT, "result-refused-cpf", Course::Result(Some("INVALID CPF")), "Completo, then result returns ERR, INVALID CPF"),
    Row::new(RESULT, "result-refused-date", Course::Result(Some("INVALID DATE")), "Completo, then result returns ERR, INVALID DATE"),
    Row::new(RESULT, "result-given", Course::Result(None), "Completo, the result is given"),
    Row::new(DOCUMENT, "status-res", Course::Update("RES", "Suspeita Fraude"), "a status update RES about the newest protocol; without one a journey ends first").with_reason(),
    Row::new(DOCUMENT, "status-ok", Course::Update("OK", "Sem suspeita"), "a status update OK about the newest protocol; without one a journey ends first").with_reason(),
    Row::new(APPKEY, "appkey-issued", Course::Appkey(None), "appkey succeeds").for_scenarios_only(),
    Row::new(APPKEY, "name-refused", Course::Appkey(Some("NOME")), "appkey returns ERR, NOME").for_scenarios_only(),
    Row::new(APPKEY, "cpf-refused", Course::Appkey(Some("INVALID CPF")), "appkey returns ERR, INVALID CPF").for_scenarios_only(),
    Row::new(APPKEY, "date-refused", Course::Appkey(Some("INVALID DATE")), "appkey returns ERR, INVALID DATE").for_scenarios_only(),
    Row::new(SESSION, "facetec", Course::Provider(Provider::FaceTec), "3D is FaceTec").for_scenarios_only(),
    Row::new(SESSION, "iproov", Course::Provider(Provider::IProov), "3D is iProov").for_scenarios_only(),
    Row::new(DOCUMENT, "document-accepted", Course::Upload(Upload::Accepted), "a document is accepted").for_scenarios_only(),
    Row::new(DOCUMENT, "no-document", Course::Upload(Upload::NoDocument), "the document call fails with HTTP 400: no document in the images").for_scenarios_only(),
    Row::new(DOCUMENT, "no-document-at-first", Course::Upload(Upload::NoDocumentAtFirst), "the first document call of a journey fails with HTTP 400, the next one succeeds").for_scenarios_only(),
];

pub(super) fn outcomes() -> Vec<Outcome> {
    outcomes::described(FACTS.key, OUTCOMES)
}

impl TestOutcome {
    /// What differs from the usual course.
    pub(super) fn courses(self) -> Vec<Course> {
        match self {
            Self::Approved | Self::Slow => Vec::new(),
            Self::Refused => vec![Course::Liveness(Proof::Verdict(Verdict::REFUSED))],
            Self::Blocked => vec![BLOCKED],
            Self::RetriedOnce => {
                vec![Course::Liveness(Proof::RetriedOnce), Course::Provider(Provider::IProov)]
            }
            Self::Liveness3d(provider) => vec![Course::Provider(provider)],
            Self::NoDocumentAtFirst => vec![Course::Upload(Upload::NoDocumentAtFirst)],
            Self::Document(kind) => vec![Course::Document(kind)],
            Self::WithoutOcr => vec![Course::Analysis(End::WithoutOcr)],
            Self::WithoutSerpro => vec![Course::Serpro(None)],
            Self::FacesDiffer => vec![Course::FaceMatch(Some("300"))],
            Self::Risk(score) => vec![Course::Bureau(Some((200, score)))],
            Self::Failed => vec![Course::Analysis(End::Failed)],
            Self::NameRefused => vec![Course::Appkey(Some("NOME"))],
            Self::CpfRefused => vec![Course::Appkey(Some("INVALID CPF"))],
            Self::DateRefused => vec![Course::Appkey(Some("INVALID DATE"))],
            Self::RefusedByResult => vec![Course::Result(Some("NOME"))],
        }
    }
}

impl CertifaceControl {
    /// What applies to a person's requests in one respect: what was triggered, or else a scenario, or else the outcome
    /// of a test CPF.
    pub(super) fn course(
        &self,
        operation: Operation,
        cpf: &str,
        triggered: Option<&Applied<Course>>,
        aspect: &str,
    ) -> Option<Applied<Course>> {
        let triggered = triggered.filter(|triggered| triggered.effect.aspect() == aspect).cloned();
        let set = || self.scenarios.effect_on(operation.name(), Some(cpf), aspect);
        let tested = || {
            let courses = outcome_of(cpf).courses();
            let effect = courses.into_iter().find(|course| course.aspect() == aspect)?;
            Some(Applied { effect, reason: None, delay: None })
        };
        triggered.or_else(set).or_else(tested)
    }

    /// How long the analysis for a person takes unless something else is said.
    pub(super) fn usual_delay(&self, cpf: &str) -> Duration {
        if outcome_of(cpf) == TestOutcome::Slow { SLOW } else { self.settings.document_delay }
    }
}
