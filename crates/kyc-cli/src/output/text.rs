//! Text from elsewhere, cleaned for the terminal.

use crate::messages::text;
use crate::private;

/// The maximum length of a vendor's text in the output.
const MAX_CHARS: usize = 200;

/// Removes the characters that move the cursor or change the writing direction.
pub(crate) fn visible(text: &str) -> String {
    text.chars().filter(|&character| !is_invisible(character)).collect()
}

/// Does the same as [`visible`], and shortens the text.
pub(crate) fn printable(text: &str) -> String {
    let mut characters = text.chars().filter(|&character| !is_invisible(character));
    let mut shown: String = characters.by_ref().take(MAX_CHARS).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Formats a share from 0 to 1 as a percentage with at most one decimal place.
pub(crate) fn percent(share: f64) -> String {
    (text().rows.percent)(&((share * 1000.0).round() / 10.0).to_string())
}

/// Groups the digits of a number by thousands, with spaces.
pub(crate) fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let (head, tail) = digits.split_at(digits.len() % 3);
    let groups = tail.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    let groups: Vec<_> =
        Some(head.to_owned()).filter(|head| !head.is_empty()).into_iter().chain(groups).collect();
    groups.join(" ")
}

/// Returns the name of a document's field in the language of the user.
pub(crate) fn field_words(name: &str) -> &str {
    let t = &text().fields;
    match name {
        "name" => t.name,
        "cpf" => t.cpf,
        "birth_date" => t.birth_date,
        "birthplace" => t.birthplace,
        "father" => t.father,
        "mother" => t.mother,
        "number" => t.number,
        "issue_date" => t.issue_date,
        "expiry" => t.expiry,
        "issuer" => t.issuer,
        "issued_in" => t.issued_in,
        "state" => t.state,
        "licence" => t.licence,
        "classes" => t.classes,
        "licensed" => t.licensed,
        "signed" => t.signed,
        "black_and_white" => t.black_and_white,
        other => other,
    }
}

/// Cleans a vendor's message, which may repeat a key or a CPF: does the same as [`printable`], and hides what is known to be
/// [`private`] in this run, words that start like a JWT, and numbers of six and more digits, even with dots, dashes, slashes or
/// spaces between the digits.
pub(crate) fn scrub(text: &str) -> String {
    let text = private::hide(&visible(text));
    let without_key =
        |word: &'_ str| word.find("eyJ").map_or(word.to_owned(), |at| format!("{}…", &word[..at]));
    let text = text.split(' ').map(without_key).collect::<Vec<_>>().join(" ");
    let mut shown = String::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find(char::is_numeric) {
        let (before, from_digit) = rest.split_at(start);
        let end = from_digit
            .find(|character: char| !character.is_numeric() && !matches!(character, '.' | '-' | '/' | ' '))
            .unwrap_or(from_digit.len());
        // The characters between the last digit and the next word belong to the word.
        let number = from_digit[..end].trim_end_matches(['.', '-', '/', ' ']);
        let is_long = number.chars().filter(|character| character.is_numeric()).count() >= 6;
        shown.push_str(before);
        shown.push_str(if is_long { "…" } else { number });
        rest = &from_digit[number.len()..];
    }
    shown.push_str(rest);
    printable(&shown)
}

fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendors_message_is_cleaned() {
        assert_eq!(scrub("CPF 52998224725 inválido"), "CPF … inválido");
        assert_eq!(scrub("cpf 529.982.247-25."), "cpf ….");
        assert_eq!(scrub("erro 12345 em 2 de 3"), "erro 12345 em 2 de 3");
        assert_eq!(scrub("appkey=eyJhbGciOiJIUzI1NiJ9.eyJjcGYiOiI1Mi.sig is over"), "appkey=… is over");
        assert_eq!(scrub("a\x1b[31mred\r\n\u{202E}b"), "a[31mredb");
        assert_eq!(scrub("529\u{200B}982\x07247"), "…");
        assert_eq!(scrub(&"ã".repeat(300)).chars().count(), MAX_CHARS + 1);
        assert_eq!(scrub(""), "");
    }
}
