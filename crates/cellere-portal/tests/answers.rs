//! Every documented response: decoded, compared with a snapshot, serialized and decoded again.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use cellere_portal::kyc_core::{
    ClientOptions, Finding, FiniteF64, Lenient, ParseLenient, RawJson, RedactedText, Verdict, decode,
};
use cellere_portal::{
    Address, BalanceResponse, BaseStatus, Block, CadastroPessoaFisica, CnpjResponse, Conciliation,
    Confidence, CpfResponse, DisplayType, DocumentResponse, DocumentType, ErrorBody, FaceMatchResponse,
    Field, MeterResponse, MeterService, ReceitaFederalCpf, Status, TaxIdStatus,
};
use kyc_fixtures::{Fixture, FixtureKind, cellere_portal as documented};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{builder, client, cnpj, cpf, document, faces, meter};

/// Decodes a payload without unknown fields, and serializes it without loss.
fn round<T: DeserializeOwned + Serialize + PartialEq + Debug>(json: &str) -> Value {
    let first = decode::<T>(json.as_bytes()).unwrap();
    assert_eq!(first.ignored, Vec::<String>::new(), "{json}");
    let written = serde_json::to_vec(&first.value).unwrap();
    let second = decode::<T>(&written).unwrap();
    assert!(first.value == second.value, "{json}");
    serde_json::from_slice(&written).unwrap()
}

/// Returns the fixtures of responses.
fn answers() -> impl Iterator<Item = &'static &'static Fixture> {
    documented::ALL.iter().filter(|fixture| fixture.kind != FixtureKind::Request)
}

/// Returns the places at which the serialized value differs from the printed one.
fn differences(printed: &Value, written: &Value, path: &str) -> Vec<String> {
    match (printed, written) {
        (Value::Object(printed), Value::Object(other)) if printed.keys().eq(other.keys()) => {
            let key = |key: &String| format!("{path}.{key}").trim_start_matches('.').to_owned();
            printed.iter().flat_map(|(name, value)| differences(value, &other[name], &key(name))).collect()
        }
        (Value::Array(printed), Value::Array(written)) if printed.len() == written.len() => {
            let items = printed.iter().zip(written);
            items.flat_map(|(one, other)| differences(one, other, &format!("{path}[]"))).collect()
        }
        _ if printed == written => Vec::new(),
        _ => vec![format!("{path}: {printed} became {written}")],
    }
}

/// Serializing gives what was printed; the snapshot holds the values that are normalised.
#[test]
fn every_response_is_decoded_completely_and_serialized_as_printed() {
    let mut respelt = Map::new();
    for fixture in answers() {
        let written = match (fixture.operation, fixture.status) {
            (_, Some(400..)) => round::<ErrorBody>(fixture.body),
            ("document", _) => round::<DocumentResponse>(fixture.body),
            ("cpf", _) => round::<CpfResponse>(fixture.body),
            ("cnpj", _) => round::<CnpjResponse>(fixture.body),
            ("meter", _) => round::<MeterResponse>(fixture.body),
            ("facematch", _) => round::<FaceMatchResponse>(fixture.body),
            ("balance", _) => round::<BalanceResponse>(fixture.body),
            other => panic!("{other:?}"),
        };
        let printed: Value = serde_json::from_str(fixture.body).unwrap();
        let differences = differences(&printed, &written, "");
        if !differences.is_empty() {
            respelt.insert(fixture.name.to_owned(), differences.into());
        }
    }
    insta::assert_json_snapshot!(respelt);
}

fn read<T: DeserializeOwned>(json: &str) -> T {
    decode::<T>(json.as_bytes()).unwrap().value
}

fn text(text: Option<&RedactedText>) -> Option<&str> {
    text.map(RedactedText::as_str)
}

/// Shows a leaf by its value, or marks it as unread.
fn leaf<T: ParseLenient, V: Into<Value>>(leaf: Option<&Lenient<T>>, value: impl Fn(&T) -> V) -> Value {
    leaf.map_or(Value::Null, |leaf| {
        leaf.get().map_or_else(|| json!({ "unread": leaf.text() }), |read| value(read).into())
    })
}

