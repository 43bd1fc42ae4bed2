//! `POST /bg-check/cpf-simples`: queries the status of a CPF. (Our page: "CPF check".)

use kyc_core::{
    Cpf, Date, Error, Finding, Lenient, Operation, OperationClass, RedactedText, Response, response,
};

use crate::VENDOR;
use crate::client::Client;
use crate::model::codes::TaxIdStatus;
use crate::model::{Block, Nested, Status, least_favourable};

/// Each look-up costs credits.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "cpf", OperationClass::Paid);

response! {
    /// The registration of a CPF: the fields of the vendor's page, and those that public clients read from the fuller
    /// look-ups. Fields may be nested: [`status`](Self::status), [`origin`](Self::origin), [`has_obit`](Self::has_obit) and
    /// [`name`](Self::name) search every level.
    #[serde(rename_all = "PascalCase")]
    pub struct CpfResponse {
        /// The registration status.
        pub tax_id_status: Option<TaxIdStatus>,
        /// The source of the status.
        pub tax_id_origin: Option<RedactedText>,
        /// Whether a death is recorded.
        pub has_obit_indication: Option<Lenient<bool>>,
        /// The registration status, in the fuller look-ups.
        pub situacao_cadastral: Option<TaxIdStatus>,
        /// The name.
        pub nome: Option<RedactedText>,
        /// The mother's name.
        pub nome_mae: Option<RedactedText>,
        /// The date of birth.
        pub data_nascimento: Option<Lenient<Date>>,
        /// The data of a register of persons.
        pub cadastro_pessoa_fisica: Option<Block<CadastroPessoaFisica>>,
        /// The data of the Receita Federal.
        pub receita_federal_cpf: Option<Block<ReceitaFederalCpf>>,
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

response! {
    /// The data of a register of persons, in the fullest look-up.
    #[serde(rename_all = "PascalCase")]
    pub struct CadastroPessoaFisica {
        /// The name.
        pub nome: Option<RedactedText>,
        /// The mother's name.
        pub nome_mae: Option<RedactedText>,
        /// The date of birth.
        pub data_nascimento: Option<Lenient<Date>>,
        /// Telephone numbers.
        pub telefones: Option<Block<Phone>>,
        /// Addresses.
        pub enderecos: Option<Block<Address>>,
    }
}

response! {
    /// A telephone number.
    pub struct Phone {
        /// The number with its area code.
        #[serde(rename = "TelefoneComDDD")]
        pub telefone_com_ddd: Option<RedactedText>,
    }
}

response! {
    /// An address.
    #[serde(rename_all = "PascalCase")]
    pub struct Address {
        /// Street.
        pub logradouro: Option<RedactedText>,
        /// House number.
        pub numero: Option<RedactedText>,
        /// Additional address line.
        pub complemento: Option<RedactedText>,
        /// District.
        pub bairro: Option<RedactedText>,
        /// City.
        pub cidade: Option<RedactedText>,
        /// State.
        #[serde(rename = "UF")]
        pub uf: Option<RedactedText>,
        /// Postcode.
        #[serde(rename = "CEP")]
        pub cep: Option<RedactedText>,
    }
}

response! {
    /// The data of the Receita Federal about a person, in the fullest look-up.
    #[serde(rename_all = "PascalCase")]
    pub struct ReceitaFederalCpf {
        /// The name.
        pub nome_pessoa_fisica: Option<RedactedText>,
        /// The date of birth.
        pub data_nascimento: Option<Lenient<Date>>,
        /// The registration status.
        pub situacao_cadastral: Option<TaxIdStatus>,
    }
}

impl CpfResponse {
    /// Returns the registration status. If several places of the response state different ones, this is the first that is not
    /// regular.
    #[must_use]
    pub fn status(&self) -> Option<&TaxIdStatus> {
        let stated = self.collect(&|level| {
            let receita =
                level.receita().into_iter().filter_map(|receita| receita.situacao_cadastral.as_ref());
            level.tax_id_status.iter().chain(&level.situacao_cadastral).chain(receita).collect()
        });
        least_favourable(stated, &&TaxIdStatus::Regular)
    }

    /// Returns the source of the status.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.find(&|level| level.tax_id_origin.as_ref().map(RedactedText::as_str))
    }

    /// Returns whether a death is recorded, which a register may do before the status changes. It is unclear if the response
    /// does not state it, if its value cannot be read, or if two places disagree.
    pub fn has_obit(&self) -> Finding {
        Finding::agreed(self.collect(&|level| {
            level.has_obit_indication.iter().map(|indication| Finding::of(Some(indication))).collect()
        }))
    }

    /// Returns the name. It is personal data: do not log it.
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
    /// Queries the registration status of a CPF. An irregular CPF is a value, not an error. Each look-up costs credits.
    /// (Our page: "CPF check".)
    ///
    /// ```
    /// use cellere_portal::kyc_core::Cpf;
    /// use cellere_portal::{Client, Credentials, TaxIdStatus};
    /// use kyc_sandbox::Sandbox;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder().start().await?;
    /// let client =
    ///     Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN)).base_url(&sandbox.cellere_url()).build()?;
    ///
    /// let person = client.cpf(&Cpf::parse("529.982.247-25")?).await?;
    /// assert_eq!(person.value().status(), Some(&TaxIdStatus::Regular));
    /// # Ok(())
    /// # }
    /// ```
    ///
    ///
    /// # Errors
    /// `QuotaExhausted` without credits. A call that may have landed is never repeated: each costs credits.
    pub async fn cpf(&self, cpf: &Cpf) -> Result<Response<CpfResponse>, Error> {
        let endpoint = &self.options.endpoints.cpf;
        let answer = self.look_up(&OPERATION, endpoint, "cpf", cpf.digits()).await?;
        self.pipeline.decode(answer)
    }
}
