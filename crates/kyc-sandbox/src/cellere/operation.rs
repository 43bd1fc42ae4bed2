//! The operations, and the paths under which they are served.

use axum::routing::MethodFilter;
use kyc_fixtures::{Fixture, cellere_portal as documented};

use crate::counters::operations;

operations! {
    /// An operation of Cellere's portal.
    pub enum Operation {
        /// `POST /contextus/{document}`.
        Document = "document" in "documents",
        /// `POST /bg-check/cpf-simples`, `GET /bg-check/cpf-completo` and `GET /bg-check/cpf-validacao-cadastral`.
        Cpf = "cpf" in "cpf-check",
        /// `POST /bg-check/cnpj-simples` and `GET /bg-check/cnpj-completo`.
        Cnpj = "cnpj" in "cnpj-check",
        /// `POST /autoleitura`.
        Meter = "meter" in "meters",
        /// `POST /facematch`, with or without a trailing slash.
        FaceMatch = "facematch" in "face-match",
        /// `GET /utilitarias/saldo-portal`.
        Balance = "balance" in "balance",
    }
}

/// How the fields are sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    Json,
    Multipart,
    Query,
}

/// The accepted forms of a request, and the fields allowed in each.
type Forms = &'static [(Form, &'static [&'static str])];

/// One path of an operation.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) operation: Operation,
    pub(super) method: MethodFilter,
    pub(super) path: &'static str,
    pub(super) forms: Forms,
    /// The response, except for the values that depend on the request.
    pub(super) reply: &'static Fixture,
}

const IMAGE: Forms = &[(Form::Json, &["image", "deskewImage"]), (Form::Multipart, &["image", "deskewImage"])];
const CPF: Forms = &[(Form::Json, &["cpf"])];
const CPF_QUERY: Forms = &[(Form::Query, &["cpf"])];
const CNPJ: Forms = &[(Form::Json, &["cnpj"])];
const CNPJ_QUERY: Forms = &[(Form::Query, &["cnpj"])];
const METER: Forms = &[
    (Form::Json, &["base64", "link", "service", "reading"]),
    (Form::Multipart, &["image", "base64", "link", "service", "reading"]),
];
const FACES: Forms = &[(Form::Json, &["image1", "image2"]), (Form::Multipart, &["face_a", "face_b"])];
const NOTHING: Forms = &[];

/// Every path. Any other path is an unknown URL.
pub(super) static ROUTES: &[Route] = &[
    document("/contextus/rg", &documented::DOCUMENT_RG_200),
    document("/contextus/cnh", &documented::DOCUMENT_CNH_200),
    document("/contextus/comp_endereco_v2", &documented::DOCUMENT_COMP_ENDERECO_V2_200),
    document("/contextus/certidao-casamento", &documented::DOCUMENT_CERTIDAO_CASAMENTO_200),
    document("/contextus/certidao-nascimento", &documented::DOCUMENT_CERTIDAO_NASCIMENTO_200),
    document("/contextus/art", &documented::DOCUMENT_ART_200),
    document("/contextus/cnpj", &documented::DOCUMENT_CNPJ_200),
    document("/contextus/trt", &documented::DOCUMENT_TRT_200),
    document("/contextus/cadastro-unico", &documented::DOCUMENT_CADASTRO_UNICO_200),
    document("/contextus/cadesp", &documented::DOCUMENT_CADESP_200),
    document("/contextus/passaporte", &documented::DOCUMENT_PASSAPORTE_200),
    document("/contextus/inss", &documented::DOCUMENT_INSS_200),
    document("/contextus/rne", &documented::DOCUMENT_RNE_200),
    document("/contextus/ccir", &documented::DOCUMENT_CCIR_200),
    document("/contextus/itr", &documented::DOCUMENT_ITR_200),
    document("/contextus/contrato-locacao-v2", &documented::DOCUMENT_CONTRATO_LOCACAO_V2_200),
    post(Operation::Cpf, "/bg-check/cpf-simples", CPF, &documented::CPF_200),
    get(Operation::Cpf, "/bg-check/cpf-completo", CPF_QUERY, &documented::CPF_COMPLETO_200),
    get(
        Operation::Cpf,
        "/bg-check/cpf-validacao-cadastral",
        CPF_QUERY,
        &documented::CPF_VALIDACAO_CADASTRAL_200,
    ),
    post(Operation::Cnpj, "/bg-check/cnpj-simples", CNPJ, &documented::CNPJ_200),
    get(Operation::Cnpj, "/bg-check/cnpj-completo", CNPJ_QUERY, &documented::CNPJ_COMPLETO_200),
    post(Operation::Meter, "/autoleitura", METER, &documented::METER_DIGITAL_200),
    post(Operation::FaceMatch, "/facematch", FACES, &documented::FACEMATCH_200),
    post(Operation::FaceMatch, "/facematch/", FACES, &documented::FACEMATCH_200),
    get(Operation::Balance, "/utilitarias/saldo-portal", NOTHING, &documented::BALANCE_200),
];

/// The route of one kind of document.
const fn document(path: &'static str, reply: &'static Fixture) -> Route {
    post(Operation::Document, path, IMAGE, reply)
}

const fn post(operation: Operation, path: &'static str, forms: Forms, reply: &'static Fixture) -> Route {
    Route { operation, method: MethodFilter::POST, path, forms, reply }
}

const fn get(operation: Operation, path: &'static str, forms: Forms, reply: &'static Fixture) -> Route {
    Route { operation, method: MethodFilter::GET, path, forms, reply }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_route_is_in_the_description() {
        let document: Value = serde_json::from_str(super::super::FACTS.openapi).expect("JSON");
        for route in ROUTES {
            let method = if route.method == MethodFilter::POST { "post" } else { "get" };
            let (folder, kind) = route.path.rsplit_once('/').expect("a path");
            let by_kind = &document["paths"][format!("{folder}/{{document}}")][method];
            let kinds = by_kind["parameters"][0]["schema"]["enum"].as_array();
            let is_kind = kinds.is_some_and(|kinds| kinds.iter().any(|known| known == kind));
            assert!(is_kind || document["paths"][route.path][method].is_object(), "{}", route.path);
        }
    }
}