fn number(decimal: Option<&Lenient<FiniteF64>>) -> Value {
    leaf(decimal, |decimal| decimal.get())
}

fn confidence(confidence: Option<&Lenient<Confidence>>) -> Value {
    leaf(confidence, |confidence| confidence.get())
}

fn bool_of(finding: Finding) -> Option<bool> {
    match finding {
        Finding::Yes => Some(true),
        Finding::No => Some(false),
        _ => None,
    }
}

fn raw(json: Option<&RawJson>) -> Value {
    json.map_or(Value::Null, |json| json.to_value())
}

fn call(code: Option<&Lenient<i64>>, message: Option<&RedactedText>) -> Value {
    json!([leaf(code, |code| *code), text(message)])
}

fn status(status: Option<&Status>) -> Value {
    status.map_or(Value::Null, |status| call(status.code.as_ref(), status.message.as_ref()))
}

/// Shows each record of a block.
fn block<T>(block: Option<&Block<T>>, shown: impl Fn(&T) -> Value) -> Value {
    block.map_or(Value::Null, |block| block.records().into_iter().map(shown).collect())
}

fn document_shown(response: &DocumentResponse) -> Value {
    let field = |field: &Field| {
        let value = field.value.as_ref().map(RawJson::to_text);
        json!([text(field.name.as_ref()), value, confidence(field.score.as_ref())])
    };
    let document = |document: &DocumentResponse| {
        json!({
            "type": document.doc_type.as_ref().map(DocumentType::as_str),
            "quality": number(document.doc_quality_score.as_ref()),
            "page": leaf(document.page_index.as_ref(), |page| *page),
            "tags": raw(document.tags.as_ref()),
            "deskewed": document.deskew_image.as_ref().map(|image| image.bytes().map(|bytes| bytes.len())),
            "fields": block(document.fields.as_ref(), field),
        })
    };
    json!({
        "query_id": response.query_id(),
        "documents": response.documents().into_iter().map(document).collect::<Vec<_>>(),
        "status": status(response.status.as_ref()),
    })
}

fn cpf_shown(response: &CpfResponse) -> Value {
    let address = |address: &Address| {
        json!([
            text(address.logradouro.as_ref()),
            text(address.numero.as_ref()),
            text(address.complemento.as_ref()),
            text(address.bairro.as_ref()),
            text(address.cidade.as_ref()),
            text(address.uf.as_ref()),
            text(address.cep.as_ref()),
        ])
    };
    let register = |register: &CadastroPessoaFisica| {
        json!({
            "names": [text(register.nome.as_ref()), text(register.nome_mae.as_ref())],
            "born": leaf(register.data_nascimento.as_ref(), |day| day.to_iso8601()),
            "phones": block(register.telefones.as_ref(), |phone| json!(text(phone.telefone_com_ddd.as_ref()))),
            "addresses": block(register.enderecos.as_ref(), address),
        })
    };
    let receita = |receita: &ReceitaFederalCpf| {
        json!([
            text(receita.nome_pessoa_fisica.as_ref()),
            leaf(receita.data_nascimento.as_ref(), |day| day.to_iso8601()),
            receita.situacao_cadastral.as_ref().map(TaxIdStatus::as_str),
        ])
    };
    json!({
        "status": response.status().map(TaxIdStatus::as_str),
        "has_obit": bool_of(response.has_obit()),
        "name": response.name(),
        "origin": response.origin(),
        "mother": text(response.nome_mae.as_ref()),
        "born": leaf(response.data_nascimento.as_ref(), |day| day.to_iso8601()),
        "register": block(response.cadastro_pessoa_fisica.as_ref(), register),
        "receita": block(response.receita_federal_cpf.as_ref(), receita),
        "response": block(response.response.as_ref(), |block| call(block.code.as_ref(), block.message.as_ref())),
    })
}

