//! Hides CPFs in texts that anyone may have written.

use kyc_core::Cpf;

const DIGITS: usize = 11;

/// How a hidden CPF begins; its last two digits follow.
const HIDDEN: &str = "•••.•••.•••-";

/// Returns the CPF of which only the last two digits are shown.
pub(super) fn cpf(cpf: &Cpf) -> String {
    let shown = cpf.digits().get(DIGITS - 2..).unwrap_or_default();
    format!("{HIDDEN}{shown}")
}

/// Returns a text whose CPFs are hidden, however they are punctuated.
pub(super) fn text(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let (mut rest, mut is_within) = (text, false);
    while let Some(first) = rest.chars().next() {
        let found = if is_within { None } else { leading_cpf(rest) };
        if let Some((found, bytes)) = found {
            masked.push_str(&cpf(&found));
            rest = rest.get(bytes..).unwrap_or_default();
            is_within = true;
        } else {
            masked.push(first);
            is_within = first.is_ascii_digit();
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    masked
}

/// Returns the CPF with which a text begins, and its length in bytes.
fn leading_cpf(text: &str) -> Option<(Cpf, usize)> {
    let mut digits = String::new();
    let mut end = 0;
    let mut marks = 0;
    for (at, symbol) in text.char_indices() {
        if symbol.is_ascii_digit() {
            if digits.len() == DIGITS {
                return None;
            }
            digits.push(symbol);
            (end, marks) = (at + 1, 0);
        } else if digits.is_empty() || digits.len() == DIGITS || marks == 3 || !is_mark(symbol) {
            break;
        } else {
            marks += 1;
        }
    }
    Cpf::parse(&digits).ok().map(|cpf| (cpf, end))
}

fn is_mark(symbol: char) -> bool {
    symbol.is_whitespace() || matches!(symbol, '.' | '-' | '/' | '_' | ',' | '–' | '\u{200b}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cpf_is_hidden_however_it_is_punctuated() {
        for written in
            ["52998224725", "529.982.247-25", "529982247/25", "529 982 247 25", "529. 982. 247 - 25"]
        {
            assert_eq!(text(&format!("id {written}, ok")), "id •••.•••.•••-25, ok", "{written}");
        }
        assert_eq!(text("cpf52998224725x52998224725"), "cpf•••.•••.•••-25x•••.•••.•••-25");
        assert_eq!(text("é52998224725é"), "é•••.•••.•••-25é");
    }

    #[test]
    fn other_numbers_are_left() {
        for left in ["", "r-1", "2026-11-27 10:00", "52998224726", "152998224725", "5299822472512345", "ção"]
        {
            assert_eq!(text(left), left);
        }
    }
}
