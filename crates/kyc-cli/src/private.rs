//! The values that are private in this run: the person's data, keys and credentials. A vendor's message may repeat one in any
//! form, so that its shape alone does not betray it.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Shorter values and words would hide ordinary text.
const MIN_CHARS: usize = 4;

/// The letters and digits of each value, in lower case.
static VALUES: Mutex<Vec<Vec<char>>> = Mutex::new(Vec::new());

/// Adds a value to those that [`hide`] hides.
pub(crate) fn add(value: &str) {
    add_to(&mut VALUES.lock().unwrap_or_else(PoisonError::into_inner), value);
}

/// Adds a name: the whole, and each of its longer words.
pub(crate) fn add_name(name: &str) {
    add(name);
    name.split_whitespace().for_each(add);
}

/// Replaces each value, in any case and with any separators between its letters and digits.
pub(crate) fn hide(text: &str) -> String {
    hide_all(&VALUES.lock().unwrap_or_else(PoisonError::into_inner), text)
}

fn add_to(values: &mut Vec<Vec<char>>, value: &str) {
    let value: Vec<char> = letters(value).into_iter().map(|(letter, _)| letter).collect();
    if value.len() >= MIN_CHARS && !values.contains(&value) {
        values.push(value);
    }
}

fn hide_all(values: &[Vec<char>], text: &str) -> String {
    let letters = letters(text);
    let mut hidden: Vec<Range<usize>> = values.iter().flat_map(|value| places(&letters, value)).collect();
    hidden.sort_by_key(|range| range.start);
    let (mut shown, mut end) = (String::new(), 0);
    for range in hidden {
        if range.start >= end {
            shown.push_str(&text[end..range.start]);
            shown.push('…');
        }
        end = end.max(range.end);
    }
    shown.push_str(&text[end..]);
    shown
}

/// Returns the letters and digits with their places in the text.
fn letters(text: &str) -> Vec<(char, Range<usize>)> {
    let alphanumeric = text.char_indices().filter(|(_, character)| character.is_alphanumeric());
    let lower = |(at, character): (usize, char)| {
        let letter = character.to_lowercase().next().unwrap_or(character);
        (letter, at..at + character.len_utf8())
    };
    alphanumeric.map(lower).collect()
}

fn places(letters: &[(char, Range<usize>)], value: &[char]) -> Vec<Range<usize>> {
    let is_value = |window: &&[(char, Range<usize>)]| window.iter().map(|(letter, _)| letter).eq(value);
    let span = |window: &[(char, Range<usize>)]| match (window.first(), window.last()) {
        (Some(first), Some(last)) => first.1.start..last.1.end,
        _ => 0..0,
    };
    letters.windows(value.len()).filter(is_value).map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_are_hidden_in_any_form() {
        let mut values = Vec::new();
        for value in ["52998224725", "Maria da Silva", "Silva", "s3cret-TOKEN", "ab"] {
            add_to(&mut values, value);
        }
        let hidden = |text: &str| hide_all(&values, text);
        assert_eq!(hidden("CPF 529_982_247_25 e 5 2 9 9 8 2 2 4 7 2 5."), "CPF … e ….");
        assert_eq!(hidden("MARIA  DA SILVA não existe"), "… não existe");
        assert_eq!(hidden("Sr. silva: S3CRET TOKEN"), "Sr. …: …");
        assert_eq!(hidden("ab é curto; ação"), "ab é curto; ação");
        assert_eq!(hidden(""), "");
    }
}
