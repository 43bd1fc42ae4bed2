//! What things are called, in both languages.

use kyc_core::{Date, DocumentKind, Failure, Finding, LivenessMethod, RetakeCause, RetakeItem, Timestamp};
use maud::{Markup, html};

use super::mask;
use super::parts::Tone;
use crate::case::Found;
use crate::engine::CaseState;
use crate::vault::BlobKind;
use crate::words::{Language, check_name};

/// The language of a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(pub(super) Language);

impl Words {
    pub(super) fn of<'t>(self, portuguese: &'t str, english: &'t str) -> &'t str {
        match self.0 {
            Language::Portuguese => portuguese,
            Language::English => english,
        }
    }

    /// For the attribute `lang`.
    pub(super) fn tag(self) -> &'static str {
        self.of("pt-BR", "en")
    }

    /// Returns a text that anyone may have written, without CPFs.
    pub(super) fn free(self, text: &str) -> String {
        mask::text(text)
    }

    pub(super) fn deleted(self) -> &'static str {
        self.of("apagado", "deleted")
    }

    /// Writes an instant with its zone.
    pub(super) fn time(self, at: Timestamp) -> Markup {
        let text = at.to_rfc3339();
        let day = text.get(..10).and_then(|day| Date::parse(day).ok());
        let clock = text.get(11..19).unwrap_or_default();
        html! {
            time datetime=(text) {
                @if let Some(day) = day { (self.date(day)) " " (clock) " UTC" } @else { (text) }
            }
        }
    }

    pub(super) fn date(self, date: Date) -> String {
        let (year, month, day) = date.ymd();
        match self.0 {
            Language::Portuguese => format!("{day:02}/{month:02}/{year:04}"),
            Language::English => date.to_iso8601(),
        }
    }

    /// Writes the decimal mark of the language.
    pub(super) fn decimal(self, number: &str) -> String {
        match self.0 {
            Language::Portuguese => number.replace('.', ","),
            Language::English => number.to_owned(),
        }
    }

    /// Keeps a number and its percent sign in one line.
    pub(super) fn unbroken(self, number: &str) -> String {
        number.replace(" %", "\u{a0}%")
    }

    /// Returns what a check is called by its name in a record. A name that this release does not know stays as it is.
    pub(super) fn check(self, name: &str) -> &str {
        name.parse().map_or(name, |check| check_name(check, self.0))
    }

    pub(super) fn state(self, state: CaseState) -> (Tone, &'static str) {
        match state {
            CaseState::Running => (Tone::Waiting, self.of("em andamento", "running")),
            CaseState::WaitsForPerson => (Tone::Waiting, self.of("espera a pessoa", "waits for the person")),
            CaseState::WaitsForVendor => {
                (Tone::Waiting, self.of("espera um fornecedor", "waits for a vendor"))
            }
            CaseState::Review => (Tone::Waiting, self.of("em análise", "in review")),
            CaseState::Decided(outcome) => (Tone::of_outcome(outcome), outcome.in_language(self.0)),
            CaseState::Alert => (Tone::Failed, self.of("alerta", "alert")),
            CaseState::Forgotten => (Tone::Plain, self.of("apagado", "forgotten")),
        }
    }

    pub(super) fn found(self, found: Found) -> &'static str {
        match found {
            Found::Answered => self.of("há uma resposta", "there is an answer"),
            Found::Pending => self.of("em andamento no fornecedor", "under way at the vendor"),
            Found::NotReceived => self.of("o fornecedor não recebeu", "the vendor never got it"),
            Found::NotYetKnown => self.of("ainda não se sabe", "not known yet"),
            Found::Unknowable => self.of("nenhuma consulta pode dizer", "no look-up can tell"),
        }
    }

    pub(super) fn finding(self, finding: Finding) -> &'static str {
        match finding {
            Finding::Yes => self.of("sim", "yes"),
            Finding::No => self.of("não", "no"),
            _ => self.of("incerto", "unclear"),
        }
    }

    pub(super) fn method(self, method: LivenessMethod) -> &'static str {
        match method {
            LivenessMethod::Capture => self.of("captura", "capture"),
            LivenessMethod::Still => self.of("foto enviada", "still picture"),
            other => other.as_str(),
        }
    }

    pub(super) fn document(self, kind: &DocumentKind) -> &'static str {
        match kind {
            DocumentKind::Rg => "RG",
            DocumentKind::Cnh => "CNH",
            DocumentKind::Cin => "CIN",
            DocumentKind::Dni => "DNI",
            DocumentKind::Rne => "RNE",
            DocumentKind::Crnm => "CRNM",
            DocumentKind::Passport => self.of("passaporte", "passport"),
            DocumentKind::ProofOfAddress => self.of("comprovante de endereço", "proof of address"),
            DocumentKind::BirthCertificate => self.of("certidão de nascimento", "birth certificate"),
            DocumentKind::MarriageCertificate => self.of("certidão de casamento", "marriage certificate"),
            DocumentKind::CompanyRegistration => self.of("CNPJ", "company registration"),
            // What a vendor wrote may hold anything.
            _ => self.of("outro tipo", "another kind"),
        }
    }

    /// Returns what a blob is called by the name of its kind.
    pub(super) fn blob(self, kind: BlobKind) -> &'static str {
        match kind {
            BlobKind::Applicant => self.of("o que a pessoa declarou", "what the person said"),
            BlobKind::Selfie => self.of("foto do rosto", "picture of the face"),
            BlobKind::Front => self.of("frente do documento", "front of the document"),
            BlobKind::Back => self.of("verso do documento", "back of the document"),
            BlobKind::Frame => self.of("quadro da captura", "frame of the capture"),
        }
    }

    /// Returns what a thing that was handed in anew is called. A name that this release does not know stays as it is.
    pub(super) fn item(self, name: &str) -> &str {
        match name.parse() {
            Ok(RetakeItem::Selfie) => self.blob(BlobKind::Selfie),
            Ok(RetakeItem::Front) => self.blob(BlobKind::Front),
            Ok(RetakeItem::Back) => self.blob(BlobKind::Back),
            Ok(RetakeItem::Capture) => self.of("captura", "capture"),
            _ => name,
        }
    }

    /// Returns why something has to be handed in again. Unlike the message to the person it says so plainly.
    pub(super) fn cause(self, cause: RetakeCause) -> &'static str {
        match cause {
            RetakeCause::NoFace => self.of("nenhum rosto", "no face"),
            RetakeCause::ManyFaces => self.of("mais de um rosto", "more than one face"),
            RetakeCause::NoDocument => self.of("nenhum documento", "no document"),
            RetakeCause::Unreadable => self.of("documento ilegível", "unreadable document"),
            RetakeCause::NoLiveness => self.of("sem prova de vida", "no liveness"),
            RetakeCause::FacesDiffer => self.of("rostos diferentes", "faces differ"),
            RetakeCause::SmallFace => self.of("rosto pequeno demais", "face too small"),
            RetakeCause::Turned => self.of("imagem ou rosto fora de posição", "turned or tilted"),
            RetakeCause::CutOff => self.of("rosto cortado", "face cut off"),
            RetakeCause::Blurred => self.of("foto borrada", "blurred"),
            RetakeCause::TooDark => self.of("escura demais", "too dark"),
            RetakeCause::TooBright => self.of("clara demais", "too bright"),
            RetakeCause::SamePicture => self.of("mesma foto duas vezes", "same picture twice"),
            RetakeCause::Unviewable => self.of("arquivo que não abre", "file cannot be opened"),
            _ => self.of("motivo não informado", "no reason was told"),
        }
    }

    /// Returns why a call failed. A kind that this release does not know stays as it is.
    pub(super) fn failure(self, failure: &Failure) -> &str {
        match failure.kind.as_str() {
            "config" => self.of("configuração incorreta", "incorrect configuration"),
            "invalid_input" => {
                self.of("um valor viola uma regra documentada", "a value breaks a documented rule")
            }
            "unauthenticated" => self.of("credenciais não aceitas", "credentials not accepted"),
            "forbidden" => self.of("operação não permitida", "operation not permitted"),
            "quota_exhausted" => self.of("créditos esgotados", "credits used up"),
            "expired" => self.of("chave ou sessão expirada", "key or session expired"),
            "not_found" => self.of("não encontrado", "not found"),
            "rejected" => self.of("pedido rejeitado", "request rejected"),
            "rate_limited" => self.of("pedidos demais", "too many requests"),
            "unavailable" => self.of("fornecedor indisponível", "vendor unavailable"),
            "transport" => self.of("a rede falhou", "the network failed"),
            "timeout" => self.of("o prazo passou", "a deadline passed"),
            "decode" => self.of("resposta ilegível", "illegible response"),
            "unsupported" => self.of("não oferecido pelo fornecedor", "not offered by the vendor"),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use kyc_core::{Delivery, Error, ErrorKind, Vendor};

    use super::*;

    #[test]
    fn every_kind_of_failure_has_a_text_in_both_languages() {
        use ErrorKind::{
            Config, Decode, Expired, Forbidden, InvalidInput, NotFound, QuotaExhausted, RateLimited,
            Rejected, Timeout, Transport, Unauthenticated, Unavailable, Unsupported,
        };
        let kinds = [
            Config,
            Decode,
            Expired,
            Forbidden,
            InvalidInput,
            NotFound,
            QuotaExhausted,
            RateLimited,
            Rejected,
            Timeout,
            Transport,
            Unauthenticated,
            Unavailable,
            Unsupported,
        ];
        for kind in kinds {
            let error = Error::new(Vendor::new("toy"), kind, Delivery::Unknown, "a test");
            let failure = Failure::of(&error);
            let [portuguese, english] =
                [Language::Portuguese, Language::English].map(|language| Words(language).failure(&failure));
            // The name of the kind is the text for kinds that are not known.
            assert!(portuguese != kind.name() && english.contains(' ') && portuguese != english, "{kind:?}");
        }
    }
}
