//! OCR data of a document: the person's own, and fictitious ones in the vendor's formats, including their irregular
//! spelling and nesting.

use kyc_core::{Date, Timestamp};
use serde_json::{Map, Value, json};

use super::dates;
use super::journey::Person;
use super::test_cpfs::TestDocument;

const FATHER: &str = "NOME DO PAI";
const MOTHER: &str = "NOME DA MAE";

/// `responseClientDadosOcrDTO`: one object of several, under the name of its document.
pub(super) fn read(kind: TestDocument, person: &Person, at: Timestamp) -> Value {
    let name = person.nome.to_uppercase();
    match kind {
        TestDocument::Rg => json!({ "responseClientRGOcrDTO": rg(person, &name, at) }),
        TestDocument::Cnh => json!({ "ResponseClientCNHOcrDTO": cnh(person, &name, at, "Foto", "Imagem") }),
        TestDocument::CnhDigital => {
            json!({ "ResponseClientCNHOcrDTO": cnh(person, &name, at, "QRCode", "PDF") })
        }
        TestDocument::Dni => json!({ "ResponseClientDNIOcrDTO": dni(person, &name, at) }),
        TestDocument::Cin => json!({ "ResponseClientCINOcrDTO": cin(person, &name, at) }),
        TestDocument::Passport => {
            json!({ "ResponseClienDadosOcrDTO": { "responseClientOcrDto": passport(person, &name) } })
        }
        TestDocument::Crnm => {
            json!({ "ResponseClienDadosOcrDTO": { "ResponseClientOcrDto": crnm(person, &name) } })
        }
    }
}

/// Converts dd/mm/yyyy to yyyy-mm-dd.
fn iso(day: &str) -> String {
    Date::parse(day).map_or_else(
        |_| day.to_owned(),
        |date| {
            let (year, month, day) = date.ymd();
            format!("{year:04}-{month:02}-{day:02}")
        },
    )
}

/// The digits of a CPF, in two parts or in four.
fn punctuated(cpf: &str) -> (String, String) {
    let part = |from: usize, to: usize| cpf.get(from..to).unwrap_or_default();
    let slashed = format!("{}/{}", part(0, 9), part(9, 11));
    let dotted = format!("{}.{}.{}-{}", part(0, 3), part(3, 6), part(6, 9), part(9, 11));
    (slashed, dotted)
}

/// Fields that several documents share.
fn common(person: &Person, name: &str) -> Map<String, Value> {
    let common = json!({
        "nome": name,
        "filiacao": format!("{FATHER}\n{MOTHER}"),
        "nomePai": FATHER,
        "nomeMae": MOTHER,
        "dtNascimento": person.nascimento,
        "dtNascimentoFormatada": iso(&person.nascimento),
        "pretoEBranco": false,
    });
    common.as_object().cloned().unwrap_or_default()
}

fn with(mut fields: Map<String, Value>, more: &Value) -> Value {
    fields.extend(more.as_object().cloned().unwrap_or_default());
    fields.into()
}

fn rg(person: &Person, name: &str, at: Timestamp) -> Value {
    with(
        common(person, name),
        &json!({
            "estado": "SP",
            "documento": "RG",
            "dtExpedicao": "18/07/2019",
            "dtExpedicaoFormatada": "2019-07-18",
            "nrRg": "99.999.999-9",
            "docOrigem": "SAO PAULO SP CN:LV.A999/FLS.999/N.999999",
            "cpf": punctuated(&person.cpf).0,
            "naturalidade": "SAO PAULO - SP",
            "nomenclatura": "ESTADO DE SAO PAULO\nSECRETARIA DA SEGURANÇA PÚBLICA",
            "dtCriacao": dates::spaced(at),
            "flAnalfabeto": "False",
        }),
    )
}

