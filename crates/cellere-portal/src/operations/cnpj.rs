//! `POST /bg-check/cnpj-simples`: queries the status of a CNPJ. (Our page: "CNPJ check".)

use kyc_core::{Cnpj, Error, Lenient, Operation, OperationClass, RawJson, RedactedText, Response, response};

use crate::VENDOR;
use crate::client::Client;
use crate::model::codes::BaseStatus;
use crate::model::{Block, Nested, Status, least_favourable};

/// Each look-up costs credits.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "cnpj", OperationClass::Paid);

response! {
    /// The registration of a CNPJ: the fields of the vendor's page, and those that public clients read from the fuller
    /// look-up. Fields may be nested: [`status`](Self::status), [`activity`](Self::activity) and [`name`](Self::name) search
    /// every level.
    #[serde(rename_all = "PascalCase")]
    pub struct CnpjResponse {
        /// The registration status.
        pub base_status: Option<BaseStatus>,
        /// CNAE code and economic activity, in an unknown structure.
        pub additional_output_data: Option<RawJson>,
        /// The registration status, in the fuller look-up.
        pub situacao_cadastral: Option<BaseStatus>,
        /// The registered name.
        pub nome_empresarial: Option<RedactedText>,
        /// The trade name.
        pub nome_fantasia: Option<RedactedText>,
        /// Street.
        pub logradouro: Option<RedactedText>,
        /// House number.
        pub numero: Option<RedactedText>,
        /// District.
        pub bairro_distrito: Option<RedactedText>,
        /// City.
        pub municipio: Option<RedactedText>,
        /// State.
        #[serde(rename = "UF")]
        pub uf: Option<RedactedText>,
        /// Postcode.
        #[serde(rename = "CEP")]
        pub cep: Option<RedactedText>,
        /// The fields of the response, one level deeper.
        #[serde(rename = "result")]
        pub result: Option<Block<Self>>,
        /// The outcome of the call, or the fields of the response one level deeper.
        #[serde(rename = "response")]
        pub response: Option<Block<Self>>,
        /// The outcome of the call.
        #[serde(rename = "status")]
        pub call_status: Option<Status>,
        /// The code, in a nested `response`.
        #[serde(rename = "code")]
        pub code: Option<Lenient<i64>>,
        /// The message, in a nested `response`.
        #[serde(rename = "message")]
        pub message: Option<RedactedText>,
    }
}

impl CnpjResponse {
    /// Returns the registration status. If several places of the response state different ones, this is the first that is not
    /// active.
    #[must_use]
    pub fn status(&self) -> Option<&BaseStatus> {
        let stated =
            self.collect(&|level| level.base_status.iter().chain(&level.situacao_cadastral).collect());
        least_favourable(stated, &&BaseStatus::Ativa)
    }

    /// Returns CNAE code and economic activity, in an unknown structure.
    #[must_use]
    pub fn activity(&self) -> Option<&RawJson> {
        self.find(&|level| level.additional_output_data.as_ref())
    }

    /// Returns the registered name, or else the trade name.
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
    /// Queries the registration status of a CNPJ, numeric or alphanumeric. A closed company is a value, not an error. Each
    /// look-up costs credits. (Our page: "CNPJ check".)
    ///
    /// ```
    /// use cellere_portal::kyc_core::Cnpj;
    /// use cellere_portal::{BaseStatus, Client, Credentials};
    /// use kyc_sandbox::Sandbox;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder().start().await?;
    /// let client =
    ///     Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN)).base_url(&sandbox.cellere_url()).build()?;
    ///
    /// let company = client.cnpj(&Cnpj::parse("11.222.333/0001-81")?).await?;
    /// assert_eq!(company.value().status(), Some(&BaseStatus::Ativa));
    /// # Ok(())
    /// # }
    /// ```
    ///
    ///
    /// # Errors
    /// `QuotaExhausted` without credits. A call that may have landed is never repeated: each costs credits.
    pub async fn cnpj(&self, cnpj: &Cnpj) -> Result<Response<CnpjResponse>, Error> {
        let endpoint = &self.options.endpoints.cnpj;
        let answer = self.look_up(&OPERATION, endpoint, "cnpj", cnpj.as_str()).await?;
        self.pipeline.decode(answer)
    }
}
