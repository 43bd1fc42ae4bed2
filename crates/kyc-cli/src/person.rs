//! A person in a file, so that nothing of theirs is an argument, which other users of the machine can see.

use std::path::Path;

use kyc_core::{Cpf, Date, Pii, ValidationError};
use serde::Deserialize;

use crate::failure::Failure;
use crate::messages::{Messages, Said};
use crate::{input, private};

/// What a person says.
pub(crate) struct Person {
    pub(crate) cpf: Cpf,
    pub(crate) name: Pii<String>,
    pub(crate) birth_date: Date,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonFile {
    cpf: Pii<String>,
    name: Pii<String>,
    birth_date: Pii<String>,
}

impl Person {
    /// Reads the person that `--person` names. The content is never printed.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let argument = |t: &Messages| format!("--person ({})", input::shown(t, path));
        let text = input::private_text(path).map_err(|rule| Failure::refused(argument, rule))?;
        let file: PersonFile = serde_json::from_str(text.expose())
            .map_err(|_| Failure::refused(argument, Said::new(|t| t.errors.person_format.to_owned())))?;
        let in_field = |field: &str, rule: ValidationError| {
            Failure::refused(|t| format!("{}: {field}", argument(t)), rule)
        };
        private::add(file.cpf.expose());
        private::add_name(file.name.expose());
        let cpf = Cpf::parse(file.cpf.expose()).map_err(|rule| in_field("cpf", rule))?;
        let birth_date =
            Date::parse(file.birth_date.expose().trim()).map_err(|rule| in_field("birth_date", rule))?;
        Ok(Self { cpf, name: file.name, birth_date })
    }
}
