//! The leaves of the portal's responses that decide, and what each response comes to.

use kyc_core::{CompanyCheck, DecisiveLeaf, Finding, Judgement, PersonCheck, VerdictRule};

use crate::model::codes::Conciliation;
use crate::operations::cnpj::CnpjResponse;
use crate::operations::cpf::CpfResponse;
use crate::operations::facematch::FaceMatchResponse;
use crate::operations::meter::MeterResponse;

/// How each capability judges a response, by the leaves that decide. The reading of a document is not listed, because it is not a
/// judgement.
pub const VERDICT_RULES: &[VerdictRule] = &[
    VerdictRule::new(
        "face match",
        &["facematch"],
        &[
            DecisiveLeaf::new(&["result"], &["true", "True", "sim", "s", "yes", "y", "1", "1.0"]),
            DecisiveLeaf::new(&["confiability"], &["0.97", "97", "97%", "1"]),
        ],
        |body| Judgement::of_response(body, |response: FaceMatchResponse| response.verdict(None).0.into()),
    ),
    VerdictRule::new(
        "background of a person",
        &["cpf"],
        &[
            DecisiveLeaf::new(&["TaxIdStatus", "SituacaoCadastral"], &["REGULAR"]),
            DecisiveLeaf::new(&["HasObitIndication"], &["false", "não", "nao", "no", "n", "0", "0.0"]),
        ],
        |body| {
            Judgement::of_response(body, |response: CpfResponse| {
                PersonCheck::from(&response).is_in_order().into()
            })
        },
    )
    .with_samples(&[r#"{"SituacaoCadastral":"REGULAR","HasObitIndication":"Não"}"#]),
    VerdictRule::new(
        "background of a company",
        &["cnpj"],
        &[DecisiveLeaf::new(&["BaseStatus", "SituacaoCadastral"], &["ATIVA"])],
        |body| {
            Judgement::of_response(body, |response: CnpjResponse| {
                CompanyCheck::from(&response).is_active().into()
            })
        },
    ),
    VerdictRule::new(
        "conciliation of a meter",
        &["meter"],
        &[DecisiveLeaf::new(&["status"], &["conciliated", "conciliado"])],
        |body| {
            Judgement::of_response(body, |response: MeterResponse| match response.conciliation() {
                Some(Conciliation::Conciliated) => Judgement::Favourable,
                Some(Conciliation::NotConciliated) => Judgement::Unfavourable,
                _ => Finding::Unclear.into(),
            })
        },
    ),
];