fn cnpj_shown(response: &CnpjResponse) -> Value {
    json!({
        "status": response.status().map(BaseStatus::as_str),
        "name": response.name(),
        "more": raw(response.activity()),
        "names": [text(response.nome_empresarial.as_ref()), text(response.nome_fantasia.as_ref())],
        "address": [
            text(response.logradouro.as_ref()),
            text(response.numero.as_ref()),
            text(response.bairro_distrito.as_ref()),
            text(response.municipio.as_ref()),
            text(response.uf.as_ref()),
            text(response.cep.as_ref()),
        ],
        "response": block(response.response.as_ref(), |block| call(block.code.as_ref(), block.message.as_ref())),
    })
}

fn meter_shown(response: &MeterResponse) -> Value {
    json!({
        "image": text(response.image.as_ref()),
        "service": response.service.as_ref().map(MeterService::as_str),
        "user_ip": text(response.user_ip.as_ref()),
        "response": block(response.response.as_ref(), |block| call(block.code.as_ref(), block.message.as_ref())),
        "duration": number(response.duration.as_ref()),
        "display": response.display_type.as_ref().map(DisplayType::as_str),
        "reading": [
            json!(response.read_result.as_ref().map(RedactedText::as_str)),
            json!(response.read_number().map(FiniteF64::get)),
            confidence(response.confidence_read.as_ref()),
        ],
        "id": [json!(text(response.read_id_result.as_ref())), confidence(response.id_confidence.as_ref())],
        "model": [json!(text(response.model_meter.as_ref())), confidence(response.meter_confidence.as_ref())],
        "power_code": text(response.power_code.as_ref()),
        "unbalanced": leaf(response.unbalanced_analogical.as_ref(), |yes| *yes),
        "conciliation": response.conciliation().map(|verdict| verdict.as_str().to_owned()),
    })
}

fn facematch_shown(response: &FaceMatchResponse) -> Value {
    json!({
        "is_match": bool_of(response.is_match()),
        "confidence": response.confidence().map(Confidence::get),
        "distance": number(response.distance.as_ref()),
        "img_stats": raw(response.img_stats.as_ref()),
        "milliseconds": number(response.elapsed_milliseconds.as_ref()),
        "status": status(response.status.as_ref()),
    })
}

fn balance_shown(response: &BalanceResponse) -> Value {
    json!([number(response.amount.as_ref()), text(response.units.as_ref())])
}

/// Compares responses by their values, most of which `Debug` hides.
#[test]
fn values_of_every_response() {
    let good = answers().filter(|fixture| fixture.status == Some(200));
    let shown = |fixture: &&Fixture| match fixture.operation {
        "document" => document_shown(&read(fixture.body)),
        "cpf" => cpf_shown(&read(fixture.body)),
        "cnpj" => cnpj_shown(&read(fixture.body)),
        "meter" => meter_shown(&read(fixture.body)),
        "facematch" => facematch_shown(&read(fixture.body)),
        "balance" => balance_shown(&read(fixture.body)),
        other => panic!("{other}"),
    };
    let shown: Map<_, _> = good.map(|fixture| (fixture.name.to_owned(), shown(fixture))).collect();
    assert!(shown.len() >= 53, "{}", shown.len());
    insta::assert_json_snapshot!(shown);
}

/// Returns responses with the fields at every level at which they may be.
fn nested(fields: &Value) -> Vec<Value> {
    let with =
        |key: &str, value: Value| json!({ key: value, "status": { "code": 200, "message": "Success" } });
    vec![
        fields.clone(),
        with("result", fields.clone()),
        with("result", json!([fields])),
        with("result", json!([null, {}, fields])),
        with("result", json!([[fields]])),
        with("response", fields.clone()),
        with("response", json!([fields])),
        with("response", json!({ "code": 200, "message": "Success", "result": fields })),
        with("result", json!([{ "response": fields }])),
    ]
}

/// Checks that the fields are found at every level, and serialized at the same level.
fn assert_everywhere<T>(fields: &Value, is_found: impl Fn(&T) -> bool)
where
    T: DeserializeOwned + Serialize + PartialEq + Debug,
{
    for answer in nested(fields) {
        let json = answer.to_string();
        assert!(is_found(&read(&json)), "{json}");
        round::<T>(&json);
    }
}

