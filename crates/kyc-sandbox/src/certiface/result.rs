//! The result of a journey.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_core::{Clock as _, Media, MediaFormat, Timestamp};
use serde_json::{Map, Value, json};

use super::appkey::refused;
use super::fields::Fields;
use super::journey::{Analysis, Journey, Liveness};
use super::replies::{bad_request, not_found};
use super::test_cpfs::{TestDocument, TestOutcome};
use super::{CertifaceControl, dates, ocr};
use crate::reply::Reply;

/// Fixed ids that identify no one.
const CUSTOMER: &str = "5a4db0c5-0000-4000-8000-000000000001";
const NO_CUSTOMER: &str = "00000000-0000-0000-0000-000000000000";
const OPERATOR: &str = "5a4db0c5-0000-4000-8000-000000000002";
const LOW_RISK: u16 = 300;

/// The status of a journey.
#[derive(Clone, Copy, PartialEq)]
enum ProcessingStatus {
    /// No document was sent.
    WithoutDocument,
    Processing,
    Failed,
    Complete,
    CompleteWithoutOcr,
}

impl ProcessingStatus {
    fn of(journey: &Journey, now: Timestamp) -> Self {
        let Some(analysis) = &journey.analysis else { return Self::WithoutDocument };
        match journey.outcome {
            _ if analysis.ends.is_none_or(|ends| now < ends) => Self::Processing,
            TestOutcome::Failed => Self::Failed,
            TestOutcome::WithoutOcr => Self::CompleteWithoutOcr,
            _ => Self::Complete,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::WithoutDocument => "Não processado",
            Self::Processing => "Em processamento",
            Self::Failed => "Erro",
            Self::Complete => "Completo",
            Self::CompleteWithoutOcr => "Completo sem OCR",
        }
    }

    /// `statusProcessamento`.
    fn code(self) -> u8 {
        match self {
            Self::WithoutDocument => 2,
            Self::Processing => 3,
            Self::Failed => 6,
            Self::Complete => 4,
            Self::CompleteWithoutOcr => 100,
        }
    }
}

impl CertifaceControl {
    /// Works at any time, even after the appkey has expired, and uses nothing up.
    pub(super) fn result(&self, fields: &Fields) -> Result<Reply, Reply> {
        let appkey = fields.needed("appkey").map_err(bad_request)?;
        let mut state = self.lock();
        self.announce_end(&mut state, appkey);
        let now = self.clock.now();
        let journey = state.journeys.get(appkey).ok_or_else(|| not_found("appkey is unknown"))?;
        let liveness =
            journey.liveness.as_ref().ok_or_else(|| not_found("this appkey has no liveness result"))?;
        if journey.outcome == TestOutcome::RefusedByResult {
            return Ok(refused(StatusCode::OK, &liveness.protocol, "NOME"));
        }
        Ok(Reply::json(StatusCode::OK, &whole(journey, liveness, ProcessingStatus::of(journey, now))))
    }
}

fn whole(journey: &Journey, liveness: &Liveness, processing: ProcessingStatus) -> Value {
    let valid = liveness.verdict.valid;
    let mut body = json!({
        "status": processing.name(),
        "dataCriacaoAppkey": dates::spaced(journey.created),
        "facecaptcha": {
            "causa": liveness.verdict.cause.unwrap_or("CERTIFACE"),
            "codID": liveness.verdict.cod_id,
            "protocolo": number(&liveness.protocol),
            "validado": valid,
        },
        "fotos": photos(journey, liveness, processing),
    });
    if let Some(id) = &journey.person.id_externo {
        body["idExternoCliente"] = id.as_str().into();
    }
    // A person who failed liveness is not looked up in the bureau.
    if valid && processing != ProcessingStatus::CompleteWithoutOcr {
        let score = if let TestOutcome::Risk(score) = journey.outcome { score } else { LOW_RISK };
        body["certifaceID"] =
            json!({ "codigo": 200, "protocolo": number(&liveness.protocol), "score": score });
    }
    if let Some(analysis) = &journey.analysis {
        body["analiseDocumento"] = analysed(journey, liveness, analysis, processing);
    }
    body
}

/// A protocol as a number, unlike in every other payload.
fn number(protocol: &str) -> Value {
    protocol.parse::<u64>().map_or(Value::Null, Value::from)
}

fn analysed(
    journey: &Journey,
    liveness: &Liveness,
    analysis: &Analysis,
    processing: ProcessingStatus,
) -> Value {
    let mut body = json!({
        "idExterno": analysis.ticket,
        "ticket": analysis.ticket,
        "statusProcessamento": processing.code(),
        "idTipoProcessamento": if processing == ProcessingStatus::CompleteWithoutOcr { 0 } else { 2 },
    });
    let Some(fields) = body.as_object_mut() else { return body };
    if processing != ProcessingStatus::CompleteWithoutOcr {
        administrative(fields, journey, analysis, processing);
    }
    if processing == ProcessingStatus::Complete {
        fields.insert("score".to_owned(), 100.into());
        fields.insert(
            "responseClientDadosOcrDTO".to_owned(),
            ocr::read(kind(journey), &journey.person, analysis.received),
        );
    }
    if matches!(processing, ProcessingStatus::Complete | ProcessingStatus::CompleteWithoutOcr) {
        fields.insert("biometriaDocumento".to_owned(), compared(journey, liveness, processing));
    }
    body
}

