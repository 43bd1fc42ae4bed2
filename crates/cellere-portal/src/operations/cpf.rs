//! `POST /bg-check/cpf-simples`: how a person's CPF stands. (Our page: "CPF check".)

use kyc_core::{Cpf, Date, Error, Lenient, Operation, OperationClass, RedactedText, Response};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::client::Client;
use crate::model::codes::TaxIdStatus;
use crate::model::{Block, Nested, Status};

/// Each look-up costs credits.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "cpf", OperationClass::Paid);

/// What is known of a CPF: the fields of the vendor's page, and those that clients read from the fuller look-ups. Where
/// they stand differs: [`status`](Self::status), [`origin`](Self::origin), [`has_obit`](Self::has_obit) and
/// [`name`](Self::name) look everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CpfResponse {
    /// How the CPF stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_id_status: Option<TaxIdStatus>,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_id_origin: Option<RedactedText>,
    /// Whether a death is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_obit_indication: Option<Lenient<bool>>,
    /// How the CPF stands, in the fuller look-ups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub situacao_cadastral: Option<TaxIdStatus>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome: Option<RedactedText>,
    /// The mother's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_mae: Option<RedactedText>,
    /// The day of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_nascimento: Option<Lenient<Date>>,
    /// What a register of persons knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cadastro_pessoa_fisica: Option<Block<CadastroPessoaFisica>>,
    /// What the Receita Federal knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receita_federal_cpf: Option<Block<ReceitaFederalCpf>>,
    /// The fields one level deeper.
    #[serde(rename = "result", skip_serializing_if = "Option::is_none")]
    pub result: Option<Block<Self>>,
    /// What became of the call, or the fields one level deeper.
    #[serde(rename = "response", skip_serializing_if = "Option::is_none")]
    pub response: Option<Block<Self>>,
    /// What became of the call.
    #[serde(rename = "status", skip_serializing_if = "Option::is_none")]
    pub call_status: Option<Status>,
    /// The code of a block.
    #[serde(rename = "code", skip_serializing_if = "Option::is_none")]
    pub code: Option<Lenient<i64>>,
    /// The words of a block.
    #[serde(rename = "message", skip_serializing_if = "Option::is_none")]
    pub message: Option<RedactedText>,
}

/// What a register of persons knows, in the fullest look-up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CadastroPessoaFisica {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome: Option<RedactedText>,
    /// The mother's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_mae: Option<RedactedText>,
    /// The day of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_nascimento: Option<Lenient<Date>>,
    /// Telephone numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telefones: Option<Block<Phone>>,
    /// Addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enderecos: Option<Block<Address>>,
}

/// A telephone number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Phone {
    /// The number with its area code.
    #[serde(rename = "TelefoneComDDD", skip_serializing_if = "Option::is_none")]
    pub telefone_com_ddd: Option<RedactedText>,
}

/// An address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Address {
    /// Street.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logradouro: Option<RedactedText>,
    /// House number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numero: Option<RedactedText>,
    /// What else finds the door.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complemento: Option<RedactedText>,
    /// District.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bairro: Option<RedactedText>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidade: Option<RedactedText>,
    /// State.
    #[serde(rename = "UF", skip_serializing_if = "Option::is_none")]
    pub uf: Option<RedactedText>,
    /// Postcode.
    #[serde(rename = "CEP", skip_serializing_if = "Option::is_none")]
    pub cep: Option<RedactedText>,
}

/// What the Receita Federal knows of a person, in the fullest look-up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ReceitaFederalCpf {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_pessoa_fisica: Option<RedactedText>,
    /// The day of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_nascimento: Option<Lenient<Date>>,
    /// How the CPF stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub situacao_cadastral: Option<TaxIdStatus>,
}

impl CpfResponse {
    /// How the CPF stands, wherever the answer says so.
    #[must_use]
    pub fn status(&self) -> Option<&TaxIdStatus> {
        self.find(&|level| {
            let receita =
                || level.receita().into_iter().find_map(|receita| receita.situacao_cadastral.as_ref());
            level.tax_id_status.as_ref().or(level.situacao_cadastral.as_ref()).or_else(receita)
        })
    }

    /// Who says how the CPF stands, wherever the answer tells.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.find(&|level| level.tax_id_origin.as_ref().map(RedactedText::as_str))
    }

    /// Whether a death is recorded. A register may say so before the status does.
    #[must_use]
    pub fn has_obit(&self) -> Option<bool> {
        self.find(&|level| level.has_obit_indication.as_ref()?.get().copied())
    }

    /// The name, wherever the answer has it. Personal data: keep it out of logs.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.find(&|level| {
            let register = || level.register().into_iter().find_map(|register| register.nome.as_ref());
            let receita =
                || level.receita().into_iter().find_map(|receita| receita.nome_pessoa_fisica.as_ref());
            level.nome.as_ref().or_else(register).or_else(receita).map(RedactedText::as_str)
        })
    }

    fn register(&self) -> Vec<&CadastroPessoaFisica> {
        self.cadastro_pessoa_fisica.as_ref().map(Block::records).unwrap_or_default()
    }

    fn receita(&self) -> Vec<&ReceitaFederalCpf> {
        self.receita_federal_cpf.as_ref().map(Block::records).unwrap_or_default()
    }
}

impl Nested for CpfResponse {
    fn deeper(&self) -> impl Iterator<Item = &Self> {
        [&self.result, &self.response].into_iter().flatten().flat_map(Block::records)
    }
}

impl Client {
    /// Looks up how a CPF stands. An irregular one is an answer, not an error.
    ///
    /// # Errors
    /// `QuotaExhausted` without credits. A call that may have landed is never repeated: each costs credits.
    pub async fn cpf(&self, cpf: &Cpf) -> Result<Response<CpfResponse>, Error> {
        let endpoint = &self.options.endpoints.cpf;
        let answer = self.look_up(&OPERATION, endpoint, "cpf", cpf.digits()).await?;
        self.pipeline.decode(answer)
    }
}
