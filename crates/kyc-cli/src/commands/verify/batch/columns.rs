//! The columns of the file, by their headings in English or Portuguese.

use crate::messages::{Messages, Said};

/// A column that holds something of the applicant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Reference,
    Cpf,
    Name,
    BirthDate,
    DocumentKind,
    Selfie,
    Front,
    Back,
}

impl Column {
    const ALL: [Self; 8] = [
        Self::Reference,
        Self::Cpf,
        Self::Name,
        Self::BirthDate,
        Self::DocumentKind,
        Self::Selfie,
        Self::Front,
        Self::Back,
    ];

    pub(super) fn name(self) -> &'static str {
        self.headings()[0]
    }

    /// Returns the headings, in lower case and without accents.
    fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Reference => &["reference", "referencia"],
            Self::Cpf => &["cpf"],
            Self::Name => &["name", "nome", "full_name", "nome_completo"],
            Self::BirthDate => &["birth_date", "data_de_nascimento", "data_nascimento", "nascimento"],
            Self::DocumentKind => &["document_kind", "tipo_de_documento", "tipo_documento", "documento"],
            Self::Selfie => &["selfie"],
            Self::Front => &["front", "frente"],
            Self::Back => &["back", "verso"],
        }
    }

    fn of(heading: &str) -> Option<Self> {
        let plain = plain(heading);
        Self::ALL.into_iter().find(|column| column.headings().contains(&plain.as_str()))
    }
}

/// Writes a heading in lower case, without accents, and with `_` for blanks and hyphens.
fn plain(heading: &str) -> String {
    let plain = |character: char| match character {
        'á' | 'à' | 'â' | 'ã' => 'a',
        'é' | 'ê' => 'e',
        'í' => 'i',
        'ó' | 'ô' | 'õ' => 'o',
        'ú' => 'u',
        'ç' => 'c',
        ' ' | '-' => '_',
        other => other,
    };
    heading.trim().to_lowercase().chars().map(plain).collect()
}

/// Returns the delimiter by which a line of headings has the most columns that are known.
pub(super) fn delimiter(headings: &[u8]) -> u8 {
    let text = String::from_utf8_lossy(headings);
    let known = |delimiter: u8| {
        let cells = text.split(char::from(delimiter)).map(|cell| cell.trim().trim_matches('"'));
        cells.filter(|cell| Column::of(cell).is_some()).count()
    };
    // The last of the largest: commas, if nothing is known.
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| known(*delimiter)).unwrap_or(b',')
}

/// Where the columns are.
#[derive(Debug)]
pub(super) struct Columns {
    places: [Option<usize>; Column::ALL.len()],
    /// The numbers of the columns that are not read, from 1. Their headings may be anything, even data without a heading.
    pub(super) unread: Vec<usize>,
}

impl Columns {
    pub(super) fn of(headings: &[String]) -> Result<Self, Said> {
        let mut columns = Self { places: [None; Column::ALL.len()], unread: Vec::new() };
        for (place, heading) in headings.iter().enumerate() {
            match Column::of(heading) {
                Some(column) if columns.places[column as usize].is_some() => {
                    return Err(Said::new(|t| (t.batch.column_twice)(column.name())));
                }
                Some(column) => columns.places[column as usize] = Some(place),
                None if heading.trim().is_empty() => {}
                None => columns.unread.push(place + 1),
            }
        }
        let is_missing = |column: &Column| columns.places[*column as usize].is_none();
        match [Column::Reference, Column::Cpf].into_iter().find(is_missing) {
            Some(column) => Err(Said::new(|t: &Messages| (t.batch.no_column)(column.name()))),
            None => Ok(columns),
        }
    }

    /// Returns the text of a cell without the blanks around it; `None` if there is none.
    pub(super) fn text<'a>(&self, cells: &'a [String], column: Column) -> Option<&'a str> {
        let text = cells.get(self.places[column as usize]?)?.trim();
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(headings: &[&str]) -> Result<Columns, String> {
        let headings: Vec<_> = headings.iter().map(|text| (*text).to_owned()).collect();
        Columns::of(&headings).map_err(|rule| rule.english().to_owned())
    }

    #[test]
    fn headings_are_known_in_both_languages() {
        let english =
            columns(&["reference", "CPF", "Name", "birth date", "document-kind", "selfie", "front", "back"]);
        let portuguese = columns(&[
            "Referência",
            "cpf ",
            "NOME",
            "Data de Nascimento",
            "Tipo de documento",
            "Selfie",
            "Frente",
            "Verso",
        ]);
        for found in [english, portuguese] {
            let found = found.expect("columns");
            assert_eq!(found.places, [0, 1, 2, 3, 4, 5, 6, 7].map(Some));
            assert_eq!(found.unread, [0; 0]);
        }
    }

    #[test]
    fn what_is_not_known_is_counted_and_what_is_missing_is_told() {
        assert_eq!(columns(&["e-mail", "cpf", "", "reference"]).expect("columns").unread, [1]);
        assert_eq!(columns(&["cpf"]).expect_err("refused"), "the first line names no column \"reference\"");
        assert_eq!(
            columns(&["reference", "12345678909"]).expect_err("refused"),
            "the first line names no column \"cpf\""
        );
        let twice = columns(&["reference", "cpf", "nome", "name"]).expect_err("refused");
        assert_eq!(twice, "the first line names the column \"name\" twice");
    }

    #[test]
    fn a_cell_that_is_blank_or_not_there_is_empty() {
        let columns = columns(&["reference", "cpf", "name", "selfie"]).expect("columns");
        let cells = [" a ", "1", "  "].map(str::to_owned);
        let text = |column| columns.text(&cells, column);
        assert_eq!((text(Column::Reference), text(Column::Name)), (Some("a"), None));
        assert_eq!((text(Column::Selfie), text(Column::Back)), (None, None));
    }
}