fn cnh(person: &Person, name: &str, at: Timestamp, format: &str, extension: &str) -> Value {
    with(
        common(person, name),
        &json!({
            "estado": "SP",
            "estadoNome": "SÃO PAULO",
            "documento": "CNH",
            "docOrigem": "99999999 SSP/SP",
            "documentoOrigem": "99999999",
            "emissorOrigem": "SSP",
            "ufOrigem": "SP",
            "cpf": punctuated(&person.cpf).1,
            "permissao": "NULL",
            "acc": "NULL",
            "categoria": "AB",
            "numeroRegistro": "99999999999",
            "validade": "20/03/2034",
            "primeiraHabilitacao": "20/01/2010",
            "local": "SÃO PAULO, SP",
            "dtExpedicao": "20/03/2024",
            "dtExpedicaoFormatada": "2024-03-20",
            "codSeguranca": "9999999999",
            "espelho": "9999999999",
            "renach": "SP999999999",
            "dtCriacao": dates::spaced(at),
            "formato": format,
            "extensao": extension,
        }),
    )
}

fn dni(person: &Person, name: &str, at: Timestamp) -> Value {
    with(
        common(person, name),
        &json!({
            "estado": "SP",
            "nomenclatura": "ESTADO DE SAO PAULO\nSECRETARIA DA SEGURANÇA PÚBLICA",
            "naturalidade": "SAO PAULO - SP",
            "observacaoFront": "NADA CONSTA",
            "outroRG": "99.999.999-9",
            "orgao": "SSP-SP",
            "fator": "O+",
            "registroCivil": "CERTIDÃO DE NASCIMENTO TESTE",
            "cnh": "99999999999",
            "cns": "99999999999",
            "cpf": punctuated(&person.cpf).1,
            "ctps": "99999999",
            "serieCTPS": "999",
            "ufctps": "SP",
            "dni": "999999999999999",
            "tituloEleitor": "9999.9999.9999",
            "dtExpedicao": "20/01/2020",
            "dtExpedicaoFormatada": "2020-01-20",
            "local": "P.:49",
            "certMilitar": "99999999999999",
            "nomeSocial": name,
            "pis": "9999999999-9",
            "profissional": "SEM REGISTRO",
            "rg": "99.999.999-9",
            "dtCriacao": dates::spaced(at),
            "flAnalfabeto": "True",
        }),
    )
}

fn cin(person: &Person, name: &str, at: Timestamp) -> Value {
    with(
        common(person, name),
        &json!({
            "estado": "RS",
            "documento": "CIN",
            "nomenclatura": "REPUBLICA FEDERATIVA DO BRASIL",
            "cpf": punctuated(&person.cpf).1,
            "sexo": "F",
            "nacionalidade": "BRA",
            "naturalidade": "ALEGRETE/RS",
            "dtValidade": "INDETERMINADA",
            "nrEspelho": "000000000",
            "posto": "00050000",
            "orgaoEmissor": "INSTITUTO GERAL DE TESTE",
            "local": "PORTO ALEGRE",
            "dtExpedicao": "06/04/2023",
            "dtExpedicaoFormatada": "2023-04-06",
            "analfabeto": false,
            "dtCriacao": dates::spaced(at),
        }),
    )
}

fn passport(person: &Person, name: &str) -> Value {
    json!({
        "nome": name,
        "cpf": " ",
        "pretoEBranco": "false",
        "nrPassaporte": "FW000000",
        "dtNascimento": iso(&person.nascimento),
        "sexo": "M",
        "dtExpedicao": "2018-01-01",
        "nacionalidade": "BRASILEIRO(A)",
        "autoridadeEmissora": "SR/DPF/ES",
        "paisEmissor": "BRA",
        "tpPassaport": "P",
        "naturalidade": "VITÓRIA/ES",
        "documento": "PASSPORT",
    })
}

fn crnm(person: &Person, name: &str) -> Value {
    json!({
        "nome": name,
        "cpf": person.cpf,
        "pretoEBranco": false,
        "nrRnm": "B000000-0",
        "dtNascimento": iso(&person.nascimento),
        "sexo": "M",
        "dtExpiracao": "2034-06-30",
        "nomePais": format!("{FATHER} {MOTHER}"),
        "nacionalidade": "PORTUGAL",
        "autoridadeEmissora": "PF",
        "classificacao": "RESIDENTE",
        "documento": "CRNM",
    })
}