/// Fields that the flow without OCR omits.
fn administrative(
    fields: &mut Map<String, Value>,
    journey: &Journey,
    analysis: &Analysis,
    processing: ProcessingStatus,
) {
    let ended = analysis.ends.filter(|_| processing != ProcessingStatus::Processing);
    let more = json!({
        "id": analysis.id,
        "dtCriacao": dates::local(analysis.received),
        "idCliente": CUSTOMER,
        "idSubcliente": NO_CUSTOMER,
        "idUsuario": OPERATOR,
        "documentos": files(journey, analysis, processing),
    });
    fields.extend(more.as_object().cloned().unwrap_or_default());
    if let Some(ended) = ended {
        fields.insert("dtStatusProcessamento".to_owned(), dates::zoned(ended).into());
        fields.insert("dtRetornoTicket".to_owned(), dates::zoned(ended).into());
        fields.insert(
            "urlRetornoTicket".to_owned(),
            "http://certiface.invalid/facecaptcha/service/captcha/document/processed".into(),
        );
    }
}

/// The files that were sent, last one first.
fn files(journey: &Journey, analysis: &Analysis, processing: ProcessingStatus) -> Vec<Value> {
    let (of_file, of_side) = match processing {
        ProcessingStatus::Complete | ProcessingStatus::CompleteWithoutOcr => (22, 19),
        ProcessingStatus::Failed => (8, 11),
        ProcessingStatus::WithoutDocument | ProcessingStatus::Processing => (7, 10),
    };
    let sides = types(kind(journey));
    let file = |place: usize| {
        let kind = sides.get(place).filter(|_| processing != ProcessingStatus::Processing);
        let processed: Vec<_> = kind
            .into_iter()
            .map(|kind| json!({ "tipo": kind, "statusArquivoProcessado": of_side }))
            .collect();
        json!({ "arquivo": place + 1, "statusArquivo": of_file, "arquivosProcessado": processed })
    };
    (0..analysis.images.len()).rev().map(file).collect()
}

fn kind(journey: &Journey) -> TestDocument {
    if let TestOutcome::Document(kind) = journey.outcome { kind } else { TestDocument::Rg }
}

/// `tipo` of the front and the back. The vendor's table has none for a passport.
fn types(kind: TestDocument) -> &'static [u8] {
    match kind {
        TestDocument::Rg => &[1, 2],
        TestDocument::Cnh => &[4, 5],
        TestDocument::CnhDigital => &[10, 11],
        TestDocument::Dni => &[6, 7],
        TestDocument::Cin => &[13, 14],
        TestDocument::Crnm => &[15, 16],
        TestDocument::Passport => &[],
    }
}

/// Compares the face on the document with the person's, and with the government's records.
fn compared(journey: &Journey, liveness: &Liveness, processing: ProcessingStatus) -> Value {
    let positive = |score: &str| json!({ "codigo": "200", "causa": "Validacao positiva", "score": score });
    let mut body = json!({ "protocolo": liveness.protocol, "facematch": positive("0.99583") });
    if journey.outcome == TestOutcome::FacesDiffer {
        body["facematch"] = json!({ "codigo": "300", "causa": "Validacao negativa", "score": "0.12034" });
    }
    if journey.outcome != TestOutcome::WithoutSerpro && processing != ProcessingStatus::CompleteWithoutOcr {
        body["serpro"] = positive("0.9667247");
    }
    body
}

/// The images that were sent; a sample for providers that do not return the image.
fn photos(journey: &Journey, liveness: &Liveness, processing: ProcessingStatus) -> Value {
    let mut body = json!({ "facecaptcha": { "frontal": STANDARD.encode(&liveness.frontal) } });
    if let Some(analysis) = &journey.analysis {
        let digital = kind(journey) == TestDocument::CnhDigital;
        let names = match processing {
            ProcessingStatus::CompleteWithoutOcr => ["FACE COM FOTO", "DESCONHECIDO"],
            _ => ["FACE A", "FACE B"],
        };
        let photo = |(name, image): (&str, &Media)| {
            let name = if digital || image.format() == MediaFormat::Pdf { "CNH DIGITAL" } else { name };
            json!({ "descricao": name, "imagem": STANDARD.encode(image.bytes()) })
        };
        body["documento"] = names.into_iter().zip(&analysis.images).map(photo).collect();
    }
    body
}