#[test]
fn a_document_is_found_at_every_level() {
    let fields = json!({
        "queryId": "id-1", "docType": "CNH", "fields": [{ "name": "nome", "value": "MARIA", "score": 0.9 }],
    });
    assert_everywhere(&fields, |response: &DocumentResponse| {
        let documents = response.documents();
        let [document] = documents[..] else { return false };
        response.query_id() == Some("id-1")
            && document.doc_type == Some(DocumentType::Cnh)
            && document.fields.iter().flat_map(Block::records).count() == 1
    });
    let two = r#"{"docType":"RG","result":[{"docType":"CNH"},{"fields":[]},{"tags":["x"]}],"response":{"docType":"RNE"}}"#;
    let response: DocumentResponse = read(two);
    let types: Vec<_> = response.documents().iter().map(|document| document.doc_type.clone()).collect();
    // The one without a type has a field list, although it is empty; a level with tags only is not a document.
    assert_eq!(types, [Some(DocumentType::Rg), Some(DocumentType::Cnh), None, Some(DocumentType::Rne)]);
}

#[test]
fn a_person_is_found_at_every_level() {
    let fields = json!({ "TaxIdStatus": "SUSPENSA", "TaxIdOrigin": "RF", "HasObitIndication": "True", "Nome": "MARIA" });
    assert_everywhere(&fields, |response: &CpfResponse| response.origin() == Some("RF"));
    let is_found = |response: &CpfResponse| {
        (response.status(), response.has_obit(), response.name())
            == (Some(&TaxIdStatus::Suspensa), Finding::Yes, Some("MARIA"))
    };
    assert_everywhere(&fields, is_found);
    let register = json!({
        "HasObitIndication": 1,
        "CadastroPessoaFisica": { "Nome": "MARIA" },
        "ReceitaFederalCpf": { "SituacaoCadastral": "SUSPENSO", "NomePessoaFisica": "another" },
    });
    assert_everywhere(&register, is_found);
    let receita =
        json!({ "ReceitaFederalCpf": { "SituacaoCadastral": "NULO", "NomePessoaFisica": "MARIA" } });
    assert_everywhere(&receita, |response: &CpfResponse| {
        (response.status(), response.has_obit(), response.name())
            == (Some(&TaxIdStatus::Nula), Finding::Unclear, Some("MARIA"))
    });
}

