//! `POST /bg-check/cnpj-simples`: how a company's CNPJ stands. (Our page: "CNPJ check".)

use kyc_core::{Cnpj, Error, Lenient, Operation, OperationClass, RedactedText, Response};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::client::Client;
use crate::model::codes::BaseStatus;
use crate::model::{Block, Json, Nested, Status};

/// Each look-up costs credits.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "cnpj", OperationClass::Paid);

/// What is known of a CNPJ: the fields of the vendor's page, and those that clients read from the fuller look-up. Where
/// they stand differs: [`status`](Self::status), [`activity`](Self::activity) and [`name`](Self::name) look everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CnpjResponse {
    /// How the CNPJ stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_status: Option<BaseStatus>,
    /// CNAE and line of business, in a shape that no source tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_output_data: Option<Json>,
    /// How the CNPJ stands, in the fuller look-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub situacao_cadastral: Option<BaseStatus>,
    /// The registered name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_empresarial: Option<RedactedText>,
    /// The name on the door.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_fantasia: Option<RedactedText>,
    /// Street.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logradouro: Option<RedactedText>,
    /// House number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numero: Option<RedactedText>,
    /// District.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bairro_distrito: Option<RedactedText>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub municipio: Option<RedactedText>,
    /// State.
    #[serde(rename = "UF", skip_serializing_if = "Option::is_none")]
    pub uf: Option<RedactedText>,
    /// Postcode.
    #[serde(rename = "CEP", skip_serializing_if = "Option::is_none")]
    pub cep: Option<RedactedText>,
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

impl CnpjResponse {
    /// How the CNPJ stands, wherever the answer says so.
    #[must_use]
    pub fn status(&self) -> Option<&BaseStatus> {
        self.find(&|level| level.base_status.as_ref().or(level.situacao_cadastral.as_ref()))
    }

    /// CNAE and line of business, wherever they stand, in a shape that no source tells.
    #[must_use]
    pub fn activity(&self) -> Option<&Json> {
        self.find(&|level| level.additional_output_data.as_ref())
    }

    /// The registered name, or else the one on the door, wherever the answer has it.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.find(&|level| {
            level.nome_empresarial.as_ref().or(level.nome_fantasia.as_ref()).map(RedactedText::as_str)
        })
    }
}

impl Nested for CnpjResponse {
    fn deeper(&self) -> impl Iterator<Item = &Self> {
        [&self.result, &self.response].into_iter().flatten().flat_map(Block::records)
    }
}

impl Client {
    /// Looks up how a CNPJ stands, numeric or alphanumeric. A closed company is an answer, not an error.
    ///
    /// # Errors
    /// `QuotaExhausted` without credits. A call that may have landed is never repeated: each costs credits.
    pub async fn cnpj(&self, cnpj: &Cnpj) -> Result<Response<CnpjResponse>, Error> {
        let endpoint = &self.options.endpoints.cnpj;
        let answer = self.look_up(&OPERATION, endpoint, "cnpj", cnpj.as_str()).await?;
        self.pipeline.decode(answer)
    }
}
