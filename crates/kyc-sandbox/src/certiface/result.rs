//! The result of a journey.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_core::{Clock as _, Media, MediaFormat, Timestamp};
use serde_json::{Map, Value, json};

use super::appkey::refused;
use super::courses::{Course, End, aspect};
use super::fields::Fields;
use super::journey::{Analysis, Compared, Journey, Liveness};
use super::replies::{bad_request, not_found};
use super::test_cpfs::TestDocument;
use super::{CertifaceControl, Operation, dates, ocr};
use crate::reply::Reply;
use crate::samples;

/// Fixed ids that identify no one.
const CUSTOMER: &str = "5a4db0c5-0000-4000-8000-000000000001";
const NO_CUSTOMER: &str = "00000000-0000-0000-0000-000000000000";
const OPERATOR: &str = "5a4db0c5-0000-4000-8000-000000000002";

/// The status of a journey.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum ProcessingStatus {
    /// No document was sent.
    WithoutDocument,
    Processing,
    Failed,
    Complete,
    CompleteWithoutOcr,
    /// Complete, with another `statusProcessamento`.
    Odd(u8),
}

impl ProcessingStatus {
    pub(super) fn of(journey: &Journey, now: Timestamp) -> Self {
        let Some(analysis) = &journey.analysis else { return Self::WithoutDocument };
        match analysis.findings.end {
            _ if analysis.ends.is_none_or(|ends| now < ends) => Self::Processing,
            End::Failed => Self::Failed,
            End::WithoutOcr => Self::CompleteWithoutOcr,
            End::Processing(code) => Self::Odd(code),
            End::Complete => Self::Complete,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::WithoutDocument => "Não processado",
            Self::Processing => "Em processamento",
            Self::Failed => "Erro",
            Self::Complete | Self::Odd(_) => "Completo",
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
            Self::Odd(code) => code,
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
        let triggered = journey.triggered.as_ref();
        let course = self.course(Operation::Result, &journey.person.cpf, triggered, aspect::RESULT);
        let late = course.as_ref().and_then(|course| course.delay).unwrap_or_default();
        let reply = match course.map(|course| course.effect) {
            Some(Course::Result(Some(reason))) => refused(StatusCode::OK, &liveness.judged.protocol, reason),
            _ => {
                let processing = ProcessingStatus::of(journey, now);
                let whole = whole(journey, liveness, processing);
                let ended = journey.analysis.as_ref().filter(|_| processing != ProcessingStatus::Processing);
                Reply::json(StatusCode::OK, &whole).simulated(ended.and_then(|analysis| analysis.seen))
            }
        };
        Ok(reply.late(late))
    }
}

fn whole(journey: &Journey, liveness: &Liveness, processing: ProcessingStatus) -> Value {
    let valid = liveness.judged.verdict.valid;
    let mut body = json!({
        "status": processing.name(),
        "dataCriacaoAppkey": dates::spaced(journey.created),
        "facecaptcha": {
            "causa": liveness.judged.cause().unwrap_or("CERTIFACE"),
            "codID": liveness.judged.verdict.cod_id,
            "protocolo": number(&liveness.judged.protocol),
            "validado": valid,
        },
        "fotos": photos(journey, liveness, processing),
    });
    if let Some(id) = &journey.person.id_externo {
        body["idExternoCliente"] = id.as_str().into();
    }
    // A person who failed liveness is not looked up in the bureau.
    if valid
        && processing != ProcessingStatus::CompleteWithoutOcr
        && let Some((code, score)) = liveness.bureau
    {
        body["certifaceID"] =
            json!({ "codigo": code, "protocolo": number(&liveness.judged.protocol), "score": score });
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
        administrative(fields, analysis, processing);
    }
    if matches!(processing, ProcessingStatus::Complete | ProcessingStatus::Odd(_)) {
        fields.insert("score".to_owned(), analysis.findings.score.into());
        fields.insert(
            "responseClientDadosOcrDTO".to_owned(),
            ocr::read(analysis.findings.kind, &journey.person, analysis.received),
        );
    }
    if !matches!(processing, ProcessingStatus::Processing | ProcessingStatus::Failed) {
        fields.insert("biometriaDocumento".to_owned(), compared(analysis, liveness, processing));
    }
    body
}

/// Fields that the flow without OCR omits.
fn administrative(fields: &mut Map<String, Value>, analysis: &Analysis, processing: ProcessingStatus) {
    let ended = analysis.ends.filter(|_| processing != ProcessingStatus::Processing);
    let more = json!({
        "id": analysis.id,
        "dtCriacao": dates::local(analysis.received),
        "idCliente": CUSTOMER,
        "idSubcliente": NO_CUSTOMER,
        "idUsuario": OPERATOR,
        "documentos": files(analysis, processing),
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
fn files(analysis: &Analysis, processing: ProcessingStatus) -> Vec<Value> {
    let (of_file, of_side) = match processing {
        ProcessingStatus::Complete | ProcessingStatus::CompleteWithoutOcr | ProcessingStatus::Odd(_) => {
            (analysis.findings.files.file, analysis.findings.files.side)
        }
        ProcessingStatus::Failed => (8, 11),
        ProcessingStatus::WithoutDocument | ProcessingStatus::Processing => (7, 10),
    };
    let sides = types(analysis.findings.kind);
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
fn compared(analysis: &Analysis, liveness: &Liveness, processing: ProcessingStatus) -> Value {
    let mut body = json!({ "protocolo": liveness.judged.protocol });
    if let Some(face_match) = &analysis.findings.face_match {
        body["facematch"] = comparison(face_match, "0.99583");
    }
    if let Some(serpro) = &analysis.findings.serpro
        && processing != ProcessingStatus::CompleteWithoutOcr
    {
        body["serpro"] = comparison(serpro, "0.9667247");
    }
    body
}

/// With a score only if the comparison ran.
fn comparison(compared: &Compared, likeness: &str) -> Value {
    let (usual, score) = match compared.code {
        "200" => ("Validacao positiva", Some(likeness)),
        "300" => ("Validacao negativa", Some("0.12034")),
        "400" => ("Face nao encontrada no documento", None),
        "402" => ("Documento ilegivel", None),
        _ => ("Validacao nao realizada", None),
    };
    let computed = compared.likeness.map(|likeness| likeness.to_string());
    let score = score.map(|score| computed.as_deref().unwrap_or(score));
    let mut body = json!({ "codigo": compared.code, "causa": compared.reason.as_deref().unwrap_or(usual) });
    if let Some(score) = score {
        body["score"] = score.into();
    }
    body
}

/// The images that were sent; a sample for providers that do not return the image.
fn photos(journey: &Journey, liveness: &Liveness, processing: ProcessingStatus) -> Value {
    let mut body = json!({ "facecaptcha": { "frontal": STANDARD.encode(liveness.frontal.as_deref().unwrap_or(samples::A_2014)) } });
    if let Some(analysis) = &journey.analysis {
        let digital = analysis.findings.kind == TestDocument::CnhDigital;
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