#[test]
fn a_company_is_found_at_every_level() {
    for status in ["BaseStatus", "SituacaoCadastral"] {
        for name in ["NomeEmpresarial", "NomeFantasia"] {
            let fields = json!({ status: "BAIXADA", name: "EXEMPLO" });
            assert_everywhere(&fields, |response: &CnpjResponse| {
                (response.status(), response.name()) == (Some(&BaseStatus::Baixada), Some("EXEMPLO"))
            });
        }
    }
    let fields = json!({ "AdditionalOutputData": { "CNAE": "6201501" } });
    assert_everywhere(&fields, |response: &CnpjResponse| {
        response.activity().is_some_and(|activity| activity.to_value()["CNAE"] == "6201501")
    });
    let both: CnpjResponse = read(r#"{"NomeFantasia":"EXEMPLO","NomeEmpresarial":"EMPRESA EXEMPLO LTDA"}"#);
    assert_eq!(both.name(), Some("EMPRESA EXEMPLO LTDA"));
}

#[test]
fn a_comparison_is_found_at_every_level() {
    let fields = json!({ "confiability": "97%", "result": "True" });
    assert_everywhere(&fields, |response: &FaceMatchResponse| {
        (response.is_match(), response.confidence().map(Confidence::get)) == (Finding::Yes, Some(0.97))
    });
    let no_verdict = json!({ "confiability": 0.97 });
    assert_everywhere(&no_verdict, |response: &FaceMatchResponse| {
        (response.is_match(), response.confidence().map(Confidence::get)) == (Finding::Unclear, Some(0.97))
    });
}

#[test]
fn a_reading_is_found_at_every_level() {
    let fields = json!({ "service": "gas", "read_result": "02964", "status": "not conciliated" });
    let is_found = |response: &MeterResponse| {
        let reading = response.reading();
        reading.read_result.as_ref().map(RedactedText::as_str) == Some("02964")
            && reading.service == Some(MeterService::Gas)
            && response.conciliation() == Some(Conciliation::NotConciliated)
    };
    assert_everywhere(&fields, is_found);
    // According to the vendor's page, one of the fields of the block has the name of the block itself.
    let fields = json!({
        "service": "gas", "read_result": "02964", "status": "not conciliated",
        "response": { "code": 200, "message": "Success" },
    });
    assert_everywhere(&fields, is_found);
    for (fields, is_read) in [
        (json!({ "read_id_result": "A1" }), true),
        (json!({ "display_type": "digital" }), true),
        (json!({ "duration": 1 }), false),
    ] {
        let response: MeterResponse = read(&json!({ "image": "a", "response": fields }).to_string());
        assert_eq!(response.reading().image.is_none(), is_read, "{fields}");
        assert_eq!(response.conciliation(), None);
    }
}

/// A favourable value counts only if no other level contradicts it.
#[test]
fn levels_that_disagree_are_never_favourable() {
    let json = r#"{"TaxIdStatus":"REGULAR","result":{"TaxIdStatus":"NULA"},"response":{"TaxIdStatus":"SUSPENSA","HasObitIndication":false}}"#;
    let response: CpfResponse = read(json);
    assert_eq!((response.status(), response.has_obit()), (Some(&TaxIdStatus::Nula), Finding::No));
    let json = r#"{"HasObitIndication":false,"result":{"HasObitIndication":"SIM"}}"#;
    assert_eq!(read::<CpfResponse>(json).has_obit(), Finding::Unclear);
    let json = r#"{"BaseStatus":"ATIVA","result":{"SituacaoCadastral":"BAIXADA"}}"#;
    assert_eq!(read::<CnpjResponse>(json).status(), Some(&BaseStatus::Baixada));
    let json = r#"{"status":"conciliated","response":{"status":"não conciliado"}}"#;
    assert_eq!(read::<MeterResponse>(json).conciliation(), Some(Conciliation::NotConciliated));
    let json =
        r#"{"result":[{"BaseStatus":"NULA"},{"BaseStatus":"ATIVA"}],"response":{"BaseStatus":"BAIXADA"}}"#;
    assert_eq!(read::<CnpjResponse>(json).status(), Some(&BaseStatus::Nula));
    // Nor is a value that cannot be read replaced by another.
    let json = r#"{"confiability":"high","result":"perhaps","response":{"confiability":0.5,"result":true}}"#;
    let response: FaceMatchResponse = read(json);
    assert_eq!((response.is_match(), response.confidence()), (Finding::Unclear, None));
    assert_eq!(response.verdict(Some(0.1)).0, Verdict::Inconclusive);
}

/// A number, a text and a percentage are read as the same confidence.
#[test]
fn numbers_in_every_spelling() {
    for spelling in [
        json!(0.97),
        json!("0.97"),
        json!("97%"),
        json!(" 97 % "),
        json!("97.0%"),
        json!(97),
        json!("97"),
        json!(97.0),
    ] {
        let face = json!({ "confiability": spelling, "result": true }).to_string();
        let face: FaceMatchResponse = read(&face);
        assert_eq!(face.confidence().map(Confidence::get), Some(0.97), "{spelling}");
        let field = json!({ "fields": [{ "name": "nome", "score": spelling }] }).to_string();
        let field: DocumentResponse = read(&field);
        let score = field.fields.as_ref().unwrap().records()[0].score.clone().unwrap();
        assert_eq!(score.get().map(|score| score.get()), Some(0.97), "{spelling}");
        let meter =
            json!({ "confidence_read": spelling, "id_confidence": spelling, "meter_confidence": spelling });
        let meter: MeterResponse = read(&meter.to_string());
        for found in [meter.confidence_read, meter.id_confidence, meter.meter_confidence] {
            assert_eq!(found.unwrap().get().map(|score| score.get()), Some(0.97), "{spelling}");
        }
    }
    for (spelling, value) in
        [(json!(1), 1.0), (json!("1"), 1.0), (json!("1%"), 0.01), (json!("100%"), 1.0), (json!(0), 0.0)]
    {
        let face: FaceMatchResponse = read(&json!({ "confiability": spelling }).to_string());
        assert_eq!(face.confidence().map(Confidence::get), Some(value), "{spelling}");
    }
    for odd in [json!("high"), json!(-0.5), json!("120%"), json!(""), json!(true), json!("0,97")] {
        let face: FaceMatchResponse = read(&json!({ "confiability": odd }).to_string());
        assert_eq!(face.confidence(), None, "{odd}");
        assert!(face.confiability.is_some(), "its text is kept");
    }
    // A value just above 1 is a rounded 1 or invalid, but never 1 %.
    for odd in [json!(1.000_000_1), json!(1.0001), json!(1.5)] {
        let face: FaceMatchResponse = read(&json!({ "confiability": odd }).to_string());
        assert!(face.confidence().is_none_or(|confidence| confidence.get() >= 1.0), "{odd}");
    }
    // A reading keeps its leading zeros; a balance may be text.
    let meter: MeterResponse = read(r#"{"read_result":"012345","duration":"1.27"}"#);
    assert_eq!(meter.read_result.as_ref().map(RedactedText::as_str), Some("012345"));
    for (text, wanted) in [("012345", Some(12345.0)), ("123,4", Some(123.4)), ("1.5", Some(1.5)), ("?", None)]
    {
        let meter: MeterResponse = read(&json!({ "response": { "read_result": text } }).to_string());
        assert_eq!(meter.read_number().map(FiniteF64::get), wanted, "{text}");
    }
    assert_eq!(number(meter.duration.as_ref()), json!(1.27));
    assert_eq!(balance_shown(&read(r#"{"amount":"1000.5","units":"credit"}"#)), json!([1000.5, "credit"]));
}

#[test]
fn booleans_in_every_spelling() {
    let yes = [
        json!(true),
        json!("True"),
        json!("true"),
        json!("TRUE"),
        json!(1),
        json!("1"),
        json!(1.0),
        json!("Sim"),
        json!("S"),
    ];
    let no = [
        json!(false),
        json!("False"),
        json!("false"),
        json!(0),
        json!("0"),
        json!(0.0),
        json!("Não"),
        json!("N"),
    ];
    let all = yes.iter().map(|word| (word, true)).chain(no.iter().map(|word| (word, false)));
    for (word, truth) in all {
        let face: FaceMatchResponse = read(&json!({ "result": word }).to_string());
        assert_eq!(bool_of(face.is_match()), Some(truth), "{word}");
        let person: CpfResponse = read(&json!({ "HasObitIndication": word }).to_string());
        assert_eq!(bool_of(person.has_obit()), Some(truth), "{word}");
        let meter: MeterResponse = read(&json!({ "unbalanced_analogical": word }).to_string());
        assert_eq!(meter.unbalanced_analogical.unwrap().get(), Some(&truth), "{word}");
        // Serialized as a JSON boolean.
        let written = round::<FaceMatchResponse>(&json!({ "result": word }).to_string());
        assert_eq!(written, json!({ "result": truth }));
    }
    for word in [json!("talvez"), json!(""), json!(2), json!("match")] {
        let face: FaceMatchResponse = read(&json!({ "result": word }).to_string());
        assert_eq!(face.is_match(), Finding::Unclear, "{word}");
    }
}

/// Only in a meter's response `status` is a conciliation.
#[test]
fn conciliation() {
    let verdict =
        |status: Value| read::<MeterResponse>(&json!({ "status": status }).to_string()).conciliation();
    assert_eq!(verdict(json!("conciliated")), Some(Conciliation::Conciliated));
    assert_eq!(verdict(json!("Not Conciliated")), Some(Conciliation::NotConciliated));
    assert_eq!(verdict(json!("not_conciliated")), Some(Conciliation::NotConciliated));
    assert_eq!(verdict(json!("later")).unwrap().as_str(), "later");
    assert_eq!(verdict(Value::Null), None);
    assert_eq!(MeterResponse::default().conciliation(), None);
}

/// Every documented value of each list, further spellings, and an unknown value.
#[test]
fn values_of_the_lists() {
    use TaxIdStatus::{Cancelada, Nula, Pendente, Regular, Suspensa, TitularFalecido};
    for (word, status) in [
        ("REGULAR", Regular),
        ("Regular", Regular),
        (" regular ", Regular),
        ("PENDENTE DE REGULARIZACAO", Pendente),
        ("PENDENTE DE REGULARIZAÇÃO", Pendente),
        ("SUSPENSA", Suspensa),
        ("SUSPENSO", Suspensa),
        ("CANCELADA", Cancelada),
        ("CANCELADO", Cancelada),
        ("TITULAR FALECIDO", TitularFalecido),
        ("NULA", Nula),
        ("NULO", Nula),
    ] {
        assert_eq!(TaxIdStatus::from(word), status, "{word}");
    }
    use BaseStatus::{Ativa, Baixada, Inapta};
    for (word, status) in [
        ("ATIVA", Ativa),
        ("Ativa", Ativa),
        ("BAIXADA", Baixada),
        ("INAPTA", Inapta),
        ("SUSPENSA", BaseStatus::Suspensa),
        ("NULA", BaseStatus::Nula),
    ] {
        assert_eq!(BaseStatus::from(word), status, "{word}");
    }
    for (word, service) in [
        ("energia", MeterService::Energy),
        ("agua", MeterService::Water),
        ("água", MeterService::Water),
        ("gas", MeterService::Gas),
        ("Gás", MeterService::Gas),
    ] {
        assert_eq!(MeterService::from(word), service, "{word}");
    }
    for (word, display) in [
        ("ciclométrico", DisplayType::Cyclometric),
        ("ciclometrico", DisplayType::Cyclometric),
        ("Digital", DisplayType::Digital),
        ("analógico", DisplayType::Analog),
        ("ANALOGICO", DisplayType::Analog),
    ] {
        assert_eq!(DisplayType::from(word), display, "{word}");
    }
    let new = "CANCELADA POR MULTIPLICIDADE";
    assert_eq!(TaxIdStatus::from(new).as_str(), new);
    let json = r#"{"service":"esgoto","display_type":"laser","status":"later"}"#;
    assert_eq!(
        round::<MeterResponse>(json).to_string(),
        json!({ "service": "esgoto", "display_type": "laser", "status": "later" }).to_string()
    );
}

/// A response is decoded even if fields are missing, empty or of another type.
#[test]
fn incomplete_responses_are_decoded() {
    for json in [
        "{}",
        r#"{"result":null,"response":null,"status":null}"#,
        r#"{"response":"Success"}"#,
        r#"{"status":200}"#,
    ] {
        assert_eq!(read::<DocumentResponse>(json).documents().len(), 0, "{json}");
        assert_eq!(read::<CpfResponse>(json).status(), None, "{json}");
        assert_eq!(read::<CnpjResponse>(json).status(), None, "{json}");
        assert_eq!(read::<FaceMatchResponse>(json).is_match(), Finding::Unclear, "{json}");
        assert_eq!(read::<MeterResponse>(json).read_result, None, "{json}");
    }
    assert_eq!(serde_json::to_value(DocumentResponse::default()).unwrap(), json!({}));
    assert_eq!(serde_json::to_value(CpfResponse::default()).unwrap(), json!({}));
    assert_eq!(serde_json::to_value(CnpjResponse::default()).unwrap(), json!({}));
    assert_eq!(serde_json::to_value(FaceMatchResponse::default()).unwrap(), json!({}));
    assert_eq!(serde_json::to_value(MeterResponse::default()).unwrap(), json!({}));
    assert_eq!(serde_json::to_value(BalanceResponse::default()).unwrap(), json!({}));
    // An object instead of a list; a value that is not text.
    let one = r#"{"fields":{"name":"nome","value":{"a":[1]},"score":null},"tags":"frente"}"#;
    let response: DocumentResponse = read(one);
    let field = response.fields.as_ref().unwrap().records()[0];
    assert_eq!(field.value.as_ref().unwrap().to_text(), r#"{"a":[1]}"#);
    let register =
        r#"{"CadastroPessoaFisica":{"Telefones":{"TelefoneComDDD":11900000000},"Enderecos":null}}"#;
    let register = cpf_shown(&read(register))["register"].clone();
    assert_eq!(register[0]["phones"], json!(["11900000000"]));
    // A word instead of an object.
    let none = r#"{"TaxIdStatus":"REGULAR","CadastroPessoaFisica":"none","result":["none"]}"#;
    assert_eq!(read::<CpfResponse>(none).status(), Some(&TaxIdStatus::Regular));
    round::<CpfResponse>(none);
}

/// The outcome of a call in every form is serialized so that it is decoded as the same value.
#[test]
fn the_outcome_of_a_call_in_every_form() {
    for json in [
        r#"{"code":200,"message":"Success"}"#,
        r#"{"code":"200","message":"Success"}"#,
        r#"{"code":200}"#,
        r#"{"message":"Success"}"#,
        r#""Success""#,
        "200",
        r#""200""#,
        "{}",
        "[]",
        r#"[{"code":200,"message":"Success"}]"#,
        // An invalid code, and messages that are not text.
        r#"{"code":"none"}"#,
        r#"{"message":"200"}"#,
        r#"{"message":403}"#,
        r#"{"code":null,"message":true}"#,
    ] {
        round::<Status>(json);
        round::<ErrorBody>(&format!(r#"{{"response":{json}}}"#));
        round::<MeterResponse>(&format!(r#"{{"response":{json}}}"#));
        round::<CpfResponse>(&format!(r#"{{"status":{json}}}"#));
    }
}

/// Responds to every request with this body.
async fn answering(body: &str) -> MockServer {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_raw(body, "application/json");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

#[tokio::test]
async fn responses_come_through_the_client() {
    for fixture in answers().filter(|fixture| fixture.status == Some(200)) {
        let server = answering(fixture.body).await;
        let client = client(&server.uri());
        let (found, wanted) = match fixture.operation {
            "document" => (
                document_shown(client.document(&document()).await.unwrap().value()),
                document_shown(&read(fixture.body)),
            ),
            "cpf" => (cpf_shown(client.cpf(&cpf()).await.unwrap().value()), cpf_shown(&read(fixture.body))),
            "cnpj" => {
                (cnpj_shown(client.cnpj(&cnpj()).await.unwrap().value()), cnpj_shown(&read(fixture.body)))
            }
            "meter" => {
                (meter_shown(client.meter(&meter()).await.unwrap().value()), meter_shown(&read(fixture.body)))
            }
            "facematch" => (
                facematch_shown(client.facematch(&faces()).await.unwrap().value()),
                facematch_shown(&read(fixture.body)),
            ),
            "balance" => {
                (balance_shown(client.balance().await.unwrap().value()), balance_shown(&read(fixture.body)))
            }
            other => panic!("{other}"),
        };
        assert_eq!(found, wanted, "{}", fixture.name);
    }
}

/// An unknown field is reported once, by its path and without its value.
#[tokio::test]
async fn an_unknown_field_is_reported() {
    let server =
        answering(r#"{"result":[{"docType":"CNH","colour":"red","fields":[{"box":[1]}]}],"colour":"blue"}"#)
            .await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let reported = Arc::clone(&seen);
    let options = ClientOptions::new().on_unknown_field(move |unknown| {
        reported.lock().unwrap().push(format!("{}: {}", unknown.operation, unknown.path))
    });
    let client = builder(&server.uri()).options(options).build().unwrap();
    for _ in 0..2 {
        client.document(&document()).await.unwrap();
    }
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen, ["document: result[].colour", "document: result[].fields[].box", "document: colour"]);
}
